"""Reading: which sentences answer the question, and whether anything does.

The sentences are chosen by code (retrieval). A model, where there is one, is asked only where its word can help:
how likely it is that nothing answers, and where it would look (chooser). The numbers below were measured on XQuAD;
docs/decisions/0004 tells how.
"""

import asyncio
import math
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from xiaoer.assistant.answering import chooser
from xiaoer.assistant.answering.chooser import Word
from xiaoer.assistant.retrieval import words
from xiaoer.assistant.retrieval.evidence import Candidate, Evidence
from xiaoer.assistant.retrieval.weights import Weights
from xiaoer.breaker import Breaker
from xiaoer.knowledge.hits import Hit
from xiaoer.llm.model import Model, ModelUnavailable
from xiaoer.llm.profiles import billions
from xiaoer.patterns import lazy

ANSWERABLE = 0.5
"""Confidence from which an answer is given."""
DOUBTFUL = (-1.5, 2.0)
"""Log-odds between which the model is asked: below, nothing it says would help; above, it is sure enough without."""
CLOSE = 0.35
"""A sentence this near to the best one's score is quoted beside it; nothing is lost against always quoting two."""
CROWDED = 0.25
"""A third sentence this near makes the choice worth the model's word, and is quoted too if it stays so near."""
POINTING = 0.35
"""Weight of the share of its first token with which the model points at a sentence, beside the sentence's score."""
LEADING = 8
MOST_QUOTES = 2
MOST_QUOTES_IN_DOUBT = 3
"""Where the model was asked and left it open."""
UNENDED = frozenset({"th", "lo", "km", "my"})
"""Languages that do not mark where a sentence ends: what search took for one is a phrase, and is quoted with more."""
UNENDED_ROOM = 200
"""Characters of such a quotation; on XQuAD th two of them hold the answer in 80 of 100 questions, two phrases in 62."""
ASKS_FOR_ALL = lazy(
    r"有哪些|有什么|有啥|都有|哪几|哪些|包括|包含|里面?是|流程|步骤|说明|清单|明细|怎么(?:安装|使用|操作)"
    r"|what(?:'s| is| are| comes) (?:in|the steps)|which .+ are|\bsteps\b|\blist\b|how (?:do i|to)",
    re.IGNORECASE,
)
"""Questions to which a whole list or section is the answer, and one sentence of it is not."""
SECTION_ROOM = 220
"""Characters of a section that is quoted from its beginning; twice as many for letters half as wide."""
PATIENCE_SECONDS = 2.5
"""For the model's word. Two CPU cores need 0.8 s for it with 0.5B, 1.7 s with 1.5B, when nothing else runs."""


def hurry() -> Breaker:
    """Leaves a model alone for a while that was too slow twice in a row: nobody waits for what will not come."""
    return Breaker(failures=2, rest_seconds=30.0)


@dataclass(frozen=True)
class Quote:
    """A sentence of the shop's knowledge, word for word, and the passage it stands in."""

    text: str
    passage: str
    passage_id: uuid.UUID
    article_id: uuid.UUID
    title: str
    locale: str
    url: str | None
    about: str = ""
    """The product it is about, where the question does not name it and the quote may not either."""
    label: str = ""
    """The heading that it is told under."""
    curated: bool = False
    """Whether it is the answer to a question that the shop wrote down."""


@dataclass(frozen=True)
class Reading:
    """What was found to answer with, best first; nothing but `why` and `confidence` where not `answerable`.

    `confidence` is the probability that the quotes answer, if half of all questions had an answer here.
    """

    quotes: tuple[Quote, ...]
    confidence: float
    answerable: bool
    why: Mapping[str, float] = field(default_factory=dict)
    chosen_by_model: bool = False
    leading: tuple[Candidate, ...] = ()
    """The best candidates, whether they answer or not."""


async def read(
    evidence: Evidence, weights: Weights, model: Model | None = None, *, breaker: Breaker | None = None
) -> Reading:
    """Choose what answers among the sentences of the evidence.

    A model that fails is done without; `breaker` remembers one that keeps customers waiting.
    """
    if not evidence.candidates:
        return Reading((), 0.0, answerable=False)
    odds = weights.log_odds(evidence.group, evidence.features)
    candidates = evidence.candidates
    why = {**evidence.features, "evidence": odds}
    word = None
    if model is not None and is_doubtful(evidence, odds):
        word = await _word(model, evidence, breaker or hurry())
    if model is not None and word is not None:
        candidates = rearranged(candidates, word)
        doubt = weights.doubts[tier_of(model)]
        odds += doubt.weight * (word.surprise - doubt.usual)
        why |= {"model": word.surprise}
    confidence = 1 / (1 + math.exp(-odds))
    whole = section(evidence.question, candidates[0])
    return Reading(
        quotes=(whole,) if whole else quoted(candidates, in_doubt=word is not None),
        confidence=round(confidence, 4),
        answerable=confidence >= ANSWERABLE,
        why={name: round(value, 3) for name, value in why.items()},
        chosen_by_model=word is not None,
        leading=tuple(candidates[:LEADING]),
    )


def unsaid(hits: Sequence[Hit], told: str) -> list[Hit]:
    """The hits without what the customer was just told: who asks on ("续航呢？") does not want to read it again."""
    left = [
        replace(hit, sentences=tuple(each for each in hit.sentences if each.text not in told))
        for hit in hits
        if hit.kind != "question" or hit.text not in told
    ]
    return [hit for hit in left if hit.sentences]


def is_doubtful(evidence: Evidence, odds: float) -> bool:
    """Whether a model's word could help: unsure whether anything answers, or which of three sentences does."""
    if odds >= DOUBTFUL[1]:
        return any(third.score >= evidence.candidates[0].score - CROWDED for third in evidence.candidates[2:3])
    return odds > DOUBTFUL[0]


def tier_of(model: Model) -> str:
    """Models below 1 billion parameters deny more readily than larger ones."""
    size = billions(model.name)
    return "tiny" if size is not None and size < 1 else "small"


def rearranged(candidates: Sequence[Candidate], word: Word) -> tuple[Candidate, ...]:
    """The candidates that the model saw, each moved by how much it points at it, then the others."""
    seen = len(word.pointed)
    moved = [
        replace(candidate, score=candidate.score + POINTING * share)
        for candidate, share in zip(candidates[:seen], word.pointed, strict=True)
    ]
    return (*sorted(moved, key=lambda candidate: -candidate.score), *candidates[seen:])


def quoted(candidates: Sequence[Candidate], *, in_doubt: bool = False) -> tuple[Quote, ...]:
    """The best candidate and what is nearly as good: one more, or two where a model was asked and left it open."""
    best = candidates[0]
    chosen = [_quote(best)]
    for candidate in candidates[1:]:
        nearness = CLOSE if len(chosen) < MOST_QUOTES else CROWDED
        most = MOST_QUOTES_IN_DOUBT if in_doubt else MOST_QUOTES
        if len(chosen) == most or candidate.score < best.score - nearness:
            break
        if not candidate.beside and not any(candidate.text in quote.text for quote in chosen):
            chosen.append(_quote(candidate))
    return tuple(chosen)


def section(question: str, best: Candidate) -> Quote | None:
    """The section of the best candidate, from its beginning, where its heading says what all of is asked for."""
    hit = best.hit
    heading = {term for term in words.counted(hit.heading.removeprefix(hit.title)) if len(term) > 1}
    if heading.isdisjoint(words.counted(question)) or not ASKS_FOR_ALL.search(question):
        return None
    room = SECTION_ROOM if any(character > chooser.LAST_NARROW for character in hit.text) else 2 * SECTION_ROOM
    lines: list[str] = []
    for sentence in hit.sentences:
        if lines and sum(map(len, lines)) + len(sentence.text) > room:
            break
        lines.append(sentence.text)
    return replace(_quote(best), text="\n".join(lines)) if len(lines) > 1 else None


async def _word(model: Model, evidence: Evidence, breaker: Breaker) -> Word | None:
    if not breaker.admits():
        return None
    shown = [candidate.text for candidate in evidence.candidates[: chooser.MOST]]
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            word = await chooser.consult(model, evidence.question, shown, language=evidence.language)
    except TimeoutError:
        breaker.failed()
        return None
    except ModelUnavailable:
        breaker.undecided()  # the model's own breaker knows of it
        return None
    except asyncio.CancelledError:
        breaker.undecided()
        raise
    breaker.succeeded()
    return word


def _quote(candidate: Candidate) -> Quote:
    hit = candidate.hit
    text = _with_neighbours(candidate) if hit.locale in UNENDED else candidate.text
    return Quote(text, hit.text, hit.passage_id, hit.article_id, hit.title, hit.locale, hit.url)


def _with_neighbours(candidate: Candidate) -> str:
    """The candidate with what stands after and before it, as far as the room reaches and the passage goes on so."""
    passage = candidate.hit.text
    texts = [sentence.text for sentence in candidate.hit.sentences]
    first = last = candidate.position
    text = candidate.text
    while True:
        spans = [(first, last + 1)] if last + 1 < len(texts) else []
        spans += [(first - 1, last)] if first > 0 else []
        joined = ((span, " ".join(texts[span[0] : span[1] + 1])) for span in spans)
        wider = next((each for each in joined if len(each[1]) <= UNENDED_ROOM and each[1] in passage), None)
        if wider is None:
            return text
        (first, last), text = wider
