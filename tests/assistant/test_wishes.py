"""What nothing answers may have been a wish in other words: it is offered to tap, and does nothing by itself."""

import uuid

import numpy as np
import pytest

from xiaoer.assistant.classifier import Classifier
from xiaoer.assistant.flows.wants import wants_of
from xiaoer.assistant.learning import Learning
from xiaoer.assistant.understanding.intent import intent_of
from xiaoer.assistant.wishes import SAYINGS, Wishes
from xiaoer.knowledge.embedding import BundledEmbedder


@pytest.mark.parametrize(("kind", "said"), [(kind, said) for kind, row in SAYINGS.items() for said in row.values()])
def test_what_is_offered_to_tap_is_understood_by_the_rules(kind: str, said: str) -> None:
    assert intent_of(said) == "person" if kind == "person" else kind in wants_of(said, named=False)


async def nowhere(store_id: uuid.UUID) -> None:
    """No shop is connected."""


async def test_what_is_no_wish_of_an_order_is_offered_none(embedder: BundledEmbedder) -> None:
    wishes = Wishes(Learning(embedder), nowhere)
    assert await wishes.kind_of("where is the parcel i bought last week right now") == "track"
    for other in ("the name of the third moon of Saturn", "how do I reset the password of my profile"):
        assert await wishes.kind_of(other) is None


def test_sureness_is_a_share_of_the_examples_so_that_one_threshold_serves_all() -> None:
    rng = np.random.default_rng(7)
    middles = {"red": rng.normal(size=16), "blue": rng.normal(size=16)}
    labels = ["red", "blue"] * 30
    vectors = np.stack([middles[label] + 0.3 * rng.normal(size=16) for label in labels]).astype(np.float32)
    classifier = Classifier.learn([""] * 60, labels, vectors)
    inside = classifier.guess(["", ""], np.stack([middles["red"], middles["blue"]]).astype(np.float32))
    assert [guess.label for guess in inside] == ["red", "blue"]
    assert all(guess.is_sure for guess in inside)
    outside = classifier.guess([""], ((middles["red"] + middles["blue"]) / 2)[None].astype(np.float32))
    assert not outside[0].is_sure


def test_examples_of_one_label_teach_nothing() -> None:
    with pytest.raises(ValueError, match="two labels"):
        Classifier.learn(["a"], ["one"], np.zeros((1, 4), np.float32))
