"""Numbers in words of fourteen languages: twelve, 二十, quatre-vingt-dix-neuf, hai mươi lăm, half a dozen."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from xiaoer.language.number_building import Builder, Token
from xiaoer.language.text import fold, lowered
from xiaoer.patterns import lazy, lazy_table, toml

TABLE = toml("xiaoer.language", "data/number_words.toml")

LETTERS = "A-Za-zÀ-ÖØ-öø-ɏ\u0300-\u036fḀ-ỿЀ-ӿ\u0610-\u061a\u0620-\u065f\u066e-\u06d3"
"""Letters of scripts that put spaces between words, with the marks that stand on them."""
_KINDS = {
    "ones": "one",
    "places": "place",
    "bigs": "big",
    "dozens": "dozen",
    "teens": "teen",
    "tails": "tail",
    "halves": "half",
    "behinds": "behind",
}
_WORD = lazy(f"[{LETTERS}]+(?:\u00ad[{LETTERS}]+)*")
_GAPS = frozenset({" ", "-", "\u2011"})
_ARABIC_MARKS = lazy("[\u064b-\u065f\u0640\u0670]")
_ARABIC_ALIKE = str.maketrans("أإآىة", "ااايه")
_LONGEST_COMPOUND = 120
_RUN: Final = "run"
_TEN = 10
_THOUSAND = 1000


@dataclass(frozen=True)
class Spelled:
    """A number in words. `sure` is false where only what it counts makes it a number; more values are other readings.

    `counting`: it says by itself that pieces are counted, as a dozen does.
    """

    start: int
    end: int
    values: tuple[Decimal, ...]
    sure: bool
    counting: bool = False


@dataclass(frozen=True)
class Vocabulary:
    """The number words of a language, in folded lower case; see `data/number_words.toml`."""

    language: str
    style: str
    words: dict[str, tuple[Token, ...]]
    joints: frozenset[str]
    articles: frozenset[str]
    weak: frozenset[str]
    sure: frozenset[str]
    counting: frozenset[str]
    idioms: re.Pattern[str]
    rules: dict[str, Any]

    def builder(self) -> Builder:
        return Builder(
            inverted=self.rules.get("inverted", False),
            twenties=self.rules.get("twenties", False),
            loose_tens=self.style == _RUN or self.rules.get("loose_tens", False),
        )


def pairs(text: str) -> Iterator[tuple[str, Decimal]]:
    """'two=2 a_couple=2' as words and values."""
    for entry in text.split():
        word, _, value = entry.rpartition("=")
        yield word.replace("_", " "), Decimal(value)


def languages() -> tuple[str, ...]:
    """The languages whose number words are known; 'ms' goes with 'id'."""
    return tuple(name for name, rules in TABLE.items() if "ones" in rules)


def vocabulary(language: str) -> Vocabulary | None:
    """The words of a language; None where there are none."""
    return _VOCABULARIES.get("id" if language == "ms" else language)


def _vocabulary(language: str) -> Vocabulary:
    rules = TABLE[language]
    words: dict[str, tuple[Token, ...]] = {
        _plain(word): (Token(kind, value),) for key, kind in _KINDS.items() for word, value in pairs(rules.get(key, ""))
    }
    for entry in rules.get("duals", "").split():
        word, count, unit = re.split("[=*]", entry)
        kind = "dozen" if unit == "12" else "place" if Decimal(unit) < _THOUSAND else "big"
        words[_plain(word)] = (Token("one", Decimal(count)), Token(kind, Decimal(unit)))
    idioms = [re.escape(fold(each.replace("_", " "))) for each in TABLE["idioms"].get(language, "").split()]
    return Vocabulary(
        language=language,
        style=rules.get("style", "spaced"),
        words=words,
        joints=_set(rules, "joints"),
        articles=_set(rules, "articles"),
        weak=_set(rules, "weak"),
        sure=_set(rules, "sure"),
        counting=_set(rules, "counting"),
        idioms=re.compile("|".join(sorted(idioms, key=len, reverse=True)) or "(?!)"),
        rules=rules,
    )


_VOCABULARIES = lazy_table(lambda: {language: _vocabulary(language) for language in languages()})
COMPLETE = lazy_table(
    lambda: {word: known.language for known in _VOCABULARIES.values() if known.style == _RUN for word in known.counting}
)
"""The words that count pieces and take no unit behind them: 俩, ふたつ, 하나."""


def _set(rules: dict[str, Any], key: str) -> frozenset[str]:
    return frozenset(_plain(word.replace("_", " ")) for word in rules.get(key, "").split())


def _plain(word: str) -> str:
    """A word as the vocabulary has it: composed, in lower case, Arabic without marks and with one alef."""
    word = unicodedata.normalize("NFC", word.replace("\u00ad", "")).lower()
    if "\u0600" <= word[:1] <= "\u06ff":
        return _ARABIC_MARKS.sub("", word).translate(_ARABIC_ALIKE)
    return fold(word)


def find(text: str, language: str) -> Iterator[Spelled]:
    """The numbers in words of one language in a folded text."""
    known = vocabulary(language)
    if known is None:
        return
    idioms = [found.span() for found in known.idioms.finditer(lowered(text))]
    read = _in_runs if known.style == _RUN else _in_words
    for each in read(text, known):
        if not any(begin <= each.start and each.end <= end for begin, end in idioms):
            yield each


@dataclass(frozen=True)
class _Piece:
    """A word, or a part of a compound, with what it may be."""

    start: int
    end: int
    text: str


def _in_words(text: str, known: Vocabulary) -> Iterator[Spelled]:
    pieces = [piece for word in _WORD.finditer(text) for piece in _pieces(word, known)]
    at = 0
    while at < len(pieces):
        found = _number_at(text, pieces, at, known)
        if found is None:
            at += 1
            continue
        at, number = found
        yield number


def _pieces(word: re.Match[str], known: Vocabulary) -> list[_Piece]:
    """A word in whole; a German compound, and an Arabic one with 'and' before it, in its parts."""
    start, plain = word.start(), _plain(word.group())
    whole = [_Piece(*word.span(), plain)]
    if plain in known.words or plain in known.joints or plain in known.articles:
        return whole
    if known.language == "ar" and plain[:1] == "و" and plain[1:] in known.words:
        return [_Piece(start, start + 1, "و"), _Piece(start + 1, word.end(), plain[1:])]
    if known.style != "joined" or len(plain) > _LONGEST_COMPOUND:
        return whole
    parts = _parts(plain, known)
    # Of a compound only the whole is a piece of the text; its parts share its end.
    return [_Piece(start, word.end(), part) for part in parts] if parts else whole


def _parts(compound: str, known: Vocabulary) -> list[str]:
    """The number words that a compound is made of; none where something is left."""
    ways: list[list[str] | None] = [[], *[None] * len(compound)]
    longest = max(map(len, known.words))
    for end in range(1, len(compound) + 1):
        for begin in range(max(end - longest, 0), end):
            part = compound[begin:end]
            before = ways[begin]
            if before is not None and (part in known.words or part in known.joints):
                shorter = ways[end]
                if shorter is None or len(before) + 1 < len(shorter):
                    ways[end] = [*before, part]
    return ways[-1] or []


def _number_at(text: str, pieces: Sequence[_Piece], first: int, known: Vocabulary) -> tuple[int, Spelled] | None:
    """The number that begins with a piece, and where to go on; None where none does."""
    builder, words, joined = known.builder(), list[str](), False
    at = end = following = first
    while at < len(pieces) and (at == first or _adjoin(text, pieces[at - 1], pieces[at])):
        word = pieces[at].text
        entry, width = _entry(text, pieces, at, known)
        if not entry and _is_neutral(word, pieces[at - 1].text if at > first else "", known, begun=builder.begun):
            joined, at = joined or word in known.joints, at + 1
            continue
        if builder.after_tens and word == known.rules.get("years"):
            following = at + 1  # mười năm is ten years
            break
        trial = copy(builder)
        if not entry or not all(trial.take(token, joined=joined) for token in entry):
            break
        builder, joined = trial, False
        words.append(" ".join(piece.text for piece in pieces[at : at + width]))
        at = end = following = at + width
    start = pieces[first].start
    if not builder.begun or text[start - 1 : start].isdigit():
        return None
    sure = _is_sure(words, pieces[first].text, known)
    if known.language == "vi" and any(text[each.start].isupper() for each in pieces[first + 1 : end]):
        sure = False  # Ba Tư is Persia.
    return following, Spelled(start, pieces[end - 1].end, (builder.value,), sure, _is_counting(words, known))


def _is_neutral(word: str, before: str, known: Vocabulary, *, begun: bool) -> bool:
    """Whether a word may stand at or in a number and says nothing of its value."""
    return (word in known.articles and before not in known.articles) or (word in known.joints and begun)


def _is_counting(words: Sequence[str], known: Vocabulary) -> bool:
    return any(word in known.counting or known.words[word][-1].kind == "dozen" for word in words)


def _is_sure(words: Sequence[str], first: str, known: Vocabulary) -> bool:
    if len(words) > 1 or first in known.articles:
        return True
    return words[0] not in known.weak and known.words[words[0]][0].kind in ("one", "dozen", "teen")


def _adjoin(text: str, before: _Piece, after: _Piece) -> bool:
    gap = text[before.end : after.start]
    return gap == "" or gap in _GAPS


def _entry(text: str, pieces: Sequence[_Piece], at: int, known: Vocabulary) -> tuple[tuple[Token, ...], int]:
    """The longest entry of the vocabulary that begins at a piece, and of how many pieces it is."""
    for width in (3, 2, 1):
        parts = pieces[at : at + width]
        if len(parts) == width and all(_adjoin(text, parts[i], parts[i + 1]) for i in range(width - 1)):
            tokens = known.words.get(" ".join(part.text for part in parts))
            if tokens is not None:
                return tokens, width
    return (), 0


def _run(known: Vocabulary) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Patterns of one word, and of words that stand together, in a language without spaces."""
    not_behind = known.rules.get("not_behind", {})
    word = "|".join(
        re.escape(each) + (f"(?![{not_behind[each]}])" if each in not_behind else "")
        for each in sorted(known.words, key=len, reverse=True)
    )
    return re.compile(word), re.compile(rf"(?:{word})(?:[\u200b]?(?:{word})|(?<=[만억]) (?:{word}))*")


_RUNS = lazy_table(lambda: {language: _run(known) for language, known in _VOCABULARIES.items() if known.style == _RUN})


def _in_runs(text: str, known: Vocabulary) -> Iterator[Spelled]:
    one, several = _RUNS[known.language]
    for run in several.finditer(text):
        if run.start() and text[run.start() - 1].isdigit():
            continue
        words = list(one.finditer(text, run.start(), run.end()))
        if known.language == "ko" and len(words) > 1 and words[-1].group() == "일":
            words.pop()  # 삼십일 is thirty days far more often than thirty-one.
        at = 0
        while at < len(words):
            at, number = _number_of(words, at, text, known)
            yield number


def _number_of(words: Sequence[re.Match[str]], first: int, text: str, known: Vocabulary) -> tuple[int, Spelled]:
    digits = _digits(words, first, known)
    if len(digits) > 1:
        last = first + len(digits)
        return last, _spelled(words[first:last], _readings(digits), text, known)
    near = _near(words, first, known)
    builder, at = known.builder(), first + (1 if near else 0)
    while at < len(words) and all(builder.take(token) for token in known.words[words[at].group()]):
        at += 1
    if known.rules.get("short"):
        builder.shorten()
    values: tuple[Decimal, ...] = (builder.value,)
    if near:  # 五六十: fifty to sixty
        _, lower = _number_of([words[first], *words[first + 2 : at]], 0, text, known)
        values = (*lower.values, builder.value)
    return at, _spelled(words[first:at], values, text, known)


def _digits(words: Sequence[re.Match[str]], first: int, known: Vocabulary) -> list[Decimal]:
    """The digits that a run is made of from here to its end, as in 二〇二六; none where there are other words."""
    found: list[Decimal] = []
    for at in range(first, len(words)):
        (token, *_) = known.words[words[at].group()]
        if token.kind != "one" or token.value >= _TEN or token.value % 1:
            return []
        found.append(token.value)
    return found


def _readings(digits: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """七八 is seven or eight far more often than seventy-eight."""
    joined = Decimal("".join(str(digit) for digit in digits))
    few = len(digits) == 2 and 0 < digits[1] - digits[0] <= 2  # noqa: PLR2004
    return (*digits, joined) if few else (joined,)


def _near(words: Sequence[re.Match[str]], at: int, known: Vocabulary) -> bool:
    """Whether two digits stand before a place, each of which may be meant: 三四百."""
    if len(words) - at < 3:  # noqa: PLR2004
        return False
    first, second, third = (known.words[words[index].group()][0] for index in (at, at + 1, at + 2))
    digits = first.kind == second.kind == "one" and 0 < first.value < second.value < _TEN
    return digits and second.value - first.value == 1 and third.kind in ("place", "big")


def _spelled(words: Sequence[re.Match[str]], values: tuple[Decimal, ...], text: str, known: Vocabulary) -> Spelled:
    start, end = words[0].start(), words[-1].end()
    kinds = {known.words[word.group()][0].kind for word in words}
    mixed = len(kinds) > 1 and ("dozen" in kinds or not {"half", "behind"} & kinds)
    sure = (mixed and not text.startswith("分之", end)) or (len(words) == 1 and words[0].group() in known.sure)
    if known.language == "ko":
        sure = sure and _stands_apart(text, start, end, known.rules["particles"])
    sure = sure and text[start - 1 : start] not in ("数", "几", "好")
    return Spelled(start, end, values, sure, _is_counting([word.group() for word in words], known))


def _stands_apart(text: str, start: int, end: int, particles: str) -> bool:
    """Whether Hangul is no part of a longer word; every syllable of Korean numbers is in many."""
    following = text[end : end + 1]
    return not _is_hangul(text[start - 1 : start]) and (not _is_hangul(following) or following in particles)


def _is_hangul(letter: str) -> bool:
    return "\uac00" <= letter <= "\ud7a3"
