"""Who answers next, as one state machine (drawn in docs/handover.md).

assistant ─▶ waiting ─▶ staff ─▶ assistant | waiting | closed;  closed ─▶ assistant when the customer writes again

A conversation waits from when a person is wanted until one takes it or writes. While it waits the assistant stays its
owner and answers what is new, unless the shop wants it silent. A hand-back and a closing set the boundary: nothing said
before it can cause another hand-over. Whatever is owed by the assistant when staff come is theirs from that moment.
"""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.conversations import assigning, thread
from xiaoer.conversations.tables import EXAM, Conversation, Message, Owner
from xiaoer.db.record import now
from xiaoer.errors import Conflict
from xiaoer.staff import presence
from xiaoer.stores import Profile, Store

State = Literal["assistant", "waiting", "staff", "closed"]
DANGER = "danger"
"""The reason that goes before every other."""
ATTENDED_FOR = timedelta(minutes=30)
"""So long after they came or wrote, staff whose console is shut still count as being in the conversation."""


class TakenByAnother(Conflict):
    """A colleague has the conversation."""


def state_of(conversation: Conversation) -> State:
    """Where the conversation stands."""
    if conversation.closed_at is not None:
        return "closed"
    if conversation.handed_off_at is None:
        return "assistant"
    return "waiting" if conversation.taken_at is None else "staff"


def owner_while_waiting(profile: Profile) -> Owner:
    """Who answers in this shop until a person has come; nobody does where that is `staff`."""
    return "staff" if profile.while_waiting == "silence" else "assistant"


async def wait(session: AsyncSession, conversation_id: uuid.UUID, reason: str, *, interrupting: bool = False) -> bool:
    """A person is wanted from now on. False if one is wanted already, or there; of danger they are told all the same.

    `interrupting`: what the assistant is about to answer is left to the person.
    """
    conversation = await thread.locked(session, conversation_id)
    if state_of(conversation) in ("waiting", "staff"):
        if reason == DANGER:
            conversation.handoff_reason = reason
        return False
    conversation.handoff_reason = reason
    conversation.handed_off_at, conversation.closed_at = now(), None
    conversation.owner = owner_while_waiting(await _profile(session, conversation))
    await session.flush()
    if interrupting or conversation.owner == "staff":
        await _owed_to_staff(session, conversation_id)
    await assigning.offer(session, conversation)
    return True


async def take(session: AsyncSession, conversation_id: uuid.UUID, staff_id: uuid.UUID, *, force: bool = False) -> bool:
    """Give the conversation to one person. False if they have it; raises `TakenByAnother` unless `force`."""
    conversation = await thread.locked(session, conversation_id)
    if state_of(conversation) == "staff":
        if conversation.assigned_to == staff_id:
            return False
        if conversation.assigned_to is not None and not force:
            raise TakenByAnother("A colleague has this conversation.")
    await _come(session, conversation, "taken", staff_id)
    return True


async def join(session: AsyncSession, conversation_id: uuid.UUID) -> bool:
    """Staff have come who write under no name of ours, by the API. False if staff are there already."""
    conversation = await thread.locked(session, conversation_id)
    if state_of(conversation) == "staff":
        return False
    await _come(session, conversation, "staff", None)
    return True


async def settle(session: AsyncSession, conversation_id: uuid.UUID) -> bool:
    """Settle who answers what the customer is about to say; True if they wait again, since their person is gone."""
    conversation = await thread.locked(session, conversation_id)
    state = state_of(conversation)
    gone = state == "staff" and not await _attended(session, conversation)
    if gone:
        conversation.assigned_to = conversation.taken_at = conversation.escalated_at = None
        conversation.handed_off_at = now()
    if gone or state == "waiting":
        conversation.owner = owner_while_waiting(await _profile(session, conversation))
    return gone


async def hand_back(session: AsyncSession, conversation_id: uuid.UUID) -> bool:
    """No person is wanted any more; the assistant answers what is written from now on. False if none is."""
    conversation = await thread.locked(session, conversation_id)
    if conversation.handed_off_at is None:
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


async def called(session: AsyncSession, store_id: uuid.UUID, *, limit: int = 100) -> Sequence[Conversation]:
    """The store's conversations that wait for staff or are with them, longest first."""
    query = sa.select(Conversation).where(
        Conversation.store_id == store_id,
        Conversation.channel != EXAM,
        Conversation.handed_off_at.is_not(None),
        Conversation.closed_at.is_(None),
    )
    return (await session.scalars(query.order_by(Conversation.handed_off_at).limit(limit))).all()


async def ahead_of(session: AsyncSession, conversation: Conversation) -> int | None:
    """How many of the store's customers have waited for a person for longer; None for a customer who does not wait."""
    if state_of(conversation) != "waiting":
        return None
    before = sa.select(sa.func.count()).where(
        Conversation.store_id == conversation.store_id,
        Conversation.channel != EXAM,
        Conversation.closed_at.is_(None),
        Conversation.taken_at.is_(None),
        Conversation.handed_off_at < conversation.handed_off_at,
    )
    return await session.scalar(before) or 0


async def _come(session: AsyncSession, conversation: Conversation, reason: str, staff_id: uuid.UUID | None) -> None:
    if conversation.handed_off_at is None:
        conversation.handoff_reason, conversation.handed_off_at = reason, now()
    conversation.owner, conversation.assigned_to, conversation.taken_at = "staff", staff_id, now()
    conversation.closed_at = conversation.offered_at = conversation.escalated_at = conversation.snoozed_until = None
    await session.flush()
    await _owed_to_staff(session, conversation.id)


def _leave(conversation: Conversation) -> None:
    conversation.owner = "assistant"
    conversation.assigned_to = None
    conversation.handoff_reason = None
    conversation.handed_off_at = conversation.taken_at = None
    conversation.offered_at = conversation.escalated_at = conversation.snoozed_until = None
    conversation.boundary = conversation.last_position


async def _attended(session: AsyncSession, conversation: Conversation) -> bool:
    """Whether the person who came is still in the conversation, so that the customer may expect their word."""
    since = now() - ATTENDED_FOR
    if conversation.taken_at is not None and conversation.taken_at > since:
        return True
    spoke = sa.exists().where(
        Message.conversation_id == conversation.id, Message.author == "staff", Message.created_at > since
    )
    if await session.scalar(sa.select(spoke)):
        return True
    person = conversation.assigned_to
    return person is not None and await presence.was_there_lately(session, conversation.store_id, person)


async def _profile(session: AsyncSession, conversation: Conversation) -> Profile:
    return (await session.get_one(Store, conversation.store_id)).profile


async def _owed_to_staff(session: AsyncSession, conversation_id: uuid.UUID) -> None:
    await session.execute(
        sa.update(Message)
        .where(Message.conversation_id == conversation_id, Message.answer_state == "owed")
        .values(answer_state="staff")
    )
