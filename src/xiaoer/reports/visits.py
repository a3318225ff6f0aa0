"""The honest meter: was the matter settled? Told by the customer, or by nobody coming back to it within 72 hours.

A *visit* is a stretch of one conversation without a pause of 12 hours; its *matter* is the topic most of its answers
were about. A visit is resolved when the customer said so, or else when it ended in no refusal and no unanswered call
for a person, and the same customer did not come back to the same matter within 72 hours. After that time the verdict is
final and stored here, so that a year of figures is read from one row a visit.
"""

import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from xiaoer.db.database import Sessions
from xiaoer.db.record import Record
from xiaoer.jobs import Pace

SETTLED_AFTER = timedelta(hours=72)
LONGEST_VISIT = timedelta(days=7)
"""Messages are looked back at for this long before the first verdict that is still open."""
EVERY = timedelta(minutes=10)


class Visit(Record):
    """A visit whose verdict is final. `why`: said_yes, said_no, silence, came_back or left_open."""

    __tablename__ = "visits"
    __table_args__ = (
        UniqueConstraint("conversation_id", "position"),
        Index("ix_visits_time", "store_id", "begins_at"),
    )

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    position: Mapped[int]
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    topic: Mapped[str]
    language: Mapped[str]
    channel: Mapped[str]
    alone: Mapped[bool]
    reason: Mapped[str | None]
    why: Mapped[str]
    resolved: Mapped[bool]
    first_contact: Mapped[bool]
    score: Mapped[int | None]
    wait_seconds: Mapped[float | None]
    staff_seconds: Mapped[float]


COLUMNS = (
    "store_id, conversation_id, position, begins_at, ends_at, topic, language, channel, alone, reason, why, resolved, "
    "first_contact, score, wait_seconds, staff_seconds"
)
# Each visit looks its conversation up (OFFSET keeps it so): the planner takes a few days of visits for many more than
# they are, and would read all the conversations of years instead.
FOUND = """
WITH said AS (
    SELECT m.conversation_id, m.position, m.created_at, m.author, m.route, m.outcome, m.topic, m.language,
        CASE WHEN m.outcome = 'handoff' THEN coalesce(m.evidence ->> 'reason', 'asked') END AS reason,
        CASE WHEN m.route = 'flow' THEN jsonb_exists(m.evidence, 'went_on') ELSE false END AS went_on,
        lag(m.created_at) OVER thread AS before_at
    FROM messages m
    WHERE m.store_id = :store AND m.created_at >= :since AND m.created_at < :until
    WINDOW thread AS (PARTITION BY m.conversation_id ORDER BY m.position)
), begun AS (
    SELECT said.*, (said.position = 1 OR said.created_at - coalesce(said.before_at, CASE WHEN said.before_at IS NULL
        THEN (SELECT p.created_at FROM messages p WHERE p.conversation_id = said.conversation_id
            AND p.position = said.position - 1) END) > interval '12 hours') AS begins
    FROM said
), numbered AS (
    SELECT begun.*, count(*) FILTER (WHERE begins) OVER (PARTITION BY conversation_id ORDER BY position) AS visit
    FROM begun
), visited AS (
    SELECT conversation_id, min(position) AS position, min(created_at) AS begins_at, max(created_at) AS ends_at,
        coalesce(mode() WITHIN GROUP (ORDER BY topic), 'other') AS topic,
        coalesce(mode() WITHIN GROUP (ORDER BY language), '') AS language,
        bool_or(author = 'staff') AS staffed,
        bool_or(author IN ('assistant', 'staff')) AS answered,
        (array_agg(reason ORDER BY position) FILTER (WHERE reason IS NOT NULL))[1] AS reason,
        coalesce(max(position) FILTER (WHERE outcome = 'handoff'), 0) AS called,
        coalesce(max(position) FILTER (WHERE author = 'staff' OR went_on), 0) AS came,
        (array_agg(route ORDER BY position DESC) FILTER (WHERE author = 'assistant'))[1] AS last_route,
        min(created_at) FILTER (WHERE author = 'staff') - min(created_at) FILTER (WHERE outcome = 'handoff') AS waited,
        coalesce(sum(greatest(0, least(extract(epoch FROM created_at - before_at), 300)))
            FILTER (WHERE author = 'staff'), 0) AS staff_seconds
    FROM numbered WHERE visit > 0 GROUP BY conversation_id, visit
), followed AS (
    SELECT v.*, c.store_id, c.channel,
        lead(v.begins_at) OVER matter AS next_at, lag(v.ends_at) OVER matter AS last_at
    FROM visited v CROSS JOIN LATERAL (SELECT store_id, channel, customer_id FROM conversations
        WHERE id = v.conversation_id OFFSET 0) c
    WHERE v.answered
    WINDOW matter AS (PARTITION BY c.customer_id, v.topic ORDER BY v.begins_at)
), judged AS (
    SELECT f.*, s.score, CASE
        WHEN coalesce(s.resolved, CASE WHEN s.score >= 4 THEN true WHEN s.score <= 2 THEN false END) THEN 'said_yes'
        WHEN NOT coalesce(s.resolved, CASE WHEN s.score >= 4 THEN true WHEN s.score <= 2 THEN false END) THEN 'said_no'
        WHEN f.called > f.came OR f.last_route = 'refuse' AND NOT f.staffed THEN 'left_open'
        WHEN f.next_at <= f.ends_at + interval '72 hours' THEN 'came_back'
        ELSE 'silence' END AS why
    FROM followed f LEFT JOIN LATERAL (
        SELECT score, resolved FROM satisfactions s WHERE s.conversation_id = f.conversation_id
            AND s.created_at BETWEEN f.begins_at AND f.ends_at + interval '72 hours'
        ORDER BY s.created_at DESC LIMIT 1
    ) s ON true
)
SELECT store_id, conversation_id, position, begins_at, ends_at, topic, language, channel,
    NOT staffed AND called = 0 AS alone, reason, why, why IN ('said_yes', 'silence') AS resolved,
    why IN ('said_yes', 'silence') AND (last_at IS NULL OR last_at < begins_at - interval '72 hours') AS first_contact,
    score, CASE WHEN waited > interval '0' THEN extract(epoch FROM waited) END AS wait_seconds, staff_seconds
FROM judged
"""


async def settle(session: AsyncSession, store_id: uuid.UUID, at: datetime, *, since: datetime | None = None) -> None:
    """Store the verdicts that have become final at `at`; asked again it does nothing twice.

    `since` is from when messages are looked at; by default from a while before the last verdict there is.
    """
    newest = await session.scalar(sa.select(sa.func.max(Visit.ends_at)).where(Visit.store_id == store_id))
    if since is None and newest is not None:
        since = newest - LONGEST_VISIT
    statement = sa.text(
        f"INSERT INTO visits (id, {COLUMNS}) SELECT gen_random_uuid(), final.* FROM ({FOUND}) final "  # noqa: S608 -- constants
        "WHERE final.ends_at < :settled ON CONFLICT DO NOTHING"
    )
    begin = since or datetime(2000, 1, 1, tzinfo=at.tzinfo)
    values = {"store": store_id, "since": begin, "until": at, "settled": at - SETTLED_AFTER}
    await session.execute(statement, values)


class Settling:
    """The worker's duty: verdicts of every store, every ten minutes."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._pace = Pace(EVERY)

    async def look_after(self, at: datetime) -> None:
        if not self._pace.is_due(at):
            return
        async with self._sessions() as session:
            stores = list(await session.scalars(sa.text("SELECT id FROM stores")))
        for store_id in stores:
            async with self._sessions.begin() as session:
                await settle(session, store_id, at)
