"""Answers from a shop's knowledge that are kept for a while, to be given to whoever asks the same."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.conversations.tables import CachedAnswer, Message
from xiaoer.db.record import now

CLEARED_AT_ONCE = 100


@dataclass(frozen=True)
class Cached:
    """What is kept of an answer: what any customer may read, and until when."""

    text: str
    sources: tuple[dict[str, Any], ...]
    confidence: float
    expires_at: datetime


async def find(session: AsyncSession, store_id: uuid.UUID, key: str, *, at: datetime) -> Cached | None:
    """The answer kept under this key, if it still holds."""
    query = sa.select(CachedAnswer).where(
        CachedAnswer.store_id == store_id, CachedAnswer.key == key, CachedAnswer.expires_at > at
    )
    row = await session.scalar(query)
    return None if row is None else Cached(row.text, tuple(row.sources), row.confidence, row.expires_at)


async def keep(session: AsyncSession, store_id: uuid.UUID, key: str, answer: Cached) -> None:
    """Keep an answer under this key in place of the one before, and clear away what has run out."""
    over = sa.select(CachedAnswer.id).where(CachedAnswer.expires_at <= now()).limit(CLEARED_AT_ONCE)
    await session.execute(sa.delete(CachedAnswer).where(CachedAnswer.id.in_(over.with_for_update(skip_locked=True))))
    kept = {
        "text": answer.text,
        "sources": list(answer.sources),
        "confidence": answer.confidence,
        "expires_at": answer.expires_at,
        "created_at": now(),
    }
    statement = insert(CachedAnswer).values(id=uuid.uuid4(), store_id=store_id, key=key, **kept)
    await session.execute(statement.on_conflict_do_update(index_elements=["store_id", "key"], set_=kept))


async def drop_answer_of(session: AsyncSession, message_id: uuid.UUID) -> None:
    """Give the answer that this message told to nobody else."""
    told = sa.select(Message.store_id, Message.question_key).where(Message.id == message_id)
    await session.execute(sa.delete(CachedAnswer).where(sa.tuple_(CachedAnswer.store_id, CachedAnswer.key).in_(told)))
