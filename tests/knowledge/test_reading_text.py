"""Markdown, plain text and web pages read into articles and questions."""

from datetime import UTC, datetime

import pytest

from xiaoer.knowledge.documents import Document
from xiaoer.knowledge.reading.files import read
from xiaoer.knowledge.reading.problems import Unreadable


def one(text: str | bytes, name: str = "policies/returns.md") -> Document:
    (document,) = read(text.encode() if isinstance(text, str) else text, name)
    return document


def test_a_markdown_file_is_an_article_named_by_its_heading() -> None:
    document = one("# 退货政策\n\n七天内可退。\n\n## 运费\n\n买家承担。")
    assert document == Document(
        key="policies/returns.md",
        title="退货政策",
        text="七天内可退。\n\n## 运费\n\n买家承担。",
        source="policies/returns.md",
    )


def test_front_matter_says_what_the_text_does_not() -> None:
    document = one(
        "---\ntitle: 双十一\nlocale: zh\ntags: [促销, 满减]\nproducts:\n  - 00123\n  - A-9\nvalid_from: 2026-11-01\n"
        "valid_to: 2026-11-11\nstatus: draft\nurl: https://shop.example/1111\nquestions:\n  - 满减怎么算？\n"
        "  - 什么时候结束\n---\n满300减50。\n"
    )
    assert document.title == "双十一"
    assert document.kind == "question"
    assert document.questions == ("满减怎么算？", "什么时候结束")
    assert document.tags == ("促销", "满减")
    assert document.product_ids == ("00123", "A-9"), "a number keeps its zeros"
    assert document.valid_from == datetime(2026, 10, 31, 16, tzinfo=UTC), "midnight in China"
    assert document.valid_to == datetime(2026, 11, 11, 16, tzinfo=UTC), "the last day counts to its end"
    assert (document.status, document.locale, document.url) == ("draft", "zh", "https://shop.example/1111")


def test_an_article_with_sample_questions_and_headings_stays_an_article() -> None:
    document = one("---\nquestions: [怎么退？]\n---\n# 退货\n总则\n## 运费\n买家")
    assert (document.kind, document.questions) == ("article", ("怎么退？",))


def test_times_with_a_zone_and_times_of_the_shop() -> None:
    (document,) = read(
        b"---\nvalid_from: 2026-11-01 20:00\nvalid_to: 2026-11-02T08:00:00Z\n---\nx", "a.md", zone="Asia/Bangkok"
    )
    assert document.valid_from == datetime(2026, 11, 1, 13, tzinfo=UTC)
    assert document.valid_to == datetime(2026, 11, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        ("a: [1, 2", "not valid YAML"),
        ("- a\n- b", "without names"),
        ("a: &x 1\nb: *x", "aliases"),
        ("valid_to: next week", "next week"),
        ("valid_from: 2026-13-45", "2026-13-45"),
        ("valid_from: 2026-11-30\nvalid_to: 2026-11-01", "2026-11-30 to 2026-11-01"),
        ("a: " + "x" * 40_000, "too long"),
    ],
)
def test_front_matter_that_cannot_be_read_is_said_so(front: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        one(f"---\n{front}\n---\ntext")


@pytest.mark.parametrize(
    ("written", "code"), [("zh_CN", "zh"), ("en-GB", "en"), ("简体中文", "zh"), ("English", "en"), ("12", None)]
)
def test_languages_are_known_by_code_and_by_name(written: str, code: str | None) -> None:
    assert one(f"---\nlocale: {written}\n---\ntext").locale == code


def test_a_title_without_end_is_not_one() -> None:
    document = one("# " + "字" * 2000 + "\n正文")
    assert document.title == "returns"
    assert "字" * 2000 in document.text


def test_a_rule_at_the_head_is_no_front_matter() -> None:
    assert one("---\n\n正文").text.endswith("正文")


def test_scripts_comments_and_tags_leave_markdown_but_code_stays() -> None:
    document = one(
        "# A\n<script>alert(1)</script>退<b>货</b><!-- 内部 -->\n![图](a.png)<br>[坏](javascript:alert(1)) "
        "[好](https://a.b)\n<style>p{}</style>\n```\n<script>in code</script>\n```\n价格 <100 元，邮箱 <a@b.cn>"
    )
    assert document.text == (
        "退货\n图\n坏 [好](https://a.b)\n\n```\n<script>in code</script>\n```\n价格 <100 元，邮箱 <a@b.cn>"
    )


def test_what_only_looks_like_markup_takes_nothing_with_it() -> None:
    assert one("退货<script>七天").text == "退货七天"
    assert one("a <object definition> b <!-- c", "a.txt").text == "a  b <!-- c"
    assert one("甲 <尺寸> 乙 <template", "a.txt").text == "甲 <尺寸> 乙 <template"


def test_chinese_headings_of_plain_text_are_found() -> None:
    document = one("退货政策\n\n一、适用范围\n全部商品。\n（一）例外\n内衣。\n【运费】\n买家承担；", "政策.txt")
    assert "## 一、适用范围" in document.text
    assert "### （一）例外" in document.text
    assert "## 运费" in document.text
    assert document.title == "政策"


def test_questions_and_answers_in_running_text_become_questions() -> None:
    found = read("Q1：能退吗？\nA：能，七天内。\n凭发票。\n\n问：多久发货\n答：48 小时".encode(), "常见问题.txt")
    assert [(document.kind, document.title, document.text) for document in found] == [
        ("question", "能退吗？", "能，七天内。\n凭发票。"),
        ("question", "多久发货", "48 小时"),
    ]
    assert len({document.key for document in found}) == 2


def test_importing_again_gives_the_same_keys() -> None:
    first = read("问：能退吗\n答：能\n问：包邮吗\n答：包".encode(), "faq.txt")
    changed = read("问：包邮吗\n答：满 99 包邮\n问：能退吗\n答：不能".encode(), "faq.txt")
    assert {document.key for document in first} == {document.key for document in changed}


CHINESE = "关于退货：自签收之日起七天内可以申请退货，运费由买家承担。请联系客服。"
TAIWAN = "關於退貨：自簽收之日起七天內可以申請退貨，運費由買家承擔。請聯絡客服。"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_chinese_text_in_any_encoding(encoding: str) -> None:
    assert one((CHINESE + "\n2026 年\n").encode(encoding), "a.txt").text == CHINESE + "\n2026 年"


def test_big5_is_not_taken_for_gb18030() -> None:
    assert one(TAIWAN.encode("big5"), "a.txt").text == TAIWAN


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Возврат товара возможен в течение семи дней. Стоимость доставки оплачивает покупатель.", "cp1251"),
        ("La devolución es gratuita dentro de treinta días después de la recepción del artículo.", "cp1252"),
        ("返品は商品到着後七日以内にお願いします。送料はお客様のご負担となります。", "shift_jis"),
        ("คืนสินค้าได้ภายในเจ็ดวันหลังจากได้รับสินค้า ค่าจัดส่งผู้ซื้อเป็นผู้ชำระ", "tis-620"),
    ],
)
def test_other_legacy_encodings(text: str, encoding: str) -> None:
    assert one(text.encode(encoding), "a.txt").text == text


def test_control_and_direction_characters_are_stripped() -> None:
    assert one("退\x00货\u202e政\u200b策\x1b[31m\x07", "a.txt").text == "退货政策[31m"


def test_radicals_and_ligatures_of_pdf_writers_become_characters() -> None:
    assert (
        one("⽆理由退货，⻚⾯⻬全，⽀持⼀次。oﬃce ﬁle", "a.txt").text == "无理由退货，页面齐全，支持一次。office file"
    )


PAGE = """<!doctype html><html lang="zh-CN"><head><title>退货政策 - 小店</title><style>p{}</style>
<script>steal()</script></head><body><header>小店</header><nav><a href="/">首页</a></nav>
<main><h1>退货政策</h1><p>收到 <b>7 天</b>内可退。<br>见<a href="/rules?x=1">规则</a>
<a href="javascript:alert(1)">坏</a></p><p hidden>看不见</p><p style="display: none">也看不见</p>
<ul><li>完好<ul><li>吊牌</li></ul></li><li>发票</li></ul>
<table><tr><th>地区</th><th>运费</th></tr><tr><td rowspan="2">西北</td><td>10</td></tr><tr><td>12</td></tr></table>
<table><tr><th>型号</th><td>X1</td></tr><tr><th>功率</th><td>2000W</td></tr></table>
<details><summary>怎么退？</summary>点按钮。</details><img src=x onerror=alert(1)><iframe src=x></iframe>
<form>订阅</form></main><aside>广告</aside><footer>© 2026</footer></body></html>"""


def test_a_web_page_keeps_what_it_says_and_nothing_else() -> None:
    document = one(PAGE, "https://shop.example/help/returns")
    assert document.title == "退货政策"
    assert document.url == document.key == "https://shop.example/help/returns"
    assert document.text == (
        "收到 7 天内可退。\n见[规则](https://shop.example/rules?x=1) 坏\n\n- 完好\n  - 吊牌\n- 发票\n\n"
        "| 地区 | 运费 |\n| --- | --- |\n| 西北 | 10 |\n| 西北 | 12 |\n\n- 型号: X1\n- 功率: 2000W\n\n"
        "#### 怎么退？\n\n点按钮。"
    )


def test_a_web_page_is_known_by_its_content() -> None:
    assert one(PAGE, "page").title == "退货政策"
    assert one("<p>甲</p>\n<p>乙</p>", "fragment.txt").text == "甲\n\n乙"


def test_questions_that_a_page_declares_become_questions() -> None:
    page = (
        '<html><script type="application/ld+json">{"@context":"https://schema.org","@type":"FAQPage","mainEntity":'
        '[{"@type":"Question","name":"多久退款？","acceptedAnswer":{"@type":"Answer","text":"<p>3 天<img src=x></p>"}},'
        '{"name":1},null]}</script><script type="application/ld+json">{broken</script>'
        "<body><p>退款说明</p></body></html>"
    )
    question, article = read(page.encode(), "https://shop.example/faq")
    assert (question.kind, question.title, question.text) == ("question", "多久退款？", "3 天")
    assert article.text == "退款说明"


def test_a_page_in_an_encoding_that_it_names_itself() -> None:
    page = '<html><head><meta charset="euc-kr"></head><body><p>무료 배송</p></body></html>'
    assert one(page.encode("euc-kr"), "a.html").text == "무료 배송"


def test_the_colon_between_prices_is_no_table() -> None:
    assert one("a | b\n单价 | 总价", "a.txt").text == "a | b\n单价 | 总价"
