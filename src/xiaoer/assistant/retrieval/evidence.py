"""The sentences that search found, weighed against the question, and what speaks for an answer in them.

Everything is computed from the hits alone, so it holds for any corpus, and from nearness (0 for texts that have nothing
to do with each other, 1 for equal ones), so it holds for any embedder. Words count only between texts of one language:
across languages a passage that shares none is no worse for it.
"""

import statistics
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from xiaoer.assistant.gate.backing import akin
from xiaoer.assistant.retrieval import ranges, words
from xiaoer.knowledge.hits import Hit
from xiaoer.language import concepts
from xiaoer.patterns import lazy

FOREIGN = 0.5
"""Taken off what stands in another language while something in the customer's own was found as well."""
SAME_MATTER = 0.25
"""What a sentence gains that tells of every matter asked about; in any language."""
FITS = 0.5
"""What the row of a table gains that holds for the figures given, and the rows beside it lose that do not."""
MOST_MATTERS = 2
"""More matters that are told, or are not, say no more."""
LONELY_LEAD = 0.35
"""The lead assumed where fewer than two other passages compete; the middle between right and withheld on XQuAD."""
FEW = 6
USUAL_STANDING = 2.5
"""Assumed where fewer than `FEW` candidates compete."""
LEAST_SPREAD = 0.05
LOOKED_AT = 6
"""The best candidates, of which it is looked at closely what they say."""
_CODE = lazy(r"(?<![a-z0-9-])[a-z]{1,2}\d{1,4}(?![a-z0-9-])")
"""A code of a fault, a band or a port, such as E1, n79: what is said of another one is no answer."""


@dataclass(frozen=True)
class Candidate:
    """A sentence that may answer, and how well it fits (about 0 to 3)."""

    hit: Hit
    position: int
    text: str
    near: float
    score: float
    beside: bool = False
    """Whether it says nothing of what is asked, though in the same language."""
    fits: bool | None = None
    """Whether it is the row of a table that holds for the figures given; None where no row does."""


@dataclass(frozen=True)
class Evidence:
    """All candidates, best first, and the question they compete for."""

    question: str
    language: str
    candidates: tuple[Candidate, ...]
    elsewhere: float | None = None
    """How near the nearest sentence about another product is, where one product is asked about: where theirs is much
    nearer than its own, it is likely that only they have what is asked."""

    @property
    def group(self) -> str:
        """By which weights this evidence is judged."""
        best = self.candidates[0].hit
        kind = "question" if best.kind == "question" else "own" if best.in_focus else "article"
        if not self.shares_words:
            return f"{kind}_across"
        if not self.has_meaning:
            return "words"
        return "named" if best.named and kind == "article" else kind

    @property
    def shares_words(self) -> bool:
        """Whether the best candidate is in the question's language, so that words may be compared."""
        return bool(self.candidates) and akin(self.candidates[0].hit.locale, self.language)

    @property
    def has_meaning(self) -> bool:
        """Whether the best candidate's passage was compared by meaning; not while it waits for its vector."""
        return bool(self.candidates) and self.candidates[0].hit.scores.cosine is not None

    @cached_property
    def features(self) -> dict[str, float]:
        """What is known of the best candidate and its passage; empty where there is none."""
        if not self.candidates:
            return {}
        best = self.candidates[0]
        pair = "\n".join(_worded(candidate.hit, candidate.text) for candidate in self.candidates[:2])
        passage = _whole(best.hit)
        said = ranges.figures_of(self.question, self.language).rest if best.fits else self.question
        return {
            "near": best.near,
            "lead": self._lead(best),
            "stands_out": self._stands_out(best),
            "unsaid": words.unexplained(said, _worded(best.hit, best.text)),
            "elsewhere": max(0.0, self.elsewhere - best.near) if self.elsewhere is not None else 0.0,
            "passage_coverage": words.coverage(self.question, words.counted(passage)),
            "sentence_coverage": words.coverage(self.question, words.counted(pair)),
            "unexplained": words.unexplained(said, passage),
            "fits": float(bool(best.fits) and concepts.asked(self.question) <= concepts.told(passage)),
            "missing_code": float(not _codes(self.question) <= _codes(passage)),
            **self._matters(passage),
        }

    def _matters(self, passage: str) -> dict[str, float]:
        """How many of the matters asked about the passage tells, and how many it does not; in any languages."""
        asked = concepts.asked(self.question)
        told = len(asked & concepts.told(passage))
        return {
            "matters": float(min(told, MOST_MATTERS)),
            "missing_matters": float(min(len(asked) - told, MOST_MATTERS)),
        }

    def _stands_out(self, best: Candidate) -> float:
        """How many standard deviations the best candidate is above the mean of all."""
        scores = [candidate.score for candidate in self.candidates]
        if len(scores) < FEW:
            return USUAL_STANDING
        return (best.score - statistics.fmean(scores)) / max(statistics.pstdev(scores), LEAST_SPREAD)

    def _lead(self, best: Candidate) -> float:
        """How far the best passage is ahead of the second best other one: a single twin does not make it doubtful."""
        others: dict[object, float] = {}
        for candidate in self.candidates:
            if candidate.hit.passage_id != best.hit.passage_id:
                others.setdefault(candidate.hit.passage_id, candidate.score)
        ranked = list(others.values())
        return best.score - ranked[1] if len(ranked) > 1 else LONELY_LEAD


def weigh(question: str, hits: Sequence[Hit], *, language: str, elsewhere: float | None = None) -> Evidence:
    """Every sentence of the hits, best first.

    score = nearness of the sentence + nearness of its passage
            + BM25 of the sentence + share of the question's weight in its passage, the last two within one language.
    Weights fitted freely on XQuAD come out within a fifth of these ones, and find no more. A curated answer is one
    candidate, whole, and as near as the wording of its question that is nearest.
    """
    spoken = any(akin(hit.locale, language) for hit in hits)
    counts = [[words.counted(_worded(hit, text)) for text, _ in _pieces(hit)] for hit in hits]
    rarity = words.Rarity(question, [count for each in counts for count in each])
    matters = concepts.asked(question)
    figures = ranges.figures_of(question, language)
    candidates: list[Candidate] = []
    for hit, each in zip(hits, counts, strict=True):
        alike = akin(hit.locale, language)
        ground = hit.scores.dense + (rarity.share(sum(each, Counter())) if alike else 0.0)
        ground -= FOREIGN if spoken and not alike else 0.0
        rows = ranges.fitting(figures, [text for text, _ in _pieces(hit)])
        for position, ((text, near), count, fits) in enumerate(zip(_pieces(hit), each, rows, strict=True)):
            score = ground + near + (rarity.score(count) if alike else 0.0)
            if matters:
                score += SAME_MATTER * len(matters & concepts.told(_worded(hit, text))) / len(matters)
            if fits is not None:
                score += FITS if fits else -FITS
            shown = hit.text if hit.kind == "question" else text
            candidates.append(Candidate(hit, position, shown, near, score, fits=fits))
    candidates.sort(key=lambda candidate: -candidate.score)
    first = [_seen(candidate, question, language) for candidate in candidates[:LOOKED_AT]]
    return Evidence(question, language, (*first, *candidates[LOOKED_AT:]), elsewhere)


def _seen(candidate: Candidate, question: str, language: str) -> Candidate:
    """The candidate, with whether it says anything of what is asked."""
    hit = candidate.hit
    if not akin(hit.locale, language) or candidate.fits:
        return candidate
    return replace(candidate, beside=words.unexplained(question, _worded(hit, candidate.text)) == 1)


def _codes(text: str) -> set[str]:
    return set(_CODE.findall(unicodedata.normalize("NFKC", text).lower()))


def _pieces(hit: Hit) -> list[tuple[str, float]]:
    """What of a hit may be quoted, in the words to compare with, and how near it is to the question in meaning."""
    if hit.kind == "question":
        nears = [sentence.score - sentence.lexical for sentence in hit.sentences]
        return [(f"{hit.title}\n{hit.text}", max([hit.scores.nearest or 0.0, *nears]))]
    return [(sentence.text, sentence.score - sentence.lexical) for sentence in hit.sentences]


def _worded(hit: Hit, text: str) -> str:
    """A sentence says what the headings above it say, and one about the product that the question names names it."""
    section = hit.heading.removeprefix(hit.title)
    return f"{hit.title if hit.named else ''}{section}\n{text}"


def _whole(hit: Hit) -> str:
    return "\n".join((hit.title.replace("_", " "), hit.heading, *hit.wordings, hit.text))
