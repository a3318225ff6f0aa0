"""Lists of tickets: filtered, sorted, counted, a customer's own, and one with all its history."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.conversations.tables import Message
from xiaoer.db.record import now
from xiaoer.patterns import lazy
from xiaoer.staff.tables import Staff
from xiaoer.stores import Priority
from xiaoer.tickets.states import DONE, RUNNING, Kind
from xiaoer.tickets.tables import Ticket, TicketEvent

Which = Literal["todo", "mine", "unassigned", "calls", "overdue", "waiting", "solved", "closed", "all"]
WHICH: tuple[Which, ...] = ("todo", "mine", "unassigned", "calls", "overdue", "waiting", "solved", "closed", "all")
Sort = Literal["due", "newest", "updated", "priority"]
SORTS: tuple[Sort, ...] = ("due", "newest", "updated", "priority")
PAGE = 50
MOST_EXPORTED = 50_000
NUMBER = lazy(r"^\s*(?:T-?)?(\d{1,9})\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Wanted:
    """A filter as it stands in the address."""

    which: Which = "todo"
    kind: Kind | None = None
    priority: Priority | None = None
    q: str = ""
    sort: Sort = "due"
    page: int = 1


@dataclass(frozen=True)
class Line:
    """A ticket in a list."""

    ticket: Ticket
    assigned: str | None
    late: bool


@dataclass(frozen=True)
class Whole:
    """A ticket with its history, oldest first."""

    ticket: Ticket
    assigned: str | None
    late: bool
    events: Sequence[TicketEvent]
    said: Sequence[Message]


async def lines(session: AsyncSession, store_id: uuid.UUID, me: uuid.UUID | None, wanted: Wanted) -> list[Line]:
    """One page of the tickets wanted, and one more line when there is a further page."""
    query = _filtered(store_id, me, wanted).offset((wanted.page - 1) * PAGE).limit(PAGE + 1)
    return await _lines(session, query)


async def exported(session: AsyncSession, store_id: uuid.UUID, me: uuid.UUID | None, wanted: Wanted) -> list[Line]:
    """All tickets wanted, for a file."""
    return await _lines(session, _filtered(store_id, me, wanted).limit(MOST_EXPORTED))


async def counts(session: AsyncSession, store_id: uuid.UUID, me: uuid.UUID) -> dict[Which, int]:
    """How many tickets are in each list."""
    columns = [sa.func.count().filter(_which(which, me)) for which in WHICH]
    found = (await session.execute(sa.select(*columns).where(Ticket.store_id == store_id))).one()
    return dict(zip(WHICH, found, strict=True))


async def whole(session: AsyncSession, ticket: Ticket, *, public: bool = False) -> Whole:
    """A ticket with its history and the end of the conversation it came from; `public`: what the customer may see."""
    query = sa.select(TicketEvent).where(TicketEvent.ticket_id == ticket.id)
    if public:
        query = query.where(TicketEvent.public.is_(True), TicketEvent.undone.is_(False))
    events = (await session.scalars(query.order_by(TicketEvent.created_at, TicketEvent.id))).all()
    person = await session.get(Staff, ticket.assigned_to) if ticket.assigned_to and not public else None
    said: list[Message] = []
    if ticket.conversation_id and not public:
        last = sa.select(Message).where(Message.conversation_id == ticket.conversation_id)
        said = list(reversed((await session.scalars(last.order_by(Message.position.desc()).limit(6))).all()))
    return Whole(ticket, person.name if person else None, is_late(ticket), events, said)


async def own(
    session: AsyncSession, store_id: uuid.UUID, conversation_id: uuid.UUID, customer_id: uuid.UUID | None
) -> list[Ticket]:
    """The customer's own tickets, newest first: of this conversation, and of a customer the shop's site vouched for."""
    mine = Ticket.conversation_id == conversation_id
    if customer_id is not None:
        mine = sa.or_(mine, Ticket.customer_id == customer_id)
    query = sa.select(Ticket).where(Ticket.store_id == store_id, mine).order_by(Ticket.number.desc()).limit(10)
    return list(await session.scalars(query))


async def running(session: AsyncSession, conversation_id: uuid.UUID) -> Ticket | None:
    """The newest ticket of a conversation that is not done."""
    query = sa.select(Ticket).where(Ticket.conversation_id == conversation_id, Ticket.state.not_in(DONE))
    return await session.scalar(query.order_by(Ticket.number.desc()).limit(1))


async def of_conversation(session: AsyncSession, store_id: uuid.UUID, conversation_id: uuid.UUID) -> list[Ticket]:
    """The tickets made of a conversation, newest first."""
    query = sa.select(Ticket).where(Ticket.store_id == store_id, Ticket.conversation_id == conversation_id)
    return list(await session.scalars(query.order_by(Ticket.number.desc()).limit(10)))


def is_late(ticket: Ticket, at: datetime | None = None) -> bool:
    """Whether the promise of a ticket is broken."""
    return ticket.due_at is not None and ticket.due_at < (at or now())


def _which(which: Which, me: uuid.UUID | None) -> sa.ColumnElement[bool]:
    going = Ticket.state.in_(RUNNING)
    conditions: dict[Which, sa.ColumnElement[bool]] = {
        "todo": going,
        "mine": sa.and_(Ticket.state.not_in(DONE), Ticket.assigned_to == me),
        "unassigned": sa.and_(going, Ticket.assigned_to.is_(None)),
        "calls": sa.and_(going, Ticket.phone.is_not(None), Ticket.email.is_(None)),
        "overdue": sa.and_(Ticket.due_at.is_not(None), Ticket.due_at < now()),
        "all": sa.true(),
    }
    return conditions.get(which, Ticket.state == which)


def _filtered(store_id: uuid.UUID, me: uuid.UUID | None, wanted: Wanted) -> sa.Select[Ticket, str | None]:
    query = sa.select(Ticket, Staff.name).outerjoin(Staff, Staff.id == Ticket.assigned_to)
    query = query.where(Ticket.store_id == store_id, _which(wanted.which, me))
    if wanted.kind:
        query = query.where(Ticket.kind == wanted.kind)
    if wanted.priority:
        query = query.where(Ticket.priority == wanted.priority)
    if words := wanted.q.strip():
        query = query.where(_says(words))
    return query.order_by(*_order(wanted.sort))


def _says(words: str) -> sa.ColumnElement[bool]:
    like = "%" + re.sub(r"([\\%_])", r"\\\1", words[:200]) + "%"
    said = sa.or_(Ticket.subject.ilike(like), Ticket.text.ilike(like), Ticket.order_number.ilike(like))
    number = NUMBER.fullmatch(words)
    return sa.or_(Ticket.number == int(number.group(1)), said) if number else said


def _order(sort: Sort) -> tuple[sa.ColumnElement[Any], ...]:
    newest = Ticket.number.desc()
    match sort:
        case "due":
            return Ticket.due_at.asc().nulls_last(), newest
        case "updated":
            return Ticket.updated_at.desc(), newest
        case "priority":
            rank = sa.case({"urgent": 0, "high": 1, "normal": 2}, value=Ticket.priority, else_=3)
            return rank, Ticket.due_at.asc().nulls_last(), newest
        case "newest":
            return (newest,)


async def _lines(session: AsyncSession, query: sa.Select[Ticket, str | None]) -> list[Line]:
    return [Line(ticket, name, is_late(ticket)) for ticket, name in await session.execute(query)]
