"""What a sentence claims: everything in it that a customer could hold the shop to."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

from xiaoer.assistant.gate import dates, figures, promises, tokens
from xiaoer.assistant.gate.dates import Date, Moment
from xiaoer.assistant.gate.promises import Bond
from xiaoer.assistant.gate.tokens import Token
from xiaoer.language.quantities import Reading
from xiaoer.language.text import fold
from xiaoer.language.units import PART, named
from xiaoer.patterns import lazy

Meaning: TypeAlias = Reading | Date | Moment | Token | Bond


@dataclass(frozen=True)
class Claim:
    """A claim at `start:end` of the sentence.

    `kind` is one of number, money, duration, percent, date, time, code, contact, link, promise, done, absolute, name,
    topic, polarity, support, forbidden. `value` is the normalised form as text, `unit` the canonical unit where there
    is one, `reason` why it was not backed (empty while unchecked).
    """

    kind: str
    text: str
    value: str
    unit: str | None
    start: int
    end: int
    reason: str = ""


@dataclass(frozen=True)
class Facts:
    """Everything found in one folded text."""

    quantities: tuple[Reading, ...]
    dates: tuple[Date, ...]
    moments: tuple[Moment, ...]
    tokens: tuple[Token, ...]
    bonds: tuple[Bond, ...]


_KINDS = {"money": "money", "time": "duration", "calendar": "duration", "workday": "duration", "percent": "percent"}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NAME = lazy(r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z'&.]*[A-Za-z](?![A-Za-z0-9])")
_COMMON = _words(
    """
    ok app ai vip id sn pdf sms faq hello hi thanks yes no pro max plus ultra mini lite and or the of to is a in on
    you your we our am pm cm mm km kg ml kw hz gb tb mb mah wifi wi-fi bluetooth usb type cny rmb usd vnd thb eur
    jpy krw vs tv pc www http https com
    """,
)


def claims(sentence: str, language: str) -> list[Claim]:
    """The claims of one sentence that must be found word for word or value for value, in the order they stand."""
    text = fold(sentence)
    return [describe(meaning, sentence) for meaning in meanings(text, language)]


def meanings(text: str, language: str) -> list[Meaning]:
    """The same for a folded text, as the finders' own values."""
    facts = read(text, language, strict=True)
    found: list[Meaning] = [*facts.quantities, *facts.dates, *facts.moments, *facts.tokens, *facts.bonds]
    return sorted(found, key=lambda one: one.start)


@lru_cache(maxsize=1024)
def read(text: str, language: str, *, strict: bool) -> Facts:
    """All facts of a folded text; not strict also finds the figures inside dates, times and codes, as parts."""
    literal = tokens.find(text)
    links = [token for token in literal if token.kind in {"link", "contact"} and not token.key.isdigit()]
    masked = _mask(text, links)
    days = dates.find_dates(masked, language)
    moments = dates.find_moments(_mask(masked, days), language)
    rest = _mask(masked, [*days, *moments])
    literal = [*links, *(token for token in tokens.find(rest) if token not in links)]
    counted = [*figures.find(_mask(rest, literal), language, strict=strict)]
    hours = figures.before_times(text, counted, moments)
    moments += hours
    counted = [one for one in counted if not any(hour.start == one.start for hour in hours)]
    if not strict:
        counted += _parts(text, [*days, *moments, *literal], language)
    bonds = promises.find(text)
    return Facts(tuple(counted), tuple(days), tuple(moments), tuple(literal), bonds)


def _mask(text: str, spans: Iterable[Token | Date | Moment]) -> str:
    """`text` with what stands in `spans` blanked out, at the same length."""
    characters = list(text)
    for span in spans:
        characters[span.start : span.end] = "\x01" * (span.end - span.start)
    return "".join(characters)


def _parts(text: str, spans: Iterable[Token | Date | Moment], language: str) -> list[Reading]:
    """The figures inside dates, times and codes: they back a bare figure, never one with a unit."""
    found = []
    for span in spans:
        for quantity in figures.find(text[span.start : span.end], language, strict=False):
            start = span.start + quantity.start
            if (
                isinstance(span, Date)
                and span.day is None
                and span.month is None
                and text[: span.end].rstrip()[-1:] == "年"
            ):
                found.append(replace(quantity, units=(named("year"),), start=start, end=span.end))
            found.append(Reading(quantity.values, (PART,), start, start + len(quantity.figure), quantity.figure))
    return found


def describe(meaning: Meaning, sentence: str) -> Claim:
    """The claim a found value makes."""
    text = sentence[meaning.start : meaning.end]
    if isinstance(meaning, Reading):
        unit = meaning.units[0] if meaning.units else None
        kind = _KINDS.get(unit.dimension, "number") if unit else "number"
        kind = "percent" if unit and unit.dimension in {"discount", "of_price"} else kind
        return Claim(kind, text, _plain(meaning.values[0]), unit.name if unit else None, meaning.start, meaning.end)
    if isinstance(meaning, Date):
        parts = (f"{meaning.year:04d}" if meaning.year else "", _two(meaning.month), _two(meaning.day))
        return Claim("date", text, "-".join(parts).strip("-"), None, meaning.start, meaning.end)
    if isinstance(meaning, Moment):
        kind = "time" if meaning.kind == "time" else "date"
        return Claim(kind, text, str(meaning.values[0]), None, meaning.start, meaning.end)
    return Claim(meaning.kind, text, meaning.key, None, meaning.start, meaning.end)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _two(number: int | None) -> str:
    return f"{number:02d}" if number else ""


def names(text: str) -> list[tuple[str, int]]:
    """Latin names inside a text of another script ('支持 PayPal'), where they can be told from running words."""
    wide = sum(1 for character in text if character > "\u0e00" and character.isalpha())
    latin = sum(1 for character in text if character.isascii() and character.isalpha())
    if wide < latin:
        return []
    return [(match.group(), match.start()) for match in _NAME.finditer(text) if match.group().casefold() not in _COMMON]
