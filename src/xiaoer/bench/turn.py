"""How soon the first text of an answer is there, per route, through real HTTP on the demo store."""

import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import jwt

from xiaoer import stores
from xiaoer.assistant.events import ENDINGS
from xiaoer.bench.machine import percentile
from xiaoer.db.record import now
from xiaoer.demo import load
from xiaoer.demo import seed as demo
from xiaoer.desk.desk import Desk
from xiaoer.errors import Unavailable
from xiaoer.identity import signed
from xiaoer.web.client import Client, served

READ: Final = "read tool"
"""The row of turns that look an order up; the shop's system is the demo's own tables, whose time is in it."""
READS: Final = 40
QUESTIONS = (
    "包邮吗",
    "可以退货吗",
    "怎么退货",
    "什么时候发货",
    "退货运费谁出",
    "怎么开发票",
    "分期可以提前还款吗",
    "你好",
    "谢谢",
    "收到货以后后悔了想退回去行不行",
    "手机用了半年屏幕自己不亮了，算保修吗",
    "晨穗 8 Pro 的电池有多大",
    "手表能戴着游泳吗",
    "寄到新疆要多少运费",
    "旧手机可以抵多少钱",
    "买贵了能退差价吗",
    "积分怎么用",
    "耳机丢了一只能单独买吗",
    "预售的定金能退吗",
    "充电宝能寄到国外吗",
    "花呗可以分期吗",
    "换货要多久",
    "How long is the warranty on a phone?",
    "Can I change my delivery address?",
    "你们老板的生日是哪天",
    "附近哪家火锅好吃",
    "能帮我写一首诗吗",
    "明天会下雨吗",
)
"""Listed questions, the same in other words, product facts, and what no shop knows."""


@dataclass
class Times:
    """Milliseconds of one route: to the first text, and to the ending."""

    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)

    def row(self) -> dict[str, float]:
        return {
            "turns": len(self.whole),
            "first_p50_ms": round(percentile(self.first, 50)),
            "first_p95_ms": round(percentile(self.first, 95)),
            "whole_p50_ms": round(percentile(self.whole, 50)),
            "whole_p95_ms": round(percentile(self.whole, 95)),
        }


async def measure(
    desk: Desk, *, rounds: int = 1, questions: Sequence[str] = QUESTIONS, reads: int = READS
) -> dict[str, dict[str, float]]:
    """Ask the demo store its own questions, each in a conversation of its own; figures by route as it came out.

    The first question that the model answers is reported apart as `cold`: its prompt is in no cache.
    """
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, demo.SLUG)
        key = await stores.publishable_key(session, store.id)
        signing = await signed.renew_key(session, store.id, desk.seal)
    times: dict[str, Times] = defaultdict(Times)
    cold = True
    async with served(desk) as address:
        client = Client(address, key)
        async for route, first, whole in _asked(client, [*questions] * rounds):
            name = route
            if cold and route == "model":
                name, cold = "model (cold)", False
            times[name].first.append(first)
            times[name].whole.append(whole)
        for _ in range(rounds):
            async for first, whole in _read(client, signing, reads):
                times[READ].first.append(first)
                times[READ].whole.append(whole)
        await client.close()
    return {route: times[route].row() for route in sorted(times)}


async def _read(client: Client, signing: str, reads: int) -> AsyncIterator[tuple[float, float]]:
    """Signed-in customers ask where an order of theirs is; the first turn warms everything up and is not counted."""
    for at, order in enumerate(load.orders(now().date())[: reads + 1]):
        claims = {"sub": order["customer_id"], "aud": signed.AUDIENCE, "exp": now() + timedelta(hours=1)}
        token = jwt.encode(claims, signing, algorithm="HS256")
        conversation = await client.open("zh", customer={"token": token})
        (route, first, whole) = await _turn(client, conversation, f"订单 {order['id']} 到哪了")
        if route != "flow":
            raise Unavailable(f"Order {order['id']} of the demo was not looked up but answered by {route}.")
        if at:
            yield first, whole


async def _turn(client: Client, conversation: dict[str, Any], question: str) -> tuple[str, float, float]:
    """The route, and the milliseconds to the first text and to the end."""
    started = time.perf_counter()
    first = 0.0
    async for kind, data in client.say(conversation, question):
        elapsed = (time.perf_counter() - started) * 1000
        if kind == "text" and not first:
            first = elapsed
        if kind in ENDINGS:
            return str(data.get("route", kind)), first or elapsed, elapsed
    raise Unavailable("A turn ended without an ending.")


async def _asked(client: Client, questions: Sequence[str]) -> AsyncIterator[tuple[str, float, float]]:
    for question in questions:
        yield await _turn(client, await client.open(), question)
