"""What was looked up and changed in the shop's system for a conversation, as staff read it."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.tools.tables import ToolCall

SHOWN = 30


async def of(session: AsyncSession, store_id: uuid.UUID, conversation_id: uuid.UUID) -> Sequence[ToolCall]:
    """The last calls of a conversation, newest first."""
    query = sa.select(ToolCall).where(ToolCall.store_id == store_id, ToolCall.conversation_id == conversation_id)
    return (await session.scalars(query.order_by(ToolCall.created_at.desc(), ToolCall.id).limit(SHOWN))).all()
