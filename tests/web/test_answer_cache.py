"""Answers given again to whoever asks the same: at once, and never with what belongs to another customer."""

import asyncio
import uuid
from collections.abc import Sequence
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa

from builders import Customer, publishable_key, repeat_material
from xiaoer import stores
from xiaoer.assistant.answer_cache import key_of
from xiaoer.assistant.asked import Asked, begun
from xiaoer.assistant.flight import Flight, Flights
from xiaoer.conversations import handoff
from xiaoer.conversations.tables import CachedAnswer
from xiaoer.db.record import now
from xiaoer.desk.desk import Desk
from xiaoer.knowledge.documents import Document
from xiaoer.llm.messages import Message
from xiaoer.llm.scripted import Reply, ScriptedModel
from xiaoer.stores import Profile

QUESTION = "手机主机保修多久"
BROKEN = "我买的手机用不了"


async def somebody(desk: Desk, client: httpx.AsyncClient) -> Customer:
    return await Customer.arrive(client, await publishable_key(desk))


async def kept(desk: Desk) -> Sequence[CachedAnswer]:
    async with desk.database.sessions() as session:
        return (await session.scalars(sa.select(CachedAnswer))).all()


def written(model: ScriptedModel) -> int:
    """How many answers the model was asked to write."""
    return sum(each.generation is not None for each in model.asked)


async def test_who_asks_the_same_is_answered_at_once_without_the_model(
    customer: Customer, client: httpx.AsyncClient, desk: Desk, model: ScriptedModel
) -> None:
    first = await customer.ask(QUESTION)
    asked = len(model.asked)
    again = await (await somebody(desk, client)).ask("请问手机主机保修多久呀？")
    assert (again["route"], again["text"], again["sources"]) == ("cache", first["text"], first["sources"])
    assert again["confidence"] == first["confidence"]
    assert len(model.asked) == asked


async def test_nobody_reads_of_the_ticket_of_another_who_asked_the_same(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    first = await customer.ask(BROKEN)
    assert "T-1001" in first["text"]
    for _ in range(3):
        other = await somebody(desk, client)
        ended = await other.ask(BROKEN)
        assert "1001" not in str(ended)
        assert ended["ticket"] in ended["text"]
        assert "1001" not in str(await other.messages())
    assert all("T-1" not in each.text for each in await kept(desk))


async def test_what_a_customer_said_before_reaches_nobody_else(
    customer: Customer, client: httpx.AsyncClient, desk: Desk, model: ScriptedModel
) -> None:
    def calls_by_name(messages: Sequence[Message]) -> str:
        known = any("王小明" in message.content for message in messages)
        return ("王小明您好。" if known else "") + repeat_material(messages)

    model.rule = calls_by_name
    await customer.ask("我叫王小明，昨天在你们店里买了手机")
    await customer.ask(QUESTION)
    ended = await (await somebody(desk, client)).ask(QUESTION)
    assert ended["route"] != "cache"
    assert "王小明" not in ended["text"]


async def test_a_greeting_before_it_keeps_no_answer_from_others(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    await customer.ask("你好")
    await customer.ask(QUESTION)
    assert (await (await somebody(desk, client)).ask(QUESTION))["route"] == "cache"


async def test_an_answer_marked_down_is_given_to_nobody_else(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    await customer.ask(QUESTION)
    other = await somebody(desk, client)
    ended = await other.ask(QUESTION)
    assert ended["route"] == "cache"
    path = f"/api/v1/messages/{ended['message_id']}/feedback"
    assert (await client.post(path, json={"score": "down"}, headers=other.headers)).status_code == 204
    assert (await (await somebody(desk, client)).ask(QUESTION))["route"] != "cache"


async def test_an_edit_another_model_and_other_settings_ask_anew(
    customer: Customer, client: httpx.AsyncClient, desk: Desk, model: ScriptedModel
) -> None:
    async def route() -> str:
        ended = await (await somebody(desk, client)).ask(QUESTION)
        return str(ended["route"])

    await customer.ask(QUESTION)
    assert await route() == "cache"
    desk.assistant.use(ScriptedModel(rule=repeat_material, name="another"))
    assert await route() != "cache"
    desk.assistant.use(model)
    assert await route() == "cache"
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        store.settings = stores.checked({**store.settings, "tone": "热情"})
    assert await route() != "cache"
    assert await route() == "cache"
    await desk.knowledge.save(store.id, Document(key="hours", title="营业时间", text="每天 9 点开门。", locale="zh"))
    assert await route() != "cache"


@pytest.mark.parametrize("edge", ["valid_from", "valid_to"])
async def test_it_ends_when_a_text_begins_or_ceases_to_hold(customer: Customer, desk: Desk, edge: str) -> None:
    soon = now() + timedelta(minutes=5)
    async with desk.database.sessions() as session:
        store = await stores.by_slug(session, "shop")
    await desk.knowledge.save(
        store.id, Document(key="news", title="延长保修", text="手机主机保修 36 个月。", locale="zh", **{edge: soon})
    )
    sooner = now() + timedelta(minutes=1)
    draft = Document(key="draft", title="草稿", text="还没有发布。", locale="zh", status="draft", valid_from=sooner)
    await desk.knowledge.save(store.id, draft)
    await desk.knowledge.settled()
    await customer.ask(QUESTION)
    [answer] = await kept(desk)
    assert answer.expires_at == soon


async def test_what_has_run_out_is_not_given_and_cleared_away(
    customer: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    await customer.ask(QUESTION)
    async with desk.database.sessions.begin() as session:
        await session.execute(sa.update(CachedAnswer).values(expires_at=now() - timedelta(seconds=1)))
    assert (await (await somebody(desk, client)).ask("现货多久发货"))["route"] != "cache"
    assert len(await kept(desk)) == 1
    assert (await (await somebody(desk, client)).ask(QUESTION))["route"] != "cache"


async def test_the_same_question_of_many_at_once_is_worked_out_once(
    client: httpx.AsyncClient, desk: Desk, model: ScriptedModel
) -> None:
    model.rule = lambda messages: Reply(repeat_material(messages), first_delay_seconds=0.5)
    people = [await somebody(desk, client) for _ in range(5)]
    told = await asyncio.gather(*(each.ask(QUESTION) for each in people))
    assert written(model) == 1
    assert len({each["text"] for each in told}) == 1
    assert sorted(each["route"] for each in told) == ["cache"] * 4 + ["model"]


async def test_when_the_first_is_cut_off_one_of_the_others_goes_on_and_the_rest_wait_for_that(
    client: httpx.AsyncClient, desk: Desk, model: ScriptedModel
) -> None:
    model.rule = lambda messages: Reply(repeat_material(messages), first_delay_seconds=1.0)
    first, *others = [await somebody(desk, client) for _ in range(4)]
    cut = asyncio.create_task(first.ask(QUESTION))
    while not written(model):  # noqa: ASYNC110 -- the model has no event for being asked
        await asyncio.sleep(0.02)
    waiting = [asyncio.create_task(each.ask(QUESTION)) for each in others]
    await asyncio.sleep(0.2)
    conversation = uuid.UUID(first.opened["id"])
    async with desk.database.sessions.begin() as session:
        assert await handoff.join(session, conversation)
    desk.turns.stop(conversation)
    assert (await cut)["kind"] == "handoff"
    told = await asyncio.gather(*waiting)
    assert written(model) == 2
    assert sorted(each["route"] for each in told) == ["cache", "cache", "model"]


async def test_when_the_first_fails_the_others_are_answered_all_the_same(
    client: httpx.AsyncClient, desk: Desk, model: ScriptedModel
) -> None:
    def breaks_once(messages: Sequence[Message]) -> str:
        if written(model) == 1:
            raise ZeroDivisionError
        return repeat_material(messages)

    model.rule = breaks_once
    told = await asyncio.gather(*[(await somebody(desk, client)).ask(QUESTION) for _ in range(3)])
    assert sorted(each["kind"] for each in told) == ["done", "done", "handoff"]
    assert sum("12 个月" in each["text"] for each in told) == 2


async def test_what_is_not_for_others_lets_those_who_wait_go_on_at_once() -> None:
    flights = Flights[str]()
    mine = await flights.join("key")
    assert isinstance(mine, Flight)
    others = [asyncio.create_task(flights.join("key")) for _ in range(2)]
    await asyncio.sleep(0)
    mine.land()
    assert await asyncio.gather(*others) == [None, None]
    assert isinstance(await flights.join("key"), Flight)  # nothing of it stays behind


def test_the_key_tells_apart_what_an_answer_depends_on() -> None:
    profile = Profile.model_validate({"name": {"zh": "小店"}, "locales": ["zh", "en"]})
    turn = begun(Asked(store_id=uuid.uuid4(), profile=profile, text=QUESTION))
    plain = key_of(turn, "model")
    assert QUESTION not in plain
    turn.depends["product"] = "P-1"
    one = key_of(turn, "model")
    turn.depends["product"] = "P-2"
    assert len({plain, one, key_of(turn, "model"), key_of(turn, None)}) == 4
