"""A customer who waits for a person is never left in silence: each test is a way in which one was."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from console_staff import a_colleague

from builders import CURATED, RETURNS, Customer, publishable_key, secret_key, somebody_there
from xiaoer import stores
from xiaoer.assistant.meanwhile import _choices_by_key
from xiaoer.conversations import handoff
from xiaoer.conversations.tables import Conversation, Message
from xiaoer.db.record import now
from xiaoer.desk.desk import Desk
from xiaoer.language import normal
from xiaoer.language.phrases import languages, phrase
from xiaoer.staff.tables import StaffSession
from xiaoer.tickets.tables import Ticket, TicketEvent

ANSWERED_BY_READING = "退货运费谁出"


async def setting(desk: Desk, **settings: Any) -> None:
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        await stores.change(session, store.id, settings)


async def close_the_shop(desk: Desk) -> None:
    hours = f"{now() + timedelta(hours=2):%H:%M}-{now() + timedelta(hours=3):%H:%M}"
    await setting(desk, hours=hours, timezone="UTC")


async def conversation_of(desk: Desk, customer: Customer) -> Conversation:
    async with desk.database.sessions() as session:
        return await session.get_one(Conversation, customer.opened["id"])


async def state_of(desk: Desk, customer: Customer) -> str:
    return handoff.state_of(await conversation_of(desk, customer))


async def press_the_button(customer: Customer) -> dict[str, Any]:
    answer = await customer.client.post(f"{customer.path}/handoff", headers=customer.headers)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def a_while_ago(desk: Desk, customer: Customer, minutes: int) -> None:
    """Let all that happened in the conversation have happened so long ago."""
    before = timedelta(minutes=minutes)
    async with desk.database.sessions.begin() as session:
        columns = {name: getattr(Conversation, name) - before for name in ("handed_off_at", "taken_at")}
        await session.execute(sa.update(Conversation).where(Conversation.id == customer.opened["id"]).values(columns))
        said = sa.update(Message).where(Message.conversation_id == customer.opened["id"])
        await session.execute(said.values(created_at=Message.created_at - before))


async def every_console_shut(desk: Desk) -> None:
    async with desk.database.sessions.begin() as session:
        await session.execute(sa.update(StaffSession).values(seen_at=None))


@pytest.mark.parametrize("closed", [False, True], ids=["open", "out of hours"])
@pytest.mark.parametrize(
    "words", [["转人工"], ["你们卖假货，我要打 12315 投诉"], ["你们老板的生日是哪一天", "你们公司养了几只猫"]]
)
async def test_whatever_brought_a_person_the_next_question_is_answered(
    customer: Customer, desk: Desk, words: list[str], *, closed: bool
) -> None:
    if closed:
        await close_the_shop(desk)
    for text in words:
        brought = await customer.ask(text)
    assert brought["kind"] == "handoff"
    assert brought["suggestions"] == ["继续由 AI 客服解答", "等人工客服"]
    assert await state_of(desk, customer) == "waiting"
    answered = await customer.ask("包邮吗")
    assert (answered["kind"], answered["route"]) == ("done", "curated")
    assert answered["text"] == CURATED + answered["added"]  # what has no source is told apart
    opening = (await stores_opening(desk)) if closed else "人工客服"
    assert opening in answered["text"]  # that somebody comes, and when
    assert answered["suggestions"][-2:] == brought["suggestions"]
    assert (await customer.ask(ANSWERED_BY_READING))["kind"] == "done"
    assert await state_of(desk, customer) == "waiting"


async def stores_opening(desk: Desk) -> str:
    async with desk.database.sessions() as session:
        profile = (await stores.by_slug(session, "shop")).profile
    return f"{profile.hours.partition('-')[0]}（UTC+00:00）"


async def test_after_the_button_the_assistant_goes_on_and_the_api_says_who_answers(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    told = await press_the_button(customer)
    assert (told["owner"], told["state"]) == ("assistant", "waiting")
    assert (await press_the_button(customer))["state"] == "waiting"  # pressed twice is asked once
    line = (await customer.messages())[-1]
    assert line["suggestions"] == ["继续由 AI 客服解答", "等人工客服"]
    assert (await customer.ask("包邮吗"))["text"].startswith(CURATED)
    staff = {"Authorization": f"Bearer {await secret_key(desk)}"}
    (listed,) = (await client.get("/api/v1/conversations", headers=staff)).json()
    assert (listed["id"], listed["state"], listed["reason"]) == (customer.opened["id"], "waiting", "asked")
    await client.post(f"{customer.path}/messages", json={"text": "您好，我是小李。"}, headers=staff)
    (listed,) = (await client.get("/api/v1/conversations", headers=staff)).json()
    assert listed["state"] == "staff"
    assert (await customer.ask("包邮吗"))["reason"] == "with_staff"  # one voice: a person has come


@pytest.mark.parametrize("text", ["你们卖假货，我要曝光你们", "我买的手机用不了", "什么破店，态度太差了"])
async def test_the_complaint_itself_is_left_to_the_person(customer: Customer, desk: Desk, text: str) -> None:
    brought = await customer.ask("我要投诉你们，找工商局")
    ended = await customer.ask(text)
    assert ended["kind"] == "handoff"
    assert RETURNS[:8] not in ended["text"]
    assert ended["ticket"] == brought["ticket"]
    async with desk.database.sessions() as session:
        said = await session.scalars(sa.select(TicketEvent.text).where(TicketEvent.actor == "customer"))
        assert text in said.all()


async def test_what_nothing_backs_is_kept_for_the_person_and_stands_in_the_ticket(
    customer: Customer, desk: Desk
) -> None:
    await customer.ask("转人工")
    ended = await customer.ask("你们公司养了几只猫")
    assert (ended["kind"], ended["reason"], ended["ticket"]) == ("handoff", "asked", "T-1001")
    assert "您刚才的话也记进去了" in ended["text"]
    assert phrase("talk_to_person", "zh") not in ended["suggestions"]
    async with desk.database.sessions() as session:
        said = await session.scalars(sa.select(TicketEvent.text).where(TicketEvent.actor == "customer"))
        assert said.all() == ["你们公司养了几只猫"]


async def test_words_that_ask_nothing_are_told_how_it_stands(customer: Customer, desk: Desk) -> None:
    await somebody_there(desk)
    await customer.ask("转人工")
    for text in ("在吗", "好的", "？？"):
        assert phrase("still_waiting", "zh") in (await customer.ask(text))["text"]
    assert phrase("kept_for_person", "zh") in (await customer.ask("你们公司养了几只猫"))["text"]
    assert (await customer.ask("转人工"))["ahead"] == 0


@pytest.mark.parametrize("language", languages())
async def test_in_every_language_one_tap_goes_on_with_the_assistant_and_another_waits(
    client: httpx.AsyncClient, desk: Desk, language: str
) -> None:
    customer = await Customer.arrive(client, await publishable_key(desk), locale=language)
    await press_the_button(customer)
    go_on, wait = (await customer.messages())[-1]["suggestions"]
    assert (go_on, wait) == (phrase("go_on", language), phrase("wait_for_person", language))
    waits = await customer.ask(wait)
    assert (waits["text"], waits["language"]) == (phrase("still_away", language), language)
    assert await state_of(desk, customer) == "waiting"
    went = await customer.ask(go_on)
    assert (went["kind"], went["text"], went["language"]) == ("done", phrase("went_on", language), language)
    assert await state_of(desk, customer) == "assistant"
    assert (await customer.ask("包邮吗"))["text"] == CURATED
    again = await customer.ask(wait)  # an old chip of the thread works as well
    assert (again["kind"], again["reason"]) == ("handoff", "asked")


def test_no_two_choices_sound_the_same() -> None:
    keys = [normal.key(phrase(choice, language)) for language in languages() for choice in ("go_on", "wait_for_person")]
    assert len(set(keys)) == len(keys) == len(_choices_by_key())


async def test_going_on_leaves_the_queue_and_is_noted_in_the_ticket(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    await customer.ask("转人工")
    boss = await a_colleague(client, desk, "owner")
    assert (await boss.counts())["waiting"] == 1
    await customer.ask("继续由 AI 客服解答")
    assert (await boss.counts())["waiting"] == 0
    async with desk.database.sessions() as session:
        ticket = await session.scalar(sa.select(Ticket))
        assert ticket is not None
        assert ticket.state == "open"  # a promise made is kept
        noted = await session.scalar(sa.select(TicketEvent.text).where(TicketEvent.kind == "note"))
    assert noted is not None
    assert "不再等待" in noted


async def test_a_shop_can_choose_silence_and_then_nothing_is_offered(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    assert (await boss.post("/console/settings", while_waiting="silence")).status_code == 303
    assert (await boss.post("/console/settings", while_waiting="whatever")).status_code == 422
    brought = await customer.ask("转人工")
    assert "suggestions" not in brought
    ended = await customer.ask("包邮吗")
    assert (ended["kind"], ended["reason"]) == ("handoff", "with_staff")
    assert await state_of(desk, customer) == "waiting"
    await boss.post("/console/settings", while_waiting="answer")  # counts from the next message on
    assert (await customer.ask("包邮吗"))["text"].startswith(CURATED)


async def test_staff_see_what_was_answered_meanwhile(customer: Customer, client: httpx.AsyncClient, desk: Desk) -> None:
    boss = await a_colleague(client, desk, "owner")
    await customer.ask("包邮吗")
    assert "等待期间" not in await boss.page(customer)
    await customer.ask("转人工")
    await customer.ask("在吗")
    assert "AI 已答" not in (await boss.get("/console")).text
    await customer.ask("包邮吗")
    await customer.ask(ANSWERED_BY_READING)
    assert "AI 已答 2" in (await boss.get("/console")).text
    page = await boss.page(customer)
    assert page.count(">等待期间<") == 3  # and that it still waits
    await boss.act(customer, "take")
    assert ">等待期间<" in await boss.page(customer)


async def test_what_one_customer_is_told_while_waiting_is_not_another_customers_answer(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    await customer.ask("转人工")
    assert phrase("still_away", "zh") in (await customer.ask(ANSWERED_BY_READING))["text"]
    other = await Customer.arrive(client, await publishable_key(desk))
    answered = await other.ask(ANSWERED_BY_READING)
    assert phrase("still_away", "zh") not in answered["text"]
    assert "suggestions" not in answered or phrase("go_on", "zh") not in answered["suggestions"]


async def test_a_fault_while_waiting_ends_with_the_person_who_is_waited_for(
    customer: Customer, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    await customer.ask("转人工")
    monkeypatch.setattr(desk.knowledge, "exact", broken)
    ended = await customer.ask("退货运费谁出")
    assert (ended["kind"], ended["reason"], ended["ticket"]) == ("handoff", "fault", "T-1001")
    assert await state_of(desk, customer) == "waiting"


async def test_whose_person_has_gone_home_waits_again_and_is_answered(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    await boss.act(customer, "reply", text="您好，稍等我查一下。")
    assert (await customer.ask("包邮吗"))["reason"] == "with_staff"
    await a_while_ago(desk, customer, minutes=45)
    assert (await customer.ask("包邮吗"))["reason"] == "with_staff"  # the console is open
    await every_console_shut(desk)
    answered = await customer.ask("包邮吗")
    assert answered["text"].startswith(CURATED)
    assert await state_of(desk, customer) == "waiting"
    kept = await customer.ask("你们老板的生日是哪一天")
    assert (kept["kind"], kept["ticket"]) == ("handoff", "T-1001")
    await boss.act(customer, "take")
    assert (await customer.ask("包邮吗"))["reason"] == "with_staff"


@pytest.mark.parametrize("taken", [False, True])
async def test_who_has_waited_too_long_is_told_so_and_the_assistant_answers(
    customer: Customer, client: httpx.AsyncClient, desk: Desk, *, taken: bool
) -> None:
    boss = await a_colleague(client, desk, "owner", name="boss")
    await somebody_there(desk)
    await press_the_button(customer)
    if taken:
        await boss.act(customer, "take")
        await customer.ask("还在吗")
    await a_while_ago(desk, customer, minutes=11)
    assert await desk.watch.look() == 1
    assert await desk.watch.look() == 0
    last = (await customer.messages())[-1]
    assert last["author"] == "system"
    assert last["text"].startswith(phrase("waiting_long", "zh"))
    assert phrase("go_on", "zh") in last["suggestions"]
    assert await state_of(desk, customer) == "waiting"
    assert (await customer.ask("包邮吗"))["text"].startswith(CURATED)


async def test_who_waits_where_nobody_is_left_gets_a_ticket_once(customer: Customer, desk: Desk) -> None:
    await somebody_there(desk)
    assert "ticket" not in await customer.ask("转人工")
    await every_console_shut(desk)
    await a_while_ago(desk, customer, minutes=11)
    await desk.watch.look()
    assert (await customer.messages())[-1]["ticket"] == "T-1001"
    async with desk.database.sessions.begin() as session:
        await session.execute(sa.update(Conversation).values(escalated_at=None))
    said = len(await customer.messages())
    await desk.watch.look()
    assert len(await customer.messages()) == said  # promised already


async def test_whoever_listens_hears_first_who_answers(served: str, desk: Desk) -> None:
    async with httpx.AsyncClient(base_url=served, trust_env=False, timeout=20) as browser:
        customer = await Customer.arrive(browser, await publishable_key(desk))
        await press_the_button(customer)
        states: list[dict[str, str]] = []
        async with browser.stream("GET", f"{customer.path}/events", headers=customer.headers) as stream:
            kind = ""
            async for line in stream.aiter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                if kind != "owner" or not line.startswith("data: "):
                    continue
                states.append(json.loads(line.removeprefix("data: ")))
                if len(states) == 1:
                    await browser.post(
                        f"{customer.path}/messages", json={"text": "继续由 AI 客服解答"}, headers=customer.headers
                    )
                if states[-1]["state"] == "assistant":
                    break
    assert states == [{"owner": "assistant", "state": "waiting"}, {"owner": "assistant", "state": "assistant"}]


async def test_a_vip_who_waits_is_answered_and_the_shops_own_words_still_go_to_a_person(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    await setting(desk, handoff_vip=["VIP-1"], handoff_words=["代购"])
    customer = await Customer.arrive(client, await publishable_key(desk), customer={"id": "VIP-1"})
    assert (await customer.ask("包邮吗"))["reason"] == "vip"
    assert (await customer.ask("包邮吗"))["text"].startswith(CURATED)
    assert (await customer.ask("代购可以包邮吗"))["reason"] == "word"


async def test_the_time_of_a_wait_is_counted_from_the_asking(desk: Desk, customer: Customer) -> None:
    before = now()
    await customer.ask("转人工")
    asked = await conversation_of(desk, customer)
    await customer.ask("包邮吗")
    later = await conversation_of(desk, customer)
    assert asked.handed_off_at is not None
    assert before <= asked.handed_off_at == later.handed_off_at
