"""Codes by e-mail: an order's number with the address it was placed with, and then the code that was sent there.

Whoever asks learns nothing by asking: a request is written down in every case, and whether it matches an order is
found out later, by the worker. Codes count as tries when they are entered; see `access`.
"""

import hashlib
import secrets
import uuid
from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer import jobs
from xiaoer.db.record import now
from xiaoer.identity.access import TooManyTries
from xiaoer.identity.tables import MailCode
from xiaoer.staff import passwords

MAIL = "identity.mail_code"
"""The job that finds out whether a request matches, and sends the letter."""
VALID_FOR = timedelta(minutes=10)
WINDOW = timedelta(hours=1)
ASKED_PER_CONVERSATION = 3
SENT_PER_ORDER = 3
"""Letters for one order, and letters to one address, within the window, from however many conversations."""
KEPT = timedelta(days=1)


def digest_of_address(address: str) -> str:
    """For comparing addresses however they are capitalised."""
    return hashlib.sha256(address.strip().casefold().encode()).hexdigest()


async def ask(
    session: AsyncSession,
    store_id: uuid.UUID,
    conversation_id: uuid.UUID,
    *,
    number: str,
    subject: str,
    address: str,
    language: str,
) -> None:
    """Have a code sent if order and address match; raises `TooManyTries` for too many requests of a conversation."""
    await _lock(session, f"conversation:{conversation_id}")
    await session.execute(sa.delete(MailCode).where(MailCode.store_id == store_id, MailCode.created_at < now() - KEPT))
    asked = sa.select(sa.func.count()).where(
        MailCode.conversation_id == conversation_id, MailCode.created_at > now() - WINDOW
    )
    if (await session.scalar(asked) or 0) >= ASKED_PER_CONVERSATION:
        raise TooManyTries("Too many codes. Please wait an hour, or ask for a person.")
    code_id = uuid.uuid4()
    session.add(
        MailCode(
            id=code_id,
            store_id=store_id,
            conversation_id=conversation_id,
            subject=subject,
            address_digest=digest_of_address(address),
            expires_at=now() + VALID_FOR,
        )
    )
    await jobs.put(session, store_id, MAIL, {"code": str(code_id), "number": number, "language": language})


async def waiting(session: AsyncSession, store_id: uuid.UUID, code_id: uuid.UUID) -> MailCode | None:
    """A request that may still be answered."""
    query = sa.select(MailCode).where(
        MailCode.id == code_id, MailCode.store_id == store_id, MailCode.expires_at > now(), MailCode.used_at.is_(None)
    )
    return await session.scalar(query)


def new_code() -> str:
    return f"{secrets.randbelow(1_000_000):06}"


async def digest_of_code(code_id: uuid.UUID, code: str) -> str:
    """What is stored of a code: slow to make, and good for this one request."""
    return await passwords.digest_of(f"{code_id}:{code}")


async def send(session: AsyncSession, asked: MailCode, *, number: str, digest: str) -> bool:
    """Note that the code is about to be sent; false if its order or its address has had enough letters."""
    for lock in (f"order:{asked.store_id}:{asked.subject}", f"address:{asked.store_id}:{asked.address_digest}"):
        await _lock(session, lock)
    same = sa.or_(MailCode.subject == asked.subject, MailCode.address_digest == asked.address_digest)
    recent = sa.select(sa.func.count()).where(
        MailCode.store_id == asked.store_id, same, MailCode.sent_at > now() - WINDOW, MailCode.id != asked.id
    )
    if (await session.scalar(recent) or 0) >= SENT_PER_ORDER:
        return False
    values = {"number": number, "code_digest": digest, "sent_at": now()}
    await session.execute(sa.update(MailCode).where(MailCode.id == asked.id).values(**values))
    return True


async def latest(
    session: AsyncSession, store_id: uuid.UUID, conversation_id: uuid.UUID, subject: str
) -> MailCode | None:
    """The newest request of this conversation for an order, if its code is still good."""
    query = sa.select(MailCode).where(
        MailCode.store_id == store_id,
        MailCode.conversation_id == conversation_id,
        MailCode.subject == subject,
        MailCode.expires_at > now(),
        MailCode.used_at.is_(None),
    )
    return await session.scalar(query.order_by(MailCode.created_at.desc()).limit(1))


async def proved(session: AsyncSession, conversation_id: uuid.UUID, addresses: Iterable[str]) -> str | None:
    """The one of these addresses to which a code was sent that came back in this conversation: it is the customer's."""
    used = sa.select(MailCode.address_digest).where(
        MailCode.conversation_id == conversation_id, MailCode.used_at.is_not(None)
    )
    digests = set((await session.scalars(used)).all())
    return next((each for each in addresses if digest_of_address(each) in digests), None)


async def matches(asked: MailCode | None, code: str) -> bool:
    """Whether the code is the one that was sent; takes the same time when none was."""
    digest = asked.code_digest if asked is not None else None
    return await passwords.matches(f"{asked.id if asked is not None else uuid.uuid4()}:{code}", digest)


async def use(session: AsyncSession, asked: MailCode) -> bool:
    """Take the code; false if it was taken, or has run out, in the meantime."""
    taken = (
        sa.update(MailCode)
        .where(MailCode.id == asked.id, MailCode.used_at.is_(None), MailCode.expires_at > now())
        .values(used_at=now())
    )
    return await session.scalar(taken.returning(MailCode.id)) is not None


async def _lock(session: AsyncSession, name: str) -> None:
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))
