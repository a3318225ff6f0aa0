"""Where a conversation's dialogue stands, kept between turns and safe against turns that are run again."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.db.record import now
from xiaoer.tools.tables import Dialogue

FORGOTTEN_AFTER = timedelta(minutes=30)


async def load(session: AsyncSession, conversation_id: uuid.UUID, message_id: uuid.UUID) -> dict[str, Any]:
    """Where the dialogue stood before this message; empty when there is none, or it is too long ago."""
    kept = await session.scalar(sa.select(Dialogue).where(Dialogue.conversation_id == conversation_id))
    if kept is None or kept.updated_at < now() - FORGOTTEN_AFTER:
        return {}
    return dict(kept.previous if kept.message_id == message_id else kept.state)


async def save(
    session: AsyncSession,
    conversation_id: uuid.UUID,
    message_id: uuid.UUID,
    *,
    previous: Mapping[str, Any],
    state: Mapping[str, Any],
) -> None:
    """Keep where the dialogue stands after this message."""
    values = {"message_id": message_id, "state": dict(state), "previous": dict(previous), "updated_at": now()}
    statement = insert(Dialogue).values(id=uuid.uuid4(), conversation_id=conversation_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["conversation_id"], set_=values))
