"""How the desk did over some days: what was answered how, how fast, how matters ended, and what it cost.

Days and hours are those of the shop's time zone. Times are in milliseconds, waits in seconds; P50 and P95 are
interpolated percentiles. Answers are read from an index that holds all that is counted, matters from the final verdicts
in `visits` and, for the last three days, from those that are not final yet. All are asked at once, each over a
connection of its own.
"""

import asyncio
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from xiaoer.conversations.satisfaction import Satisfaction
from xiaoer.conversations.tables import Message
from xiaoer.db.database import Sessions
from xiaoer.reports.visits import FOUND, LONGEST_VISIT, SETTLED_AFTER
from xiaoer.staff.hours import zone_of

GOOD_RATING = 3
MOST_QUESTIONS = 20
NEWEST_QUESTIONS = 3_000
NEWEST_REFUSALS = 1_000
"""So many of the newest are looked at for the lists of questions, which bounds their cost."""
FRESH = f"""
    SELECT conversation_id, begins_at, alone, reason, channel, why, resolved, first_contact, wait_seconds,
        staff_seconds, ends_at >= :settled AS open
    FROM ({FOUND}) fresh WHERE begins_at >= :begins AND NOT EXISTS (SELECT FROM visits v
        WHERE v.conversation_id = fresh.conversation_id AND v.position = fresh.position)
"""  # noqa: S608 -- constants
"""Visits of the last days that have no final verdict, as they stand."""
VISITS = f"""
    SELECT conversation_id, begins_at, alone, reason, channel, why, resolved, first_contact, wait_seconds,
        staff_seconds, false AS open
    FROM visits WHERE store_id = :store AND begins_at >= :begins
    UNION ALL
    {FRESH}
"""  # noqa: S608 -- constants
"""Visits with a final verdict, and those of the last days as they stand; takes the values of `bounds`."""
SETTINGS = "SELECT set_config('jit', 'off', true), set_config('work_mem', '64MB', true)"
"""For these questions alone: groups of a year fit in memory, and compiling them takes longer than answering."""
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
Pair = tuple[float | None, float | None]
"""P50 and P95; none without any value."""


@dataclass
class Answers:
    """What the assistant's answers say; `by_day` has every day, also those on which nothing happened."""

    by_day: dict[date, dict[str, int]]
    by_hour: dict[int, int]
    routes: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)
    topics: Mapping[str, int] = field(default_factory=dict)
    first_text_ms: Pair = (None, None)
    answer_ms: Pair = (None, None)
    helpful: int = 0
    unhelpful: int = 0
    withheld: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass
class Matters:
    """How visits ended. `open` are those whose 72 hours are not over: they count neither way."""

    visits: int = 0
    alone: int = 0
    open: int = 0
    resolved: int = 0
    first_contact: int = 0
    whys: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    channels: Mapping[str, int] = field(default_factory=dict)
    wait_seconds: Pair = (None, None)
    staff_seconds: float = 0.0

    @property
    def settled(self) -> int:
        return self.visits - self.open

    @property
    def reopened(self) -> int:
        return self.whys.get("came_back", 0)


@dataclass(frozen=True)
class Figures:
    """Everything the figures page shows."""

    answers: Answers
    matters: Matters
    scores: Mapping[int, int]
    asked: tuple[tuple[str, int], ...]
    unanswered: tuple[tuple[str, int], ...]

    @property
    def count(self) -> int:
        return sum(self.answers.routes.values())


@dataclass(frozen=True)
class Span:
    """The days that are looked at, and the moment they are looked at from."""

    store_id: uuid.UUID
    zone: str
    first: date
    days: int
    begins: datetime
    at: datetime


def span_of(store_id: uuid.UUID, *, timezone: str, days: int, at: datetime) -> Span:
    """The last `days` days, today included."""
    zone = zone_of(timezone)
    first = at.astimezone(zone).date() - timedelta(days=days - 1)
    return Span(store_id, zone.key, first, days, datetime.combine(first, time(), zone), at)


def bounds(span: Span) -> dict[str, Any]:
    """What `VISITS` asks for."""
    unsettled = max(span.begins, span.at - SETTLED_AFTER - LONGEST_VISIT)
    return {
        "store": span.store_id,
        "begins": span.begins,
        "since": unsettled,
        "until": span.at + timedelta(days=1),
        "settled": span.at - SETTLED_AFTER,
    }


async def unanswered(session: AsyncSession, span: Span, *, limit: int) -> tuple[tuple[str, int], ...]:
    """Questions that nothing backed an answer to, among the newest refusals, the most frequent first."""
    return await _most(session, _refusals(span), limit)


async def figures(sessions: Sessions, store_id: uuid.UUID, *, timezone: str, days: int, at: datetime) -> Figures:
    """The figures of the last `days` days, today included."""
    span = span_of(store_id, timezone=timezone, days=days, at=at)

    async def ask(question: Callable[[AsyncSession, Span], Awaitable[Any]]) -> Any:
        async with sessions() as session:
            await session.execute(sa.text(SETTINGS))
            return await question(session, span)

    questions = (_answers, _hours, _times, _matters, _lists)
    answers, hours, times, matters, lists = await asyncio.gather(*(ask(question) for question in questions))
    answers.by_hour = hours
    answers.first_text_ms, answers.answer_ms = times
    scores, asked, unanswered = lists
    return Figures(answers, matters, scores, asked, unanswered)


def _of_assistant(span: Span) -> sa.ColumnElement[bool]:
    return sa.and_(
        Message.store_id == span.store_id,
        Message.created_at >= span.begins,
        Message.author == "assistant",
        Message.route.is_not(None),
    )


async def _answers(session: AsyncSession, span: Span) -> Answers:
    """Everything that is counted but the hours: each day is read from the index for itself, already in order."""
    kinds: dict[str, sa.ColumnElement[str | None]] = {
        "route": sa.cast(Message.route, sa.Text),
        "language": sa.func.coalesce(Message.language, ""),
        "topic": sa.func.coalesce(Message.topic, "other"),
    }
    score = Message.feedback_score
    summed = (Message.withheld, Message.prompt_tokens, Message.completion_tokens)
    measures: list[sa.ColumnElement[Any]] = [
        sa.func.count(),
        sa.func.count().filter(score >= GOOD_RATING),
        sa.func.count(score),
        *(sa.func.sum(one) for one in summed),
    ]
    on_day = _days(span)
    read = (
        sa.select(
            *(kind.label(name) for name, kind in kinds.items()),
            *(one.label(f"n{at}") for at, one in enumerate(measures)),
        )
        .where(_of_assistant(span), Message.created_at >= on_day.c.begins, Message.created_at < on_day.c.ends)
        .group_by(*kinds.values())
        .lateral()
    )
    days = sa.select(on_day.c.day, read).select_from(on_day).join(read, sa.true()).subquery().c
    sets = sa.func.grouping_sets(
        sa.tuple_(days.day, days.route), sa.tuple_(days.language), sa.tuple_(days.topic), sa.text("()")
    )
    whole = [sa.cast(sa.func.coalesce(sa.func.sum(days[f"n{at}"]), 0), sa.BigInteger) for at in range(6)]
    found = Answers({span.first + timedelta(days=n): {} for n in range(span.days)}, {})
    routes, languages, topics = Counter[str](), Counter[str](), Counter[str]()
    query = sa.select(days.day, days.route, days.language, days.topic, *whole).group_by(sets)
    for row in await session.execute(query):
        on, route, language, topic, count = row[:5]
        if on is not None:
            found.by_day.setdefault(on, {})[route] = count
            routes[route] += count
        elif language is not None:
            languages[language] = count
        elif topic is not None:
            topics[topic] = count
        else:
            found.helpful, found.unhelpful = row[5], row[6] - row[5]
            found.withheld, found.prompt_tokens, found.completion_tokens = row[7:]
    found.routes, found.languages, found.topics = _sorted(routes), _sorted(languages), _sorted(topics)
    return found


def _days(span: Span) -> sa.TableValuedAlias:
    """The days with their bounds, each a table row; the last one has no end."""
    each = [span.first + timedelta(days=n) for n in range(span.days)]
    begins = [datetime.combine(day, time(), zone_of(span.zone)) for day in each]
    moments = sa.ARRAY(sa.DateTime(timezone=True))
    return (
        sa.func.unnest(
            sa.literal(each, sa.ARRAY(sa.Date)),
            sa.literal(begins, moments),
            sa.literal([*begins[1:], NEVER], moments),
        )
        .table_valued("day", "begins", "ends")
        .render_derived()
    )


async def _hours(session: AsyncSession, span: Span) -> dict[int, int]:
    """Answers by hour of the day."""
    hour = sa.func.date_part("hour", sa.func.timezone(span.zone, Message.created_at)).label("hour")
    each = sa.select(hour).where(_of_assistant(span)).subquery().c
    rows = await session.execute(sa.select(each.hour, sa.func.count()).group_by(each.hour))
    return dict.fromkeys(range(24), 0) | {int(at): count for at, count in rows}


async def _times(session: AsyncSession, span: Span) -> tuple[Pair, Pair]:
    first = sa.func.coalesce(Message.first_ms, Message.total_ms)
    query = sa.select(_percentiles(first), _percentiles(Message.total_ms)).where(_of_assistant(span))
    found = (await session.execute(query)).one()
    return _pair(found[0]), _pair(found[1])


async def _matters(session: AsyncSession, span: Span) -> Matters:
    """Final verdicts, and those of the last days as they stand, counted apart: no copy is made of a year."""
    query = f"""
        WITH fresh AS MATERIALIZED ({FRESH})
        SELECT alone, reason, channel, why, false, count(*), count(*) FILTER (WHERE resolved),
            count(*) FILTER (WHERE first_contact), sum(staff_seconds), NULL::float8[]
        FROM visits WHERE store_id = :store AND begins_at >= :begins GROUP BY 1, 2, 3, 4
        UNION ALL
        SELECT alone, reason, channel, why, open, count(*), count(*) FILTER (WHERE resolved AND NOT open),
            count(*) FILTER (WHERE first_contact AND NOT open), sum(staff_seconds), NULL::float8[]
        FROM fresh GROUP BY 1, 2, 3, 4, 5
        UNION ALL
        SELECT NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0,
            percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY wait_seconds) FROM (
                SELECT wait_seconds FROM visits
                WHERE store_id = :store AND begins_at >= :begins AND wait_seconds IS NOT NULL
                UNION ALL SELECT wait_seconds FROM fresh WHERE wait_seconds IS NOT NULL) waits
    """  # noqa: S608 -- constants
    found = Matters()
    whys, reasons, channels = Counter[str](), Counter[str](), Counter[str]()
    for alone, reason, channel, why, is_open, count, resolved, first, staff, waits in await session.execute(
        sa.text(query), bounds(span)
    ):
        if alone is None:
            found.wait_seconds = _pair(waits)
            continue
        found.visits += count
        found.alone += count if alone else 0
        found.open += count if is_open else 0
        found.resolved += resolved
        found.first_contact += first
        found.staff_seconds += float(staff)
        channels[channel] += count
        if not is_open:
            whys[why] += count
        if reason:
            reasons[reason] += count
    found.whys, found.reasons, found.channels = _sorted(whys), _sorted(reasons), _sorted(channels)
    return found


async def _lists(
    session: AsyncSession, span: Span
) -> tuple[dict[int, int], tuple[tuple[str, int], ...], tuple[tuple[str, int], ...]]:
    """Judgements, and the questions asked most and those nothing backed an answer to, among the newest."""
    query = (
        sa.select(Satisfaction.score, sa.func.count())
        .where(Satisfaction.store_id == span.store_id, Satisfaction.created_at >= span.begins)
        .group_by(Satisfaction.score)
    )
    scores = {row[0]: row[1] for row in await session.execute(query)}
    backed = _newest(span).where(Message.route.in_(("curated", "cache", "model", "extract")))
    asked = await _most(session, backed.limit(NEWEST_QUESTIONS).subquery(), MOST_QUESTIONS)
    return scores, asked, await unanswered(session, span, limit=MOST_QUESTIONS)


def _newest(span: Span) -> sa.Select[uuid.UUID | None, datetime]:
    answers = sa.select(Message.answers, Message.created_at).where(_of_assistant(span), Message.answers.is_not(None))
    return answers.order_by(Message.created_at.desc())


def _refusals(span: Span) -> sa.Subquery:
    return _newest(span).where(Message.route == "refuse").limit(NEWEST_REFUSALS).subquery()


async def _most(session: AsyncSession, answers: sa.Subquery, limit: int) -> tuple[tuple[str, int], ...]:
    """The questions of these answers, the most frequent first; a question mark more or less is the same question."""
    question = aliased(Message)
    text = sa.func.lower(sa.func.btrim(sa.func.left(question.text, 300), " \n\t?？!！。."))
    query = (
        sa.select(sa.func.min(question.text), sa.func.count())
        .join(answers, question.id == answers.c.answers)
        .group_by(text)
        .order_by(sa.func.count().desc(), sa.func.max(answers.c.created_at).desc())
        .limit(limit)
    )
    return tuple((asked, count) for asked, count in await session.execute(query))


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(counts.most_common())


def _pair(values: Any) -> Pair:
    return (values[0], values[1]) if values else (None, None)


def _percentiles(value: Any) -> sa.ColumnElement[Any]:
    return sa.func.percentile_cont(sa.cast([0.5, 0.95], sa.ARRAY(sa.Float))).within_group(value)
