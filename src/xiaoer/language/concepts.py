"""What customers and texts of shops talk about, beneath words and languages: "邮费" and "postage" are one matter.

The words are those of `concepts.toml`. A longer one counts instead of those inside it. What a text answers is seen in
amounts as well: one that tells a price need not say the word.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from xiaoer.language.terms import without_marks
from xiaoer.patterns import lazy, toml

REMEMBERED = 20_000
"""Texts whose matters are kept: a store's sentences are asked about again and again."""

_UNITS = (
    "天|日|小时|个月|年|周|工作日|分钟|days?|hours?|months?|weeks?|years?|minutes?|ngày|giờ|tháng|năm|tuần|วัน|ชั่วโมง|เดือน|ปี"
    "|時間|か月|ヶ月|일|시간|개월|дн|час|мес|أيام|يوم|ساعة|شهر|días?|horas?|mes(?:es)?|dias?|jours?|heures?|mois|tage?|stunden?"
    "|monate?|hari|jam|bulan"
)
_TOLD: Final = {
    "price": lazy(
        r"[¥￥$€£₫฿₽₩]\s?\d|\d[\d,.]{0,20}\s?(?:元|块|円|원|đ|vnd|บาท|baht|thb|rm|myr|sgd|usd|eur|cny|rmb|yuan|руб|₽|€)",
        re.IGNORECASE,
    ),
    "time_limit": lazy(rf"\d\s?(?:个\s?)?(?:working |business )?(?:{_UNITS})", re.IGNORECASE),
    "opening_hours": lazy(r"\d{1,2}[:：]\d{2}\s?[-–—~至到]\s?\d{1,2}[:：]\d{2}"),
}
"""How a text tells what is asked for by these names, without the word."""
_TABLE: Mapping[str, str] = toml("xiaoer.language", "concepts.toml")
_KEY = 2
"""Characters by which the words are looked up."""


def _words() -> Iterator[tuple[str, str, bool]]:
    """Every word, its matter, and whether any ending may follow."""
    for name, line in _TABLE.items():
        for word in line.replace("\n", "").split("|"):
            stem = unicodedata.normalize("NFKC", word).casefold().strip()
            for each in {stem, _plain(stem)}:
                yield each.removesuffix("*"), name, each.endswith("*")


def _plain(words: str) -> str:
    """Without marks on Latin letters, as Vietnamese is often typed."""
    return " ".join(without_marks(word) for word in words.split(" "))


@lru_cache(maxsize=1)
def _lexicon() -> dict[str, list[tuple[str, str, bool]]]:
    found: dict[str, list[tuple[str, str, bool]]] = {}
    for word, name, open_ended in _words():
        found.setdefault(word[:_KEY], []).append((word, name, open_ended))
    for rows in found.values():
        rows.sort(key=lambda row: -len(row[0]))
    return found


def folded(text: str) -> str:
    """`text` as its words are compared."""
    return unicodedata.normalize("NFKC", text).casefold()


def _stands_apart(character: str) -> bool:
    """Whether words of this script begin and end where letters do: Latin and Cyrillic."""
    return character.isalpha() and (character < "\u0530" or "\u1e00" <= character < "\u2000")


@lru_cache(maxsize=REMEMBERED)
def asked(text: str) -> frozenset[str]:
    """The matters that `text` names."""
    return frozenset(name for *_, name in spans(folded(text)))


@lru_cache(maxsize=REMEMBERED)
def told(text: str) -> frozenset[str]:
    """The matters that `text` names, or tells without naming them."""
    return asked(text) | {name for name, pattern in _TOLD.items() if pattern.search(text)}


def without(text: str, matter: str) -> str:
    """Folded `text` without the words that name a matter."""
    rest, at = [], 0
    whole = folded(text)
    for begin, end, name in spans(whole):
        if name == matter:
            rest.append(whole[at:begin])
            at = end
    return " ".join([*rest, whole[at:]])


def spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Where folded `text` names which matter: begin, end, name."""
    lexicon = _lexicon()
    reached = 0
    for at in range(len(text)):
        rows = lexicon.get(text[at : at + _KEY])
        if rows is None or (at and _stands_apart(text[at]) and _stands_apart(text[at - 1])):
            continue
        longest = 0
        for word, name, open_ended in rows:
            end = at + len(word)
            if len(word) < longest:
                break
            if end > reached and text.startswith(word, at) and (open_ended or not _runs_on(text, end)):
                longest = len(word)
                yield at, end, name
        reached = max(reached, at + longest)


def _runs_on(text: str, end: int) -> bool:
    """Whether a word goes on at `end`."""
    return end < len(text) and _stands_apart(text[end - 1]) and _stands_apart(text[end])
