"""What the customer says of a whole conversation when it is over: 1 to 5, why, and whether the matter is settled."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from xiaoer.conversations.tables import Conversation
from xiaoer.conversations.thread import CONTROL, SURROGATES
from xiaoer.db.record import Record

LONGEST_REASON = 1000


class Satisfaction(Record):
    """One judgement; a customer who judges the same stretch of a conversation again replaces it.

    `position` is that of the last message when it was given. `resolved` is the customer's own word, if they gave it.
    """

    __tablename__ = "satisfactions"
    __table_args__ = (
        sa.UniqueConstraint("conversation_id", "position"),
        CheckConstraint("score between 1 and 5", name="score"),
        Index("ix_satisfactions_newest", "store_id", "created_at"),
    )

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    position: Mapped[int]
    score: Mapped[int]
    resolved: Mapped[bool | None]
    reason: Mapped[str | None]


async def give(
    session: AsyncSession, conversation: Conversation, *, score: int, resolved: bool | None, reason: str | None
) -> None:
    """Keep the judgement of a conversation as it stands."""
    words = SURROGATES.sub("", CONTROL.sub("", reason or "")).strip()[:LONGEST_REASON] or None
    values = {"score": score, "resolved": resolved, "reason": words}
    statement = insert(Satisfaction).values(
        id=uuid.uuid4(),
        store_id=conversation.store_id,
        conversation_id=conversation.id,
        position=conversation.last_position,
        **values,
    )
    changed = statement.on_conflict_do_update(index_elements=["conversation_id", "position"], set_=values)
    await session.execute(changed)


async def of(session: AsyncSession, conversation_id: uuid.UUID) -> Sequence[Satisfaction]:
    """The judgements of a conversation, one for each stretch that was judged, oldest first."""
    query = sa.select(Satisfaction).where(Satisfaction.conversation_id == conversation_id)
    return (await session.scalars(query.order_by(Satisfaction.position))).all()
