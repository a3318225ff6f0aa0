"""The retrieval benchmarks measure what they say."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from xiaoer.bench import retrieval, scale
from xiaoer.db.database import Database
from xiaoer.errors import Invalid
from xiaoer.knowledge.embedding import BundledEmbedder, Vectors, unit
from xiaoer.knowledge.knowledge import Knowledge


class Characters:
    """Vectors that count characters: quick, where only the time of the rest matters."""

    name = "characters"
    dimensions = 32
    floor = 0.0
    language_gap = 0.0

    async def prepare(self) -> None:
        pass

    async def query(self, text: str) -> Vectors:
        return (await self.passages([text]))[0]

    async def passages(self, texts: Sequence[str]) -> Vectors:
        counts = [np.bincount([ord(each) % 32 for each in text], minlength=32) for text in texts]
        return unit(np.array(counts, np.float32))

    async def close(self) -> None:
        pass


def lines(path: Path, rows: Sequence[dict]) -> None:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))


def test_gain_is_discounted_by_rank_and_set_against_the_best_order() -> None:
    assert retrieval.ndcg(["a", "b"], {"a": 1}) == 1
    assert retrieval.ndcg(["b", "a"], {"a": 1}) == pytest.approx(1 / math.log2(3))
    assert retrieval.ndcg(["b", "a"], {"a": 2, "b": 1}) == pytest.approx(
        (1 + 2 / math.log2(3)) / (2 + 1 / math.log2(3))
    )
    assert retrieval.ndcg([*"bcdefghijk", "a"], {"a": 1}) == 0
    assert retrieval.ndcg([], {}) == 0


async def test_a_folder_is_searched_with_and_without_the_product(
    database: Database, embedder: BundledEmbedder, tmp_path: Path
) -> None:
    rows = [
        {"id": name, "title": "保修", "text": "整机保修三年。" + name, "lang": "zh", "product_id": name}
        for name in "PQ"
    ]
    lines(tmp_path / "passages.jsonl", [*rows, {"id": "pay", "text": "支持微信付款。"}])
    lines(
        tmp_path / "queries.jsonl",
        [
            {"id": "1", "text": "保修几年", "product_id": "Q"},
            {"id": "2", "text": "怎么付款"},
            {"id": "3", "text": "未评"},
        ],
    )
    (tmp_path / "qrels.tsv").write_text("1\t0\tQ\t1\n2\t0\tpay\t1\n")
    knowledge = Knowledge(database, embedder)
    await knowledge.start()
    figures = await retrieval.measure(database, knowledge, tmp_path)
    await knowledge.close()
    label = f"{tmp_path.name} → {tmp_path.name}"
    assert figures[f"{label}, product known"] == {"questions": 2, "ndcg@10": 1.0, "hit@1": 1.0}
    assert figures[label]["ndcg@10"] >= 0.8


async def test_a_folder_without_data_is_refused(database: Database, tmp_path: Path) -> None:
    (tmp_path / "qrels.tsv").write_text("")
    with pytest.raises(Invalid, match="qrels"):
        await retrieval.measure(database, Knowledge(database, Characters()), tmp_path)


async def test_a_made_up_store_is_searched_and_edited(database: Database) -> None:
    figures = await scale.measure(database, Characters(), passages=150, questions=5)
    searches, vector, edits, store = figures.values()
    assert 0 <= vector["p50_ms"] <= vector["max_ms"]
    assert 0 < searches["p50_ms"] <= searches["p95_ms"] <= searches["max_ms"]
    assert 0 < edits["p50_ms"] < 2000
    assert store["database_mb"] > 1
