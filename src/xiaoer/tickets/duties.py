"""What the worker does about tickets: reminds, escalates, closes what has long been solved, and sends letters."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from xiaoer import stores
from xiaoer.db.database import Sessions
from xiaoer.jobs import Work
from xiaoer.mail import BadAddress, Letter, Mailer
from xiaoer.tickets import notices, promises, tickets
from xiaoer.tickets.states import more_pressing
from xiaoer.tickets.tables import Ticket, TicketEvent

CLOSED_AFTER = timedelta(hours=72)
"""A solved ticket nobody came back to is closed after this time."""
AT_ONCE = 100

_STAFF_SUBJECTS = {
    "created": ("新工单", "New ticket"),
    "assigned": ("分配给您", "Given to you"),
    "reminded": ("即将到期", "Due soon"),
    "escalated": ("已超时", "Overdue"),
    "alarm": ("紧急！顾客可能有人身危险", "URGENT! A customer may be in danger"),
    "comment": ("顾客有新留言", "The customer has written"),
    "state": ("顾客有新留言", "The customer has written"),
}


class Duties:
    """Looks after the tickets of every store; `link` makes the customer's address of a ticket, empty without one."""

    def __init__(
        self, sessions: Sessions, mailer: Mailer | None, link: Callable[[uuid.UUID], str], console: str
    ) -> None:
        self._sessions = sessions
        self._mailer = mailer
        self._link = link
        self._console = console

    async def look_after(self, at: datetime) -> None:
        """Remind of, escalate and close what is due at `at`. What another process is at is left to it."""
        await self._remind(at)
        await self._escalate(at)
        await self._close(at)

    async def _remind(self, at: datetime) -> None:
        due = sa.and_(Ticket.remind_at <= at, Ticket.due_at > at, Ticket.reminded.is_(False))
        async with self._sessions.begin() as session:
            for ticket in await session.scalars(_some(due)):
                await tickets.remind(session, ticket, at)

    async def _escalate(self, at: datetime) -> None:
        late = sa.and_(Ticket.due_at <= at, Ticket.escalated.is_(False))
        async with self._sessions.begin() as session:
            for ticket in await session.scalars(_some(late)):
                await tickets.escalate(session, ticket, more_pressing(ticket.priority), at)

    async def _close(self, at: datetime) -> None:
        done = sa.and_(Ticket.state == "solved", Ticket.solved_at <= at - CLOSED_AFTER)
        async with self._sessions.begin() as session:
            for ticket in await session.scalars(_some(done)):
                await tickets.move(session, ticket, "closed", tickets.By("worker"), at=at)

    async def mail_staff(self, work: Work) -> None:
        """A letter to somebody of the shop; without a mail server there is none."""
        if self._mailer is None:
            return
        async with self._sessions() as session:
            ticket = await session.get(Ticket, uuid.UUID(work.payload["ticket"]))
            event = await session.get(TicketEvent, uuid.UUID(work.payload["event"]))
            if ticket is None or event is None:
                return
            profile = (await stores.by_id(session, ticket.store_id)).profile
        chinese = profile.locales[0].startswith("zh")
        what = _STAFF_SUBJECTS.get(event.kind, ("有变化", "Changed"))[0 if chinese else 1]
        due = promises.when(ticket.due_at, "zh" if chinese else "en", profile.timezone) if ticket.due_at else ""
        lines = [ticket.subject, event.text or ticket.text, f"{'期限' if chinese else 'Due'}: {due}" if due else ""]
        lines.append(f"{self._console}/console/tickets/{ticket.number}" if self._console else "")
        text = "\n\n".join(line for line in lines if line)
        subject = f"[{ticket.shown}] {what}: {ticket.subject}"
        await self._send(Letter([work.payload["to"]], subject, text))

    async def mail_of_waiting(self, work: Work) -> None:
        """A letter to who leads: a customer has waited too long for a person; without a mail server there is none."""
        if self._mailer is None:
            return
        async with self._sessions() as session:
            profile = (await stores.by_id(session, work.store_id)).profile
        chinese = profile.locales[0].startswith("zh")
        name, minutes = profile.name_in("zh" if chinese else "en"), profile.escalate_minutes
        subject = f"{name}：有顾客在等待回复" if chinese else f"{name}: a customer is waiting"
        text = (
            f"一位顾客已等待超过 {minutes} 分钟，还没有人回复。"
            if chinese
            else f"A customer has waited for more than {minutes} minutes, and nobody has answered."
        )
        where = f"{self._console}/console?queue=waiting&c={work.payload['conversation']}" if self._console else ""
        await self._send(Letter([work.payload["to"]], subject, f"{text}\n\n{where}".strip()))

    async def mail_customer(self, work: Work) -> None:
        """A letter to the customer, who gave an address."""
        if self._mailer is None:
            return
        async with self._sessions() as session:
            ticket = await session.get(Ticket, uuid.UUID(work.payload["ticket"]))
            event = await session.get(TicketEvent, uuid.UUID(work.payload["event"]))
            if ticket is None or event is None or not ticket.email:
                return
            subject, text = await notices.told_to_customer(session, ticket, event, self._link(ticket.id))
        await self._send(Letter([ticket.email], subject, text))

    async def _send(self, letter: Letter) -> None:
        assert self._mailer is not None, "asked before"
        try:
            await self._mailer.send(letter)
        except BadAddress:
            return  # the address will not become a better one by trying again


def _some(condition: sa.ColumnElement[bool]) -> sa.Select[Ticket]:
    query = sa.select(Ticket).where(condition).order_by(Ticket.due_at, Ticket.number).limit(AT_ONCE)
    return query.with_for_update(skip_locked=True)
