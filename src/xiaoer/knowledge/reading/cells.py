"""Tables made fit to be read, whatever file they come from: every reader hands its cells over here.

A cell is what the file shows, as plain text. Merged cells say their text in every row and column they cover, so that
each row can be read alone; titles above the head are no head; heads in several rows become one. What no reader could
use (a picture's formula, an error, a formula that was never calculated) is empty, and named by its place.
"""

import html
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from xiaoer.knowledge.reading.problems import words_of
from xiaoer.patterns import lazy

Missing = Literal["picture", "error", "formula"]
Plain = Callable[[str], str]
"""From a text with markup to the text it shows."""

_ERRORS = words_of(
    "#N/A #REF! #VALUE! #DIV/0! #NAME? #NULL! #NUM! #SPILL! #CALC! #FIELD! #BLOCKED! #CONNECT! #UNKNOWN! #BUSY! "
    "#ERROR! #EXTERNAL! #PYTHON! #GETTING_DATA "
    "#NV #BEZUG! #WERT! #ZAHL! #ÜBERLAUF! #N/D #NUL! #VALEUR! #NOM? #NOMBRE! #EPARS! #¡REF! #¡VALOR! #¡DIV/0! "
    "#¿NOMBRE? #¡NULO! #¡NUM! #VALOR! #NOME? #NULO! #NÚM! #Н/Д #ССЫЛКА! #ЗНАЧ! #ДЕЛ/0! #ИМЯ? #ПУСТО! #ЧИСЛО!"
)
"""What spreadsheets show in place of a result, in the languages that have words of their own for it."""
_ERROR_NUMBER = lazy(r"Err:\d{3}|#{4,255}")
_FORMULA = lazy(r"^=\s*+[@+-]?\s*+([A-Za-z_][\w.]{0,60})\s*\(.*\)", re.DOTALL)
_PICTURES = ("DISPIMG", "IMAGE")
_AS_TEXT = lazy(r'="(.*)"|\'(?=[\d=+@-])(.*)', re.DOTALL)
"""How exports keep a spreadsheet from taking a code for a number: `="0012"`, `'0012`."""
_ENTITY = lazy(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TAGGED = lazy(
    r"</(?:a|b|i|u|s|q|em|p|h[1-6]|ul|ol|li|dl|dt|dd|tr|td|th|big|del|div|font|form|span|strong|small|sub|sup|table|thead|tbody"
    r"|section|article|center|blockquote|pre|code|script|style|iframe|video|audio|svg|label|button|figure|body|html)\s{0,9}>"
    r"|<(?:br|hr|p|div|span|li|ul|ol|img|h[1-6]|table|tr|td|font|strong|script|style|iframe|video|a)"
    r"(?:\s{1,99}[\w:-]{1,99}\s{0,9}=[^<>]{0,9999})?\s{0,99}/?>|<!--",
    re.IGNORECASE,
)
_HEADING = lazy(r"^#{1,6} ", re.MULTILINE)
_PICTURE_TAG = lazy(r"<(?:img|picture|svg|video)\b", re.IGNORECASE)
MOST_LAYERS = 3
_HEAD_WITHIN = 10
_DEEPEST_HEAD = 4
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Cell:
    """`exact` is the number or moment itself where the text does not show all of it; `missing` why there is no text."""

    text: str = ""
    exact: str = ""
    missing: Missing | None = None


@dataclass(frozen=True)
class Span:
    """A merged cell: the first and last of the rows and columns it covers, counted from 0."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Table:
    """Rows of text, none of them empty. Those before `head` are titles, the one at `head` names the columns.

    `numbers` are the rows' places in the file, from 1; `exact` is by row and column of `rows`.
    """

    rows: list[list[str]]
    head: int = 0
    numbers: list[int] = field(default_factory=list)
    exact: dict[tuple[int, int], str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def is_tagged(text: str) -> bool:
    """Whether a text holds HTML, rather than a mark or a remark in angle brackets."""
    return "<" in text and _TAGGED.search(text) is not None


def unescaped(text: str) -> str:
    """A text without HTML's names for characters; what only looks like one (`?a=1&copy=2`) stays."""
    for _ in range(MOST_LAYERS):  # exports escape what was escaped already
        if "&" not in text or not _ENTITY.search(text):
            break
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text).replace("\xa0", " ")
    return text


def tagged(texts: Iterable[str]) -> set[str]:
    """Those of the texts that hold HTML, unescaped: for who has it read elsewhere."""
    return {text for each in texts if is_tagged(text := unescaped(each.strip()))}


def one_line(text: str) -> str:
    """A text as one line, without the marks of headings that HTML in it had."""
    return " ".join((_HEADING.sub("", text) if "\n" in text else text).split())


def of_texts(rows: Sequence[Sequence[str]], plain: Plain, spans: Iterable[Span] = ()) -> Table:
    """A table of cells that are texts already."""
    return table([[Cell(text) for text in row] for row in rows], plain, spans)


def table(
    rows: Sequence[Sequence[Cell | None]], plain: Plain, spans: Iterable[Span] = (), numbers: Sequence[int] = ()
) -> Table:
    """The table that cells make. `numbers` are the places of the rows, where some rows of the file were left out."""
    grid = _Grid(rows, plain, list(spans), list(numbers) or list(range(1, len(rows) + 1)))
    return grid.table()


class _Grid:
    """Cells by place, while a table is made of them: merged cells stand at their upper left corner."""

    def __init__(
        self, rows: Sequence[Sequence[Cell | None]], plain: Plain, spans: list[Span], numbers: list[int]
    ) -> None:
        self._numbers = numbers
        self._findings: dict[Missing, list[str]] = defaultdict(list)
        covers = _covered(spans, len(rows))
        self._above: list[dict[int, tuple[int, int]]] = [covers.get(at, {}) for at in range(len(rows))]
        self._spans = {(span.top, span.left): span for span in spans}
        self._cells: list[dict[int, Cell]] = []
        for at, row in enumerate(rows):
            own: dict[int, Cell] = {}
            for column, cell in enumerate(row):
                if cell is None or self._above[at].get(column, (at, column)) != (at, column):
                    continue  # what stands below a merged cell is never shown
                read = self._read(cell, at, column, plain)
                if read.text:
                    own[column] = read
            self._cells.append(own)

    def _read(self, cell: Cell, at: int, column: int, plain: Plain) -> Cell:
        """The cell as it is read: empty and named, if nobody can use it."""
        text, missing = cell.text.strip(), cell.missing
        if as_text := _AS_TEXT.fullmatch(text):
            text = (as_text[1] or as_text[2] or "").strip()
        elif missing is None and text[:1] in ("=", "#", "E"):
            missing = missing_of(text)
        if missing is None and ("<" in text or "&" in text):
            before, text = text, plain(text).strip()
            missing = "picture" if not text and _PICTURE_TAG.search(unescaped(before)) else None
        if missing:
            why = f" {text}" if missing == "error" and text else ""
            self._findings[missing].append(f"{_letters(column)}{self._numbers[at]}{why}")
            return Cell()
        return Cell(text, cell.exact)

    def table(self) -> Table:
        first, depth = self._head()
        titles = [at for at in range(first) if self._cells[at]]
        rows, numbers = [_row(self._cells[at]) for at in titles], [self._numbers[at] for at in titles]
        exact: dict[tuple[int, int], str] = {}
        if depth:
            rows.append(self._joined(range(first, first + depth)))
            numbers.append(self._numbers[first])
        for at in range(first + depth, len(self._cells)):
            if self._cells[at]:
                filled = self._filled(at)
                exact |= {(len(rows), column): cell.exact for column, cell in filled.items() if cell.exact}
                rows.append(_row(filled))
                numbers.append(self._numbers[at])
        return Table(rows, len(titles), numbers, exact, tuple(problems(self._findings)))

    def _filled(self, at: int) -> dict[int, Cell]:
        """A row with what merged cells say in it; one alone in its row says it once."""
        filled = dict(self._cells[at])
        for column, (top, left) in self._above[at].items():
            is_alone = len(self._cells[top]) == 1 and self._spans[top, left].right > left
            if not is_alone and (cell := self._cells[top].get(left)):
                filled[column] = cell
        return filled

    def _head(self) -> tuple[int, int]:
        """The row that the head begins in, and how many it takes: the first of the top rows that is no title."""
        present = [at for at, row in enumerate(self._cells) if row][:_HEAD_WITHIN]
        widest = max((len(self._cells[at]) for at in present), default=0)
        for at in present:
            depth = 1
            while depth < _DEEPEST_HEAD and self._is_over_another(at + depth - 1):
                depth += 1
            if depth > 1 or (len(self._cells[at]) > 1 and 2 * len(self._cells[at]) > widest):
                return at, depth
        return len(self._cells), 0

    def _is_over_another(self, at: int) -> bool:
        """Whether a row is the upper part of a head: it names groups of the columns that the next row names."""
        own, below = self._cells[at], self._cells[at + 1] if at + 1 < len(self._cells) else {}
        groups = [self._spans[at, column] for column in own if self._is_wide(at, column)]
        if not groups or len(below) < 2:  # noqa: PLR2004 - a group has two columns
            return False
        covered = {column for column, (top, _) in self._above[at].items() if top <= at}
        if len(own) == 1 and covered >= set(below):
            return False  # a title
        named = {column for span in groups for column in range(span.left, span.right + 1)}
        return named & set(below) != set() and all(column in named or column < min(own) for column in below)

    def _is_wide(self, at: int, column: int) -> bool:
        span = self._spans.get((at, column))
        return span is not None and span.right > span.left and span.bottom == span.top

    def _joined(self, ats: Iterable[int]) -> list[str]:
        """The names of the columns: what the rows of a head say one above the other."""
        names: dict[int, dict[str, None]] = defaultdict(dict)
        for at in ats:
            for column, cell in self._filled(at).items():
                names[column][cell.text] = None
        return _row({column: Cell(" ".join(parts)) for column, parts in names.items()})


def problems(findings: Mapping[Missing, Sequence[str]]) -> Iterator[str]:
    """What to tell of cells without a value, by their places."""
    for missing, text in (
        ("picture", "pictures are not read, empty cells: {}"),
        ("error", "errors instead of values, empty cells: {}"),
        ("formula", "formulas that were never calculated, empty cells (save the file in a spreadsheet program): {}"),
    ):
        if places := findings.get(missing):  # type: ignore[call-overload]
            more = f", … +{len(places) - _MOST_NAMED}" if len(places) > _MOST_NAMED else ""
            yield text.format(", ".join(places[:_MOST_NAMED]) + more)


def findings(texts: Iterable[str]) -> dict[Missing, list[str]]:
    """What of texts that have no place in a table is no value."""
    found: dict[Missing, dict[str, None]] = defaultdict(dict)
    for text in texts:
        if missing := missing_of(text):
            found[missing][text] = None
    return {missing: list(said) for missing, said in found.items()}


def missing_of(text: str) -> Missing | None:
    """Why a text is no value but something a spreadsheet left in its place; None: it is a value."""
    if text in _ERRORS or _ERROR_NUMBER.fullmatch(text):
        return "error"
    if formula := _FORMULA.fullmatch(text):
        return "picture" if formula[1].upper().rpartition(".")[2] in _PICTURES else "formula"
    return None


def _covered(spans: Sequence[Span], count: int) -> dict[int, dict[int, tuple[int, int]]]:
    """For every row the columns that merged cells cover, each with the corner it belongs to.

    One that begins further down wins over an earlier one it overlaps: in a file that a program wrote none do.
    """
    starts: dict[int, list[Span]] = defaultdict(list)
    for span in spans:
        starts[span.top].append(span)
    covered: dict[int, dict[int, tuple[int, int]]] = {}
    spread: dict[int, Span] = {}
    corners: dict[int, tuple[int, int]] = {}
    for at in range(count):
        if at in starts or any(span.bottom < at for span in spread.values()):
            spread = {column: span for column, span in spread.items() if span.bottom >= at}
            for span in starts.get(at, ()):
                spread.update(dict.fromkeys(range(span.left, span.right + 1), span))
            corners = {column: (span.top, span.left) for column, span in spread.items()}
        if corners:
            covered[at] = corners  # the same one for many rows: a sheet can be merged from top to bottom
    return covered


def _row(cells: dict[int, Cell]) -> list[str]:
    return [cells[column].text if column in cells else "" for column in range(max(cells, default=-1) + 1)]


def _letters(column: int) -> str:
    """The name a spreadsheet gives a column: A, B, … Z, AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
