"""From a figure to the conversations behind it, and unanswered questions gathered by what they mean."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.conversations.tables import Conversation, Message
from xiaoer.knowledge.embedding import Embedder
from xiaoer.reports.figures import Span
from xiaoer.reports.visits import Visit

By = Literal["day", "hour", "route", "language", "topic", "channel", "reason", "why", "score", "unhelpful"]
SHOWN = 100
GATHERED = 300
ALIKE = 0.90
"""Cosine from which two short questions are put together; below, e5 puts everything together."""


@dataclass(frozen=True)
class Found:
    """A conversation behind a figure."""

    conversation_id: uuid.UUID
    at: datetime
    text: str


@dataclass(frozen=True)
class Group:
    """Questions that mean about the same; `text` is the one asked most."""

    text: str
    count: int
    others: tuple[str, ...]


async def conversations(session: AsyncSession, span: Span, by: By, value: str) -> list[Found]:
    """The newest conversations that a bar or row of the figures counts."""
    if by in ("reason", "why", "channel", "score"):
        column = {"reason": Visit.reason, "why": Visit.why, "channel": Visit.channel, "score": Visit.score}[by]
        wanted = sa.cast(column, sa.Text) == value
        behind = sa.select(Visit.conversation_id.label("id"), sa.func.max(Visit.begins_at).label("at")).where(
            Visit.store_id == span.store_id, Visit.begins_at >= span.begins, wanted
        )
        behind = behind.group_by(Visit.conversation_id)
    else:
        behind = sa.select(Message.conversation_id.label("id"), sa.func.max(Message.created_at).label("at")).where(
            Message.store_id == span.store_id, Message.created_at >= span.begins, Message.author == "assistant",
            Message.route.is_not(None), _is(span, by, value),
        ).group_by(Message.conversation_id)  # fmt: skip
    newest = behind.order_by(sa.desc("at")).limit(SHOWN).subquery()
    said = (
        sa.select(sa.func.left(Message.text, 160))
        .where(Message.conversation_id == newest.c.id, Message.author == "customer", Message.created_at <= newest.c.at)
        .order_by(Message.position.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = sa.select(newest.c.id, newest.c.at, said).join(Conversation, Conversation.id == newest.c.id)
    query = query.where(Conversation.store_id == span.store_id).order_by(newest.c.at.desc())
    return [Found(row[0], row[1], row[2] or "") for row in await session.execute(query)]


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
