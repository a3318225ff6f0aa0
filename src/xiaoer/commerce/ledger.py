"""Which writes were sent to another system, so that none is sent twice: not after a double tap, not after a restart."""

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from xiaoer.commerce.changes import Asked
from xiaoer.commerce.commerce import KeyUsed
from xiaoer.commerce.numbers import plain
from xiaoer.commerce.stored_rows import ORDER
from xiaoer.commerce.tables import StoredWrite, WriteState
from xiaoer.commerce.values import Order
from xiaoer.db.database import Database


class Ledger:
    """The writes of one store. Each method is one short transaction: none is open while the other system is asked."""

    def __init__(self, database: Database, store_id: uuid.UUID) -> None:
        self._database = database
        self._store_id = store_id

    async def state(self, key: str, number: str, asked: Asked) -> WriteState | None:
        """What became of the write of that key; None if it was never sent. Raises `KeyUsed` for another one."""
        query = sa.select(StoredWrite).where(StoredWrite.store_id == self._store_id, StoredWrite.key == key)
        async with self._database.sessions() as session:
            row = await session.scalar(query)
        if row is None:
            return None
        if row.digest != asked.digest(plain(number)):
            raise KeyUsed("This confirmation was used for another change.")
        return row.state

    async def begin(self, key: str, asked: Asked, number: str, order: Order | None) -> bool:
        """Note that it is about to be sent; False if somebody else was first. `order` as it was before, if it was."""
        number = plain(number)
        values: dict[str, Any] = {
            "id": uuid.uuid4(), "store_id": self._store_id, "key": key, "number_plain": number,
            "action": asked.action, "digest": asked.digest(number), "state": "sent",
            "before": ORDER.dump_python(order, mode="json") if order else {}, "version": 0,
        }  # fmt: skip
        statement = insert(StoredWrite).values(**values).on_conflict_do_nothing(index_elements=["store_id", "key"])
        async with self._database.sessions.begin() as session:
            return (await session.scalar(statement.returning(StoredWrite.id))) is not None

    async def done(self, key: str, *, made: str | None = None) -> None:
        """It happened; `made` is the number of an order that came of it."""
        mine = sa.and_(StoredWrite.store_id == self._store_id, StoredWrite.key == key)
        values: dict[str, Any] = {"state": "done"} | ({"before": {"made": made}} if made else {})
        async with self._database.sessions.begin() as session:
            await session.execute(sa.update(StoredWrite).where(mine).values(**values))

    async def made(self, key: str) -> str | None:
        """The number of the order that came of a write that is done."""
        query = sa.select(StoredWrite.before).where(StoredWrite.store_id == self._store_id, StoredWrite.key == key)
        async with self._database.sessions() as session:
            before = await session.scalar(query)
        return before.get("made") if before else None

    async def dropped(self, key: str) -> None:
        """It surely did not happen: the key is free again."""
        mine = sa.and_(StoredWrite.store_id == self._store_id, StoredWrite.key == key, StoredWrite.state == "sent")
        async with self._database.sessions.begin() as session:
            await session.execute(sa.delete(StoredWrite).where(mine))
