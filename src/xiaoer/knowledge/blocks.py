"""Markdown taken apart for cutting: sections under their headings, blocks in sections, units in blocks."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from xiaoer.language.sentences import Splitter
from xiaoer.patterns import lazy

_HEADING = lazy(r"(#{1,6})[ \t]+(.+)")
_FENCE = lazy(r"^\s*(```|~~~)")
_RULE = lazy(r"^\s*(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})")
_ITEM = lazy(r"^(\s*)(?:[-*+•]\s+|\d{1,3}[.．](?!\d)\s*|\d{1,3}[)、）]\s*|[（(]\d{1,3}[)）]\s*|[①-⑳])\S")
_TABLE_ROW = lazy(r"^\s*\|")
_TABLE_RULE = lazy(r"^\s*+\|?(?:\s*+:?-++:?\s*+\|)++\s*+(?::?-++:?\s*+)?")
_CELL_EDGE = lazy(r"(?<!\\)\|")
_CLAUSE = lazy(r"(?<=[，；、：,;:])|(?<=\s)")
_SENTENCE_END = lazy(r"[。！？!?.；;：:…][\"'”’」』）)\]*_`]*$")
_HAN_EDGE = lazy(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
_INTRODUCES = lazy(r"[:：]\**\s*$")
_SHORTEST_WRAPPED = 50
_WRAPPED_SHARE = 0.7


def unclosed(heading: str) -> str:
    """The words of a Markdown heading, without the marks that may close it: `## Returns ##`."""
    words = heading.strip()
    return words.rstrip("#").rstrip() or words


class Edge(Enum):
    """What lies before a unit, with the price of cutting there."""

    BLOCK = 0.0
    ROW = 0.25
    SENTENCE = 0.35
    CLAUSE = 0.8
    CUT = 1.2
    INTRODUCED = 1.0


@dataclass(frozen=True)
class Unit:
    """A text that is not cut any further. `glue` joins it to the one before; `head` is the head of its table."""

    text: str
    glue: str
    edge: Edge
    head: str = ""

    @cached_property
    def width(self) -> int:
        return width(self.text) + len(self.glue)


@dataclass(frozen=True)
class Section:
    heading: tuple[str, ...]
    lines: tuple[str, ...]


def width(text: str) -> int:
    """Columns a text takes: Han, Kana, Hangul and full-width forms take two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def sections(text: str) -> list[Section]:
    """The sections of a text, each with the headings above it. A heading with nothing below it is its own text."""
    found: list[Section] = []
    path: list[tuple[int, str]] = []
    lines: list[str] = []
    fence = ""

    def close(next_level: int) -> None:
        empty = not any(line.strip() for line in lines)
        heading = tuple(title for _, title in path)
        if not empty:
            found.append(Section(heading, tuple(lines)))
        elif path and next_level <= path[-1][0]:
            found.append(Section(heading, (path[-1][1],)))
        lines.clear()

    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1] == fence):
            fence = "" if fence else mark[1]
        heading = None if fence or mark else _HEADING.fullmatch(line)
        if heading is None:
            lines.append(line)
            continue
        level = len(heading[1])
        close(level)
        while path and path[-1][0] >= level:
            path.pop()
        path.append((level, unclosed(heading[2])))
    close(0)
    return found


def units(section: Section, most: int) -> list[Unit]:
    """The units of a section in order, none wider than `most` but rows of tables with their head."""
    found: list[Unit] = []
    for block in _blocks(section.lines):
        made = list(_block_units(block, most))
        if made and found:
            introduced = _INTRODUCES.search(found[-1].text) and not made[0].head
            edge = Edge.INTRODUCED if introduced else Edge.BLOCK
            made[0] = Unit(made[0].text, "\n\n", edge, made[0].head)
        found += made
    return found


def _blocks(lines: tuple[str, ...]) -> Iterator[list[str]]:
    """Runs of lines between empty lines and rules; fenced code is one run, a table is one, a list is one."""
    run: list[str] = []
    fence = ""
    for line in lines:
        mark = _FENCE.match(line)
        if fence:
            run.append(line)
            if mark and mark[1] == fence:
                fence = ""
                yield run
                run = []
            continue
        table = bool(run) and bool(_TABLE_ROW.match(run[-1])) != bool(_TABLE_ROW.match(line))
        if run and (mark or table or not line.strip() or _RULE.fullmatch(line)):
            yield run
            run = []
        if mark:
            fence = mark[1]
            run.append(line)
        elif line.strip() and not _RULE.fullmatch(line):
            run.append(line.rstrip())
    if run:
        yield run


def _block_units(block: list[str], most: int) -> Iterator[Unit]:
    if _FENCE.match(block[0]):
        whole = "\n".join(block)
        if width(whole) <= most:
            yield Unit(whole, "\n", Edge.ROW)
            return
        for line in block:
            yield from _cut(line.rstrip(), most, Edge.ROW)
    elif len(block) > 1 and _TABLE_RULE.fullmatch(block[1]) and _TABLE_ROW.match(block[0]):
        yield from _table_units(block, most)
    else:
        before = ""
        for line in _items(block):
            edge = Edge.INTRODUCED if _INTRODUCES.search(before) else Edge.ROW
            yield from _cut(line, most, edge)
            before = line


def _items(block: list[str]) -> list[str]:
    """Lines of a paragraph or list: what was only wrapped is joined again, an item keeps what stands below it."""
    longest = max(width(line) for line in block)
    rows: list[str] = []
    indent: int | None = None
    for line in block:
        item = _ITEM.match(line)
        if item and (indent is None or len(item[1]) <= indent):
            indent = len(item[1])
            rows.append(line)
        elif item:
            rows[-1] += "\n" + line
        elif rows and _was_wrapped(rows[-1].rsplit("\n", 1)[-1], longest):
            rows[-1] = _joined(rows[-1], line.strip())
        elif rows and indent is not None and line[:1].isspace():
            rows[-1] += "\n" + line
        else:
            indent = None
            rows.append(line.strip() if not line[:1].isspace() or not rows else line)
    return rows


def _was_wrapped(line: str, longest: int) -> bool:
    """Whether a line ended only because it was full."""
    columns = width(line)
    return columns >= _SHORTEST_WRAPPED and columns >= _WRAPPED_SHARE * longest and not _SENTENCE_END.search(line)


def _joined(before: str, after: str) -> str:
    glue = "" if _HAN_EDGE.match(before[-1:]) and _HAN_EDGE.match(after[:1]) else " "
    return before + glue + after


def _cut(text: str, most: int, edge: Edge) -> Iterator[Unit]:
    """A text as one unit if it fits, else as sentences, else clauses, else pieces cut anywhere."""
    if width(text) <= most:
        if text.strip():
            yield Unit(text, "\n", edge)
        return
    splitter = Splitter()
    glue = "\n"
    for sentence in [*splitter.feed(text), *splitter.flush()]:
        if width(sentence) <= most:
            parts = [(sentence, edge)]
        else:
            parts = [(part, Edge.CLAUSE if at else edge) for at, part in enumerate(_clauses(sentence, most))]
        for part, before in parts:
            bare = part.strip()
            if bare:
                lead = part[: len(part) - len(part.lstrip())]
                yield Unit(bare, glue if glue == "\n" else "\n" if "\n" in lead else lead[:1], before)
                glue = " " if part[-1:].isspace() else ""
        edge = Edge.SENTENCE


def _clauses(sentence: str, most: int) -> Iterator[str]:
    """Runs of clauses that fit; a clause that does not fit alone is cut by width."""
    run, columns = "", 0
    for clause in _CLAUSE.split(sentence):
        size = width(clause)
        if run and columns + size > most:
            yield run
            run, columns = "", 0
        while size > most:
            fitting = _fitting(clause, most)
            yield clause[:fitting]
            clause = clause[fitting:]  # noqa: PLW2901 - what is left of it goes on
            size = width(clause)
        run += clause
        columns += size
    if run:
        yield run


def _fitting(text: str, most: int) -> int:
    """How many characters of a text fit, at least one; marks stay with the letter they belong to."""
    columns = 0
    for at, character in enumerate(text):
        columns += width(character)
        if columns > most and at and not unicodedata.combining(character):
            return at
    return len(text)


def _table_units(block: list[str], most: int) -> Iterator[Unit]:
    head = "\n".join(block[:2])
    rows = block[2:]
    if not rows:
        yield from _cut(block[0], most, Edge.ROW)
        return
    for row in rows:
        if width(head) + width(row) <= most:
            yield Unit(row, "\n", Edge.ROW, head)
            continue
        # Too wide to stand under its head: each cell is named by the head of its column instead.
        names, cells = _cells(block[0]), _cells(row)
        for at, cell in enumerate(cells):
            name = names[at] if at < len(names) else ""
            if cell:
                yield from _cut(f"{name}: {cell}" if name else cell, most, Edge.ROW)


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in _CELL_EDGE.split(row.strip().strip("|"))]
