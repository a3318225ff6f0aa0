"""Canned replies: texts that staff send often, with a few words filled in."""

import uuid
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.conversations.tables import CannedReply
from xiaoer.conversations.thread import cleaned
from xiaoer.errors import NotFound
from xiaoer.patterns import lazy

VARIABLE = lazy(r"\{(\w+)\}")


class UnknownReply(NotFound):
    """No canned reply of that id in this store."""


async def every(session: AsyncSession, store_id: uuid.UUID) -> Sequence[CannedReply]:
    query = sa.select(CannedReply).where(CannedReply.store_id == store_id)
    return (await session.scalars(query.order_by(CannedReply.title))).all()


async def add(session: AsyncSession, store_id: uuid.UUID, title: str, text: str) -> CannedReply:
    """Keep a reply; raises `Invalid` kinds as messages do."""
    reply = CannedReply(store_id=store_id, title=cleaned(title)[:80], text=cleaned(text))
    session.add(reply)
    await session.flush()
    return reply


async def remove(session: AsyncSession, reply_id: uuid.UUID, *, store_id: uuid.UUID) -> None:
    gone = sa.delete(CannedReply).where(CannedReply.id == reply_id, CannedReply.store_id == store_id)
    if (await session.scalar(gone.returning(CannedReply.id))) is None:
        raise UnknownReply("This canned reply does not exist any more.")


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with {name}, {shop} and {agent} put in; unknown names stay as they are."""
    return VARIABLE.sub(lambda found: values.get(found.group(1), found.group()), text)
