"""While a shop's texts are being read in, everybody is told so, and nothing counts as refused."""

import asyncio
import html
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import httpx
import pytest
from console_staff import a_colleague

from builders import Customer, publishable_key
from xiaoer import stores
from xiaoer.conversations import gaps
from xiaoer.db.record import now
from xiaoer.desk.desk import Desk
from xiaoer.knowledge import indexing
from xiaoer.knowledge.documents import Document
from xiaoer.knowledge.embedding import BundledEmbedder, Vectors
from xiaoer.language.phrases import languages, phrase

CARE = Document(key="care", title="咖啡机保养", text="咖啡机每三个月用柠檬酸除垢一次，之后冲洗两遍。", locale="zh")
ASKED = "这台机器能带到船上用吗"


@pytest.fixture
async def gate(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[asyncio.Event]:
    """The shop has an article that is stored, and whose vectors are not made until this is set."""
    gate = asyncio.Event()
    embed = BundledEmbedder.passages

    async def gated(self: BundledEmbedder, texts: Sequence[str]) -> Vectors:
        if any("除垢" in text for text in texts):
            await gate.wait()
        return await embed(self, texts)

    monkeypatch.setattr(BundledEmbedder, "passages", gated)
    monkeypatch.setattr(indexing, "EDIT", timedelta(0))
    async with desk.database.sessions() as session:
        shop = await stores.by_slug(session, "shop")
    await desk.knowledge.save(shop.id, CARE)
    yield gate
    gate.set()


async def test_readiness_says_so_and_customers_are_served_all_the_same(
    client: httpx.AsyncClient, desk: Desk, gate: asyncio.Event
) -> None:
    answer = await client.get("/readyz")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["status"], told["knowledge"]) == (
        "reading",
        {"stores": 1, "passages": 5, "embedded": 4, "refined": 4},
    )
    assert "4 of 5 passages" in told["detail"]
    assert (
        "12 个月"
        in (await (await Customer.arrive(client, await publishable_key(desk))).ask("手机保修多长时间"))["text"]
    )
    gate.set()
    async with asyncio.timeout(30):
        await desk.knowledge.settled()
    assert (await client.get("/readyz")).json().keys() == {"status", "model"}


async def test_the_chat_says_so_in_a_quiet_line_in_every_language(
    client: httpx.AsyncClient, desk: Desk, gate: asyncio.Event
) -> None:
    key = await publishable_key(desk)
    for language in languages():
        line = phrase("being_read_in", language)
        page = (await client.get("/chat", params={"locale": language})).text
        assert f'<p class="notice">{line}</p>' in html.unescape(page)
        assert (await Customer.arrive(client, key, locale=language)).opened["notice"] in line
    gate.set()
    async with asyncio.timeout(30):
        await desk.knowledge.settled()
    assert '<p class="notice">' not in (await client.get("/chat")).text
    assert (await Customer.arrive(client, key)).opened["notice"] == ""


async def test_what_cannot_be_answered_yet_is_no_refusal_and_a_person_is_offered(
    customer: Customer, desk: Desk, gate: asyncio.Event
) -> None:
    for _ in range(2):
        ended = await customer.ask(ASKED)
        assert (ended["kind"], ended["route"]) == ("done", "reading")
        assert ended["text"].startswith("店铺资料还在读入")
        assert phrase("talk_to_person", "zh") in ended["suggestions"]
    async with desk.database.sessions() as session:
        shop = await stores.by_slug(session, "shop")
        assert await gaps.gaps(session, shop.id, since=now() - timedelta(hours=1), limit=9) == []
    gate.set()
    async with asyncio.timeout(30):
        await desk.knowledge.settled()
    assert (await customer.ask(ASKED))["route"] == "refuse"


async def test_staff_see_it_in_the_inbox_and_how_far_it_is_for_their_own_shop(
    client: httpx.AsyncClient, desk: Desk, gate: asyncio.Event
) -> None:
    boss = await a_colleague(client, desk, "owner")
    async with desk.database.sessions.begin() as session:
        await stores.create(session, "other", {"name": {"zh": "别家"}, "locales": ["zh"]})
    other = await a_colleague(client, desk, "owner", store="other")
    assert "资料还在读入" in (await boss.get("/console")).text
    assert "资料还在读入" not in (await other.get("/console")).text
    assert (await boss.get("/console/knowledge/progress")).json() == {"passages": 5, "embedded": 4, "refined": 4}
    assert (await other.get("/console/knowledge/progress")).json() == {"passages": 0, "embedded": 0, "refined": 0}
    gate.set()
    async with asyncio.timeout(30):
        await desk.knowledge.settled()
    assert "资料还在读入" not in (await boss.get("/console")).text


async def test_an_edit_that_is_read_in_at_once_is_not_told(client: httpx.AsyncClient, desk: Desk) -> None:
    async with desk.database.sessions() as session:
        shop = await stores.by_slug(session, "shop")
    await desk.knowledge.save(shop.id, CARE)
    assert (await client.get("/readyz")).json()["status"] == "ok"
