"""Vectors made beforehand, of texts that are the same on every machine: they need not be made again on each.

A file of them holds a number for each text and its vector, and names the embedder that made them by a digest of its
weights: with any other it is as if there were no file.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from xiaoer.knowledge import vectors
from xiaoer.knowledge.embedding import BundledEmbedder, Vectors, unit


@dataclass(frozen=True)
class Prepared:
    """`keys` are the numbers of the texts in rising order, `rows` their vectors as `vectors.pack` makes them."""

    digest: str
    keys: NDArray[np.uint64]
    rows: NDArray[np.int8]

    def find(self, texts: Sequence[str]) -> tuple[list[int], Vectors]:
        """Which of the texts are known, and their vectors."""
        wanted = keys_of(texts)
        places = np.searchsorted(self.keys, wanted).clip(max=max(len(self.keys) - 1, 0))
        known = [at for at, place in enumerate(places) if len(self.keys) and self.keys[place] == wanted[at]]
        return known, unit(self.rows[places[known]].astype(np.float32))


def keys_of(texts: Iterable[str]) -> NDArray[np.uint64]:
    """A number for each text: the first eight bytes of its SHA-256."""
    first = b"".join(hashlib.sha256(text.encode()).digest()[:8] for text in texts)
    return np.frombuffer(first, dtype="<u8")


def load(file: Traversable) -> Prepared:
    """What a file holds."""
    with file.open("rb") as opened, np.load(opened, allow_pickle=False) as held:
        return Prepared(str(held["digest"]), held["keys"], held["rows"])


def save(path: Path, digest: str, texts: Iterable[str], made: Vectors) -> None:
    """Write the vectors made of texts, one a row, by the embedder of that digest."""
    keys = keys_of(texts)
    order = np.argsort(keys)
    rows = np.frombuffer(vectors.pack(made), dtype=np.int8).reshape(made.shape)
    with path.open("wb") as file:
        np.savez(file, digest=np.array(digest), keys=keys[order], rows=rows[order])


class PreparedEmbedder(BundledEmbedder):
    """The bundled embedder, with the vectors of a file wherever a text is in it."""

    def __init__(self, file: Traversable, *, threads: int | None = None) -> None:
        super().__init__(threads=threads)
        self._file = file

    async def passages(self, texts: Sequence[str]) -> Vectors:
        prepared = await asyncio.to_thread(lambda: self._prepared)
        if prepared is None:
            return await super().passages(texts)
        known, found = prepared.find(texts)
        result = np.zeros((len(texts), self.dimensions), np.float32)
        result[known] = found
        left = sorted(set(range(len(texts))) - set(known))
        if left:
            result[left] = await super().passages([texts[at] for at in left])
        return result

    @cached_property
    def _prepared(self) -> Prepared | None:
        held = load(self._file)
        return held if held.digest == self.digest() else None
