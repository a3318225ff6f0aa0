"""Who is there, and what each has open: told by their consoles as they listen."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.db.record import now
from xiaoer.staff.tables import Staff, StaffSession
from xiaoer.stores import digest

PRESENT_FOR = timedelta(seconds=50)
"""After this long without a sign of life a console counts as gone; it gives one every 20 seconds."""

LATELY = timedelta(minutes=5)
"""Whoever was there so lately may be expected back; customers are not told that nobody is there."""

JUST_SEEN = timedelta(seconds=10)
"""A sign of life younger than this is not written again."""


@dataclass(frozen=True)
class Present:
    """Somebody whose console listens, and the conversation that is open there."""

    staff_id: uuid.UUID
    name: str
    looking_at: uuid.UUID | None


async def seen(session: AsyncSession, token: str, *, left: bool = False) -> None:
    """A sign of life of a browser; `left` says that it went away."""
    mine = StaffSession.digest == digest(token)
    await session.execute(sa.update(StaffSession).where(mine).values(seen_at=None if left else now()))


async def is_there(session: AsyncSession, staff_id: uuid.UUID) -> bool:
    """Whether any browser of this person has given a sign of life lately."""
    mine = sa.exists().where(StaffSession.staff_id == staff_id, StaffSession.seen_at > now() - PRESENT_FOR)
    return bool(await session.scalar(sa.select(mine)))


async def was_there_lately(session: AsyncSession, store_id: uuid.UUID, staff_id: uuid.UUID | None = None) -> bool:
    """Whether somebody of the store who may answer, or this person, has had a console open within the last minutes."""
    there = (
        sa.exists()
        .where(StaffSession.staff_id == Staff.id, StaffSession.seen_at > now() - LATELY)
        .where(Staff.store_id == store_id, Staff.disabled_at.is_(None), Staff.role != "viewer")
    )
    if staff_id is not None:
        there = there.where(Staff.id == staff_id)
    return bool(await session.scalar(sa.select(there)))


async def looks_at(session: AsyncSession, token: str, conversation_id: uuid.UUID | None) -> set[uuid.UUID]:
    """A sign of life of a browser, and what is open there; returns the conversations it left and came to."""
    mine = StaffSession.digest == digest(token)
    known = sa.select(StaffSession.looking_at, StaffSession.seen_at > now() - JUST_SEEN).where(mine)
    before, lately = (await session.execute(known.with_for_update())).one_or_none() or (None, False)
    if before == conversation_id and lately:
        return set()  # nothing to write for a page that is asked for again
    await session.execute(sa.update(StaffSession).where(mine).values(seen_at=now(), looking_at=conversation_id))
    return {each for each in (before, conversation_id) if each is not None and before != conversation_id}


async def present(session: AsyncSession, store_id: uuid.UUID) -> list[Present]:
    """Everybody of the store who is there, each browser apart."""
    query = (
        sa.select(Staff.id, Staff.name, StaffSession.looking_at)
        .join(StaffSession, StaffSession.staff_id == Staff.id)
        .where(Staff.store_id == store_id, StaffSession.seen_at > now() - PRESENT_FOR, Staff.disabled_at.is_(None))
        .order_by(Staff.name)
    )
    return [Present(*row) for row in await session.execute(query)]
