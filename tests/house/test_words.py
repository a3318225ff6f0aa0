"""Every word of the console exists once, and in both languages with the same places to fill in."""

import re
import tomllib
from importlib.resources import files

import pytest

from xiaoer.web.console.render import LANGUAGES, WORDS

PLACE = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_hides_another(language: str) -> None:
    folder = files("xiaoer.web.console")
    tables = [
        tomllib.loads(each.read_text(encoding="utf-8"))
        for each in folder.iterdir()
        if each.name.endswith(f"_{language}.toml")
    ]
    assert sum(len(table) for table in tables) == len(WORDS[language])


def test_both_languages_say_the_same_things() -> None:
    assert WORDS["zh"].keys() == WORDS["en"].keys()
    for name, text in WORDS["zh"].items():
        assert set(PLACE.findall(text)) == set(PLACE.findall(WORDS["en"][name])), name
