"""Articles cut into passages: small enough to be quoted, whole enough to be understood."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from xiaoer.knowledge.blocks import Unit, sections, units, width

_LEAST_SHARE = 0.3


@dataclass(frozen=True)
class Piece:
    """One passage: the headings above it, outermost first, and its text in Markdown."""

    heading: tuple[str, ...]
    text: str


def split(text: str, *, max_characters: int = 400) -> list[Piece]:
    """The passages of an article in Markdown, in order, without overlap and without loss.

    `max_characters` counts Han characters; of letters that are half as wide, twice as many fit. A passage never
    spans two headings. Cuts fall between paragraphs where possible, else between rows of a list or table, else
    between sentences; a cut table repeats its head in each passage.
    """
    most = 2 * max_characters
    pieces: list[Piece] = []
    for section in sections(text):
        parts = units(section, most)
        start = 0
        while start < len(parts):
            end = _end(parts, start, most)
            pieces.append(Piece(section.heading, _text(parts[start:end])))
            start = end
    return pieces


def _end(parts: Sequence[Unit], start: int, most: int) -> int:
    """Where the passage that begins at `start` ends: at a cheap cut, leaving no scrap for the next passage."""
    sizes = [_first_width(parts[start])]
    end = start + 1
    while end < len(parts) and sizes[-1] + _added(parts, end) <= most:
        sizes.append(sizes[-1] + _added(parts, end))
        end += 1
    if end == len(parts):
        return end
    ahead = sizes[-1]
    for at in range(end, len(parts)):
        ahead += _added(parts, at)
        if ahead > 2 * most:
            break
    ideal = ahead / math.ceil(ahead / most) if ahead <= 2 * most else most
    best, best_cost = end, math.inf
    for at, size in enumerate(sizes, start=start + 1):
        if size < _LEAST_SHARE * most and at < end:
            continue
        cost = parts[at].edge.value + abs(size - ideal) / most
        if cost <= best_cost:
            best, best_cost = at, cost
    return best


def _first_width(unit: Unit) -> int:
    return unit.width + width(unit.head)


def _added(parts: Sequence[Unit], at: int) -> int:
    """Columns a unit adds to the passage that holds the one before it."""
    unit = parts[at]
    return unit.width + (width(unit.head) if unit.head and unit.head != parts[at - 1].head else 0)


def _text(parts: Sequence[Unit]) -> str:
    text = ""
    head = ""
    for unit in parts:
        if unit.head and unit.head != head:
            text += (unit.glue if text else "") + unit.head + "\n" + unit.text
        else:
            text += (unit.glue if text else "") + unit.text
        head = unit.head
    return text
