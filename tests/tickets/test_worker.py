"""Later work: reminders, escalation, letters and signed webhooks, all kept in the database and none forgotten."""

import asyncio
import hashlib
import hmac
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from post_office import open_post_office
from xiaoer import jobs, stores
from xiaoer.addresses import resolve
from xiaoer.db.database import Database
from xiaoer.db.record import now
from xiaoer.errors import Unavailable
from xiaoer.jobs import PAUSES, Job, Work, Worker
from xiaoer.mail import Server, SMTPMailer
from xiaoer.sealing import Seal
from xiaoer.staff import people
from xiaoer.stores import Store
from xiaoer.tickets import listing, notices, tickets, webhooks
from xiaoer.tickets.duties import Duties
from xiaoer.tickets.tables import Delivery, Ticket, Webhook
from xiaoer.tickets.tickets import By, New
from xiaoer.tickets.webhooks import BadWebhook, Telling

STAFF = By("staff", name="小林")
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 9 o'clock in Shanghai


@pytest.fixture
async def shop(database: Database, store: Store) -> Store:
    """Open from 9 to 18 on working days."""
    async with database.sessions.begin() as session:
        found = await stores.by_slug(session, "shop")
        found.settings = {**found.settings, "hours": "09:00-18:00", "weekdays": ["mon", "tue", "wed", "thu", "fri"]}
    return store


async def a_ticket(database: Database, shop: Store, at: datetime = MONDAY, **more: Any) -> Ticket:
    async with database.sessions.begin() as session:
        new = New(kind="repair", subject="杯子碎了", language="zh", made_by="staff", **more)
        ticket, _ = await tickets.create(session, shop.id, new, STAFF, at=at)
    return ticket


async def read(database: Database, ticket: Ticket) -> listing.Whole:
    async with database.sessions() as session:
        return await listing.whole(session, await tickets.by_id(session, ticket.id))


def duties_of(database: Database, mailer: SMTPMailer | None = None) -> Duties:
    return Duties(database.sessions, mailer, lambda _: "https://shop.test/ticket/x", "https://shop.test")


async def test_a_promise_is_recalled_then_escalated_each_once_and_in_open_hours(
    database: Database, shop: Store
) -> None:
    ticket = await a_ticket(database, shop)  # normal: 480 open minutes, so until 17:00
    assert ticket.due_at == MONDAY + timedelta(hours=8)
    worker = Worker(database.sessions, {}, [duties_of(database).look_after])
    for hours, kinds in ((5.9, []), (6.1, ["reminded"]), (7, []), (8.1, ["escalated"]), (30, [])):
        before = len((await read(database, ticket)).events)
        await worker.run_due(MONDAY + timedelta(hours=hours))
        whole = await read(database, ticket)
        assert [event.kind for event in whole.events][before:] == kinds, hours
    assert whole.ticket.priority == "high"


async def test_nobody_is_disturbed_over_the_weekend(database: Database, shop: Store) -> None:
    friday = MONDAY + timedelta(days=4, hours=8)  # 17:00
    ticket = await a_ticket(database, shop, friday)
    worker = Worker(database.sessions, {}, [duties_of(database).look_after])
    await worker.run_due(friday + timedelta(days=2))
    assert [event.kind for event in (await read(database, ticket)).events] == ["created"]


async def test_what_is_solved_is_closed_after_three_days_of_silence(database: Database, shop: Store) -> None:
    ticket = await a_ticket(database, shop)
    async with database.sessions.begin() as session:
        await tickets.move(session, await tickets.by_id(session, ticket.id, lock=True), "solved", STAFF, at=MONDAY)
    worker = Worker(database.sessions, {}, [duties_of(database).look_after])
    await worker.run_due(MONDAY + timedelta(hours=71))
    assert (await read(database, ticket)).ticket.state == "solved"
    await worker.run_due(MONDAY + timedelta(hours=73))
    assert (await read(database, ticket)).ticket.state == "closed"


async def test_two_workers_at_once_remind_once(database: Database, shop: Store) -> None:
    ticket = await a_ticket(database, shop)
    at = MONDAY + timedelta(hours=6.5)
    workers = [Worker(database.sessions, {}, [duties_of(database).look_after]) for _ in range(3)]
    await asyncio.gather(*(worker.run_due(at) for worker in workers))
    assert [event.kind for event in (await read(database, ticket)).events] == ["created", "reminded"]


async def put(database: Database, store: Store, **more: Any) -> None:
    async with database.sessions.begin() as session:
        await jobs.put(session, store.id, "work", {"n": 1}, at=MONDAY, **more)


async def test_a_job_put_in_a_transaction_that_fails_is_not_done(database: Database, store: Store) -> None:
    done: list[Work] = []

    async def keep(work: Work) -> None:
        done.append(work)

    async with database.sessions() as session:
        await jobs.put(session, store.id, "work", {})
        await session.rollback()
    await put(database, store, key="one")
    await put(database, store, key="one")
    assert await Worker(database.sessions, {"work": keep}).run_due(MONDAY) == 1
    assert [work.payload for work in done] == [{"n": 1}]


async def test_a_job_that_fails_is_tried_later_and_later_and_given_up_in_the_end(
    database: Database, store: Store
) -> None:
    tries: list[bool] = []

    async def fail(work: Work) -> None:
        tries.append(work.last)
        raise Unavailable("The other side is away.")

    await put(database, store)
    worker, at = Worker(database.sessions, {"work": fail}), MONDAY
    for pause in PAUSES:
        assert await worker.run_due(at) == 1
        assert await worker.run_due(at + timedelta(seconds=pause - 1)) == 0
        at += timedelta(seconds=pause)
    assert await worker.run_due(at) == 1
    assert await worker.run_due(at + timedelta(days=9)) == 0
    assert tries == [False] * len(PAUSES) + [True]
    async with database.sessions() as session:
        job = (await session.scalars(sa.select(Job))).one()
    assert (job.failed, job.problem) == (True, "The other side is away.")


async def test_the_work_of_a_worker_that_was_killed_is_taken_up_by_another(database: Database, store: Store) -> None:
    begun = asyncio.Event()

    async def hang(work: Work) -> None:
        begun.set()
        await asyncio.Event().wait()

    done: list[int] = []

    async def keep(work: Work) -> None:
        done.append(work.tries)

    await put(database, store)
    killed = asyncio.create_task(Worker(database.sessions, {"work": hang}).run_due(MONDAY))
    await asyncio.wait_for(begun.wait(), 10)
    killed.cancel()
    with pytest.raises(asyncio.CancelledError):
        await killed
    other = Worker(database.sessions, {"work": keep})
    assert await other.run_due(MONDAY + timedelta(minutes=1)) == 0  # it might still be at it
    assert await other.run_due(MONDAY + timedelta(minutes=3)) == 1
    assert done == [2]


async def test_staff_and_customer_are_written_to_and_in_which_words(database: Database, shop: Store) -> None:
    async with database.sessions.begin() as session:
        boss = await people.add(session, shop.id, email="boss@shop.test", name="店长", role="owner")
        boss.password_digest = "x"
    async with open_post_office() as office:
        mailer = SMTPMailer(Server(host="127.0.0.1", port=office.port, sender="desk@shop.test", security="none"))
        duties = duties_of(database, mailer)
        worker = Worker(
            database.sessions,
            {
                notices.STAFF_MAIL: duties.mail_staff,
                notices.CUSTOMER_MAIL: duties.mail_customer,
                notices.WAITING_MAIL: duties.mail_of_waiting,
            },
            [duties.look_after],
        )
        ticket = await a_ticket(database, shop, email="kunde@home.test")
        office.busy = True
        await worker.run_due(now())
        assert office.letters == []
        office.busy = False
        await worker.run_due(now() + timedelta(seconds=PAUSES[0] + 1))
        # The ticket is late as well, of which a letter of its own tells, before or after.
        late_first = sorted(office.letters, key=lambda letter: "已超时" not in letter["Subject"])
        letters = {letter["To"]: letter for letter in late_first}
        assert letters["boss@shop.test"]["Subject"] == "[T-1001] 新工单: 杯子碎了"
        text = letters["kunde@home.test"].get_content()
        assert "我们会在 11 月 23 日 17:00 前回复您" in text
        assert "https://shop.test/ticket/x" in text
        async with database.sessions.begin() as session:
            await notices.tell_of_waiting(session, shop.id, ticket.id, MONDAY)
        office.letters.clear()
        await worker.run_due(now())
        assert [letter["Subject"] for letter in office.letters] == ["小店：有顾客在等待回复"]
        assert f"https://shop.test/console?queue=waiting&c={ticket.id}" in office.letters[0].get_content()
        async with database.sessions.begin() as session:
            locked = await tickets.by_id(session, ticket.id, lock=True)
            await tickets.comment(session, locked, "内部备注", STAFF, public=False)
            await tickets.comment(session, locked, "今天补发。", STAFF, public=True)
        office.letters.clear()
        await worker.run_due(now())
        assert [(letter["To"], "今天补发。" in letter.get_content()) for letter in office.letters] == [
            ("kunde@home.test", True)
        ]


@dataclass
class Receiver:
    """The shop's own system: it keeps what it is told and answers with `status`."""

    port: int = 0
    status: int = 200
    told: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head if line)}
        self.told.append((headers, await reader.readexactly(int(headers["content-length"]))))
        location = "Location: http://127.0.0.1:1/\r\n" if self.status in (301, 302) else ""
        writer.write(f"HTTP/1.1 {self.status} X\r\n{location}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def open_receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    async with server:
        yield receiver


@asynccontextmanager
async def telling(database: Database, folder: Path, *, allow_private: bool) -> AsyncIterator[tuple[Worker, Seal]]:
    seal = Seal.kept_in(folder)
    opened = Telling(database.sessions, seal, resolve, allow_private=allow_private)
    yield Worker(database.sessions, {notices.WEBHOOK: opened.tell}), seal
    await opened.close()


async def deliveries(database: Database) -> list[Delivery]:
    async with database.sessions() as session:
        return list(await session.scalars(sa.select(Delivery).order_by(Delivery.created_at)))


async def test_a_webhook_is_signed_and_tried_again_until_it_is_taken(
    database: Database, shop: Store, tmp_path: Path
) -> None:
    async with open_receiver() as receiver, telling(database, tmp_path, allow_private=True) as (worker, seal):
        async with database.sessions.begin() as session:
            _, secret = await webhooks.add(session, shop.id, f"http://127.0.0.1:{receiver.port}/hook", seal)
        await a_ticket(database, shop)
        receiver.status = 500
        await worker.run_due(now())
        receiver.status = 200
        await worker.run_due(now() + timedelta(seconds=PAUSES[0] + 1))
        headers, body = receiver.told[-1]
        at, told = (part.partition("=")[2] for part in headers["x-xiaoer-signature"].split(","))
        expected = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(told, expected)
        assert (json.loads(body)["event"], json.loads(body)["ticket"]["number"]) == ("ticket.created", "T-1001")
        assert receiver.told[0][1] == body
        [delivery] = await deliveries(database)
        assert (delivery.state, [each["status"] for each in delivery.tries]) == ("delivered", [500, 200])


async def test_a_webhook_does_not_follow_to_another_place_and_one_that_is_gone_is_switched_off(
    database: Database, shop: Store, tmp_path: Path
) -> None:
    async with open_receiver() as receiver, telling(database, tmp_path, allow_private=True) as (worker, seal):
        async with database.sessions.begin() as session:
            await webhooks.add(session, shop.id, f"http://127.0.0.1:{receiver.port}/", seal)
        await a_ticket(database, shop)
        receiver.status = 302
        await worker.run_due(now())
        assert (len(receiver.told), (await deliveries(database))[0].state) == (1, "pending")
        receiver.status = 410
        await worker.run_due(now() + timedelta(seconds=PAUSES[0] + 1))
        assert (await deliveries(database))[0].state == "failed"
        async with database.sessions() as session:
            assert (await session.scalars(sa.select(Webhook.enabled))).one() is False


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/", "http://169.254.169.254/latest", "http://[::1]:8080/", "http://0x7f000001/"]
)
async def test_nothing_inside_the_network_is_told(database: Database, shop: Store, tmp_path: Path, url: str) -> None:
    async with telling(database, tmp_path, allow_private=False) as (worker, seal):
        async with database.sessions.begin() as session:
            await webhooks.add(session, shop.id, url, seal)
        await a_ticket(database, shop)
        await worker.run_due(now())
        [delivery] = await deliveries(database)
        assert delivery.tries[0]["status"] is None
        assert delivery.tries[0]["problem"]


@pytest.mark.parametrize(
    "url", ["", "ftp://x.test/", "javascript:alert(1)", "https://u:p@x.test/", "https://x.test/ y", "https://"]
)
async def test_what_is_no_address_is_refused(database: Database, shop: Store, tmp_path: Path, url: str) -> None:
    with pytest.raises(BadWebhook):
        async with database.sessions.begin() as session:
            await webhooks.add(session, shop.id, url, Seal.kept_in(tmp_path))


async def test_one_shop_has_no_power_over_the_webhooks_and_tickets_of_another(
    database: Database, shop: Store, tmp_path: Path
) -> None:
    async with database.sessions.begin() as session:
        other = await stores.create(session, "other", {})
        hook, _ = await webhooks.add(session, shop.id, "https://x.test/", Seal.kept_in(tmp_path))
    ticket = await a_ticket(database, shop)
    async with database.sessions() as session:
        with pytest.raises(webhooks.UnknownWebhook):
            await webhooks.switch(session, other.id, hook.id, on=False)
        with pytest.raises(tickets.UnknownTicket):
            await tickets.by_number(session, other.id, ticket.number)
        assert await listing.lines(session, other.id, uuid.uuid4(), listing.Wanted(which="all")) == []
