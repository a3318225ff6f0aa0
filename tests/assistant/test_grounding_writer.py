"""What a writer does besides stating: citing, counting on from figures told, naming products."""

import pytest

from xiaoer.assistant.gate import citations
from xiaoer.assistant.gate.backing import Passage, backing
from xiaoer.assistant.gate.stream import Gate

KETTLE = Passage("售价129元，容量1.5升，整机保修2年。机身300×200×176mm。", "电水壶 K15 › 参数", frozenset({"K15"}))
KETTLE_PRO = Passage("售价199元，容量1.7升，整机保修3年。", "电水壶 K15 Pro › 参数", frozenset({"K15P"}))
SHIPPING = Passage("满99元包邮，不满99元运费8元。", "配送")


def gate(*asked: str, about: str = "", language: str = "zh") -> Gate:
    shown = [KETTLE, KETTLE_PRO, SHIPPING]
    return Gate(backing(shown, customer=asked, about=[about] if about else [], locale="zh"), language)


@pytest.mark.parametrize(
    ("written", "text", "numbers"),
    [
        ("保修2年[1]。", "保修2年。", (1,)),
        ("It costs 129 yuan [1][3].", "It costs 129 yuan.", (1, 3)),
        ("满99元包邮【3】。", "满99元包邮。", (3,)),
        ("保修2年 [1, 2]", "保修2年", (1, 2)),
        ("保修2年[1-3]。", "保修2年。", (1, 2, 3)),
        ("见[官网](https://shop.example)。", "见[官网](https://shop.example)。", ()),
        ("型号[A1]。", "型号[A1]。", ()),
    ],
)
def test_marks_of_citation_are_read_and_taken_out(written: str, text: str, numbers: tuple[int, ...]) -> None:
    assert citations.parse(written) == (text, numbers)


def test_only_passages_that_were_shown_count_as_cited_and_only_where_the_sentence_left() -> None:
    held = gate(about="K15")
    assert held.admit("整机保修2年[1][9]。") == "整机保修2年。"
    assert held.admit("整机保修9年[2]。") == ""
    assert held.cited == [1]


def test_another_products_figure_is_not_told_of_this_one() -> None:
    assert gate(about="K15").admit("这款售价129元。")
    assert gate(about="K15").admit("这款售价199元。") == ""
    assert gate(about="K15").admit("K15售价199元。") == ""


def test_each_of_two_products_has_its_own_figure() -> None:
    assert gate("K15和K15 Pro差多少").admit("K15售价129元，K15 Pro售价199元。")
    assert gate("K15和K15 Pro差多少").admit("K15售价199元，K15 Pro售价129元。") == ""
    assert gate("K15和K15 Pro差多少").admit("K15和K15 Pro分别是129元和199元。")
    assert gate("K15和K15 Pro保修").admit("K15和K15 Pro都保修2年。") == ""


def test_a_product_nobody_asked_about_is_not_told_of() -> None:
    assert gate("这款多少钱", about="K15").admit("K15 Pro售价199元。") == ""
    assert gate("和K15 Pro比呢", about="K15").admit("K15 Pro售价199元。")


def test_differences_and_sums_of_figures_told_are_right_or_stay() -> None:
    assert gate("差多少").admit("K15售价129元，K15 Pro售价199元，相差70元。")
    assert gate("差多少").admit("K15售价129元，K15 Pro售价199元，相差80元。") == ""
    assert gate("一起多少").admit("K15售价129元，K15 Pro售价199元，一共328元。")
    assert gate("两个多少", about="K15").admit("单价129元，2个就是258元。")


def test_a_result_may_follow_in_the_next_sentence() -> None:
    held = gate("差多少")
    assert held.admit("K15售价129元。")
    assert held.admit("K15 Pro售价199元。")
    assert held.admit("贵70元。")
    assert held.admit("贵90元。") == ""


def test_a_figure_may_be_told_in_another_unit() -> None:
    assert gate(about="K15").admit("机身300×200×176mm，也就是厚17.6厘米。")
    assert gate(about="K15").admit("机身300×200×176mm，也就是厚17.9厘米。") == ""


def test_the_customers_measure_may_be_compared_with_the_shops() -> None:
    assert gate("我家柜子深18公分", about="K15").admit("机身厚17.6公分，18公分深只富余4毫米。")
    assert gate("我家柜子深18公分", about="K15").admit("机身厚18公分。") == ""


def test_dimensions_stay_together() -> None:
    assert gate(about="K15").admit("机身300×200×176mm。")
    assert gate(about="K15").admit("机身300×300×176mm。") == ""
