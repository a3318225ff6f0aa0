"""Columns of a table of products that nobody has a name for: what they say of a product is told all the same.

Every trade has attributes of its own. Names decide only what must not be told (`names.is_private`) and what is stale by
tomorrow; for the rest the values decide: addresses, identifiers, switches, moments and what is the same in
every row say nothing to a customer.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from xiaoer.knowledge.reading import names
from xiaoer.knowledge.reading.mapping import Section, heading
from xiaoer.patterns import lazy

FEW = 3
"""Rows up to which a value may be the same in all of them."""
_NOT_TOLD = lazy("库存|存量|现货|销量|数量|stock|inventory|quantity|qty|sold$|^备注$|^remarks?$|^memo$")
"""What is stale tomorrow, and what staff write for each other."""
_SWITCH: Final = frozenset({"true", "false"})
_ADDRESSES: Final = ("http://", "https://", "//")
_FILES: Final = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".svg", ".mp4", ".pdf")
_IDENTIFIER = lazy(r"(?=\S{0,80}[-_\d])[A-Za-z0-9][A-Za-z0-9_-]{7,80}")
_MOMENT = lazy(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}[T ]\d{1,2}:\d{2}\S*")
Record = tuple[str, Mapping[str, Any]]


def attributes(columns: Sequence[str], records: Sequence[Record]) -> tuple[Section, ...]:
    """The columns besides those with a known name that say something of a product, in order."""
    return tuple(
        Section(column, heading(column))
        for column in columns
        if names.role(column) is None
        and not names.is_private(column)
        and not _NOT_TOLD.search(names.plain(column))
        and _says_something([str(record.get(column, "")).strip() for _, record in records])
    )


def _says_something(cells: Sequence[str]) -> bool:
    values = [cell for cell in cells if cell]
    distinct = set(values)
    if not values or (len(distinct) == 1 and len(values) > FEW):
        return False
    if {value.casefold() for value in distinct} <= _SWITCH:
        return False
    is_numbered = len(distinct) == len(values) and _all(_IDENTIFIER.fullmatch, values)
    return not (is_numbered or _all(_is_address, values) or _all(_MOMENT.fullmatch, values))


def _all(matches: Callable[[str], object], values: Sequence[str]) -> bool:
    return all(matches(value) for value in values)


def _is_address(value: str) -> bool:
    """Whether a cell is the address of a page, a file or a mailbox."""
    small = value.lower()
    found = small.startswith(_ADDRESSES) or small.endswith(_FILES) or "@" in small
    return found and len(value.split()) == 1
