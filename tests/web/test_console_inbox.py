"""The inbox at work: put off, many at once, narrowed, mentioned, offered, escalated, brought to a person by rule."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from console_staff import Colleague, a_colleague

from builders import Customer, publishable_key
from xiaoer.conversations.tables import Conversation, Message
from xiaoer.customers import Customer as CustomerRow
from xiaoer.db.record import now
from xiaoer.desk.desk import Desk
from xiaoer.jobs import Job
from xiaoer.staff.tables import StaffSession
from xiaoer.tickets import notices
from xiaoer.web.console.bulk import until


async def settings(boss: Colleague, **fields: Any) -> None:
    answer = await boss.post("/console/settings", **fields)
    assert answer.status_code == 303, answer.text


async def make_present(desk: Desk, *colleagues: Colleague) -> None:
    """Their consoles listen."""
    async with desk.database.sessions.begin() as session:
        await session.execute(
            sa.update(StaffSession)
            .where(StaffSession.staff_id.in_([each.staff_id for each in colleagues]))
            .values(seen_at=now())
        )


async def waited(desk: Desk, customer: Customer, minutes: int) -> None:
    """Let the customer have waited so long."""
    before = timedelta(minutes=minutes)
    async with desk.database.sessions.begin() as session:
        mine = Conversation.id == customer.opened["id"]
        await session.execute(
            sa.update(Conversation).where(mine).values(handed_off_at=Conversation.handed_off_at - before)
        )
        said = Message.conversation_id == customer.opened["id"]
        await session.execute(sa.update(Message).where(said).values(created_at=Message.created_at - before))


async def test_what_is_put_off_is_out_of_sight_until_the_customer_writes_or_the_time_comes(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    await customer.ask("转人工")
    assert (await boss.act(customer, "snooze", span="4h")).status_code == 204
    counts = await boss.counts()
    assert (counts["snoozed"], counts["waiting"]) == (1, 0)
    await customer.ask("在吗")
    assert (await boss.counts())["waiting"] == 1
    await boss.act(customer, "snooze", span="tomorrow")
    async with desk.database.sessions.begin() as session:
        await session.execute(sa.update(Conversation).values(snoozed_until=now() - timedelta(seconds=1)))
    assert (await boss.counts())["waiting"] == 1
    assert (await boss.act(customer, "snooze", span="wake")).status_code == 204
    assert (await boss.act(customer, "snooze", span="some day")).status_code == 422
    viewer = await a_colleague(client, desk, "viewer", name="vera")
    assert (await viewer.act(customer, "snooze", span="1h")).status_code == 403


def test_the_morning_is_the_shops_own() -> None:
    monday = until("monday", "America/New_York")
    assert monday is not None
    assert (monday.hour, monday.weekday()) == (9, 0)
    assert monday > now()
    tomorrow = until("tomorrow", "no zone at all")
    assert tomorrow is not None
    assert now() < tomorrow < now() + timedelta(hours=48)


async def test_many_are_closed_at_once_and_what_is_refused_is_told(client: httpx.AsyncClient, desk: Desk) -> None:
    key = await publishable_key(desk)
    customers = [await Customer.arrive(client, key) for _ in range(3)]
    for each in customers:
        await each.ask("转人工")
    anna = await a_colleague(client, desk, "staff", name="anna")
    bert = await a_colleague(client, desk, "staff", name="bert")
    await bert.act(customers[2], "take")
    ids = [each.opened["id"] for each in customers]
    told = await anna.post("/console/conversations/bulk", act="close", ids=ids)
    assert told.json()["done"] == 2
    assert len(told.json()["refused"]) == 1
    counts = await anna.counts()
    assert (counts["closed"], counts["team"]) == (2, 1)
    tagged = await anna.post("/console/conversations/bulk", act="tag", tags="大促", ids=ids)
    assert tagged.json()["done"] == 3
    for bad in ({"act": "burn", "ids": ids}, {"act": "close"}, {"act": "close", "ids": ["x"]}):
        assert (await anna.post("/console/conversations/bulk", **bad)).status_code == 422
    viewer = await a_colleague(client, desk, "viewer", name="vera")
    assert (await viewer.post("/console/conversations/bulk", act="close", ids=ids)).status_code == 403


async def test_filters_and_order_stand_in_the_address_and_in_every_link(client: httpx.AsyncClient, desk: Desk) -> None:
    key = await publishable_key(desk)
    first, second = [await Customer.arrive(client, key) for _ in range(2)]
    await first.ask("转人工")
    await second.ask("I want to talk to a human")
    boss = await a_colleague(client, desk, "owner")
    await boss.act(first, "tags", tags="加急")
    everything = (await boss.get("/console?queue=waiting")).text
    assert first.opened["id"] in everything
    assert second.opened["id"] in everything
    tagged = (await boss.get("/console?queue=waiting&tag=加急&sort=newest")).text
    assert first.opened["id"] in tagged
    assert second.opened["id"] not in tagged
    assert re.search(r'href="/console\?queue=waiting&amp;tag=[^"]+sort=newest&amp;c=', tagged)
    english = (await boss.get("/console?queue=waiting&lang=en")).text
    assert second.opened["id"] in english
    assert first.opened["id"] not in english
    order = [(await boss.get(f"/console?queue=waiting&sort={way}")).text for way in ("newest", "oldest")]
    places = [[page.index(f'data-id="{each.opened["id"]}"') for each in (first, second)] for page in order]
    assert places[0][0] > places[0][1]
    assert places[1][0] < places[1][1]
    assert (await boss.get("/console?sort=sideways")).status_code == 422


async def test_a_note_that_names_a_colleague_finds_them(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    await customer.ask("转人工")
    anna = await a_colleague(client, desk, "staff", name="anna")
    bert = await a_colleague(client, desk, "staff", name="bert")
    await anna.act(customer, "note", text="@Bert 请看一下这位顾客")
    assert customer.opened["id"] in (await bert.get("/console?queue=waiting&mine=1")).text
    assert customer.opened["id"] not in (await anna.get("/console?queue=waiting&mine=1")).text


async def test_colleagues_see_who_has_the_same_conversation_open(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    await customer.ask("转人工")
    anna = await a_colleague(client, desk, "staff", name="anna")
    bert = await a_colleague(client, desk, "staff", name="bert")
    await anna.page(customer)
    assert "anna 也在看" in await bert.page(customer)
    async with desk.database.sessions.begin() as session:
        await session.execute(sa.update(StaffSession).values(seen_at=now() - timedelta(minutes=2)))
    assert "也在看" not in await bert.page(customer)


@pytest.mark.parametrize("how", ["load", "round_robin"])
async def test_who_waits_is_offered_to_who_is_there_and_not_told_that_somebody_came(
    client: httpx.AsyncClient, desk: Desk, how: str
) -> None:
    boss = await a_colleague(client, desk, "owner", name="boss")
    anna = await a_colleague(client, desk, "staff", name="anna")
    bert = await a_colleague(client, desk, "staff", name="bert")
    dora = await a_colleague(client, desk, "staff", name="dora")
    await settings(boss, assignment=how, **{f"languages_{dora.staff_id}": "vi, th"})
    async with desk.database.sessions.begin() as session:
        await session.execute(sa.update(StaffSession).values(seen_at=None))
    await make_present(desk, anna, bert, dora)
    key = await publishable_key(desk)
    customers = [await Customer.arrive(client, key) for _ in range(4)]
    for each in customers:
        await each.ask("转人工")
    counts = [(await each.counts())["mine"] for each in (anna, bert, dora)]
    assert counts == [2, 2, 0]  # dora does not speak Chinese, the boss is not there
    told = [message["text"] for each in customers for message in await each.messages()]
    assert not any("anna" in text or "bert" in text for text in told)
    async with desk.database.sessions() as session:
        chosen = await session.scalar(
            sa.select(Conversation.assigned_to).where(Conversation.id == customers[0].opened["id"])
        )
    other = bert if chosen == anna.staff_id else anna
    assert (await other.act(customers[0], "reply", text="我先来")).status_code == 204  # an offer binds nobody
    said = [m["text"] for m in await customers[0].messages()]
    assert any(other.name in text for text in said)


async def test_with_nobody_there_a_conversation_waits_for_everybody(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner", name="boss")
    await settings(boss, assignment="load")
    async with desk.database.sessions.begin() as session:
        await session.execute(sa.update(StaffSession).values(seen_at=None))
    await customer.ask("转人工")
    assert (await boss.counts())["waiting"] == 1


async def test_who_waits_too_long_goes_back_to_everybody_and_is_marked_once(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner", name="boss")
    anna = await a_colleague(client, desk, "staff", name="anna")
    await settings(boss, escalate_minutes="10")
    await customer.ask("转人工")
    await anna.act(customer, "take")
    assert await desk.watch.look() == 0
    await waited(desk, customer, 11)
    assert await desk.watch.look() == 1
    assert await desk.watch.look() == 0
    async with desk.database.sessions() as session:
        letters = (await session.scalars(sa.select(Job).where(Job.kind == notices.WAITING_MAIL))).all()
    assert [each.payload["conversation"] for each in letters] == [customer.opened["id"]]
    assert (await boss.counts())["waiting"] == 1
    assert "超时未答" in (await boss.get("/console?queue=waiting")).text
    await boss.act(customer, "reply", text="抱歉久等了。")
    await boss.act(customer, "handback")
    await customer.ask("转人工")
    assert "超时未答" not in (await boss.get("/console?queue=waiting")).text


async def test_who_was_answered_in_time_is_left_alone(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner", name="boss")
    await customer.ask("转人工")
    await waited(desk, customer, 60)
    await boss.act(customer, "reply", text="您好。")
    assert await desk.watch.look() == 0
    await settings(boss, escalate_minutes="0")
    other = await Customer.arrive(client, await publishable_key(desk))
    await other.ask("转人工")
    await waited(desk, other, 600)
    assert await desk.watch.look() == 0


async def test_the_shops_own_words_sums_and_vips_bring_a_person(client: httpx.AsyncClient, desk: Desk) -> None:
    boss = await a_colleague(client, desk, "owner")
    key = await publishable_key(desk)
    await settings(boss, handoff_words="探店\n代购", handoff_amount="5000", handoff_vip="VIP-1\nlevel=gold")
    asked = {
        "我是来探店的": "word",
        "退货 DM2024 代购的": "word",
        "我这单 6000 元，保修多久": "amount",
        "一万块的手机保修多久": "amount",
        "Apakah ponsel Rp 1.500.000 bergaransi": "amount",
        "Гарантия на телефон за 5000 rub": "amount",
        "Gwarancja na telefon za 6 000 zł": "amount",
        "how long is the warranty of a phone at 1.5 million dong": "amount",
    }
    for text, reason in asked.items():
        customer = await Customer.arrive(client, key)
        assert (await customer.ask(text))["reason"] == reason, text
    cheap = await Customer.arrive(client, key)
    assert (await cheap.ask("手机 99 元，保修多久"))["kind"] == "done"
    vip = await Customer.arrive(client, key, customer={"id": "VIP-1"})
    assert (await vip.ask("手机保修多久"))["reason"] == "vip"
    await boss.act(vip, "take")
    await boss.act(vip, "handback")
    assert (await vip.ask("手机保修多久"))["kind"] == "done"  # seen by a person already
    async with desk.database.sessions.begin() as session:
        session.add(CustomerRow(store_id=boss.store_id, external_id="G", facts={"level": "Gold"}))
    gold = await Customer.arrive(client, key, customer={"id": "G"})
    assert (await gold.ask("手机保修多久"))["reason"] == "vip"


async def test_coming_back_about_the_same_matter_brings_a_person(client: httpx.AsyncClient, desk: Desk) -> None:
    boss = await a_colleague(client, desk, "owner")
    key = await publishable_key(desk)
    await settings(boss, handoff_repeats="2")
    who = {"customer": {"id": "A-1"}}
    for _ in range(2):
        assert (await (await Customer.arrive(client, key, **who)).ask("退货运费谁出"))["kind"] == "done"
    third = await Customer.arrive(client, key, **who)
    assert (await third.ask("我想问退货的事，多少天内能退货"))["reason"] == "repeat"
    stranger = await Customer.arrive(client, key)
    assert (await stranger.ask("退货运费谁出"))["kind"] == "done"


@pytest.mark.parametrize(
    "bad",
    [
        {"escalate_minutes": "x"},
        {"escalate_minutes": "99999"},
        {"handoff_amount": "much"},
        {"assignment": "chance"},
        {"handoff_words": "x" * 101},
    ],
)
async def test_settings_that_make_no_sense_are_refused_with_the_reason(
    client: httpx.AsyncClient, desk: Desk, bad: dict[str, str]
) -> None:
    boss = await a_colleague(client, desk, "owner")
    answer = await boss.post("/console/settings", **bad)
    assert answer.status_code == 422
    assert set(answer.json()) == {"error", "detail"}
    staff = await a_colleague(client, desk, "staff", name="anna")
    assert (await staff.post("/console/settings", handoff_words="x")).status_code == 403
    assert (await staff.get("/console/settings")).status_code == 403
    shown = await boss.post("/console/settings", handoff_words="<script>alert(1)</script>")
    assert shown.status_code == 303
    assert "<script>alert" not in (await boss.get("/console/settings")).text
