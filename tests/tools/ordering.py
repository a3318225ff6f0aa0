"""Somebody who asks about orders, in a few words."""

from datetime import UTC, datetime
from typing import Any, Self

import httpx

from builders import Customer
from xiaoer import stores
from xiaoer.commerce import filling, links
from xiaoer.demo import goods
from xiaoer.desk.desk import Desk
from xiaoer.stores import Store

PAID = "XH8800000004"
"""An order of C0002, paid and not sent, of 5899.00 CNY."""
PENDING = "XH8800000043"
SHIPPED = "XH8800000001"
DELIVERED = "XH8800000007"
TAILS = {PAID: "0002", PENDING: "0004", SHIPPED: "0001", DELIVERED: "0003"}


class Buyer(Customer):
    """A customer who shows orders and taps buttons. `key` opened the conversation."""

    key: str = ""

    @classmethod
    async def arrive(cls, client: httpx.AsyncClient, key: str, **body: Any) -> Self:
        arrived = await super().arrive(client, key, **body)
        arrived.key = key
        return arrived

    async def shows(self, number: str) -> dict[str, Any]:
        """Ask for an order and prove it: its card."""
        return await self.ask(f"查一下订单 {number} 的物流，手机尾号 {TAILS[number]}")

    async def tap(self, token: str, *, accept: bool = True) -> httpx.Response:
        body = {"token": token, "accept": accept}
        return await self.client.post(f"{self.path}/confirm", json=body, headers=self.headers)


async def with_orders(desk: Desk) -> Store:
    """Give the shop of the desk the demo's orders."""
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        await filling.fill(session, store.id, goods.goods(datetime.now(UTC).date()), "demo")
        await links.keep_own(session, store.id, goods.shipping_rules())
    return store
