"""A small classifier of messages, learnt from a few examples per label, that knows when it does not know.

Ridge regression over hashed pieces of words and a sentence embedding: no iterations, the same in every run, and its
leave-one-out scores come with it. How sure a guess is, is said in a way that means the same for every set of examples:
the share of the examples themselves that would score lower, were each left out of the learning. So one threshold
serves all sets. Where one side of the labels must seldom be guessed wrongly, `detect` has a threshold that follows from
how often it may be.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Self
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
    """What was learnt from examples."""

    def __init__(self, state: Mapping[str, NDArray[Any]]) -> None:
        self.state = state
        """All that was learnt, as arrays that can be kept in a file."""
        self.labels = tuple(str(label) for label in state["labels"])
        self._rarity, self._middle, self._weights, self._left_out = (
            _small(state[name]) for name in ("rarity", "middle", "weights", "left_out")
        )
        self._meaning = float(state["meaning"])
        self._ownest = np.sort(self._left_out.max(axis=1))

    @classmethod
    def learn(
        cls,
        texts: Sequence[str],
        labels: Sequence[str],
        vectors: Matrix,
        *,
        meaning: float = _MEANING,
        ridge: float = _RIDGE,
    ) -> Self:
        """Learn from texts, each with its label and its embedding, one row each.

        `meaning` is the weight of an embedding beside the pieces of words, whose rows have length 1. The larger `ridge`
        is, the less a single example counts.
        """
        if len(texts) != len(labels) or len(texts) != len(vectors) or len(set(labels)) < 2:  # noqa: PLR2004
            message = "As many texts, labels and vectors are needed, of two labels at least."
            raise ValueError(message)
        names = sorted(set(labels))
        pieces = _hashed(texts)
        rarity = np.log((1 + len(texts)) / (1 + (pieces != 0).sum(axis=0))).astype(np.float32)
        middle = vectors.mean(axis=0)
        taught = np.array([names.index(label) for label in labels], np.int16)
        wanted = np.zeros((len(texts), len(names)), np.float32)
        wanted[np.arange(len(texts)), taught] = 1.0
        weights, left_out = _ridge(_features(pieces, vectors, rarity, middle, meaning), wanted, ridge)
        state = {"labels": np.array(names), "rarity": rarity, "middle": middle, "weights": weights}
        return cls({**state, "left_out": left_out, "taught": taught, "meaning": np.array(meaning, np.float32)})

    def guess(self, texts: Sequence[str], vectors: Matrix) -> list[Guess]:
        """A guess for every text, given their embeddings."""
        scores = self._scores(texts, vectors)
        best = scores.argmax(axis=1)
        lower = np.searchsorted(self._ownest, scores.max(axis=1)) / len(self._ownest)
        return [Guess(self.labels[place], float(share)) for place, share in zip(best, lower, strict=True)]

    def detect(
        self, texts: Sequence[str], vectors: Matrix, wanted: Collection[str], *, false_alarms: float
    ) -> list[str | None]:
        """The likeliest of the `wanted` labels for every text; None where one of the others is likely enough.

        `false_alarms` is the share of the examples of the others, were each left out of the learning, that may be taken
        for one that is wanted.
        """
        is_wanted = np.array([label in wanted for label in self.labels])
        threshold = np.quantile(_lead(self._left_out, is_wanted)[~is_wanted[self.state["taught"]]], 1 - false_alarms)
        scores = self._scores(texts, vectors)
        best = np.where(is_wanted, scores, -np.inf).argmax(axis=1)
        found = _lead(scores, is_wanted) > threshold
        return [self.labels[place] if is_found else None for place, is_found in zip(best, found, strict=True)]

    def _scores(self, texts: Sequence[str], vectors: Matrix) -> Matrix:
        features = _features(_hashed(texts), vectors, self._rarity, self._middle, self._meaning)
        scores: Matrix = features @ self._weights
        return scores


def _lead(scores: Matrix, is_wanted: NDArray[np.bool_]) -> Matrix:
    """By how much the best of the labels that are wanted leads the best of the others."""
    lead: Matrix = scores[:, is_wanted].max(axis=1) - scores[:, ~is_wanted].max(axis=1)
    return lead


def _features(pieces: Matrix, vectors: Matrix, rarity: Matrix, middle: Matrix, meaning: float) -> Matrix:
    return np.concatenate([_unit(pieces * rarity), meaning * _unit(vectors - middle)], axis=1)


def _ridge(features: Matrix, wanted: Matrix, strength: float) -> tuple[Matrix, Matrix]:
    """The weights, and what each row would have been given had it not been learnt from (the hat-matrix identity)."""
    rows, columns = features.shape
    if rows <= columns:
        inverse = np.linalg.inv(features @ features.T + strength * np.eye(rows, dtype=np.float32))
        solved = inverse @ wanted
        return _small(features.T @ solved), _small(wanted - solved / np.diag(inverse)[:, None])
    inverse = np.linalg.inv(features.T @ features + strength * np.eye(columns, dtype=np.float32))
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
