"""The vectors that come with the demo store are those of its texts by the embedder that comes with it."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from xiaoer.db.database import Database
from xiaoer.demo import seed, vectors
from xiaoer.knowledge import prepared
from xiaoer.knowledge.embedding import BundledEmbedder
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.knowledge.prepared import PreparedEmbedder


@pytest.fixture(scope="module")
def held() -> prepared.Prepared:
    return prepared.load(vectors.FILE)


def test_the_file_holds_every_text_that_names_no_day_and_nothing_else(held: prepared.Prepared) -> None:
    texts = vectors.texts()
    assert set(held.keys.tolist()) == set(prepared.keys_of(texts).tolist()), "run `make vectors`"
    assert len(held.rows) == len(texts) > 4000


def test_the_file_was_made_by_the_embedder_that_is_installed(held: prepared.Prepared) -> None:
    assert held.digest == BundledEmbedder.digest(), "run `make vectors`"


async def test_its_vectors_are_what_the_embedder_makes(held: prepared.Prepared, embedder: BundledEmbedder) -> None:
    texts = vectors.texts()[::500]
    known, found = held.find([*texts, "no text of the demo store"])
    assert known == list(range(len(texts)))
    made = await embedder.passages(texts)
    assert (found * made).sum(axis=1).min() > 0.995


async def test_a_fresh_demo_store_is_read_in_with_hardly_anything_to_embed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    make = BundledEmbedder.passages

    async def counted(self: BundledEmbedder, texts: list[str]) -> np.ndarray:
        made.extend(texts)
        return await make(self, texts)

    monkeypatch.setattr(BundledEmbedder, "passages", counted)
    knowledge = Knowledge(database, PreparedEmbedder(vectors.FILE))
    await knowledge.start()
    await seed.seed(database, knowledge)
    await knowledge.settled()
    seen = await knowledge.progress()
    assert seen.passages == seen.embedded == seen.refined > 1000
    assert len(set(made)) < 150  # what names today's dates
    assert not set(made) & set(vectors.texts())
    await knowledge.close()


async def test_vectors_of_another_embedder_are_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other.npz"
    prepared.save(other, "of other weights", ["怎么退货"], np.eye(1, 384, dtype=np.float32))
    mixed = PreparedEmbedder(other)
    assert (await mixed.passages(["怎么退货"]))[0][0] < 0.9
    same = tmp_path / "same.npz"
    prepared.save(same, BundledEmbedder.digest(), ["怎么退货"], np.eye(1, 384, dtype=np.float32))
    mixed = PreparedEmbedder(same)
    first, second = await mixed.passages(["怎么退货", "别的"])
    assert first[0] == pytest.approx(1)
    assert second[0] < 0.9
    await mixed.close()


def test_what_depends_on_the_day_is_not_in_it() -> None:
    assert set(vectors._embedded(date(2026, 11, 11))) - set(vectors.texts())
