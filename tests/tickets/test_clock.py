"""Promises when the clock misbehaves: the night that loses an hour, holidays, a clock that is set back or on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from xiaoer import customers, stores
from xiaoer.conversations import thread
from xiaoer.conversations.satisfaction import Satisfaction
from xiaoer.conversations.tables import Message
from xiaoer.db.database import Database
from xiaoer.jobs import Worker
from xiaoer.reports.visits import Settling, Visit
from xiaoer.stores import Store
from xiaoer.tickets import listing, tickets
from xiaoer.tickets.duties import Duties
from xiaoer.tickets.promises import when
from xiaoer.tickets.tables import Ticket
from xiaoer.tickets.tickets import By, New

STAFF = By("staff", name="小林")
WORKDAYS = ["mon", "tue", "wed", "thu", "fri"]


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).astimezone(UTC)


async def settled_as(database: Database, **settings: Any) -> None:
    async with database.sessions.begin() as session:
        await stores.change(session, (await stores.by_slug(session, "shop")).id, settings)


async def a_ticket(database: Database, store: Store, since: datetime) -> Ticket:
    async with database.sessions.begin() as session:
        new = New(kind="repair", subject="杯子碎了", language="zh", made_by="staff")
        ticket, _ = await tickets.create(session, store.id, new, STAFF, at=since)
    return ticket


async def kinds(database: Database, ticket: Ticket) -> list[str]:
    async with database.sessions() as session:
        whole = await listing.whole(session, await tickets.by_id(session, ticket.id))
    return [event.kind for event in whole.events]


@pytest.mark.parametrize(
    ("since", "due", "said"),
    [
        # 480 open minutes of nights from 22 to 6; the clock goes from 2 to 3 on 29 March, from 3 to 2 on 25 October
        ("2026-03-27T22:00+01:00", "2026-03-28T06:00+01:00", "3 月 28 日 06:00（UTC+01:00）"),
        ("2026-03-28T22:00+01:00", "2026-03-29T23:00+02:00", "3 月 29 日 23:00（UTC+02:00）"),
        ("2026-10-24T22:00+02:00", "2026-10-25T05:00+01:00", "10 月 25 日 05:00（UTC+01:00）"),
    ],
    ids=["an ordinary night", "an hour is missing", "an hour comes twice"],
)
async def test_a_promise_over_a_change_of_the_clock_is_kept_in_real_hours(
    database: Database, store: Store, since: str, due: str, said: str
) -> None:
    await settled_as(database, hours="22:00-06:00", timezone="Europe/Berlin")
    ticket = await a_ticket(database, store, at(since))
    assert ticket.due_at == at(due)
    assert when(ticket.due_at, "zh", "Europe/Berlin") == said


async def test_a_promise_waits_for_the_end_of_the_holidays(database: Database, store: Store) -> None:
    await settled_as(
        database,
        hours="09:00-18:00",
        weekdays=WORKDAYS,
        holidays=[f"2026-10-0{day}" for day in range(1, 8)],
        workdays=["2026-10-10"],
    )
    before = await a_ticket(database, store, at("2026-09-30T17:00+08:00"))
    assert before.due_at == at("2026-10-08T16:00+08:00")
    friday = await a_ticket(database, store, at("2026-10-09T17:00+08:00"))
    assert friday.due_at == at("2026-10-10T16:00+08:00")  # a Saturday worked for the holiday
    worker = Worker(database.sessions, {}, [Duties(database.sessions, None, lambda _: "", "").look_after])
    for day in range(1, 8):
        await worker.run_due(at(f"2026-10-0{day}T12:00+08:00"))
    assert await kinds(database, before) == ["created"]


async def test_a_clock_set_back_and_on_again_reminds_and_escalates_once(database: Database, store: Store) -> None:
    await settled_as(database, hours="09:00-18:00", weekdays=WORKDAYS)
    monday = at("2026-11-23T09:00+08:00")
    ticket = await a_ticket(database, store, monday)
    worker = Worker(database.sessions, {}, [Duties(database.sessions, None, lambda _: "", "").look_after])
    for hours in (6.5, -48, 6.5, 8.5, 2, -400, 9, 10_000):
        await worker.run_due(monday + timedelta(hours=hours))
    assert await kinds(database, ticket) == ["created", "reminded", "escalated"]


async def test_a_clock_set_back_while_the_customer_is_asked_promises_nothing_shorter(
    database: Database, store: Store
) -> None:
    await settled_as(database, hours="09:00-18:00", weekdays=WORKDAYS)
    monday = at("2026-11-23T09:00+08:00")
    ticket = await a_ticket(database, store, monday)
    for state, hours in (("waiting", 4.0), ("in_progress", 1.0)):  # the answer comes three hours before the question
        async with database.sessions.begin() as session:
            found = await tickets.by_id(session, ticket.id, lock=True)
            await tickets.move(session, found, state, STAFF, at=monday + timedelta(hours=hours))  # type: ignore[arg-type]
    async with database.sessions() as session:
        due_at = (await tickets.by_id(session, ticket.id)).due_at
    assert due_at == monday + timedelta(hours=5)  # four hours were left at the question, whatever the clock says


async def test_figures_go_on_when_the_clock_is_set_back(database: Database, store: Store) -> None:
    settling = Settling(database.sessions)
    monday = at("2026-11-23T09:00+08:00")
    await settling.look_after(monday + timedelta(days=900))  # a clock that ran far ahead
    async with database.sessions.begin() as session:
        customer = await customers.arrive(session, store.id, external_id=None, name=None, locale="zh")
        conversation, _ = await thread.start(session, store_id=store.id, customer_id=customer.id, locale="zh")
        for position, (author, minutes) in enumerate((("customer", 0), ("staff", -30), ("staff", -29)), start=1):
            moment = monday - timedelta(days=5) + timedelta(minutes=minutes)
            state = "staff" if author == "customer" else None
            session.add(
                Message(
                    store_id=store.id,
                    conversation_id=conversation.id,
                    position=position,
                    author=author,
                    text="好",
                    answer_state=state,
                    created_at=moment,
                )
            )
        session.add(Satisfaction(store_id=store.id, conversation_id=conversation.id, position=3, score=5))
    await settling.look_after(monday)
    async with database.sessions() as session:
        [visit] = (await session.scalars(sa.select(Visit))).all()
    assert visit.staff_seconds == 60
    assert visit.ends_at >= visit.begins_at
