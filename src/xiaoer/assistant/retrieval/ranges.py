"""Rows of tables that hold for a figure the customer gives: of a size chart the row for 72 cm and 18 斤, of a list of
fees the one for 600 g.

A row states its ranges cell by cell, as "73：身高（cm） 66-73，体重（斤） 16-20"; search keeps rows so. Words and
nearness do not tell such rows apart, figures do.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from xiaoer.language import quantities, units
from xiaoer.language.text import fold
from xiaoer.patterns import lazy

MEASURED = frozenset({"length", "inch", "mass", "volume", "calendar"})
"""Dimensions in which customers measure what they have: themselves, their room, their parcel; the age in months."""
REMEMBERED = 4096
"""Sentences whose ranges are kept: a store's tables are asked about again and again."""
_CELLS = lazy(r"[，；;]|,(?!\d)")
_NUMBER = r"(?<!\d)\d+(?:\.\d+)?"
_RANGE = lazy(rf"(?P<low>{_NUMBER})[^\d，,；;]{{0,4}}?\s?(?:-|–|—|~|至|到|to)\s?(?P<high>{_NUMBER})")
_OPEN = lazy(
    rf"(?P<sign>[<>≤≥])?=?\s?(?P<value>{_NUMBER})\s?(?P<unit>[^\d\s，,；;（(]{{0,6}}?)\s?"
    r"(?P<word>以上|以下|及以上|及以下|以内|起|左右|上下|and (?:over|above|up)|or (?:more|less)|\+|$)"
)
_IN_LABEL = lazy(r"[（(]\s?([^）)]{1,12})[）)]")
_ABOUT = lazy(r"左右|上下|约|about|around|approx")
_UP = frozenset({"以上", "及以上", "起", "+", ">", "≥"})
_DOWN = frozenset({"以下", "及以下", "以内", "<", "≤"})
_HEAD = lazy(r"([^：:，。]{1,16})[：:]")
_LETTERS = lazy(r"\d?x{0,4}[sml]|均码|f", re.IGNORECASE)
_LABEL_ROOM = 6
"""Characters before a figure in which a question may say what it measures: 胸围 90cm."""


@dataclass(frozen=True)
class Span:
    """What a cell allows, both ends included, in base units of `dimension`; `label` is what it measures."""

    label: str
    dimension: str
    low: Decimal
    high: Decimal


@dataclass(frozen=True)
class Given:
    """A figure of the question, in base units of `dimension`; `said` are the characters just before it."""

    said: str
    dimension: str
    value: Decimal


@dataclass(frozen=True)
class Figures:
    """What a question gives to look up in a table, and the question without it."""

    text: str
    given: tuple[Given, ...]
    rest: str

    def fits(self, sentence: str) -> bool | None:
        """Whether a row holds for the figures given or is the one named; None where it says nothing to them."""
        folded = fold(sentence)
        head = _HEAD.match(folded)
        if head is not None and (spans_of(folded) or _is_size(head.group(1))) and _names(self.text, head.group(1)):
            return True
        verdicts = [verdict for each in self.given if (verdict := _holds(each, spans_of(folded))) is not None]
        return all(verdicts) if verdicts else None


def figures_of(question: str, language: str) -> Figures:
    """The figures of a question that tables may be read by."""
    text = fold(question)
    given, rest = [], text
    for found in quantities.readings(text, language, strict=False):
        if len(found.units) == 1 and found.units[0].dimension in MEASURED:
            unit = found.units[0]
            said = text[max(found.start - _LABEL_ROOM, 0) : found.start]
            given.append(Given(said, unit.dimension, found.values[0] * unit.factor))
            rest = rest[: found.start] + " " * (found.end - found.start) + rest[found.end :]
    return Figures(text, tuple(given), rest)


def fitting(figures: Figures, sentences: Sequence[str]) -> list[bool | None]:
    """For each row whether it `fits`; all None where none does, as then the table does not tell the answer."""
    verdicts = [figures.fits(each) for each in sentences]
    return verdicts if True in verdicts else [None] * len(verdicts)


@lru_cache(maxsize=REMEMBERED)
def spans_of(sentence: str) -> tuple[Span, ...]:
    """The ranges that the row of a table states with a unit, be it in the label of their cell.

    "尺码：59-90" is no row but a fact of one thing: a row's cells have labels of their own, or its head is the range.
    """
    head = _HEAD.match(sentence)
    if head is None:
        return ()
    cells = [head.group(1), *_CELLS.split(sentence[head.end() :])]
    spans = [_span(cell.strip()) for cell in cells]
    return tuple(span for at, span in enumerate(spans) if span is not None and (span.label or at == 0))


def _span(cell: str) -> Span | None:
    ranged = _RANGE.search(cell)
    found = ranged or _OPEN.search(cell)
    if found is None:
        return None
    label = cell[: found.start()]
    unit = _unit(cell, found.end("high") if ranged else found.end("value"), label)
    if unit is None:
        return None
    if ranged is not None:
        low, high = Decimal(ranged.group("low")), Decimal(ranged.group("high"))
    else:
        low, high = _around(found, cell)
    if low >= high:
        return None
    return Span(_IN_LABEL.sub("", label).strip(), unit.dimension, low * unit.factor, high * unit.factor)


def _around(found: re.Match[str], cell: str) -> tuple[Decimal, Decimal]:
    """The range of one figure: from it on, up to it, or half a unit about it; empty for a bare one."""
    value = Decimal(found.group("value"))
    word = found.group("word") or found.group("sign") or ""
    if word in _UP or word.startswith("and ") or word == "or more":
        return value, Decimal("Infinity")
    if word in _DOWN or word == "or less":
        return Decimal(0), value
    return (value - Decimal("0.5"), value + Decimal("0.5")) if _ABOUT.search(cell) else (value, value)


def _unit(cell: str, position: int, label: str) -> units.Unit | None:
    after = units.after(cell, position, "zh")
    if after is None and (named := _IN_LABEL.search(label)) is not None:
        after = units.after(named.group(1), 0, "zh")
    return after[0] if after is not None and after[0].dimension in MEASURED else None


def _holds(given: Given, spans: Sequence[Span]) -> bool | None:
    """Whether the row allows what is given; of several cells in its dimension, those that the question names."""
    alike = [span for span in spans if span.dimension == given.dimension]
    named = [span for span in alike if span.label and span.label in given.said]
    return any(span.low <= given.value <= span.high for span in named or alike) if alike else None


def _is_size(head: str) -> bool:
    return _LETTERS.fullmatch(head.strip()) is not None


def _names(question: str, head: str) -> bool:
    """Whether the question names a row by its head as a size: 100码, XL."""
    head = head.strip().removesuffix("码").removesuffix("号")
    if not head or not (head.replace(".", "").isdigit() or _is_size(head)):
        return False
    edges = (r"(?<![A-Za-z\d.])", r"(?![A-Za-z\d.])") if _is_size(head) else (r"(?<![\d.])", r"\s?(?:码|号)")
    named = rf"{edges[0]}{re.escape(head)}{edges[1]}|(?:尺码|size)\s?{re.escape(head)}(?![\d.])"
    return re.search(named, question, re.IGNORECASE) is not None
