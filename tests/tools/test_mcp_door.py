"""Xiaoer as an MCP server, used by the real client of the protocol over real HTTP."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import httpx2
import jwt
import pytest
import sqlalchemy as sa
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from ordering import PAID, SHIPPED

from builders import RETURNS, publishable_key, secret_key
from xiaoer import stores
from xiaoer.db.record import now
from xiaoer.desk.desk import Desk
from xiaoer.identity import signed
from xiaoer.tools.tables import ToolCall
from xiaoer.web.client import served as served_desk


@pytest.fixture
async def address(order_desk: Desk) -> AsyncIterator[str]:
    async with served_desk(order_desk) as found:
        yield found


async def token_of(desk: Desk, customer: str) -> str:
    """What the shop's site would sign for a customer."""
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        key = await signed.renew_key(session, store.id, desk.seal)
    claims = {"sub": customer, "aud": "xiaoer", "exp": now() + timedelta(minutes=5)}
    return jwt.encode(claims, key, algorithm="HS256")


@asynccontextmanager
async def assistant(address: str, key: str, **headers: str) -> AsyncIterator[Client]:
    sent = {"Authorization": f"Bearer {key}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    async with (
        httpx2.AsyncClient(headers=sent, trust_env=False) as http,
        Client(streamable_http_client(f"{address}/mcp", http_client=http)) as client,
    ):
        yield client


async def called(client: Client, name: str, **arguments: Any) -> tuple[str, bool]:
    result = await client.call_tool(name, arguments)
    return "\n".join(part.text for part in result.content if part.type == "text"), bool(result.is_error)


async def test_knowledge_is_searched_with_its_sources(order_desk: Desk, address: str) -> None:
    async with assistant(address, await secret_key(order_desk), Accept_Language="zh-CN") as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"search_knowledge", "search_products", "price_quote"}
        assert tools["search_knowledge"].input_schema["required"] == ["query"]
        result = await client.call_tool("search_knowledge", {"query": "退货运费谁出"})
    assert result.structured_content is not None
    assert RETURNS in [source["quote"] for source in result.structured_content["sources"]]


async def test_a_customers_orders_need_their_signed_token_and_no_other_order_is_seen(
    order_desk: Desk, address: str
) -> None:
    key, token = await secret_key(order_desk), await token_of(order_desk, "C0002")
    async with assistant(address, key, Xiaoer_Customer=token, Accept_Language="en") as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
        assert {"list_orders", "track_order", "refund_status", "list_coupons"} < names
        assert not any(name.startswith(("cancel", "change", "request", "urge", "hand")) for name in names)
        text, failed = await called(client, "track_order", number=PAID)
        assert PAID in text
        assert not failed
        stranger, failed = await called(client, "track_order", number=SHIPPED)
        assert failed
        nobody, _ = await called(client, "track_order", number="XH0000000000")
        assert stranger == nobody
        _, failed = await called(client, "cancel_order", number=PAID)
        assert failed
    async with order_desk.database.sessions() as session:
        rows = (await session.scalars(sa.select(ToolCall).where(ToolCall.tool.in_(("order", "shipments"))))).all()
    assert {row.customer for row in rows} == {"C0002"}


async def test_without_a_token_no_order_tool_answers(order_desk: Desk, address: str) -> None:
    async with assistant(address, await secret_key(order_desk)) as client:
        text, failed = await called(client, "list_orders")
    assert failed
    assert "There is no tool 'list_orders'" in text


async def test_goods_are_told_in_the_language_asked_for_with_prices_as_people_read_them(
    order_desk: Desk, address: str
) -> None:
    key = await secret_key(order_desk)
    for language, words, sign in (("zh", "手机", "¥"), ("en", "phone", "CN¥")):
        async with assistant(address, key, Accept_Language=language) as client:
            text, failed = await called(client, "search_products", words="Chensui 7")
            assert not failed
            assert words in text
            first = text.splitlines()[0]
            price = re.search(rf": {sign}(\d+\.\d\d),", first)
            sku = re.search(r"SKU ([\w-]+)", first)
            assert price
            assert sku
            text, failed = await called(client, "price_quote", sku=sku[1], quantity=2)
            assert not failed
            assert re.search(rf"to pay: {sign}\d+\.\d\d$", text), text
            assert "Decimal" not in text


async def test_wrong_arguments_are_told_to_be_mended(order_desk: Desk, address: str) -> None:
    async with assistant(address, await secret_key(order_desk)) as client:
        text, failed = await called(client, "price_quote", sku="x", quantity=-1)
        assert failed
        assert text.startswith("ToolRetry: quantity")
        text, failed = await called(client, "search_knowledge", query="x", customer="C0002")
        assert failed
        assert "customer" in text


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer sk_wrong"}, {"Authorization": "publishable"}])
async def test_only_the_shops_secret_key_opens_the_door(
    client: httpx.AsyncClient, order_desk: Desk, header: dict[str, str]
) -> None:
    if header.get("Authorization") == "publishable":
        header = {"Authorization": f"Bearer {await publishable_key(order_desk)}"}
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    refused = await client.post("/mcp", json=asked, headers=header)
    assert refused.status_code == (403 if "pk_" in header.get("Authorization", "") else 401)
    assert set(refused.json()) == {"error", "detail"}


async def test_a_customers_token_that_nobody_signed_is_refused(client: httpx.AsyncClient, order_desk: Desk) -> None:
    headers = {"Authorization": f"Bearer {await secret_key(order_desk)}", "Xiaoer-Customer": "C0002"}
    refused = await client.post("/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, headers=headers)
    assert refused.status_code == 422
    assert refused.json()["error"] == "BadIdentity"
    body = {"content": b"{nonsense", "headers": {**headers, "Xiaoer-Customer": await token_of(order_desk, "C0002")}}
    assert (await client.post("/mcp", **body)).status_code == 400


async def test_a_message_larger_than_any_honest_one_is_not_read(client: httpx.AsyncClient, order_desk: Desk) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 100_000

    headers = {"Authorization": f"Bearer {await secret_key(order_desk)}", "Content-Type": "application/json"}
    refused = await client.post("/mcp", content=endless(), headers=headers)
    assert refused.status_code == 413
    assert refused.json()["error"] == "TooLarge"
