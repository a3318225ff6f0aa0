"""What a conversation may see, and showing it in the chat: an order's number with the end of its phone number.

Tries are counted before they are checked, per conversation and per order, so that neither many tries in one chat
nor one try in many chats gets far. Who asks hears the same words whichever part was wrong.
"""

import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.db.record import now
from xiaoer.errors import Forbidden
from xiaoer.identity.signed import Signed
from xiaoer.identity.tables import Access, Attempt
from xiaoer.patterns import lazy

TRIES_PER_CONVERSATION = 5
TRIES_PER_ORDER = 8
WINDOW = timedelta(hours=1)
SHOWN_FOR = timedelta(minutes=30)
TAIL_DIGITS = 4
_NOT_DIGITS = lazy(r"\D")


class TooManyTries(Forbidden):
    """No more tries for now, right or wrong."""


@dataclass(frozen=True)
class Seen:
    """What the server knows about who asks: a signed customer, and orders shown in this chat."""

    customer: str | None = None
    orders: frozenset[str] = frozenset()


async def of(session: AsyncSession, conversation_id: uuid.UUID) -> Seen:
    """What the conversation may see at this moment."""
    query = sa.select(Access.kind, Access.subject).where(
        Access.conversation_id == conversation_id, Access.expires_at > now()
    )
    rows = (await session.execute(query.order_by(Access.created_at.desc()))).all()
    customer = next((subject for kind, subject in rows if kind == "customer"), None)
    return Seen(customer, frozenset(subject for kind, subject in rows if kind == "order"))


async def signed_customer(session: AsyncSession, conversation_id: uuid.UUID) -> str | None:
    """The customer who was signed in here, even if that has run out."""
    query = sa.select(Access.subject).where(Access.conversation_id == conversation_id, Access.kind == "customer")
    return await session.scalar(query)


async def grant_customer(
    session: AsyncSession, store_id: uuid.UUID, conversation_id: uuid.UUID, customer: str, *, expires_at: datetime
) -> None:
    """The conversation may see everything of this customer: the shop's site has vouched for them."""
    await _grant(session, store_id, conversation_id, "customer", customer, expires_at)


async def grant_signed(
    session: AsyncSession, store_id: uuid.UUID, conversation_id: uuid.UUID, who: Signed | None
) -> None:
    """The conversation is the signed customer's until their token ends; nobody signed gets nothing."""
    if who is not None:
        await grant_customer(session, store_id, conversation_id, who.customer, expires_at=who.expires_at)


async def grant_order(session: AsyncSession, store_id: uuid.UUID, conversation_id: uuid.UUID, number: str) -> None:
    """The conversation may see this one order for a while."""
    await _grant(session, store_id, conversation_id, "order", number, now() + SHOWN_FOR)


async def end(session: AsyncSession, conversation_id: uuid.UUID) -> None:
    """The conversation may see nobody's orders from now on; who is there has to show or sign in once more."""
    mine = sa.and_(Access.conversation_id == conversation_id, Access.expires_at > now())
    await session.execute(sa.update(Access).where(mine).values(expires_at=now()))


async def _grant(
    session: AsyncSession,
    store_id: uuid.UUID,
    conversation_id: uuid.UUID,
    kind: str,
    subject: str,
    expires_at: datetime,
) -> None:
    statement = insert(Access).values(
        id=uuid.uuid4(),
        store_id=store_id,
        conversation_id=conversation_id,
        kind=kind,
        subject=subject,
        expires_at=expires_at,
    )
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["conversation_id", "kind", "subject"], set_={"expires_at": statement.excluded.expires_at}
        )
    )


async def begin_try(session: AsyncSession, store_id: uuid.UUID, conversation_id: uuid.UUID, number: str) -> uuid.UUID:
    """Count a try, before anything is looked up; raises `TooManyTries`. The order need not exist."""
    for lock in (f"order:{store_id}:{number}", f"conversation:{conversation_id}"):
        await session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(lock, 0))))
    failed = sa.select(sa.func.count()).where(Attempt.created_at > now() - WINDOW, Attempt.succeeded.is_(False))
    in_chat = await session.scalar(failed.where(Attempt.conversation_id == conversation_id))
    at_order = await session.scalar(failed.where(Attempt.store_id == store_id, Attempt.subject == number))
    if (in_chat or 0) >= TRIES_PER_CONVERSATION or (at_order or 0) >= TRIES_PER_ORDER:
        raise TooManyTries("Too many tries. Please wait an hour, or ask for a person.")
    attempt = Attempt(id=uuid.uuid4(), store_id=store_id, conversation_id=conversation_id, subject=number)
    session.add(attempt)
    return attempt.id


async def end_try(session: AsyncSession, attempt_id: uuid.UUID) -> None:
    """The try succeeded."""
    await session.execute(sa.update(Attempt).where(Attempt.id == attempt_id).values(succeeded=True))


def tail_matches(phone: str | None, tail: str) -> bool:
    """Whether `tail` is the last four digits of the phone; in constant time, and false for no phone."""
    digits = _NOT_DIGITS.sub("", phone or "")[-TAIL_DIGITS:]
    same = hmac.compare_digest(digits.rjust(TAIL_DIGITS, "x").encode(), tail.encode())
    return same and len(digits) == TAIL_DIGITS
