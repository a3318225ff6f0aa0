"""From a figure to the conversations behind it, and unanswered questions gathered by what they mean."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.conversations.satisfaction import Satisfaction
from xiaoer.conversations.tables import Conversation, Message
from xiaoer.knowledge.embedding import Embedder
from xiaoer.reports.figures import VISITS, Span, bounds

By = Literal["day", "hour", "route", "language", "topic", "channel", "reason", "why", "score", "unhelpful"]
IN_VISITS = {"reason": "reason", "channel": "channel", "why": "NOT open AND why"}
"""What of a visit is compared; a verdict counts when it is final."""
SHOWN = 100
GATHERED = 120
ALIKE = 0.90
"""Cosine from which two short questions are put together; below, e5 puts everything together."""


@dataclass(frozen=True)
class Found:
    """A conversation behind a figure: when, what its customer wrote last, and why they judged as they did."""

    conversation_id: uuid.UUID
    at: datetime
    text: str
    reason: str = ""


@dataclass(frozen=True)
class Group:
    """Questions that mean about the same; `text` is the one asked most."""

    text: str
    count: int
    others: tuple[str, ...]


async def conversations(session: AsyncSession, span: Span, by: By, value: str) -> list[Found]:
    """The newest conversations that a bar or row of the figures counts."""
    if by == "score":
        return await _judged(session, span, value)
    if by in IN_VISITS:
        return await _visited(session, span, IN_VISITS[by], value)
    behind = sa.select(Message.conversation_id.label("id"), sa.func.max(Message.created_at).label("at")).where(
        Message.store_id == span.store_id, Message.created_at >= span.begins, Message.author == "assistant",
        Message.route.is_not(None), _is(span, by, value),
    ).group_by(Message.conversation_id)  # fmt: skip
    newest = behind.order_by(sa.desc("at")).limit(SHOWN).subquery()
    query = sa.select(newest.c.id, newest.c.at, _last_words(newest.c.id, newest.c.at))
    query = query.join(Conversation, Conversation.id == newest.c.id).where(Conversation.store_id == span.store_id)
    return [Found(row[0], row[1], row[2] or "") for row in await session.execute(query.order_by(newest.c.at.desc()))]


async def _visited(session: AsyncSession, span: Span, condition: str, value: str) -> list[Found]:
    """By what is known of visits: the same rows that are counted."""
    query = f"""
        SELECT conversation_id, max(begins_at) FROM ({VISITS}) counted WHERE {condition} = :value
        GROUP BY 1 ORDER BY 2 DESC LIMIT {SHOWN}
    """  # noqa: S608 -- constants
    newest = (await session.execute(sa.text(query), {**bounds(span), "value": value})).all()
    asked = sa.select(Message.conversation_id, sa.func.left(Message.text, 160)).where(
        Message.conversation_id.in_([row[0] for row in newest]), Message.author == "customer"
    )
    once = asked.ext(distinct_on(Message.conversation_id)).order_by(Message.conversation_id, Message.position.desc())
    said = {row[0]: row[1] for row in await session.execute(once)}
    return [Found(row[0], row[1], said.get(row[0], "")) for row in newest]


async def _judged(session: AsyncSession, span: Span, value: str) -> list[Found]:
    """By the customers' judgement, with the reason they gave."""
    given = Satisfaction
    query = (
        sa.select(
            given.conversation_id, given.created_at, _last_words(given.conversation_id, given.created_at), given.reason
        )
        .where(given.store_id == span.store_id, given.created_at >= span.begins)
        .where(sa.cast(given.score, sa.Text) == value)
        .order_by(given.created_at.desc())
        .limit(SHOWN)
    )
    return [Found(row[0], row[1], row[2] or "", row[3] or "") for row in await session.execute(query)]


def _last_words(conversation: Any, at: Any) -> sa.ScalarSelect[str]:
    """What the customer had written last at that moment."""
    return (
        sa.select(sa.func.left(Message.text, 160))
        .where(Message.conversation_id == conversation, Message.author == "customer", Message.created_at <= at)
        .order_by(Message.position.desc())
        .limit(1)
        .scalar_subquery()
    )


def _is(span: Span, by: By, value: str) -> sa.ColumnElement[bool]:
    local = sa.func.timezone(span.zone, Message.created_at)
    match by:
        case "day":
            return sa.cast(sa.cast(local, sa.Date), sa.Text) == value
        case "hour":
            return sa.cast(sa.cast(sa.func.date_part("hour", local), sa.Integer), sa.Text) == value
        case "route":
            return Message.route == value
        case "language":
            return sa.func.coalesce(Message.language, "") == value
        case "unhelpful":
            return Message.feedback_score < 3  # noqa: PLR2004  # of 5
        case _:
            return sa.func.coalesce(Message.topic, "other") == value


async def gathered(embedder: Embedder, questions: Sequence[tuple[str, int]]) -> list[Group]:
    """Questions with their counts, put together by meaning, the most frequent first."""
    known = sorted(questions, key=lambda each: -each[1])[:GATHERED]
    if not known:
        return []
    vectors = await embedder.passages([text for text, _ in known])
    groups: list[list[int]] = []
    for at in range(len(known)):
        near = max(range(len(groups)), key=lambda n: float(vectors[groups[n][0]] @ vectors[at]), default=None)
        if near is not None and float(vectors[groups[near][0]] @ vectors[at]) >= ALIKE:
            groups[near].append(at)
        else:
            groups.append([at])
    made = [
        Group(known[group[0]][0], sum(known[at][1] for at in group), tuple(known[at][0] for at in group[1:]))
        for group in groups
    ]
    return sorted(made, key=lambda group: -group.count)
