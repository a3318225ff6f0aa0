"""Later work, kept in PostgreSQL: put in the transaction that makes it due, done by any process, none forgotten.

A job is leased while it is done, so a killed worker loses it by time and another one takes it up. So each is done at
least once, and whoever handles it must bear a second time. Failed ones are tried again, later and later.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from xiaoer.db.database import OUTAGES, Sessions
from xiaoer.db.record import Record, now
from xiaoer.errors import XiaoerError

LEASE = timedelta(minutes=2)
PAUSES = (30, 120, 600, 1800, 7200, 21_600, 43_200)
"""Seconds before the second, third … try; after the last one a job has failed for good. About a day in all."""
TICK_SECONDS = 5.0
AT_ONCE = 8
KEPT = timedelta(days=30)
log = structlog.get_logger(__name__)


class Job(Record):
    """One piece of later work; `key` keeps the same piece from being put twice."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_due", "run_at", postgresql_where=sa.text("done_at is null")),
        Index("ix_jobs_done", "done_at", postgresql_where=sa.text("done_at is not null")),
    )

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    key: Mapped[str | None] = mapped_column(unique=True)
    run_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(server_default="0")
    lease_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    failed: Mapped[bool] = mapped_column(server_default="false")
    problem: Mapped[str | None]


@dataclass(frozen=True)
class Work:
    """What a handler is given: `last` says that there will be no further try."""

    id: uuid.UUID
    store_id: uuid.UUID
    payload: Mapping[str, Any]
    tries: int
    last: bool


Handler = Callable[[Work], Awaitable[None]]
"""Does one job; raises an `XiaoerError` to be tried again."""
Duty = Callable[[datetime], Awaitable[None]]
"""Something to look after at each tick, given the moment."""


async def put(
    session: AsyncSession,
    store_id: uuid.UUID,
    kind: str,
    payload: Mapping[str, Any],
    *,
    key: str | None = None,
    at: datetime | None = None,
) -> None:
    """Have it done when the transaction is stored, or at `at`; the same key again is the same job."""
    values = {"id": uuid.uuid4(), "store_id": store_id, "kind": kind, "payload": dict(payload), "key": key}
    await session.execute(insert(Job).values(**values, run_at=at or now()).on_conflict_do_nothing())


class Pace:
    """Lets a standing duty do its work every so often, though it is asked more often."""

    def __init__(self, pause: timedelta) -> None:
        self._pause = pause
        self._next: datetime | None = None

    def is_due(self, at: datetime) -> bool:
        """Whether `at` is the next time; a clock that was set back is not waited for."""
        if self._next is not None and self._next - self._pause <= at < self._next:
            return False
        self._next = at + self._pause
        return True


class Worker:
    """Does the jobs of every store, and the standing duties, in this process."""

    def __init__(
        self,
        sessions: Sessions,
        handlers: Mapping[str, Handler],
        duties: Sequence[Duty] = (),
        *,
        closing: Sequence[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        """`closing` is what the handlers hold open, closed with the worker."""
        self._sessions = sessions
        self._closing = tuple(closing)
        self._handlers = dict(handlers)
        self._duties = tuple(duties)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to work."""
        self._task = asyncio.create_task(self._go_on())

    async def close(self) -> None:
        """Stop; what is half done is done again by whoever comes next."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        for close in self._closing:
            await close()

    async def run_due(self, at: datetime | None = None) -> int:
        """Look after the duties and do what is due at `at`, the present moment by default; returns how many jobs."""
        moment = at or now()
        for duty in self._duties:
            try:
                await duty(moment)
            except XiaoerError as error:
                log.warning("worker.duty_failed", duty=getattr(duty, "__qualname__", ""), problem=error.detail)
        done = 0
        while taken := await self._take(moment):
            await asyncio.gather(*(self._do(job, moment) for job in taken))
            done += len(taken)
        async with self._sessions.begin() as session:
            await session.execute(sa.delete(Job).where(Job.done_at < moment - KEPT))
        return done

    async def _go_on(self) -> None:
        while True:
            try:
                await self.run_due()
            except OUTAGES as error:
                log.warning("worker.database_down", error=str(error).partition("\n")[0])
            except Exception:
                log.exception("worker.failed")  # the next tick tries again; a worker that is gone helps nobody
            await asyncio.sleep(TICK_SECONDS)

    async def _take(self, at: datetime) -> list[Job]:
        free = sa.or_(Job.lease_until.is_(None), Job.lease_until < at)
        due = (
            sa.select(Job.id)
            .where(Job.done_at.is_(None), Job.run_at <= at, free, Job.kind.in_(self._handlers))
            .order_by(Job.run_at)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        claim = sa.update(Job).where(Job.id.in_(due)).values(lease_until=at + LEASE, tries=Job.tries + 1)
        async with self._sessions.begin() as session:
            return list(await session.scalars(claim.returning(Job)))

    async def _do(self, job: Job, at: datetime) -> None:
        last = job.tries > len(PAUSES)
        work = Work(job.id, job.store_id, job.payload, job.tries, last)
        problem: str | None = None
        try:
            await self._handlers[job.kind](work)
        except XiaoerError as error:
            problem = error.detail
        except OUTAGES:
            raise
        except Exception as error:
            log.exception("worker.job_failed", job=str(job.id), kind=job.kind)
            problem = type(error).__name__
        values: dict[str, Any] = {"lease_until": None, "problem": problem}
        if problem is None or last:
            values |= {"done_at": at, "failed": problem is not None}
        else:
            values["run_at"] = at + timedelta(seconds=PAUSES[job.tries - 1])
        async with self._sessions.begin() as session:
            await session.execute(sa.update(Job).where(Job.id == job.id).values(**values))
