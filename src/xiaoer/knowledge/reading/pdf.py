"""A PDF read as running text with headings, lists and tables, which the format itself does not know."""

import io
import re
import statistics
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby, islice
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFDocument, PDFEncryptionError, PDFPasswordIncorrect, PDFTextExtractionNotAllowed
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfplumber.page import Page

from xiaoer.knowledge.reading import cells
from xiaoer.knowledge.reading.cells import Span
from xiaoer.knowledge.reading.extract import Extract
from xiaoer.knowledge.reading.markup import table_blocks, unmarked
from xiaoer.knowledge.reading.problems import Limits, Unreadable
from xiaoer.patterns import lazy

_HEADING_SIZE = 1.15
_LONGEST_HEADING = 60
_MARGIN_SHARE = 0.09
_REPEATED_SHARE = 0.5
_FEWEST_PAGES_FOR_FURNITURE = 2
_LIST_MARK = lazy(r"^\s*(?:[•●▪■◆◇○·‣–*-]\s*|[（(]?\d{1,2}[.、)）]\s*(?!\d)|[①-⑳])")
_BULLET = lazy(r"^\s*[•●▪■◆◇○·‣–*-]\s*")
_SENTENCE_END = lazy(r"[。！？!?.；;:：]['\"”’）)]?$")
_HAN = lazy(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u30ff]")
_PAGE_NUMBER = lazy(
    r"^\W*(?:第\s*)?#(?:\s*页)?(?:\s*(?:/|of|共)\s*#(?:\s*页)?)?\W*|page\s+#(?:\s+of\s+#)?", re.IGNORECASE
)


_UNMAPPED = lazy(r"\(cid:\d+\)")
_CONTENTS_ROW = lazy(r"(?<!\.)(?<!\.\s)(?:\.\s?){4,}\s*[\divxlc]+$|(?<!…)…{2,}\s*\d+$|(?<!·)·{4,}\s*\d+$")
_FIRST_WORD = lazy(r"[^\W\u2e80-\u9fff\uff00-\uffef]+[\w.,'’-]*|.")
# A gap wider than this share of the type size parts two words.
_WORD_GAP = 0.15


@dataclass(frozen=True)
class Line:
    """One line of a page: sizes and places in points; a table stands as one line of its own.

    `margin_right` is where lines of its column end at most; 0: the same as in the whole file.
    """

    text: str
    size: float
    left: float
    right: float
    top: float
    bottom: float
    margin_right: float = 0
    bold: bool = False
    margin: bool = False
    table: bool = False


def pdf(data: bytes, name: str, limits: Limits) -> Extract:
    """The text of a PDF. Raises Unreadable for one with a password, without text or with too many pages."""
    try:
        document = PDFDocument(PDFParser(io.BytesIO(data)))
        count = sum(1 for _ in islice(PDFPage.create_pages(document), limits.pages + 1))
    except (PDFPasswordIncorrect, PDFEncryptionError, PDFTextExtractionNotAllowed) as error:
        raise Unreadable(
            name, "is protected by a password", "Save a copy without the password, and import that"
        ) from error
    if count > limits.pages:
        raise Unreadable(name, f"has more than {limits.pages} pages", "Split it into smaller files")
    with pdfplumber.open(io.BytesIO(data)) as opened:
        problems: list[str] = []
        pages = [_lines(page, problems) for page in opened.pages]
    lines = _without_furniture(pages)
    if not any(line.text.strip() for line in lines):
        raise Unreadable(
            name, "has no text in it: it seems to be scanned pictures", "Run text recognition (OCR) on it first"
        )
    title, markdown = _markdown(lines)
    return Extract(title=title, markdown=markdown, notes=tuple(problems))


def _lines(page: Page, problems: list[str]) -> list[Line]:
    tables = [table for table in page.find_tables() if _is_table(table)]
    boxes = [table.bbox for table in tables]
    rest = page.filter(lambda part: not _inside(part, boxes)) if boxes else page
    lines = []
    columns = _columns(rest)
    for column in columns:
        found = column.extract_text_lines(return_chars=True, x_tolerance_ratio=_WORD_GAP)
        right = max((line["x1"] for line in found), default=0) if len(columns) > 1 else 0
        lines += [_line(line, float(page.height), right) for line in found]
    for table in tables:
        made = cells.of_texts(
            [[_one_line(cell or "") for cell in row] for row in table.extract()], unmarked, _spans(table)
        )
        problems += [f"page {page.page_number}: {problem}" for problem in made.problems]
        x0, top, x1, bottom = table.bbox
        line = Line("\n\n".join(table_blocks(made)), 0, x0, x1, top, bottom, table=True)
        place = next((at for at, other in enumerate(lines) if other.top > top and not other.table), len(lines))
        lines.insert(place, line)
    page.close()
    return lines


def _is_table(table: Any) -> bool:
    rows = table.extract()
    filled = [cell for row in rows for cell in row if cell and cell.strip()]
    return len(rows) > 1 and max(len(row) for row in rows) > 1 and len(filled) > len(rows)


def _spans(table: Any) -> Iterator[Span]:
    """The cells that reach over several rows or columns, told by where they end."""
    lefts = sorted({cell[0] for cell in table.cells})
    tops = [min(cell[1] for cell in row.cells if cell) for row in table.rows]
    for at, row in enumerate(table.rows):
        for column, cell in enumerate(row.cells):
            if cell is not None:
                right = max(column, bisect_left(lefts, cell[2] - 1) - 1)
                bottom = max(at, bisect_left(tops, cell[3] - 1) - 1)
                if right > column or bottom > at:
                    yield Span(at, column, bottom, right)


def _one_line(text: str) -> str:
    """The text of a cell, whose lines are those that fit into it."""
    whole = ""
    for line in text.split("\n"):
        whole = _joined(whole, line.strip()) if whole else line.strip()
    return whole


def _inside(part: dict[str, Any], boxes: list[tuple[float, float, float, float]]) -> bool:
    x, y = (part["x0"] + part["x1"]) / 2, (part["top"] + part["bottom"]) / 2
    return any(x0 <= x <= x1 and top <= y <= bottom for x0, top, x1, bottom in boxes)


def _columns(page: Any) -> list[Any]:
    """The page, or its two columns where it is set in two columns of full lines.

    Only full lines count: a label on the left with its value on the right is one line, not two columns.
    """
    chars = [char for char in page.chars if char["text"].strip()]
    if len(chars) < 200:  # noqa: PLR2004 - too little to tell
        return [page]
    width, height = float(page.width), float(page.height)
    covered = {at for char in chars for at in range(int(char["x0"]), int(char["x1"]) + 1)}
    middle_part = range(int(width * 0.4), int(width * 0.6))
    runs = [list(run) for free, run in groupby(middle_part, lambda at: at not in covered) if free]
    gutter = max(runs, key=len, default=[])
    if len(gutter) < 8:  # noqa: PLR2004
        return [page]
    middle = (gutter[0] + gutter[-1]) / 2
    halves = [page.crop((0, 0, middle, height), strict=False), page.crop((middle, 0, width, height), strict=False)]
    for half in halves:
        lines = half.extract_text_lines(return_chars=False)
        if len(lines) < 5:  # noqa: PLR2004
            return [page]
        lengths = [line["x1"] - line["x0"] for line in lines]
        if statistics.median(lengths) < 0.75 * max(lengths) or max(lengths) < 0.3 * width:
            return [page]
    return halves


def _line(found: dict[str, Any], height: float, margin_right: float) -> Line:
    chars = found["chars"] or [{"size": 0, "fontname": ""}]
    bold = sum("bold" in char["fontname"].lower() or "hei" in char["fontname"].lower() for char in chars)
    return Line(
        text=_UNMAPPED.sub("", found["text"]).strip(),
        size=round(statistics.median(float(char["size"]) for char in chars), 1),
        left=found["x0"],
        right=found["x1"],
        top=found["top"],
        bottom=found["bottom"],
        margin_right=margin_right,
        bold=bold > len(chars) * 0.9,
        margin=found["bottom"] < height * _MARGIN_SHARE or found["top"] > height * (1 - _MARGIN_SHARE),
    )


def _without_furniture(pages: list[list[Line]]) -> list[Line]:
    """All lines without page numbers, rows of a table of contents, and what most pages repeat at head and foot."""
    seen = Counter(shape for lines in pages for shape in {_shape(line) for line in lines if line.margin})
    often = max(_FEWEST_PAGES_FOR_FURNITURE, len(pages) * _REPEATED_SHARE)
    kept = []
    for number, lines in enumerate(pages):
        for line in lines:
            shape = _shape(line)
            if line.margin and (seen[shape] >= often or _PAGE_NUMBER.fullmatch(shape)):
                continue
            if not line.table and (not line.text or _CONTENTS_ROW.search(line.text)):
                continue
            # A page lies below the one before, so that gaps between lines are never negative across pages.
            kept.append(replace(line, top=line.top + number * 10_000, bottom=line.bottom + number * 10_000))
    return kept


def _shape(line: Line) -> str:
    return re.sub(r"\d+", "#", line.text)


def _markdown(lines: list[Line]) -> tuple[str | None, str]:
    """Title and text: larger or bold short lines are headings, lines of one paragraph are joined."""
    text_lines = [line for line in lines if not line.table]
    sizes = Counter[float]()
    for line in text_lines:
        sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0] if sizes else 0
    larger = sorted((size for size in sizes if size > body * _HEADING_SIZE), reverse=True)
    right = statistics.quantiles([line.right for line in text_lines], n=10)[-1] if len(text_lines) > 1 else 0
    mostly_bold = sum(line.bold for line in text_lines) > len(text_lines) * 0.3
    title: str | None = None
    blocks: list[str] = []
    before: Line | None = None
    for line in lines:
        level = _level(line, larger, bold_counts=not mostly_bold)
        if line.table:
            blocks.append(line.text)
        elif level and before and _goes_on(before, line) and _level(before, larger, bold_counts=False) == level:
            blocks[-1] = _joined(blocks[-1], line.text)  # a heading that runs over two lines
        elif level:
            blocks.append(f"{'#' * level} {line.text}")
        elif _LIST_MARK.match(line.text):
            mark = _BULLET.sub("- ", line.text)
            blocks.append(mark)
        elif before and _continues(before, line, right) and not _level(before, larger, bold_counts=not mostly_bold):
            blocks[-1] = _joined(blocks[-1], line.text)
        else:
            blocks.append(line.text)
        if level and title is None:
            title = blocks[-1].lstrip("# ")
        before = line
    return title, _spaced(blocks)


def _level(line: Line, larger: list[float], *, bold_counts: bool) -> int:
    """1 to 4 for a heading, 0 for anything else."""
    if line.table or len(line.text) > _LONGEST_HEADING or not re.search(r"\w", line.text):
        return 0
    if line.size in larger:
        return min(larger.index(line.size) + 1, 3)
    return 4 if line.bold and bold_counts and not _SENTENCE_END.search(line.text) else 0


def _continues(before: Line, line: Line, right: float) -> bool:
    """Whether a line goes on with the paragraph of the line before it."""
    if before.table or before.size != line.size:
        return False
    height = max(before.bottom - before.top, 1)
    other_page = line.top - before.top > 5_000  # noqa: PLR2004 - pages lie 10,000 points apart
    if not other_page and (line.top - before.bottom > height * 1.1 or line.top < before.top):
        return False
    first_word = _FIRST_WORD.match(line.text)
    character = (before.right - before.left) / max(1, len(before.text))
    room = (before.margin_right or right) - before.right - max(line.size, 1)
    full = room < character * (len(first_word[0]) + 1 if first_word else 1)
    mid_sentence = line.text[:1].islower() and before.text[-1:].isascii() and not _SENTENCE_END.search(before.text)
    indented = line.left > before.left + 1.2 * max(line.size, 1)
    return (full or mid_sentence) and not (indented and _SENTENCE_END.search(before.text))


def _goes_on(before: Line, line: Line) -> bool:
    """Whether two lines of one size stand so close that they are one heading."""
    close = 0 <= line.top - before.bottom < 0.6 * (before.bottom - before.top)
    return close and before.size == line.size and not before.table


def _joined(before: str, after: str) -> str:
    if before.endswith("-") and before[-2:-1].isalpha() and after[:1].islower():
        return before[:-1] + after
    glue = "" if _HAN.match(before[-1:]) or _HAN.match(after[:1]) else " "
    return before + glue + after


def _spaced(blocks: list[str]) -> str:
    """Blocks with an empty line between them, but rows of one list together."""
    text = ""
    for block in blocks:
        listed = _LIST_MARK.match(block) and not block.startswith("#")
        together = listed and text and _LIST_MARK.match(text.rsplit("\n", 1)[-1])
        text += ("" if not text else "\n" if together else "\n\n") + block
    return text
