"""Signing in and staying so: sessions live in the database, so they can be ended at any moment."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.db.record import now
from xiaoer.staff import passwords
from xiaoer.staff.roles import Role
from xiaoer.staff.tables import Staff, StaffSession
from xiaoer.stores import digest

SESSION_DAYS = 14
MOST_SHOPS = 3
"""Accounts of one address that a sign-in is tried on, one per shop."""


LONGEST_BROWSER = 300


@dataclass(frozen=True)
class Browser:
    """A browser that is signed in; `seen_at` is None for one whose console is closed."""

    name: str
    since: datetime
    seen_at: datetime | None
    is_this: bool


@dataclass(frozen=True)
class SignedIn:
    """Who is behind a cookie, as the database says at this moment."""

    staff_id: uuid.UUID
    store_id: uuid.UUID
    name: str
    email: str
    role: Role
    csrf: str


async def candidates(session: AsyncSession, email: str) -> list[tuple[uuid.UUID, str | None]]:
    """Who could be meant by an address, with their password digests; at least one, so that time does not tell."""
    query = sa.select(Staff.id, Staff.password_digest).where(
        Staff.email == email.strip().lower(), Staff.disabled_at.is_(None)
    )
    found = (await session.execute(query.order_by(Staff.created_at).limit(MOST_SHOPS))).all()
    return [(staff_id, password) for staff_id, password in found] or [(uuid.uuid4(), None)]


async def recognised(who: list[tuple[uuid.UUID, str | None]], password: str) -> uuid.UUID | None:
    """Which of the candidates has this password; asks no database, for it takes a while."""
    for staff_id, password_digest in who:
        if await passwords.matches(password, password_digest):
            return staff_id
    return None


async def open_for(session: AsyncSession, staff_id: uuid.UUID, *, browser: str = "") -> str:
    """Sign a browser in; returns its cookie. Sessions that ran out are swept away."""
    await session.execute(sa.delete(StaffSession).where(StaffSession.expires_at < now()))
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            staff_id=staff_id,
            digest=digest(token),
            csrf=secrets.token_urlsafe(24),
            expires_at=now() + timedelta(days=SESSION_DAYS),
            browser="".join(letter for letter in browser if letter.isprintable())[:LONGEST_BROWSER],
        )
    )
    return token


async def behind(session: AsyncSession, token: str) -> SignedIn | None:
    """Who is signed in with this cookie, unless it ran out, was ended, or the person was switched off."""
    query = (
        sa.select(Staff, StaffSession.csrf)
        .join(StaffSession, StaffSession.staff_id == Staff.id)
        .where(StaffSession.digest == digest(token), StaffSession.expires_at > now(), Staff.disabled_at.is_(None))
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        return None
    person, csrf = found
    return SignedIn(person.id, person.store_id, person.name, person.email, person.role, csrf)


async def open_ones(session: AsyncSession, store_id: uuid.UUID) -> dict[str, Role]:
    """The digest of each session of the store that holds at this moment, and the role behind it."""
    query = (
        sa.select(StaffSession.digest, Staff.role)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(Staff.store_id == store_id, StaffSession.expires_at > now(), Staff.disabled_at.is_(None))
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def end(session: AsyncSession, token: str) -> None:
    await session.execute(sa.delete(StaffSession).where(StaffSession.digest == digest(token)))


async def end_others(session: AsyncSession, staff_id: uuid.UUID, token: str) -> None:
    """Sign out every browser of a person but the one with this cookie."""
    others = sa.delete(StaffSession).where(StaffSession.staff_id == staff_id, StaffSession.digest != digest(token))
    await session.execute(others)


async def browsers(session: AsyncSession, staff_id: uuid.UUID, token: str) -> list[Browser]:
    """The browsers a person is signed in with, this one first."""
    query = sa.select(StaffSession).where(StaffSession.staff_id == staff_id, StaffSession.expires_at > now())
    found = [
        Browser(each.browser, each.created_at, each.seen_at, each.digest == digest(token))
        for each in await session.scalars(query.order_by(StaffSession.created_at.desc()).limit(50))
    ]
    return sorted(found, key=lambda each: not each.is_this)


async def signed_in(session: AsyncSession, store_id: uuid.UUID) -> dict[uuid.UUID, int]:
    """How many browsers each person of the store is signed in with."""
    query = (
        sa.select(Staff.id, sa.func.count(StaffSession.id))
        .join(StaffSession, StaffSession.staff_id == Staff.id)
        .where(Staff.store_id == store_id, StaffSession.expires_at > now())
        .group_by(Staff.id)
    )
    return {row[0]: row[1] for row in await session.execute(query)}
