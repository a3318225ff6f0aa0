"""What staff were helped with, and what they did with it; and what they answered before, to learn from."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from xiaoer.conversations.tables import Conversation, Message
from xiaoer.conversations.thread import cleaned
from xiaoer.db.record import Record
from xiaoer.errors import NotFound
from xiaoer.staff.tables import Staff

Kind = Literal["reply", "rewrite", "translation", "summary"]
Outcome = Literal["accepted", "edited", "rejected"]
LONGEST_QUESTION = 500
NEWEST = 1500
"""Answers of staff that past cases are looked for in."""


class UnknownAid(NotFound):
    """No such suggestion in this conversation."""


class Aid(Record):
    """One piece of help: what was offered in which way, and what became of it.

    `message_id` is the message it is about; `by` a route, a model's name or "rules"; `sent` what staff sent instead.
    """

    __tablename__ = "aids"
    __table_args__ = (
        CheckConstraint("kind in ('reply', 'rewrite', 'translation', 'summary')", name="kind"),
        CheckConstraint("outcome in ('accepted', 'edited', 'rejected')", name="outcome"),
        Index("ix_aids_time", "store_id", "created_at"),
    )

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey(Staff.id, ondelete="SET NULL"))
    kind: Mapped[Kind] = mapped_column(sa.Text)
    language: Mapped[str]
    text: Mapped[str]
    by: Mapped[str]
    sources: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    outcome: Mapped[Outcome | None] = mapped_column(sa.Text)
    sent: Mapped[str | None]


@dataclass(frozen=True)
class Served:
    """A question that staff answered."""

    conversation_id: uuid.UUID
    asked: str
    answered: str
    by: str


async def offered(session: AsyncSession, aid: Aid) -> uuid.UUID:
    """Keep what was offered; its id is what the outcome is told by."""
    session.add(aid)
    await session.flush()
    return aid.id


async def used(session: AsyncSession, message: Message, *, aid: str, original: str) -> None:
    """Record that staff sent `message` after an offer, and in which words they had written it, if it is translated."""
    if original.strip():
        message.evidence = {**(message.evidence or {}), "original": cleaned(original)}
    if aid:
        await settle(session, aid, conversation_id=message.conversation_id, sent=message.text)


async def settle(session: AsyncSession, aid_id: str, *, conversation_id: uuid.UUID, sent: str | None) -> Outcome:
    """Record what became of an offer: sent as it was, sent changed, or (None) not at all; raises `UnknownAid`."""
    known = [Aid.conversation_id == conversation_id, sa.cast(Aid.id, sa.Text) == aid_id]
    aid = await session.scalar(sa.select(Aid).where(*known))
    if aid is None:
        raise UnknownAid("There is no such suggestion in this conversation.")
    outcome: Outcome = "rejected" if sent is None else "accepted" if sent.strip() == aid.text.strip() else "edited"
    aid.outcome, aid.sent = outcome, sent if outcome == "edited" else None
    return outcome


async def translations(session: AsyncSession, conversation_id: uuid.UUID, language: str) -> Mapping[uuid.UUID, Aid]:
    """What of a conversation has been translated into `language`, by message."""
    query = sa.select(Aid).where(
        Aid.conversation_id == conversation_id, Aid.kind == "translation", Aid.language == language,
        Aid.message_id.is_not(None), Aid.by != "names",
    )  # fmt: skip
    found = await session.scalars(query.order_by(Aid.created_at))
    return {each.message_id: each for each in found if each.message_id is not None}


async def outcomes(session: AsyncSession, store_id: uuid.UUID, since: Any) -> Mapping[tuple[str, str], int]:
    """How often each kind of help was accepted, edited, rejected or left ("open")."""
    outcome = sa.func.coalesce(Aid.outcome, "open")
    query = sa.select(Aid.kind, outcome, sa.func.count()).where(Aid.store_id == store_id, Aid.created_at >= since)
    return {(kind, what): count for kind, what, count in await session.execute(query.group_by(Aid.kind, outcome))}


async def served(session: AsyncSession, store_id: uuid.UUID, *, but: uuid.UUID) -> Sequence[Served]:
    """The newest questions to which the next message was one of staff, in other conversations."""
    asked = aliased(Message)
    query = (
        sa.select(Message.conversation_id, asked.text, Message.text, Message.author_name)
        .join(
            asked,
            sa.and_(asked.conversation_id == Message.conversation_id, asked.position == Message.position - 1),
        )
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.store_id == store_id, Message.author == "staff", asked.author == "customer")
        .where(Message.conversation_id != but, sa.func.length(asked.text) <= LONGEST_QUESTION)
        .order_by(Message.created_at.desc())
        .limit(NEWEST)
    )
    return [Served(row[0], row[1], row[2], row[3] or "") for row in await session.execute(query)]
