"""Word documents and Excel workbooks."""

import datetime as dt
import io
import math
import zipfile
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

import mammoth
from openpyxl import load_workbook
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.utils import range_boundaries
from openpyxl.worksheet._reader import FORMULA_TAG, ROW_TAG, WorkSheetParser
from openpyxl.xml.constants import SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from xiaoer.knowledge.reading import cells, number_formats
from xiaoer.knowledge.reading.cells import Cell, Span
from xiaoer.knowledge.reading.extract import Extract, Sheet
from xiaoer.knowledge.reading.markup import unmarked
from xiaoer.knowledge.reading.pages import page
from xiaoer.knowledge.reading.problems import Limits, Unreadable
from xiaoer.patterns import lazy

_DECLARATIONS = tuple(
    word.encode(code) for word in ("<!DOCTYPE", "<!ENTITY") for code in ("utf-8", "utf-16-le", "utf-16-be")
)
_WIDEST = 200
_MERGED_TAG = f"{{{SHEET_MAIN_NS}}}mergeCell"
_AREA = lazy(r"[A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7}")
_PICTURE, _FORMULA = "picture", "formula"


def check_package(data: bytes, name: str) -> None:
    """Refuse a package whose XML declares entities: no office program writes them, entity bombs do."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for entry in package.infolist():
            if not entry.filename.lower().endswith((".xml", ".rels", ".vml")):
                continue
            content = package.read(entry)
            if any(word in content for word in _DECLARATIONS):
                raise Unreadable(
                    name, "holds XML with its own declarations, as attacks do", "Save it again with an office program"
                )


def word(data: bytes, name: str) -> Extract:
    """A .docx with its headings, lists and tables; pictures are left out."""
    check_package(data, name)
    result = mammoth.convert_to_html(io.BytesIO(data), convert_image=mammoth.images.img_element(lambda _: {}))
    extract = page(f"<body>{result.value}</body>")
    return Extract(title=extract.title, markdown=extract.markdown, notes=extract.notes)


def workbook(data: bytes, name: str, limits: Limits) -> Extract:
    """The visible sheets of an .xlsx as tables of text; formulas count with the value last calculated."""
    check_package(data, name)
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    sheets: list[Sheet] = []
    notes: list[str] = []
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    notes += [f"hidden sheet “{sheet.title}” left out" for sheet in book.worksheets if sheet not in visible]
    left = limits.rows
    for sheet in visible:
        with sheet._get_source() as source:  # noqa: SLF001 - nothing of openpyxl's surface tells what is merged
            parser = _Parser(source, sheet._shared_strings, epoch=book.epoch, data_only=True)  # noqa: SLF001
            rows = list(islice(_rows(parser, book), left + 1))
        left -= len(rows)
        if left < 0:
            raise Unreadable(name, f"has more than {limits.rows} rows", "Split it into smaller files")
        numbers = [number for number, _ in rows]
        made = cells.table([row for _, row in rows], unmarked, _spans(parser.merged, numbers), numbers)
        place = f"{sheet.title}: " if len(visible) > 1 else ""
        notes += [place + problem for problem in made.problems]
        if made.rows:
            sheets.append(Sheet.of(sheet.title, made))
    return Extract(sheets=tuple(sheets), notes=tuple(notes))


class _Parser(WorkSheetParser):  # type: ignore[misc]
    """The cells of a sheet as they are stored, dates as numbers, and the ranges that are merged.

    It looks at nothing else: a broken chart or rule of the sheet does not keep its text from being read.
    """

    def __init__(self, source: Any, shared_strings: Any, **more: Any) -> None:
        super().__init__(source, shared_strings, **more)
        self.merged: list[str] = []

    def parse(self) -> Iterator[tuple[int, list[dict[str, Any]]]]:
        for _, element in iterparse(self.source):
            if element.tag == ROW_TAG:
                yield self.parse_row(element)
                element.clear()
            elif element.tag == _MERGED_TAG:
                self.merged.append(element.get("ref", ""))

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        formula = element.find(FORMULA_TAG)
        missing = None if formula is None else cells.missing_of(f"={formula.text or ''}")
        if missing == "picture" or (element.get("vm") and cell["data_type"] == "e"):
            cell["data_type"] = _PICTURE  # one placed in the cell: programs that do not know how show an error
        elif formula is not None and cell["value"] is None and element.get("t", "n") == "n":
            cell["data_type"] = _FORMULA  # an empty text would be of type "str"
        return cell


def _rows(parser: _Parser, book: Any) -> Iterator[tuple[int, list[Cell | None]]]:
    """The rows that hold something, with the numbers the sheet gives them."""
    codes = _Codes(book)
    for number, found in parser.parse():
        row: list[Cell | None] = []
        for stored in found:
            at = stored["column"] - 1
            cell = _cell(stored, codes, parser.epoch) if len(row) <= at < _WIDEST else None
            if cell:
                row += [*[None] * (at - len(row)), cell]
        if row:
            yield number, row


class _Codes:
    """The number format of each style of a workbook."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._known: dict[int, str] = {}

    def of(self, style: int) -> str:
        if style not in self._known:
            number = self._book._cell_styles[style].numFmtId  # noqa: SLF001 - as its own cells look it up
            own = self._book._number_formats  # noqa: SLF001
            at = number - BUILTIN_FORMATS_MAX_SIZE
            built_in = number_formats.BUILT_IN.get(number) or BUILTIN_FORMATS.get(number, "General")
            self._known[style] = own[at] if 0 <= at < len(own) else built_in
        return self._known[style]


def _cell(stored: dict[str, Any], codes: _Codes, epoch: dt.datetime) -> Cell | None:
    """What the sheet shows in a cell, None for nothing."""
    value, kind = stored["value"], stored["data_type"]
    if kind in (_PICTURE, _FORMULA):
        return Cell(missing="picture" if kind == _PICTURE else "formula")
    if kind == "e":
        return Cell(str(value), missing="error")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value, codes.of(stored["style_id"]), epoch)
    return _text(value, codes.of(stored["style_id"]))


def _text(value: Any, code: str) -> Cell | None:
    if isinstance(value, bool):
        return Cell("TRUE" if value else "FALSE")
    if isinstance(value, dt.datetime):
        return Cell(value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" "))
    text = "" if value is None else str(value)
    if not text.strip():
        return None
    return Cell(text if code in ("General", "@") else number_formats.text_shown(text, code))


@lru_cache(maxsize=65536)
def _number(value: float, code: str, epoch: dt.datetime) -> Cell:
    shown = number_formats.shown(value, code, epoch) if math.isfinite(value) else None
    if shown is None:
        return Cell("####", missing="error")
    exact = number_formats.moment(value, code, epoch) or number_formats.exact(value, shown)
    return Cell(shown, exact if exact != shown else "")


def _spans(merged: list[str], numbers: list[int]) -> Iterator[Span]:
    """The merged ranges, as far as they lie in the rows there are."""
    for ref in merged:
        found = _AREA.fullmatch(ref)
        if found is None:
            continue  # a program wrote nonsense: the cells are there all the same
        left, top, right, bottom = range_boundaries(found[0])
        first, last = bisect_left(numbers, top), bisect_right(numbers, bottom) - 1
        if first <= last and numbers[first] == top and left <= _WIDEST:
            yield Span(first, left - 1, last, min(right, _WIDEST) - 1)
