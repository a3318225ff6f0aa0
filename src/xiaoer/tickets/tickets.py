"""What may happen to a ticket: made, moved, given to somebody, commented on, undone. Each leaves a line of history.

Every change takes the row's lock first, and tells the shop's webhooks and people in the same transaction (`notices`).
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer import mail, stores
from xiaoer.conversations.thread import CONTROL, SURROGATES, cleaned
from xiaoer.db.record import now
from xiaoer.errors import Conflict, Invalid, NotFound
from xiaoer.staff.roles import may
from xiaoer.staff.tables import Staff
from xiaoer.stores import Priority, Profile
from xiaoer.tickets import notices, promises
from xiaoer.tickets.states import DONE, PRIORITY_OF, RUNNING, Actor, Kind, Maker, State, require_move
from xiaoer.tickets.tables import Ticket, TicketCounter, TicketEvent

FIRST_NUMBER: Final = 1001
LONGEST_SUBJECT = 120
LONGEST_ORDER = 60
_KEPT = ("state", "priority", "assigned_to", "due_at", "remind_at", "left_seconds", "reminded", "escalated")
_KEPT_TOO = (*_KEPT, "solved_at", "closed_at", "reopened")
"""What an undo puts back."""


class UnknownTicket(NotFound):
    """No ticket of that number in this store, or not the asker's."""


class NothingToUndo(Conflict):
    """Something else has happened since."""


@dataclass(frozen=True)
class By:
    """Who does something to a ticket."""

    actor: Actor
    staff_id: uuid.UUID | None = None
    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class New:
    """A ticket to be made."""

    kind: Kind
    subject: str
    language: str
    made_by: Maker
    text: str = ""
    priority: Priority | None = None
    order_number: str | None = None
    conversation_id: uuid.UUID | None = None
    customer_id: uuid.UUID | None = None
    email: str | None = None
    phone: str | None = None
    idempotency_key: str | None = None


async def create(
    session: AsyncSession, store_id: uuid.UUID, new: New, by: By, *, at: datetime | None = None
) -> tuple[Ticket, bool]:
    """Make a ticket; returns it and whether it is new: the same key again is the same one. Raises `Invalid` kinds."""
    at = at or now()
    if new.idempotency_key and (earlier := await _of_key(session, store_id, new.idempotency_key)):
        return earlier, False
    profile = (await stores.by_id(session, store_id)).profile
    priority = new.priority or PRIORITY_OF.get(new.kind, "normal")
    promise = promises.promise(profile, priority, at)
    ticket = Ticket(
        id=uuid.uuid4(),
        created_at=at,
        store_id=store_id,
        number=await _next_number(session, store_id),
        kind=new.kind,
        priority=priority,
        state="open",
        subject=one_line(new.subject, LONGEST_SUBJECT) or new.kind,
        text=cleaned(new.text) if new.text.strip() else "",
        order_number=one_line(new.order_number or "", LONGEST_ORDER) or None,
        conversation_id=new.conversation_id,
        customer_id=new.customer_id,
        email=mail.checked_address(new.email) if new.email else None,
        phone=new.phone,
        language=new.language,
        made_by=new.made_by,
        idempotency_key=new.idempotency_key,
        due_at=promise.due_at,
        remind_at=promise.remind_at,
        reminded=False,
        escalated=False,
        reopened=0,
        updated_at=at,
    )
    # The counter's row is locked until the end, so that the same key cannot be stored twice in the meantime.
    if new.idempotency_key and (earlier := await _of_key(session, store_id, new.idempotency_key)):
        return earlier, False
    session.add(ticket)
    await session.flush()
    await _happened(session, ticket, "created", by, at=at, public=True)
    return ticket, True


async def by_number(session: AsyncSession, store_id: uuid.UUID, number: int, *, lock: bool = False) -> Ticket:
    """The store's ticket of that number; raises `UnknownTicket`."""
    query = sa.select(Ticket).where(Ticket.store_id == store_id, Ticket.number == number)
    return _found(await session.scalar(_locked(query) if lock else query))


async def by_id(session: AsyncSession, ticket_id: uuid.UUID, *, lock: bool = False) -> Ticket:
    """The ticket of that id, for who holds its link; raises `UnknownTicket`."""
    query = sa.select(Ticket).where(Ticket.id == ticket_id)
    return _found(await session.scalar(_locked(query) if lock else query))


async def move(
    session: AsyncSession, ticket: Ticket, state: State, by: By, *, at: datetime | None = None
) -> TicketEvent | None:
    """Bring a locked ticket into a state; None if it is there already. Raises `NotFromHere`."""
    at = at or now()
    if ticket.state == state:
        return None
    require_move(ticket.state, state)
    before = _kept(ticket)
    profile = (await stores.by_id(session, ticket.store_id)).profile
    _go(ticket, state, profile, at)
    return await _happened(
        session, ticket, "state", by, at=at, before=before, public=True, data={"from": before["state"], "to": state}
    )


async def assign(session: AsyncSession, ticket: Ticket, staff_id: uuid.UUID | None, by: By) -> TicketEvent | None:
    """Give a locked ticket to somebody of the store who may converse, or to nobody; raises `Invalid`."""
    if ticket.assigned_to == staff_id:
        return None
    person = await session.get(Staff, staff_id) if staff_id else None
    if staff_id and (person is None or person.store_id != ticket.store_id):
        raise Invalid("Choose somebody of this shop.")
    if person and (person.disabled_at or not may(person.role, "converse")):
        raise Invalid("This person cannot answer customers.")
    before = _kept(ticket)
    ticket.assigned_to = staff_id
    name = person.name if person else None
    return await _happened(session, ticket, "assigned", by, before=before, data={"to": name})


async def set_priority(
    session: AsyncSession, ticket: Ticket, priority: Priority, by: By, *, at: datetime | None = None
) -> TicketEvent | None:
    """Another priority; a promise that is still open becomes that priority's, from when the ticket was made."""
    at = at or now()
    if ticket.priority == priority:
        return None
    before = _kept(ticket)
    ticket.priority = priority
    if ticket.due_at is not None:
        profile = (await stores.by_id(session, ticket.store_id)).profile
        _promised(ticket, promises.promise(profile, priority, ticket.replied_at or ticket.created_at))
    return await _happened(
        session, ticket, "priority", by, at=at, before=before, data={"from": before["priority"], "to": priority}
    )


async def reach(
    session: AsyncSession, ticket: Ticket, by: By, *, email: str | None, phone: str | None
) -> TicketEvent | None:
    """A locked ticket's customer is reached there from now on; who can only be called makes a hand-over a callback."""
    if (ticket.email, ticket.phone) == (email, phone):
        return None
    ticket.email, ticket.phone = email, phone
    if ticket.kind == "handover" and phone and not email:
        ticket.kind = "callback"
    return await _happened(session, ticket, "contact", by, data={"email": email, "phone": phone})


async def comment(
    session: AsyncSession, ticket: Ticket, text: str, by: By, *, public: bool, at: datetime | None = None
) -> TicketEvent:
    """Write something into a locked ticket, for the customer to read or for colleagues only; raises `Invalid` kinds.

    Staff's word to the customer renews the promise; the customer's word sets a ticket that waited or was done going.
    """
    at = at or now()
    text = cleaned(text)
    if by.actor == "customer":
        await _heard(session, ticket, at)
    elif public and by.actor in ("staff", "api"):
        ticket.replied_at = ticket.replied_at or at
        if ticket.state in RUNNING:
            profile = (await stores.by_id(session, ticket.store_id)).profile
            _promised(ticket, promises.promise(profile, ticket.priority, at))
    return await _happened(session, ticket, "comment" if public else "note", by, at=at, text=text, public=public)


async def alarm(session: AsyncSession, ticket: Ticket, text: str, data: Mapping[str, Any]) -> TicketEvent:
    """The customer of a locked ticket is in danger: most pressing from now on, and everybody who may help is told."""
    at = now()
    await _heard(session, ticket, at)
    if ticket.priority != "urgent":
        ticket.priority = "urgent"
        profile = (await stores.by_id(session, ticket.store_id)).profile
        _promised(ticket, promises.promise(profile, "urgent", at))
    by, said = By("customer"), cleaned(text) if text.strip() else ""
    return await _happened(session, ticket, "alarm", by, at=at, text=said, data=data, public=True)


async def undo(session: AsyncSession, ticket: Ticket, event_id: uuid.UUID, by: By) -> None:
    """Take back a step of a locked ticket, if nothing has changed it since; raises `NothingToUndo`."""
    query = sa.select(TicketEvent).where(
        TicketEvent.ticket_id == ticket.id, TicketEvent.before != {}, TicketEvent.undone.is_(False)
    )
    last = await session.scalar(query.order_by(TicketEvent.created_at.desc()).limit(1))
    if last is None or last.id != event_id:
        raise NothingToUndo("Something else has happened to this ticket since. Please look at it again.")
    for name, value in last.before.items():
        setattr(ticket, name, _revived(name, value))
    last.undone = True
    await _happened(session, ticket, "undone", by, data={"what": last.kind, **last.data})


def one_line(text: str, longest: int) -> str:
    """A text as one line without anything that cannot be seen, cut at `longest` characters."""
    return " ".join(SURROGATES.sub("", CONTROL.sub(" ", text[: longest * 8])).split())[:longest]


async def escalate(session: AsyncSession, ticket: Ticket, priority: Priority, at: datetime) -> None:
    """The promise was not kept: more pressing from now on, and everybody who leads is told, once."""
    before = ticket.priority
    ticket.priority, ticket.escalated, ticket.reminded = priority, True, True
    await _happened(
        session, ticket, "escalated", By("worker"), at=at, data={"from": before, "to": priority, "due_at": _iso(ticket)}
    )


async def remind(session: AsyncSession, ticket: Ticket, at: datetime) -> None:
    """Three quarters of the time are over: whoever has the ticket is told, once."""
    ticket.reminded = True
    await _happened(session, ticket, "reminded", By("worker"), at=at, data={"due_at": _iso(ticket)})


async def _heard(session: AsyncSession, ticket: Ticket, at: datetime) -> None:
    """The customer has written: what waited for them, or was done, is ours again."""
    if ticket.state in RUNNING:
        return
    before = ticket.state
    profile = (await stores.by_id(session, ticket.store_id)).profile
    _go(ticket, "in_progress", profile, at)
    await _happened(
        session, ticket, "state", By("customer"), at=at, public=True, data={"from": before, "to": "in_progress"}
    )


def _go(ticket: Ticket, state: State, profile: Profile, at: datetime) -> None:
    """The state with all that hangs on it: the clock stops while we wait for the customer, and goes on after."""
    before = ticket.state
    ticket.state = state
    if state in RUNNING and before in DONE:
        ticket.reopened += 1
        ticket.solved_at = ticket.closed_at = None
        _promised(ticket, promises.promise(profile, ticket.priority, at))
    elif state in RUNNING and before == "waiting":
        _promised(ticket, promises.resumed(profile, at, ticket.left_seconds or 0))
    elif state not in RUNNING:
        if ticket.due_at is not None:
            ticket.left_seconds = promises.left(profile, at, ticket.due_at)
        ticket.due_at = ticket.remind_at = None
    if state == "solved":
        ticket.solved_at = at
    if state == "closed":
        ticket.closed_at = at


def _promised(ticket: Ticket, promise: promises.Promise) -> None:
    ticket.due_at, ticket.remind_at, ticket.left_seconds = promise.due_at, promise.remind_at, None
    ticket.reminded = ticket.escalated = False


async def _happened(
    session: AsyncSession,
    ticket: Ticket,
    kind: str,
    by: By,
    *,
    at: datetime | None = None,
    text: str = "",
    data: Mapping[str, Any] | None = None,
    before: Mapping[str, Any] | None = None,
    public: bool = False,
) -> TicketEvent:
    """Store a line of history and tell everybody whom it concerns."""
    ticket.updated_at = at or now()
    event = TicketEvent(
        id=uuid.uuid4(),
        store_id=ticket.store_id,
        ticket_id=ticket.id,
        kind=kind,
        actor=by.actor,
        staff_id=by.staff_id,
        actor_name=by.name,
        text=text,
        data=dict(data or {}),
        before=dict(before or {}),
        public=public,
        undone=False,
    )
    session.add(event)
    await session.flush()
    await notices.tell(session, ticket, event)
    return event


def _kept(ticket: Ticket) -> dict[str, Any]:
    return {name: _written(getattr(ticket, name)) for name in _KEPT_TOO}


def _written(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


def _revived(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name.endswith("_at"):
        return datetime.fromisoformat(value)
    return uuid.UUID(value) if name == "assigned_to" else value


def _iso(ticket: Ticket) -> str | None:
    return ticket.due_at.isoformat() if ticket.due_at else None


def _found(ticket: Ticket | None) -> Ticket:
    if ticket is None:
        raise UnknownTicket("This ticket does not exist.")
    return ticket


def _locked(query: sa.Select[Ticket]) -> sa.Select[Ticket]:
    return query.with_for_update().execution_options(populate_existing=True)


async def _of_key(session: AsyncSession, store_id: uuid.UUID, key: str) -> Ticket | None:
    query = sa.select(Ticket).where(Ticket.store_id == store_id, Ticket.idempotency_key == key)
    return await session.scalar(query)


async def _next_number(session: AsyncSession, store_id: uuid.UUID) -> int:
    statement = insert(TicketCounter).values(id=uuid.uuid4(), store_id=store_id, last=FIRST_NUMBER)
    statement = statement.on_conflict_do_update(index_elements=["store_id"], set_={"last": TicketCounter.last + 1})
    return (await session.scalars(statement.returning(TicketCounter.last))).one()
