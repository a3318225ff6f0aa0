"""Changes to the orders we keep: each once per key, on the version the customer saw, and undone within a while."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.commerce.changes import Asked
from xiaoer.commerce.commerce import CannotUndo, KeyUsed, OrderChanged, Permit, UnknownOrder
from xiaoer.commerce.numbers import alike, plain
from xiaoer.commerce.stored_rows import ORDER, order_of, version_of
from xiaoer.commerce.tables import StoredOrder, StoredWrite
from xiaoer.commerce.values import Event, Order
from xiaoer.db.record import now


async def find(
    session: AsyncSession, store_id: uuid.UUID, number: str, customer: str | None, *, lock: bool = False
) -> StoredOrder:
    """The order of that number, also where letters and digits of the same look were mixed up.

    Raises `UnknownOrder` in the same words for none and for another customer's.
    """
    query = sa.select(StoredOrder).where(StoredOrder.store_id == store_id)
    if customer is not None:
        query = query.where(StoredOrder.customer == customer)
    if lock:
        query = query.with_for_update()
    for column, wanted in ((StoredOrder.number_plain, plain(number)), (StoredOrder.number_alike, alike(number))):
        rows = (await session.scalars(query.where(column == wanted).limit(2))).all() if wanted else ()
        if len(rows) == 1:
            return rows[0]
    raise UnknownOrder


async def write_once(session: AsyncSession, store_id: uuid.UUID, number: str, permit: Permit, asked: Asked) -> Order:
    """Make a change, or give back the order as it is where this very change was made before.

    The row is locked first, so that two of the same wait for each other.
    """
    row = await find(session, store_id, number, permit.customer, lock=True)
    earlier = await _earlier(session, store_id, permit.key)
    if earlier is not None:
        if earlier.digest != asked.digest(row.number_plain):
            raise KeyUsed("This confirmation was used for another change.")
        return order_of(row, now())
    _same_version(row, permit)
    at = now()
    before = row.data
    changed = asked.change(order_of(row, at), at)
    await _record(session, row, permit.key, asked, before=before, version=row.version + 1)
    return _save(row, changed, at)


async def undo(
    session: AsyncSession, store_id: uuid.UUID, number: str, permit: Permit, *, undone_key: str, window: timedelta
) -> Order:
    """Put the order back as it was before the write of `undone_key`, if nothing has happened since."""
    asked = Asked(action="undo", details={"of": undone_key}, change=lambda order, _: order)
    row = await find(session, store_id, number, permit.customer, lock=True)
    if (earlier := await _earlier(session, store_id, permit.key)) is not None:
        if earlier.digest != asked.digest(row.number_plain):
            raise KeyUsed("This confirmation was used for another change.")
        return order_of(row, now())
    _same_version(row, permit)
    done = await _earlier(session, store_id, undone_key)
    at = now()
    if done is None or done.number_plain != row.number_plain or done.undone_at is not None:
        raise CannotUndo("There is no such change to take back.")
    if done.version != row.version:
        raise CannotUndo("The order has changed since: it cannot be put back as it was.")
    if at - done.created_at > window:
        raise CannotUndo("The time for taking it back is over.")
    done.undone_at = at
    changed = ORDER.validate_python(done.before)
    held = ORDER.validate_python(row.data).history
    changed = replace(changed, history=(*held, Event(at=at, what="undone", note=done.action)))
    await _record(session, row, permit.key, asked, before=row.data, version=row.version + 1)
    return _save(row, changed, at)


def _same_version(row: StoredOrder, permit: Permit) -> None:
    if permit.version != version_of(row):
        raise OrderChanged("The order has changed since you were shown it. Please look at it again.")


async def _earlier(session: AsyncSession, store_id: uuid.UUID, key: str) -> StoredWrite | None:
    query = sa.select(StoredWrite).where(StoredWrite.store_id == store_id, StoredWrite.key == key)
    return await session.scalar(query)


async def _record(
    session: AsyncSession, row: StoredOrder, key: str, asked: Asked, *, before: dict[str, Any], version: int
) -> None:
    statement = insert(StoredWrite).values(
        id=uuid.uuid4(), store_id=row.store_id, key=key, number_plain=row.number_plain, action=asked.action,
        digest=asked.digest(row.number_plain), state="done", before=before, version=version,
    )  # fmt: skip
    statement = statement.on_conflict_do_nothing(index_elements=["store_id", "key"])
    if (await session.scalar(statement.returning(StoredWrite.id))) is None:
        raise KeyUsed("This confirmation was used for another change.")


def _save(row: StoredOrder, changed: Order, at: datetime) -> Order:
    row.version += 1
    row.state = changed.state
    row.data = ORDER.dump_python(changed, mode="json")
    row.saved_at = at
    return replace(changed, version=version_of(row), as_of=at)
