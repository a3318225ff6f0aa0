"""Words that carry no matter of their own: articles, particles, pronouns and the like, of all languages."""

import tomllib
from functools import cache
from importlib.resources import files

_FOLDER = "xiaoer.language"
_EVERYWHERE = "international"
"""The line of words that every language borrows, and which names of goods are made of: pro, max, mini."""


@cache
def function_words(language: str = "") -> frozenset[str]:
    """The function words of a language, or of all that put spaces between words, in small letters."""
    table = tomllib.loads((files(_FOLDER) / "detect_words.toml").read_text(encoding="utf-8"))
    lines = [table[language]] if language else [line for name, line in table.items() if name != _EVERYWHERE]
    return frozenset(word for line in lines for word in line.split())
