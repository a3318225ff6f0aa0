"""Classifiers know what their examples teach, by what is kept with the package or by learning it."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from xiaoer.assistant import learning
from xiaoer.assistant.classifier import Classifier
from xiaoer.assistant.learning import Learning, Lesson
from xiaoer.bench.learning import lessons
from xiaoer.knowledge.embedding import BundledEmbedder


class Another(BundledEmbedder):
    """An embedder of which nothing is kept; it counts what it is asked."""

    name = "another"

    def __init__(self, embedder: BundledEmbedder) -> None:
        self.asked: list[str] = []
        self._embedder = embedder

    async def query(self, text: str) -> NDArray[np.float32]:
        self.asked.append(text)
        return await self._embedder.query(text)


def lesson(*, reds: tuple[str, ...] = ("red", "crimson", "scarlet")) -> Lesson:
    return Lesson("colours", {"red": reds, "blue": ("blue", "navy", "azure")}, meaning=1.5, ridge=0.3)


@pytest.mark.parametrize("kept", lessons(), ids=lambda each: each.name)
async def test_what_is_kept_was_learnt_from_the_examples_there_are(kept: Lesson, embedder: BundledEmbedder) -> None:
    """If not: run `xiaoer bench learn`."""
    assert learning._kept(kept, embedder) is not None


async def test_with_what_is_kept_nothing_is_learnt_and_with_another_embedder_once(embedder: BundledEmbedder) -> None:
    same = Another(embedder)
    same.name = embedder.name
    await Learning(same).learn(lessons()[0])
    assert same.asked == []
    another = Another(embedder)
    assert await Learning(another).classifier(lesson()) is None
    for _ in range(2):
        await Learning(another).learn(lesson())
    assert len(another.asked) == 6
    assert await Learning(another).classifier(lesson()) is not None


async def test_what_was_kept_guesses_as_what_was_learnt(
    embedder: BundledEmbedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ["dark blue", "bright red"]
    vectors = await Learning(embedder).vectors(asked)
    monkeypatch.setattr(learning, "files", lambda _: tmp_path)
    await learning.keep(lesson(), embedder, tmp_path / learning.FOLDER)
    kept = learning._kept(lesson(), embedder)
    assert kept is not None
    learnt = (await learning.learn(lesson(), embedder)).guess(asked, vectors)
    assert [guess.label for guess in learnt] == ["blue", "red"]
    assert [guess.label for guess in kept.guess(asked, vectors)] == ["blue", "red"]
    assert learning._kept(lesson(reds=("red", "ruby", "crimson")), embedder) is None  # other examples


async def test_a_message_is_embedded_once_for_all_classifiers(embedder: BundledEmbedder) -> None:
    another = Another(embedder)
    shared = Learning(another)
    for _ in range(2):
        await shared.vectors(["where is it?"])
    assert another.asked == ["where is it?"]
    await shared.vectors([f"message {number}" for number in range(200)])
    assert len(shared._vectors) == learning.REMEMBERED


def test_how_often_the_others_may_be_taken_for_what_is_wanted_is_kept() -> None:
    rng = np.random.default_rng(3)
    middles = {"red": np.zeros(16), "blue": np.full(16, 0.35)}  # they overlap
    labels = ["red", "blue"] * 200
    vectors = np.stack([middles[label] + rng.normal(size=16) for label in labels]).astype(np.float32)
    classifier = Classifier.learn([""] * 400, labels, vectors)
    fresh = np.stack([middles["blue"] + rng.normal(size=16) for _ in range(400)]).astype(np.float32)
    shares = [
        sum(found is not None for found in classifier.detect([""] * 400, fresh, {"red"}, false_alarms=share)) / 400
        for share in (0.2, 0.05)
    ]
    assert 0.1 < shares[0] < 0.3
    assert shares[1] < 0.1
