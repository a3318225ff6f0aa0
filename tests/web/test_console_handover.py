"""Who answers, as one state machine: each test is a way in which a desk has lost a customer somewhere."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from console_staff import a_colleague

from builders import Customer, events, publishable_key, secret_key, somebody_there
from xiaoer import stores
from xiaoer.assistant.waiting import waiting_text
from xiaoer.conversations.tables import Conversation, Message
from xiaoer.desk.desk import Desk
from xiaoer.language.phrases import languages, phrase
from xiaoer.llm.scripted import Reply, ScriptedModel
from xiaoer.staff.hours import is_open
from xiaoer.stores import Profile
from xiaoer.web import listening


async def ask_for_a_person(customer: Customer) -> None:
    answer = await customer.client.post(f"{customer.path}/handoff", headers=customer.headers)
    assert answer.status_code == 200, answer.text


async def test_from_asking_to_closing_the_customer_is_told_who_answers(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    await customer.ask("请问包邮吗")
    assert (await boss.counts())["assistant"] == 1
    await ask_for_a_person(customer)
    assert (await boss.counts())["waiting"] == 1
    assert (await boss.act(customer, "reply", text="您好，我来帮您。")).status_code == 204
    assert (await boss.counts())["mine"] == 1
    await boss.act(customer, "handback")
    assert (await boss.counts())["assistant"] == 1
    assert (await customer.ask("请问包邮吗"))["route"] == "curated"
    await boss.act(customer, "close")
    assert (await boss.counts())["closed"] == 1
    said = [(each["author"], each["text"]) for each in await customer.messages()]
    lines = [text for author, text in said if author == "system"]
    assert len(lines) == 4  # asked, joined, left, closed: no step is silent
    assert "小林" in lines[1]
    assert ("staff", "您好，我来帮您。") in said
    await customer.ask("请问包邮吗")
    assert (await boss.counts())["assistant"] == 1  # who writes again is heard again


async def test_the_first_keystroke_stops_an_answer_that_is_being_written(
    customer: Customer, client: httpx.AsyncClient, desk: Desk, model: ScriptedModel
) -> None:
    boss = await a_colleague(client, desk, "owner")
    model.rule = None
    model.default = Reply("手机主机保修 12 个月。" * 20, first_delay_seconds=1.5)
    headers = {**customer.headers, "Accept": "text/event-stream"}
    asking = asyncio.create_task(
        client.post(f"{customer.path}/messages", json={"text": "手机主机保修多久"}, headers=headers)
    )
    await asyncio.sleep(0.5)
    assert (await boss.act(customer, "take")).status_code == 204
    told = events((await asyncio.wait_for(asking, 5)).text)
    assert told[-1] == ("handoff", {"reason": "with_staff", "queue": "staff"})
    await asyncio.sleep(1.5)
    assert [each["author"] for each in await customer.messages()] == ["customer", "system"]


async def test_while_staff_have_it_the_assistant_does_not_talk(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    await customer.ask("请问包邮吗")
    await boss.act(customer, "take")
    ended = await customer.ask("手机保修多久")
    assert (ended["kind"], ended["reason"]) == ("handoff", "with_staff")
    await boss.act(customer, "reply", text="12 个月。")
    authors = [each["author"] for each in await customer.messages()]
    assert authors == ["customer", "assistant", "system", "customer", "staff"]


async def test_nothing_backs_an_answer_twice_in_a_row_brings_a_person_but_not_again_after_the_hand_back(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    assert (await customer.ask("你们老板的生日是哪一天"))["route"] == "refuse"
    second = await customer.ask("你们公司养了几只猫")
    assert (second["kind"], second["reason"]) == ("handoff", "unanswered")
    assert (await boss.counts())["waiting"] == 1
    await boss.act(customer, "take")
    await boss.act(customer, "handback")
    assert (await customer.ask("老板喜欢什么颜色"))["kind"] == "done"  # the old matter is over the boundary
    assert (await customer.ask("老板的鞋码是多少"))["kind"] == "handoff"


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("staffed", [True, False])
async def test_whoever_had_it_a_conversation_that_staff_close_asks_how_it_was(
    customer: Customer, client: httpx.AsyncClient, desk: Desk, *, staffed: bool, language: str
) -> None:
    boss = await a_colleague(client, desk, "owner")
    await customer.ask("请问包邮吗")
    async with desk.database.sessions.begin() as session:
        await session.execute(sa.update(Conversation).values(language=language))
    if staffed:
        await boss.act(customer, "reply", text="您好，我来帮您。")
    assert (await boss.act(customer, "close")).status_code == 204
    last = (await customer.messages())[-1]
    assert (last["author"], last["text"]) == ("system", phrase("conversation_closed", language))
    assert last["rate"] is True
    assert last["judge"]["judge"] == phrase("judge", language)
    assert last["judge"]["points"].format(n=4) == phrase("judge_points", language, n=4)
    await boss.act(customer, "close")  # closed already: not said twice
    assert (await customer.messages())[-1]["position"] == last["position"]


@pytest.mark.parametrize("leave", ["handback", "close"])
async def test_after_it_is_over_old_words_cause_no_other_hand_over(
    customer: Customer, client: httpx.AsyncClient, desk: Desk, leave: str
) -> None:
    boss = await a_colleague(client, desk, "owner")
    assert (await customer.ask("转人工"))["kind"] == "handoff"
    await boss.act(customer, "reply", text="已处理。")
    await boss.act(customer, leave)
    for _ in range(2):
        assert (await customer.ask("请问包邮吗"))["kind"] == "done"
    assert (await boss.counts())["waiting"] == 0


async def test_what_staff_said_is_part_of_the_assistants_memory(
    customer: Customer, client: httpx.AsyncClient, desk: Desk, model: ScriptedModel
) -> None:
    boss = await a_colleague(client, desk, "owner")
    await customer.ask("手机保修多久")
    await boss.act(customer, "reply", text="您的订单已改为顺丰特快。")
    await boss.act(customer, "note", text="这位顾客很急")
    await boss.act(customer, "handback")
    await customer.ask("退货运费谁出")
    prompt = "".join(message.content for asked in model.asked[-2:] for message in asked.messages)
    assert "顺丰特快" in prompt
    assert "这位顾客很急" not in prompt


async def test_a_conversation_whose_answer_is_late_waits_for_staff(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    await desk.turns.close()  # nobody answers any more
    async with desk.database.sessions.begin() as session:
        conversation = await session.get_one(Conversation, customer.opened["id"])
        conversation.last_position = 1
        session.add(
            Message(
                store_id=conversation.store_id,
                conversation_id=conversation.id,
                position=1,
                author="customer",
                text="在吗",
                answer_state="owed",
                created_at=datetime.now(UTC) - timedelta(minutes=5),
            )
        )
    counts = await boss.counts()
    assert (counts["waiting"], counts["assistant"]) == (1, 0)
    await boss.act(customer, "reply", text="在的。")
    async with desk.database.sessions() as session:
        states = await session.scalars(sa.select(Message.answer_state).where(Message.author == "customer"))
        assert list(states) == ["staff"]


async def test_of_two_who_take_the_same_conversation_one_gets_it(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    await customer.ask("转人工")
    first = await a_colleague(client, desk, "staff", name="anna")
    second = await a_colleague(client, desk, "staff", name="bert")
    codes = await asyncio.gather(first.act(customer, "take"), second.act(customer, "take"))
    assert sorted(each.status_code for each in codes) == [204, 409]
    loser = second if codes[0].status_code == 204 else first
    for action in ("reply", "handback", "close"):
        assert (await loser.act(customer, action, text="我也来")).status_code == 409
    assert (await loser.act(customer, "take", force="yes")).status_code == 409  # only who may assign
    assert (await loser.counts())["team"] == 1
    manager = await a_colleague(client, desk, "manager", name="mia")
    assert (await manager.act(customer, "take", force="yes")).status_code == 204
    assert (await manager.act(customer, "assign", staff=str(loser.staff_id))).status_code == 204
    assert (await loser.counts())["mine"] == 1
    assert (await loser.act(customer, "assign", staff=str(first.staff_id))).status_code == 403


async def test_a_reply_sent_twice_is_said_once(customer: Customer, client: httpx.AsyncClient, desk: Desk) -> None:
    boss = await a_colleague(client, desk, "owner")
    await customer.ask("转人工")
    await asyncio.gather(*(boss.act(customer, "reply", text="马上来。", key="k1") for _ in range(3)))
    assert [each["text"] for each in await customer.messages() if each["author"] == "staff"] == ["马上来。"]


async def test_notes_and_tags_never_reach_the_customer_or_the_api(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    boss = await a_colleague(client, desk, "owner")
    await customer.ask("请问包邮吗")
    assert (await boss.act(customer, "note", text="熟客，可以宽限")).status_code == 204
    assert (await boss.act(customer, "tags", tags="退款，加急, 退款")).status_code == 204
    page = await boss.page(customer)
    assert "熟客，可以宽限" in page
    assert "退款" in page
    for headers in (customer.headers, {"Authorization": f"Bearer {await secret_key(desk)}"}):
        seen = (await client.get(f"{customer.path}/messages", headers=headers)).text
        assert "宽限" not in seen
        assert "加急" not in seen
    found = (await boss.get("/console?q=加急")).text
    assert customer.opened["id"] in found
    assert (await boss.act(customer, "tags", tags="x" * 31)).status_code == 422


@pytest.mark.parametrize(
    ("settings", "language", "at", "told"),
    [
        (
            {"hours": "09:00-21:00"},
            "zh",
            "2026-11-21T18:30",
            "现在不在线，恢复服务时间：11 月 22 日 09:00。",
        ),  # 02:30 in the shop
        ({"hours": "09:00-21:00"}, "en", "2026-11-21T18:30", "back on 22 Nov, 09:00 (UTC+08:00)."),
        ({"hours": "09:00-21:00", "timezone": "Europe/Berlin"}, "vi", "2026-11-21T22:30", "22/11/2026 09:00 (UTC+01"),
        ({"hours": "09:00-21:00", "holidays": ["2026-11-21"]}, "zh", "2026-11-21T04:00", "：11 月 22 日 09:00。"),
        ({"weekdays": ["mon", "tue", "wed", "thu", "fri"]}, "zh", "2026-11-21T04:00", "：11 月 23 日。"),
        ({"weekdays": ["mon", "tue", "wed", "thu", "fri"]}, "th", "2026-11-21T04:00", "23/11/2026 "),
        ({"weekdays": []}, "zh", "2026-11-21T04:00", "现在不在线。"),
        ({}, "en", "2026-11-21T04:00", "Nobody is on duty at the moment. Your message is saved"),
    ],
)
def test_when_nobody_is_there_the_customer_hears_when_somebody_is(
    settings: dict[str, Any], language: str, at: str, told: str
) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert told in waiting_text(Profile(**settings), language, moment, staffed=False)


async def test_out_of_hours_the_customer_hears_when_the_shop_opens(customer: Customer, desk: Desk) -> None:
    await somebody_there(desk)
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        moment = datetime.now(UTC)
        shut = f"{moment + timedelta(hours=2):%H:%M}-{moment + timedelta(hours=3):%H:%M}"
        store.settings = {**store.settings, "hours": shut, "timezone": "UTC"}
    await ask_for_a_person(customer)
    assert f" {shut[:5]}（UTC+00:00）。" in (await customer.messages())[-1]["text"]


async def test_who_waits_is_told_their_place_and_every_change_of_it(
    served: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "PLACE_SECONDS", 0.05)
    await somebody_there(desk)
    staff = {"Authorization": f"Bearer {await secret_key(desk)}"}
    async with httpx.AsyncClient(base_url=served, trust_env=False, timeout=60) as browser:
        first, second = [await Customer.arrive(browser, await publishable_key(desk)) for _ in range(2)]
        pressed = await browser.post(f"{first.path}/handoff", headers=first.headers)
        assert pressed.json()["ahead"] == 0
        assert (await second.ask("转人工"))["ahead"] == 1
        places: list[int | None] = []
        async with browser.stream("GET", f"{second.path}/events", headers=second.headers) as stream:
            kind = ""
            async for line in stream.aiter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                if not line.startswith("data: ") or kind != "place":
                    continue
                places.append(json.loads(line.removeprefix("data: "))["ahead"])
                if places[-1] is None:
                    break
                leaves = first if places[-1] else second
                await browser.post(f"{leaves.path}/messages", json={"text": "我来帮您。"}, headers=staff)
    assert places == [1, 0, None]


@pytest.mark.parametrize(
    ("hours", "zone", "moment", "expected"),
    [
        ("20:00-02:00", "UTC", "2026-01-01T01:00", True),
        ("20:00-02:00", "UTC", "2026-01-01T12:00", False),
        ("09:00–17:00", "Europe/Berlin", "2026-03-29T07:30", True),  # summer time began this night: 09:30 there
        ("09:00-17:00", "Europe/Berlin", "2026-03-28T07:30", False),
        ("", "UTC", "2026-01-01T03:00", True),
        ("whenever", "Nowhere/Land", "2026-01-01T03:00", True),
        ("00:00-24:00", "UTC", "2026-01-01T03:00", True),
    ],
)
def test_opening_hours_hold_in_the_shops_zone(hours: str, zone: str, moment: str, *, expected: bool) -> None:
    assert is_open(hours, zone, datetime.fromisoformat(moment).replace(tzinfo=UTC)) is expected


async def test_ten_megabytes_are_refused_at_every_door_and_nothing_is_kept(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    await customer.ask("转人工")
    boss = await a_colleague(client, desk, "owner")
    await boss.act(customer, "take")
    before = await customer.messages()
    huge = "长" * 3_400_000
    answers = [
        await customer.send(huge),
        *[await boss.act(customer, action, text=huge) for action in ("reply", "note")],
        await boss.post("/console/settings", handoff_words=huge),
    ]
    for answer in answers:
        assert answer.status_code in (413, 422), answer.text[:200]
        assert set(answer.json()) == {"error", "detail"}
    assert await customer.messages() == before
    assert (await boss.act(customer, "reply", text="我在")).status_code == 204
