"""Units and currencies as customers write them in fourteen languages, and which of them mean the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final

from babel import Locale

from xiaoer.language.text import fold, lowered
from xiaoer.patterns import lazy, lazy_table, toml

TABLE = toml("xiaoer.language", "data/units.toml")

HARD: Final = frozenset({"money", "time", "calendar", "workday", "percent", "discount"})
CLDR_LANGUAGES: Final = (
    "zh", "zh_Hant", "en", "vi", "th", "ja", "ko", "ru", "es", "fr", "de", "pt", "id", "ms", "ar",
)  # fmt: skip
_SPACED = "A-Za-zÀ-ɏḀ-ỹА-яё"
_SPACED_LETTER = lazy(f"[{_SPACED}]")
_SHORTEST_NAME = 3
"""Letters of a name from CLDR in Latin or Cyrillic script: shorter ones are words of other languages (in, to, po)."""
_LEAD = lazy(
    r"(?: an?(?= ))?(?: |-(?=[A-Za-z])|[\u200b])?(?:多|余|来|几)?"
    r"(?:个(?=半?(?:小时|天|月|工作|星期|礼拜|自然|钟头|营业)))?(?P<half>半)?"
)
_MORE = lazy(r"半(?!价|天|年|折|小时)")
_LONGEST_SIGN = 5


@dataclass(frozen=True)
class Unit:
    """`name` is that of CLDR, or a currency's code; a quantity in the base unit is its value times `factor`."""

    name: str
    dimension: str
    factor: Decimal = Decimal(1)

    @property
    def hard(self) -> bool:
        """Whether the wrong unit changes what is owed: money, time, percentages."""
        return self.dimension in HARD


DISCOUNT: Final = Unit("discount", "discount")
OF_PRICE: Final = Unit("of_price", "of_price")
PART: Final = Unit("part", "part")
"""A figure that is a piece of a date, a time or a code; it never stands for a quantity."""


@cache
def named(name: str) -> Unit:
    """The unit of a name, such as "year" or "CNY"."""
    if name in TABLE["currencies"]:
        return Unit(name, "money")
    if name == DISCOUNT.name:
        return DISCOUNT
    return Unit(name, TABLE[name]["dimension"], Decimal(str(TABLE[name].get("factor", 1))))


def _own() -> dict[str, dict[str, Any]]:
    return {name: rule for name, rule in TABLE.items() if "dimension" in rule}


def _folded() -> dict[str, Unit]:
    folded: dict[str, Unit] = {}
    said = {**{name: rule.get("also", "") for name, rule in _own().items()}, **TABLE["currencies"]}
    for name, words in said.items():
        for word in words.split():
            folded.setdefault(_plain(word.replace("_", " ")), named(name))
    for sign, meant in _SIGNS.items():
        folded.setdefault(_plain(sign), meant[0])
    for name, word in _from_cldr():
        folded.setdefault(_plain(word), named(name))
    return folded


_FOLDED = lazy_table(_folded)
"""What each spelling means, in lower case."""
_EXACT = lazy_table(
    lambda: {each: named(name) for name, rule in _own().items() for each in rule.get("exact", "").split()}
)
_SIGNS = lazy_table(lambda: {sign: tuple(map(named, codes.split())) for sign, codes in TABLE["signs"].items()})


def _plain(word: str) -> str:
    return lowered(fold(word))


def _from_cldr() -> Iterator[tuple[str, str]]:
    """The names of units and currencies in the locale data, in all their grammatical numbers."""
    for language in CLDR_LANGUAGES:
        data = Locale.parse(language)._data  # noqa: SLF001 - units by all their plural forms have no public door
        for name, rule in _own().items():
            for length in ("long", "short"):
                forms = data["unit_patterns"].get(rule.get("cldr"), {}).get(length, {})
                for form, pattern in forms.items():
                    if form != "per" and isinstance(pattern, str) and "{0}" in pattern:
                        yield from _long_enough(name, pattern.replace("{0}", "").strip())
        for code in TABLE["currencies"]:
            for word in {data["currency_names"].get(code, ""), *data["currency_names_plural"].get(code, {}).values()}:
                yield from _long_enough(code, word)


def _long_enough(name: str, word: str) -> Iterator[tuple[str, str]]:
    if len(word) >= _SHORTEST_NAME + word.endswith(".") or (len(word) > 1 and not _SPACED_LETTER.search(word)):
        yield name, word


def after(text: str, position: int, language: str = "") -> tuple[Unit, int, Decimal] | None:
    """The unit written at `position` of a folded text, where it ends, and what a 半 beside it adds to the value."""
    lead = _LEAD.match(text, position)
    assert lead is not None  # it may be empty
    found = _longest_at(text, lead.end()) or (_longest_at(text, position) if lead.end() > position else None)
    if found is None:
        is_minutes = language == "ja" and text.startswith("分", position)
        return (named("minute"), position + 1, Decimal(0)) if is_minutes else None
    unit, end = found
    more = _MORE.match(text, end)
    extra = Decimal("0.5") if more is not None or lead.group("half") else Decimal(0)
    return unit, more.end() if more is not None else end, extra


def _longest_at(text: str, position: int) -> tuple[Unit, int] | None:
    piece = lowered(text[position : position + _longest()])
    for length in range(len(piece), 0, -1):
        unit = _FOLDED.get(piece[:length])
        if unit is not None and _ends_there(text, position + length, piece[:length]):
            return unit, position + length
    unit = _EXACT.get(text[position : position + 2]) or _EXACT.get(text[position : position + 1])
    end = position + (2 if text[position : position + 2] in _EXACT else 1)
    return (unit, end) if unit is not None and not _SPACED_LETTER.match(text, end) else None


@cache
def _longest() -> int:
    return max(map(len, _FOLDED))


def _ends_there(text: str, end: int, spelling: str) -> bool:
    """A spelling that ends in a letter of a spaced script may not go on with another, nor a Chinese one with some."""
    following = text[end : end + 1]
    if following and following in TABLE["not_behind"].get(spelling, ""):
        return False
    return not (_SPACED_LETTER.match(spelling[-1]) and _SPACED_LETTER.match(following))


def before(text: str, position: int) -> tuple[tuple[Unit, ...], int] | None:
    """The currencies a sign in front of `position` may stand for, and where the sign begins."""
    end = position - 1 if text[position - 1 : position] == " " else position
    for length in range(min(_LONGEST_SIGN, end), 0, -1):
        sign = text[end - length : end]
        meant = _SIGNS.get(sign) or _SIGNS.get(sign.upper() if len(sign) > 2 else sign)  # noqa: PLR2004 - rmb 12, usd 12
        if meant and not (sign[0].isalpha() and _SPACED_LETTER.match(text[end - length - 1 : end - length])):
            return meant, end - length
    return None


def same(one: Unit, other: Unit) -> bool:
    """Whether values in these units may be compared, after their factors."""
    if one.dimension == "money":
        return one.name == other.name
    return one.dimension == other.dimension


def dimensions(text: str) -> frozenset[str]:
    """The hard dimensions whose units are named anywhere in a folded text, as a table's head does: 价格(元)."""
    found: set[str] = set()
    at = 0
    while at < len(text):
        if text[at].isalpha() and at and _SPACED_LETTER.match(text[at]) and _SPACED_LETTER.match(text[at - 1]):
            at += 1
            continue
        here = _longest_at(text, at) if not text[at].isspace() else None
        if here is not None and here[0].hard:
            found.add(here[0].dimension)
        at = here[1] if here is not None else at + 1
    return frozenset(found)
