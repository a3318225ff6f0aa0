"""Changes that wait for a customer's yes. A token decides one change once, whoever taps how often and from where.

open ─▶ accepted ─▶ executed | failed
  └──▶ declined | expired
"""

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.db.record import now
from xiaoer.errors import NotFound
from xiaoer.stores import digest
from xiaoer.tools.tables import Proposal, ProposalState

OPEN_FOR = timedelta(minutes=10)
LEASE = timedelta(seconds=45)
"""How long one process may take to execute before another may take over."""


class UnknownProposal(NotFound):
    """No such change waits in this conversation."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A change as it will be asked for; `expected` is what the order must still be like when it is made."""

    tool: str
    subject: str
    arguments: Mapping[str, Any]
    summary: str
    language: str
    expected: Mapping[str, Any] = field(default_factory=dict)


async def propose(
    session: AsyncSession, store_id: uuid.UUID, conversation_id: uuid.UUID, customer: str | None, draft: Draft
) -> tuple[Proposal, str]:
    """Put a change before the customer; an earlier open one of the conversation falls. Returns its token, once."""
    lock = sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"proposal:{conversation_id}", 0))
    await session.execute(sa.select(lock))
    await session.execute(
        sa.update(Proposal)
        .where(Proposal.conversation_id == conversation_id, Proposal.state == "open")
        .values(state="expired", finished_at=now())
    )
    token = "cf_" + secrets.token_urlsafe(24)
    proposal = Proposal(
        id=uuid.uuid4(),
        store_id=store_id,
        conversation_id=conversation_id,
        customer=customer,
        token_digest=digest(token),
        tool=draft.tool,
        subject=draft.subject,
        arguments=dict(draft.arguments),
        expected=dict(draft.expected),
        summary=draft.summary,
        language=draft.language,
        expires_at=now() + OPEN_FOR,
    )
    session.add(proposal)
    await session.flush()
    return proposal, token


async def by_token(session: AsyncSession, conversation_id: uuid.UUID, token: str) -> Proposal:
    """The change that this token decides, in this conversation only."""
    query = sa.select(Proposal).where(
        Proposal.token_digest == digest(token), Proposal.conversation_id == conversation_id
    )
    found = await session.scalar(query)
    if found is None:
        raise UnknownProposal("No such change waits for you in this conversation.")
    return found


async def by_id(session: AsyncSession, proposal_id: uuid.UUID) -> Proposal:
    """As it stands in the database now."""
    return await session.get_one(Proposal, proposal_id, populate_existing=True)


async def waiting(session: AsyncSession, conversation_id: uuid.UUID) -> Proposal | None:
    """The change that waits for a yes or no in this conversation, if its time is not over."""
    query = sa.select(Proposal).where(
        Proposal.conversation_id == conversation_id, Proposal.state == "open", Proposal.expires_at > now()
    )
    return await session.scalar(query)


async def last_executed(session: AsyncSession, conversation_id: uuid.UUID, since: datetime) -> Proposal | None:
    """The change that was made last in this conversation, if it was after `since`."""
    query = (
        sa.select(Proposal)
        .where(Proposal.conversation_id == conversation_id, Proposal.state == "executed", Proposal.finished_at > since)
        .order_by(Proposal.finished_at.desc())
        .limit(1)
    )
    return await session.scalar(query)


async def decided_by(session: AsyncSession, message_id: uuid.UUID) -> Proposal | None:
    """What a message has decided already, before a crash."""
    return await session.scalar(sa.select(Proposal).where(Proposal.decided_by == message_id))


async def decide(
    session: AsyncSession, proposal_id: uuid.UUID, *, accept: bool, message_id: uuid.UUID | None = None
) -> bool:
    """Accept or decline an open change; false when it was decided before, or its time is over."""
    at = now()
    values: dict[str, Any] = {"state": "declined", "finished_at": at}
    if accept:
        values = {"state": "accepted", "accepted_at": at, "lease_until": at + LEASE}
    statement = (
        sa.update(Proposal)
        .where(Proposal.id == proposal_id, Proposal.state == "open", Proposal.expires_at > at)
        .values(**values, decided_by=message_id)
        .returning(Proposal.id)
    )
    if (await session.scalar(statement)) is not None:
        return True
    await session.execute(
        sa.update(Proposal)
        .where(Proposal.id == proposal_id, Proposal.state == "open", Proposal.expires_at <= at)
        .values(state="expired", finished_at=at)
    )
    return False


async def take_over(session: AsyncSession) -> Sequence[Proposal]:
    """Accepted changes whose process is gone; they are this one's to execute from now on."""
    at = now()
    statement = (
        sa.update(Proposal)
        .where(Proposal.state == "accepted", Proposal.lease_until < at)
        .values(lease_until=at + LEASE)
        .returning(Proposal)
    )
    return (await session.scalars(statement)).all()


async def finish(
    session: AsyncSession, proposal_id: uuid.UUID, state: ProposalState, result: Mapping[str, Any]
) -> bool:
    """Keep how an accepted change ended; false when another process did so first."""
    statement = (
        sa.update(Proposal)
        .where(Proposal.id == proposal_id, Proposal.state == "accepted")
        .values(state=state, finished_at=now(), result=dict(result))
        .returning(Proposal.id)
    )
    return (await session.scalar(statement)) is not None


async def telling(session: AsyncSession, proposal_id: uuid.UUID) -> uuid.UUID | None:
    """The message that told how it ended, if it was told; nobody else tells until this transaction is over."""
    query = sa.select(Proposal.told_by).where(Proposal.id == proposal_id).with_for_update()
    return await session.scalar(query)


async def told(session: AsyncSession, proposal_id: uuid.UUID, message_id: uuid.UUID) -> None:
    """Keep which message told how it ended."""
    await session.execute(sa.update(Proposal).where(Proposal.id == proposal_id).values(told_by=message_id))


async def executed_since(session: AsyncSession, store_id: uuid.UUID, tool: str, since: datetime) -> int:
    """How many changes of this kind the store has made since then."""
    query = sa.select(sa.func.count()).where(
        Proposal.store_id == store_id,
        Proposal.tool == tool,
        Proposal.state.in_(("accepted", "executed")),
        Proposal.accepted_at > since,
    )
    return await session.scalar(query) or 0
