"""Offering a conversation that waits to somebody who is there, and taking it back when nobody answers.

An offer is not yet a person: the customer goes on waiting in words and state until somebody writes, and when nobody
does in time the conversation is everybody's again, and marked.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.conversations.tables import EXAM, Conversation, Message, Owner
from xiaoer.db.record import now
from xiaoer.staff.presence import PRESENT_FOR
from xiaoer.staff.tables import Staff, StaffSession
from xiaoer.stores import Store

ANSWERING = ("owner", "manager", "staff")


async def offer(session: AsyncSession, conversation: Conversation) -> uuid.UUID | None:
    """Give a waiting conversation to who is there, speaks its language and has the least to do, if the shop wants so.

    `round_robin` takes whoever was offered one the longest ago instead. Returns who it is, None for nobody.
    """
    store = await session.get_one(Store, conversation.store_id)
    how = store.profile.assignment
    if how == "manual" or conversation.assigned_to is not None or conversation.channel == EXAM:
        return None
    open_ones = sa.func.count(Conversation.id).filter(
        Conversation.handed_off_at.is_not(None), Conversation.closed_at.is_(None), Conversation.id != conversation.id
    )
    there = sa.exists().where(StaffSession.staff_id == Staff.id, StaffSession.seen_at > now() - PRESENT_FOR)
    language = (conversation.language or conversation.locale or "").partition("-")[0]
    speaks = sa.or_(sa.func.cardinality(Staff.languages) == 0, sa.literal(language) == sa.any_(Staff.languages))
    query = (
        sa.select(Staff.id)
        .outerjoin(Conversation, Conversation.assigned_to == Staff.id)
        .where(Staff.store_id == conversation.store_id, Staff.disabled_at.is_(None), Staff.role.in_(ANSWERING), there)
        .group_by(Staff.id)
    )
    longest_ago = Staff.offered_at.asc().nulls_first()
    fairness = (open_ones, longest_ago) if how == "load" else (longest_ago,)
    chosen = await session.scalar(query.where(speaks).order_by(*fairness, Staff.id).limit(1))
    if chosen is None:
        return None
    conversation.assigned_to, conversation.offered_at = chosen, now()
    await session.execute(sa.update(Staff).where(Staff.id == chosen).values(offered_at=now()))
    return chosen


async def overdue(session: AsyncSession, store_id: uuid.UUID, *, before: datetime, owner: Owner) -> Sequence[uuid.UUID]:
    """Take back the store's conversations whose customer has waited for a person since before a moment.

    Each is marked, waits for everybody again, and is `owner`'s meanwhile; one that waits on is not told a second time.
    Returns which they are.
    """
    since = (
        sa.select(sa.func.min(Message.created_at))
        .where(Message.conversation_id == Conversation.id, Message.position > _last_of_staff())
        .where(Message.author == "customer")
        .correlate(Conversation)
        .scalar_subquery()
    )
    statement = (
        sa.update(Conversation)
        .where(
            Conversation.store_id == store_id,
            Conversation.channel != EXAM,
            Conversation.closed_at.is_(None),
            Conversation.escalated_at.is_(None),
            sa.or_(Conversation.snoozed_until.is_(None), Conversation.snoozed_until < now()),
            Conversation.handed_off_at < before,
            sa.or_(Conversation.taken_at.is_(None), since < before),
        )
        .values(escalated_at=now(), assigned_to=None, offered_at=None, taken_at=None, owner=owner)
        .returning(Conversation.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.scalars(statement)).all()


async def woken(session: AsyncSession, since: datetime) -> Sequence[tuple[uuid.UUID, uuid.UUID]]:
    """The conversations whose snooze ended since a moment, each with its store."""
    query = sa.select(Conversation.store_id, Conversation.id).where(
        Conversation.snoozed_until > since, Conversation.snoozed_until <= now()
    )
    return [(store_id, conversation_id) for store_id, conversation_id in await session.execute(query)]


def longest_wait(minutes: int) -> datetime:
    """The moment before which who waits has waited too long."""
    return now() - timedelta(minutes=minutes)


def _last_of_staff() -> sa.ColumnElement[int]:
    query = sa.select(sa.func.coalesce(sa.func.max(Message.position), 0)).where(
        Message.conversation_id == Conversation.id, Message.author == "staff"
    )
    return query.correlate(Conversation).scalar_subquery()
