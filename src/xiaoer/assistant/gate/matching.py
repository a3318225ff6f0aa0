"""Whether a claimed value is written in a text: the same amount in any unit, the same day, the same code."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from xiaoer.assistant.gate import figures, tokens
from xiaoer.assistant.gate.claims import Meaning
from xiaoer.assistant.gate.dates import Date, Moment
from xiaoer.assistant.gate.sources import Source
from xiaoer.assistant.gate.tokens import Token
from xiaoer.language import units
from xiaoer.language.quantities import Reading
from xiaoer.language.units import Unit
from xiaoer.patterns import lazy

_MONEY_WORDS = lazy(
    r"价格?|售价|金额|费用?|满\s?\d|减\s?\d|省\s?\d|返\s?\d|抵\s?\d|送\s?\d|券|price|cost|fee|total|amount|giá|phí|ราคา|ค่า|価格|料金|가격|요금|цена|"
    r"стоимость|precio|preço|prix|preis|harga|السعر|subtotal|discount|refund|paid",
    re.IGNORECASE,
)


def is_found(meaning: Meaning, sources: Sequence[Source]) -> bool:
    """Whether one of `sources` holds the value."""
    if isinstance(meaning, Reading):
        return has_quantity(meaning, sources)
    if isinstance(meaning, Date):
        return has_date(meaning, sources)
    if isinstance(meaning, Moment):
        return has_moment(meaning, sources)
    return isinstance(meaning, Token) and has_token(meaning, sources)


def has_quantity(wanted: Reading, sources: Sequence[Source]) -> bool:
    """Whether one of `sources` holds the same value with a unit that means the same."""
    return any(_same(wanted, found, one) for one in sources for found in one.facts.quantities) or (
        not wanted.units and _is_year(wanted, sources)
    )


def _is_year(wanted: Reading, sources: Sequence[Source]) -> bool:
    return any(date.year == wanted.values[0] for one in sources for date in one.facts.dates)


def _same(wanted: Reading, found: Reading, one: Source) -> bool:
    if not wanted.units:
        return bool(set(wanted.values) & set(found.values))
    if not found.units:
        return bool(set(wanted.values) & set(found.values)) and _may_be(wanted.units, found, one)
    return any(
        comparable(mine, theirs)
        and {value * mine.factor for value in wanted.values} & {value * theirs.factor for value in found.values}
        for mine in wanted.units
        for theirs in found.units
    )


def comparable(mine: Unit, theirs: Unit) -> bool:
    """Whether a claim in `mine` can rest on a figure in `theirs`."""
    if mine.dimension == "discount":
        return theirs.dimension in {"discount", "percent"}
    if mine.dimension in {"percent", "of_price"}:
        return theirs.dimension in {"percent", "discount", "of_price"} and (
            mine.dimension == "percent" or theirs.dimension == "of_price"
        )
    return units.same(mine, theirs)


def _may_be(wanted: tuple[Unit, ...], found: Reading, one: Source) -> bool:
    """Whether a figure without a unit can be meant in the wanted one: the words of its line say so."""
    if not any(unit.hard for unit in wanted):
        return True
    begin = max(one.text.rfind(sign, 0, found.start) for sign in "\n。；;") + 1
    line = one.text[begin : found.start] + one.text[found.end : found.end + 12].split("\n", 1)[0]
    named = _named(line)
    return any(unit.dimension in named for unit in wanted)


@lru_cache(maxsize=4096)
def _named(line: str) -> frozenset[str]:
    return units.dimensions(line) | (frozenset({"money"}) if _MONEY_WORDS.search(line) else frozenset())


def has_date(wanted: Date, sources: Sequence[Source]) -> bool:
    """Whether the date is written in `sources`; its year may stand elsewhere in them."""
    every = [date for one in sources for date in one.facts.dates]
    if any(wanted.within(date) for date in every):
        return True
    lone = wanted.year if wanted.month is None and wanted.day is None else None if wanted.marked else wanted.day
    if lone is not None and any(lone in found.values for one in sources for found in one.facts.quantities):
        return True
    years = {date.year for date in every} | {
        int(value)
        for one in sources
        for found in one.facts.quantities
        if not found.units
        for value in found.values
        if value == int(value) and _FIRST_YEAR < value < _LAST_YEAR
    }
    bare = Date(None, wanted.month, wanted.day, wanted.start, wanted.end)
    return bool(wanted.month) and wanted.year in years and any(bare.within(date) and not date.year for date in every)


def has_moment(wanted: Moment, sources: Sequence[Source]) -> bool:
    """Whether the time of day, weekday or near day is written in `sources`."""
    found = [moment for one in sources for moment in one.facts.moments if moment.kind == wanted.kind]
    if any(set(wanted.values) & set(moment.values) for moment in found):
        return True
    return wanted.kind == "time" and any(set(wanted.values) & set(_hours(one)) for one in sources)


def _hours(one: Source) -> Iterator[int]:
    """The times that spans of hours such as '20-23 h' may mean, in minutes."""
    ends = figures.ends_of_ranges(one.text, one.facts.quantities)
    for found in one.facts.quantities:
        if found.start in ends and any(unit.name == "hour" for unit in found.units) and max(found.values) <= _DAY:
            yield from (int(value * 60) for value in found.values)


def has_token(wanted: Token, sources: Sequence[Source]) -> bool:
    """Whether the literal is written in `sources`, as a whole."""
    if wanted.kind == "link":
        return any(token.kind == "link" and token.key == wanted.key for one in sources for token in one.facts.tokens)
    if wanted.kind == "contact":
        if not wanted.key.isdigit():
            return any(wanted.key in one.text.casefold() for one in sources)
        return any(_dialled(wanted.key, token.key) for one in sources for token in one.facts.tokens) or any(
            re.search(rf"(?<!\d){wanted.key}(?!\d)", one.text) for one in sources
        )
    return any(tokens.matcher(wanted.key).search(one.text) for one in sources)


def _dialled(wanted: str, written: str) -> bool:
    """The same telephone number; one may carry the country's prefix."""
    longer, shorter = (wanted, written) if len(wanted) > len(written) else (written, wanted)
    core = shorter.removeprefix("0")
    prefixed = written.isdigit() and len(core) >= _NATIONAL and len(shorter) < len(longer) <= len(core) + _PREFIX
    return wanted == written or (prefixed and longer.endswith(core))


_DAY = 24
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_NATIONAL = 8
_PREFIX = 3
"""Fewest digits of a national number, and most digits of a country's prefix."""
