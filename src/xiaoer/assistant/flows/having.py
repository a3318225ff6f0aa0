"""The things that a message asks for, by name or part of one, where it asks whether there are any or what they cost."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from xiaoer.assistant.flows.counting import without_count
from xiaoer.language.normal import normal
from xiaoer.language.normal_han import SIMPLER
from xiaoer.language.normal_polite import without_politeness
from xiaoer.language.text import fold
from xiaoer.patterns import lazy, lazy_table, toml

_TABLE = toml("xiaoer.assistant.flows", "having.toml")
_LONGEST = 80
MOST_THINGS = 5
_AND = lazy(
    r"\s{0,9}[,，、;；&+]\s*|[和与跟及](?=.)|\s{1,9}(?:and|plus|with|và|với|cùng|กับ|และ)\s+|(?<=[\u0e00-\u0e7f])(?:กับ|และ)"
)


@dataclass(frozen=True)
class Thing:
    """What is asked for, and how many of it."""

    name: str
    count: int = 1


def _sources(key: str) -> list[str]:
    # Folded like the words they are compared with: Thai vowels come apart.
    return [unicodedata.normalize("NFKC", each) for each in _TABLE[key]]


_ASKED = lazy_table(
    lambda: {key: [lazy(f"^(?:{each})") for each in _sources(key)] for key in ("plain", "loose", "nothing")}
)
_BEFORE = lazy(lambda: "(?:" + "|".join(_sources("before")) + r")\s*")
_AFTER = lazy(lambda: r"\s{0,9}(?:" + "|".join(_sources("after")) + r")$")


def asked_after(text: str) -> list[Thing]:
    """The things that are plainly asked for, for there being any or for their price; nothing where it is not plain."""
    return _things(text, _ASKED["plain"])


def spoken_of(text: str) -> list[Thing]:
    """The things of a short message that goes on with what was asked: 那小种呢."""
    return _things(text, _ASKED["loose"])


def _things(text: str, patterns: Sequence[re.Pattern[str]]) -> list[Thing]:
    # The marks that part things go with the normal form, and would join them.
    words = without_politeness(normal(_AND_MARKS.sub(" 和 ", fold(text)))).translate(SIMPLER)
    if len(words) > _LONGEST:
        return []
    readings: list[list[Thing]] = []
    for pattern in patterns:
        if (found := pattern.fullmatch(words)) is None:
            continue
        parts = [_thing(part) for part in _AND.split(found["thing"].strip())]
        things = [part for part in parts if part is not None]
        if things and len(things) == len(parts) <= MOST_THINGS:
            readings.append(things)
    # The reading that leaves the least of the question in the names is the one meant.
    return min(readings, key=lambda things: sum(len(each.name) for each in things), default=[])


_AND_MARKS = lazy(r"[、，,;；+&](?=\s*\S)")


def _thing(words: str) -> Thing | None:
    left, count = without_count(words.strip())
    while (lead := _BEFORE.match(left)) is not None and lead.end():
        left, more = without_count(left[lead.end() :])
        count = max(count, more)
    while (end := _AFTER.search(left)) is not None and end.start() < len(left):
        left = left[: end.start()]
    left = left.strip(" 的")
    if not left or any(each.fullmatch(left) for each in _ASKED["nothing"]):
        return None
    return Thing(left, count)


def bare(words: str) -> str:
    """The words without those around a thing's name."""
    thing = _thing(normal(words).translate(SIMPLER))
    return thing.name if thing is not None else ""
