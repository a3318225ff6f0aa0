"""A desk with a shop that keeps its orders with us: the demo's goods, orders and customers."""

import httpx
import pytest
from ordering import Buyer, with_orders

from builders import publishable_key
from xiaoer.desk.desk import Desk


@pytest.fixture
async def order_desk(desk: Desk) -> Desk:
    await with_orders(desk)
    return desk


@pytest.fixture
async def buyer(client: httpx.AsyncClient, order_desk: Desk) -> Buyer:
    """Somebody nobody knows yet, in a conversation with the shop."""
    return await Buyer.arrive(client, await publishable_key(order_desk))
