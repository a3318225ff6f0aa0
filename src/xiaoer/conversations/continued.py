"""Finding the conversation that a client goes on with, where all it sends is what was said so far.

Clients of the OpenAI form know no ids: they send the whole history with each message. Every message of theirs is stored
under a key made of who sends it and of all that the customer has said up to it. The key of the message before finds the
conversation, if nobody went on with it since and if the assistant did say what the client remembers of it.
"""

import hashlib
import json
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.conversations.tables import Conversation, Message
from xiaoer.db.record import now
from xiaoer.patterns import lazy

Said = Sequence[tuple[Literal["customer", "assistant"], str]]
CHANNEL = "openai"
RETRIED_FOR = timedelta(minutes=10)
"""The same message after the same history within this time is the same message: clients try again by themselves."""
_LOOKED_AT = 5
_COMPARED_ANSWERS = 10
_COMPARED_LETTERS = 1000
_LONGEST = 1000
_NO_LETTERS = lazy(r"[\W_]+")


def key(sender: str, said: Said) -> str | None:
    """The key of the customer's last message in `said`; None where the customer has said nothing."""
    texts = [" ".join(text.split()) for author, text in said if author == "customer"]
    if not texts:
        return None
    return f"{CHANNEL}:{hashlib.sha256(json.dumps([sender, *texts]).encode()).hexdigest()}"


async def find(
    session: AsyncSession, store_id: uuid.UUID, sender: str, said: Said, text: str, *, unstored: Sequence[str] = ()
) -> uuid.UUID | None:
    """The conversation in which `said` was said and which `text` goes on with; None for a new one.

    `unstored` are texts that such a client is told besides what is stored.
    """
    if (before := key(sender, said)) is None:
        return None
    retried = await _newest(session, store_id, key(sender, [*said, ("customer", text)]), since=now() - RETRIED_FOR)
    for message in [*retried, *await _newest(session, store_id, before)]:
        if await _is_told(session, message.conversation_id, said, unstored):
            return message.conversation_id
    return None


async def missed(session: AsyncSession, conversation_id: uuid.UUID, this: str | None) -> list[str]:
    """What staff and the desk have said since the customer's last message, which no such client has heard yet.

    `this` is the key of the message that is being said, which may be there already.
    """
    texts: list[str] = []
    for message in await _messages(session, conversation_id):
        if message.idempotency_key is not None and message.idempotency_key == this:
            break
        if message.author == "customer":
            texts = []
        elif message.author != "assistant":
            texts.append(message.text)
    return texts


async def _newest(
    session: AsyncSession, store_id: uuid.UUID, wanted: str | None, *, since: datetime | None = None
) -> Sequence[Message]:
    """The messages under this key that are the customer's last ones in their conversations."""
    later = orm.aliased(Message)
    went_on = sa.exists().where(
        later.conversation_id == Message.conversation_id,
        later.author == "customer",
        later.position > Message.position,
    )
    query = (
        sa.select(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Message.store_id == store_id,
            Message.idempotency_key == wanted,
            Conversation.channel == CHANNEL,
            ~went_on,
        )
    )
    if since is not None:
        query = query.where(Message.created_at > since)
    return (await session.scalars(query.order_by(Message.created_at.desc()).limit(_LOOKED_AT))).all()


async def _is_told(session: AsyncSession, conversation_id: uuid.UUID, said: Said, unstored: Sequence[str]) -> bool:
    """Whether the latest answers that the client remembers were given here; one may be cut short."""
    stored = _letters("".join(each.text for each in await _messages(session, conversation_id) if _is_ours(each)))
    for remembered in [text for author, text in said if author == "assistant"][-_COMPARED_ANSWERS:]:
        letters = _letters(remembered)
        for text in unstored:
            letters = letters.replace(_letters(text), "")
        if letters[:_COMPARED_LETTERS] not in stored:
            return False
    return True


async def _messages(session: AsyncSession, conversation_id: uuid.UUID) -> Sequence[Message]:
    """The latest messages, oldest first."""
    query = sa.select(Message).where(Message.conversation_id == conversation_id)
    found = (await session.scalars(query.order_by(Message.position.desc()).limit(_LONGEST))).all()
    return found[::-1]


def _is_ours(message: Message) -> bool:
    return message.author != "customer"


def _letters(text: str) -> str:
    """`text` without what clients change in it: spaces, marks, case."""
    return _NO_LETTERS.sub("", text).lower()
