"""Somebody who asks about orders, in a few words."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import httpx
import jwt

from builders import Customer, publishable_key
from xiaoer import stores
from xiaoer.bench.merchant import Answering, serving
from xiaoer.commerce import filling, http_settings, links
from xiaoer.commerce.openapi import read_document
from xiaoer.demo import goods
from xiaoer.desk.desk import Desk, open_desk
from xiaoer.identity import signed
from xiaoer.knowledge.embedding import BundledEmbedder
from xiaoer.llm.scripted import ScriptedModel
from xiaoer.settings import Settings
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


async def token_for(desk: Desk, customer: str) -> str:
    """What the shop's site would sign for a customer."""
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        key = await signed.renew_key(session, store.id, desk.seal)
    claims = {"sub": customer, "aud": signed.AUDIENCE, "exp": datetime.now(UTC) + timedelta(hours=1)}
    return jwt.encode(claims, key, algorithm="HS256")


async def arrive_signed(client: httpx.AsyncClient, desk: Desk, customer: str) -> Buyer:
    """A customer whom the shop's site has signed in."""
    token = await token_for(desk, customer)
    return await Buyer.arrive(client, await publishable_key(desk), customer={"token": token})


@asynccontextmanager
async def linked_desk(
    url: str,
    folder: Path,
    model: ScriptedModel,
    embedder: BundledEmbedder,
    shop: Answering,
    document: Mapping[str, Any],
    choices: Mapping[str, Any],
) -> AsyncIterator[Desk]:
    """A desk whose shop is linked to a system of its own, over real HTTP."""
    settings = Settings(
        _env_file=None, data_dir=folder, database_url=url, messages_per_minute=1000, allow_private_urls=True
    )
    with serving(shop) as address:
        async with open_desk(settings, model=model, embedder=embedder) as opened:
            async with opened.database.sessions() as session:
                store = await stores.by_slug(session, "shop")
            chosen = http_settings.link(read_document(json.dumps(document).encode()), {**choices, "base_url": address})
            await opened.links.save(store.id, "http", chosen.model_dump(mode="json"))
            yield opened
