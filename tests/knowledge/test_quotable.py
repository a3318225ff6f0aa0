"""What is quoted can be read without the table or list it stood in."""

from hypothesis import given
from hypothesis import strategies as st

from xiaoer.knowledge.quotable import quotable

FEES = """运费如下。

| 地区 | 包邮门槛 | 运费 |
|---|---|---|
| 新疆、西藏 | 299 元 | 15 元 |
| 其他地区 | 99 元 |  |

以付款页为准。"""


def test_a_row_is_told_with_the_heads_of_its_table() -> None:
    assert quotable(FEES) == [
        "运费如下。",
        "新疆、西藏：包邮门槛 299 元，运费 15 元",
        "其他地区：包邮门槛 99 元",
        "以付款页为准。",
    ]


def test_rows_in_latin_letters_are_told_in_their_punctuation() -> None:
    assert quotable("| Region | Fee |\n| --- | --- |\n| Tibet | 15 |") == ["Tibet: Fee 15"]


def test_the_marks_of_a_list_are_not_quoted() -> None:
    assert quotable("- 现货每天发货。\n* 周末照常。") == ["现货每天发货。", "周末照常。"]


def test_plain_sentences_are_as_they_were() -> None:
    assert quotable("第一句。第二句！") == ["第一句。", "第二句！"]


@given(st.text(alphabet="|-: \n字a1。", max_size=80))
def test_any_text_gives_sentences_without_marks_alone(text: str) -> None:
    assert all(each.strip() for each in quotable(text))
