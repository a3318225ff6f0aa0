"""PDF, Word and Excel files read into articles and questions."""

import datetime as dt
import io

import pytest
from document_samples import docx, paragraph, pdf, word_table, xlsx, zipped
from openpyxl import Workbook

from xiaoer.knowledge.documents import Document
from xiaoer.knowledge.reading.files import read, read_all
from xiaoer.knowledge.reading.problems import Unreadable
from xiaoer.knowledge.reading.reader import Outcome


def one(data: bytes, name: str) -> Document:
    (document,) = read(data, name)
    return document


def test_a_pdf_has_headings_paragraphs_and_no_page_numbers() -> None:
    document = one(
        pdf(
            [
                (20, 60, 780, "退换货政策"),
                (12, 60, 740, "自签收之日起七天内，商品完好且不影响二次销售的，可以申请无理由退货，退货"),
                (12, 60, 722, "运费由买家承担。"),
                (14, 60, 690, "二、换货"),
                (12, 60, 670, "● 质量问题：三十天"),
                (12, 60, 652, "● 尺码不合：七天"),
                (9, 290, 20, "第 1 页"),
            ],
            [
                (12, 60, 740, "Refunds take 3.5 days and are paid back to the original card or wallet that you"),
                (12, 60, 722, "paid with."),
                (9, 290, 20, "2 / 2"),
            ],
        ),
        "政策.pdf",
    )
    assert document.title == "退换货政策"
    assert document.text == (
        "自签收之日起七天内，商品完好且不影响二次销售的，可以申请无理由退货，退货运费由买家承担。\n\n"
        "## 二、换货\n\n- 质量问题：三十天\n- 尺码不合：七天\n\n"
        "Refunds take 3.5 days and are paid back to the original card or wallet that you paid with."
    )


def test_heads_and_feet_that_pages_repeat_are_dropped() -> None:
    pages = [[(10, 60, 810, "Shop manual"), (12, 60, 600, f"Text of page {number}.")] for number in "abcd"]
    assert "Shop manual" not in one(pdf(*pages), "a.pdf").text


def test_a_ruled_table_of_a_pdf_stays_a_table() -> None:
    rules = "60 600 m 460 600 l S 60 580 m 460 580 l S 60 560 m 460 560 l S "
    rules += "60 600 m 60 560 l S 260 600 m 260 560 l S 460 600 m 460 560 l S"
    cells = [(12, 65, 585, "Region"), (12, 265, 585, "Fee"), (12, 65, 565, "Tibet"), (12, 265, 565, "12.50 CNY")]
    lines = [(12.0, 60.0, 700.0, "Shipping fees are as follows."), *cells, (12.0, 60.0, 500.0, "That is all.")]
    assert one(pdf(lines, rules=rules), "fees.pdf").text == (
        "Shipping fees are as follows.\n\n| Region | Fee |\n| --- | --- |\n| Tibet | 12.50 CNY |\n\nThat is all."
    )


def test_nothing_of_a_pdf_is_taken_for_markup() -> None:
    lines = [(12.0, 60.0, 700.0, "Definition <object name> and <!-- so on."), (12.0, 60.0, 600.0, "The end.")]
    assert one(pdf(lines), "a.pdf").text == "Definition <object name> and <!-- so on.\n\nThe end."


def test_two_columns_of_a_pdf_are_read_one_after_the_other() -> None:
    left = [(13, 40, 780 - 18 * row, f"left line number {row:02d} of this column xx") for row in range(12)]
    right = [(13, 320, 780 - 18 * row, f"right line number {row:02d} of the column x") for row in range(12)]
    text = one(pdf([*left, *right]), "a.pdf").text
    assert text.index("left line number 11") < text.index("right line number 00")


def test_labels_with_values_beside_them_are_not_two_columns() -> None:
    rows = [("Power", "1200 W"), ("Water pressure", "0.1-0.6 MPa"), ("Weight without water", "28 kg")] * 8
    lines = [(10.0, 50.0, 780.0 - 16 * at, label) for at, (label, _) in enumerate(rows)]
    lines += [(10.0, 400.0, 780.0 - 16 * at, value) for at, (_, value) in enumerate(rows)]
    assert "Power 1200 W" in one(pdf(lines), "a.pdf").text


def test_a_word_file_keeps_headings_lists_and_tables() -> None:
    data = docx(
        paragraph("退货政策", "1"),
        paragraph("七天无理由"),
        paragraph("流程", "2"),
        paragraph("第一步", bold=True),
        paragraph("联系客服"),
        word_table([["地区", "运费"], ["西藏", "12"]]),
    )
    document = one(data, "政策.docx")
    assert document.title == "退货政策"
    assert document.text == (
        "七天无理由\n\n## 流程\n\n#### 第一步\n\n联系客服\n\n| 地区 | 运费 |\n| --- | --- |\n| 西藏 | 12 |"
    )


def test_a_word_file_is_known_by_its_content() -> None:
    assert one(docx(paragraph("正文")), "without-ending").text == "正文"


def test_questions_and_answers_in_a_word_file_become_questions() -> None:
    data = docx(*(paragraph(text) for text in ("问：能退吗？", "答：能。", "问：包邮吗？", "答：满 99 元包邮。")))
    assert [(document.kind, document.title) for document in read(data, "faq.docx")] == [
        ("question", "能退吗？"),
        ("question", "包邮吗？"),
    ]


def workbook(**sheets: list[list[object]]) -> Outcome:
    (found,) = read_all([("shop.xlsx", xlsx(sheets, hidden=["成本"] if "成本" in sheets else []))])
    return found


def test_sheets_are_read_each_in_its_own_way() -> None:
    found = workbook(
        FAQ=[["常见问题汇总"], ["问题", "答案", "相似问"], ["怎么退货", "七天内可退", "如何退货；能退吗"]],
        运费=[["地区", "首重"], ["西藏", 12.5], ["海南", 8.0]],
        成本=[["商品", "进价"], ["壶", 3]],
    )
    question, table = found.documents
    assert (question.kind, question.title, question.questions) == ("question", "怎么退货", ("如何退货", "能退吗"))
    assert table.text == "| 地区 | 首重 |\n| --- | --- |\n| 西藏 | 12.5 |\n| 海南 | 8 |"
    assert table.title == "shop 运费"
    assert found.notes == ("hidden sheet “成本” left out",)


def test_numbers_dates_and_shares_read_as_they_are_shown() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["项", "值"])
    for value in (0.15, 100112573665.0, dt.datetime(2026, 11, 11), dt.date(2026, 11, 12), True, 19.9):  # noqa: DTZ001
        sheet.append(["x", value])
    sheet["B2"].number_format = "0%"
    packed = io.BytesIO()
    book.save(packed)
    text = one(packed.getvalue(), "a.xlsx").text
    assert [line.split("|")[2].strip() for line in text.split("\n")[2:]] == [
        *("15%", "100112573665", "2026-11-11", "2026-11-12", "TRUE", "19.9")
    ]


def test_a_mapping_works_on_sheets() -> None:
    data = xlsx({"Sheet1": [["款", "讲解", "码"], ["壶", "烧水快", "K1"]]})
    (document,) = read(data, "a.xlsx", mapping={"title": "款", "text": "讲解", "key": "码", "product_ids": "码"})
    assert (document.title, document.text, document.key) == ("壶", "烧水快", "a.xlsx:K1")


def test_files_in_an_archive_are_read_each_for_itself() -> None:
    data = zipped({"a/退货.md": "# 退货\n七天", "b.docx": docx(paragraph("正文")), "c.png": b"\x89PNG", "d/": b""})
    found = list(read_all([("all.zip", data)]))
    assert [outcome.name for outcome in found] == ["all.zip/a/退货.md", "all.zip/b.docx", "all.zip/c.png"]
    assert [document.key for outcome in found for document in outcome.documents] == [
        "all.zip/a/退货.md",
        "all.zip/b.docx",
    ]
    assert "picture" in str(found[2].problem)


@pytest.mark.parametrize("data", [xlsx({"a": []}), docx(), pdf([]), docx(paragraph(" "))])
def test_a_file_with_nothing_in_it_is_said_so(data: bytes) -> None:
    with pytest.raises(Unreadable, match="no text"):
        read(data, "a")
