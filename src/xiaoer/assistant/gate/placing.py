"""Whether a figure stands beside what it belongs to: '7 days to return, 15 to exchange' must not come out crossed."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from xiaoer.assistant.gate import clauses
from xiaoer.assistant.gate.backing import Backing, Source, comparable
from xiaoer.assistant.gate.claims import Meaning
from xiaoer.assistant.gate.clauses import Clause
from xiaoer.assistant.gate.dates import Moment
from xiaoer.language.quantities import Reading
from xiaoer.language.units import Unit
from xiaoer.patterns import lazy

Finder: TypeAlias = Callable[[Meaning, Sequence[Source]], bool]

_TELLING = 4
"""Fewest content terms by which a sentence can be told to be another one's copy."""
_NEARLY = 0.8
_AS_GOOD = 0.1
_BY_CLAUSE = 0.6, 0.25
_BY_SENTENCE = 0.5, 0.3
_BY_TEXT = 0.8, 0.4
_SLACK = 0.05
_AT_HOME = 0.6
"""Share of a clause's words beside its figure in the texts at which the figure surely belongs there."""
"""Least share of a sentence's words that another value's surroundings hold, and by how much more than the value's."""
_LASTING = frozenset({"time", "calendar", "workday"})
_LEADING = lazy(r"(满|减|返|送|抵|付|省|补|赔|收)\s?(?:CN)?[¥￥]?$")
_AT_MOST_BEFORE = lazy(
    r"(?:最多|至多|不超过|最长|最高|上限|within|up to|at most|no (?:more|later) than|maximum(?: of)?|trong vòng|tối đa|không quá|ภายใน|ไม่เกิน|สูงสุด|максимум|не более|в течение|máximo|en un plazo de|dentro de|au plus|sous|maximal|innerhalb(?: von)?|höchstens|binnen|maksimal|dalam|خلال)\s?$",  # noqa: E501 - a row of words
    re.IGNORECASE,
)
_AT_MOST_AFTER = lazy(r"\s?(?:以内|之内|内|为限|以下|or less|以内に|이내|이하)", re.IGNORECASE)
_AT_LEAST_BEFORE = lazy(
    r"(?:至少|最少|最低|不低于|不少于|超过|多于|高于|大于|at least|more than|over|minimum(?: of)?|from|beyond|ít nhất|tối thiểu|hơn|trên|từ|อย่างน้อย|มากกว่า|ขั้นต่ำ|минимум|не менее|более|свыше|al menos|mínimo|más de|au moins|plus de|mindestens|über|minimal|lebih dari|على الأقل|أكثر من)\s?(?:CN)?[¥$€]?\s?$",  # noqa: E501 - a row of words
    re.IGNORECASE,
)
_AT_LEAST_AFTER = lazy(r"\s?(?:以上|起(?!的)|or more|and (?:above|up)|trở lên|ขึ้นไป|이상)", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """Where a text of the backing has a figure of the wanted kind, and whether its value is the wanted one."""

    equal: bool
    figure: Reading | Moment
    clause: Clause
    sentence: Source
    whole: Source


def misplaced(wanted: Reading | Moment, text: str, backing: Backing, language: str) -> bool:
    """Whether the texts of the same language tie the sentence's words to another value, verb or bound than `wanted`."""
    places = [place for one in backing.speaking(language) for place in _places(wanted, one)]
    if not any(place.equal for place in places):
        return False
    if isinstance(wanted, Moment):
        return _crossed(wanted, text, places)
    same = [place for place in places if place.equal]
    if not wanted.units:
        return _led(wanted, text, same)
    return (
        _crossed(wanted, text, places)
        or _unqualified(wanted, text, places)
        or _led(wanted, text, same)
        or _bounded(wanted, text, same)
    )


def _places(wanted: Reading | Moment, one: Source) -> Iterator[Place]:
    for sentence in one.sentences:
        figures = sentence.facts.quantities if isinstance(wanted, Reading) else sentence.facts.moments
        for figure in figures:
            clause = _around(sentence.text, figure.start)
            if clause is not None and (equal := _compare(wanted, figure)) is not None:
                yield Place(equal, figure, clause, sentence, one)


def _compare(wanted: Reading | Moment, other: Reading | Moment) -> bool | None:
    """Whether both have one value; None where they count different things."""
    if isinstance(wanted, Moment) or isinstance(other, Moment):
        alike = isinstance(wanted, Moment) and isinstance(other, Moment) and wanted.kind == other.kind == "time"
        return bool(set(wanted.values) & set(other.values)) if alike else None
    if not wanted.units:
        return bool(set(wanted.values) & set(other.values))
    pairs = [(mine, theirs) for mine in wanted.units for theirs in other.units if _alike(mine, theirs)]
    if not pairs:
        return None
    return any(
        comparable(mine, theirs)
        and {value * mine.factor for value in wanted.values} & {value * theirs.factor for value in other.values}
        for mine, theirs in pairs
    )


def _alike(mine: Unit, theirs: Unit) -> bool:
    """Whether one could stand where the other stands: any time that something lasts, any amount of one currency."""
    return comparable(mine, theirs) or {mine.dimension, theirs.dimension} <= _LASTING


def _crossed(wanted: Reading | Moment, text: str, places: Sequence[Place]) -> bool:
    """Whether another value stands in a clause, or in a sentence, that fits the words much better."""
    mine = _around(text, wanted.start)
    if mine is None:
        return False
    near, wide = _without(mine.terms, wanted), _without(_terms(text), wanted)
    fits = [
        (
            place.equal,
            clauses.share(near, place.clause.terms) if near else 0.0,
            clauses.share(wide, place.sentence.terms) if wide else 0.0,
            clauses.share(wide, place.whole.terms) if wide else 0.0,
        )
        for place in places
    ]
    return _other_fits(fits) or _keyed(near, places)


Fits: TypeAlias = tuple[bool, float, float, float]


def _best(fits: Sequence[Fits], *, equal: bool) -> tuple[float, float, float]:
    """The best clause, sentence and text among the places that have (or have not) the wanted value."""
    mine = [fit for fit in fits if fit[0] is equal]
    return max(fit[1] for fit in mine), max(fit[2] for fit in mine), max(fit[3] for fit in mine)


def _other_fits(fits: Sequence[Fits]) -> bool:
    """Whether another value's clause, sentence or text fits clearly better, and its sentence not worse."""
    if all(equal for equal, *_shares in fits):
        return False
    clause, sentence, text = _best(fits, equal=True)
    clause_other, sentence_other, text_other = _best(fits, equal=False)
    if sentence > sentence_other + _SLACK:
        return False
    if clause_other >= _BY_CLAUSE[0] and clause_other > clause + _BY_CLAUSE[1]:
        return True
    by_sentence = sentence_other >= _BY_SENTENCE[0] and sentence_other > sentence + _BY_SENTENCE[1]
    by_text = text_other >= _BY_TEXT[0] and text_other > text + _BY_TEXT[1]
    return clause < _AT_HOME and (by_sentence or by_text)


def _keyed(near: frozenset[str], places: Sequence[Place]) -> bool:
    """Whether the clause's other figures ('周末', '256GB') stand only with another value."""
    keys = frozenset(term for term in near if term.startswith(clauses.FIGURE))
    other = any(not place.equal and keys <= place.clause.terms for place in places)
    return bool(keys) and other and not any(place.equal and keys & place.clause.terms for place in places)


def _terms(text: str) -> frozenset[str]:
    return frozenset().union(*(clause.terms for clause in clauses.split(text)))


def _without(terms: frozenset[str], wanted: Reading | Moment) -> frozenset[str]:
    """The terms of a clause without its figures of the wanted kind, whose values are what is in doubt."""
    if isinstance(wanted, Moment):
        return frozenset(term for term in terms if not term.startswith(f"{clauses.FIGURE}day ('time'"))
    dimensions = {unit.dimension for unit in wanted.units}
    dimensions |= _LASTING if dimensions & _LASTING else set()
    kinds = (clauses.BARE, *(f"{clauses.FIGURE}{dimension} " for dimension in dimensions))
    return frozenset(term for term in terms if not term.startswith(kinds))


def _unqualified(wanted: Reading, text: str, places: Sequence[Place]) -> bool:
    """Whether the value belongs to a variant ('NFC版1499元') that the sentence does not name."""
    named = _latin(text)
    qualified = [place for place in places if place.equal]
    if not all(_latin(place.clause.text) - named for place in qualified):
        return False
    sentences = {place.sentence.text for place in qualified}
    plain = [place for place in places if not place.equal and place.sentence.text in sentences]
    return any(not _latin(place.clause.text) and _alike_units(wanted, place.figure) for place in plain)


def _latin(text: str) -> frozenset[str]:
    """The Latin words of a text of another script."""
    words = frozenset(word.casefold() for word in _LATIN_WORD.findall(text))
    return words if _WIDE_LETTER.search(text) else frozenset()


_LATIN_WORD = lazy(r"(?<![A-Za-z0-9])[A-Za-z]{2,}(?![A-Za-z0-9])")
_WIDE_LETTER = lazy(r"[\u0e00-\u0e7f\u3040-\u9fff\uac00-\ud7a3]")


def _alike_units(wanted: Reading, other: Reading | Moment) -> bool:
    return isinstance(other, Reading) and bool(set(wanted.units) & set(other.units))


def elsewhere(meaning: Meaning, text: str, backing: Backing, language: str, found: Finder) -> bool:
    """Whether the sentence is one of the texts' sentences but for this figure, which stands only in others."""
    every_term = frozenset().union(*(clause.terms for clause in clauses.split(text)))
    own = frozenset(term for term in every_term if not term.startswith(clauses.FIGURE))
    if len(own) < _TELLING:
        return False
    every = [sentence for one in backing.speaking(language) for sentence in one.sentences]
    shares = [len(own & sentence.terms) / len(own) for sentence in every]
    best = max(shares, default=0.0)
    if best < _NEARLY:
        return False
    likeliest = [sentence for sentence, share in zip(every, shares, strict=True) if share >= best - _AS_GOOD]
    return (not found(meaning, likeliest) and not _at_home(meaning, text, every)) or _doubled(text, likeliest)


def _at_home(meaning: Meaning, text: str, every: Sequence[Source]) -> bool:
    """Whether a sentence has the figure in a clause that says what the figure's own clause says."""
    mine = _around(text, meaning.start)
    if mine is None or not isinstance(meaning, Reading | Moment):
        return False
    near = _without(mine.terms, meaning)
    homes = [place.clause for one in every for place in _places(meaning, one) if place.equal]
    return bool(near) and any(clauses.share(near, home.terms) >= _AT_HOME for home in homes)


def _doubled(text: str, likeliest: Sequence[Source]) -> bool:
    """Whether a near copy repeats one of the original's figures where the original has another."""
    mine = Counter(_DIGITS.findall(text))
    for sentence in likeliest:
        theirs = Counter(_DIGITS.findall(sentence.text))
        if not (set(mine - theirs) & set(theirs) and theirs - mine):
            return False
    return True


_DIGITS = lazy(r"\d+(?:\.\d+)?")


def apart(wanted: Reading, text: str, backing: Backing, found: Finder) -> bool:
    """Between languages: whether the figure stands only in texts that do not speak of the sentence's ideas."""
    clause = _around(text, wanted.start)
    ideas = {mention.topic for mention in clause.mentions} if clause else set()
    about = [one for one in backing.sources if ideas and ideas <= {m.topic for c in one.clauses for m in c.mentions}]
    return bool(about) and any(unit.hard for unit in wanted.units) and not found(wanted, about)


@lru_cache(maxsize=8192)
def _around(text: str, position: int) -> Clause | None:
    """The clause of `text` that `position` lies in."""
    for clause in clauses.split(text):
        if clause.start <= position < clause.start + len(clause.text):
            return clause
    return None


def _led(wanted: Reading, text: str, same: Sequence[Place]) -> bool:
    """满300减50 must not become 满50减300: the verb in front of an amount is part of it."""
    mine = _LEADING.search(text[: wanted.start])
    if mine is None:
        return False
    theirs = [_LEADING.search(place.sentence.text[: place.figure.start]) for place in same]
    return bool(theirs) and all(verb is not None and verb.group(1) != mine.group(1) for verb in theirs)


def _bounded(wanted: Reading, text: str, same: Sequence[Place]) -> bool:
    """'Within 7 days' must not become 'more than 7 days' unless the sentence denies."""
    mine = _bound(text, wanted)
    if not mine:
        return False
    theirs = {_bound(place.sentence.text, place.figure) for place in same}
    clause = _around(text, wanted.start)
    denies = clause is not None and clause.denials > 0
    return theirs == {"least" if mine == "most" else "most"} and not denies


def _bound(text: str, quantity: Reading | Moment) -> str:
    before, after = text[max(quantity.start - 24, 0) : quantity.start], text[quantity.end : quantity.end + 12]
    if _AT_MOST_BEFORE.search(before) or _AT_MOST_AFTER.match(after):
        return "most"
    if _AT_LEAST_BEFORE.search(before) or _AT_LEAST_AFTER.match(after):
        return "least"
    return ""
