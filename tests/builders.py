"""Small builders: a shop, a customer who talks, a model that repeats its material."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

import httpx

from xiaoer import stores
from xiaoer.assistant.answering.prompts import NONE
from xiaoer.assistant.retrieval.words import unexplained
from xiaoer.db.record import now
from xiaoer.desk.desk import Desk
from xiaoer.knowledge.documents import Document
from xiaoer.llm.messages import Message
from xiaoer.staff import people
from xiaoer.staff.tables import StaffSession

RETURNS = "签收之日起 7 天内，商品完好的，可以无理由退货。退货运费由买家承担。"
SHIPPING = "现货商品在付款后 48 小时内发货，默认使用顺丰快递，一般 2 到 4 天送达。"
WARRANTY = "手机主机保修 12 个月，电池保修 6 个月，人为损坏不在保修范围内。"
SHOWN = re.compile(r"^\[(\d+)\] (.*)\n([\s\S]*?)(?=^\[\d+\] |^(?:现在|Now|Bây giờ|ขณะนี้)：)", re.MULTILINE)
QUESTION = re.compile(r"^(?:顾客的问题|The customer's question|Câu hỏi của khách|คำถามของลูกค้า)：(.*)", re.MULTILINE)
CURATED = "满 99 元包邮，未满 99 元收取运费 8 元。"


def repeat_material(messages: Sequence[Message]) -> str:
    """What an honest little reader does: say the passage again that has most of the question, or that none has it."""
    shown = {number: text for number, _, text in SHOWN.findall(messages[-1].content)}
    question = re.search(
        r"(?:顾客的问题|The customer's question|Câu hỏi của khách|คำถามของลูกค้า)：(.*)", messages[-1].content
    )
    if not shown or question is None:
        return NONE
    headed = {number: f"{heading}\n{text}" for number, heading, text in SHOWN.findall(messages[-1].content)}
    best = max(headed, key=lambda number: 1 - unexplained(question.group(1), headed[number]))
    same_script = question.group(1).isascii() == headed[best].isascii()
    if same_script and unexplained(question.group(1), headed[best]) > 0.7:
        return NONE
    return f"{shown[best].strip()} [{best}]"


async def a_shop(desk: Desk) -> stores.Store:
    """A store named `shop` with four articles, embedded and searchable."""
    async with desk.database.sessions.begin() as session:
        store = await stores.create(
            session, "shop", {"name": {"zh": "小店", "en": "The shop"}, "locales": ["zh", "en"]}
        )
    documents = [
        Document(key="returns", title="退货政策", text=RETURNS, locale="zh"),
        Document(key="shipping", title="发货与物流", text=SHIPPING, locale="zh"),
        Document(key="warranty", title="保修说明", text=WARRANTY, locale="zh"),
        Document(
            key="free-shipping", title="包邮吗", kind="question", text=CURATED, locale="zh",
            questions=("包邮吗", "多少钱包邮"),
        ),
    ]  # fmt: skip
    for document in documents:
        await desk.knowledge.save(store.id, document)
    await desk.knowledge.settled()
    return store


async def somebody_there(desk: Desk, slug: str = "shop") -> None:
    """A person of the store has the console open at this moment, so that whoever is handed over may expect them."""
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, slug)
        person = await people.add(session, store.id, email=f"there@{slug}.test", name="小王", role="staff")
        session.add(
            StaffSession(
                staff_id=person.id, digest=person.email, csrf="", expires_at=now() + timedelta(hours=1), seen_at=now()
            )
        )


async def publishable_key(desk: Desk) -> str:
    async with desk.database.sessions.begin() as session:
        return await stores.publishable_key(session, (await stores.by_slug(session, "shop")).id)


async def secret_key(desk: Desk) -> str:
    async with desk.database.sessions.begin() as session:
        return await stores.issue_key(session, (await stores.by_slug(session, "shop")).id, "secret")


def events(body: str) -> list[tuple[str, dict[str, Any]]]:
    """The events of a finished event stream."""
    found: list[tuple[str, dict[str, Any]]] = []
    kind = ""
    for line in body.splitlines():
        name, _, value = line.partition(": ")
        if name == "event":
            kind = value
        elif name == "data":
            found.append((kind, json.loads(value)))
    return found


@dataclass
class Customer:
    """Somebody in a conversation, talking through the public API."""

    client: httpx.AsyncClient
    opened: dict[str, Any]

    @classmethod
    async def arrive(cls, client: httpx.AsyncClient, key: str, **body: Any) -> Self:
        answer = await client.post("/api/v1/conversations", json=body, headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 201, answer.text
        return cls(client, answer.json())

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.opened['token']}"}

    @property
    def path(self) -> str:
        return f"/api/v1/conversations/{self.opened['id']}"

    async def send(self, text: str, **body: Any) -> httpx.Response:
        return await self.client.post(f"{self.path}/messages", json={"text": text, **body}, headers=self.headers)

    async def ask(self, text: str, **body: Any) -> dict[str, Any]:
        """The ending of the turn that answers `text`."""
        answer = await self.send(text, **body)
        assert answer.status_code == 200, answer.text
        ended: dict[str, Any] = answer.json()
        return ended

    async def stream(self, text: str) -> list[tuple[str, dict[str, Any]]]:
        headers = {**self.headers, "Accept": "text/event-stream"}
        answer = await self.client.post(f"{self.path}/messages", json={"text": text}, headers=headers)
        assert answer.status_code == 200, answer.text
        return events(answer.text)

    async def messages(self) -> list[dict[str, Any]]:
        answer = await self.client.get(f"{self.path}/messages", headers=self.headers)
        assert answer.status_code == 200, answer.text
        listed: list[dict[str, Any]] = answer.json()
        return listed
