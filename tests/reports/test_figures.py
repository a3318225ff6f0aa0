"""Figures against a hand-counted week."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from xiaoer import customers
from xiaoer.conversations import thread
from xiaoer.conversations.tables import Conversation, Message
from xiaoer.db.database import Database
from xiaoer.reports.figures import Figures, figures
from xiaoer.stores import Store

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # noon in Shanghai


class Week:
    """Conversations written straight into the database, minute by minute."""

    def __init__(self, session: Any, store: Store) -> None:
        self.session = session
        self.store = store

    async def conversation(self) -> Conversation:
        customer = await customers.arrive(self.session, self.store.id, external_id=None, name=None, locale="zh")
        conversation, _ = await thread.start(self.session, store_id=self.store.id, customer_id=customer.id, locale="zh")
        return conversation

    async def said(
        self, conversation: Conversation, author: str, at: datetime, text: str = "…", **more: Any
    ) -> Message:
        conversation.last_position += 1
        state = "answered" if author == "customer" else None
        message = Message(
            id=uuid.uuid4(),
            store_id=self.store.id,
            conversation_id=conversation.id,
            position=conversation.last_position,
            author=author,
            text=text,
            answer_state=state,
            created_at=at,
            **more,
        )
        self.session.add(message)
        await self.session.flush()
        return message

    async def answered(self, conversation: Conversation, at: datetime, question: str, route: str, **more: Any) -> None:
        asked = await self.said(conversation, "customer", at, question)
        evidence = {"timings_ms": {"total": more.pop("total", 100)}, **more.pop("evidence", {})}
        outcome = more.pop("outcome", "done")
        await self.said(
            conversation, "assistant", at, route=route, answers=asked.id, outcome=outcome, evidence=evidence, **more
        )


@pytest.fixture
async def found(database: Database, store: Store) -> Figures:
    async with database.sessions.begin() as session:
        week = Week(session, store)
        alone, handed, talked, old = [await week.conversation() for _ in range(4)]
        await week.answered(alone, NOW - timedelta(days=1), "包邮吗", "curated", feedback_score=5)
        await week.answered(alone, NOW - timedelta(hours=13), "老板几岁？", "refuse", total=300)  # 23:00 the day before
        await week.answered(handed, NOW, "老板几岁", "refuse", feedback_score=1)
        await week.answered(handed, NOW, "转人工", "flow", outcome="handoff", evidence={"reason": "asked"}, total=20)
        await week.said(handed, "staff", NOW + timedelta(seconds=90))
        await week.answered(talked, NOW, "包邮吗", "curated")
        await week.said(talked, "staff", NOW)
        await week.answered(old, NOW - timedelta(days=30), "老板几岁", "refuse")
    async with database.sessions() as session:
        return await figures(session, store.id, timezone="Asia/Shanghai", days=7, at=NOW)


async def test_answers_are_counted_by_the_days_of_the_shop(found: Figures) -> None:
    assert len(found.by_day) == 7
    by_day = {day.isoformat(): dict(routes) for day, routes in found.by_day.items() if routes}
    assert by_day == {
        "2026-11-19": {"curated": 1, "refuse": 1},
        "2026-11-20": {"refuse": 1, "flow": 1, "curated": 1},
    }
    assert found.routes == {"curated": 2, "refuse": 2, "flow": 1}
    assert found.answers == 5


async def test_alone_is_a_conversation_without_staff_and_without_a_hand_over(found: Figures) -> None:
    assert (found.conversations, found.alone) == (3, 1)
    assert found.reasons == {"asked": 1}
    assert found.wait_seconds == (90, 90)


async def test_times_ratings_and_what_nobody_could_answer(found: Figures) -> None:
    assert found.answer_ms[0] == 100
    assert found.answer_ms[1] == pytest.approx(260)
    assert (found.helpful, found.unhelpful) == (1, 1)
    assert found.unanswered == (("老板几岁", 2),)


async def test_a_shop_without_conversations_has_empty_figures(database: Database, store: Store) -> None:
    async with database.sessions() as session:
        found = await figures(session, store.id, timezone="Nowhere/Land", days=30, at=NOW)
    assert (found.answers, found.alone, found.answer_ms, found.unanswered) == (0, 0, (None, None), ())
