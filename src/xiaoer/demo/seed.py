"""Puts the demo store into the database, and keeps its dates fresh: offers and orders run relative to today."""

from datetime import datetime
from zoneinfo import ZoneInfo

from xiaoer import stores
from xiaoer.commerce import filling, links
from xiaoer.db.database import Database
from xiaoer.demo import goods, load
from xiaoer.knowledge.knowledge import Knowledge

SLUG = "demo"
SOURCE = "demo"


async def seed(database: Database, knowledge: Knowledge) -> str | None:
    """Make the demo store if there is no store at all; returns its secret key then, which is shown once.

    A database that holds other stores and no demo store is left alone. Orders that a customer has changed stay as
    they are; everything else is brought up to today.
    """
    seeded = load.store()
    secret = None
    today = datetime.now(ZoneInfo(seeded.settings["timezone"])).date()
    async with database.sessions.begin() as session:
        every = {store.slug: store.id for store in await stores.every(session)}
        if SLUG not in every and every:
            return None
        if SLUG in every:
            store_id = every[SLUG]
        else:
            store_id = (await stores.create(session, SLUG, seeded.settings)).id
            await stores.publishable_key(session, store_id)
            secret = await stores.issue_key(session, store_id, "secret")
        await filling.fill(session, store_id, goods.goods(today), SOURCE)
        await links.keep_own(session, store_id, goods.shipping_rules())
    await knowledge.save_all(store_id, load.documents(today))
    return secret
