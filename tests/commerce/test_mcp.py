import asyncio
import sys
from pathlib import Path

import mcp_shop
import pytest
import uvicorn
from mcp import StdioServerParameters

from xiaoer.commerce.commerce import Permit, ShopUnavailable, UnknownOrder
from xiaoer.commerce.http import HttpCommerce
from xiaoer.commerce.http_settings import BadLink, link
from xiaoer.commerce.ledger import Ledger
from xiaoer.commerce.links import Links
from xiaoer.commerce.mcp_wire import McpWire
from xiaoer.commerce.money import Money
from xiaoer.commerce.wire import BadEndpoint, Endpoint
from xiaoer.sealing import Seal

SHOP = str(Path(__file__).parent / "mcp_shop.py")
USES = {
    "order": {
        "operation": "get_order",
        "send": {"no": "{number}"},
        "fields": {"number": "no", "customer": "uid", "state": "status", "total": "pay", "placed_at": "at"},
        "ok": "error",
        "ok_values": [""],
        "missing_values": ["Error executing tool get_order: order not found"],
    },
    "cancel_order": {"operation": "cancel", "send": {"no": "{number}", "key": "{key}"}},
}


@pytest.fixture
async def wire():
    opened = McpWire(StdioServerParameters(command=sys.executable, args=[SHOP]), timeout=20)
    yield opened
    await opened.close()


@pytest.fixture
async def served_tools():
    """The address of the same tools over streamable HTTP."""
    config = uvicorn.Config(mcp_shop.server.streamable_http_app(), port=0, log_level="critical", lifespan="on")
    running = uvicorn.Server(config)
    task = asyncio.create_task(running.serve())
    for _ in range(500):
        if running.started:
            break
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}/mcp"
    running.should_exit = True
    await task


async def test_tools_of_a_program_serve_orders_like_operations_of_an_api(wire, database, store):
    settings = link(await wire.document(), {"base_url": "https://mcp.invalid", "uses": USES})
    shop = HttpCommerce(wire, settings, Ledger(database, store.id))
    order = await shop.order("D1", customer="u1")
    assert order.amounts.total == Money.parse("398.50")
    for number in ("D2", "D9"):
        with pytest.raises(UnknownOrder):
            await shop.order(number, customer="u1")
    permit = Permit(key="k", version=order.version, customer="u1")
    assert (await shop.cancel_order("D1", permit)).state == "cancelled"


async def test_a_store_is_linked_to_a_program_that_the_operator_named_and_to_no_other(wire, database, store, tmp_path):
    settings = link(await wire.document(), {"base_url": "https://mcp.invalid", "uses": USES}).model_dump(mode="json")
    links = Links(database, Seal.kept_in(tmp_path), mcp_commands={"shop": [sys.executable, SHOP]})
    await links.save(store.id, "mcp", settings | {"base_url": "stdio:shop"})
    assert (await (await links.of(store.id)).order("D1", customer="u1")).number == "D1"
    with pytest.raises(BadLink):
        await links.save(store.id, "mcp", settings | {"base_url": "stdio:/bin/sh"})
    await links.close()


async def test_a_program_that_ends_at_once_is_a_clear_error():
    wire = McpWire(StdioServerParameters(command=sys.executable, args=[SHOP, "--broken"]), timeout=20)
    with pytest.raises(ShopUnavailable):
        await wire.read("/get_order", body={"no": "D1"})
    await wire.close()


def test_a_server_over_http_must_be_public_and_encrypted():
    with pytest.raises(BadEndpoint):
        McpWire(Endpoint(name="mcp", base_url="http://mcp.example/mcp"))


async def test_tools_of_a_server_over_http_are_reached_too(served_tools):
    wire = McpWire(Endpoint(name="mcp", base_url=served_tools), timeout=20, allow_private=True)
    answer = await wire.read("/get_order", body={"no": "D2"})
    assert answer.data["uid"] == "u2"
    assert "order not found" in (await wire.read("/get_order", body={"no": "D9"})).data["error"]
    await wire.close()


async def test_a_server_inside_the_own_network_is_not_reached(served_tools):
    wire = McpWire(Endpoint(name="mcp", base_url=served_tools.replace("http:", "https:")), timeout=5)
    with pytest.raises(ShopUnavailable):
        await wire.read("/get_order", body={"no": "D2"})
    await wire.close()
