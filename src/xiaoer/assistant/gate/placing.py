"""Whether a figure stands beside what it belongs to: '7 days to return, 15 to exchange' must not come out crossed.

The texts may hold several figures that count the same. The one whose surroundings say what the sentence says is the
one it tells of; where that has another value, the sentence has taken its value from elsewhere.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from xiaoer.assistant.gate import clauses, figures
from xiaoer.assistant.gate.dates import Moment
from xiaoer.assistant.gate.matching import comparable, is_found
from xiaoer.assistant.gate.places import (
    Place,
    bound_of,
    counter_of,
    lead_of,
    letters_of,
    own_part,
    segment_at,
    terms_of,
)
from xiaoer.assistant.gate.sources import Source
from xiaoer.language.quantities import Reading
from xiaoer.language.units import Unit
from xiaoer.patterns import lazy

SEGMENT, BEFORE, SENTENCE, LINE, HEADING = 1.0, 0.7, 0.4, 0.3, 0.4
"""How much a word counts by how near to the figure it stands in the texts; what was said before goes on."""
BESIDE = 0.8
"""How much the words in the figure's own part of the sentence count, against those elsewhere in it."""
TOPIC = 1.5
"""How much more the first word counts, which says what the figure is of."""
PROPER = 2.0
"""How much more a name counts."""
FIGURES = 1.5
"""How much more another figure counts than a pair of letters."""
CLEARLY = 0.05
"""By how much another value's surroundings must fit better."""
FITS = 0.25
"""Least fit of another value's surroundings for them to be what the sentence speaks of."""
ASKED = 0.5
"""The same by the words of the question."""
NEARLY = 0.75
_NO_MORE = 1e-9
_SURELY = 0.6
"""Fit at which words surely belong to a value of the texts."""
OWED: Final = frozenset({"money", "percent", "discount"})
_LASTING: Final = frozenset({"time", "calendar", "workday"})


def misplaced(wanted: Reading | Moment, text: str, sources: Sequence[Source], asked: frozenset[str]) -> bool:
    """Whether `sources` tie the words of `text` to another value, verb or bound than `wanted`.

    `asked` are the terms of the customer's question: they tell what a short answer is about.
    """
    rivals = [(place, equal) for place, equal in _rivals(wanted, text, sources)]
    same = [place for place, equal in rivals if equal]
    if not same:
        counter = counter_of(text, wanted)
        return bool(counter) and any(place.counter == counter for place, _ in rivals)
    others = [place for place, equal in rivals if not equal]
    if _is_strange(wanted, text, same, asked):
        return True
    if isinstance(wanted, Reading) and (
        _led(wanted, text, same, sources) or _out_of_bounds(wanted, text, same) or _unchained(wanted, text, sources)
    ):
        return True
    if others and isinstance(wanted, Reading) and _unqualified(text, same, others):
        return True
    return bool(others) and all(_fits_other(one, text, same, others, asked) for one in _repeated(wanted, text))


def _is_strange(wanted: Reading | Moment, text: str, same: Sequence[Place], asked: frozenset[str]) -> bool:
    """Whether a limit ('within 24 hours') is told as no limit, beside words that stand in its line but not with it."""
    if isinstance(wanted, Moment) or bound_of(text, wanted) or not all(place.bound for place in same):
        return False
    near, aside = _known_said(wanted, text, _rarity(same))
    mine = max(_fit(near, place, _rarity(same)) for place in same)
    return not aside and 0 < mine <= LINE and not any(asked & (place.segment | place.heading) for place in same)


def _repeated(wanted: Reading | Moment, text: str) -> Sequence[Reading | Moment]:
    """The figure, and where the sentence tells it once more with the opposite sign: 满399元包邮，不满399元收运费."""
    if isinstance(wanted, Moment):
        return (wanted,)
    sign = _is_denied(wanted, text)
    again = (one for one in figures.told(text) if compare(wanted, one))
    return (wanted, *(one for one in again if _is_denied(one, text) != sign))


def _is_denied(figure: Reading, text: str) -> bool:
    return any(one.denied for one in clauses.split(text) if one.start <= figure.start < one.end)


def _rivals(wanted: Reading | Moment, text: str, sources: Sequence[Source]) -> Iterable[tuple[Place, bool]]:
    """The places that count what `wanted` counts, and whether their value is the same."""
    counter = counter_of(text, wanted)
    found = [
        (place, equal)
        for one in sources
        for place in one.places
        if (equal := compare(wanted, place.figure)) is not None and (equal or place.sure)
    ]
    alike = [(place, equal) for place, equal in found if counter and place.counter == counter]
    return alike or found


def compare(wanted: Reading | Moment, other: Reading | Moment) -> bool | None:
    """Whether both have one value; None where they count different things."""
    if isinstance(wanted, Moment) or isinstance(other, Moment):
        alike = isinstance(wanted, Moment) and isinstance(other, Moment) and wanted.kind == other.kind == "time"
        return bool(set(wanted.values) & set(other.values)) if alike else None
    if not wanted.units and not other.units:
        return bool(set(wanted.values) & set(other.values))
    if not wanted.units or not other.units:
        return True if set(wanted.values) & set(other.values) else None
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


def _fits_other(
    wanted: Reading | Moment, text: str, same: Sequence[Place], others: Sequence[Place], asked: frozenset[str]
) -> bool:
    """Whether another value's surroundings fit the sentence's words clearly better."""
    rarity = _rarity([*same, *others])
    near, aside = _known_said(wanted, text, rarity)
    fit = {id(place): _fit_both(near, aside, place, rarity) for place in (*same, *others)}
    mine = max(fit[id(place)] for place in same)
    others = [place for place in others if not _is_taken(place, fit[id(place)], mine, wanted, text, rarity)]
    theirs = max((fit[id(place)] for place in others), default=0.0)
    if theirs >= FITS and theirs > mine * (1 + CLEARLY):
        return not _is_asked(same, others, asked, rarity)
    if abs(theirs - mine) > CLEARLY * mine or not asked or not others:
        return False
    return _is_asked(others, same, asked - near.keys() - aside.keys(), rarity)


def _is_asked(
    places: Sequence[Place], others: Sequence[Place], asked: frozenset[str], rarity: Mapping[str, float]
) -> bool:
    """Whether the question asks for what stands at these places rather than at the others."""
    question = dict.fromkeys((term for term in asked if len(term) > 1), 1.0)
    mine = max((_fit(question, place, rarity) for place in places), default=0.0)
    theirs = max((_fit(question, place, rarity) for place in others), default=0.0)
    return mine >= ASKED and mine > theirs * (1 + CLEARLY)


def _is_taken(
    place: Place, fit: float, mine: float, wanted: Reading | Moment, text: str, rarity: Mapping[str, float]
) -> bool:
    """Whether the place is what another figure of the sentence tells of, since it fits that one's words better.

    Of two figures among the same words each has its own place, if the one left for the other fits nearly as well.
    """
    for other in figures.told(text):
        if other.start != wanted.start and compare(other, place.figure):
            near, aside = _known_said(other, text, rarity)
            theirs = _fit_both(near, aside, place, rarity) if near or aside else 0.0
            if theirs > fit + _NO_MORE or (theirs > fit - _NO_MORE and mine >= NEARLY * fit):
                return True
    return False


def _said(wanted: Reading | Moment, text: str) -> tuple[dict[str, float], dict[str, float]]:
    """The terms beside the figure, and those elsewhere in the sentence, with what they count."""
    begin, end = segment_at(text, wanted.start)
    first = _first_word(text[begin:end])
    proper = frozenset(match.group()[:_STEM].casefold().rstrip("s") for match in _PROPER.finditer(text))
    near: dict[str, float] = {}
    aside: dict[str, float] = {}
    beside = terms_of(own_part(text, wanted))
    for term in terms_of(text):
        if not _is_alike(term, wanted):
            weight = (TOPIC if term in first else 1.0) * (PROPER if term in proper else 1.0)
            weight *= FIGURES if term.startswith(clauses.FIGURE) else 1.0
            (near if term in beside else aside)[term] = weight
    return near, aside


_PROPER = lazy(r"(?<=[a-zà-ỹ,] )[A-ZÀ-Ỹ][a-zà-ỹ]{3,}")
_STEM = 6


def _known_said(
    wanted: Reading | Moment, text: str, rarity: Mapping[str, float]
) -> tuple[dict[str, float], dict[str, float]]:
    """What is said, as far as the texts have it. One letter out of a word counts only in front of the figure, and where
    no pair of its letters is known.
    """
    near, aside = ({term: weight for term, weight in said.items() if term in rarity} for said in _said(wanted, text))
    paired = {letter for term in near if len(term) > 1 and not term.isascii() for letter in term}
    own = letters_of(text, wanted) - paired
    near = {term: weight for term, weight in near.items() if not _is_letter(term) or term in own}
    return near, {term: weight for term, weight in aside.items() if not _is_letter(term)}


def _is_letter(term: str) -> bool:
    return len(term) == 1 and not term.isascii()


def _is_alike(term: str, wanted: Reading | Moment) -> bool:
    """Whether a term is a figure that counts what `wanted` counts: its value is as much in doubt."""
    if term.startswith(clauses.BARE):
        return True
    if isinstance(wanted, Moment):
        return term.startswith(f"{clauses.FIGURE}day ('time'")
    kinds = {unit.dimension for unit in wanted.units}
    kinds |= _LASTING if kinds & _LASTING else set()
    return term.startswith(tuple(f"{clauses.FIGURE}{kind} " for kind in kinds)) if kinds else False


def _fit_both(
    near: Mapping[str, float], aside: Mapping[str, float], place: Place, rarity: Mapping[str, float]
) -> float:
    if not near or not aside:
        return _fit(near or aside, place, rarity)
    return BESIDE * _fit(near, place, rarity) + (1 - BESIDE) * _fit(aside, place, rarity)


_FIRST = lazy(
    r"[^\W\d_\u0e01-\u0e5b\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]{2,}|[\u0e01-\u0e5b]+|"
    r"[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]{2,4}"
)


def _first_word(part: str) -> frozenset[str]:
    """The terms of the first word that carries content."""
    for match in _FIRST.finditer(part):
        found = terms_of(match.group())
        if found:
            return found
    return frozenset()


def _is_own(term: str, figure: Reading | Moment) -> bool:
    """Whether a term stands for this figure's value."""
    if isinstance(figure, Moment):
        return term == f"{clauses.FIGURE}day {(figure.kind, figure.values[0])}"
    return term in {
        clauses.figure_term(unit.dimension, value * unit.factor) for unit in figure.units for value in figure.values
    }


def _rarity(rivals: Sequence[Place]) -> Mapping[str, float]:
    """How much each term tells the places apart."""
    counted = Counter(term for place in rivals for term in place.segment | place.before | place.heading)
    wider = Counter(term for place in rivals for term in place.sentence | place.line)
    size = len(rivals)
    return {term: math.log((size + 1) / (counted[term] + 0.5)) + 0.2 for term in counted.keys() | wider.keys()}


def _fit(said: Mapping[str, float], place: Place, rarity: Mapping[str, float]) -> float:
    """The share of what is said that stands around the place, words that stand everywhere counting little."""
    whole = found = 0.0
    for term, weight in said.items():
        if term not in rarity:
            continue
        worth = weight * rarity[term]
        whole += worth
        found += worth * _nearness(term, place)
    return found / whole if whole else 0.0


def _nearness(term: str, place: Place) -> float:
    if _is_letter(term):
        return SEGMENT if term in place.letters else 0.0
    if term in place.segment:
        return SEGMENT
    if term in place.before:
        return BEFORE
    near = SENTENCE if term in place.sentence else LINE if term in place.line else 0.0
    return max(near, HEADING if term in place.heading else 0.0)


def _unqualified(text: str, same: Sequence[Place], others: Sequence[Place]) -> bool:
    """Whether the value belongs to a variant ('NFC版1499元') that the sentence does not name."""
    named = _latin(text)
    if not all(_latin(place.text) - named for place in same):
        return False
    beside = {place.around for place in same}
    return any(place.around in beside and not _latin(place.text) for place in others)


def _latin(text: str) -> frozenset[str]:
    """The Latin words of a text of another script."""
    words = frozenset(word.casefold() for word in _LATIN_WORD.findall(text))
    return words if _WIDE_LETTER.search(text) else frozenset()


_LATIN_WORD = lazy(r"(?<![A-Za-z0-9])[A-Za-z]{2,}(?![A-Za-z0-9])")
_WIDE_LETTER = lazy(r"[\u0e00-\u0e7f\u3040-\u9fff\uac00-\ud7a3]")


def _unchained(wanted: Reading, text: str, sources: Sequence[Source]) -> bool:
    """Whether the figure is one of a chain ('555 x 345 x 180') that no text with such chains has."""
    mine = _values(figures.chain_at(text, figures.told(text), wanted.start))
    theirs = [chain for one in sources for place in one.places if (chain := _values(place.chain))]
    alike = [chain for chain in theirs if chain & mine]
    return bool(mine and alike) and not any(mine <= chain for chain in alike)


def _values(chain: Sequence[Reading]) -> Counter[Decimal]:
    return Counter(one.values[0] * (one.units[0].factor if one.units else 1) for one in chain)


def misbounded(wanted: Reading, text: str, sources: Sequence[Source]) -> bool:
    """Whether `sources`, in whatever language, have the figure as a least where the sentence has it as a most."""
    same = [place for one in sources for place in one.places if compare(wanted, place.figure)]
    return bool(same) and _out_of_bounds(wanted, text, same)


def fits_elsewhere(wanted: Reading, text: str, sources: Sequence[Source]) -> bool:
    """Whether the words beside the figure are those of another value in `sources`, so that it is no result."""
    begin, end = segment_at(text, wanted.start)
    words = (term for term in terms_of(text[begin:end]) if not _is_own(term, wanted) and not _is_letter(term))
    said = dict.fromkeys((*words, *letters_of(text, wanted)), 1.0)
    others = [place for one in sources for place in one.places if compare(wanted, place.figure) is False]
    rarity = _rarity(others)
    return any(_fit(said, place, rarity) >= _SURELY for place in others)


def apart(wanted: Reading, text: str, foreign: Sequence[Source]) -> bool:
    """Whether the figure stands only in texts of other languages that do not speak of the sentence's ideas."""
    clause = next((one for one in clauses.split(text) if one.start <= wanted.start < one.end), None)
    ideas = {mention.topic for mention in clause.mentions} if clause else set()
    about = [one for one in foreign if ideas and ideas <= {m.topic for c in one.clauses for m in c.mentions}]
    return bool(about) and any(unit.hard for unit in wanted.units) and not is_found(wanted, about)


def _out_of_bounds(wanted: Reading, text: str, same: Sequence[Place]) -> bool:
    return _reversed_range(wanted, text, same) or _bounded(wanted, text, same)


def _reversed_range(wanted: Reading, text: str, same: Sequence[Place]) -> bool:
    """Whether the figure ends a range that no text has: '80-80' or '120-80' where it says 80-120."""
    found = figures.told(text)
    ends = figures.ends_of_ranges(text, found)
    mine = ends.get(wanted.start)
    if not mine:
        return False
    at = next(index for index, one in enumerate(found) if one.start == wanted.start)
    low, high = (found[at], found[at + 1]) if mine == "least" else (found[at - 1], found[at])
    theirs = {place.bound for place in same}
    return low.values[0] >= high.values[0] or theirs == {"most" if mine == "least" else "least"}


def _led(wanted: Reading, text: str, same: Sequence[Place], sources: Sequence[Source]) -> bool:
    """满300减50 must not become 满50减300: the verb in front of an amount is part of it."""
    mine = lead_of(text, wanted)
    if not mine or any(place.lead == mine for place in same):
        return False
    known = any(place.lead == mine for one in sources for place in one.places)
    return all(place.lead for place in same) or (not wanted.units and known)


def _bounded(wanted: Reading, text: str, same: Sequence[Place]) -> bool:
    """'Within 7 days' must not become 'more than 7 days' unless the sentence denies."""
    mine = bound_of(text, wanted)
    if not mine or wanted.start in figures.ends_of_ranges(text, figures.told(text)):
        return False
    denies = any(clause.denials for clause in clauses.split(text) if clause.start <= wanted.start < clause.end)
    return {place.bound for place in same} == {"least" if mine == "most" else "most"} and not denies
