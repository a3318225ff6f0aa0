"""A shop whose own system fails in every way a system can: the customer hears so, and a person takes over."""

import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from ordering import Buyer, linked_desk

from builders import publishable_key
from xiaoer.bench.merchant import Call, Given
from xiaoer.conversations.tables import Conversation, Message
from xiaoer.desk.desk import Desk
from xiaoer.knowledge.embedding import BundledEmbedder
from xiaoer.llm.scripted import ScriptedModel
from xiaoer.tickets.tables import Ticket

NUMBER = {"name": "no", "in": "path", "required": True, "schema": {"type": "string"}}
DOCUMENT = {
    "openapi": "3.1.0",
    "paths": {
        "/orders/{no}": {"get": {"operationId": "order", "parameters": [NUMBER]}},
        "/orders/{no}/cancel": {"post": {"operationId": "cancel", "parameters": [NUMBER]}},
    },
}
CHOICES = {
    "timeout": 0.4,
    "uses": {
        "order": {
            "operation": "order", "send": {"no": "{number}"}, "records": "data", "ok": "code",
            "missing_values": ["404"],
            "fields": {"number": "no", "customer": "uid", "state": "status", "total": "pay", "placed_at": "at",
                       "phone": "tel", "currency": "cur"},
        },
        "cancel_order": {"operation": "cancel", "send": {"no": "{number}"}, "ok": "code", "conflict_values": ["9"]},
    },
}  # fmt: skip


class Shop:
    """One paid order, and a way to fail."""

    def __init__(self) -> None:
        self.order = {"no": "D100200", "uid": "u1", "status": "paid", "pay": "398.00", "cur": "CNY",
                      "at": "2026-11-03T12:00:00+08:00", "tel": "15400000001"}  # fmt: skip
        self.failing: Given | None = None
        self.hanging = False
        self.cancelled = 0
        self.over = threading.Event()

    def __call__(self, call: Call) -> Given:
        if self.hanging:
            self.over.wait()
        if self.failing is not None:
            return self.failing
        if call.method == "POST":
            self.cancelled += 1
            self.order["status"] = "cancelled"
        found = self.order["no"] in call.path
        return Given({"code": 0, "data": self.order} if found else {"code": 404})


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    yield shop
    shop.over.set()


@pytest.fixture
async def desk(
    shop_url: str, tmp_path: Path, model: ScriptedModel, embedder: BundledEmbedder, shop: Shop
) -> AsyncIterator[Desk]:
    async with linked_desk(shop_url, tmp_path, model, embedder, shop, DOCUMENT, CHOICES) as opened:
        yield opened


@pytest.fixture
async def buyer(client: httpx.AsyncClient, desk: Desk) -> Buyer:
    return await Buyer.arrive(client, await publishable_key(desk))


ASK = "查一下订单 D100200 的物流，手机尾号 0001"
BROKEN = {
    "html": Given("<html><body>502 Bad Gateway</body></html>", content_type="text/html"),
    "an error inside 200": Given({"code": 500, "message": "NullPointerException at Order.java:17"}),
    "too many requests": Given({"message": "slow down"}, status=429, headers=(("Retry-After", "3600"),)),
    "another currency": Given({"code": 0, "data": {"no": "D100200", "uid": "u1", "status": "paid", "pay": "398.00",
                               "cur": "USD", "at": "2026-11-03T12:00:00+08:00", "tel": "15400000001"}}),
    "a negative amount": Given({"code": 0, "data": {"no": "D100200", "uid": "u1", "status": "paid", "pay": "-1",
                                "cur": "CNY", "at": "2026-11-03T12:00:00+08:00", "tel": "15400000001"}}),
    "half an answer": Given('{"code": 0, "data": {"no": "D100200"'),
    "a server error": Given({"message": "boom"}, status=500),
}  # fmt: skip


def said_and_handed_over(ended: dict[str, Any]) -> bool:
    return "系统" in ended["text"] and "人工" in ended["text"]


async def test_a_linked_shop_is_asked_and_changed(shop: Shop, buyer: Buyer) -> None:
    assert "398.00" in (await buyer.ask(ASK))["text"]
    told = await buyer.ask("帮我取消订单")
    assert shop.cancelled == 0
    done = (await buyer.tap(told["confirm"]["token"])).json()
    assert done["state"] == "executed"
    assert "撤销" not in done["text"], "this shop's system takes nothing back"
    assert shop.cancelled == 1


@pytest.mark.parametrize("way", BROKEN)
async def test_a_shop_that_answers_nonsense_is_said_to_fail_and_a_person_comes(
    shop: Shop, buyer: Buyer, way: str
) -> None:
    shop.failing = BROKEN[way]
    ended = await buyer.ask(ASK)
    assert said_and_handed_over(ended), ended
    for secret in ("NullPointer", "502", "USD", "-1.00", "boom"):
        assert secret not in ended["text"]
    listed = await buyer.messages()
    assert listed[-1]["author"] == "assistant"


async def test_a_shop_that_hangs_is_given_up_in_time(shop: Shop, buyer: Buyer) -> None:
    shop.hanging = True
    assert said_and_handed_over(await buyer.ask(ASK))


async def test_a_shop_that_hangs_at_the_change_itself_leaves_it_to_a_person(
    shop: Shop, buyer: Buyer, desk: Desk
) -> None:
    await buyer.ask(ASK)
    told = await buyer.ask("帮我取消订单")
    shop.failing = BROKEN["html"]
    after = (await buyer.tap(told["confirm"]["token"])).json()
    assert after["state"] == "failed"
    assert "已为您取消" not in after["text"]
    assert "人工" in after["text"]
    assert "请稍候" not in after["text"], "nobody has the console open"
    assert shop.cancelled == 0
    async with desk.database.sessions() as session:
        ticket = await session.scalar(sa.select(Ticket))
        conversation = await session.scalar(sa.select(Conversation))
        last = await session.scalar(sa.select(Message).order_by(Message.position.desc()).limit(1))
    assert ticket is not None
    assert (ticket.kind, ticket.priority, ticket.order_number) == ("tool_failure", "high", "D100200")
    assert ticket.shown in after["text"]
    assert conversation is not None
    assert conversation.handoff_reason == "system_down"
    assert last is not None
    assert last.evidence["reason"] == "system_down", "counted by the figures"


async def test_an_order_that_does_not_exist_there_is_answered_like_a_wrong_tail(shop: Shop, buyer: Buyer) -> None:
    missing = await buyer.ask("查一下订单 D999999 的物流，手机尾号 0001")
    wrong = await buyer.ask("查一下订单 D100200 的物流，手机尾号 9999")
    assert missing["text"] == wrong["text"]
    assert shop.order["status"] == "paid"
