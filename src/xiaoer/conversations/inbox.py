"""What staff see of a store's conversations: queues with counts, search, one conversation and its surroundings."""

import re
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from xiaoer.conversations import satisfaction, thread
from xiaoer.conversations.handoff import State, state_of
from xiaoer.conversations.satisfaction import Satisfaction
from xiaoer.conversations.tables import EXAM, Author, Conversation, Message, Note
from xiaoer.customers import Customer
from xiaoer.db.record import now
from xiaoer.errors import Invalid
from xiaoer.patterns import lazy
from xiaoer.staff.tables import Staff

Queue = Literal["waiting", "mine", "team", "assistant", "snoozed", "closed"]
QUEUES: tuple[Queue, ...] = ("waiting", "mine", "team", "assistant", "snoozed", "closed")
Order = Literal["waiting", "newest", "oldest"]
STUCK = timedelta(seconds=60)
"""After this long without an answer of the assistant a conversation waits for staff, whoever owns it."""
SNIPPET = 120
TAG = lazy(r"[\w .:/#-]{1,30}")
MOST_TAGS = 12


@dataclass(frozen=True)
class Entry:
    """One conversation in a list; `said` is staff's last word, or what the customer wrote last."""

    id: uuid.UUID
    state: State
    customer: str | None
    assigned: str | None
    reason: str | None
    since: datetime
    language: str | None
    said: str
    said_by: Author
    last_at: datetime
    unanswered: bool
    stuck: bool
    tags: tuple[str, ...]
    waiting_since: datetime
    customer_id: uuid.UUID
    assigned_to: uuid.UUID | None = None
    called: bool = False
    """Whether a person is wanted, or there."""
    escalated: bool = False
    snoozed_until: datetime | None = None
    meanwhile: int = 0
    """How many questions the assistant has answered since a person is wanted."""

    def queue_for(self, me: uuid.UUID) -> Queue:
        """The queue that somebody sees it in, as `counts` and `entries` have it."""
        if self.state == "closed":
            return "closed"
        if self.snoozed_until is not None and self.snoozed_until > now():
            return "snoozed"
        if not self.called:
            return "waiting" if self.stuck else "assistant"
        if self.assigned_to is None:
            return "waiting"
        return "mine" if self.assigned_to == me else "team"


@dataclass(frozen=True)
class Tallies:
    """How many conversations each queue of a store holds, for everybody at once."""

    everybodys: dict[Queue, int]
    assigned: dict[uuid.UUID, int]

    def seen_by(self, me: uuid.UUID) -> dict[Queue, int]:
        mine = self.assigned.get(me, 0)
        return {**self.everybodys, "mine": mine, "team": sum(self.assigned.values()) - mine}


@dataclass(frozen=True)
class Filters:
    """What a queue is narrowed to; empty fields do not narrow. `order` None is the queue's own."""

    language: str = ""
    channel: str = ""
    reason: str = ""
    tag: str = ""
    unread: bool = False
    mentioned: bool = False
    order: Order | None = None


@dataclass(frozen=True)
class Whole:
    """One conversation with what staff need beside it."""

    conversation: Conversation
    state: State
    customer: Customer
    assigned: str | None
    notes: Sequence[Note]
    earlier: Sequence[Entry]
    judgements: Sequence[Satisfaction]


def _stuck() -> sa.ColumnElement[bool]:
    return sa.exists().where(
        Message.conversation_id == Conversation.id, Message.answer_state == "owed", Message.created_at < now() - STUCK
    )


def _in_queue(queue: Queue, me: uuid.UUID) -> sa.ColumnElement[bool]:
    """The condition of a queue. Every open conversation is in exactly one, so that none is invisible."""
    called = Conversation.handed_off_at.is_not(None)
    awake = sa.or_(Conversation.snoozed_until.is_(None), Conversation.snoozed_until <= now())
    opened = sa.and_(Conversation.closed_at.is_(None), awake)
    match queue:
        case "snoozed":
            return sa.and_(Conversation.closed_at.is_(None), ~awake)
        case "waiting":
            return sa.and_(opened, sa.case((called, Conversation.assigned_to.is_(None)), else_=_stuck()))
        case "mine":
            return sa.and_(opened, called, Conversation.assigned_to == me)
        case "team":
            return sa.and_(opened, called, Conversation.assigned_to.is_not(None), Conversation.assigned_to != me)
        case "assistant":
            return sa.and_(opened, ~called, ~_stuck())
        case "closed":
            return Conversation.closed_at.is_not(None)


def _of(store_id: uuid.UUID) -> sa.ColumnElement[bool]:
    return sa.and_(Conversation.store_id == store_id, Conversation.channel != EXAM)


async def counts(session: AsyncSession, store_id: uuid.UUID, me: uuid.UUID) -> dict[Queue, int]:
    """How many conversations are in each queue; those nobody has written in are in none."""
    columns = [sa.func.count().filter(_in_queue(queue, me)) for queue in QUEUES]
    query = sa.select(*columns).where(_of(store_id), Conversation.last_position > 0)
    return dict(zip(QUEUES, (await session.execute(query)).one(), strict=True))


async def tallies(session: AsyncSession, store_id: uuid.UUID) -> Tallies:
    """What `counts` tells each member of staff, in one question for all of them."""
    nobody = uuid.UUID(int=0)
    shared: tuple[Queue, ...] = ("waiting", "assistant", "snoozed", "closed")
    columns = [sa.func.count().filter(_in_queue(queue, nobody)) for queue in (*shared, "team")]
    query = sa.select(Conversation.assigned_to, *columns).where(_of(store_id), Conversation.last_position > 0)
    everybodys = dict.fromkeys(shared, 0)
    assigned: dict[uuid.UUID, int] = {}
    for somebody, *found, with_them in await session.execute(query.group_by(Conversation.assigned_to)):
        for queue, count in zip(shared, found, strict=True):
            everybodys[queue] += count
        if somebody is not None:
            assigned[somebody] = with_them
    return Tallies(everybodys, assigned)


async def of_these(session: AsyncSession, store_id: uuid.UUID, ids: Collection[uuid.UUID]) -> list[Entry]:
    """These conversations of the store as lists show them; those nobody has written in are in no list."""
    return await _entries(session, _listed(store_id).where(Conversation.id.in_(ids)))


async def entries(
    session: AsyncSession,
    store_id: uuid.UUID,
    me: uuid.UUID,
    queue: Queue,
    *,
    filters: Filters | None = None,
    limit: int = 60,
) -> list[Entry]:
    """A queue: who waits longest first, elsewhere what moved last first, unless another order is wanted."""
    filters = filters or Filters()
    query = _listed(store_id).where(_in_queue(queue, me), *_narrowed(filters, me))
    order = filters.order or ("waiting" if queue == "waiting" else "newest")
    orders: dict[Order, sa.ColumnElement[datetime]] = {
        "waiting": sa.func.coalesce(Conversation.handed_off_at, _last().created_at).asc(),
        "newest": sa.cast(_last().created_at, sa.DateTime(timezone=True)).desc(),
        "oldest": sa.cast(_last().created_at, sa.DateTime(timezone=True)).asc(),
    }
    return await _entries(session, query.order_by(orders[order], Conversation.id).limit(limit))


async def facets(session: AsyncSession, store_id: uuid.UUID) -> dict[str, list[str]]:
    """What open conversations can be narrowed to: their languages, channels, reasons and tags."""
    opened = sa.and_(_of(store_id), Conversation.last_position > 0)
    columns = {
        "language": sa.func.coalesce(Conversation.language, Conversation.locale),
        "channel": Conversation.channel,
        "reason": Conversation.handoff_reason,
        "tag": sa.func.unnest(Conversation.tags),
    }
    each = [
        sa.select(sa.literal(name).label("name"), sa.cast(column, sa.Text).label("value"))
        .where(opened)
        .distinct()
        .limit(50)
        .subquery()
        .select()
        for name, column in columns.items()
    ]
    found: dict[str, list[str]] = {name: [] for name in columns}
    for name, value in await session.execute(sa.union_all(*each)):
        if value:
            found[name].append(value)
    return {name: sorted(values) for name, values in found.items()}


def _narrowed(filters: Filters, me: uuid.UUID) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if filters.language:
        conditions.append(sa.func.coalesce(Conversation.language, Conversation.locale) == filters.language)
    if filters.channel:
        conditions.append(Conversation.channel == filters.channel)
    if filters.reason:
        conditions.append(Conversation.handoff_reason == filters.reason)
    if filters.tag:
        conditions.append(sa.literal(filters.tag) == sa.any_(Conversation.tags))
    if filters.unread:
        conditions.append(sa.and_(Conversation.handed_off_at.is_not(None), _last().author != "staff"))
    if filters.mentioned:
        told = sa.exists().where(Note.conversation_id == Conversation.id, sa.literal(me) == sa.any_(Note.mentions))
        conditions.append(told)
    return conditions


async def search(session: AsyncSession, store_id: uuid.UUID, text: str, *, limit: int = 60) -> list[Entry]:
    """Conversations in which a message, the customer or a tag holds the text, newest first."""
    like = "%" + re.sub(r"([\\%_])", r"\\\1", text.strip()[:200]) + "%"
    said = sa.exists().where(Message.conversation_id == Conversation.id, Message.text.ilike(like))
    query = _listed(store_id).where(
        sa.or_(
            said,
            Customer.name.ilike(like),
            Customer.external_id.ilike(like),
            sa.func.array_to_string(Conversation.tags, " ").ilike(like),
        )
    )
    return await _entries(session, query.order_by(_last().created_at.desc()).limit(limit))


async def whole(session: AsyncSession, conversation_id: uuid.UUID, *, store_id: uuid.UUID) -> Whole:
    """One conversation of the store; raises `UnknownConversation`."""
    conversation = await thread.by_id(session, conversation_id, store_id=store_id)
    customer = await session.get_one(Customer, conversation.customer_id)
    colleague = await session.get(Staff, conversation.assigned_to) if conversation.assigned_to else None
    notes = await session.scalars(
        sa.select(Note).where(Note.conversation_id == conversation_id).order_by(Note.created_at)
    )
    others = _listed(store_id).where(Conversation.customer_id == customer.id, Conversation.id != conversation_id)
    earlier = await _entries(session, others.order_by(_last().created_at.desc()).limit(5))
    name = colleague.name if colleague else None
    judgements = await satisfaction.of(session, conversation_id)
    return Whole(conversation, state_of(conversation), customer, name, notes.all(), earlier, judgements)


async def latest(session: AsyncSession, conversation_id: uuid.UUID, *, limit: int = 200) -> list[Message]:
    """The last messages, oldest first."""
    query = sa.select(Message).where(Message.conversation_id == conversation_id)
    found = (await session.scalars(query.order_by(Message.position.desc()).limit(limit))).all()
    return list(reversed(found))


async def note(
    session: AsyncSession, conversation_id: uuid.UUID, staff_id: uuid.UUID, name: str, text: str
) -> list[uuid.UUID]:
    """Keep a note for colleagues; returns whom it names with @. Raises `Invalid` kinds as messages do."""
    text = thread.cleaned(text)
    store = sa.select(Conversation.store_id).where(Conversation.id == conversation_id).scalar_subquery()
    people = await session.execute(sa.select(Staff.id, Staff.name).where(Staff.store_id == store))
    named = [each.id for each in people if f"@{each.name}".casefold() in text.casefold() and each.id != staff_id]
    session.add(Note(conversation_id=conversation_id, staff_id=staff_id, author_name=name, text=text, mentions=named))
    return named


async def snooze(session: AsyncSession, conversation_id: uuid.UUID, until: datetime | None) -> None:
    """Put a conversation out of sight until a moment, or until its customer writes; None brings it back."""
    conversation = await thread.locked(session, conversation_id)
    conversation.snoozed_until = until


async def set_tags(session: AsyncSession, conversation_id: uuid.UUID, tags: Sequence[str]) -> None:
    """Replace the tags; raises `Invalid`."""
    wanted = tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))
    if len(wanted) > MOST_TAGS or not all(TAG.fullmatch(tag) for tag in wanted):
        raise Invalid("A tag has up to 30 letters, digits or spaces; a conversation has up to 12 tags.")
    await session.execute(sa.update(Conversation).where(Conversation.id == conversation_id).values(tags=list(wanted)))


Listed = sa.Select[Conversation, Message, str | None, str | None, str, bool, str, int]
_Last = aliased(Message)


def _last() -> type[Message]:
    return _Last


def _listed(store_id: uuid.UUID) -> Listed:
    last = sa.and_(_Last.conversation_id == Conversation.id, _Last.position == Conversation.last_position)
    asked = sa.select(sa.func.left(Message.text, SNIPPET)).where(
        Message.conversation_id == Conversation.id, Message.author == "customer"
    )
    asked_last = asked.order_by(Message.position.desc()).limit(1).correlate(Conversation).scalar_subquery()
    return (
        sa.select(
            Conversation, _Last, Customer.name, Customer.external_id, Staff.name, _stuck(), asked_last, _meanwhile()
        )
        .join(_Last, last)
        .join(Customer, Customer.id == Conversation.customer_id)
        .outerjoin(Staff, Staff.id == Conversation.assigned_to)
        .where(_of(store_id))
    )


def _meanwhile() -> sa.ScalarSelect[int]:
    answered = sa.select(sa.func.count()).where(
        Message.conversation_id == Conversation.id,
        Message.author == "assistant",
        Message.created_at >= Conversation.handed_off_at,
        Message.outcome == "done",
        ~Message.evidence.has_key("status"),
    )
    return answered.correlate(Conversation).scalar_subquery()


async def _entries(session: AsyncSession, query: Listed) -> list[Entry]:
    return [
        Entry(
            id=conversation.id,
            state=state_of(conversation),
            customer=name or external_id,
            assigned=assigned,
            reason=conversation.handoff_reason,
            since=conversation.handed_off_at or conversation.created_at,
            language=conversation.language or conversation.locale,
            said=last.text[:SNIPPET] if last.author == "staff" else asked or last.text[:SNIPPET],
            said_by="customer" if asked and last.author != "staff" else last.author,
            last_at=last.created_at,
            unanswered=conversation.handed_off_at is not None and last.author != "staff",
            stuck=stuck and conversation.closed_at is None,
            tags=tuple(conversation.tags),
            waiting_since=conversation.handed_off_at or last.created_at,
            customer_id=conversation.customer_id,
            assigned_to=conversation.assigned_to,
            called=conversation.handed_off_at is not None,
            escalated=conversation.escalated_at is not None,
            snoozed_until=conversation.snoozed_until,
            meanwhile=meanwhile,
        )
        for conversation, last, name, external_id, assigned, stuck, asked, meanwhile in await session.execute(query)
    ]
