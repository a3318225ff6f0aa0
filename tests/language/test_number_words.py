from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaoer.language import number_words, numbers

LANGUAGES = ("zh", "en", "vi", "th", "ja", "ko", "ru", "es", "fr", "de", "pt", "id", "ms", "ar")
SPELLED_AS = {"zh": ("zh", "zh_Hant"), "pt": ("pt", "pt_PT")}


def spelled(number: int, locale: str) -> str:
    """The number in words, by the rules of CLDR."""
    return pytest.importorskip("icu_rbnf").spellout(number, locale)


def values(text: str, language: str | None) -> list[Decimal]:
    return [found.value for found in numbers.find(text, language)]


@pytest.mark.parametrize("language", LANGUAGES)
@given(number=st.one_of(st.integers(11, 99), st.integers(101, 9_999), st.integers(10_001, 99_999_999)))
def test_a_number_written_in_words_is_read_back(language, number):
    if set(str(number)) <= {"0", "1"} or (language == "ko" and number % 10 == 1):
        return  # 百 and 千百 alone may be no numbers, and 삼십일 is said for thirty days as well
    for locale in SPELLED_AS.get(language, (language,)):
        assert values(spelled(number, locale), language) == [number], locale


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_to_a_thousand_are_read_back_beside_what_they_count(language):
    counted = {
        "zh": "{}个",
        "ja": "{}個",
        "ko": "{} 개",
        "th": "{}ชิ้น",
        "vi": "{} cái",
        "ru": "{} штук",
        "ar": "{} قطعة",
    }
    counted |= {
        "de": "{} Stück",
        "es": "{} piezas",
        "pt": "{} peças",
        "fr": "{} pièces",
        "id": "{} buah",
        "ms": "{} unit",
    }
    for number in range(2, 1000):
        if language == "ko" and number % 10 == 1:
            continue
        said = counted.get(language, "{} pieces").format(spelled(number, language))
        assert values(said, language) == [number], said


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("廿五个", "zh", "25"),
        ("来俩", "zh", "2"),
        ("两台", "zh", "2"),
        ("半斤", "zh", "0.5"),
        ("一百五", "zh", "150"),
        ("百五", "ja", "105"),
        ("半打啤酒", "zh", "6"),
        ("五六十个", "zh", "50"),
        ("ふたつください", "ja", "2"),
        ("半ダース", "ja", "6"),
        ("하나 주세요", "ko", "1"),
        ("스무 개", "ko", "20"),
        ("twelve pcs", "en", "12"),
        ("twelve pcs", None, "12"),
        ("a couple of lamps", "en", "2"),
        ("half a dozen", "en", "6"),
        ("two and a half kilos", "en", "2.5"),
        ("fifteen hundred", "en", "1500"),
        ("media docena de huevos", "es", "6"),
        ("meia dúzia", "pt", "6"),
        ("une demi-douzaine", "fr", "6"),
        ("ein halbes Dutzend", "de", "6"),
        ("anderthalb Liter", "de", "1.5"),
        ("полдюжины", "ru", "6"),
        ("пару штук", "ru", "2"),
        ("полтора килограмма", "ru", "1.5"),
        ("setengah lusin", "id", "6"),
        ("nửa tá trứng", "vi", "6"),
        ("hai lăm cái", "vi", "25"),
        ("2 triệu rưỡi", "vi", "2500000"),
        ("ครึ่งโหล", "th", "6"),
        ("نصف دزينة", "ar", "6"),
        ("خمسه قطع", "ar", "5"),
    ],
)
def test_what_people_say_for_a_number_is_read(text, language, value):
    assert values(text, language) == [Decimal(value)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("一般一定", "zh"),
        ("一打开就坏", "zh"),
        ("我俩", "zh"),
        ("三星手机", "zh"),
        ("이만 갈게요", "ko"),
        ("둘러보다", "ko"),
        ("สามารถ", "th"),
        ("thứ ba", "vi"),
        ("once again", None),
        ("neuf", "fr"),
        ("Ba Tư", "vi"),
    ],
)
def test_words_that_only_look_like_numbers_are_none(text, language):
    assert values(text, language) == []


def test_two_numbers_side_by_side_stay_two():
    assert values("two three", "en") == [2, 3]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_counts_to_ninety_nine_and_knows_a_half_and_a_dozen(language):
    words = number_words.vocabulary(language)
    assert words is not None
    kinds = {token.kind for tokens in words.words.values() for token in tokens}
    assert {"one", "big", "dozen"} <= kinds
    assert kinds & {"half", "behind"}
