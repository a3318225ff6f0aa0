"""Classifiers learnt from examples that are kept as data, and what was learnt of them kept in files beside.

To embed a thousand examples takes a small machine half a minute. What the bundled embedder makes of them is therefore
part of the package, in `learnt/`; `xiaoer bench learn` writes it. Any other embedder learns after the start.
"""

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from xiaoer.assistant.classifier import Classifier, Matrix
from xiaoer.knowledge.embedding import Embedder

FOLDER = "learnt"
REMEMBERED = 64
"""Texts whose vectors are kept: one message is put to several classifiers."""


@dataclass(frozen=True)
class Lesson:
    """A set of examples by label, under a name, and how to learn from it; see `Classifier.learn`."""

    name: str
    examples: Mapping[str, Sequence[str]]
    meaning: float
    ridge: float

    def stamp(self, embedder: Embedder) -> str:
        """Differs wherever something else would be learnt."""
        told = [embedder.name, embedder.dimensions, self.meaning, self.ridge, dict(self.examples)]
        return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


class Learning:
    """What one embedder learns from the lessons."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._learning = asyncio.Lock()
        self._vectors: OrderedDict[str, NDArray[np.float32]] = OrderedDict()

    async def classifier(self, lesson: Lesson) -> Classifier | None:
        """What is known of a lesson; None while it has to be learnt still."""
        known = _KNOWN.setdefault(self._embedder, {})
        if lesson.name not in known:
            known[lesson.name] = await asyncio.to_thread(_kept, lesson, self._embedder)
        return known[lesson.name]

    async def learn(self, lesson: Lesson) -> None:
        """Learn a lesson that is not known; raises `EmbedderUnavailable`."""
        async with self._learning:
            if await self.classifier(lesson) is None:
                _KNOWN[self._embedder][lesson.name] = await learn(lesson, self._embedder)

    async def vectors(self, texts: Sequence[str]) -> Matrix:
        """The embeddings of customers' messages, one row each; raises `EmbedderUnavailable`."""
        return np.stack([await self._vector(text) for text in texts])

    async def _vector(self, text: str) -> NDArray[np.float32]:
        if text not in self._vectors:
            self._vectors[text] = await self._embedder.query(text)
            while len(self._vectors) > REMEMBERED:
                self._vectors.popitem(last=False)
        return self._vectors[text]


_KNOWN: WeakKeyDictionary[Embedder, dict[str, Classifier | None]] = WeakKeyDictionary()
"""What is learnt depends on the embedder alone; a process learns it once for each."""


async def learn(lesson: Lesson, embedder: Embedder) -> Classifier:
    """Learn a lesson from its examples."""
    pairs = [(text, label) for label, texts in lesson.examples.items() for text in texts]
    texts, labels = [text for text, _ in pairs], [label for _, label in pairs]
    vectors = np.stack([await embedder.query(text) for text in texts])
    how: dict[str, Any] = {"meaning": lesson.meaning, "ridge": lesson.ridge}
    return await asyncio.to_thread(Classifier.learn, texts, labels, vectors, **how)


async def keep(lesson: Lesson, embedder: Embedder, folder: Path) -> Path:
    """Learn a lesson, and keep what was learnt in a file of that folder."""
    classifier = await learn(lesson, embedder)
    path = folder / f"{lesson.name}.npz"
    await asyncio.to_thread(_write, path, lesson.stamp(embedder), classifier)
    return path


def _write(path: Path, stamp: str, classifier: Classifier) -> None:
    path.parent.mkdir(exist_ok=True)
    arrays: dict[str, Any] = {name: _halved(array) for name, array in classifier.state.items()}
    np.savez_compressed(path, stamp=np.array(stamp), **arrays)


def _halved(array: NDArray[Any]) -> NDArray[Any]:
    """Half floats, which are as good here and half as long."""
    return array.astype(np.float16) if array.dtype == np.float32 else array


def _kept(lesson: Lesson, embedder: Embedder) -> Classifier | None:
    """What the package holds of a lesson for this embedder, if it was learnt from these examples."""
    file = files("xiaoer.assistant") / FOLDER / f"{lesson.name}.npz"
    if not file.is_file():
        return None
    with as_file(file) as path, np.load(path) as arrays:
        if str(arrays["stamp"]) != lesson.stamp(embedder):
            return None
        return Classifier({name: arrays[name] for name in arrays.files if name != "stamp"})
