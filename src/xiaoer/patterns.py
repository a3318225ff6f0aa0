"""Regular expressions that are compiled when they are first used, so that importing a module costs nothing.

The command line loads hundreds of them and uses a handful; compiling them all takes seconds.
"""

import re
from collections.abc import Callable
from typing import Any, AnyStr, cast

_known: "list[_Lazy]" = []


class _Lazy:
    """Stands in for a compiled pattern: compiles it when an attribute is first asked for, and keeps that attribute."""

    def __init__(self, source: Any, flags: int) -> None:
        self._source = source
        self._flags = flags
        self._made: re.Pattern[Any] | None = None

    def compiled(self) -> re.Pattern[Any]:
        made = self._made
        if made is None:
            source = self._source() if callable(self._source) else self._source
            made = self._made = re.compile(source, self._flags)
        return made

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # copying and pickling probe for these
        value = getattr(self.compiled(), name)
        setattr(self, name, value)  # from now on a method of the compiled pattern is called without a detour
        return value


def lazy(source: AnyStr | Callable[[], AnyStr], flags: int = 0) -> re.Pattern[AnyStr]:
    """A pattern compiled on first use, and no sooner; `source` may be a function where the text is put together."""
    pattern = _Lazy(source, flags)
    _known.append(pattern)
    return cast("re.Pattern[AnyStr]", pattern)


def known() -> "list[re.Pattern[Any]]":
    """Every lazy pattern of the modules imported so far, compiled."""
    return [pattern.compiled() for pattern in list(_known)]
