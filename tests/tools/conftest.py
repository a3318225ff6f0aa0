"""A desk with a shop that keeps its orders with us: the demo's goods, orders and customers."""

from datetime import UTC, datetime

import httpx
import pytest
from ordering import Buyer

from builders import publishable_key
from xiaoer import stores
from xiaoer.commerce import filling, links
from xiaoer.demo import goods
from xiaoer.desk.desk import Desk
from xiaoer.stores import Store


async def with_orders(desk: Desk) -> Store:
    """Give the shop of the desk the demo's orders."""
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        await filling.fill(session, store.id, goods.goods(datetime.now(UTC).date()), "demo")
        await links.keep_own(session, store.id, goods.shipping_rules())
    return store


@pytest.fixture
async def order_desk(desk: Desk) -> Desk:
    await with_orders(desk)
    return desk


@pytest.fixture
async def buyer(client: httpx.AsyncClient, order_desk: Desk) -> Buyer:
    """Somebody nobody knows yet, in a conversation with the shop."""
    return await Buyer.arrive(client, await publishable_key(order_desk))
