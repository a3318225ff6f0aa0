"""Whether an answer is what it has to be: texts and patterns found in it, and how it came about.

Both sides are compared in NFKC and without regard to case, plain texts also without regard to spaces. A hit of
`must_not` is spared where the rest of its clause denies: "it does not cost 99" claims no price.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xiaoer.assistant.gate.clauses_words import BREAK, DENIAL, NOT_DENIAL
from xiaoer.exam.matching import Matcher, Span
from xiaoer.exam.questions import REGULAR, Expected, Question
from xiaoer.patterns import lazy

_ASKING = lazy("[?؟]")
_SPACE = lazy(r"\s+")


@dataclass(frozen=True)
class Reply:
    """How a question was answered: the ending of its turn, and the evidence stored with it."""

    text: str
    route: str = ""
    outcome: str = "done"
    language: str = ""
    has_ticket: bool = False
    sources: Sequence[Mapping[str, Any]] = ()
    confidence: float | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    """What else the ending tells: suggestions, choices, the nearest texts."""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    prompts: Sequence[str] = ()
    """What a model was asked in the turn."""
    first_ms: float | None = None
    whole_ms: float = 0.0

    @property
    def refused(self) -> bool:
        return self.route == "refuse"

    @property
    def handed_over(self) -> bool:
        return self.outcome == "handoff" or self.has_ticket


@dataclass(frozen=True)
class Verdict:
    """What is wrong with an answer: what it has to be and is not, its forbidden statements, what it should have been.

    `forbidden` are part of `broken`, and counted apart.
    """

    broken: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.broken


async def judge(question: Question, reply: Reply, matcher: Matcher) -> Verdict:
    """What is wrong with a reply; raises `PatternTooSlow`."""
    broken, forbidden = await _unmet(question, reply, matcher)
    missed: list[str] = []
    if question.should is not None:
        missed, said = await _unmet(question.should, reply, matcher)
        missed += said
    return Verdict((*broken, *forbidden), tuple(forbidden), tuple(missed))


async def _unmet(expected: Expected, reply: Reply, matcher: Matcher) -> tuple[list[str], list[str]]:
    """What is missing, and what is there and must not be."""
    said = unicodedata.normalize("NFKC", reply.text)
    wanted = [pattern for group in expected.must for pattern in group]
    spans = await find(said, [*wanted, *expected.must_not], matcher)
    missing = [f"must: {' | '.join(group)}" for group in expected.must if not any(spans[each] for each in group)]
    forbidden = [
        f"must_not: {each}" for each in expected.must_not if any(not denied(said, span) for span in spans[each])
    ]
    if reply.outcome == "failed":
        missing.append("the turn failed")
    elif not _is_expected(expected, reply, said):
        missing.append(f"expect: {expected.expect}")
    if expected.route and reply.route not in expected.route:
        missing.append(f"route: {' | '.join(expected.route)}")
    if expected.language and reply.language != expected.language:
        missing.append(f"language: {expected.language}")
    return missing, forbidden


def _is_expected(expected: Expected, reply: Reply, said: str) -> bool:
    neither = not reply.refused and not reply.handed_over
    match expected.expect:
        case "answer":
            return neither
        case "refuse":
            return not neither
        case "handoff":
            return reply.handed_over
        case "ask":  # where `must` is given, it proves that something is asked
            return neither and (bool(expected.must) or _ASKING.search(said) is not None)
    return True


async def find(text: str, patterns: Sequence[str], matcher: Matcher) -> dict[str, list[Span]]:
    """Where each pattern stands in a text in NFKC."""
    regular = [each for each in dict.fromkeys(patterns) if each.startswith(REGULAR)]
    found = await matcher.find([each.removeprefix(REGULAR) for each in regular], text) if regular else []
    spans = dict(zip(regular, found, strict=True))
    return spans | {each: _plain(each, text) for each in patterns if each not in spans}


def holds(text: str, wanted: str) -> bool:
    """Whether a text holds another, but for width, case and spaces."""
    return squeezed(wanted) in squeezed(text)


def squeezed(text: str) -> str:
    return _SPACE.sub("", unicodedata.normalize("NFKC", text)).casefold()


def _plain(wanted: str, text: str) -> list[Span]:
    places: list[int] = []
    letters: list[str] = []
    for place, letter in enumerate(text):
        for each in letter.casefold() if not letter.isspace() else "":
            letters.append(each)
            places.append(place)
    said, sought = "".join(letters), squeezed(wanted)
    spans: list[Span] = []
    start = said.find(sought)
    while start >= 0:
        spans.append((places[start], places[start + len(sought) - 1] + 1))
        start = said.find(sought, start + 1)
    return spans


def denied(text: str, span: Span) -> bool:
    """Whether the clause in which a hit stands denies, outside the hit's own words."""
    begin, end = 0, len(text)
    for joint in BREAK.finditer(text):
        if joint.end() <= span[0]:
            begin = joint.end()
        elif joint.start() >= span[1]:
            end = joint.start()
            break
    clause = f"{text[begin : span[0]]}\n{text[span[1] : end]}"
    return DENIAL.search(NOT_DENIAL.sub("", clause)) is not None
