"""What the examples of danger teach: kernel ridge regression over sentence embeddings, and a threshold.

For the bundled embedder it comes with the package (`danger.npz`, made by `xiaoer bench danger --fit`), so that a start
costs nothing; for any other it is learnt when the first message comes.
"""

import asyncio
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final, Self, get_args

import numpy as np
from numpy.typing import NDArray

from xiaoer.knowledge.embedding import Embedder, unit
from xiaoer.stores import DangerKind

KINDS: Final[tuple[DangerKind, ...]] = get_args(DangerKind)
"""The gravest first: of several in one message, the first is acted on."""
SUPPOSED, HARMLESS = "supposed", "harmless"
"""Labels of examples that are no danger: what people ask of one that is not there, and all else."""
FALSE_ALARMS: Final = 0.02
"""Share of the examples of no danger, each left out of the learning, that would alarm. Many were chosen to sound like
danger: of what customers really ask fewer do."""
_RIDGE: Final = 0.1
_LEVEL: Final = 0.2
"""Added to the kernel, so that the average of each column is learnt too."""
_STEPS: Final = 127
"""Of what is kept of an example's embedding, one byte a number."""
FILE: Final = files("xiaoer.assistant.understanding") / "danger.npz"
Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Judged:
    """The likeliest kind of danger; it is one from 0 of `sureness` on. `supposed`: it would be one, were it there."""

    kind: DangerKind
    sureness: float
    supposed: bool


@dataclass(frozen=True)
class Learnt:
    """The examples' embeddings about their middle, what each weighs for `KINDS`, `SUPPOSED` and `HARMLESS` (a column
    each), and by how much a danger has to be likelier than no danger.
    """

    embedder: str
    examples: str
    middle: Matrix
    points: Matrix
    weights: Matrix
    threshold: float

    def judge(self, vectors: Matrix) -> Iterator[Judged]:
        scores = _kernel(unit(vectors - self.middle), self.points) @ self.weights
        for row, margin in zip(scores, _margins(scores), strict=True):
            kind = KINDS[int(row[: len(KINDS)].argmax())]
            yield Judged(kind, float(margin) - self.threshold, supposed=bool(row[-2] > row[-1]))

    def save(self, path: Path) -> None:
        """Write it down as the file that comes with the package."""
        names, points = np.array([self.embedder, self.examples]), np.rint(self.points * _STEPS).astype(np.int8)
        threshold = np.float32(self.threshold)
        np.savez_compressed(
            path, names=names, middle=self.middle, points=points, weights=self.weights, threshold=threshold
        )

    @classmethod
    def load(cls, path: Path) -> Self:
        with np.load(path, allow_pickle=False) as stored:
            embedder, examples = (str(name) for name in stored["names"])
            points = stored["points"].astype(np.float32) / _STEPS
            return cls(embedder, examples, stored["middle"], points, stored["weights"], float(stored["threshold"]))


def packaged() -> Learnt:
    """What comes with the package."""
    with as_file(FILE) as path:
        return Learnt.load(path)


def digest(examples: Mapping[str, Sequence[str]]) -> str:
    """By which it is known from which examples something was learnt."""
    return hashlib.sha256(json.dumps(dict(examples), ensure_ascii=False).encode()).hexdigest()[:16]


async def learn(embedder: Embedder, examples: Mapping[str, Sequence[str]], stamp: str) -> Learnt:
    """Learn from texts by kind, which `stamp` tells apart. Raises `EmbedderUnavailable`."""
    pairs = [(text, kind) for kind, texts in examples.items() for text in texts]
    vectors = np.stack([await embedder.query(text) for text, _ in pairs])
    return await asyncio.to_thread(fit, embedder.name, stamp, [kind for _, kind in pairs], vectors)


def fit(embedder: str, examples: str, kinds: Sequence[str], vectors: Matrix) -> Learnt:
    """Learn from embeddings and their kinds; the threshold comes from what each would get, were it left out."""
    columns = [*KINDS, SUPPOSED, HARMLESS]
    wanted = np.zeros((len(kinds), len(columns)), np.float32)
    wanted[np.arange(len(kinds)), [columns.index(kind) for kind in kinds]] = 1.0
    middle: Matrix = vectors.mean(axis=0)
    points: Matrix = (np.rint(unit(vectors - middle) * _STEPS) / _STEPS).astype(np.float32)
    kernel: NDArray[Any] = _kernel(points, points).astype(np.float64)
    inverse: NDArray[Any] = np.linalg.inv(kernel + _RIDGE * np.eye(len(kinds)))
    weights: NDArray[Any] = inverse @ wanted
    left_out = wanted - weights / np.diag(inverse)[:, None]
    no_danger = _margins(left_out)[[kind not in KINDS for kind in kinds]]
    threshold = float(np.quantile(no_danger, 1 - FALSE_ALARMS))
    return Learnt(embedder, examples, middle, points, np.asarray(weights, np.float32), threshold)


def _kernel(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    """How near each of one is to each of the other: 1 for the same direction, falling with the angle."""
    near: NDArray[Any] = np.exp(one @ other.T - 1) + _LEVEL
    return near


def _margins(scores: NDArray[Any]) -> NDArray[Any]:
    """By how much the likeliest kind is likelier than no danger."""
    kinds = len(KINDS)
    margins: NDArray[Any] = scores[:, :kinds].max(axis=1) - scores[:, kinds:].max(axis=1)
    return margins
