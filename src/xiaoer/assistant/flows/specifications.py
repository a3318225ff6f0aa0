"""Which rows of a product's specifications a question asks for, by rules, in any language that has them.

Certain or silent: once the product's name, what is asked and the words between are taken away, nothing may be left.
换屏多少钱 leaves 换 and 多少钱, so it is for the shop's articles, though it says 屏.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from xiaoer.commerce.values import Product
from xiaoer.patterns import lazy, lazy_table, toml

_TABLE = toml("xiaoer.assistant.flows", "specifications.toml")
_CODE = lazy(r"(?<![a-z0-9])[a-z]{1,4}\d[a-z0-9]*(?![a-z0-9])")
_LONGEST = 60


@dataclass(frozen=True)
class _Attribute:
    rows: frozenset[str]
    asked: re.Pattern[str]
    label: Mapping[str, str]


def _any(patterns: Sequence[str]) -> str:
    # Folded like the words they are compared with: Thai vowels come apart.
    return unicodedata.normalize("NFKC", "|".join(f"(?:{each})" for each in patterns))


_FILLER = lazy(lambda: _any(_TABLE["filler"]))
_ATTRIBUTES = lazy_table(
    lambda: {
        name: _Attribute(frozenset(rule["rows"]), lazy(_any(rule["asked"])), rule["label"])
        for name, rule in _TABLE.items()
        if name != "filler"
    }
)


class Row(NamedTuple):
    """A specification as it is told: its name in the customer's language, its value as the shop wrote it."""

    name: str
    value: str


def asked_for(rest: str, product: Product, language: str) -> list[Row]:
    """The rows that a question asks for; `rest` is the question without the product's name."""
    words = unicodedata.normalize("NFKC", rest).lower()
    if len(words) > _LONGEST or not product.specifications:
        return []
    named = {name: rule for name, rule in _ATTRIBUTES.items() if rule.asked.search(words)}
    left = words
    for rule in named.values():
        left = rule.asked.sub(" ", left)
    left = _FILLER.sub(" ", left)
    codes = _CODE.findall(left)
    if re.sub(r"[\W_]+", "", _CODE.sub("", left)):
        return []
    written, rows = _in(language, product)
    if codes:
        return [Row(*each) for each in rows if all(_says(each[1], code) for code in codes)][:1]
    found: dict[Row, None] = {}
    for rule in named.values():
        its = [row for row in rows if row[0].lower() in rule.rows]
        for name, value in its:
            label = name if written == language else rule.label.get(language, name)
            found[Row(label if len(its) == 1 or label == name else f"{label} ({name})", value)] = None
    return list(found)


def is_asked(text: str) -> bool:
    """Whether a message may ask for a specification at all; most do not, and no product is looked for then."""
    words = unicodedata.normalize("NFKC", text).lower()
    if len(words) > 2 * _LONGEST:
        return False
    return any(rule.asked.search(words) for rule in _ATTRIBUTES.values()) or _CODE.search(words) is not None


def _in(language: str, product: Product) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The rows in the customer's language, else in English, else in the shop's own."""
    for each in (language, "en", *product.specifications):
        if each in product.specifications:
            return each, product.specifications[each]
    return language, ()


def _says(value: str, code: str) -> bool:
    return re.search(rf"(?<![a-z0-9]){re.escape(code)}(?![a-z0-9])", value.lower()) is not None
