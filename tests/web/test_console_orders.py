"""The customer's orders beside the thread, and a change put before the customer by staff."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from console_staff import a_colleague

from builders import Customer
from xiaoer import stores
from xiaoer.commerce import filling, links
from xiaoer.demo import goods
from xiaoer.desk.desk import Desk
from xiaoer.identity import access

ORDER = "XH8800000004"


@pytest.fixture
async def shopper(customer: Customer, desk: Desk) -> Customer:
    """A customer whose order has been shown in the chat, and who waits for a person."""
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        await filling.fill(session, store.id, goods.goods(datetime.now(UTC).date()), "demo")
        await links.keep_own(session, store.id, goods.shipping_rules())
    await customer.ask(f"订单 {ORDER} 到哪了，手机尾号 0002")
    await customer.ask("转人工")
    return customer


async def test_staff_put_a_change_before_the_customer_who_decides(
    shopper: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    assert ORDER in await boss.page(shopper)
    assert (await boss.act(shopper, "propose", change="cancel_order", order=ORDER)).status_code == 409  # not taken yet
    await boss.act(shopper, "take")
    assert 'value="cancel_order"' in await boss.page(shopper)
    assert (await boss.act(shopper, "propose", change="cancel_order", order=ORDER)).status_code == 204
    last = (await shopper.messages())[-1]
    assert (last["author"], last["author_name"]) == ("staff", "小林")
    assert ORDER in last["confirm"]["summary"]
    body = {"token": last["confirm"]["token"], "accept": True}
    told = await client.post(f"{shopper.path}/confirm", json=body, headers=shopper.headers)
    assert told.json()["state"] == "executed", told.text
    assert (await boss.act(shopper, "propose", change="cancel_order", order=ORDER)).status_code == 409  # cancelled


async def test_staff_read_what_was_looked_up_and_changed_and_who_vouches_for_the_customer(
    shopper: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    page = await boss.page(shopper)
    assert re.search(rf"show_order</span> {ORDER}.*?成功", page), page
    assert "由店铺网站确认" not in page
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        later = datetime.now(UTC) + timedelta(hours=1)
        await access.grant_customer(session, store.id, uuid.UUID(shopper.opened["id"]), "C0002", expires_at=later)
    page = await boss.page(shopper)
    assert re.search(r"C0002<small>由店铺网站确认", page)


async def test_only_what_one_click_can_change_of_orders_the_customer_may_see(
    shopper: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    await boss.act(shopper, "take")
    for fields, status in (
        ({"change": "change_address", "order": ORDER}, 422),
        ({"change": "burn", "order": ORDER}, 422),
        ({"change": "cancel_order", "order": "XH8800000001"}, 404),
        ({"change": "cancel_order"}, 404),
    ):
        answer = await boss.act(shopper, "propose", **fields)
        assert answer.status_code == status, (fields, answer.text)
        assert set(answer.json()) == {"error", "detail"}
    other = await a_colleague(client, desk, "staff", name="anna")
    assert (await other.act(shopper, "propose", change="cancel_order", order=ORDER)).status_code == 409
    viewer = await a_colleague(client, desk, "viewer", name="vera")
    assert (await viewer.act(shopper, "propose", change="cancel_order", order=ORDER)).status_code == 403


async def test_a_conversation_that_has_shown_no_order_shows_staff_none(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    await customer.ask("转人工")
    boss = await a_colleague(client, desk, "owner")
    await boss.act(customer, "take")
    assert "<h2>订单</h2>" not in await boss.page(customer)
    answer = await boss.act(customer, "propose", change="cancel_order", order=ORDER)
    assert (answer.status_code, answer.json()["error"]) == (404, "NoShop")
