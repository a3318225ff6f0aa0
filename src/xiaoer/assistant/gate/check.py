"""Whether a sentence is backed: the first principle, in code."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from xiaoer.assistant.gate import frames, promises, support, values
from xiaoer.assistant.gate.backing import Backing
from xiaoer.assistant.gate.case import Case, Context
from xiaoer.assistant.gate.claims import Claim, describe, meanings, names
from xiaoer.assistant.gate.naming import renumbered
from xiaoer.assistant.gate.nearness import Nearness
from xiaoer.assistant.gate.places import terms_of
from xiaoer.assistant.gate.promises import Bond
from xiaoer.language.text import fold

_MOST_CLAIMS = 40
"""Claims in one sentence beyond which it is no sentence any more; comparing them all would take seconds."""
_NOTHING_BEFORE: Final = Context()


@dataclass(frozen=True)
class Verdict:
    """`passed` when every claim is backed; otherwise `unbacked` tells which are not, each with its reason."""

    passed: bool
    unbacked: tuple[Claim, ...] = ()


def check(
    sentence: str,
    backing: Backing,
    language: str,
    *,
    nearness: Nearness | None = None,
    before: Context = _NOTHING_BEFORE,
) -> Verdict:
    """Judge one sentence.

    `nearness` tells what is near in meaning, for a sentence in another language than the texts; without it such a
    sentence passes only when it names a known idea or figure. `before` is what went before in the same answer.
    """
    case = Case(fold(sentence), language, backing, nearness, before)
    if not case.text.strip():
        return Verdict(passed=True)
    claimed = meanings(case.text, language)
    if len(claimed) > _MOST_CLAIMS and not case.verbatim:
        return Verdict(False, (Claim("support", sentence, "", None, 0, len(sentence), "too much in one sentence"),))
    found = [
        replace(describe(meaning, sentence), reason=reason)
        for meaning in claimed
        if (reason := _bond_reason(meaning, case) if isinstance(meaning, Bond) else values.reason(meaning, case))
    ]
    if not case.verbatim:
        found += _unknown_names(case, sentence)
        found += _doubted(case, sentence)
    return Verdict(not found, tuple(found))


def _bond_reason(bond: Bond, case: Case) -> str:
    if bond.kind == "done":
        return _done_reason(bond, case)
    if case.verbatim:
        return ""
    if bond.kind == "absolute":
        near = case.backing.speaking(case.language)
        return "" if any(bond.key in one.text.casefold() for one in near) else "an absolute that was not cited"
    if frames.admits_not_knowing(case.text) or not frames.assertions(case.text):
        return ""
    return "" if _is_promised(bond, case) else "a promise that was not cited"


def _done_reason(bond: Bond, case: Case) -> str:
    """An action is done when it was done in this turn or a tool's answer says so; passages do nothing."""
    if bond.key in case.shown.done:
        return ""
    own = {bond.key} if bond.key != "other" else promises.actions_named(case.text)
    told = any(own & promises.actions_named(one.text) for one in case.shown.results)
    quoted = case.verbatim and not re.search(r"[您你]|\b(?:i|we|your|you)\b|bạn|คุณ", case.text, re.IGNORECASE)
    return "" if (own and told) or quoted else "said to be done, but nothing was done"


def _is_promised(bond: Bond, case: Case) -> bool:
    """A promise is backed by a text that makes it: the same kind of words, and the clause covered.

    What happens by itself ("is sent within 5 days") is no more than a rule, and needs only the clause; between
    languages its figures and its nearness in meaning are looked at anyhow.
    """
    rule = bond.key == "future" and not promises.is_personal(case.text)
    near = case.backing.speaking(case.language)
    for one in near:
        bound = rule or any(other.kind == "promise" and other.key == bond.key for other in one.facts.bonds)
        if bound and support.coverage(terms_of(case.text), (one,))[0] >= support.ALIGNED:
            return True
    if near and not case.backing.foreign(case.language):
        return False
    if rule and case.nearness is not None:
        return True
    return any(
        other.kind == "promise" and other.key == bond.key for one in case.backing.sources for other in one.facts.bonds
    )


def _unknown_names(case: Case, sentence: str) -> Iterator[Claim]:
    if case.is_off_focus:
        first = case.named[0]
        named = sentence[first.start : first.end]
        yield Claim("name", named, named.casefold(), None, first.start, first.end, "not what was asked about")
    other = renumbered(case.text, case.backing)
    if other is not None:
        yield Claim("code", other.group(), other.group().casefold(), None, *other.span(), "known with another number")
    for name, start in names(case.text) if case.backing.mostly(case.language) else ():
        folded, end = name.casefold(), start + len(name)
        if not any(folded in one.text.casefold() for one in (*case.backing.sources, *case.shown.said)):
            yield Claim("name", sentence[start:end], folded, None, start, end, values.NOT_FOUND)


def _doubted(case: Case, sentence: str) -> Iterator[Claim]:
    for doubt in support.doubts(case):
        yield Claim(doubt.kind, sentence, doubt.detail, None, 0, len(sentence), _REASONS[doubt.kind])


_REASONS = {
    "support": "what was cited says too little of it",
    "polarity": "what was cited says the opposite",
    "topic": "what was cited does not speak of it",
}
