"""Tools as typed async functions: the docstring and the annotations of one are what a model is told of it.

Every call goes through `Toolbox.call`: the arguments are checked against the schema, the shop's switches and the right
to see are checked by the tools themselves (`reading`, `changing`), each with its audit row. What went wrong comes back
as words that a model can go on from: `ToolRetry` for arguments to mend, `ToolRefused` for what is not allowed.
"""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from xiaoer.commerce.commerce import UnknownOrder
from xiaoer.errors import Invalid, NotFound, XiaoerError
from xiaoer.llm.messages import ToolSpec
from xiaoer.stores import Profile, ToolRule
from xiaoer.tools.calling import Caller, ToolRefused
from xiaoer.tools.reading import Reading
from xiaoer.tools.switches import BEHIND
from xiaoer.tools.tables import Permission

LONGEST_RESULT: Final = 4000
"""Characters of one result that a caller is given."""


class ToolRetry(Invalid):
    """The call makes no sense as it is; the same tool may be called again with other arguments."""


class NoSuchTool(NotFound):
    """No tool of that name is offered here."""


@dataclass(frozen=True)
class Row:
    """A row of the merchant's system, or a passage, that backs what a tool says: `id` as in an answer's sources."""

    id: str
    title: str
    quote: str
    url: str | None = None
    article: str = ""
    as_of: str | None = None


@dataclass(frozen=True)
class Result:
    """What a tool found, one statement a line, and what backs it."""

    lines: tuple[str, ...]
    rows: tuple[Row, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(self.lines)[:LONGEST_RESULT]


Search = Callable[[str], Awaitable[Result]]
"""Finds passages of the caller's store, in the caller's language."""
Look = Callable[[str, dict[str, str]], Awaitable[Result]]
"""Looks up one kind of thing of the caller's own, given what is known of it, in the words of the flows."""
Begin = Callable[[str, dict[str, Any]], Awaitable[None]]
"""Puts a change of this kind before the customer, with what is known of it: nothing else can a tool write."""


@dataclass(frozen=True, kw_only=True)
class Use:
    """What a tool may use. Who calls is in `caller`, as the server knows it; no argument of a tool says it.

    `caller` is None for a shop whose orders we do not know; `begin` is None where no customer is there to confirm.
    """

    profile: Profile
    caller: Caller | None
    language: str
    reading: Reading
    search: Search
    look: Look
    begin: Begin | None = None

    @property
    def known(self) -> Caller:
        if self.caller is None:
            raise ToolRefused("This shop has not connected its orders here.", "ability")
        return self.caller


Function = Callable[..., Awaitable[Result]]


@dataclass(frozen=True)
class Tool:
    """One function: its name, what it is for, whom it is for, and the model of its arguments."""

    name: str
    description: str
    permission: Permission
    arguments: type[BaseModel]
    function: Function = field(repr=False)

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of the arguments."""
        schema = self.arguments.model_json_schema()
        schema.pop("title", None)
        schema.setdefault("properties", {})
        return schema

    @property
    def spec(self) -> ToolSpec:
        return ToolSpec(self.name, self.description, self.schema)


def tool(permission: Permission) -> Callable[[Function], Tool]:
    """Make a tool of an async function whose first parameter is `use`; every other one is an argument.

    Annotations are `Annotated[type, "what it is"]`; the docstring says what the tool does.
    """

    def made(function: Function) -> Tool:
        hints = get_type_hints(function, include_extras=True)
        fields: dict[str, Any] = {}
        for name, parameter in list(inspect.signature(function).parameters.items())[1:]:
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            fields[name] = (hints[name], default)
        arguments = create_model(f"{function.__name__}_arguments", __config__=ConfigDict(extra="forbid"), **fields)
        description = " ".join((function.__doc__ or "").split())
        return Tool(function.__name__, description, permission, arguments, function)

    return made


_UNLIMITED = ToolRule()


class Toolbox:
    """The tools that one caller is offered: those the shop has not switched off, of the permissions given."""

    def __init__(self, tools: Sequence[Tool], use: Use, permissions: frozenset[Permission]) -> None:
        self._use = use
        self._tools = {
            each.name: each
            for each in tools
            if each.permission in permissions
            and all(use.profile.tools.get(name, _UNLIMITED).on for name in (each.name, *BEHIND.get(each.name, ())))
        }

    @property
    def tools(self) -> list[Tool]:
        return list(self._tools.values())

    def permission(self, name: str) -> Permission | None:
        """What the tool may do; None for a name that is not offered."""
        found = self._tools.get(name)
        return found.permission if found else None

    async def call(self, name: str, arguments: str | dict[str, Any]) -> Result:
        """Call a tool. Raises `NoSuchTool`, `ToolRetry`, `ToolRefused`, and `Unavailable` kinds."""
        found = self._tools.get(name)
        if found is None:
            raise NoSuchTool(f"There is no tool {name[:60]!r}; there are: {', '.join(self._tools)}.")
        given = _read(found, arguments)
        try:
            return await found.function(self._use, **{key: getattr(given, key) for key in type(given).model_fields})
        except UnknownOrder:
            raise ToolRefused(
                "No order of this customer has that number. They can show one by its number and the last four digits "
                "of its phone number.",
                "identity",
            ) from None
        except (Invalid, NotFound) as error:
            raise ToolRetry(str(error)) from error


def _read(found: Tool, arguments: str | dict[str, Any]) -> BaseModel:
    try:
        if isinstance(arguments, str):
            return found.arguments.model_validate_json(arguments or "{}")
        return found.arguments.model_validate(arguments)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "arguments"
        raise ToolRetry(f"{place}: {first['msg']}") from error


def failure(error: XiaoerError) -> str:
    """An error as a model is told it."""
    kind = "ToolRetry" if isinstance(error, (ToolRetry, NoSuchTool)) else "ToolRefused"
    return f"{kind}: {error}"
