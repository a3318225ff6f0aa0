"""Learning when something answers: weights for the evidence, from stores and questions whose answers are known.

Every question is read twice: with all of the shop's texts, and with those away that hold the answer. What is learnt is
whether the sentences that would be quoted are right. The bias is then moved so that, of readings without an answer, the
wanted share is refused. See Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 4.4 (logistic
regression) and 3.4.1 (ridge).
"""

import unicodedata
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xiaoer.assistant.answering.reader import Reader, judged
from xiaoer.assistant.answering.reading import quoted
from xiaoer.assistant.asked import Asked, Said, Turn, begun
from xiaoer.exam.judging import find
from xiaoer.exam.matching import Matcher
from xiaoer.exam.material import Material
from xiaoer.exam.questions import Question
from xiaoer.knowledge.hits import Hit
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.stores import Store

_NEARNESS = ("near", "lead", "stands_out")
_WORDS = ("fits", "unsaid", "unexplained", "sentence_coverage", "passage_coverage")
_ACROSS = ("matters", "missing_matters")
FEATURES: Mapping[str, tuple[str, ...]] = {
    "own": (*_NEARNESS, *_WORDS, *_ACROSS, "elsewhere"),
    "own_across": (*_NEARNESS, *_ACROSS, "elsewhere"),
    "article": (*_NEARNESS, *_WORDS, *_ACROSS),
    "named": (*_NEARNESS, *_WORDS, *_ACROSS),
    "article_across": (*_NEARNESS, *_ACROSS),
    "question": ("near", "unexplained", "unsaid"),
    "question_across": ("near", *_ACROSS),
}
"""What is learnt for each group of evidence."""
RIDGE = 3.0
LEAST = 30
"""Readings of each kind, right and wrong, below which a group keeps the weights it has."""
REFUSED = 0.88
FOUND = 8
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Reading:
    """One question as it was read: what was found, whether that is right, and whether an answer was there at all."""

    group: str
    features: Mapping[str, float]
    is_right: bool
    is_there: bool


async def readings(
    knowledge: Knowledge, store: Store, material: Material, questions: Sequence[Question], matcher: Matcher
) -> list[Reading]:
    """Read every question that something answers, or that nothing does, with its answer there and away."""
    found: list[Reading] = []
    reader = Reader(knowledge)
    for question in questions:
        if question.expect not in ("answer", "refuse"):
            continue
        said = tuple(Said("customer", text) for text in question.context)
        turn = begun(Asked(store_id=store.id, profile=store.profile, text=question.text, history=said))
        await reader.focus(turn)
        if question.product_id is not None and turn.focus.products not in ((), (question.product_id,)):
            continue
        away = await material.to_withhold(question, matcher) if question.expect == "answer" else frozenset()
        for asked, hits, elsewhere in await _found(reader, knowledge, turn):
            there = len(_without(hits, away)) < len(hits)
            for some in (hits, _without(hits, away)) if there else (hits,):
                evidence = judged(asked, some, turn.language, elsewhere)
                if not evidence.candidates:
                    continue
                told = "\n".join(f"{quote.title}\n{quote.text}" for quote in quoted(evidence.candidates))
                is_there = there and some is hits
                right = is_there and await _is_right(question, told, matcher)
                found.append(Reading(evidence.group, evidence.features, right, is_there))
    return found


async def _found(reader: Reader, knowledge: Knowledge, turn: Turn) -> list[tuple[str, list[Hit], float | None]]:
    """What a question is read against, as the reader does: the texts of the product in focus, and general ones."""
    products, store_id = turn.focus.products, turn.asked.store_id
    found: list[tuple[str, list[Hit], float | None]] = []
    asked = turn.focus.rest if len(products) == 1 else turn.seen.standalone
    if len(products) == 1:
        own, elsewhere = await reader.of_product(turn, products[0], asked)
        found.append((asked, reader.readable(turn, own), elsewhere))
    about = products if len(products) == 1 else ()
    general = await knowledge.search(store_id, asked, k=FOUND, locale=turn.language, at=turn.at, product_ids=about)
    hits = [hit for hit in general if not about or not hit.product_ids]
    return [*found, (asked, reader.readable(turn, hits), None)]


def _without(hits: Sequence[Hit], away: frozenset[uuid.UUID]) -> list[Hit]:
    return [hit for hit in hits if hit.passage_id not in away and hit.article_id not in away]


async def _is_right(question: Question, told: str, matcher: Matcher) -> bool:
    """Whether the quotes hold all that the answer needs; that it is in the customer's language is not theirs to do."""
    groups = [group for group in question.must if not any(_LANGUAGE in pattern for pattern in group)]
    said = unicodedata.normalize("NFKC", told)
    hits = await find(said, [pattern for group in groups for pattern in group], matcher)
    return all(any(hits[pattern] for pattern in group) for group in groups)


_LANGUAGE = "^(?!"
"""Begins a pattern that looks at the language of a whole answer."""


def learn(
    found: Sequence[Reading], kept: Mapping[str, Mapping[str, float]], *, refused: float = REFUSED
) -> dict[str, dict[str, Any]]:
    """The weights of each group with enough readings, and what they tell apart (AUROC, on what was learnt from).

    `kept` are the weights so far, by group.
    """
    grouped: dict[str, list[Reading]] = defaultdict(list)
    for each in found:
        grouped[each.group].append(each)
    learnt: dict[str, dict[str, Any]] = {}
    for group, own in grouped.items():
        right = np.array([each.is_right for each in own], np.float64)
        if group not in FEATURES or min(right.sum(), len(own) - right.sum()) < LEAST:
            continue
        names = FEATURES[group]
        values = np.array([[each.features.get(name, 0.0) for name in names] for each in own])
        before = kept.get(group, {})
        stays = {name: weight for name, weight in before.items() if name not in (*names, "bias")}
        given = np.array([sum(stays[name] * each.features.get(name, 0.0) for name in stays) for each in own])
        weights, bias = _regression(values, right, np.array([before.get(name, 0.0) for name in names]), given)
        odds = values @ weights + bias + given
        away = odds[[not each.is_there for each in own]]
        moved = -float(np.quantile(away, refused))
        bias += moved
        learnt[group] = {
            "weights": {
                "bias": round(bias, 3),
                **{name: round(float(weight), 3) for name, weight in zip(names, weights, strict=True)},
                **stays,
            },
            "readings": len(own),
            "right": int(right.sum()),
            "auroc": round(auroc(odds, right), 3),
            "answered_right": round(float(((odds + moved > 0) & (right > 0)).sum() / sum(e.is_there for e in own)), 3),
        }
    return learnt


def _regression(values: Floats, right: Floats, kept: Floats, given: Floats) -> tuple[Floats, float]:
    """Logistic regression with a ridge, by Newton's method on standardised values; in the values' own units.

    The ridge draws the weights to those that are `kept`, as a prior does: what the readings say nothing of stays.
    `given` are log-odds that are known already.
    """
    mean, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    rows = np.c_[np.ones(len(values)), (values - mean) / spread]
    before = np.r_[0.0, kept * spread]
    penalty = RIDGE * np.diag(np.r_[1e-6, np.ones(values.shape[1])])
    share = float(right.mean())
    weights = np.r_[np.log(share / (1 - share)), np.zeros(values.shape[1])]
    for _ in range(50):
        chance = 1 / (1 + np.exp(-(rows @ weights + given)))
        slope = rows.T @ (chance - right) + penalty @ (weights - before)
        curve = (rows * (chance * (1 - chance))[:, None]).T @ rows + penalty
        weights -= np.linalg.solve(curve, slope)
    own: Floats = weights[1:] / spread
    return own, float(weights[0] - own @ mean)


def auroc(scores: Floats, right: Floats) -> float:
    """The chance that a right reading scores higher than a wrong one."""
    higher = scores[right > 0][:, None] - scores[right == 0][None]
    return float((higher > 0).mean() + 0.5 * (higher == 0).mean())
