"""A small classifier of messages, learnt from a few examples per label, that knows when it does not know.

Ridge regression over hashed pieces of words and a sentence embedding: no iterations, the same in every run, and its
leave-one-out scores come with it. How sure a guess is, is said in a way that means the same for every set of examples:
the share of the examples themselves that would score lower, were each left out of the learning. So one threshold
serves all sets.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from xiaoer.patterns import lazy

Matrix = NDArray[np.float32]

SURE: Final = 0.1
"""From here on a guess counts; below it the message is taken to be about something else."""
_HASHED: Final = 4096
_PIECES: Final = (2, 3, 4)
_MEANING: Final = 1.5
"""Weight of the embedding beside the pieces of words, whose rows have length 1."""
_RIDGE: Final = 0.3
_NOT_WORDS = lazy(r"[^\w]+")


@dataclass(frozen=True)
class Guess:
    """The likeliest label, and the share of the examples (0 to 1) that are less sure of theirs."""

    label: str
    sureness: float

    @property
    def is_sure(self) -> bool:
        return self.sureness >= SURE


class Classifier:
    """Learnt once from examples; `vectors` are their embeddings, one row each."""

    def __init__(self, texts: Sequence[str], labels: Sequence[str], vectors: Matrix) -> None:
        if len(texts) != len(labels) or len(texts) != len(vectors) or len(set(labels)) < 2:  # noqa: PLR2004
            message = "As many texts, labels and vectors are needed, of two labels at least."
            raise ValueError(message)
        self.labels = tuple(sorted(set(labels)))
        pieces = _hashed(texts)
        self._rarity = np.log((1 + len(texts)) / (1 + (pieces != 0).sum(axis=0))).astype(np.float32)
        self._middle = vectors.mean(axis=0)
        places = {label: place for place, label in enumerate(self.labels)}
        wanted = np.zeros((len(texts), len(self.labels)), np.float32)
        wanted[np.arange(len(texts)), [places[label] for label in labels]] = 1.0
        self._weights, left_out = _ridge(self._features(pieces, vectors), wanted)
        self._ownest = np.sort(left_out.max(axis=1))

    def guess(self, texts: Sequence[str], vectors: Matrix) -> list[Guess]:
        """A guess for every text, given their embeddings."""
        scores = self._features(_hashed(texts), vectors) @ self._weights
        best = scores.argmax(axis=1)
        lower = np.searchsorted(self._ownest, scores.max(axis=1)) / len(self._ownest)
        return [Guess(self.labels[place], float(share)) for place, share in zip(best, lower, strict=True)]

    def _features(self, pieces: Matrix, vectors: Matrix) -> Matrix:
        return np.concatenate([_unit(pieces * self._rarity), _MEANING * _unit(vectors - self._middle)], axis=1)


def _ridge(features: Matrix, wanted: Matrix) -> tuple[Matrix, Matrix]:
    """The weights, and what each row would have been given had it not been learnt from (the hat-matrix identity)."""
    rows, columns = features.shape
    if rows <= columns:
        inverse = np.linalg.inv(features @ features.T + _RIDGE * np.eye(rows, dtype=np.float32))
        solved = inverse @ wanted
        return _small(features.T @ solved), _small(wanted - solved / np.diag(inverse)[:, None])
    inverse = np.linalg.inv(features.T @ features + _RIDGE * np.eye(columns, dtype=np.float32))
    weights = inverse @ (features.T @ wanted)
    leverage = ((features @ inverse) * features).sum(axis=1, keepdims=True)
    return _small(weights), _small((features @ weights - leverage * wanted) / np.maximum(1 - leverage, 1e-6))


def _small(numbers: NDArray[Any]) -> Matrix:
    return numbers.astype(np.float32)


def _hashed(texts: Sequence[str]) -> Matrix:
    """Counts of pieces of words in a fixed number of columns; the sign of a hash keeps collisions fair."""
    counts = np.zeros((len(texts), _HASHED), np.float32)
    for row, text in enumerate(texts):
        for piece in _pieces(text):
            code = crc32(piece.encode())
            counts[row, code % _HASHED] += 1.0 if code >> 31 else -1.0
    return counts


def _pieces(text: str) -> Iterable[str]:
    words = _NOT_WORDS.sub(" ", text.lower()).split()
    line = f" {' '.join(words)} "
    characters = (line[at : at + size] for size in _PIECES for at in range(len(line) - size + 1))
    return {*characters, *(f"1 {word}" for word in words), *(f"2 {one} {next_}" for one, next_ in pairwise(words))}


def _unit(rows: Matrix) -> Matrix:
    scaled: Matrix = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return scaled
