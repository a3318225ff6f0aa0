"""Which kinds of things a text names, in any language, and which goods a kind and a figure point to: a 67 W charger."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from itertools import chain, product, zip_longest

from xiaoer.commerce.values import Product
from xiaoer.language import quantities, units
from xiaoer.language.lexicon import SPACED, Lexicon, is_spaced
from xiaoer.language.normal_han import SIMPLER
from xiaoer.patterns import lazy, lazy_table, toml

_TABLE = toml("xiaoer.assistant.flows", "kinds.toml")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().translate(SIMPLER)


_KIND_OF = lazy_table(
    lambda: {_folded(word).removesuffix("*"): kind for kind, words in _TABLE.items() for word in words}
)


def _spellings(word: str) -> Iterator[str]:
    """A word as it may stand in a text: in one or in parts, and as an English plural."""
    for gaps in product((" ", "-", ""), repeat=word.count(" ")):
        whole = "".join(chain.from_iterable(zip_longest(word.split(" "), gaps, fillvalue="")))
        yield from (f"{whole}{ending}" for ending in ("", "s", "es") if not ending or _is_plain(word))


def _is_plain(word: str) -> bool:
    return word.isascii() and is_spaced(word, 0)


def _named() -> dict[str, str]:
    longest_first = sorted(_KIND_OF, key=len, reverse=True)
    found: dict[str, str] = {}
    for word in longest_first:
        for spelling in _spellings(word):
            found.setdefault(spelling, _KIND_OF[word])
    return found


def _stands_alone(text: str, start: int, end: int) -> bool:
    return not is_spaced(text, start) or not (is_spaced(text, start - 1) or is_spaced(text, end))


_NAMED = lazy_table(_named)
"""The kind that each spelling means."""


@cache
def _lexicon() -> Lexicon:
    return Lexicon(_NAMED, _stands_alone)


_HEAD_FIRST = lazy("[\u0e00-\u0e7fàáâãèêìíòôõùúýăđơưạ-ỹ]")
"""Letters of languages that name the thing first and then what it is for."""
_DESCRIBING = frozenset({"charge", "data", "energy", "horsepower", "inch", "length", "mass", "power", "size", "volume"})
"""Dimensions of the figures that names of goods hold."""


@cache
def any_thing() -> str:
    """A pattern for whatever is the name of a kind, in a folded text."""
    words = sorted(_KIND_OF, key=len, reverse=True)
    run_on = "|".join(re.escape(word) for word in words if not is_spaced(word, 0))
    plain = "|".join(_in_parts(word) for word in words if _is_plain(word))
    marked = "|".join(_in_parts(word) for word in words if is_spaced(word, 0) and not word.isascii())
    return rf"(?:{run_on}|(?<!{SPACED})(?:(?:{plain})(?:e?s)?|{marked})(?!{SPACED}))"


def _in_parts(word: str) -> str:
    return "[ -]?".join(map(re.escape, word.split(" ")))


@lru_cache(maxsize=4096)
def kinds_in(text: str) -> tuple[str, ...]:
    """The kinds that a text names, in its order."""
    return tuple(dict.fromkeys(_NAMED[found.name] for found in _lexicon().find(_folded(text))))


@cache
def _parts() -> frozenset[str]:
    """Words that mean what belongs to a thing of the kind, and not the thing."""
    return frozenset(
        _folded(word).removesuffix("*") for words in _TABLE.values() for word in words if word.endswith("*")
    )


def kind_alone(text: str) -> str | None:
    """The kind whose name the whole text is."""
    words = _folded(text).strip()
    return None if words in _parts() else _NAMED.get(words)


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


def _figures(text: str) -> set[tuple[Decimal, str]]:
    """The measures that a text names, in base units."""
    measured = [(each.value.amount, units.named(each.value.unit)) for each in quantities.find(text)]
    return {(amount * unit.factor, unit.dimension) for amount, unit in measured if unit.dimension in _DESCRIBING}
