"""What staff told the model, version by version: publishing puts one into force, and an old one can come back."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from xiaoer import stores
from xiaoer.db.record import Record
from xiaoer.errors import Conflict, NotFound
from xiaoer.staff.tables import Staff
from xiaoer.stores import PROMPT_SETTINGS, Store


class NoSuchVersion(NotFound):
    """The store has no prompt version of that number."""


class InForceAlready(Conflict):
    """What should be published is what counts now."""


class PromptVersion(Record):
    """The `PROMPT_SETTINGS` of a store at one time. `number` counts from 1 within the store; without `staff_id` they
    were set by other means than the playground, and kept when they were replaced.
    """

    __tablename__ = "prompt_versions"
    __table_args__ = (UniqueConstraint("store_id", "number"),)

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    number: Mapped[int]
    settings: Mapped[dict[str, Any]]
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey(Staff.id, ondelete="SET NULL"))
    note: Mapped[str] = mapped_column(server_default="")


@dataclass(frozen=True)
class Listed:
    """A version, and the name of who published it, if they are known."""

    version: PromptVersion
    by: str | None


async def newest(session: AsyncSession, store_id: uuid.UUID, *, limit: int = 50) -> Sequence[Listed]:
    """The last versions of a store, newest first."""
    query = (
        sa.select(PromptVersion, Staff.name)
        .outerjoin(Staff, Staff.id == PromptVersion.staff_id)
        .where(PromptVersion.store_id == store_id)
    )
    found = await session.execute(query.order_by(PromptVersion.number.desc()).limit(limit))
    return [Listed(version, name) for version, name in found]


async def publish(
    session: AsyncSession, store_id: uuid.UUID, wanted: Mapping[str, Any], *, staff_id: uuid.UUID, note: str = ""
) -> int:
    """Put settings into force as a new version and return its number; raises `Invalid`, `InForceAlready`.

    What was in force without being a version is kept as one first, so that it can come back.
    """
    store = await session.get_one(Store, store_id, with_for_update=True)  # numbers are given one at a time
    before = store.profile.prompt_settings
    await stores.change(session, store_id, {name: wanted[name] for name in PROMPT_SETTINGS & wanted.keys()})
    after = store.profile.prompt_settings
    if after == before:
        raise InForceAlready("These settings are in force already; nothing was published.")
    last = await _last(session, store_id)
    number = last.number if last else 0
    if last is None or last.settings != before:
        number += 1
        session.add(PromptVersion(store_id=store_id, number=number, settings=before))
    number += 1
    session.add(PromptVersion(store_id=store_id, number=number, settings=after, staff_id=staff_id, note=note))
    return number


async def roll_back(
    session: AsyncSession, store_id: uuid.UUID, number: int, *, staff_id: uuid.UUID, note: str = ""
) -> int:
    """Publish an old version again, as a new one; raises `NoSuchVersion`, `InForceAlready`."""
    query = sa.select(PromptVersion).where(PromptVersion.store_id == store_id, PromptVersion.number == number)
    old = await session.scalar(query)
    if old is None:
        raise NoSuchVersion(f"There is no version {number}.")
    return await publish(session, store_id, old.settings, staff_id=staff_id, note=note)


async def _last(session: AsyncSession, store_id: uuid.UUID) -> PromptVersion | None:
    query = sa.select(PromptVersion).where(PromptVersion.store_id == store_id)
    return await session.scalar(query.order_by(PromptVersion.number.desc()).limit(1))
