"""Cutting articles into passages: nothing lost, nothing torn that can stay whole."""

import re

from hypothesis import given
from hypothesis import strategies as st

from xiaoer.knowledge.blocks import width
from xiaoer.knowledge.splitting import Piece, split

HAN = "本店所有商品自签收之日起七天内支持无理由退货。"


def texts(text: str, most: int = 400) -> list[str]:
    return [piece.text for piece in split(text, max_characters=most)]


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_a_short_article_is_one_passage() -> None:
    assert split("七天内可退。\n\n运费自理。") == [Piece((), "七天内可退。\n\n运费自理。")]


def test_an_empty_article_has_no_passages() -> None:
    assert split("") == []
    assert split(" \n\n---\n ") == []


def test_each_passage_knows_the_headings_above_it() -> None:
    found = split("开头\n\n# 退货\n\n总则\n\n## 运费\n\n买家承担\n\n# 换货\n\n联系客服")
    assert found == [
        Piece((), "开头"),
        Piece(("退货",), "总则"),
        Piece(("退货", "运费"), "买家承担"),
        Piece(("换货",), "联系客服"),
    ]


def test_a_heading_deeper_than_its_neighbour_keeps_its_place() -> None:
    assert [piece.heading for piece in split("### 深\n甲\n# 浅\n乙\n### 又深\n丙")] == [
        ("深",),
        ("浅",),
        ("浅", "又深"),
    ]


def test_a_heading_with_nothing_below_it_is_not_lost() -> None:
    assert split("# 电话 400-123\n\n# 地址\n\n杭州") == [
        Piece(("电话 400-123",), "电话 400-123"),
        Piece(("地址",), "杭州"),
    ]


def test_a_hash_inside_code_is_no_heading() -> None:
    assert split("```\n# comment\n```") == [Piece((), "```\n# comment\n```")]


def test_han_characters_count_twice_as_much_as_latin_letters() -> None:
    assert len(texts("字" * 99 + "。" + "字" * 99 + "。", most=100)) == 2
    assert len(texts("letters " * 24 + "\n\n" + "x", most=100)) == 1


def test_long_paragraphs_are_cut_between_sentences() -> None:
    found = texts(HAN * 40, most=100)
    assert all(text.endswith("。") for text in found)
    assert "".join(found) == HAN * 40


def test_a_sentence_that_is_too_long_is_cut_between_clauses() -> None:
    found = texts("，".join(["不影响二次销售的商品"] * 60) + "。", most=100)
    assert all(text.endswith(("，", "。")) for text in found)


def test_a_word_without_end_is_cut_somewhere() -> None:
    found = texts("字" * 1000, most=100)
    assert [len(text) for text in found] == [100] * 10


def test_english_is_cut_between_sentences_and_keeps_its_spaces() -> None:
    sentence = "Refunds take 3.5 days and go to the original card."
    found = texts(" ".join([sentence] * 30), most=100)
    assert " ".join(found) == " ".join([sentence] * 30)
    assert all(text.endswith("card.") for text in found)


def test_no_scrap_is_left_over_at_the_end() -> None:
    found = texts("\n\n".join(["字" * 60] * 7), most=400)
    assert len(found) == 2
    assert min(map(len, found)) > 150


def test_a_list_is_cut_between_its_items_only() -> None:
    items = [f"{number}. {HAN}\n   {HAN}" for number in range(1, 21)]
    for text in texts("\n".join(items), most=150):
        assert re.match(r"\d+\. ", text)
        assert text.endswith(HAN)
        assert len(re.findall(r"^\d+\. ", text, re.MULTILINE)) * 2 == text.count(HAN)


def test_a_list_stays_with_the_line_that_introduces_it() -> None:
    before = "字" * 150 + "。"
    found = texts(f"{before}\n\n安装流程如下：\n\n- 第一步\n- 第二步\n- 第三步" + "\n\n" + "尾" * 100, most=160)
    assert any("安装流程如下：\n\n- 第一步\n- 第二步\n- 第三步" in text for text in found)


def test_every_part_of_a_table_keeps_its_head() -> None:
    head = "| 地区 | 首重运费 |\n| --- | --- |"
    rows = [f"| 第{number}区 | {number}.50 元 |" for number in range(100)]
    found = texts("\n".join([head, *rows]), most=120)
    assert len(found) > 3
    assert all(text.startswith(head + "\n| ") for text in found)
    assert [line for text in found for line in text.split("\n")[2:]] == rows


def test_a_table_row_too_wide_for_its_head_names_its_columns() -> None:
    found = texts(f"| 条款 | 内容 |\n|---|---|\n| 退货 | {HAN * 20} |", most=100)
    assert found[0].startswith("条款: 退货\n内容: 本店")
    assert "".join(found).count(HAN) == 20


def test_lines_that_were_only_wrapped_are_joined_again() -> None:
    wrapped = "All goods may be returned within thirty days of delivery if they\nare unused and in their original box."
    assert texts(wrapped) == [wrapped.replace("\n", " ")]


def test_lines_of_an_address_stay_lines() -> None:
    assert texts("地址：杭州\n电话：400\n邮箱：a@b.cn") == ["地址：杭州\n电话：400\n邮箱：a@b.cn"]


def test_a_number_with_a_point_begins_no_list() -> None:
    assert texts("3.5 公斤以内包邮") == ["3.5 公斤以内包邮"]


LINES = st.one_of(
    st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="|#`~"), max_size=60),
    st.sampled_from(
        ["", "- 一项", "  - 里面", "1. 第一，", "2) second", "你好。世界！", "a b. C d.", "：", "“引”。” ", "é́" * 30]
    ),
    st.text("字a ，。.", min_size=50, max_size=900),
)


@given(st.lists(LINES, max_size=30).map("\n".join), st.integers(10, 60))
def test_nothing_is_lost_and_nothing_is_too_long(text: str, most: int) -> None:
    found = texts(text, most)
    rules = re.compile(r"\s*(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})")
    body = "".join(line for line in text.split("\n") if not rules.fullmatch(line))
    assert bare("".join(found)) == bare(body)
    assert all(width(part) <= 2 * most + 2 for part in found)


TABLES = st.lists(st.lists(st.text("甲乙ab 1。", max_size=40), min_size=2, max_size=4), min_size=2, max_size=12)


@given(TABLES, st.integers(20, 80))
def test_no_cell_of_a_table_is_lost(rows: list[list[str]], most: int) -> None:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    found = bare("".join(texts("\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]), most)))
    assert all(bare(cell) in found for row in rows[1:] for cell in row)


def test_a_very_long_article_takes_no_longer_than_its_length() -> None:
    rows = "\n".join(f"| {number} | 区 |" for number in range(20_000))
    assert sum(text.count("区") for text in texts(f"| 号 | 区 |\n|--|--|\n{rows}")) > 20_000
    assert bare("".join(texts("- x\n" * 20_000))) == "-x" * 20_000
