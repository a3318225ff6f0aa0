"""Word documents and Excel workbooks."""

import datetime as dt
import io
import zipfile
from typing import Any

import mammoth
from openpyxl import load_workbook

from xiaoer.knowledge.reading.extract import Extract, Sheet
from xiaoer.knowledge.reading.pages import page
from xiaoer.knowledge.reading.problems import Limits, Unreadable

_DECLARATIONS = tuple(
    word.encode(code) for word in ("<!DOCTYPE", "<!ENTITY") for code in ("utf-8", "utf-16-le", "utf-16-be")
)
_WIDEST = 200
_WHOLE = 1e15


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
    return Extract(title=extract.title, markdown=extract.markdown)


def workbook(data: bytes, name: str, limits: Limits) -> Extract:
    """The visible sheets of an .xlsx as rows of text; formulas count with the value last calculated."""
    check_package(data, name)
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    sheets: list[Sheet] = []
    notes: list[str] = []
    total = 0
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            notes.append(f"hidden sheet “{sheet.title}” left out")
            continue
        sheet.reset_dimensions()
        rows: list[tuple[str, ...]] = []
        for row in sheet.iter_rows():
            texts = tuple(_text(cell) for cell in row[:_WIDEST])
            if any(texts):
                rows.append(texts)
                total += 1
            if total > limits.rows:
                raise Unreadable(name, f"has more than {limits.rows} rows", "Split it into smaller files")
        if rows:
            sheets.append(Sheet(sheet.title, tuple(rows)))
    return Extract(sheets=tuple(sheets), notes=tuple(notes))


def _text(cell: Any) -> str:
    """What the sheet shows, as far as it matters: 15% stays 15%, a long number keeps its digits."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, cell.number_format or "")
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    return str(value).strip()


def _number(value: float, shown_as: str) -> str:
    if "%" in shown_as:
        return f"{value * 100:.6g}%"
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE:
        return str(int(value))
    return f"{value:.15g}" if isinstance(value, float) else str(value)
