"""How the desk did over some days: what was answered how, how fast, and what nobody could answer.

Days are those of the shop's time zone. Times are in milliseconds, waits in seconds; P50 and P95 are interpolated
percentiles. Every figure is one statement over the messages of the days asked for.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from xiaoer.conversations.tables import Message

GOOD_RATING = 3
MOST_QUESTIONS = 20
Pair = tuple[float | None, float | None]
"""P50 and P95; none without any value."""


@dataclass(frozen=True)
class Figures:
    """Everything the figures page shows; `by_day` has every day, also those on which nothing happened."""

    by_day: Mapping[date, Mapping[str, int]]
    routes: Mapping[str, int]
    conversations: int
    alone: int
    reasons: Mapping[str, int]
    first_text_ms: Pair
    answer_ms: Pair
    wait_seconds: Pair
    helpful: int
    unhelpful: int
    unanswered: tuple[tuple[str, int], ...]

    @property
    def answers(self) -> int:
        return sum(self.routes.values())


async def figures(session: AsyncSession, store_id: uuid.UUID, *, timezone: str, days: int, at: datetime) -> Figures:
    """The figures of the last `days` days, today included."""
    zone = _zone(timezone)
    today = at.astimezone(zone).date()
    first = today - timedelta(days=days - 1)
    begin = datetime.combine(first, time(), zone)
    in_time = sa.and_(Message.store_id == store_id, Message.created_at >= begin)
    answers = sa.and_(in_time, Message.author == "assistant", Message.route.is_not(None))
    counted: dict[date, dict[str, int]] = {first + timedelta(days=n): {} for n in range(days)}
    routes: dict[str, int] = {}
    day = sa.cast(sa.func.timezone(zone.key, Message.created_at), sa.Date)
    for on, route, count in await session.execute(
        sa.select(day, Message.route, sa.func.count()).where(answers).group_by(day, Message.route)
    ):
        name = str(route)
        counted.setdefault(on, {})[name] = count
        routes[name] = routes.get(name, 0) + count
    conversations, alone = await _alone(session, in_time)
    first_text, answer = await _times(session, answers)
    ratings = sa.select(
        sa.func.count().filter(Message.feedback_score >= GOOD_RATING),
        sa.func.count().filter(Message.feedback_score < GOOD_RATING),
    ).where(in_time, Message.feedback_score.is_not(None))
    helpful, unhelpful = (await session.execute(ratings)).one()
    return Figures(
        by_day=counted,
        routes=dict(sorted(routes.items(), key=lambda each: -each[1])),
        conversations=conversations,
        alone=alone,
        reasons=await _reasons(session, in_time),
        first_text_ms=first_text,
        answer_ms=answer,
        wait_seconds=await _waits(session, in_time),
        helpful=helpful,
        unhelpful=unhelpful,
        unanswered=await _unanswered(session, answers),
    )


def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


async def _alone(session: AsyncSession, in_time: sa.ColumnElement[bool]) -> tuple[int, int]:
    """Conversations with an answer of the assistant, and those of them in which no person was needed."""
    helped = sa.func.bool_or(sa.or_(Message.author == "staff", sa.func.coalesce(Message.outcome, "") == "handoff"))
    each = (
        sa.select(sa.not_(helped).label("alone"))
        .where(in_time)
        .group_by(Message.conversation_id)
        .having(sa.func.bool_or(Message.author == "assistant"))
        .subquery()
    )
    query = sa.select(sa.func.count(), sa.func.count().filter(each.c.alone)).select_from(each)
    whole, alone = (await session.execute(query)).one()
    return whole, alone


async def _reasons(session: AsyncSession, in_time: sa.ColumnElement[bool]) -> dict[str, int]:
    reason = sa.func.coalesce(Message.evidence["reason"].astext, "asked")
    query = sa.select(reason, sa.func.count()).where(in_time, Message.outcome == "handoff").group_by(reason)
    found = {row[0]: row[1] for row in await session.execute(query)}
    return dict(sorted(found.items(), key=lambda each: -each[1]))


async def _times(session: AsyncSession, answers: sa.ColumnElement[bool]) -> tuple[Pair, Pair]:
    timings = Message.evidence["timings_ms"]
    whole = sa.cast(timings["total"].astext, sa.Float)
    first = sa.func.coalesce(sa.cast(timings["first_text"].astext, sa.Float), whole)
    row = (await session.execute(sa.select(*_percentiles(first), *_percentiles(whole)).where(answers))).one()
    return (row[0], row[1]), (row[2], row[3])


async def _waits(session: AsyncSession, in_time: sa.ColumnElement[bool]) -> Pair:
    """Seconds from a hand-over to the first word of a person."""
    later = aliased(Message)
    came = (
        sa.select(sa.func.min(later.created_at))
        .where(
            later.conversation_id == Message.conversation_id,
            later.author == "staff",
            later.position > Message.position,
        )
        .scalar_subquery()
    )
    waited = sa.extract("epoch", came - Message.created_at)
    each = sa.select(waited.label("seconds")).where(in_time, Message.outcome == "handoff").subquery()
    p50, p95 = (await session.execute(sa.select(*_percentiles(each.c.seconds)))).one()
    return p50, p95


async def _unanswered(session: AsyncSession, answers: sa.ColumnElement[bool]) -> tuple[tuple[str, int], ...]:
    """What was asked when nothing backed an answer, the most frequent first."""
    question = aliased(Message)
    text = sa.func.lower(sa.func.btrim(question.text, " \n\t?？!！。."))
    query = (
        sa.select(sa.func.min(question.text), sa.func.count())
        .select_from(Message)
        .join(question, question.id == Message.answers)
        .where(answers, Message.route == "refuse")
        .group_by(text)
        .order_by(sa.func.count().desc(), sa.func.max(Message.created_at).desc())
        .limit(MOST_QUESTIONS)
    )
    return tuple((asked, count) for asked, count in await session.execute(query))


def _percentiles(value: sa.ColumnElement[float]) -> tuple[sa.ColumnElement[float], sa.ColumnElement[float]]:
    return (
        sa.func.percentile_cont(0.5).within_group(value),
        sa.func.percentile_cont(0.95).within_group(value),
    )
