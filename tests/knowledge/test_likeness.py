from collections.abc import Sequence

import pytest

from xiaoer.knowledge.embedding import BundledEmbedder, EmbedderUnavailable, Vectors
from xiaoer.knowledge.likeness import Likenesses


class Counting:
    """The bundled embedder, noting what it is asked."""

    def __init__(self, embedder: BundledEmbedder) -> None:
        self._embedder = embedder
        self.floor = embedder.floor
        self.asked: list[str] = []

    async def passages(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return await self._embedder.passages(texts)


class Gone:
    floor = 0.75

    async def passages(self, _texts: Sequence[str]) -> Vectors:
        raise EmbedderUnavailable("It does not answer.")


async def test_a_translation_is_more_alike_than_another_matter(embedder: BundledEmbedder) -> None:
    ((same, other),) = (
        await Likenesses(embedder).of(["The warranty is two years."], ["保修两年。", "满99元包邮。"]) or []
    )
    assert same > other


async def test_a_text_met_before_is_not_embedded_again(embedder: BundledEmbedder) -> None:
    counting = Counting(embedder)
    likenesses = Likenesses(counting)  # type: ignore[arg-type]
    first = await likenesses.of(["a kettle"], ["水壶", "毛毯"])
    again = await likenesses.of(["a kettle"], ["毛毯", "水壶"])
    assert counting.asked == ["a kettle", "水壶", "毛毯"]
    assert first is not None
    assert again is not None
    assert again[0] == pytest.approx(first[0][::-1])


async def test_an_embedder_that_does_not_answer_tells_nothing() -> None:
    assert await Likenesses(Gone()).of(["a"], ["b"]) is None  # type: ignore[arg-type]
