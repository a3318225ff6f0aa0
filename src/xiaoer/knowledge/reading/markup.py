"""HTML elements turned into Markdown blocks: headings, paragraphs, lists, tables, code, links."""

import re
from dataclasses import dataclass, field
from urllib.parse import urljoin

from lxml import etree, html

from xiaoer.knowledge.reading import cells
from xiaoer.knowledge.reading.cells import Cell, Plain, Span, Table
from xiaoer.knowledge.reading.problems import words_of
from xiaoer.patterns import lazy

BLOCKS = words_of(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr li main menu nav ol p pre section summary table tbody td "
    "tfoot th thead tr ul"
)
_NEVER = words_of(
    "script style noscript template iframe object embed applet svg math canvas audio video picture img map "
    "link meta input button select textarea datalist progress frame frameset"
)
_HIDDEN_STYLE = lazy(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_UNSEEN = lazy(
    lambda: rf"<(?:{'|'.join(sorted(_NEVER))})\b|\bhidden\b|\bstyle\b", re.IGNORECASE
)  # hidden, aria-hidden, style: worth a look
_BLOCK_TAG = lazy(r"<(?:br|p|div|li|h[1-6]|table|tr|hr|pre|dl|section|article|blockquote)\b", re.IGNORECASE)
_ONE_HEADING = lazy(r"#{1,6} ")
_HEADING = lazy(r"h[1-6]")
_SPACE = lazy(r"[ \t\n\u00a0]+")
_AROUND_BREAK = lazy(r" *\n *")
_BREAK = "\x00"
_DEEPEST = 80
_WIDEST_HEADING = 60
_CELL_PROSE = 400
_LARGEST_SPAN = 50
_SAFE_LINK = ("http://", "https://", "mailto:", "tel:")


@dataclass(frozen=True)
class Surroundings:
    """`base` resolves relative links, `holders` are the inline elements that have a block somewhere inside.

    `tables` are the names of those met so far, `problems` what of them could not be read.
    """

    base: str | None
    holders: frozenset[html.HtmlElement]
    problems: list[str]
    tables: list[str] = field(default_factory=list)


def tree(text: str) -> html.HtmlElement | None:
    """The elements of a text of HTML, None where there are none."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    try:
        return html.document_fromstring(text.encode("utf-8"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def remove_unseen(root: html.HtmlElement) -> None:
    """Take out of a page what nobody sees: scripts, fields, pictures, what is hidden."""
    for element in list(root.iter(*_NEVER)):
        remove(element)
    for element in list(root.xpath("//*[@hidden or @aria-hidden='true' or @style]")):
        if element.tag in ("html", "body"):
            continue
        if (
            "style" not in element.attrib
            or _HIDDEN_STYLE.search(element.get("style") or "")
            or "hidden" in element.attrib
        ):
            remove(element)


def remove(element: html.HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def unmarked(text: str) -> str:
    """What a text shows that may hold HTML, as one cell of a table or one field of a record does."""
    for _ in range(cells.MOST_LAYERS):
        text = cells.unescaped(text)
        if not cells.is_tagged(text):
            break
        if not _BLOCK_TAG.search(text):
            text = text.replace("\n", "<br>")  # lines of the cell itself
        root = tree(f"<body>{text}</body>")
        if root is None:
            return ""
        if _UNSEEN.search(text):
            remove_unseen(root)
        text = markdown(root, None)
        if "\n" not in text and _ONE_HEADING.match(text):
            text = text.lstrip("# ")  # a heading over nothing is plain text
    return text


def markdown(root: html.HtmlElement, base: str | None, problems: list[str] | None = None) -> str:
    """The whole of an element as Markdown. Emphasis is dropped: passages are quoted as plain words.

    `problems` is told what of its tables could not be read.
    """
    holders: set[html.HtmlElement] = set()
    for element in root.iter(*BLOCKS):
        for ancestor in element.iterancestors():
            if ancestor in holders:
                break
            holders.add(ancestor)
    around = Surroundings(base, frozenset(holders), [] if problems is None else problems)
    return "\n\n".join(block for block in _blocks(root, around, 0) if block.strip())


def inline_text(element: html.HtmlElement) -> str:
    """All text of an element on one line."""
    return _SPACE.sub(" ", element.text_content()).strip()


def _blocks(element: html.HtmlElement, around: Surroundings, depth: int) -> list[str]:
    """The blocks inside an element; runs of inline content between blocks are paragraphs."""
    if depth > _DEEPEST:
        return [inline_text(element)]
    blocks: list[str] = []
    run = [element.text or ""]

    def end_run() -> None:
        text = _tidy("".join(run))
        if text:
            blocks.append(text)
        run.clear()

    for child in element:
        if not isinstance(child.tag, str):
            pass
        elif child.tag in BLOCKS:
            end_run()
            blocks += _block(child, around, depth + 1)
        elif child in around.holders:
            end_run()
            blocks += _blocks(child, around, depth + 1)
        else:
            run.append(_inline(child, around, depth + 1))
        run.append(child.tail or "")
    end_run()
    return blocks


def _block(element: html.HtmlElement, around: Surroundings, depth: int) -> list[str]:
    tag = element.tag
    if _HEADING.fullmatch(tag):
        return _heading(element, int(tag[1]))
    if tag == "summary" or (tag == "p" and _all_bold(element)):
        return _heading(element, 4)
    if tag == "pre":
        code = element.text_content().strip("\n")
        return [f"```\n{code}\n```"] if code.strip() else []
    if tag in ("ul", "ol", "menu"):
        listed = _list(element, around, depth)
        return [listed] if listed else []
    special = {"dl": _definitions, "table": _table}.get(tag, _blocks)
    return special(element, around, depth)


def _heading(element: html.HtmlElement, level: int) -> list[str]:
    text = inline_text(element)
    return [f"{'#' * level} {text}"] if text else []


def _all_bold(paragraph: html.HtmlElement) -> bool:
    """A short paragraph set wholly in bold is a heading that somebody made by hand."""
    if len(paragraph) != 1 or paragraph[0].tag not in ("strong", "b") or (paragraph.text or "").strip():
        return False
    text = inline_text(paragraph)
    return (
        not (paragraph[0].tail or "").strip() and 0 < len(text) <= _WIDEST_HEADING and text[-1] not in "。；，.;,、!！"
    )


def _inline(element: html.HtmlElement, around: Surroundings, depth: int) -> str:
    if element.tag == "br":
        return _BREAK
    if depth > _DEEPEST:
        return inline_text(element)
    parts = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str):
            parts.append(_inline(child, around, depth + 1))
        parts.append(child.tail or "")
    text = "".join(parts)
    if element.tag == "a":
        return _link(text, element.get("href"), around)
    if element.tag == "code" and text.strip() and "`" not in text:
        return f"`{text.strip()}`"
    return text


def _link(text: str, href: str | None, around: Surroundings) -> str:
    label = _SPACE.sub(" ", text.replace(_BREAK, " ")).strip()
    if not href or not label or href.startswith("#"):
        return text
    try:
        target = urljoin(around.base or "", href.strip())
    except ValueError:
        return text
    if not target.lower().startswith(_SAFE_LINK) or re.search(r"[\s()<>]", target):
        return text
    return label if label == target else f"[{label}]({target})"


def _tidy(text: str) -> str:
    return _AROUND_BREAK.sub("\n", _SPACE.sub(" ", text).replace(_BREAK, "\n")).strip()


def _list(element: html.HtmlElement, around: Surroundings, depth: int) -> str:
    """A list; what an item holds beyond its first block stands indented below it."""
    rows: list[str] = []
    start = element.get("start") or ""
    number = int(start) if start.isdecimal() and len(start) < 6 else 1  # noqa: PLR2004
    for item in element:
        if not isinstance(item.tag, str):
            continue
        blocks = _blocks(item, around, depth + 1) if item.tag == "li" else _block(item, around, depth + 1)
        if not blocks:
            continue
        mark = f"{number}. " if element.tag == "ol" else "- "
        number += 1
        first, *rest = "\n".join(blocks).split("\n")
        rows.append(mark + first.lstrip("# "))
        rows += [" " * len(mark) + line for line in rest if line.strip()]
    return "\n".join(rows)


def _definitions(element: html.HtmlElement, around: Surroundings, depth: int) -> list[str]:
    blocks: list[str] = []
    for child in element:
        if child.tag == "dt":
            blocks.append(f"#### {inline_text(child)}")
        elif isinstance(child.tag, str):
            blocks += _blocks(child, around, depth + 1)
    return blocks


def _table(table: html.HtmlElement, around: Surroundings, depth: int) -> list[str]:
    """A table of data stays a table; one that only arranges the page is read cell after cell."""
    rows = [row for row in table.iter("tr") if next(row.iterancestors("table")) is table]
    given = [[cell for cell in row if cell.tag in ("td", "th")] for row in rows]
    given = [row for row in given if row]
    nested = next(table.iterdescendants("table"), None) is not None
    if nested or max((len(row) for row in given), default=0) < 2 or _is_prose(given):  # noqa: PLR2004
        return [block for row in given for cell in row for block in _blocks(cell, around, depth + 1)]
    caption = next((inline_text(child) for child in table if child.tag == "caption"), "")
    around.tables.append(caption or f"table {len(around.tables) + 1}")
    name = around.tables[-1]
    made = cells.table(*_laid_out(given, around, depth))
    around.problems.extend(f"{name}: {problem}" for problem in made.problems)
    blocks = [caption] if caption else []
    if all(len(row) == 2 and row[0].tag == "th" and row[1].tag == "td" for row in given):  # noqa: PLR2004
        named = [": ".join(cells.one_line(cell) for cell in row if cell) for row in made.rows]
        return [*blocks, "\n".join(f"- {row}" for row in named)]
    return [*blocks, *table_blocks(made)]


def _is_prose(rows: list[list[html.HtmlElement]]) -> bool:
    return any(len(cell.text_content()) > _CELL_PROSE and len(cell) > 1 for row in rows for cell in row)


def _laid_out(
    rows: list[list[html.HtmlElement]], around: Surroundings, depth: int
) -> tuple[list[list[Cell | None]], Plain, list[Span]]:
    """The cells of a table by row and column, as `cells.table` takes them."""
    grid: list[list[Cell | None]] = []
    spans: list[Span] = []
    taken: dict[int, int] = {}
    for at, row in enumerate(rows):
        line: list[Cell | None] = []
        for cell in row:
            while taken.get(len(line), -1) >= at:
                line.append(None)
            text = "\n".join(_blocks(cell, around, depth + 1))
            left, across, down = len(line), _span(cell, "colspan"), _span(cell, "rowspan")
            if across > 1 or down > 1:
                spans.append(Span(at, left, at + down - 1, left + across - 1))
                taken.update(dict.fromkeys(range(left, left + across), at + down - 1))
            line += [Cell(text), *[None] * (across - 1)]
        grid.append(line)
    return grid, unmarked, spans


def _span(cell: html.HtmlElement, name: str) -> int:
    value = cell.get(name) or "1"
    return max(1, min(int(value), _LARGEST_SPAN)) if value.isdecimal() and len(value) < 6 else 1  # noqa: PLR2004


def table_blocks(table: Table) -> list[str]:
    """A table as Markdown, the titles above its head as lines of their own."""
    titles = [" ".join(cell for cell in row if cell) for row in table.rows[: table.head]]
    return [*titles, pipe_table(table.rows[table.head :])] if table.rows[table.head :] else titles


def pipe_table(rows: list[list[str]]) -> str:
    """A Markdown table whose header is the first row."""
    width = max(len(row) for row in rows)
    lines = [_row(row, width) for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def _row(row: list[str], width: int) -> str:
    texts = [cells.one_line(cell).replace("|", "\\|") for cell in row] + [""] * (width - len(row))
    return "| " + " | ".join(texts) + " |"
