"""Similar past cases: what other customers asked, and what a colleague answered then.

The newest questions that staff answered are compared by their words, and the nearest few of them by meaning.
"""

import math
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from xiaoer.conversations.aids import Served
from xiaoer.knowledge.embedding import Embedder, EmbedderUnavailable
from xiaoer.language.terms import terms

BY_WORDS = 16
SHOWN = 3
ALIKE = 0.86
"""Cosine from which two short questions are about the same; below, e5 finds everything alike."""
LEAST_SHARED = 0.2
"""Share of a question's words, by weight, that an old one must hold to be looked at."""


@dataclass(frozen=True)
class Case:
    """A question that was served before; `alike` from 0 to 1."""

    conversation_id: uuid.UUID
    asked: str
    answered: str
    by: str
    alike: float


async def similar(embedder: Embedder, question: str, served: Sequence[Served]) -> list[Case]:
    """The cases most like `question`, best first; by words alone while there is no embedder."""
    near = _by_words(question, served)
    if not near:
        return []
    try:
        vectors = await embedder.passages([question, *(each.asked for _, each in near)])
    except EmbedderUnavailable:
        found = [(share, each) for share, each in near if share >= 0.5]  # noqa: PLR2004  # half of the words
    else:
        found = [(float(vectors[0] @ vectors[n]), each) for n, (_, each) in enumerate(near, start=1)]
        found = [(cosine, each) for cosine, each in found if cosine >= ALIKE]
    best = sorted(found, key=lambda pair: -pair[0])
    cases: dict[str, Case] = {}
    for alike, each in best:
        cases.setdefault(each.answered, Case(each.conversation_id, each.asked, each.answered, each.by, alike))
    return list(cases.values())[:SHOWN]


def _by_words(question: str, served: Sequence[Served]) -> list[tuple[float, Served]]:
    """Share of the question's words, weighted by how rare they are, that each old question holds."""
    wanted = set(terms(question))
    if not wanted:
        return []
    held = [set(terms(each.asked)) for each in served]
    known = Counter(term for each in held for term in each & wanted)
    weight = {term: math.log(1 + len(served) / (1 + known[term])) + 0.1 for term in wanted}
    whole = sum(weight.values())
    scored = [(sum(weight[term] for term in each & wanted) / whole, served[n]) for n, each in enumerate(held)]
    near = sorted((pair for pair in scored if pair[0] >= LEAST_SHARED), key=lambda pair: -pair[0])
    return near[:BY_WORDS]
