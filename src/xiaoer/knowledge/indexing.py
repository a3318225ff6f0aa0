"""Embedding in the background: whatever has no vector by the present embedder gets one, newest first.

Stores take turns, so that nobody waits for another's import. In each, every passage first gets its own vector, since
then it is found by meaning; the vectors of its sentences follow. One process at a time does this for the whole
database. A changed embedder is the same work beside the old vectors, which go on serving until the new ones are
complete, and are deleted when nobody has used them for a while.
"""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from xiaoer.db.database import OUTAGES, Database
from xiaoer.db.record import now
from xiaoer.errors import Unavailable
from xiaoer.knowledge import articles, readiness, tables, vectors
from xiaoer.knowledge.embedding import Embedder, Vectors
from xiaoer.knowledge.endings import end
from xiaoer.knowledge.readiness import Progress
from xiaoer.knowledge.tables import Article, EmbedderSet, Passage, Question
from xiaoer.stores import Store

BATCH = 8
LOOK_AHEAD = 256
QUICK_SECONDS = 0.2
"""For a batch; whoever saves something waits no longer than one takes."""
LOOK_SECONDS = 1.0
RETRY_SECONDS = 5.0
TOUCH_SECONDS = 1800.0
TELL_SECONDS = 30.0
EDIT = timedelta(seconds=5)
"""How long what somebody saves may wait for its vectors before it is told: longer than one article needs."""
KEPT_UNUSED = timedelta(hours=6)
KEPT_CHANGES = timedelta(days=1)
MOST_INDEXED_DIMENSIONS = 4000  # of pgvector's HNSW over halfvec
INDEX_LOCK = 7_203_115
WORK_LOCK = 7_203_116
log = structlog.get_logger(__name__)


async def register(database: Database, embedder: Embedder) -> int:
    """The number of the embedder's set of vectors, made with its index if it is new. Raises what `prepare` does."""
    await embedder.prepare()
    row = {"id": uuid.uuid4(), "name": embedder.name, "dimensions": embedder.dimensions, "seen_at": now()}
    statement = insert(EmbedderSet).values(row)
    statement = statement.on_conflict_do_update(index_elements=["name", "dimensions"], set_={"seen_at": now()})
    async with database.engine.begin() as connection:
        await connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": INDEX_LOCK})
        number = int((await connection.execute(statement.returning(EmbedderSet.number))).scalar_one())
        if embedder.dimensions <= MOST_INDEXED_DIMENSIONS:
            for table in ("passage_vectors", "question_vectors"):
                await connection.execute(sa.text(index_statement(table, number, embedder.dimensions)))
    return number


def index_statement(table: str, number: int, dimensions: int) -> str:
    """The index of nearest neighbours over one embedder's vectors."""
    return (
        f"CREATE INDEX IF NOT EXISTS ix_{table}_nearest_{number} ON {table} "
        f"USING hnsw ((CAST(embedding AS halfvec({dimensions}))) halfvec_cosine_ops) WHERE embedder = {number}"
    )


class Indexer:
    """Keeps the vectors of all stores complete."""

    def __init__(self, database: Database, embedder: Embedder) -> None:
        self._database = database
        self._embedder = embedder
        self._task: asyncio.Task[None] | None = None
        self._work = asyncio.Event()
        self._fresh: set[uuid.UUID] = set()
        self._done: dict[uuid.UUID, int] = {}
        """The revision of each store up to which nothing of it lacks a vector."""
        self.number: int | None = None
        """Of the embedder's set; None until the embedder has answered for the first time."""

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task:
            await end(self._task)

    def notice(self, store_id: uuid.UUID) -> None:
        """Something of this store was saved."""
        self._fresh.add(store_id)
        self._work.set()

    async def progress(self, store_id: uuid.UUID | None = None) -> Progress:
        """How far it is, with one store or with all."""
        async with self._database.sessions() as session:
            return await readiness.progress(session, self.number or 0, store_id)

    async def is_missing(self, store_id: uuid.UUID | None = None) -> bool:
        """Whether anything waits for its vector."""
        async with self._database.sessions() as session:
            return await readiness.is_missing(session, self.number or 0, store_id)

    async def unread(self, store_id: uuid.UUID | None = None) -> list[uuid.UUID]:
        """The stores of which something has waited for its vector longer than an edit does; of them, or of all."""
        query = sa.select(Store.id, Store.knowledge_revision)
        async with self._database.sessions() as session:
            rows = (await session.execute(query if store_id is None else query.where(Store.id == store_id))).all()
            left = [row.id for row in rows if self._done.get(row.id, -1) < row.knowledge_revision]
            before = now() - EDIT
            return [each for each in left if await readiness.is_missing(session, self.number or 0, each, before=before)]

    async def has_caught_up(self, store_id: uuid.UUID, previous: int) -> bool:
        """Whether a store has no fewer vectors by the present embedder than by a previous one."""
        if self.number is None:
            return False
        table = tables.passage_vectors
        query = sa.select(table.c.embedder, sa.func.count()).where(
            table.c.store_id == store_id, table.c.embedder.in_([self.number, previous])
        )
        async with self._database.sessions() as session:
            counts: dict[int, int] = {row[0]: row[1] for row in await session.execute(query.group_by(table.c.embedder))}
        return counts.get(self.number, 0) >= counts.get(previous, 0)

    async def _run(self) -> None:
        touched = -TOUCH_SECONDS
        while True:
            self._work.clear()
            wait = LOOK_SECONDS
            try:
                if self.number is None:
                    self.number = await register(self._database, self._embedder)
                if time.monotonic() - touched > TOUCH_SECONDS:
                    await self._touch()
                    touched = time.monotonic()
                if await self._behind():
                    await self._drain()
            except Unavailable as error:
                log.warning("embedder.unavailable", reason=error.detail)
                wait = RETRY_SECONDS
            except OUTAGES as error:
                log.warning("indexer.database_down", error=str(error).partition("\n")[0])
                wait = RETRY_SECONDS
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._work.wait()

    async def _touch(self) -> None:
        async with self._database.sessions.begin() as session:
            mine = EmbedderSet.number == self._number
            await session.execute(sa.update(EmbedderSet).where(mine).values(seen_at=now()))

    async def _behind(self) -> dict[uuid.UUID, int]:
        """Stores that may have something without a vector, with their revision; those saved to just now first."""
        async with self._database.sessions() as session:
            rows = (await session.execute(sa.select(Store.id, Store.knowledge_revision))).all()
        left = {row.id: row.knowledge_revision for row in rows if self._done.get(row.id, -1) < row.knowledge_revision}
        self._fresh &= left.keys()
        return {store_id: left[store_id] for store_id in sorted(left, key=lambda each: each not in self._fresh)}

    async def _drain(self) -> None:
        """Embed all that waits, unless another process is at it."""
        engine = self._database.engine.execution_options(isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            mine = await connection.scalar(sa.text("SELECT pg_try_advisory_lock(:key)"), {"key": WORK_LOCK})
            if not mine:
                return
            try:
                told = time.monotonic()
                while behind := await self._behind():
                    self._work.clear()
                    await self._round(behind)
                    if time.monotonic() - told > TELL_SECONDS:
                        told = time.monotonic()
                        log.info("embedding", **asdict(await self.progress()))
                await self._tidy(connection)
            finally:
                await connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": WORK_LOCK})

    async def _round(self, behind: Mapping[uuid.UUID, int]) -> None:
        """A turn for each of the stores, until something newer was saved, which goes first."""
        for store_id, revision in behind.items():
            if not (
                await self._questions(store_id) or await self._passages(store_id) or await self._sentences(store_id)
            ):
                self._done[store_id] = revision
            if self._work.is_set():
                return

    async def _questions(self, store_id: uuid.UUID) -> bool:
        query = readiness.without_vector(self._number, Question.id, Question.wording)
        query = query.where(Question.store_id == store_id)
        rows = await self._ask(query.order_by(Question.created_at.desc()).limit(LOOK_AHEAD))
        for batch in self._batches(rows):
            found = await self._embedder.passages([row.wording for row in batch])
            await self._keep(tables.question_vectors, "question_id", batch, found)
        return bool(rows)

    async def _passages(self, store_id: uuid.UUID) -> bool:
        query = readiness.without_vector(self._number, Passage.id, Passage.heading, Passage.text)
        query = query.where(Passage.store_id == store_id)
        rows = await self._ask(query.order_by(Passage.created_at.desc()).limit(LOOK_AHEAD))
        for batch in self._batches(rows):
            found = await self._embedder.passages([articles.told(row.heading, row.text) for row in batch])
            await self._keep(tables.passage_vectors, "passage_id", batch, found)
        return bool(rows)

    async def _sentences(self, store_id: uuid.UUID) -> bool:
        table = tables.passage_vectors
        query = readiness.without_sentences(
            self._number, Passage.id, Passage.sentences, Article.kind, Article.title, Article.questions
        )
        query = query.join(Article, Article.id == Passage.article_id).where(table.c.store_id == store_id)
        rows = await self._ask(query.order_by(Passage.created_at.desc()).limit(LOOK_AHEAD))
        for batch in self._batches(rows):
            parts = [vectors.pack(await self._refined(row)) for row in batch]
            async with self._database.sessions.begin() as session:
                for row, part in zip(batch, parts, strict=True):
                    here = table.c.passage_id == row.id, table.c.embedder == self._number
                    await session.execute(sa.update(table).where(*here).values(sentences=part))
        return bool(rows)

    async def _refined(self, row: sa.Row[Any]) -> Vectors:
        """A vector for each sentence, zero for those that say too little, then one for each wording."""
        texts = articles.single(row.sentences, row.kind, row.title, row.questions)
        telling = [at for at, text in enumerate(texts) if articles.tells(text)]
        result = np.zeros((len(texts), self._embedder.dimensions), np.float32)
        if telling:
            result[telling] = await self._embedder.passages([texts[at] for at in telling])
        return result

    def _batches(self, rows: Sequence[sa.Row[Any]]) -> Iterator[Sequence[sa.Row[Any]]]:
        """Batches of rows, larger ones while they take next to no time, until something newer was saved."""
        at, size = 0, BATCH
        while at < len(rows) and not (at and self._work.is_set()):
            began = time.monotonic()
            yield rows[at : at + size]
            at += size
            size = min(2 * size, LOOK_AHEAD) if time.monotonic() - began < QUICK_SECONDS else BATCH

    async def _keep(self, table: sa.Table, column: str, rows: Sequence[sa.Row[Any]], found: Vectors) -> None:
        """Store vectors of what still exists: a text may have been deleted while it was embedded."""
        of = Question if table is tables.question_vectors else Passage
        made = {row.id: vector.tolist() for row, vector in zip(rows, found, strict=True)}
        async with self._database.sessions.begin() as session:
            there = await session.execute(
                sa.select(of.id, of.store_id).where(of.id.in_(made)).with_for_update(key_share=True)
            )
            values = [
                {column: each.id, "embedder": self._number, "store_id": each.store_id, "embedding": made[each.id]}
                for each in there
            ]
            if values:
                await session.execute(insert(table).values(values).on_conflict_do_nothing())

    async def _ask(self, query: Any) -> Sequence[sa.Row[Any]]:
        async with self._database.sessions() as session:
            rows: Sequence[sa.Row[Any]] = (await session.execute(query)).all()
            return rows

    async def _tidy(self, connection: AsyncConnection) -> None:
        """Forget sets of vectors that no process has used for long, and changes that every process has seen."""
        others = EmbedderSet.number != self._number
        old = sa.select(EmbedderSet.number).where(others, EmbedderSet.seen_at < now() - KEPT_UNUSED)
        for number in (await connection.scalars(old)).all():
            for table in ("passage_vectors", "question_vectors"):
                await connection.execute(sa.text(f"DROP INDEX IF EXISTS ix_{table}_nearest_{int(number)}"))
            await connection.execute(sa.delete(EmbedderSet).where(EmbedderSet.number == number))
        changes = tables.changes
        await connection.execute(sa.delete(changes).where(changes.c.created_at < now() - KEPT_CHANGES))

    @property
    def _number(self) -> int:
        assert self.number is not None
        return self.number
