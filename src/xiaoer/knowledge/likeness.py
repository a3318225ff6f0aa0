"""How alike texts are in meaning, in any languages."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from xiaoer.errors import Unavailable
from xiaoer.knowledge.embedding import Embedder, Vectors

REMEMBERED = 4096
"""Texts whose vectors are kept: the same passages are compared with again and again."""


class Likenesses:
    """Compares texts by an embedder's vectors, which it keeps for the texts met last."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()
        self._making = asyncio.Lock()

    async def of(self, texts: Sequence[str], others: Sequence[str]) -> list[list[float]] | None:
        """How alike each text is to each of the others: 0 for texts that have nothing in common, 1 for equal ones.

        None where the embedder does not answer.
        """
        if not texts or not others:
            return [[] for _ in texts]
        try:
            rows = await self._made([*texts, *others])
        except Unavailable:
            return None
        floor = self._embedder.floor
        alike = (rows[: len(texts)] @ rows[len(texts) :].T - floor) / (1 - floor)
        return [[float(value) for value in row] for row in alike]

    async def _made(self, texts: Sequence[str]) -> Vectors:
        async with self._making:
            missing = [text for text in dict.fromkeys(texts) if text not in self._vectors]
            if missing:
                for text, vector in zip(missing, await self._embedder.passages(missing), strict=True):
                    self._vectors[text] = vector
            rows: Vectors = np.array([self._vectors[text] for text in texts], dtype=np.float32)
            for text in texts:
                self._vectors.move_to_end(text)
            while len(self._vectors) > REMEMBERED:
                self._vectors.popitem(last=False)
        return rows
