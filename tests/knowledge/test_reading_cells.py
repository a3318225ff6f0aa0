"""Cells of tables as customers read them: no tags, filled where merged, numbers as shown, in every kind of file."""

import csv
import datetime as dt
import html
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from document_samples import Placed, docx, pdf, xlsx, zipped
from openpyxl import Workbook

from xiaoer.knowledge.documents import Document
from xiaoer.knowledge.reading import rows as table_rows
from xiaoer.knowledge.reading.files import read_all
from xiaoer.knowledge.reading.reader import Outcome

PICTURE = '=DISPIMG("ID_0A1B2C3D4E5F",1)'
PARTS = "xl/worksheets/sheet1.xml"


def sheet(rows: Iterable[Sequence[object]], *, merged: Sequence[str] = (), **formats: str) -> bytes:
    """A workbook of one sheet; `formats` are number formats by cell."""
    book = Workbook()
    made = book.worksheets[0]
    for row in rows:
        made.append(list(row))
    for place, code in formats.items():
        made[place].number_format = code
    for area in merged:
        made.merge_cells(area)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def altered(data: bytes, *changes: tuple[str, str]) -> bytes:
    """A workbook whose sheet another program wrote differently."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
        text = archive.read(PARTS).decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return zipped(files | {PARTS: text})


def as_csv(rows: Iterable[Sequence[object]]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def as_html(rows: Iterable[Sequence[str]], cell: str = "<td>{}</td>") -> str:
    return "".join(f"<tr>{''.join(cell.format(html.escape(each)) for each in row)}</tr>" for row in rows)


def as_docx(rows: Iterable[Sequence[str]]) -> bytes:
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    return docx(f"<w:tbl>{as_html(rows, cell).replace('tr>', 'w:tr>')}</w:tbl>")


def outcome(data: bytes, name: str = "goods.xlsx", **mapping: Any) -> Outcome:
    (found,) = read_all([(name, data)], mapping=mapping or None)
    assert found.problem is None, found.problem
    return found


def one(data: bytes, name: str = "goods.xlsx") -> Document:
    (document,) = outcome(data, name).documents
    return document


def cells(data: bytes, name: str = "goods.xlsx") -> list[list[str]]:
    """The rows of the only table of a file."""
    lines = [line for line in one(data, name).text.split("\n") if line.startswith("|") and "---" not in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


MARKED_UP = [
    ("<p>速热&nbsp;节能</p>", "速热 节能"),
    ("<p>速热</p><p>节能</p>", "速热 节能"),
    ("<h3>卖点</h3><ul><li>轻</li><li>薄</li></ul>", "卖点 - 轻 - 薄"),
    ("<b>注意</b>：<script>alert(1)</script>防水<style>p{}</style>", "注意：防水"),
    ("一<br>二<br/>三", "一 二 三"),
    ("&lt;p&gt;速热&lt;/p&gt;", "速热"),
    ("&amp;lt;p&amp;gt;速热&amp;lt;/p&amp;gt;", "速热"),
    ("AT&amp;T 3&nbsp;&times;&nbsp;4 cm", "AT&T 3 × 4 cm"),
    ('<span style="color:red">5 &lt; 6</span>', "5 < 6"),
    ("<!-- note -->可机洗", "可机洗"),
    ('<div style="display:none">x</div><div>可机洗</div>', "可机洗"),
    ("适用 <3岁 儿童", "适用 <3岁 儿童"),
    ("a < b > c", "a < b > c"),
    ("<型号> A&B?x=1&copy=2", "<型号> A&B?x=1&copy=2"),
    ("尺码<S>到<M>", "尺码<S>到<M>"),
    ("Definition <object name>", "Definition <object name>"),
]
TABLE = [["款", "讲"], *([f"壶{at}", written] for at, (written, _) in enumerate(MARKED_UP))]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("goods.xlsx", sheet(TABLE)),
        ("goods.csv", as_csv(TABLE)),
        ("goods.html", f"<html><body><table>{as_html(TABLE)}</table></body></html>".encode()),
        ("goods.docx", as_docx(TABLE)),
    ],
)
def test_html_in_a_cell_becomes_the_text_it_shows_in_every_kind_of_file(name: str, data: bytes) -> None:
    assert [row[1] for row in cells(data, name)[1:]] == [text for _, text in MARKED_UP]


def test_html_in_records_keeps_its_lists_and_headings() -> None:
    body = "<h2>材质</h2><p>纯棉&amp;透气</p><ul><li>可机洗</li><li>不褪色</li></ul><script>x()</script>"
    product = {"title": "<h1>T恤</h1>", "body_html": body}
    for data, name in (
        (sheet([list(product), list(product.values())]), "a.xlsx"),
        (as_csv([list(product), list(product.values())]), "a.csv"),
        (json.dumps({"products": [product]}).encode(), "a.json"),
    ):
        document = one(data, name)
        assert document.title == "T恤"
        assert document.text == "## 材质\n\n纯棉&透气\n\n- 可机洗\n- 不褪色"


def test_lines_of_a_cell_stay_where_its_only_tags_are_inline() -> None:
    rows = [["问题", "答案"], ["怎么洗", "<b>手洗</b>\n不可漂白"], ["能退吗", "七天内\n可退"]]
    texts = [document.text for document in outcome(as_csv(rows), "a.csv").documents]
    assert texts == ["手洗\n不可漂白", "七天内\n可退"]


FEES = [
    ["2026 年运费表", None, None],
    ["地区", "首重", "续重"],
    ["华东", "8", "2"],
    [None, "9", "3"],
    ["西藏", "不发货", None],
    ["以下地区另询", None, None],
    ["海外", "50", "20"],
]
FILLED = [
    ["地区", "首重", "续重"],
    ["华东", "8", "2"],
    ["华东", "9", "3"],
    ["西藏", "不发货", "不发货"],
    ["以下地区另询", "", ""],
    ["海外", "50", "20"],
]
FEES_HTML = """<html><body><table>
<tr><td colspan=3>2026 年运费表</td></tr><tr><td>地区</td><td>首重</td><td>续重</td></tr>
<tr><td rowspan=2>华东</td><td>8</td><td>2</td></tr><tr><td>9</td><td>3</td></tr>
<tr><td>西藏</td><td colspan=2>不发货</td></tr><tr><td colspan="3">以下地区另询</td></tr>
<tr><td>海外</td><td>50</td><td>20</td></tr></table></body></html>"""


def word_fees() -> bytes:
    def cell(text: str, more: str = "") -> str:
        return f"<w:tc><w:tcPr>{more}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"

    across = '<w:gridSpan w:val="{}"/>'
    rows = [
        cell("2026 年运费表", across.format(3)),
        cell("地区") + cell("首重") + cell("续重"),
        cell("华东", '<w:vMerge w:val="restart"/>') + cell("8") + cell("2"),
        cell("", "<w:vMerge/>") + cell("9") + cell("3"),
        cell("西藏") + cell("不发货", across.format(2)),
        cell("以下地区另询", across.format(3)),
        cell("海外") + cell("50") + cell("20"),
    ]
    return docx("<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>")


def pdf_fees() -> bytes:
    """A ruled table, drawn line by line: 7 rows of 20 points, 3 columns of 100."""
    across = [(60, 360, y) for y in (600, 580, 560, 520, 500, 480, 460)] + [(160, 360, 540)]
    down = [(60, 600, 460), (360, 600, 460), (160, 580, 480), (160, 460, 480)]
    down += [(260, 580, 520), (260, 460, 480)]
    down = [*down[:2], (160, 580, 500), (160, 480, 460), *down[4:]]
    rules = "".join(f"{x0} {y} m {x1} {y} l S " for x0, x1, y in across)
    rules += "".join(f"{x} {y0} m {x} {y1} l S " for x, y0, y1 in down)
    words: list[Placed] = []
    for at, row in enumerate(FEES):
        words += [(10.0, 65.0 + 100 * column, 586.0 - 20 * at, str(text)) for column, text in enumerate(row) if text]
    return pdf([(10.0, 60.0, 700.0, "运费如下。"), *words], rules=rules)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("fees.xlsx", sheet(FEES, merged=["A1:C1", "A3:A4", "B5:C5", "A6:C6"])),
        ("fees.html", FEES_HTML.encode()),
        ("fees.docx", word_fees()),
        ("fees.pdf", pdf_fees()),
    ],
)
def test_merged_cells_say_their_text_in_every_row_and_a_title_is_no_head(name: str, data: bytes) -> None:
    assert cells(data, name) == FILLED
    assert "2026 年运费表" in one(data, name).text.partition("|")[0]


def test_a_product_keeps_its_own_figure_where_names_are_merged() -> None:
    rows = [["商品名称", "尺码", "商品描述"], ["跑鞋", "38", "轻"], [None, "39", "轻"], ["拖鞋", "38", "软"]]
    found = outcome(sheet(rows, merged=["A2:A3"])).documents
    assert [(each.title, each.text) for each in found] == [
        ("跑鞋", "- 尺码：38\n- 商品描述：轻"),
        ("跑鞋", "- 尺码：39\n- 商品描述：轻"),
        ("拖鞋", "- 尺码：38\n- 商品描述：软"),
    ]


def test_a_head_in_two_rows_names_each_column_with_its_group() -> None:
    rows = [
        ["尺码对照", None, None, None, None],
        ["款", "男", None, "女", None],
        [None, "码", "脚长", "码", "脚长"],
        ["跑鞋", "40", "25", "38", "24"],
    ]
    data = sheet(rows, merged=["A1:E1", "A2:A3", "B2:C2", "D2:E2"])
    assert cells(data) == [["款", "男 码", "男 脚长", "女 码", "女 脚长"], ["跑鞋", "40", "25", "38", "24"]]


def test_a_title_beside_a_date_is_no_head_either() -> None:
    rows = [["运费表", None, None, "2026-11"], ["地区", "首重", "续重", "时效"], ["华东", "8", "2", "2 天"]]
    assert cells(sheet(rows, merged=["A1:C1"]))[0] == ["地区", "首重", "续重", "时效"]
    assert cells(as_csv(rows), "a.csv")[0] == ["地区", "首重", "续重", "时效"]


def test_what_lies_hidden_below_a_merged_cell_is_not_told() -> None:
    data = sheet([["款", "价"], ["壶", "59"], ["锅", "99"]], merged=["A2:A3"])
    hidden = altered(data, ('<c r="B3"', '<c r="A3" t="inlineStr"><is><t>进价 3</t></is></c><c r="B3"'))
    assert cells(hidden) == [["款", "价"], ["壶", "59"], ["壶", "99"]]


def test_pictures_errors_and_formulas_without_a_result_are_empty_and_named() -> None:
    rows = [
        ["商品名称", "主图", "商品描述", "材质", "重量"],
        ["壶", PICTURE, "烧水快", "#N/A", "=B2*2"],
        ["锅", '=_xlfn.DISPIMG("ID_2",1)', "导热好", "#REF!", 3],
        ["碗", '=_xlfn._xlws.IMAGE("https://a.b/c.png")', "#DIV/0!", "陶", None],
    ]
    data = altered(
        sheet(rows),
        ('<c r="B2"><f>DISPIMG("ID_0A1B2C3D4E5F",1)</f><v></v>', f'<c r="B2" t="str"><v>{html.escape(PICTURE)}</v>'),
        ('<c r="D3" t="e">', '<c r="D3" t="e" vm="1">'),
    )
    found = outcome(data)
    assert [document.title for document in found.documents] == ["壶", "锅", "碗"]
    text = "\n".join(document.text for document in found.documents)
    assert not any(mark in text for mark in ("DISPIMG", "IMAGE", "#", "=", "ID_"))
    notes = "\n".join(found.notes)
    assert "pictures are not read, empty cells: B2, B3, D3, B4" in notes
    assert "errors instead of values, empty cells: D2 #N/A, C4 #DIV/0!" in notes
    assert "empty cells (save the file in a spreadsheet program): E2" in notes


@pytest.mark.parametrize("name", ["a.csv", "a.html", "a.docx", "a.json"])
def test_pictures_and_errors_are_empty_in_other_files_too(name: str) -> None:
    rows = [["款", "图", "讲"], ["壶", PICTURE, "#NAME?"], ["锅", "#ИМЯ?", "导热好"]]
    if name == "a.json":
        data = json.dumps(
            [{"title": "锅", "text": "导热好", "材质": PICTURE}, {"title": "壶", "text": "#N/A"}]
        ).encode()
    elif name == "a.csv":
        data = as_csv(rows)
    else:
        data = as_docx(rows) if name == "a.docx" else f"<body><table>{as_html(rows)}</table></body>".encode()
    found = outcome(data, name)
    text = "\n".join(document.text for document in found.documents)
    assert "导热好" in text
    assert not any(mark in text for mark in ("DISPIMG", "#", "="))
    assert any("pictures are not read" in note for note in found.notes)
    assert any("errors instead of values" in note for note in found.notes)


def test_numbers_codes_and_dates_of_a_sheet_are_told_as_they_look() -> None:
    when = dt.datetime(2026, 11, 11)  # noqa: DTZ001
    rows = [["项", "值"], *(["x", value] for value in (815, "0400-1", 6.5, 0.15, when, when, 46337, 46337))]
    data = sheet(rows, B2="000000", B4='"¥"0.00', B5="0%", B6="mm-dd-yy", B7='yyyy"年"m"月"', B8="d/m/yyyy", B9=";;;")
    assert [row[1] for row in cells(data)[1:]] == [
        *("000815", "0400-1", "¥6.50", "15%", "2026-11-11", "2026年11月", "11/11/2026", "")
    ]


def test_dates_that_chinese_excel_knows_by_number_are_dates() -> None:
    data = sheet([["项", "值"], ["开始", 46337], ["结束", 46338]], B2="m/d/yy", B3="0.00")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
        styles = archive.read("xl/styles.xml").decode()
    assert 'numFmtId="2"' in styles
    files["xl/styles.xml"] = styles.replace('numFmtId="2"', 'numFmtId="31"')
    assert cells(zipped(files))[2] == ["结束", "2026年11月12日"]


def test_a_period_is_read_exactly_however_the_sheet_shows_it() -> None:
    rows = [["问题", "答案", "开始日期", "有效期至"], ["满减吗", "满300减50", 46327, 46337]]
    document = one(sheet(rows, C2='m"月"d"日"', D2="d/m/yy"))
    assert document.valid_from
    assert document.valid_to
    assert (document.valid_from.date(), document.valid_to.date()) == (dt.date(2026, 11, 1), dt.date(2026, 11, 12))


def test_uploads_reckon_with_the_figure_and_show_the_code() -> None:
    data = sheet([["商品编号", "价格", "下单时间"], [815, 6.5, 46337.5]], A2="000000", B2='"¥"0', C2="m/d")
    (made,) = table_rows.sheets(data, "a.xlsx")
    assert made.rows[1] == ("000815", "¥7", "11/11")
    assert {(row, column): text for row, column, text in made.exact} == {
        (1, 1): "6.5",
        (1, 2): "2026-11-11 12:00:00",
    }


def test_codes_that_an_export_protects_are_read_as_codes() -> None:
    assert cells(b'a,b\n"=""000815""",\'0400\n\'T\',=5mm\n', "a.csv") == [
        ["a", "b"],
        ["000815", "0400"],
        ["'T'", "=5mm"],
    ]


HUGE = sheet([["款", "价"], ["壶", "59"]])
BROKEN: list[Callable[[], bytes]] = [
    lambda: altered(HUGE, ("</sheetData>", '</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')),
    lambda: altered(HUGE, ("</sheetData>", '</sheetData><mergeCells><mergeCell ref="Hm:"/><mergeCell/></mergeCells>')),
    lambda: altered(
        HUGE,
        (
            "</sheetData>",
            "</sheetData><mergeCells>" + '<mergeCell ref="A1:A2"/><mergeCell ref="A2:B9"/>' * 20_000 + "</mergeCells>",
        ),
    ),
    lambda: sheet(
        [["款", "价"], ["壶", 1e300], ["锅", -5], ["碗", 1e9]], B2="0.00", B3="yyyy-mm-dd", B4="[$-404]e/m/d"
    ),
    lambda: sheet([["款", "价"], ["壶", 59]], B2='[[[";;;\\'),
    lambda: sheet([["款", "价"], ["壶", 59]], B2="0" * 200 + "." + "0" * 50),
    lambda: sheet([["款", "价"], ["壶", "<" * 30_000]]),
    lambda: sheet([["款", "价"], ["壶", "<p>" * 10_000]]),
    lambda: sheet([["款", "价"], ["壶", "&amp;" * 6_000]]),
    lambda: as_csv([["款", "价"], ["壶", "<div " * 50_000], ["锅", "=A(" + ")" * 50_000 + "x"]]),
    lambda: xlsx({"a": [["款", *["x"] * 300], ["壶", *["y"] * 300]]}),
]


@pytest.mark.parametrize("make", BROKEN)
def test_odd_and_hostile_sheets_are_read_or_refused_in_words(make: Callable[[], bytes]) -> None:
    data = make()
    (found,) = read_all([("odd.xlsx" if data.startswith(b"PK") else "odd.csv", data)])
    assert found.problem or "壶" in "".join(document.title + document.text for document in found.documents)
    assert "damaged" not in str(found.problem)
