import re
from decimal import Decimal
from string import Formatter

import pytest

from xiaoer.assistant.flows.slots import says_stop
from xiaoer.assistant.flows.wants import wants_of
from xiaoer.assistant.flows.words import TABLES, amount, listed
from xiaoer.assistant.flows.yes_no import yes_or_no
from xiaoer.assistant.understanding.result import understand
from xiaoer.commerce.money import Money
from xiaoer.language import quantities
from xiaoer.language.detect import LANGUAGES

QUOTED = re.compile(r"[“「«„]\s?([^”」»“]+?)\s?[”」»“]")
OF_ANOTHER_ALPHABET = {"zh", "th", "ja", "ko", "ru", "ar"}
KEYS = sorted(TABLES["en"])


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_a_dialogue_speaks_every_language_of_ours():
    assert set(TABLES) == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_a_dialogue_is_there_and_takes_the_same_values(language):
    assert sorted(TABLES[language]) == KEYS
    for key in KEYS:
        assert placeholders(TABLES[language][key]) == placeholders(TABLES["en"][key]), key
        assert TABLES[language][key] == TABLES[language][key].strip(), key
        assert not re.search("[!！]", TABLES[language][key]), key


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_no_text_of_a_dialogue_was_left_in_english(language):
    english = {key: re.sub(r"\{\w+\}", "", text) for key, text in TABLES["en"].items()}
    worded = {key for key, text in english.items() if re.search("[a-z]{4}", text)}
    assert len({key for key in worded if TABLES[language][key] == TABLES["en"][key]}) <= 4


@pytest.mark.parametrize("language", sorted(OF_ANOTHER_ALPHABET))
def test_states_are_told_in_the_customers_own_letters(language):
    for key in KEYS:
        if key.startswith(("state_", "parcel_", "request_", "day_")):
            assert not re.search("[A-Za-z]{2}", re.sub(r"\{\w+\}", "", TABLES[language][key])), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_that_a_customer_is_told_to_answer_with_are_understood(language):
    texts = TABLES[language]
    yes, no = QUOTED.findall(texts["confirm_ask"])[:2]
    assert yes_or_no(yes) is True
    assert yes_or_no(no) is False
    for stop in QUOTED.findall(texts["wanted_again"]):
        assert says_stop(stop, understand(stop, prior=language))
    (undo,) = QUOTED.findall(texts["undo_hint"])
    assert wants_of(undo, named=False) == ("undo",)
    tapped = texts["return_unsent_tap"].format(number="XH8800000004")
    assert wants_of(tapped, named=True) == ("cancel",)
    assert understand(texts["person"], prior=language).intent == "person"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("figure", "currency"), [("4299", "CNY"), ("1500000", "VND"), ("12.50", "USD"), ("89.9", "EUR")]
)
def test_money_is_written_as_the_language_does_and_is_read_back(language, figure, currency):
    written = amount(Money(Decimal(figure), currency), language)
    if (language, currency) != ("ja", "CNY"):  # 元 in front, which nobody writes but the locale data
        (found,) = quantities.find(written, language)
        assert (found.value.amount, found.value.unit) == (Decimal(figure), currency)


def test_a_sum_has_the_marks_of_its_readers():
    money = Money(Decimal(4299), "CNY")
    assert amount(money, "zh") == "¥4,299.00"
    assert amount(money, "en") == "CN¥4,299.00"
    assert amount(money, "de").replace("\u00a0", " ") == "4.299,00 CN¥"
    assert amount(money, "xx") == amount(money, "en")


def test_things_in_a_row_are_parted_as_the_language_does():
    assert listed(["a", "b"], "ja") == "a、b"
    assert listed(["a", "b"], "ar") == "a، b"
    assert listed(["a", "b"], "pt") == "a, b"
