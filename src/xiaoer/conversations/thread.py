"""The thread of a conversation: its messages in order, each stored once, and what is still owed."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.conversations import cached
from xiaoer.conversations.tables import Author, Conversation, Message, Outcome
from xiaoer.customers import Customer
from xiaoer.db.record import now
from xiaoer.errors import Conflict, Invalid, NotFound
from xiaoer.patterns import lazy
from xiaoer.stores import digest

LONGEST_MESSAGE = 4000
POOR = 2
"""Of 5: an answer rated so is not given to others."""
CONTROL = lazy(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
SURROGATES = lazy(r"[\ud800-\udfff]")


class UnknownConversation(NotFound):
    """No such conversation, or not the caller's."""


class UnknownMessage(NotFound):
    """No such message, or not the caller's."""


class EmptyMessage(Invalid):
    """Nothing readable was sent."""


class MessageTooLong(Invalid):
    """More than a message may hold."""


class AnswerNotOwed(Conflict):
    """The answer was given already, or staff took over in the meantime."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """How a turn ended, as it is stored and told."""

    text: str
    language: str
    outcome: Outcome = "done"
    route: str = "model"
    sources: tuple[dict[str, Any], ...] = ()
    suggestions: tuple[str, ...] = ()
    nearest: tuple[dict[str, str], ...] = ()
    """Sections of the shop's texts that are offered to be read, as {passage_id, title}; suggestions have the titles."""
    choices: tuple[str, ...] = ()
    """What the customer is asked to choose from; suggestions too."""
    confidence: float = 0.0
    evidence: dict[str, Any] = field(default_factory=dict)
    question_key: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class OnPage:
    """On which product's page the customer is; None: on no product's."""

    product: str | None


def cleaned(text: str) -> str:
    """The text as stored: no control characters, no surrounding space; raises `Invalid` kinds."""
    text = SURROGATES.sub("", CONTROL.sub("", text)).strip()
    if not text:
        raise EmptyMessage("The message is empty. Please write what you would like to know.")
    if len(text) > LONGEST_MESSAGE:
        message = f"The message has {len(text):,} characters; at most {LONGEST_MESSAGE:,} are read. Please shorten it."
        raise MessageTooLong(message)
    return text


async def start(
    session: AsyncSession,
    *,
    store_id: uuid.UUID,
    customer_id: uuid.UUID,
    locale: str | None,
    channel: str = "web",
    page: OnPage | None = None,
) -> tuple[Conversation, str]:
    """Open a conversation; returns it and the token that alone lets its customer in."""
    token = "ct_" + secrets.token_urlsafe(24)
    conversation = Conversation(
        store_id=store_id,
        customer_id=customer_id,
        locale=locale,
        channel=channel,
        token_digest=digest(token),
        product_page=page.product if page else None,
    )
    session.add(conversation)
    await session.flush()  # the caller tells the customer its id
    return conversation, token


async def discard(session: AsyncSession, conversation_id: uuid.UUID) -> None:
    """Remove a conversation that was no customer's, with all that was said in it."""
    gone = sa.delete(Conversation).where(Conversation.id == conversation_id).returning(Conversation.customer_id)
    await session.execute(sa.delete(Customer).where(Customer.id == await session.scalar(gone)))


async def of_channel(
    session: AsyncSession, store_id: uuid.UUID, channel: str, *, before: datetime
) -> Sequence[uuid.UUID]:
    """The store's conversations of a channel that were opened before a moment."""
    query = sa.select(Conversation.id).where(Conversation.store_id == store_id, Conversation.channel == channel)
    return (await session.scalars(query.where(Conversation.created_at < before))).all()


async def by_token(session: AsyncSession, token: str) -> Conversation | None:
    return await session.scalar(sa.select(Conversation).where(Conversation.token_digest == digest(token)))


async def by_id(session: AsyncSession, conversation_id: uuid.UUID, *, store_id: uuid.UUID) -> Conversation:
    """The store's conversation of that id."""
    query = sa.select(Conversation).where(Conversation.id == conversation_id, Conversation.store_id == store_id)
    found = await session.scalar(query)
    if found is None:
        raise UnknownConversation("This conversation does not exist.")
    return found


async def say(
    session: AsyncSession,
    conversation_id: uuid.UUID,
    text: str,
    *,
    idempotency_key: str | None = None,
    page: OnPage | None = None,
) -> tuple[Message, bool]:
    """Store what the customer said; returns the message and whether it is new.

    The same key again is the same message, whatever its text. `page` is where the customer is; None: where they were
    with the message before. Raises `EmptyMessage`, `MessageTooLong`.
    """
    text = cleaned(text)
    conversation = await locked(session, conversation_id)
    if (earlier := await _said(session, conversation_id, idempotency_key)) is not None:
        return earlier, False
    conversation.closed_at = conversation.snoozed_until = None  # who writes again is heard again
    message = _next(conversation, "customer", text)
    message.answer_state = "owed" if conversation.owner == "assistant" else "staff"
    message.idempotency_key = idempotency_key
    if page is not None:
        conversation.product_page = page.product
    message.evidence = {"page": conversation.product_page} if conversation.product_page else {}
    conversation.seen_position = message.position  # who goes on has seen what was said
    session.add(message)
    await session.flush()
    return message, True


async def recall(
    session: AsyncSession, conversation_id: uuid.UUID, said: Sequence[tuple[Literal["customer", "assistant"], str]]
) -> None:
    """Store what was said elsewhere before, such as in the client of another front end; nothing of it is owed."""
    conversation = await locked(session, conversation_id)
    for author, text in said:
        message = _next(conversation, author, CONTROL.sub("", text)[:LONGEST_MESSAGE])
        message.answer_state = "answered" if author == "customer" else None
        session.add(message)


async def post(
    session: AsyncSession,
    conversation_id: uuid.UUID,
    author: Author,
    text: str,
    *,
    author_name: str | None = None,
    idempotency_key: str | None = None,
) -> Message:
    """Store a message of staff or of the system; the same key again is the same message."""
    conversation = await locked(session, conversation_id)
    if (earlier := await _said(session, conversation_id, idempotency_key)) is not None:
        return earlier
    message = _next(conversation, author, cleaned(text))
    message.author_name = author_name
    message.idempotency_key = idempotency_key
    session.add(message)
    await session.flush()
    return message


async def answer(session: AsyncSession, question: Message, given: Answer) -> Message:
    """Store the answer to a customer's message, once; raises `AnswerNotOwed` when it is not wanted any more."""
    conversation = await locked(session, question.conversation_id)
    claim = (
        sa.update(Message)
        .where(Message.id == question.id, Message.answer_state == "owed")
        .values(answer_state="answered")
        .returning(Message.id)
    )
    if conversation.owner != "assistant" or (await session.scalar(claim)) is None:
        raise AnswerNotOwed("Somebody else has answered this message.")
    conversation.language = given.language
    message = _next(conversation, "assistant", given.text)
    message.answers = question.id
    message.language = given.language
    message.outcome = given.outcome
    message.route = given.route
    message.sources = list(given.sources)
    message.suggestions = list(given.suggestions)
    message.confidence = given.confidence
    offered = {"nearest": list(given.nearest), "choices": list(given.choices)}
    message.evidence = given.evidence | {name: each for name, each in offered.items() if each}
    message.question_key = given.question_key
    session.add(message)
    await session.flush()
    return message


async def messages(
    session: AsyncSession, conversation_id: uuid.UUID, *, after: int = 0, limit: int = 200
) -> Sequence[Message]:
    """The messages after a position, oldest first."""
    query = sa.select(Message).where(Message.conversation_id == conversation_id, Message.position > after)
    return (await session.scalars(query.order_by(Message.position).limit(limit))).all()


async def before(session: AsyncSession, question: Message, *, limit: int = 12) -> list[Message]:
    """What was said before a message, oldest first, at most `limit` messages."""
    query = sa.select(Message).where(
        Message.conversation_id == question.conversation_id, Message.position < question.position
    )
    return list(reversed((await session.scalars(query.order_by(Message.position.desc()).limit(limit))).all()))


async def answer_to(session: AsyncSession, question_id: uuid.UUID) -> Message | None:
    return await session.scalar(sa.select(Message).where(Message.answers == question_id))


async def owed(session: AsyncSession) -> list[uuid.UUID]:
    """The conversations where the assistant owes an answer and nobody is at it."""
    query = (
        sa.select(Message.conversation_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.answer_state == "owed", _free())
        .distinct()
    )
    return list(await session.scalars(query))


async def seen(session: AsyncSession, conversation_id: uuid.UUID, position: int) -> bool:
    """The customer has seen what was said up to a position, as far as there is something; False if that is not new."""
    upto = sa.func.least(position, Conversation.last_position)
    statement = (
        sa.update(Conversation)
        .where(Conversation.id == conversation_id, Conversation.seen_position < upto)
        .values(seen_position=upto)
    )
    return await session.scalar(statement.returning(Conversation.id)) is not None


async def unseen(session: AsyncSession, conversation: Conversation) -> Sequence[Message]:
    """What staff said that the customer has not seen and was not told otherwise, oldest first."""
    after = max(conversation.seen_position, conversation.told_position)
    found = await messages(session, conversation.id, after=after)
    return [each for each in found if each.author == "staff"]


async def take_lease(session: AsyncSession, conversation_id: uuid.UUID, holder: uuid.UUID, seconds: float) -> bool:
    """Take, or prolong, the right to run this conversation's one turn."""
    statement = (
        sa.update(Conversation)
        .where(Conversation.id == conversation_id, sa.or_(_free(), Conversation.lease_holder == holder))
        .values(lease_holder=holder, lease_until=now() + timedelta(seconds=seconds))
        .returning(Conversation.id)
    )
    return (await session.scalar(statement)) is not None


async def release_lease(session: AsyncSession, conversation_id: uuid.UUID, holder: uuid.UUID) -> None:
    await session.execute(
        sa.update(Conversation)
        .where(Conversation.id == conversation_id, Conversation.lease_holder == holder)
        .values(lease_holder=None, lease_until=None)
    )


async def next_owed(session: AsyncSession, conversation_id: uuid.UUID) -> Message | None:
    """The oldest message of the conversation that the assistant still owes an answer."""
    query = sa.select(Message).where(Message.conversation_id == conversation_id, Message.answer_state == "owed")
    return await session.scalar(query.order_by(Message.position).limit(1))


async def earlier_topics(session: AsyncSession, conversation: Conversation, *, since: datetime) -> list[str]:
    """What the customer's other conversations since a moment were about, one entry for each and its matter."""
    query = (
        sa.select(Message.topic)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Conversation.store_id == conversation.store_id,
            Conversation.customer_id == conversation.customer_id,
            Conversation.id != conversation.id,
            Message.created_at >= since,
            Message.topic.is_not(None),
        )
        .group_by(Conversation.id, Message.topic)
    )
    return [topic for topic in await session.scalars(query) if topic]


async def staff_spoke(session: AsyncSession, store_id: uuid.UUID, *, since: datetime) -> bool:
    """Whether staff of the store have written to any customer since a moment."""
    spoke = sa.exists().where(Message.store_id == store_id, Message.author == "staff", Message.created_at > since)
    return bool(await session.scalar(sa.select(spoke)))


async def rate(
    session: AsyncSession, message_id: uuid.UUID, *, conversation_id: uuid.UUID, score: int, comment: str | None
) -> None:
    """Keep the customer's rating, 1 (worst) to 5, of an answer in their conversation."""
    statement = (
        sa.update(Message)
        .where(Message.id == message_id, Message.conversation_id == conversation_id, Message.author != "customer")
        .values(feedback_score=score, feedback_comment=CONTROL.sub("", comment)[:2000] if comment else None)
        .returning(Message.id)
    )
    if (await session.scalar(statement)) is None:
        raise UnknownMessage("There is no such answer in this conversation.")
    if score <= POOR:
        await cached.drop_answer_of(session, message_id)


async def _said(session: AsyncSession, conversation_id: uuid.UUID, idempotency_key: str | None) -> Message | None:
    if idempotency_key is None:
        return None
    query = sa.select(Message).where(
        Message.conversation_id == conversation_id, Message.idempotency_key == idempotency_key
    )
    return await session.scalar(query)


def _next(conversation: Conversation, author: Author, text: str) -> Message:
    conversation.last_position += 1
    return Message(
        store_id=conversation.store_id,
        conversation_id=conversation.id,
        position=conversation.last_position,
        author=author,
        text=text,
    )


async def locked(session: AsyncSession, conversation_id: uuid.UUID) -> Conversation:
    """The conversation, with its row locked until the transaction ends."""
    query = sa.select(Conversation).where(Conversation.id == conversation_id).with_for_update()
    conversation = await session.scalar(query.execution_options(populate_existing=True))
    if conversation is None:
        raise UnknownConversation("This conversation does not exist.")
    return conversation


def _free() -> sa.ColumnElement[bool]:
    return sa.or_(Conversation.lease_until.is_(None), Conversation.lease_until < now())
