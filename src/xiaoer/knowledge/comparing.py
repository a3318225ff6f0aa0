"""The difference of two texts, line by line, and within a changed line word by word."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from xiaoer.patterns import lazy

Change = Literal["same", "added", "removed"]
UNITS = lazy(r"[A-Za-z0-9]+|\s+|.", re.DOTALL)
LONGEST = 200_000
"""Characters of each text that are compared; beyond, the rest stands as one line."""


@dataclass(frozen=True)
class Line:
    """A line of the difference; `parts` are its pieces, each with whether it is what changed."""

    change: Change
    parts: tuple[tuple[str, bool], ...]


def difference(before: str, after: str) -> list[Line]:
    """The lines of both texts in order: kept, taken out, put in."""
    old, new = before[:LONGEST].splitlines(), after[:LONGEST].splitlines()
    lines: list[Line] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += [Line("same", ((line, False),)) for line in old[a:b]]
        else:
            lines += _changed(old[a:b], new[c:d])
    return lines


def _changed(old: list[str], new: list[str]) -> Iterator[Line]:
    paired = list(zip(old, new, strict=False))
    marked = [_within(before, after) for before, after in paired]
    yield from (Line("removed", removed) for removed, _ in marked)
    yield from (Line("removed", ((line, False),)) for line in old[len(paired) :])
    yield from (Line("added", added) for _, added in marked)
    yield from (Line("added", ((line, False),)) for line in new[len(paired) :])


def _within(before: str, after: str) -> tuple[tuple[tuple[str, bool], ...], tuple[tuple[str, bool], ...]]:
    old, new = UNITS.findall(before[:2000]), UNITS.findall(after[:2000])
    removed: list[tuple[str, bool]] = []
    added: list[tuple[str, bool]] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if b > a:
            removed.append(("".join(old[a:b]), tag != "equal"))
        if d > c:
            added.append(("".join(new[c:d]), tag != "equal"))
    return (*removed, (before[2000:], False)), (*added, (after[2000:], False))
