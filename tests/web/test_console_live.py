"""What consoles hear as it happens: rows and counts, the same as the page has them, and nothing after the session."""

import json
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from console_staff import Colleague, a_colleague

from builders import Customer
from xiaoer import stores
from xiaoer.assistant.events import store_topic
from xiaoer.conversations import inbox
from xiaoer.conversations.tables import Conversation, Message
from xiaoer.db.record import now
from xiaoer.desk.desk import Desk

Events = AsyncIterator[tuple[str, dict[str, Any]]]


@asynccontextmanager
async def listening(address: str, colleague: Colleague, **headers: str) -> AsyncIterator[Events]:
    """The events of a console from its hello on."""

    async def told(lines: AsyncIterator[str]) -> Events:
        kind = ""
        async for line in lines:
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                yield kind, json.loads(value)

    async with (
        httpx.AsyncClient(base_url=address, trust_env=False, timeout=20) as browser,
        browser.stream("GET", "/console/events", headers={**colleague.headers, **headers}) as answer,
    ):
        assert answer.status_code == 200
        events = told(answer.aiter_lines())
        assert (await anext(events))[0] == "hello"
        yield events


async def moved(events: Events, *, queue: str) -> tuple[dict[str, Any], dict[str, int]]:
    """The next row that stands in a queue, and the counts that came with it."""
    async for kind, event in events:
        for each in event.get("conversations", []) if kind == "moved" else []:
            if each["queue"] == queue:
                return each, event["counts"]
    raise AssertionError("the stream ended")


async def test_what_moves_comes_as_the_row_and_the_counts_that_the_page_has(
    customer: Customer, client: httpx.AsyncClient, desk: Desk, served: str
) -> None:
    boss = await a_colleague(client, desk, "owner")
    zhou = await a_colleague(client, desk, "staff", name="小周")
    async with listening(served, boss) as mine, listening(served, zhou) as others:
        await customer.ask("转人工 <script>alert(1)</script>")
        row, counts = await moved(mine, queue="waiting")
        assert row["id"] == customer.opened["id"]
        assert counts == await boss.counts()
        page = (await boss.get("/console?queue=waiting")).text
        assert row["row"].strip() in page
        assert "&lt;script&gt;" in row["row"]
        assert "<script" not in row["row"]
        await boss.act(customer, "take")
        row, counts = await moved(mine, queue="mine")
        assert counts == await boss.counts()
        row, counts = await moved(others, queue="team")
        assert counts == await zhou.counts()
        assert (counts["team"], counts["mine"]) == (1, 0)


async def test_what_moves_of_an_open_conversation_is_the_same_as_on_its_page(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    first = await customer.ask("买了不喜欢能退吗")
    second = await customer.ask("运费谁出")
    path = f"/api/v1/messages/{first['message_id']}/feedback"
    assert (await client.post(path, headers=customer.headers, json={"score": "up"})).is_success
    await customer.ask("转人工 <b>现在</b>")
    address = f"/console?queue=waiting&c={customer.opened['id']}"
    page = (await boss.get(address)).text
    positions = [int(each) for each in re.findall(r'data-position="(\d+)"', page)]
    part = (await boss.get(f"{address}&after={positions[3]}")).text
    judged = re.findall(r'<article class="message" data-author="assistant".*?</article>', page, re.DOTALL)[0]
    assert [int(each) for each in re.findall(r'data-position="(\d+)"', part)] == [positions[1], *positions[4:]]
    assert judged in part
    assert second["message_id"] not in part.partition("<aside")[0]
    for tag in ("header", "aside"):
        pattern = rf"<{tag} id=.*?</{tag}>"
        assert re.findall(pattern, part, re.DOTALL) == re.findall(pattern, page, re.DOTALL) != []
    assert 'id="list"' not in part
    assert "&lt;b&gt;" in part
    assert (await client.get(f"{address}&after=0")).status_code == 401
    assert (await boss.get(f"{address}&after=-1")).status_code == 422


async def test_a_row_offers_a_role_no_more_than_its_page_does(
    customer: Customer, client: httpx.AsyncClient, desk: Desk, served: str
) -> None:
    viewer = await a_colleague(client, desk, "viewer")
    async with listening(served, viewer, **{"Accept-Language": "en"}) as events:
        await customer.ask("转人工")
        row, _ = await moved(events, queue="waiting")
    assert "checkbox" not in row["row"]
    assert "Visitor" in row["row"]


async def test_who_was_signed_out_hears_no_word_more(
    customer: Customer, client: httpx.AsyncClient, desk: Desk, served: str
) -> None:
    boss = await a_colleague(client, desk, "owner")
    async with listening(served, boss) as events:
        assert (await boss.post("/console/sign-out")).status_code == 303
        await customer.ask("转人工")
        assert [kind async for kind, _ in events if kind != "people"] == ["bye"]


async def test_a_store_hears_nothing_of_another(
    customer: Customer, client: httpx.AsyncClient, desk: Desk, served: str
) -> None:
    async with desk.database.sessions.begin() as session:
        await stores.create(session, "other", {"name": {"zh": "别家"}, "locales": ["zh"]})
    boss = await a_colleague(client, desk, "owner")
    stranger = await a_colleague(client, desk, "owner", store="other")
    async with listening(served, boss) as mine, listening(served, stranger) as theirs:
        await customer.ask("转人工")
        row, _ = await moved(mine, queue="waiting")
        assert (await stranger.post("/console/sign-out")).status_code == 303
        await desk.broadcast.publish(store_topic(stranger.store_id), {"kind": "moved", "conversation": row["id"]})
        assert [kind async for kind, _ in theirs if kind != "people"] == ["bye"]
    async with desk.database.sessions() as session:
        assert await inbox.of_these(session, stranger.store_id, [uuid.UUID(row["id"])]) == []


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"handed_off_at": now()},
        {"handed_off_at": now(), "taken_at": now(), "owner": "staff"},
        {"handed_off_at": now(), "taken_at": now(), "owner": "staff", "assigned_to": "me"},
        {"handed_off_at": now(), "assigned_to": "me", "offered_at": now()},
        {"handed_off_at": now(), "taken_at": now(), "owner": "staff", "assigned_to": "other"},
        {"snoozed_until": now() + timedelta(hours=1)},
        {"handed_off_at": now(), "snoozed_until": now() - timedelta(hours=1)},
        {"closed_at": now()},
        {"closed_at": now(), "snoozed_until": now() + timedelta(hours=1)},
        {"owed": True},
        {"handed_off_at": now(), "assigned_to": "other", "offered_at": now(), "owed": True},
    ],
    ids=[
        "assistant",
        "waiting",
        "by the API",
        "mine",
        "offered",
        "another's",
        "snoozed",
        "was snoozed",
        "closed",
        "closed and snoozed",
        "owed",
        "offered to another and owed",
    ],
)
async def test_every_conversation_is_told_in_the_queue_that_the_page_lists_it_in(
    customer: Customer, client: httpx.AsyncClient, desk: Desk, state: dict[str, Any]
) -> None:
    boss = await a_colleague(client, desk, "owner")
    zhou = await a_colleague(client, desk, "staff", name="小周")
    people = {"me": boss.staff_id, "other": zhou.staff_id}
    await customer.ask("包邮吗")
    state = dict(state)
    async with desk.database.sessions.begin() as session:
        if state.pop("owed", False):
            owed = sa.update(Message).where(Message.author == "customer")
            await session.execute(owed.values(answer_state="owed", created_at=now() - timedelta(minutes=5)))
        if "assigned_to" in state:
            state["assigned_to"] = people[state["assigned_to"]]
        await session.execute(sa.update(Conversation).values(owner=state.pop("owner", "assistant"), **state))
    async with desk.database.sessions() as session:
        (entry,) = await inbox.of_these(session, boss.store_id, [customer.opened["id"]])
        tallies = await inbox.tallies(session, boss.store_id)
        for me in people.values():
            counts = await inbox.counts(session, boss.store_id, me)
            assert tallies.seen_by(me) == counts
            assert counts[entry.queue_for(me)] == 1
            listed = await inbox.entries(session, boss.store_id, me, entry.queue_for(me))
            assert [each.id for each in listed] == [entry.id]
