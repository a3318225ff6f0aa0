"""Whether the words of a sentence rest on the backing: covered by its terms, with the same sign, on known topics."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from xiaoer.assistant.gate import clauses, frames, values
from xiaoer.assistant.gate.backing import Backing
from xiaoer.assistant.gate.case import Case
from xiaoer.assistant.gate.clauses import Clause
from xiaoer.assistant.gate.nearness import SUPPORTED, has_amount, parts
from xiaoer.assistant.gate.sources import Source
from xiaoer.assistant.gate.topics import must_be_known
from xiaoer.patterns import lazy

COVERED = 0.5
"""Share of a sentence's content terms that one backing text must hold."""
COVERED_TOGETHER = 0.62
"""The same share over all backing texts together."""
WHOLLY = 0.9
ALIGNED = 0.6
"""Share of a clause's terms that make another clause speak of the same thing."""
_TELLING = 2
CLEARLY = 0.1
"""By how much an opposite clause must fit better than any agreeing one to show a flip."""


@dataclass(frozen=True)
class Doubt:
    """Why words are not backed: `kind` is support, polarity or topic, `detail` what was missing."""

    kind: str
    detail: str


def doubts(case: Case) -> list[Doubt]:
    """What is wrong with the assertions of a sentence; empty when it is backed or asserts nothing."""
    if frames.is_affirmation(case.text) or frames.is_denial(case.text):
        return _of_answer(case.text, case)
    found: list[Doubt] = []
    for assertion in frames.assertions(case.text):
        if frames.is_affirmation(assertion):
            found += _of_answer(assertion, case)
            continue
        own = [clause for clause in clauses.split(assertion) if clause.terms or clause.mentions]
        found += _of_assertion(own, case)
    return found


def _of_answer(text: str, case: Case) -> list[Doubt]:
    """A bare yes or no asserts (or denies) what the customer asked last."""
    said = case.shown.said
    if not said:
        return [] if case.backing.sources else [Doubt("support", "nothing was cited")]
    asked = [clause for clause in said[-1].clauses if clause.terms]
    turn = 1 if frames.is_affirmation(text) else 0
    wanted = [Clause(c.text, c.start, c.terms, c.denials + 1 - turn, c.mentions) for c in asked]
    return _of_assertion(wanted, replace(case, language=said[-1].language, nearness=None))


def _of_assertion(own: Sequence[Clause], case: Case) -> list[Doubt]:
    """What is wrong with clauses: nothing, where either the texts in their language or those in others back them."""
    unknown = list(_unknown_topics(own, case.backing, abroad=not case.backing.mostly(case.language)))
    near, far = case.backing.speaking(case.language), case.backing.foreign(case.language)
    made = values.results(case)
    own = [clause for clause in own if not clause.terms & made]
    wanted = frozenset().union(*(clause.terms for clause in own))
    if not case.backing.mostly(case.language):
        alike = bool(near) and coverage(wanted, near)[0] >= COVERED
        return unknown if alike or not wanted else [*unknown, *_across(own, case, far)]
    found = [*unknown, *_nearby(own, near, wanted, case.backing)]
    if found and far and case.nearness is not None and not unknown:
        return list(_across(own, case, far)) and found
    return found


def _nearby(own: Sequence[Clause], near: Sequence[Source], wanted: frozenset[str], backing: Backing) -> Iterable[Doubt]:
    """What is wrong with clauses by the texts of their language."""
    yield from (Doubt("support", word) for word in (*_unlimited(own, near), *_unknown_objects(own, near)))
    yield from _swapped_kin(own, near)
    yield from _flips(own, near, backing)
    best, together = coverage(wanted, near)
    if len(wanted) > 1 and best < COVERED and together < COVERED_TOGETHER:
        yield Doubt("support", f"{best:.2f}")


def _unknown_topics(own: Iterable[Clause], backing: Backing, *, abroad: bool) -> Iterable[Doubt]:
    known = {topic for topic, _sign in backing.signs}
    for clause in own:
        for mention in clause.mentions:
            denied = (mention.sign < 0) != clause.denied and abroad
            if (
                mention.topic not in known
                and must_be_known(mention.topic)
                and not denied
                and not _is_told(clause, backing)
            ):
                yield Doubt("topic", mention.topic)


def _is_told(clause: Clause, backing: Backing) -> bool:
    """Whether one sentence of the texts has the clause's words, if not next to each other."""
    return any(
        clauses.share(clause.terms, sentence.terms | one.sentences[0].terms) >= WHOLLY
        for one in backing.sources
        for sentence in one.sentences
    )


_UNLIMITED = lazy(
    r"全国|全球|所有|全部(?!流程)|任何|一律|全场|全店|全系列|无条件|任意|随便|一概|"
    r"\b(?:all (?:orders|products|items|regions|countries|customers|phones|purchases|payment)|every (?:order|product|item|customer)|everywhere|always|in all cases|unconditional\w*|no matter)\b",  # noqa: E501 - a row of words
    re.IGNORECASE,
)


def _unlimited(own: Iterable[Clause], near: Sequence[Source]) -> set[str]:
    """Words that lift every condition ('所有', 'all orders') and that no text of the language uses."""
    words = {match.group().casefold() for clause in own for match in _UNLIMITED.finditer(clause.text)}
    return {word for word in words if near and not any(word in one.text.casefold() for one in near)}


_OBJECT = lazy(
    r"(?:支持|可以?测|能测|检测|监测|测量|配备|采用|搭载|内置|附赠|赠送|具备|兼容)(?P<object>[^，。；！？：:\n]{2,24})",
)
_JOINT = lazy(r"[、和与及或/]|以及")
_KIN = frozenset({"express", "yuantong", "zhongtong", "yunda", "jd_logistics", "ems", "dhl", "fedex", "ups"})
"""Ideas of which one may not stand in for another: carriers."""


def _unknown_objects(own: Iterable[Clause], near: Sequence[Source]) -> Iterable[str]:
    """What a Chinese sentence says is supported, measured or built in, where no text knows a pair of its letters."""
    known = frozenset().union(*(one.terms for one in near))
    for clause in own:
        for match in _OBJECT.finditer(clause.text) if near else ():
            for piece in _JOINT.split(match["object"]):
                pairs = [term for term in clauses.terms(piece) if len(term) > 1 and "\u4e00" <= term[0] <= "\u9fff"]
                if pairs and not known.intersection(pairs):
                    yield piece


def _swapped_kin(own: Iterable[Clause], near: Sequence[Source]) -> Iterable[Doubt]:
    """'默认发顺丰' where the texts' clause with the same words names another carrier."""
    every = [clause for one in near for clause in one.clauses]
    for clause in own:
        named = {mention.topic for mention in clause.mentions} & _KIN
        rest = clause.terms - clauses.terms(" ".join(_words(clause, named)))
        other = [(len(rest & one.terms), {mention.topic for mention in one.mentions} & _KIN) for one in every]
        best = max((shared for shared, topics in other if topics), default=0)
        if named and rest and best >= max(1, len(rest) / 2) and not any(s == best and named & t for s, t in other):
            yield Doubt("polarity", clause.text.strip())


def _words(clause: Clause, topics: set[str]) -> list[str]:
    """How a clause writes the ideas named."""
    return [
        clause.text[mention.start - clause.start : mention.end - clause.start]
        for mention in clause.mentions
        if mention.topic in topics
    ]


def coverage(wanted: frozenset[str], near: Sequence[Source]) -> tuple[float, float]:
    """The largest share of `wanted` that one text holds, and the share all hold together."""
    if not wanted:
        return 1.0, 1.0
    best = max((clauses.share(wanted, one.terms) for one in near), default=0.0)
    return best, clauses.share(wanted, frozenset().union(*(one.terms for one in near)))


def _flips(own: Sequence[Clause], near: Sequence[Source], backing: Backing) -> Iterable[Doubt]:
    every = [clause for one in near for clause in one.clauses if not clause.excepting]
    joined = [clause for one in near for clause in one.joined]
    mixed = [pair for one in near for pair in one.mixed]
    told = [clause for one in near for clause in one.told if not clause.excepting]
    for index, clause in enumerate(own):
        if clause.excepting or len(clause.terms) < _TELLING:
            continue
        decided_later = any(later.denied or later.excepting for later in own[index + 1 :])
        if decided_later and not clause.denied and not clause.mentions:
            continue
        agreeing = max((alignment(clause, other) for other in every if other.denied == clause.denied), default=0.0)
        told_in_one = (alignment(clause, other) for other in joined if other.denials == clause.denials)
        agreeing = max(agreeing, *told_in_one, *_told_of_both(clause, mixed), 0.0)
        others = (other for other in told if other.denied != clause.denied and _speaks_of(other, clause))
        opposite = max((alignment(clause, other) for other in others), default=0.0)
        if opposite >= ALIGNED and opposite > agreeing + CLEARLY:
            yield Doubt("polarity", clause.text.strip())
        elif max(agreeing, opposite) < ALIGNED:
            yield from _signs(clause, backing)


def _told_of_both(clause: Clause, mixed: Iterable[tuple[Clause, Clause]]) -> Iterable[float]:
    """How far a clause that denies says what two neighbours say, having words that only each of them has."""
    for one, other in mixed if clause.denials % 2 else ():
        if clause.terms & (one.terms - other.terms) and clause.terms & (other.terms - one.terms):
            yield alignment(clause, clauses.join(one, other))


def _speaks_of(other: Clause, clause: Clause) -> bool:
    """Whether `other` says something with the words of `clause`: a label or a code alone affirms nothing."""
    return not other.label and any(not term.startswith(clauses.FIGURE) for term in other.terms & clause.terms)


def alignment(mine: Clause, other: Clause) -> float:
    """How far `other` speaks of what `mine` says: mostly the share of mine it holds, a little the reverse."""
    shared = len(mine.terms & other.terms)
    if not shared:
        return 0.0
    return 0.8 * shared / len(mine.terms) + 0.2 * shared / len(other.terms)


def _signs(clause: Clause, backing: Backing) -> Iterable[Doubt]:
    """An idea that the backing knows only with the other sign."""
    for topic, sign in clause.signs():
        if (topic, sign) not in backing.signs and (topic, -sign) in backing.signs:
            yield Doubt("polarity", topic)


def _across(own: Sequence[Clause], case: Case, far: Sequence[Source]) -> Iterable[Doubt]:
    """Between languages: ideas with their signs, and nearness in meaning where it is known."""
    for clause in own:
        yield from _signs(clause, case.backing)
    anchored = any(term.startswith(clauses.FIGURE) for clause in own for term in clause.terms)
    if case.nearness is None:
        if not anchored and not any(clause.mentions for clause in own):
            yield Doubt("support", "other language")
        return
    for part in parts(case.text):
        if has_amount(part.text) or not frames.assertions(part.text):
            continue
        best, opposed = case.nearness.support(part, far)
        if best < SUPPORTED:
            yield Doubt("support", f"{best:.2f}")
        elif opposed:
            yield Doubt("polarity", part.text)
