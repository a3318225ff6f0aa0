"""Figures against a hand-counted week."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from xiaoer import customers, stores
from xiaoer.conversations import thread
from xiaoer.conversations.satisfaction import Satisfaction
from xiaoer.conversations.tables import Conversation, Message
from xiaoer.db.database import Database
from xiaoer.knowledge.embedding import BundledEmbedder
from xiaoer.reports.costs import cost_of
from xiaoer.reports.drilling import gathered
from xiaoer.reports.figures import Figures, figures
from xiaoer.reports.visits import Visit, settle
from xiaoer.stores import Costs, Store

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


def judged(conversation: Conversation, score: int, at: datetime, resolved: bool | None = None) -> Satisfaction:
    return Satisfaction(
        store_id=conversation.store_id,
        conversation_id=conversation.id,
        position=conversation.last_position,
        score=score,
        resolved=resolved,
        created_at=at,
    )


async def seen(database: Database, store: Store, *, days: int = 7, timezone: str = "Asia/Shanghai") -> Figures:
    return await figures(database.sessions, store.id, timezone=timezone, days=days, at=NOW)


@pytest.fixture
async def found(database: Database, store: Store) -> Figures:
    async with database.sessions.begin() as session:
        week = Week(session, store)
        alone, handed, talked, old = [await week.conversation() for _ in range(4)]
        await week.answered(alone, NOW - timedelta(hours=13), "老板几岁？", "refuse", total=300)  # 23:00 the day before
        await week.answered(alone, NOW - timedelta(hours=12, minutes=30), "包邮吗", "curated", feedback_score=5)
        await week.answered(handed, NOW, "老板几岁", "refuse", feedback_score=1)
        await week.answered(handed, NOW, "转人工", "flow", outcome="handoff", evidence={"reason": "asked"}, total=20)
        await week.said(handed, "staff", NOW + timedelta(seconds=90))
        await week.answered(talked, NOW, "包邮吗", "curated")
        await week.said(talked, "staff", NOW)
        await week.answered(old, NOW - timedelta(days=30), "老板几岁", "refuse")
    return await seen(database, store)


async def test_answers_are_counted_by_the_days_and_hours_of_the_shop(found: Figures) -> None:
    assert len(found.answers.by_day) == 7
    by_day = {day.isoformat(): dict(routes) for day, routes in found.answers.by_day.items() if routes}
    assert by_day == {
        "2026-11-19": {"refuse": 1, "curated": 1},
        "2026-11-20": {"refuse": 1, "flow": 1, "curated": 1},
    }
    assert {hour: count for hour, count in found.answers.by_hour.items() if count} == {23: 2, 12: 3}
    assert found.answers.routes == {"curated": 2, "refuse": 2, "flow": 1}
    assert found.count == 5


async def test_a_day_of_twenty_five_hours_is_one_day(database: Database, store: Store) -> None:
    midnight = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)  # in New York, on the day its clocks go back
    async with database.sessions.begin() as session:
        week = Week(session, store)
        talk = await week.conversation()
        for at in (
            midnight - timedelta(seconds=1),
            midnight,
            midnight + timedelta(hours=25, seconds=-1),
            midnight + timedelta(hours=25),
        ):
            await week.answered(talk, at, "包邮吗", "curated")
    found = await seen(database, store, days=30, timezone="America/New_York")
    counted = {day.isoformat(): routes["curated"] for day, routes in found.answers.by_day.items() if routes}
    assert counted == {"2026-10-31": 1, "2026-11-01": 2, "2026-11-02": 1}


async def test_alone_is_a_visit_without_staff_and_without_a_hand_over(found: Figures) -> None:
    assert (found.matters.visits, found.matters.alone, found.matters.open) == (3, 1, 3)
    assert found.matters.reasons == {"asked": 1}
    assert found.matters.wait_seconds == (90, 90)


async def test_times_ratings_and_what_nobody_could_answer(found: Figures) -> None:
    assert found.answers.answer_ms[0] == 100
    assert found.answers.answer_ms[1] == pytest.approx(260)
    assert (found.answers.helpful, found.answers.unhelpful) == (1, 1)
    assert found.unanswered == (("老板几岁", 2),)
    assert found.asked == (("包邮吗", 2),)


async def test_a_shop_without_conversations_has_empty_figures(database: Database, store: Store) -> None:
    found = await seen(database, store, days=30, timezone="Nowhere/Land")
    assert (found.count, found.matters.visits, found.answers.answer_ms, found.unanswered) == (0, 0, (None, None), ())


AFTER_SALES = {"understood": {"topic": "after_sales"}}
LONG_AGO = NOW - timedelta(days=10)


async def verdicts(database: Database, store: Store) -> list[tuple[str, bool]]:
    """Final verdicts, oldest first: how each ended, and whether that is resolved."""
    async with database.sessions.begin() as session:
        await settle(session, store.id, NOW)
    async with database.sessions.begin() as session:
        await settle(session, store.id, NOW)  # asked twice it counts once
        rows = await session.execute(sa.select(Visit.why, Visit.resolved).order_by(Visit.begins_at, Visit.position))
        return [(why, resolved) for why, resolved in rows]


async def test_who_stays_away_for_three_days_is_taken_as_helped(database: Database, store: Store) -> None:
    async with database.sessions.begin() as session:
        week = Week(session, store)
        talk = await week.conversation()
        await week.answered(talk, LONG_AGO, "怎么退货", "model", evidence=AFTER_SALES)
        await week.answered(talk, LONG_AGO + timedelta(hours=73), "怎么退货", "model", evidence=AFTER_SALES)
    assert await verdicts(database, store) == [("silence", True), ("silence", True)]


async def test_who_comes_back_to_the_same_matter_was_not_helped(database: Database, store: Store) -> None:
    async with database.sessions.begin() as session:
        week = Week(session, store)
        talk = await week.conversation()
        await week.answered(talk, LONG_AGO, "怎么退货", "model", evidence=AFTER_SALES)
        await week.answered(talk, LONG_AGO + timedelta(hours=71), "怎么退货", "model", evidence=AFTER_SALES)
    assert await verdicts(database, store) == [("came_back", False), ("silence", True)]
    found = await seen(database, store, days=30)
    assert (found.matters.settled, found.matters.resolved, found.matters.first_contact) == (2, 1, 0)
    assert found.matters.reopened == 1


async def test_another_matter_is_no_return(database: Database, store: Store) -> None:
    async with database.sessions.begin() as session:
        week = Week(session, store)
        talk = await week.conversation()
        await week.answered(talk, LONG_AGO, "怎么退货", "model", evidence=AFTER_SALES)
        await week.answered(talk, LONG_AGO + timedelta(hours=24), "有货吗", "model")
    assert await verdicts(database, store) == [("silence", True), ("silence", True)]


async def test_a_refusal_and_a_call_nobody_answered_are_not_resolved_by_silence(
    database: Database, store: Store
) -> None:
    async with database.sessions.begin() as session:
        week = Week(session, store)
        refused, called, served = [await week.conversation() for _ in range(3)]
        await week.answered(refused, LONG_AGO, "老板几岁", "refuse")
        await week.answered(called, LONG_AGO + timedelta(hours=1), "转人工", "flow", outcome="handoff")
        await week.answered(served, LONG_AGO + timedelta(hours=2), "转人工", "flow", outcome="handoff")
        await week.said(served, "staff", LONG_AGO + timedelta(hours=2, minutes=1))
    assert await verdicts(database, store) == [("left_open", False), ("left_open", False), ("silence", True)]


async def test_who_called_for_a_person_and_then_went_on_with_the_assistant_is_not_left_open(
    database: Database, store: Store
) -> None:
    async with database.sessions.begin() as session:
        week = Week(session, store)
        talk = await week.conversation()
        await week.answered(talk, LONG_AGO, "转人工", "flow", outcome="handoff")
        await week.answered(talk, LONG_AGO + timedelta(minutes=1), "继续", "flow", evidence={"went_on": True})
        await week.answered(talk, LONG_AGO + timedelta(minutes=2), "包邮吗", "curated")
    assert await verdicts(database, store) == [("silence", True)]


async def test_the_customers_own_word_stands_above_everything(database: Database, store: Store) -> None:
    async with database.sessions.begin() as session:
        week = Week(session, store)
        talks = [await week.conversation() for _ in range(4)]
        for n, talk in enumerate(talks):
            await week.answered(talk, LONG_AGO + timedelta(hours=n), "老板几岁", "refuse" if n < 2 else "model")
        session.add(judged(talks[0], 5, LONG_AGO))
        session.add(judged(talks[1], 3, LONG_AGO + timedelta(hours=1), resolved=True))
        session.add(judged(talks[2], 1, LONG_AGO + timedelta(hours=2)))
        session.add(judged(talks[3], 3, LONG_AGO + timedelta(hours=3), resolved=False))
    expected = [("said_yes", True), ("said_yes", True), ("said_no", False), ("said_no", False)]
    assert await verdicts(database, store) == expected


async def test_what_is_younger_than_three_days_has_no_verdict_yet(database: Database, store: Store) -> None:
    async with database.sessions.begin() as session:
        week = Week(session, store)
        talk = await week.conversation()
        await week.answered(talk, NOW - timedelta(hours=71), "怎么退货", "model")
    assert await verdicts(database, store) == []
    found = await seen(database, store)
    assert (found.matters.visits, found.matters.open, found.matters.settled) == (1, 1, 0)


async def test_no_figure_counts_another_shop(database: Database, store: Store) -> None:
    async with database.sessions.begin() as session:
        other = await stores.create(session, "other", {})
        week = Week(session, other)
        await week.answered(await week.conversation(), LONG_AGO, "老板几岁", "refuse")
        await settle(session, other.id, NOW)
    found = await seen(database, store, days=30)
    assert (found.count, found.matters.visits, found.unanswered) == (0, 0, ())


async def test_a_conversation_costs_its_tokens_and_the_minutes_of_staff(database: Database, store: Store) -> None:
    async with database.sessions.begin() as session:
        week = Week(session, store)
        talk = await week.conversation()
        tokens = {"tokens": {"prompt": 300_000, "completion": 100_000}}
        await week.answered(talk, LONG_AGO, "怎么退货", "model", evidence=tokens)
        await week.said(talk, "staff", LONG_AGO + timedelta(minutes=3))
        await settle(session, store.id, NOW)
    found = await seen(database, store, days=30)
    prices = Costs.model_validate({"prompt_tokens": "2", "completion_tokens": "6", "staff_hour": "60"})
    cost = cost_of(found, prices)
    assert (cost.tokens, cost.staff, cost.per_visit) == (Decimal("1.2"), Decimal(3), Decimal("4.2"))
    assert cost_of(found, Costs()).per_visit is None  # unknown is not free


async def test_questions_that_mean_the_same_are_gathered(embedder: BundledEmbedder) -> None:
    asked = [("老板今年几岁", 2), ("你们老板几岁了", 3), ("可以用花呗分期吗", 4)]
    groups = await gathered(embedder, asked)
    assert [(group.text, group.count) for group in groups] == [("你们老板几岁了", 5), ("可以用花呗分期吗", 4)]
