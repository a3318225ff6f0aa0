import re
from pathlib import Path
from string import Formatter

import pytest

import xiaoer
from xiaoer.assistant.turns import JUDGE_WORDS
from xiaoer.language.detect import LANGUAGES, detect
from xiaoer.language.phrases import _TABLES, UnknownPhrase, joined, languages, phrase, spoken

SOURCES = "".join(path.read_text(encoding="utf-8") for path in Path(xiaoer.__file__).parent.rglob("*.py"))
KEYS = sorted(_TABLES["en"])
VALUES = {
    "shop": "Xiaoer",
    "hours": "9:00–18:00",
    "name": "Li",
    "limit": 500,
    "seconds": 3,
    "n": 3,
    "date": "2026-11-11",
    "number": "T-1",
    "when": "18:00",
    "place": "Singapore",
    "product": "X20S",
    "amount": "¥250",
    "goods": "power banks",
    "places": "Suzhou (Anhui) / Suzhou (Jiangsu)",
    "fee": "¥59.00",
    "free": "¥999.00",
    "contact": "+86 138 1234 5678",
    "link": "https://shop.test/chat",
    "days": 7,
}
CASES = [(language, key) for language in sorted(_TABLES) for key in KEYS]


def placeholders(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_language_of_ours_has_texts():
    assert set(languages()) == set(LANGUAGES)


@pytest.mark.parametrize("language", sorted(_TABLES))
def test_every_language_has_every_key(language):
    assert sorted(_TABLES[language]) == KEYS


@pytest.mark.parametrize(("language", "key"), CASES)
def test_a_text_takes_the_same_values_and_shouts_at_nobody(language, key):
    text = _TABLES[language][key]
    assert placeholders(text) == placeholders(_TABLES["en"][key])
    assert not re.search("[!！]", text)
    assert text == text.strip()
    assert phrase(key, language, **VALUES)


@pytest.mark.parametrize("key", KEYS)
def test_chinese_has_full_width_marks_and_a_space_before_latin(key):
    text = re.sub(r"\{\w+\}", "", _TABLES["zh"][key])
    assert not re.search(r"[,;:?]", text)
    assert not re.search(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]", text)
    assert "你" not in text


@pytest.mark.parametrize("language", sorted(set(_TABLES) - {"ms"}))
def test_the_texts_are_in_their_language(language):
    whole = phrase("refuse", language) + " " + phrase("handoff_waiting", language)
    assert detect(whole).language == language


def test_an_unknown_language_is_answered_in_the_shops_own_then_in_english():
    assert phrase("talk_to_person", "eo", fallback="vi") == "Gặp nhân viên"
    assert phrase("talk_to_person", "eo") == "Talk to a person"
    assert phrase("talk_to_person", "zh-TW") == "转人工客服"
    assert spoken("pt_BR") == "pt"


@pytest.mark.parametrize("key", KEYS)
def test_every_text_is_said_somewhere(key):
    assert re.search(f"[\"']{key}[\"']", SOURCES) or key.removeprefix("judge_") in JUDGE_WORDS


def test_an_unknown_key_is_a_mistake_that_is_named():
    with pytest.raises(UnknownPhrase, match="no_such_key"):
        phrase("no_such_key", "en")


def test_a_missing_value_is_a_mistake_that_is_named():
    with pytest.raises(UnknownPhrase, match="shop"):
        phrase("greeting", "en")


def test_sentences_are_joined_as_the_language_sets_them():
    assert joined("zh", "好。", "", "请稍候。") == "好。请稍候。"
    assert joined("en", "Sorry.", "Please wait.") == "Sorry. Please wait."
