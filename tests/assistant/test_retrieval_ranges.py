"""Figures of a question choose the row of a table."""

import pytest

from xiaoer.assistant.retrieval.ranges import figures_of, fitting

SIZES = (
    "66：身高（cm） 59-66，体重（斤） 12-16，年龄 3-6个月",
    "73：身高（cm） 66-73，体重（斤） 16-20，年龄 6-12个月",
    "90：身高（cm） 80-90，体重（斤） 24-28，年龄 2岁左右",
    "100：身高（cm） 90-100，体重（斤） 28-34，年龄 3岁左右",
    "XL：胸围 98-104 cm，体重 60-70kg",
    "胖宝宝建议拍大一码。",
)
FEES = ("0-500g：运费 12 元", "501-1000g：运费 22 元", "3kg以上：请咨询客服")


def rows(question: str, sentences: tuple[str, ...], language: str = "zh") -> list[str]:
    verdicts = fitting(figures_of(question, language), sentences)
    return [sentence.split("：")[0] for sentence, fits in zip(sentences, verdicts, strict=True) if fits]


@pytest.mark.parametrize(
    ("question", "language", "heads"),
    [
        ("宝宝8个月 72cm 18斤穿多大", "zh", ["73"]),
        ("两岁半的孩子穿多大码", "zh", ["90", "100"]),
        ("身高９５厘米穿几码", "zh", ["100"]),
        ("100码适合多高的", "zh", ["100"]),
        ("XL码多重能穿", "zh", ["XL"]),
        ("胸围100cm穿什么码", "zh", ["100", "XL"]),
        ("my baby is 8 months old, which size?", "en", ["73"]),
        ("size 100 for what height", "en", ["100"]),
        ("รอบอก 100 ซม. ใส่ไซส์อะไร", "th", ["100", "XL"]),
        ("身高 3 米穿多大", "zh", []),
        ("买了100块的东西", "zh", []),
    ],
)
def test_the_row_that_holds_for_what_the_customer_measures_is_found(
    question: str, language: str, heads: list[str]
) -> None:
    assert rows(question, SIZES, language) == heads


def test_fees_are_chosen_by_weight() -> None:
    assert rows("寄600克要多少钱", FEES) == ["501-1000g"]
    assert rows("寄 5 公斤多少钱", FEES) == ["3kg以上"]


def test_a_fact_of_one_thing_is_no_row() -> None:
    assert rows("8个月的宝宝", ("尺码：0-12个月", "颜色：白")) == []


def test_rows_beside_the_one_that_holds_are_known_not_to() -> None:
    assert fitting(figures_of("体重18斤", "zh"), SIZES)[:3] == [False, True, False]
