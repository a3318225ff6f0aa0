"""What customers asked and nothing backed an answer to, with what staff said to it: where knowledge is missing."""

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from xiaoer.conversations.tables import Message
from xiaoer.conversations.thread import UnknownMessage
from xiaoer.language import normal

MOST_READ = 1000


@dataclass
class Gap:
    """A question without an answer: how often it was asked, when last, and the newest reply of a person to it."""

    message_id: uuid.UUID
    conversation_id: uuid.UUID
    asked: str
    language: str | None
    times: int
    last_at: datetime
    reply: str | None
    reply_by: str | None


async def gaps(session: AsyncSession, store_id: uuid.UUID, *, since: datetime, limit: int = 100) -> list[Gap]:
    """Questions that were refused since a moment, the most frequent first; those a person answered before others."""
    answer = aliased(Message)
    query = (
        _with_reply()
        .join(answer, answer.answers == Message.id)
        .where(Message.store_id == store_id, answer.route == "refuse", Message.created_at >= since)
        .order_by(Message.created_at.desc())
        .limit(MOST_READ)
    )
    found: dict[str, Gap] = {}
    for message, reply, name in await session.execute(query):
        gap = found.setdefault(normal.key(message.text), _gap(message, reply, name))
        gap.times += 1
        if gap.reply is None and reply is not None:
            gap.reply, gap.reply_by = reply, name
            gap.message_id, gap.conversation_id = message.id, message.conversation_id
    ordered = sorted(found.values(), key=lambda gap: (-gap.times, gap.reply is None, -gap.last_at.timestamp()))
    return ordered[:limit]


async def gap_of(session: AsyncSession, store_id: uuid.UUID, message_id: uuid.UUID) -> Gap:
    """A customer's message as a question, with the reply that a person gave; raises `UnknownMessage`."""
    query = _with_reply().where(Message.store_id == store_id, Message.id == message_id, Message.author == "customer")
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise UnknownMessage("There is no such question in this store.")
    gap = _gap(*row)
    gap.times = 1
    return gap


def _with_reply() -> sa.Select[Message, str | None, str | None]:
    """Messages with the first that staff wrote after them."""
    later = aliased(Message)
    first = (
        sa.select(later.text, later.author_name)
        .where(
            later.conversation_id == Message.conversation_id,
            later.author == "staff",
            later.position > Message.position,
        )
        .order_by(later.position)
        .limit(1)
        .lateral()
    )
    return sa.select(Message, first.c.text, first.c.author_name).outerjoin(first, sa.true())


def _gap(message: Message, reply: str | None, name: str | None) -> Gap:
    return Gap(message.id, message.conversation_id, message.text, message.language, 0, message.created_at, reply, name)
