"""How far the vectors are: what has none by an embedder yet, of one store or of all."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.knowledge import tables
from xiaoer.knowledge.tables import Passage, Question


@dataclass(frozen=True)
class Progress:
    """Passages in all, those found by meaning, and those of which each sentence is."""

    passages: int
    embedded: int
    refined: int


async def progress(session: AsyncSession, number: int, store_id: uuid.UUID | None = None) -> Progress:
    """How far the vectors of the embedder of that number are."""
    vectors = tables.passage_vectors.c
    count = sa.select(sa.func.count()).select_from(Passage)
    done = sa.select(sa.func.count(), sa.func.count(vectors.sentences)).where(vectors.embedder == number)
    if store_id is not None:
        count = count.where(Passage.store_id == store_id)
        done = done.where(vectors.store_id == store_id)
    passages = await session.scalar(count) or 0
    row = (await session.execute(done)).one()
    return Progress(passages, row[0], row[1])


async def is_missing(
    session: AsyncSession, number: int, store_id: uuid.UUID | None = None, *, before: datetime | None = None
) -> bool:
    """Whether something waits for its vector, of what was stored before a moment where one is given."""

    def narrowed(query: sa.Select[Any], of: type[Passage] | type[Question]) -> sa.Select[Any]:
        mine = query if store_id is None else query.where(of.store_id == store_id)
        return mine if before is None else mine.where(of.created_at < before)

    for waiting in (
        narrowed(without_vector(number, Passage.id), Passage),
        narrowed(without_vector(number, Question.id), Question),
        narrowed(without_sentences(number, Passage.id), Passage),
    ):
        if await session.scalar(sa.select(waiting.exists())):
            return True
    return False


def without_vector(number: int, column: Any, *more: Any) -> sa.Select[Any]:
    """What has no vector by an embedder: `column` is the id of passages or of questions."""
    table = tables.passage_vectors if column.class_ is Passage else tables.question_vectors
    of = table.c.passage_id if column.class_ is Passage else table.c.question_id
    there = sa.select(of).where(of == column, table.c.embedder == number)
    return sa.select(column, *more).where(~there.exists())


def without_sentences(number: int, *columns: Any) -> sa.Select[Any]:
    """Passages that have a vector of their own by an embedder, and none of their sentences yet."""
    table = tables.passage_vectors
    query = sa.select(*columns).join(table, table.c.passage_id == Passage.id)
    return query.where(table.c.embedder == number, table.c.sentences.is_(None))
