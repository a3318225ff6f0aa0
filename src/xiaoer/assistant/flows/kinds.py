"""Which kinds of things a text names, in any language, and which goods a kind and a figure point to: a 67 W charger."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from importlib.resources import files

from xiaoer.commerce.values import Product
from xiaoer.language.normal_han import SIMPLER
from xiaoer.language.numerals import fold
from xiaoer.patterns import lazy

_TABLE: dict[str, list[str]] = tomllib.loads(
    (files("xiaoer.assistant.flows") / "kinds.toml").read_text(encoding="utf-8")
)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().translate(SIMPLER)


_KIND_OF = {_folded(word).removesuffix("*"): kind for kind, words in _TABLE.items() for word in words}
_PART_OF_IT = {_folded(word).removesuffix("*") for words in _TABLE.values() for word in words if word.endswith("*")}
_LETTER = r"[^\W\d_\u0e00-\u0e7f\u2e80-\u9fff\uac00-\ud7af]"
"""A letter of a script that puts spaces between words."""
_SPACED = lazy(_LETTER)


def _pattern(word: str) -> str:
    if not _SPACED.match(word):
        return re.escape(word)
    plural = "(?:e?s)?" if word.isascii() else ""
    return rf"(?<!{_LETTER}){_spaced(word)}{plural}(?!{_LETTER})"


def _spaced(word: str) -> str:
    return "[ -]?".join(map(re.escape, word.split(" ")))


_WORDS = lazy(lambda: "|".join(f"({_pattern(word)})" for word in sorted(_KIND_OF, key=len, reverse=True)))
_BY_GROUP = [_KIND_OF[word] for word in sorted(_KIND_OF, key=len, reverse=True)]
_HEAD_FIRST = lazy("[\u0e00-\u0e7fàáâãèêìíòôõùúýăđơưạ-ỹ]")
"""Letters of languages that name the thing first and then what it is for."""
_FIGURE = lazy(
    r"(\d+(?:\.\d+)?)\s*(万)?\s*(mah|毫安时?|wh|w|瓦|升|l|匹|英寸|寸|inch|gb|tb|mm|毫米|cm|厘米|码)(?![a-z])",
    re.IGNORECASE,
)
_UNITS = {
    "毫安": "mah",
    "毫安时": "mah",
    "瓦": "w",
    "升": "l",
    "寸": "inch",
    "英寸": "inch",
    "毫米": "mm",
    "厘米": "cm",
}


@cache
def any_thing() -> str:
    """A pattern for whatever is the name of a kind, in a folded text."""
    words = sorted(_KIND_OF, key=len, reverse=True)
    run_on = "|".join(re.escape(word) for word in words if not _SPACED.match(word))
    plain = "|".join(_spaced(word) for word in words if _SPACED.match(word) and word.isascii())
    marked = "|".join(_spaced(word) for word in words if _SPACED.match(word) and not word.isascii())
    return rf"(?:{run_on}|(?<!{_LETTER})(?:(?:{plain})(?:e?s)?|{marked})(?!{_LETTER}))"


@lru_cache(maxsize=4096)
def kinds_in(text: str) -> tuple[str, ...]:
    """The kinds that a text names, in its order."""
    return tuple(dict.fromkeys(_BY_GROUP[(found.lastindex or 1) - 1] for found in _WORDS.finditer(_folded(text))))


def kind_alone(text: str) -> str | None:
    """The kind whose name the whole text is."""
    words = _folded(text).strip()
    found = _WORDS.fullmatch(words)
    return _BY_GROUP[(found.lastindex or 1) - 1] if found and words not in _PART_OF_IT else None


def is_of(name: str, kind: str) -> bool:
    """Whether a thing of this name is of the kind: 晨穗 8 透明保护壳 is a case, Magnetic watch cable no watch."""
    named = kinds_in(name)
    return bool(named) and named[0 if _HEAD_FIRST.search(_folded(name)) else -1] == kind


def words_for(kind: str) -> Sequence[str]:
    """All that a kind, and what is of it, is called."""
    return [word.removesuffix("*") for word in _TABLE[kind]]


def by_figure(text: str, products: Sequence[Product]) -> Product | None:
    """The only product of the kind that is said whose name has every figure that is said."""
    wanted = _figures(text)
    kinds = kinds_in(text)
    if not wanted or not kinds:
        return None
    found = [
        product
        for product in products
        if wanted <= _figures(" ; ".join(product.name.values())) and _is_any(product.name.values(), kinds)
    ]
    return found[0] if len(found) == 1 else None


def _is_any(names: Iterable[str], kinds: Sequence[str]) -> bool:
    return any(is_of(name, kind) for name in names for kind in kinds)


def _figures(text: str) -> set[tuple[float, str]]:
    found = set()
    for value, wan, unit in _FIGURE.findall(fold(text).lower()):
        found.add((float(value) * (10_000 if wan else 1), _UNITS.get(unit, unit)))
    return found
