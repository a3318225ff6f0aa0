"""Who answers next, as one state machine (drawn in docs/handover.md).

assistant ─▶ waiting ─▶ staff ─▶ assistant | closed;  closed ─▶ assistant when the customer writes again

Only `staff` has somebody's name on it. A hand-back and a closing set the boundary: nothing said before it can cause
another hand-over. Whatever is owed by the assistant when staff come is theirs from that moment.
"""

import uuid
from collections.abc import Sequence
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.conversations import assigning, thread
from xiaoer.conversations.tables import Conversation, Message
from xiaoer.db.record import now
from xiaoer.errors import Conflict

State = Literal["assistant", "waiting", "staff", "closed"]


class TakenByAnother(Conflict):
    """A colleague has the conversation."""


def state_of(conversation: Conversation) -> State:
    """Where the conversation stands."""
    if conversation.closed_at is not None:
        return "closed"
    if conversation.owner == "assistant":
        return "assistant"
    answered_by_nobody = conversation.assigned_to is None or conversation.offered_at is not None
    return "waiting" if answered_by_nobody else "staff"


async def hand_to_staff(session: AsyncSession, conversation_id: uuid.UUID, reason: str) -> bool:
    """Make staff the owner; what the assistant still owed is for staff now. False if staff own it already."""
    statement = (
        sa.update(Conversation)
        .where(Conversation.id == conversation_id, Conversation.owner == "assistant")
        .values(owner="staff", handoff_reason=reason, handed_off_at=now(), closed_at=None)
        .returning(Conversation.id)
    )
    if (await session.scalar(statement)) is None:
        return False
    await _owed_to_staff(session, conversation_id)
    await assigning.offer(session, await thread.locked(session, conversation_id))
    return True


async def take(session: AsyncSession, conversation_id: uuid.UUID, staff_id: uuid.UUID, *, force: bool = False) -> bool:
    """Give the conversation to one person. False if they have it; raises `TakenByAnother` unless `force`."""
    conversation = await thread.locked(session, conversation_id)
    if conversation.owner == "staff" and conversation.assigned_to == staff_id and conversation.offered_at is None:
        return False
    taken = conversation.assigned_to not in (None, staff_id) and conversation.offered_at is None
    if conversation.owner == "staff" and taken and not force:
        raise TakenByAnother("A colleague has this conversation.")
    if conversation.owner == "assistant":
        conversation.owner = "staff"
        conversation.handoff_reason = "taken"
        conversation.handed_off_at = now()
    conversation.closed_at = None
    conversation.offered_at = conversation.snoozed_until = None
    conversation.assigned_to = staff_id
    await session.flush()
    await _owed_to_staff(session, conversation_id)
    return True


async def hand_back(session: AsyncSession, conversation_id: uuid.UUID) -> bool:
    """Make the assistant the owner again; it answers what is written from now on. False if it is already."""
    conversation = await thread.locked(session, conversation_id)
    if conversation.owner == "assistant":
        return False
    _leave(conversation)
    return True


async def close(session: AsyncSession, conversation_id: uuid.UUID) -> bool:
    """Nothing is left to do until the customer writes again. False if it is closed already."""
    conversation = await thread.locked(session, conversation_id)
    if conversation.closed_at is not None:
        return False
    _leave(conversation)
    conversation.closed_at = now()
    await session.flush()
    await _owed_to_staff(session, conversation_id)
    return True


async def waiting(session: AsyncSession, store_id: uuid.UUID, *, limit: int = 100) -> Sequence[Conversation]:
    """The store's conversations that staff own, longest waiting first."""
    query = sa.select(Conversation).where(Conversation.store_id == store_id, Conversation.owner == "staff")
    return (await session.scalars(query.order_by(Conversation.handed_off_at).limit(limit))).all()


async def ahead_of(session: AsyncSession, conversation: Conversation) -> int | None:
    """How many of the store's customers have waited for a person for longer; None while nobody is waited for here.

    Whoever has been written to since the hand-over waits no longer, also where nobody has the conversation by name.
    """
    if state_of(conversation) != "waiting":
        return None
    answered = sa.exists().where(
        Message.conversation_id == Conversation.id,
        Message.author == "staff",
        Message.position > Conversation.boundary,
    )
    if await session.scalar(sa.select(answered).where(Conversation.id == conversation.id)):
        return None
    before = sa.select(sa.func.count()).where(
        Conversation.store_id == conversation.store_id,
        Conversation.owner == "staff",
        Conversation.closed_at.is_(None),
        sa.or_(Conversation.assigned_to.is_(None), Conversation.offered_at.is_not(None)),
        Conversation.handed_off_at < conversation.handed_off_at,
        ~answered,
    )
    return await session.scalar(before) or 0


def _leave(conversation: Conversation) -> None:
    conversation.owner = "assistant"
    conversation.assigned_to = None
    conversation.handoff_reason = None
    conversation.handed_off_at = None
    conversation.offered_at = conversation.escalated_at = conversation.snoozed_until = None
    conversation.boundary = conversation.last_position


async def _owed_to_staff(session: AsyncSession, conversation_id: uuid.UUID) -> None:
    await session.execute(
        sa.update(Message)
        .where(Message.conversation_id == conversation_id, Message.answer_state == "owed")
        .values(answer_state="staff")
    )
