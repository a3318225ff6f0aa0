"""Tables (CSV, sheets): rows of questions and answers, rows of products, or one table to be read as it is."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from xiaoer.knowledge.documents import Document
from xiaoer.knowledge.reading import names, values
from xiaoer.knowledge.reading.attributes import attributes
from xiaoer.knowledge.reading.extract import Sheet
from xiaoer.knowledge.reading.mapping import Fields, Section, guess, heading
from xiaoer.knowledge.reading.problems import Limits, Unreadable
from xiaoer.knowledge.reading.records import Import, make, private_columns

Rows = Sequence[Sequence[str]]
_DELIMITERS = ",\t;|，"
_LARGEST_CELL = 1_000_000
_HEADER_WITHIN = 10
_SAMPLE_LINES = 30
_EMPTY_ROWS = 10


def parsed(text: str, name: str, limits: Limits) -> list[list[str]]:
    """The rows of a CSV file, whatever stands between its fields. Raises Unreadable for a broken one."""
    csv.field_size_limit(_LARGEST_CELL)
    text = re.sub(r"\Asep=(.)\n", "", text)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter(text), skipinitialspace=True)
    rows: list[list[str]] = []
    count = 0
    try:
        for row in reader:
            rows.append(row)
            count += any(cell.strip() for cell in row)
            if count > limits.rows or len(rows) > _EMPTY_ROWS * limits.rows:
                raise Unreadable(name, f"has more than {limits.rows} rows", "Split it into smaller files")
    except csv.Error as error:
        raise Unreadable(name, f"breaks off as a table in line {reader.line_num}", "Export it again as CSV") from error
    return rows


def delimiter(text: str) -> str:
    """The character that parts the fields: the one that parts the first records into the same number, and most."""
    best, best_score = ",", 0.0
    sample = "\n".join(text.split("\n", _SAMPLE_LINES)[:_SAMPLE_LINES])
    for candidate in _DELIMITERS:
        try:
            rows = [row for row in csv.reader(io.StringIO(sample), delimiter=candidate) if any(row)]
        except csv.Error:
            continue
        if not rows or len(rows[0]) < 2:  # noqa: PLR2004
            continue
        counts = Counter(len(row) for row in rows)
        same = counts[len(rows[0])] / len(rows)
        known = sum(names.is_listing(cell) for cell in rows[0])
        score = same * (1 + known) + min(len(rows[0]), 20) / 100
        if score > best_score:
            best, best_score = candidate, score
    return best


def looks_like_table(text: str) -> bool:
    """Whether a text of unknown kind is a CSV file: its first line names columns that we know."""
    first = text.lstrip().split("\n", 1)[0]
    return any(guess([cell.strip() for cell in first.split(mark)]) for mark in _DELIMITERS if mark in first)


def documents(sheet: Sheet, title: str, part: str, into: Import, fields: Fields | None) -> None:
    """Add the documents of one table. `part` names the sheet in keys and notes, empty for a file of one table."""
    rows = sheet.rows
    at = _header_row(sheet, fields)
    if at >= len(rows):
        return
    header = _unique(rows[at])
    body = rows[at + 1 :]
    records = [("", {name: cell for name, cell in zip(header, row, strict=False) if cell}) for row in body]
    _date(records, header, sheet, at + 1, fields)
    if fields:
        make(records, into, fields)
        return
    guessed = guess(header)
    if guessed:
        used = _roles(header)
        if not guessed.question:
            more = attributes(header, records)
            used |= {section.path for section in more}
            wanted = {section.path for section in (*guessed.text, *more)}
            text = tuple(Section(name, heading(name)) for name in header if name in wanted)
            guessed = replace(guessed, text=text)
        if left_out := [name for name in header if name not in used]:
            into.notes.append(f"{part + ': ' if part else ''}columns left out: " + ", ".join(left_out))
        make(records, into, guessed)
    else:
        _whole(rows, at, title, part, into)


def _roles(header: Sequence[str]) -> set[str]:
    return {name for name in header if names.role(name)}


def _header_row(sheet: Sheet, fields: Fields | None) -> int:
    """The row with the names of the columns: the first of the top rows with names we know, else the table's head."""
    rows = sheet.rows
    top = range(min(len(rows), _HEADER_WITHIN))
    if fields:
        wanted = {fields.title, fields.question, fields.answer, *(section.path for section in fields.text)} - {""}
        return next((at for at in top if wanted & set(rows[at])), 0)
    return next((at for at in top if guess(list(rows[at]))), sheet.head)


def _date(
    records: list[tuple[str, dict[str, str]]], header: Sequence[str], sheet: Sheet, first: int, fields: Fields | None
) -> None:
    """Put the exact moments where a record says from when and until when it holds: 11/12 is no date to count with."""
    mapped = (fields.valid_from, fields.valid_to) if fields else ()
    dated = {
        at: name for at, name in enumerate(header) if name in mapped or names.role(name) in ("valid_from", "valid_to")
    }
    for row, column, text in sheet.exact if dated else ():
        if row >= first and column in dated:
            records[row - first][1][dated[column]] = text


def _unique(header: Sequence[str]) -> list[str]:
    """Names of columns, no two the same: “相似问” twice becomes “相似问” and “相似问2”."""
    seen: Counter[str] = Counter()
    unique = []
    for at, name in enumerate(header):
        named = name or f"column {at + 1}"
        seen[named] += 1
        unique.append(named if seen[named] == 1 else f"{named}{seen[named]}")
    return unique


def _whole(rows: Rows, at: int, title: str, part: str, into: Import) -> None:
    """A table that is no list of records (sizes, shipping fees by region) is one article."""
    private = private_columns(rows[at])
    if private:
        into.notes.append(
            f"{part + ': ' if part else ''}private columns left out: "
            + ", ".join(rows[at][column] for column in private)
        )
    width = max(len(row) for row in rows[at:])
    columns = [
        column for column in range(width) if column not in private and any(_cell(row, column) for row in rows[at:])
    ]
    if not columns or len(rows) < at + 2:
        return
    lines = ["| " + " | ".join(_cell(row, column) for column in columns) + " |" for row in rows[at:]]
    lines.insert(1, "|" + " --- |" * len(columns))
    before = [" ".join(cell for cell in row if cell) for row in rows[:at]]
    into.documents.append(
        Document(
            key=f"{into.name}:{part}" if part else into.name,
            title=f"{title} {part}".strip() if part and part.lower() not in ("sheet1", "工作表1") else title,
            text="\n\n".join([*(line for line in before if line), "\n".join(lines)]),
            source=f"{into.name} {part}".strip(),
        )
    )


def _cell(row: Sequence[str], column: int) -> str:
    return values.line(row[column]).replace("|", "\\|") if column < len(row) else ""
