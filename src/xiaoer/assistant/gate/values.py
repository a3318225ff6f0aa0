"""Whether a value in a sentence is backed: written in the texts, of the same product, beside the same words."""

from xiaoer.assistant.gate import clauses, deriving, frames, places, placing, products
from xiaoer.assistant.gate.backing import Backing
from xiaoer.assistant.gate.case import Case
from xiaoer.assistant.gate.claims import Meaning, read
from xiaoer.assistant.gate.copies import elsewhere
from xiaoer.assistant.gate.dates import Moment
from xiaoer.assistant.gate.matching import is_found
from xiaoer.assistant.gate.naming import of_another_model
from xiaoer.assistant.gate.placing import apart, misplaced
from xiaoer.assistant.gate.sources import source
from xiaoer.assistant.gate.tokens import Token
from xiaoer.language.quantities import Reading
from xiaoer.patterns import lazy

MISPLACED = "stands beside something else"
NOT_FOUND = "not in what was cited"
_IDENTIFIER = lazy(r"^[A-Za-z-]{0,6}\d{6,}$")


def reason(meaning: Meaning, case: Case) -> str:
    """Why a value is not backed; empty when it is."""
    if isinstance(meaning, Reading):
        return _quantity_reason(meaning, case)
    if is_found(meaning, case.backing.sources):
        if case.verbatim:
            return ""
        wrong = isinstance(meaning, Moment) and misplaced(
            meaning, case.text, case.backing.speaking(case.language), case.asked
        )
        plain = isinstance(meaning, Token) and meaning.kind != "code"
        wrong = wrong or (not plain and elsewhere(meaning, case.text, case.backing, case.language))
        return MISPLACED if wrong else ""
    return "" if _is_harmless(meaning, case) else NOT_FOUND


def _quantity_reason(wanted: Reading, case: Case) -> str:
    told_of = products.owners(wanted, case.text, case.named) or (case.about,)
    why = next((why for one in told_of if (why := _why_not(wanted, case, case.shown.of(one)))), "")
    if not why or _is_harmless(wanted, case) or _is_told_again(wanted, case) or _follows(wanted, case):
        return ""
    return why


def _why_not(wanted: Reading, case: Case, backing: Backing) -> str:
    """Why a figure is not backed by these texts; empty when it is."""
    near = [one for one in backing.speaking(case.language) if is_found(wanted, [one])]
    far = [one for one in backing.foreign(case.language) if is_found(wanted, [one])]
    if not near and not far:
        return NOT_FOUND
    if case.verbatim:
        return ""
    if near and not _is_misplaced(wanted, case, backing):
        return ""
    return "" if far and _is_placed_abroad(wanted, case, backing) else MISPLACED


def _is_misplaced(wanted: Reading, case: Case, backing: Backing) -> bool:
    return not _tells_which(wanted, case) and (
        misplaced(wanted, case.text, backing.speaking(case.language), case.asked)
        or elsewhere(wanted, case.text, backing, case.language)
        or of_another_model(wanted, case.text, backing)
    )


def _tells_which(wanted: Reading, case: Case) -> bool:
    """Whether a figure only says which one another figure is of: a size of the product's name, or of the question."""
    if not wanted.units or any(unit.hard for unit in wanted.units):
        return False
    named = (one for one in case.backing.passages if one.products and (not case.about or one.products & case.about))
    known = (*case.shown.said, *(source(one.title) for one in named))
    return is_found(wanted, known) and any(one.start > wanted.start for one in _others(wanted, case))


def _is_placed_abroad(wanted: Reading, case: Case, backing: Backing) -> bool:
    """Whether the figure belongs where it is said, by the texts in other languages."""
    foreign = backing.foreign(case.language)
    if placing.misbounded(wanted, case.text, foreign) or of_another_model(wanted, case.text, backing):
        return False
    if case.nearness is None:
        return not apart(wanted, case.text, foreign)
    asked = case.shown.said[-1].text if case.shown.said else ""
    placed = case.nearness.placed(wanted, case.text, foreign, asked)
    return placed and not case.nearness.opposed(wanted, case.text, foreign)


def _is_harmless(meaning: Meaning, case: Case) -> bool:
    """Whether the customer's own figure comes back where it commits nobody.

    Links never. A long identifier (an order's number) always; what else must be called the customer's own ('您说的')
    in a sentence without a word of agreement, or stand in a question back or beside 'I cannot confirm'.
    """
    states_nothing = not frames.assertions(case.text)
    if isinstance(meaning, Moment) and meaning.kind == "relative" and states_nothing:
        return True
    if isinstance(meaning, Reading) and states_nothing and frames.is_courtesy(case.text):
        return not any(unit.dimension in placing.OWED for unit in meaning.units)
    if (isinstance(meaning, Token) and meaning.kind == "link") or not is_found(meaning, case.shown.said):
        return False
    literal = meaning.key if isinstance(meaning, Token) and meaning.kind == "code" else ""
    literal = literal or (meaning.figure if isinstance(meaning, Reading) and not meaning.units else "")
    if _IDENTIFIER.match(literal) or states_nothing or frames.admits_not_knowing(case.text):
        return True
    return frames.echoes(case.text)


def _is_told_again(wanted: Reading, case: Case) -> bool:
    """Whether the figure is a backed one of the sentence in another unit ('17.6 cm, that is 176 mm'), or the customer's
    own measured against what is ('165-170 cm is L; with your 168 cm …', 'free over 99, so with your 120 …').
    """
    told = [one for one in _others(wanted, case) if _is_told(one, case)]
    backed = [one for one in told if one.units]
    names = {unit.name for unit in wanted.units}
    if any(placing.compare(wanted, one) and not names & {unit.name for unit in one.units} for one in backed):
        return True
    if not is_found(wanted, case.shown.said):
        return False
    if any(placing.compare(wanted, one) is False and places.is_limit(case.text, one) for one in told):
        return True
    alike = [one.values[0] * one.units[0].factor for one in backed if placing.compare(wanted, one) is not None]
    return len(alike) > 1 and min(alike) <= wanted.values[0] * wanted.units[0].factor <= max(alike)


def _others(wanted: Reading, case: Case) -> list[Reading]:
    return [one for one in read(case.text, case.language, strict=True).quantities if one.start != wanted.start]


def _follows(wanted: Reading, case: Case) -> bool:
    """Whether a figure is what figures told beside it make, or the customer's own that another is made with."""
    if placing.fits_elsewhere(wanted, case.text, case.backing.speaking(case.language)):
        return False
    others = _others(wanted, case)
    own = bool(wanted.units) and is_found(wanted, case.shown.said)
    if not own and any(_is_listed_with(wanted, one, case.text) for one in others):
        return False
    backed = [one for one in others if _is_told(one, case)]
    theirs = [one for one in others if one not in backed and is_found(one, case.shown.said)]
    if deriving.follows(wanted, (*case.before.figures, *theirs, *backed)):
        return True
    return own and any(wanted in deriving.operands(one, (*backed, wanted)) for one in others)


def _is_listed_with(one: Reading, other: Reading, text: str) -> bool:
    """Whether two figures stand side by side without a word between them: '3, 6, 12' are no results of each other."""
    first, second = sorted((one, other), key=lambda figure: figure.start)
    between = text[first.end : second.start]
    return placing.compare(one, other) is not None and "=" not in between and not any(map(str.isalpha, between))


def results(case: Case) -> frozenset[str]:
    """The terms of figures that follow from others, or come from the customer: no text need have them."""
    made = (
        one
        for one in read(case.text, case.language, strict=True).quantities
        if one.units and not _is_told(one, case) and not _quantity_reason(one, case)
    )
    return frozenset(
        clauses.figure_term(unit.dimension, value * unit.factor)
        for one in made
        for unit in one.units
        for value in one.values
    )


def _is_told(figure: Reading, case: Case) -> bool:
    told_of = products.owners(figure, case.text, case.named) or (case.about,)
    return not any(_why_not(figure, case, case.shown.of(one)) for one in told_of)
