"""How quick search stays in a large store: a synthetic one, filled straight into the tables, asked through the door.

The texts are the demo store's sentences in new company, each passage with a code of its own; the vectors are those
sentences' real ones with noise. So the figures say how long a search takes and what it holds in memory, and nothing
about how well it finds.
"""

import asyncio
import random
import resource
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import sqlalchemy as sa
from pgvector import HalfVector
from pgvector.psycopg import register_vector_async
from psycopg import AsyncConnection

from xiaoer import stores
from xiaoer.bench.machine import percentile
from xiaoer.db.database import Database
from xiaoer.demo import load
from xiaoer.knowledge import articles, indexing, lexical, vectors
from xiaoer.knowledge.documents import Document
from xiaoer.knowledge.embedding import Embedder, Vectors, unit
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.language import sentences

SENTENCES = 600
"""Sentences of the demo store that are embedded; the rest of a large store is made from them."""

NOISE = 0.35
"""Length of the noise beside a unit vector: two passages made of one sentence have a cosine of 0.89."""

PER_PASSAGE = 4
PER_ARTICLE = 4
WARM_UP = 20
EDITS = 10


@dataclass(frozen=True)
class Material:
    """Sentences of one language, and their vectors."""

    texts: Sequence[str]
    rows: Vectors


async def measure(
    database: Database, embedder: Embedder, *, passages: int, questions: int = 300
) -> dict[str, dict[str, float]]:
    """Fill a store of so many passages, and search it; milliseconds, seconds and MB.

    The first search of a process reads the store's terms, which is reported apart.
    """
    material = await material_of(embedder)
    started = time.perf_counter()
    store_id = await fill(database, embedder, material, passages)
    filled = time.perf_counter() - started
    knowledge = Knowledge(database, embedder)
    try:
        await knowledge.start()
        before = _resident()
        opened = await _opened(knowledge, store_id)
        held = _resident() - before
        asked = _questions(material, questions)
        searches = await _searched(knowledge, store_id, asked)
        vector = await _embedded(embedder, asked)
        edits = await _edited(knowledge, store_id)
    finally:
        await knowledge.close()
    return {
        f"search among {passages:,} (synthetic)": searches,
        "of it the question's vector": vector,
        "an edit until it is found": edits,
        "the store": {
            "filled_s": round(filled, 1),
            "first_search_s": round(opened, 1),
            "terms_in_memory_mb": round(held),
            "database_mb": round(await _size(database)),
        },
    }


def _chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 -- a benchmark repeats itself, and guards nothing


async def material_of(embedder: Embedder) -> Material:
    await embedder.prepare()
    texts = [
        sentence
        for document in load.documents(date(2026, 1, 1))
        if document.locale == "zh"
        for sentence in sentences.split(document.text)
        if len(sentence) >= articles.LEAST_LETTERS
    ]
    chosen = _chance(1).sample(texts, min(SENTENCES, len(texts)))
    return Material(chosen, await embedder.passages(chosen))


def _questions(material: Material, count: int) -> list[str]:
    """Pieces of sentences, each different, so that no vector is remembered."""
    choice = _chance(2)
    texts = [choice.choice(material.texts) for _ in range(count + WARM_UP)]
    return [f"{text[: choice.randint(8, 24)]}？{number}" for number, text in enumerate(texts)]


async def fill(database: Database, embedder: Embedder, material: Material, passages: int) -> uuid.UUID:
    number = await indexing.register(database, embedder)
    async with database.sessions.begin() as session:
        store = await stores.create(session, f"scale-{uuid.uuid4().hex[:8]}", {})
    index = f"ix_passage_vectors_nearest_{number}"
    async with database.engine.connect() as connection:
        await connection.execute(sa.text(f"DROP INDEX {index}"))
        await connection.commit()
        raw = await connection.get_raw_connection()
        wire: AsyncConnection = raw.driver_connection  # type: ignore[assignment]
        await register_vector_async(wire)
        await _copied(wire, store.id, number, material, passages)
        await connection.commit()
        await connection.execute(sa.text("SET maintenance_work_mem = '3GB'"))
        await connection.execute(sa.text(indexing.index_statement("passage_vectors", number, embedder.dimensions)))
        await connection.execute(sa.text("RESET maintenance_work_mem"))
        await connection.commit()
    autocommit = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    async with autocommit.connect() as connection:
        await connection.execute(sa.text("VACUUM ANALYZE passages, articles, passage_vectors"))
    return store.id


async def _copied(wire: AsyncConnection, store_id: uuid.UUID, number: int, material: Material, passages: int) -> None:
    block = 10_000
    made = np.random.default_rng(3)
    choice = _chance(3)
    for first in range(0, passages, block):
        size = min(block, passages - first)
        picked = [choice.sample(range(len(material.texts)), PER_PASSAGE) for _ in range(size)]
        articles = [uuid.uuid4() for _ in range(-(-size // PER_ARTICLE))]
        ids = [uuid.uuid4() for _ in range(size)]
        await _copy(wire, "articles", _articles(store_id, articles))
        rows = await asyncio.to_thread(lambda: list(_passages(store_id, articles, ids, picked, material, first)))  # noqa: B023
        await _copy(wire, "passages", rows)
        await _copy(wire, "passage_vectors", _vectors(store_id, number, ids, picked, material, made))


def _articles(store_id: uuid.UUID, ids: Sequence[uuid.UUID]) -> Iterator[dict[str, object]]:
    for article_id in ids:
        yield {
            "id": article_id,
            "store_id": store_id,
            "key": str(article_id),
            "title": "商品说明",
            "text": "",
            "kind": "article",
            "locale": "zh",
            "status": "published",
            "content_hash": "",
            "updated_at": "2026-01-01T00:00:00Z",
        }


def _passages(
    store_id: uuid.UUID,
    articles: Sequence[uuid.UUID],
    ids: Sequence[uuid.UUID],
    picked: Sequence[Sequence[int]],
    material: Material,
    first: int,
) -> Iterator[dict[str, object]]:
    for at, (passage_id, chosen) in enumerate(zip(ids, picked, strict=True)):
        parts = [material.texts[each] for each in chosen]
        text = f"型号 X{first + at}。{''.join(parts)}"
        yield {
            "id": passage_id,
            "store_id": store_id,
            "article_id": articles[at // PER_ARTICLE],
            "position": at % PER_ARTICLE,
            "heading": "商品说明",
            "text": text,
            "sentences": parts,
            "language": "zh",
            "published": True,
            "digest": str(passage_id),
            "terms": lexical.pack(text),
        }


def _vectors(
    store_id: uuid.UUID,
    number: int,
    ids: Sequence[uuid.UUID],
    picked: Sequence[Sequence[int]],
    material: Material,
    made: np.random.Generator,
) -> Iterator[dict[str, object]]:
    dimensions = material.rows.shape[1]
    for passage_id, chosen in zip(ids, picked, strict=True):
        noise = made.normal(scale=NOISE / dimensions**0.5, size=(PER_PASSAGE + 1, dimensions))
        near = unit((np.vstack([material.rows[chosen[:1]], material.rows[chosen]]) + noise).astype(np.float32))
        yield {
            "passage_id": passage_id,
            "embedder": number,
            "store_id": store_id,
            "embedding": HalfVector(near[0]),
            "sentences": vectors.pack(near[1:]),
        }


async def _copy(
    wire: AsyncConnection, table: str, rows: Sequence[dict[str, object]] | Iterator[dict[str, object]]
) -> None:
    waiting = iter(rows)
    first = next(waiting)
    columns = ", ".join(first)
    async with wire.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        await copy.write_row(tuple(first.values()))
        for row in waiting:
            await copy.write_row(tuple(row.values()))


async def _opened(knowledge: Knowledge, store_id: uuid.UUID) -> float:
    """Seconds until a search counts words, which it does when the store's terms are read."""
    started = time.perf_counter()
    while not any(hit.scores.lexical for hit in await knowledge.search(store_id, "型号 X1")):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    return time.perf_counter() - started


async def _searched(knowledge: Knowledge, store_id: uuid.UUID, questions: Sequence[str]) -> dict[str, float]:
    return _summary([elapsed async for elapsed in _timed(knowledge, store_id, questions)][WARM_UP:])


async def _embedded(embedder: Embedder, questions: Sequence[str]) -> dict[str, float]:
    times = []
    for question in questions:
        started = time.perf_counter()
        await embedder.query(question)
        times.append((time.perf_counter() - started) * 1000)
    return _summary(times)


def _summary(times: Sequence[float]) -> dict[str, float]:
    return {
        "p50_ms": round(percentile(times, 50), 1),
        "p95_ms": round(percentile(times, 95), 1),
        "max_ms": round(max(times), 1),
    }


async def _timed(knowledge: Knowledge, store_id: uuid.UUID, questions: Sequence[str]) -> AsyncIterator[float]:
    for question in questions:
        started = time.perf_counter()
        await knowledge.search(store_id, question, locale="zh")
        yield (time.perf_counter() - started) * 1000


async def _edited(knowledge: Knowledge, store_id: uuid.UUID) -> dict[str, float]:
    """Milliseconds from the beginning of a save until a search shows the new text."""
    times = []
    for number in range(EDITS):
        document = Document(f"edit-{number}", "临时公告", f"公告编号 ZZ{number}：本周照常发货。", locale="zh")
        started = time.perf_counter()
        await knowledge.save(store_id, document)
        while not await _shows(knowledge, store_id, f"ZZ{number}"):  # noqa: ASYNC110 -- as a customer would ask again
            await asyncio.sleep(0.01)
        times.append((time.perf_counter() - started) * 1000)
    return {"p50_ms": round(percentile(times, 50), 1), "max_ms": round(max(times), 1)}


async def _shows(knowledge: Knowledge, store_id: uuid.UUID, code: str) -> bool:
    return any(code in hit.text for hit in await knowledge.search(store_id, f"公告 {code}"))


async def _size(database: Database) -> float:
    async with database.engine.connect() as connection:
        return float(await connection.scalar(sa.text("SELECT pg_database_size(current_database())")) or 0) / 1e6


def _resident() -> float:
    """The most memory this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
