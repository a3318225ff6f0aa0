"""Quantities of a text, with what chains and ranges give to their members: in '555 x 345 x 180 mm' all are mm."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from xiaoer.assistant.gate.dates import Moment
from xiaoer.language import quantities
from xiaoer.language.quantities import Reading
from xiaoer.patterns import lazy

_TIMES = lazy(r"\s?[x×*✕✖+]\s?[长宽高深厚直径]{0,2}\s?", re.IGNORECASE)
_RANGE = lazy(r"\s?(?:-|–|—|~|至|到|to|đến|tới|ถึง|から|부터|a|à|bis|до|hasta|até|hingga|sampai|إلى)\s?", re.IGNORECASE)

_HOURS_A_DAY = 24
_WRITTEN_IN = (
    ("zh", lazy(r"[\u3040-\u30ff\u3400-\u9fff]")),
    ("ko", lazy(r"[\uac00-\ud7a3]")),
    ("th", lazy(r"[\u0e01-\u0e5b]")),
    ("en", lazy(r"[A-Za-z]{3}")),
)


@lru_cache(maxsize=8192)
def tongue(text: str) -> str:
    """The language by whose number words a piece of text is read where nobody says which it is: that of its script."""
    return next((name for name, letters in _WRITTEN_IN if letters.search(text)), "zh")


def told(text: str) -> tuple[Reading, ...]:
    """The quantities that a folded piece of text of whatever language surely tells."""
    return find(text, tongue(text), strict=True)


@lru_cache(maxsize=4096)
def find(text: str, language: str, *, strict: bool) -> tuple[Reading, ...]:
    """The quantities of a folded text, in order; see `quantities.find`."""
    found = quantities.readings(text, language, strict=strict)
    for index in range(len(found) - 1, 0, -1):
        before, here = found[index - 1], found[index]
        if (
            not before.units
            and here.units
            and before.end <= here.start
            and _TIMES.fullmatch(text, before.end, here.start)
        ):
            found[index - 1] = replace(before, units=here.units)
    return tuple(found)


def ends_of_ranges(text: str, found: Sequence[Reading]) -> dict[int, str]:
    """Which figures begin a range ('least') and which end one ('most'), by where they stand."""
    ends: dict[int, str] = {}
    for before, here in pairwise(found):
        if before.end <= here.start and before.units == here.units and _RANGE.fullmatch(text, before.end, here.start):
            ends[before.start], ends[here.start] = "least", "most"
    return ends


def chain_at(text: str, found: Sequence[Reading], start: int) -> tuple[Reading, ...]:
    """The members of the chain ('555 x 345 x 180 mm') of which one stands at `start`; empty where there is none."""
    chain: list[Reading] = []
    for one in found:
        if chain and not (chain[-1].end <= one.start and _TIMES.fullmatch(text, chain[-1].end, one.start)):
            if any(member.start == start for member in chain):
                break
            chain = []
        chain.append(one)
    return tuple(chain) if len(chain) > 1 and any(member.start == start for member in chain) else ()


def before_times(text: str, found: Sequence[Reading], times: Sequence[Moment]) -> list[Moment]:
    """Bare figures that begin a span of times: the 20 in '20-23点'."""
    return [
        Moment("time", tuple(int(value) * 60 for value in one.values if value == int(value)), one.start, one.end)
        for one in found
        for time in times
        if time.kind == "time"
        and not one.units
        and max(one.values) <= _HOURS_A_DAY
        and one.end <= time.start
        and _RANGE.fullmatch(text, one.end, time.start)
    ]
