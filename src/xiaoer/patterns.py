"""Regular expressions and tables of words that are made when they are first used, so that importing costs nothing.

The command line loads hundreds of them and uses a handful; making them all takes seconds.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from importlib.resources import files
from typing import Any, AnyStr, TypeVar, cast

Key = TypeVar("Key")
Value = TypeVar("Value")


class _Lazy:
    """Stands in for a compiled pattern: compiles it when an attribute is first asked for, and keeps that attribute."""

    def __init__(self, source: Any, flags: int) -> None:
        self._source = source
        self._flags = flags

    @cached_property
    def compiled(self) -> re.Pattern[Any]:
        return re.compile(self._source() if callable(self._source) else self._source, self._flags)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)  # copying and pickling probe for these
        value = getattr(self.compiled, name)
        setattr(self, name, value)  # from now on a method of the compiled pattern is called without a detour
        return value


class Table(Mapping[Key, Value]):
    """A mapping that `make` makes when it is first looked into."""

    def __init__(self, make: Callable[[], Mapping[Key, Value]]) -> None:
        self._make = make

    @cached_property
    def made(self) -> Mapping[Key, Value]:
        return self._make()

    def __getitem__(self, key: Key) -> Value:
        return self.made[key]

    def __iter__(self) -> Iterator[Key]:
        return iter(self.made)

    def __len__(self) -> int:
        return len(self.made)


_PATTERNS: list[_Lazy] = []
_TABLES: list[Table[Any, Any]] = []


def lazy(source: AnyStr | Callable[[], AnyStr], flags: int = 0) -> re.Pattern[AnyStr]:
    """A pattern compiled on first use, and no sooner; `source` may be a function where the text is put together.

    For names of modules: what is made here is remembered for good.
    """
    pattern = _Lazy(source, flags)
    _PATTERNS.append(pattern)
    return cast("re.Pattern[AnyStr]", pattern)


def lazy_table(make: Callable[[], Mapping[Key, Value]]) -> Table[Key, Value]:
    """A table made on first use; like `lazy` for names of modules."""
    made = Table(make)
    _TABLES.append(made)
    return made


def toml(package: str, file: str) -> Table[str, Any]:
    """The table in a file of a package."""
    return lazy_table(lambda: tomllib.loads((files(package) / file).read_text(encoding="utf-8")))


def toml_by_language(package: str, folder: str) -> Table[str, dict[str, str]]:
    """The tables `zh.toml`, `en.toml` … of a folder of a package, by language."""

    def read() -> dict[str, dict[str, str]]:
        found = sorted((entry.name, entry) for entry in (files(package) / folder).iterdir())
        return {
            name.removesuffix(".toml"): tomllib.loads(entry.read_text(encoding="utf-8"))
            for name, entry in found
            if name.endswith(".toml")
        }

    return lazy_table(read)


def all_made() -> list[re.Pattern[Any]]:
    """Make every table and pattern of the modules imported so far, and give the patterns.

    The server does it in a thread before it says that it is ready, so that no customer waits for it.
    """
    for known in _TABLES:
        len(known)
    return [pattern.compiled for pattern in list(_PATTERNS)]
