"""Turns in progress: one at a time, none forgotten, whatever dies."""

import asyncio
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from builders import repeat_material
from xiaoer import customers, stores
from xiaoer.conversations import handoff, thread
from xiaoer.conversations.tables import Conversation, Message
from xiaoer.db.record import now
from xiaoer.desk.desk import Desk, open_desk
from xiaoer.knowledge.embedding import BundledEmbedder
from xiaoer.llm.scripted import Reply, ScriptedModel
from xiaoer.settings import Settings


async def a_conversation(desk: Desk) -> uuid.UUID:
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        customer = await customers.arrive(session, store.id, external_id=None, name=None, locale="zh")
        conversation, _ = await thread.start(session, store_id=store.id, customer_id=customer.id, locale="zh")
        return conversation.id


async def said(desk: Desk, conversation: uuid.UUID, text: str) -> Message:
    async with desk.database.sessions.begin() as session:
        return (await thread.say(session, conversation, text))[0]


async def answers(desk: Desk, conversation: uuid.UUID, count: int) -> list[Message]:
    """The assistant's messages, once there are `count` of them."""
    for _ in range(200):
        async with desk.database.sessions() as session:
            found = [each for each in await thread.messages(session, conversation) if each.author == "assistant"]
        if len(found) >= count:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"only {len(found)} answers")


async def test_what_a_killed_process_left_is_answered_after_the_next_start(
    shop_url: str, tmp_path: Path, embedder: BundledEmbedder
) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url=shop_url)
    async with open_desk(settings, model=ScriptedModel(rule=repeat_material), embedder=embedder) as first:
        await first.turns.close()  # from here on nobody answers, as after kill -9
        conversation = await a_conversation(first)
        await said(first, conversation, "包邮吗")
    async with open_desk(settings, model=ScriptedModel(rule=repeat_material), embedder=embedder) as second:
        assert len(await answers(second, conversation, 1)) == 1


async def test_a_lease_that_ran_out_is_taken_over_and_one_that_holds_is_not(desk: Desk) -> None:
    conversation = await a_conversation(desk)
    dead, alive = uuid.uuid4(), uuid.uuid4()
    async with desk.database.sessions.begin() as session:
        assert await thread.take_lease(session, conversation, dead, 60)
        assert not await thread.take_lease(session, conversation, alive, 60)
        await session.execute(
            sa.update(Conversation)
            .where(Conversation.id == conversation)
            .values(lease_until=now() - timedelta(seconds=1))
        )
    async with desk.database.sessions.begin() as session:
        assert await thread.take_lease(session, conversation, alive, 60)


async def test_two_desks_on_one_database_answer_once(
    desk: Desk, shop_url: str, tmp_path: Path, embedder: BundledEmbedder
) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url=shop_url)
    async with open_desk(settings, model=ScriptedModel(rule=repeat_material), embedder=embedder) as other:
        conversation = await a_conversation(desk)
        for text in ("包邮吗", "多少钱包邮"):
            await said(desk, conversation, text)
        desk.turns.notice(conversation)
        other.turns.notice(conversation)
        await answers(desk, conversation, 2)
        await asyncio.sleep(0.2)
        assert len(await answers(desk, conversation, 2)) == 2


async def test_staff_who_take_over_while_the_assistant_thinks_are_not_talked_over(
    desk: Desk, model: ScriptedModel
) -> None:
    model.rule = None
    model.default = Reply("手机主机保修 12 个月。", first_delay_seconds=1.0)
    conversation = await a_conversation(desk)
    await said(desk, conversation, "手机主机保修多久")
    desk.turns.notice(conversation)
    await asyncio.sleep(0.3)
    async with desk.database.sessions.begin() as session:
        assert await handoff.join(session, conversation)
    await asyncio.sleep(1.5)
    async with desk.database.sessions() as session:
        listed = await thread.messages(session, conversation)
    assert [message.author for message in listed] == ["customer"]
    assert listed[0].answer_state == "staff"


async def test_a_fault_of_ours_ends_with_a_person(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(desk.knowledge, "exact", broken)
    conversation = await a_conversation(desk)
    await said(desk, conversation, "手机主机保修多久")
    desk.turns.notice(conversation)
    (answer,) = await answers(desk, conversation, 1)
    assert (answer.outcome, answer.evidence["reason"]) == ("handoff", "fault")
    async with desk.database.sessions() as session:
        assert handoff.state_of(await session.get_one(Conversation, conversation)) == "waiting"
