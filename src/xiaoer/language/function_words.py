"""Words that carry no matter of their own: articles, particles, pronouns and the like, of all languages."""

import tomllib
from functools import cache
from importlib.resources import files


@cache
def function_words() -> frozenset[str]:
    """The function words of languages that put spaces between words, in small letters."""
    table = tomllib.loads((files("xiaoer.language") / "detect_words.toml").read_text(encoding="utf-8"))
    return frozenset(word for line in table.values() for word in line.split())
