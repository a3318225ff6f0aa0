from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaoer.language import numbers
from xiaoer.language.text import fold


def values(text: str, language: str) -> list[Decimal]:
    return [number.values[0] for number in numbers.readings(fold(text), language, strict=True)]


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("三十天", "zh", "30"),
        ("两万", "zh", "20000"),
        ("一千二", "zh", "1200"),
        ("一千零二", "zh", "1002"),
        ("两万五", "zh", "25000"),
        ("十二万三千四百五十六", "zh", "123456"),
        ("1万2千元", "zh", "12000"),
        ("１，０００元", "zh", "1000"),
        ("貳萬元", "zh", "20000"),
        ("3.5折", "zh", "3.5"),
        ("1,000", "en", "1000"),
        ("1.500", "en", "1.5"),
        ("1.500", "vi", "1500"),
        ("1.234,56 €", "de", "1234.56"),
        ("3,5 kg", "fr", "3.5"),
        ("1 000 руб", "ru", "1000"),
        ("twenty-five days", "en", "25"),
        ("two hundred and fifty thousand", "en", "250000"),
        ("hai mươi lăm ngày", "vi", "25"),
        ("mười năm", "vi", "10"),
        ("ba trăm nghìn đồng", "vi", "300000"),
        ("500k", "vi", "500000"),
        ("3 triệu 500 nghìn", "vi", "3500000"),
        ("สามสิบเอ็ดวัน", "th", "31"),
        ("๓๐ วัน", "th", "30"),
        ("5 ล้านบาท", "th", "5000000"),
        ("삼십일", "ko", "30"),
        ("3만원", "ko", "30000"),
        ("двадцать пять дней", "ru", "25"),
        ("treinta y cinco días", "es", "35"),
        ("trinta e cinco dias", "pt", "35"),
        ("quatre-vingt-dix-neuf", "fr", "99"),
        ("vierundzwanzig Stunden", "de", "24"),
        ("dua belas bulan", "id", "12"),
        ("٣٠ يوم", "ar", "30"),
        ("$5m", "en", "5000000"),
        ("6½", "en", "6.5"),
    ],
)
def test_a_number_has_its_value_in_any_script_and_in_words(text, language, value):
    assert values(text, language) == [Decimal(value)]


@pytest.mark.parametrize("text", ["万一", "千万不要", "十分满意", "百货", "一般情况", "统一安排", "千兆网口"])
def test_chinese_words_that_look_like_numbers_are_none(text):
    assert values(text, "zh") == []


def test_a_version_and_a_list_are_several_figures():
    assert values("v1.2.3", "en") == [1, 2, 3]
    assert values("1,2,3", "en") == [1, 2, 3]


def test_a_figure_of_unknown_language_keeps_both_readings():
    (number,) = numbers.readings("1.500", "", strict=False)
    assert set(number.values) == {Decimal(1500), Decimal("1.5")}


def test_the_first_figure_of_a_range_may_count_what_the_second_counts():
    first, second = numbers.readings("3到5万", "zh", strict=True)
    assert first.values == (3, 30000)
    assert second.values == (50000,)


@given(st.text(max_size=200), st.sampled_from(["zh", "en", "vi", "th", "ja", "ko", "ru", "ar", "de", "xx"]))
def test_any_text_is_folded_letter_by_letter_and_read_without_failing(text, language):
    folded = fold(text)
    assert len(folded) == len(text)
    for number in numbers.readings(folded, language, strict=False):
        assert 0 <= number.start < number.end <= len(text)


@given(st.integers(min_value=1, max_value=99_999_999))
def test_grouped_figures_read_as_plain_ones(number):
    assert values(f"{number:,}", "en") == [number]
    assert values(f"{number:,}".replace(",", "."), "de") == [number]
