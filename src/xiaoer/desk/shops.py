"""Which commerce a store has: as it is linked, opened when asked for."""

import uuid

import sqlalchemy as sa

from xiaoer.commerce.commerce import Commerce
from xiaoer.commerce.stored import StoredCommerce
from xiaoer.commerce.stored_rows import SHIPPING_RULES
from xiaoer.commerce.tables import Link
from xiaoer.db.database import Database


class Shops:
    """Opens the commerce of each store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, store_id: uuid.UUID) -> Commerce | None:
        """The store's commerce; None while it has none."""
        async with self._database.sessions() as session:
            link = await session.scalar(sa.select(Link).where(Link.store_id == store_id))
        if link is None or link.kind != "stored":
            return None
        rules = SHIPPING_RULES.validate_python(link.settings.get("shipping", []))
        return StoredCommerce(self._database, store_id, shipping_rules=rules)
