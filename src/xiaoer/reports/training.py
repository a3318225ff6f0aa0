"""Rated dialogues as data for fine-tuning, with personal data masked: answers to imitate, and pairs to prefer from."""

import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from xiaoer.conversations.aids import Aid
from xiaoer.conversations.satisfaction import Satisfaction
from xiaoer.conversations.tables import Message
from xiaoer.privacy.masking import tagged

Shape = Literal["sft", "dpo"]
GOOD, BAD = 4, 2
"""Ratings of 5 from which an answer is imitated, and up to which it is avoided."""
CONTEXT = 10
"""Messages before an answer that are given with it."""
ROLES = {"customer": "user", "assistant": "assistant", "staff": "assistant"}
PAGE = 200


async def rows(session: AsyncSession, store_id: uuid.UUID, shape: Shape) -> AsyncIterator[dict[str, Any]]:
    """One JSON object a line: `{messages}` for SFT, `{prompt, chosen, rejected}` for DPO; oldest first."""
    wanted = _imitated(store_id) if shape == "sft" else _avoided(store_id)
    found = list(await session.scalars(wanted.order_by(Message.created_at, Message.id)))
    for answer in found:
        dialogue = await _before(session, answer)
        if not dialogue or dialogue[-1].author != "customer":
            continue
        better = answer if shape == "sft" else await _better(session, answer, dialogue[-1])
        if better is None or (shape == "dpo" and better.text == answer.text):
            continue
        numbers: dict[tuple[str, str], int] = {}
        prompt = [{"role": ROLES[each.author], "content": tagged(each.text, numbers)} for each in dialogue]
        if shape == "sft":
            yield {"messages": [*prompt, _said(tagged(better.text, numbers))]}
        else:
            chosen, rejected = (tagged(each.text, numbers) for each in (better, answer))
            yield {"prompt": prompt, "chosen": [_said(chosen)], "rejected": [_said(rejected)]}
    async for row in _suggested(session, store_id, shape):
        yield row


async def _suggested(session: AsyncSession, store_id: uuid.UUID, shape: Shape) -> AsyncIterator[dict[str, Any]]:
    """Replies suggested to staff: those they took are imitated, those they changed stand beside what they sent."""
    outcome = "accepted" if shape == "sft" else "edited"
    query = sa.select(Aid, Message).join(Message, Message.id == Aid.message_id)
    query = query.where(Aid.store_id == store_id, Aid.kind == "reply", Aid.outcome == outcome)
    for aid, question in (await session.execute(query.order_by(Aid.created_at))).all():
        numbers: dict[tuple[str, str], int] = {}
        dialogue = [*await _until(session, question, CONTEXT - 1), question]
        prompt = [{"role": ROLES[each.author], "content": tagged(each.text, numbers)} for each in dialogue]
        if shape == "sft":
            yield {"messages": [*prompt, _said(tagged(aid.text, numbers))]}
        else:
            chosen, rejected = tagged(aid.sent or "", numbers), tagged(aid.text, numbers)
            yield {"prompt": prompt, "chosen": [_said(chosen)], "rejected": [_said(rejected)]}


def _said(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


def _imitated(store_id: uuid.UUID) -> sa.Select[Message]:
    """Answers rated good, and what staff said in conversations that were judged good."""
    judged = sa.exists().where(
        Satisfaction.conversation_id == Message.conversation_id,
        Satisfaction.position >= Message.position,
        Satisfaction.score >= GOOD,
    )
    return sa.select(Message).where(
        Message.store_id == store_id,
        sa.or_(
            sa.and_(Message.author == "assistant", Message.feedback_score >= GOOD),
            sa.and_(Message.author == "staff", judged),
        ),
    )


def _avoided(store_id: uuid.UUID) -> sa.Select[Message]:
    return sa.select(Message).where(
        Message.store_id == store_id,
        Message.author == "assistant",
        Message.feedback_score <= BAD,
        Message.answers.is_not(None),
    )


async def _before(session: AsyncSession, answer: Message) -> Sequence[Message]:
    """What was said before an answer, oldest first; an answer of the assistant follows its question."""
    said = await _until(session, answer, CONTEXT)
    if answer.answers is None:
        return said
    asked = next((n for n, each in enumerate(said) if each.id == answer.answers), None)
    return [] if asked is None else said[: asked + 1]


async def _until(session: AsyncSession, message: Message, most: int) -> list[Message]:
    """The last of what was said before a message, oldest first."""
    query = sa.select(Message).where(
        Message.conversation_id == message.conversation_id,
        Message.position < message.position,
        Message.author.in_(tuple(ROLES)),
    )
    return list(reversed((await session.scalars(query.order_by(Message.position.desc()).limit(most))).all()))


async def _better(session: AsyncSession, answer: Message, question: Message) -> Message | None:
    """What should have been said: a person's next word in the conversation, else a good answer to the same words."""
    person = await session.scalar(
        sa.select(Message)
        .where(
            Message.conversation_id == answer.conversation_id,
            Message.position > answer.position,
            Message.author == "staff",
        )
        .order_by(Message.position)
        .limit(1)
    )
    if person is not None:
        return person
    same = aliased(Message)
    return await session.scalar(
        sa.select(Message)
        .join(same, same.id == Message.answers)
        .where(
            Message.store_id == answer.store_id,
            Message.author == "assistant",
            Message.feedback_score >= GOOD,
            sa.func.lower(same.text) == question.text.lower(),
        )
        .order_by(Message.created_at.desc())
        .limit(1)
    )
