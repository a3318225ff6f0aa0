"""Tickets as a customer meets them: made when work is left over, told with number and promise, found again."""

import re
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa

from builders import Customer, publishable_key, secret_key, somebody_there
from xiaoer import stores
from xiaoer.assistant.ticketing import asks_for_status, asks_for_ticket
from xiaoer.db.record import now
from xiaoer.desk.desk import Desk
from xiaoer.staff.hours import zone_of
from xiaoer.tickets.tables import Ticket


async def close_the_shop(desk: Desk) -> None:
    """Opening hours in which this moment is not."""
    local = now().astimezone(zone_of("Asia/Shanghai"))
    await set_hours(desk, f"{local + timedelta(hours=2):%H:%M}-{local + timedelta(hours=4):%H:%M}")


async def set_hours(desk: Desk, hours: str) -> None:
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        store.settings = stores.checked({**store.settings, "hours": hours})


async def all_tickets(desk: Desk) -> list[Ticket]:
    async with desk.database.sessions() as session:
        return list(await session.scalars(sa.select(Ticket).order_by(Ticket.number)))


async def test_a_complaint_that_names_the_authorities_is_a_pressing_ticket_and_a_person(
    customer: Customer, desk: Desk
) -> None:
    told = await customer.stream("你们卖假货，我要打 12315 投诉")
    kind, ending = told[-1]
    assert (kind, ending["reason"], ending["ticket"]) == ("handoff", "sensitive", "T-1001")
    assert "T-1001" in ending["text"]
    assert ending["text"] == "".join(data["delta"] for name, data in told if name == "text")
    [ticket] = await all_tickets(desk)
    assert (ticket.kind, ticket.priority, ticket.made_by) == ("complaint", "urgent", "assistant")
    assert ticket.text == "你们卖假货，我要打 12315 投诉"
    assert (await customer.messages())[-1]["text"] == ending["text"]


async def test_goods_that_arrived_broken_are_answered_and_registered_once(customer: Customer, desk: Desk) -> None:
    first = await customer.ask("我买的手机用不了")
    assert (first["kind"], first["ticket"]) == ("done", "T-1001")
    second = await customer.ask("收到的手机屏幕也碎了")
    assert second["ticket"] == "T-1001"
    [ticket] = await all_tickets(desk)
    assert (ticket.kind, ticket.state) == ("repair", "open")


async def test_out_of_hours_a_person_becomes_a_ticket_with_a_promise_in_the_shops_time(
    customer: Customer, desk: Desk
) -> None:
    await close_the_shop(desk)
    ended = await customer.ask("转人工")
    [ticket] = await all_tickets(desk)
    assert ticket.kind == "handover"
    assert ticket.due_at is not None
    local = ticket.due_at.astimezone(zone_of("Asia/Shanghai"))
    assert f"{local.month} 月 {local.day} 日 {local:%H:%M}" in ended["text"]


async def test_the_button_for_a_person_makes_the_same_ticket_out_of_hours(customer: Customer, desk: Desk) -> None:
    await close_the_shop(desk)
    answer = await customer.client.post(f"{customer.path}/handoff", headers=customer.headers)
    assert answer.json()["ticket"] == "T-1001"
    assert "T-1001" in answer.json()["text"]


async def test_while_somebody_is_there_a_person_comes_and_no_ticket_is_needed(customer: Customer, desk: Desk) -> None:
    await somebody_there(desk)
    ended = await customer.ask("转人工")
    assert ended["kind"] == "handoff"
    assert "请稍候" in ended["text"]
    assert "ticket" not in ended
    assert await all_tickets(desk) == []


@pytest.mark.parametrize("door", ["words", "button"])
async def test_while_nobody_has_the_console_open_nobody_is_promised_but_a_ticket(
    customer: Customer, desk: Desk, door: str
) -> None:
    if door == "words":
        ended = await customer.ask("转人工")
    else:
        ended = (await customer.client.post(f"{customer.path}/handoff", headers=customer.headers)).json()
    assert ended["ticket"] == "T-1001"
    assert "请稍候" not in ended["text"]
    assert "现在不在线" in ended["text"]
    last = (await customer.messages())[-1]
    assert (last["ticket"], last["ticket_url"]) == ("T-1001", ended["ticket_url"])
    assert (await customer.client.get(last["ticket_url"])).status_code == 200


async def test_staff_who_answer_by_the_api_are_there_as_well(customer: Customer, desk: Desk) -> None:
    merchant = {"Authorization": f"Bearer {await secret_key(desk)}"}
    said = await customer.client.post(f"{customer.path}/messages", json={"text": "您好"}, headers=merchant)
    assert said.status_code == 200
    other = await Customer.arrive(customer.client, await publishable_key(desk))
    assert "请稍候" in (await other.ask("转人工"))["text"]


async def test_a_customer_asks_how_their_ticket_stands(customer: Customer, desk: Desk) -> None:
    await set_hours(desk, "00:00-24:00")
    assert "还没有工单" in (await customer.ask("我的工单到哪了"))["text"]
    await customer.ask("我买的手机用不了")
    answer = await customer.ask("我的工单到哪了？")
    assert answer["route"] == "flow"
    assert re.search(
        r"工单 T-1001（我买的手机用不了）：已登记，等待处理，我们会在 \d+ 月 \d+ 日 \d\d:\d\d 前回复您",
        answer["text"],
    )


async def test_nobody_hears_of_a_ticket_that_is_not_theirs(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    await customer.ask("我买的手机用不了")
    claims_to_be = await Customer.arrive(client, await publishable_key(desk), customer={"id": "u1"})
    for text in ("我的工单到哪了", "工单 T-1001 到哪了", "T-1001"):
        said = (await claims_to_be.ask(text))["text"]
        assert "手机用不了" not in said
    assert "没有找到" in said


async def test_a_claimed_customer_number_opens_no_tickets_of_another_chat(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    key = await publishable_key(desk)
    real = await Customer.arrive(client, key, customer={"id": "u1"})
    await real.ask("我买的手机用不了")
    pretender = await Customer.arrive(client, key, customer={"id": "u1"})
    assert "手机用不了" not in (await pretender.ask("我的工单到哪了"))["text"]


async def test_where_no_hours_are_set_nothing_is_promised_to_the_minute(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    told = await customer.ask("我买的手机用不了")
    status = await customer.ask("我的工单到哪了")
    page = (await client.get(told["ticket_url"])).text
    assert "T-1001，我们会尽快回复您" in told["text"]
    assert "工单 T-1001（我买的手机用不了）：已登记，等待处理" in status["text"]
    for text in (told["text"], status["text"]):
        assert not re.search(r"\d+ 日|\d\d:\d\d", text)
    assert "前回复您" not in page
    [ticket] = await all_tickets(desk)
    assert ticket.due_at is not None  # staff are reminded all the same
    await set_hours(desk, "00:00-24:00")
    assert "前回复您" in (await client.get(told["ticket_url"])).text


async def test_a_ticket_can_be_asked_for_and_the_language_is_the_customers(customer: Customer, desk: Desk) -> None:
    await set_hours(desk, "00:00-24:00")
    ended = await customer.ask("Please open a support ticket for me, the strap came off")
    assert "T-1001" in ended["text"]
    assert re.search(r"\d+ \w{3}, \d\d:\d\d \(UTC\+08:00\)", ended["text"])
    again = await customer.ask("What is the status of my ticket?")
    assert "registered, not started yet" in again["text"]
    assert [each.language for each in await all_tickets(desk)] == ["en"]


@pytest.mark.parametrize(
    "text",
    ["我的工单到哪了", "查一下工单进度", "上次报修的问题处理得怎么样了", "any update on my ticket?", "T-1001",
     "phiếu của tôi xử lý đến đâu rồi", "เรื่องที่แจ้งไว้ถึงไหนแล้ว"],
)  # fmt: skip
def test_questions_about_a_ticket_are_known(text: str) -> None:
    assert asks_for_status(text)


@pytest.mark.parametrize(
    "text", ["快递到哪了", "where is my order", "机票怎么退", "what is the price of concert tickets"]
)
def test_other_questions_are_not_taken_for_them(text: str) -> None:
    assert not asks_for_status(text)
    assert not asks_for_ticket(text)
