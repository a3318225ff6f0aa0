"""The `xiaoer` command: exit code 0 on success, 1 on a failed check or refused work, 2 on bad use.

A command's module is imported when the command is called, and no sooner: the whole desk takes seconds to import, and
`xiaoer model list` needs none of it.
"""

import ast
import gc
import importlib
import re
import sys
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from typer.core import TyperCommand, TyperGroup

from xiaoer.errors import XiaoerError
from xiaoer.patterns import Table

COMMANDS: Mapping[str, tuple[str, str]] = {
    "run": ("serving", "run"),
    "serve": ("serving", "serve"),
    "check": ("serving", "check"),
    "ask": ("talking", "ask"),
    "chat": ("talking", "chat"),
    "ingest": ("knowledge", "ingest"),
    "backup": ("backing", "backup"),
    "restore": ("backing", "restore"),
    "eval": ("exams", "evaluate"),
    "model": ("models", "app"),
    "store": ("store", "app"),
    "commerce": ("commerce", "app"),
    "bench": ("benches", "app"),
    "export": ("exporting", "app"),
}
"""The module of this package that has each command, and the command's name in it: a function, or a group of them."""


def summary(module: str, name: str) -> str:
    """What a command says of itself, read from its module without importing it."""
    for node in ast.parse((files("xiaoer.cli") / f"{module}.py").read_text(encoding="utf-8")).body:
        match node:
            case ast.FunctionDef(name=found) if found == name:
                return ast.get_docstring(node) or ""
            case ast.Assign(targets=[ast.Name(id=found)], value=ast.Call(keywords=keywords)) if found == name:
                return next(str(ast.literal_eval(each.value)) for each in keywords if each.arg == "help")
    raise LookupError(f"{module}.{name}")


def _listed() -> dict[str, TyperCommand]:
    return {command: TyperCommand(command, help=summary(*place)) for command, place in COMMANDS.items()}


class _Commands(TyperGroup):
    """Lists the commands by their summaries, and loads the one that is called."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = Table(_listed)  # type: ignore[assignment]  # nothing is ever added to it

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        if args[0] in COMMANDS:
            return args[0], _loaded(args[0]), args[1:]
        return super().resolve_command(ctx, args)


def _loaded(command: str) -> Any:
    module, name = COMMANDS[command]
    gc.disable()  # what is imported stays: to look through it for garbage, again and again, takes a fifth of the time
    found = getattr(importlib.import_module(f"xiaoer.cli.{module}"), name)
    gc.freeze()
    gc.enable()
    if isinstance(found, typer.Typer):
        return typer.main.get_group(found)
    alone = typer.Typer(add_completion=False)
    alone.command(command)(found)
    return typer.main.get_command(alone)


app = typer.Typer(
    name="xiaoer",
    help="Xiaoer (小二): a self-hosted AI customer-service desk for online shops.",
    cls=_Commands,
    callback=lambda: None,  # typer asks for a command or a callback of its own
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command; what went wrong is said in words, not in a traceback."""
    try:
        app()
    except XiaoerError as error:
        sys.stderr.write(f"xiaoer: {error.detail}\n")
        sys.exit(1)
    except ValidationError as error:
        for problem in error.errors():
            name = "__".join(str(part).upper() for part in problem["loc"])
            sys.stderr.write(f"xiaoer: setting XIAOER_{name}: {problem['msg'].removeprefix('Value error, ')}\n")
        sys.exit(2)
    except SettingsError as error:
        # Its words name the field, and its cause says what is wrong with the JSON.
        found = re.search(r'field "(\w+)"', str(error))
        name = f"setting XIAOER_{found[1].upper()}" if found else "a setting"
        sys.stderr.write(f"xiaoer: {name}: is no valid JSON ({error.__cause__ or error}). See docs/settings.md\n")
        sys.exit(2)
    except OSError as error:
        sys.stderr.write(f"xiaoer: {error.strerror or error}: {error.filename or ''}\n")
        sys.exit(1)
