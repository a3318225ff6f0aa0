"""Who writes of danger is told what to do at once, whoever answers the conversation, and all staff are alarmed."""

import asyncio
import json
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from builders import Customer, publishable_key, secret_key, somebody_there
from xiaoer import stores
from xiaoer.assistant.events import store_topic
from xiaoer.desk.desk import Desk
from xiaoer.jobs import Job
from xiaoer.knowledge.documents import Document
from xiaoer.staff import people
from xiaoer.tickets import notices
from xiaoer.tickets.tables import Delivery, Ticket, TicketEvent, Webhook

FIRE = "充电器着火了！！插座都烧黑了"
LEAVE = "所有人立即离开"


async def settings(desk: Desk, **wanted: Any) -> None:
    async with desk.database.sessions.begin() as session:
        await stores.change(session, (await stores.by_slug(session, "shop")).id, wanted)


async def tickets(desk: Desk) -> list[Ticket]:
    async with desk.database.sessions() as session:
        return list(await session.scalars(sa.select(Ticket).order_by(Ticket.number)))


async def alarms(desk: Desk) -> list[TicketEvent]:
    async with desk.database.sessions() as session:
        query = sa.select(TicketEvent).where(TicketEvent.kind == "alarm").order_by(TicketEvent.created_at)
        return list(await session.scalars(query))


async def letters(desk: Desk) -> list[str]:
    """To whom letters about a ticket are due."""
    async with desk.database.sessions() as session:
        found = await session.scalars(sa.select(Job.payload).where(Job.kind == notices.STAFF_MAIL))
        return sorted(payload["to"] for payload in found)


async def staff_of(desk: Desk) -> None:
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        for role in ("owner", "staff", "viewer"):
            person = await people.add(session, store.id, email=f"{role}@shop.cn", name=role, role=role)
            person.password_digest = "set"


async def test_the_safety_line_comes_at_once_with_a_person_and_the_most_pressing_ticket(
    customer: Customer, desk: Desk
) -> None:
    told = await customer.stream(FIRE)
    kind, ending = told[-1]
    assert (kind, ending["reason"], ending["ticket"]) == ("handoff", "danger", "T-1001")
    assert ending["text"].startswith("请先保证安全")
    assert "火警 119" in ending["text"]
    assert ending["text"] == "".join(data["delta"] for name, data in told if name == "text")
    [ticket] = await tickets(desk)
    assert (ticket.kind, ticket.priority, ticket.text) == ("danger", "urgent", FIRE)


async def test_in_the_customers_language_with_the_numbers_of_where_it_is_spoken(customer: Customer) -> None:
    told = await customer.ask("ได้กลิ่นแก๊สแรงมากจากเตาที่ซื้อ")
    assert told["reason"] == "danger"
    assert "เปิดประตูหน้าต่าง" in told["text"]
    assert "ไทย: ดับเพลิง 199" in told["text"]


async def test_nothing_goes_before_it_neither_rules_nor_tickets_nor_curated_answers(
    customer: Customer, desk: Desk
) -> None:
    await settings(desk, handoff_words=["着火"])
    async with desk.database.sessions() as session:
        store = await stores.by_slug(session, "shop")
    own = Document(key="fire", title="着火", kind="question", text="请联系售后。", locale="zh", questions=(FIRE,))
    await desk.knowledge.save(store.id, own)
    for text in (FIRE, f"转人工，{FIRE}", f"帮我建一个工单，{FIRE}"):
        told = await (await Customer.arrive(customer.client, await publishable_key(desk))).ask(text)
        assert told["reason"] == "danger"
        assert LEAVE in told["text"]


@pytest.mark.parametrize("text", ["这款插座防火吗", "烟雾报警器多少钱", "does it have overheat protection"])
async def test_a_question_about_goods_alarms_nobody(customer: Customer, desk: Desk, text: str) -> None:
    told = await customer.ask(text)
    assert told["kind"] == "done"
    assert LEAVE not in told["text"]
    assert await tickets(desk) == []


async def test_what_if_is_told_what_to_do_and_answered_and_alarms_nobody(customer: Customer, desk: Desk) -> None:
    told = await customer.ask("如果手机电池以后鼓包了，保修多久？")
    assert told["kind"] == "done"
    assert told["text"].startswith("请先保证安全：立即停止充电")
    assert "电池保修 6 个月" in told["text"]
    unanswered = await customer.ask("What if the kettle ever catches fire?")
    assert unanswered["text"].startswith("Your safety first")
    assert "cannot confirm" not in unanswered["text"]
    assert await tickets(desk) == []


async def test_what_is_said_before_an_answer_is_not_kept_with_it_for_others(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    key = await publishable_key(desk)
    texts = [(await (await Customer.arrive(client, key)).ask("如果电池鼓包，手机电池保修多久"))["text"] for _ in "ab"]
    assert texts[0] == texts[1]
    assert texts[0].count("请先保证安全") == 1


async def test_everybody_who_answers_gets_a_letter_and_programs_are_told(customer: Customer, desk: Desk) -> None:
    await staff_of(desk)
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        session.add(Webhook(store_id=store.id, url="https://shop.cn/hook", sealed="x", enabled=True))
    await customer.ask(FIRE)
    assert await letters(desk) == ["owner@shop.cn", "staff@shop.cn"]
    async with desk.database.sessions() as session:
        bodies = [json.loads(body) for body in await session.scalars(sa.select(Delivery.body))]
    assert [body["event"] for body in bodies] == ["ticket.created", "ticket.alarm"]
    assert bodies[1]["data"] == {"danger": "fire"}
    assert bodies[1]["ticket"]["priority"] == "urgent"


async def test_open_consoles_are_alerted(customer: Customer, desk: Desk) -> None:
    async with desk.database.sessions() as session:
        store = await stores.by_slug(session, "shop")
    async with desk.broadcast.subscribe(store_topic(store.id)) as events:
        await customer.ask(FIRE)
        async with asyncio.timeout(5):
            alerted = [event async for event in _until_danger(events)]
    assert alerted[-1]["conversation"] == customer.opened["id"]


async def _until_danger(events: Any) -> Any:
    async for event in events:
        yield event
        if event["kind"] == "danger":
            return


async def test_a_running_ticket_becomes_the_most_pressing(customer: Customer, desk: Desk) -> None:
    await customer.ask("我买的手机用不了")
    told = await customer.ask("现在手机冒烟了")
    assert (told["reason"], told["ticket"]) == ("danger", "T-1001")
    [ticket] = await tickets(desk)
    assert (ticket.kind, ticket.priority) == ("repair", "urgent")
    [alarm] = await alarms(desk)
    assert alarm.text == "现在手机冒烟了"


async def test_while_staff_answer_the_line_still_comes_at_once_and_they_are_alarmed_again(
    customer: Customer, desk: Desk
) -> None:
    await somebody_there(desk)
    await staff_of(desk)
    secret = {"Authorization": f"Bearer {await secret_key(desk)}"}
    await customer.client.post(f"{customer.path}/messages", json={"text": "您好，我来看看。"}, headers=secret)
    quiet = await customer.ask("好的，麻烦您")
    assert quiet["reason"] == "with_staff"
    told = await customer.ask("我妈用着触电了，手都麻了")
    assert (told["kind"], told["reason"], told["ticket"]) == ("handoff", "danger", "T-1001")
    assert "请先保证安全" in told["text"]
    assert "急救 120" in told["text"]
    again = await customer.ask("她晕倒了，被电的")
    assert again["reason"] == "danger"
    assert len(await alarms(desk)) == 2
    secret_waiting = await customer.client.get("/api/v1/conversations", headers=secret)
    assert [each["reason"] for each in secret_waiting.json()] == ["danger"]
    assert [message["author"] for message in await customer.messages()][-4:] == ["customer", "assistant"] * 2
    harmless = await customer.ask("你们的插座防触电吗")
    assert harmless["reason"] == "with_staff"


async def test_who_waits_for_another_reason_is_told_too_and_waits_for_this_one(customer: Customer, desk: Desk) -> None:
    secret = {"Authorization": f"Bearer {await secret_key(desk)}"}
    assert (await customer.ask("转人工"))["reason"] == "asked"
    told = await customer.ask("取暖器着火了，怎么办")
    assert told["reason"] == "danger"
    assert LEAVE in told["text"]
    waiting = await customer.client.get("/api/v1/conversations", headers=secret)
    assert [each["reason"] for each in waiting.json()] == ["danger"]
    [ticket] = await tickets(desk)
    assert ticket.priority == "urgent"


async def test_the_shop_says_what_is_told_and_which_words_are_none(customer: Customer, desk: Desk) -> None:
    await settings(desk, safety={"fire": {"zh": "请马上拨打 119，再打我们的专线 400-1。"}}, handoff_words_off=["爆炸"])
    told = await customer.ask(FIRE)
    assert told["text"].startswith("请马上拨打 119，再打我们的专线 400-1。")
    other = await Customer.arrive(customer.client, await publishable_key(desk))
    assert (await other.ask("这价格爆炸了"))["kind"] == "done"
