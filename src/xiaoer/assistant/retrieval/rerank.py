"""Passages put in the order in which a reranker finds that they answer, where there is one and it answers in time.

Rerankers score on scales of their own, so a score is not kept: each passage takes the place, and with it the nearness
in meaning, that its rank gives it among the ones found. Whatever goes wrong, the order found stays.
"""

import time
from collections.abc import Sequence
from dataclasses import replace

import structlog

from xiaoer import telemetry
from xiaoer.breaker import Breaker
from xiaoer.knowledge.hits import Hit
from xiaoer.llm.model import ModelBusy, ModelUnavailable, PromptRefused
from xiaoer.llm.rerank import Reranker

MOST = 24
"""Passages that are scored, the first ones found; what comes after them stays behind them."""
log = structlog.get_logger(__name__)


class Reranking:
    """The reranker of a desk, left alone for a while when it fails."""

    def __init__(self) -> None:
        self._reranker: Reranker | None = None
        self._breaker = Breaker()

    def use(self, reranker: Reranker | None) -> None:
        """Reorder with this one from now on."""
        self._reranker = reranker
        self._breaker = Breaker()

    @property
    def name(self) -> str | None:
        """The reranker's, if there is one."""
        return self._reranker.name if self._reranker is not None else None

    async def ordered(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """The hits by how well they answer the question; as they are where nobody can tell."""
        first = list(hits[:MOST])
        if self._reranker is None or len(first) < 2:  # noqa: PLR2004 -- one has no order
            return list(hits)
        if not self._breaker.admits():
            telemetry.RERANKS.labels("left_alone").inc()
            return list(hits)
        scores = await self._scores(self._reranker, question, first)
        return list(hits) if scores is None else [*reordered(first, scores), *hits[MOST:]]

    async def _scores(self, reranker: Reranker, question: str, hits: Sequence[Hit]) -> list[float] | None:
        started = time.perf_counter()
        try:
            scores = await reranker.scores(question, [f"{hit.heading}\n{hit.text}" for hit in hits])
        except ModelUnavailable as error:
            log.warning("reranker.failed", name=reranker.name, reason=error.detail)
            telemetry.RERANKS.labels(type(error).__name__).inc()
            if isinstance(error, (PromptRefused, ModelBusy)):
                self._breaker.undecided()
            else:
                self._breaker.failed()
            return None
        except BaseException:
            self._breaker.undecided()
            raise
        self._breaker.succeeded()
        telemetry.RERANKS.labels("reordered").inc()
        telemetry.RERANK_SECONDS.observe(time.perf_counter() - started)
        return scores


def reordered(hits: Sequence[Hit], scores: Sequence[float]) -> list[Hit]:
    """The hits, highest score first, each with the nearness of the rank it has now."""
    nearness = sorted((hit.scores.dense for hit in hits), reverse=True)
    ranked = sorted(zip(scores, hits, strict=True), key=lambda pair: -pair[0])
    found = []
    for dense, (_, hit) in zip(nearness, ranked, strict=True):
        placed = replace(hit.scores, dense=dense)
        found.append(replace(hit, scores=placed, score=placed.total))
    return found
