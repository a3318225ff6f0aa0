"""Nobody waits unseen: conversations that staff leave unanswered go back to everybody, and snoozed ones come back."""

import asyncio
import contextlib
from typing import Self

import structlog

from xiaoer import stores
from xiaoer.assistant.events import store_topic
from xiaoer.broadcast import Broadcast
from xiaoer.conversations import assigning
from xiaoer.db.database import OUTAGES, Database
from xiaoer.db.record import now
from xiaoer.tickets import notices

SWEEP_SECONDS = 10.0
log = structlog.get_logger(__name__)


class Watch:
    """Looks every few seconds, in every process: what one has marked, the others leave alone."""

    def __init__(self, database: Database, broadcast: Broadcast) -> None:
        self._sessions = database.sessions
        self._broadcast = broadcast
        self._looked = now()
        self._sweeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._sweeper = asyncio.create_task(self._sweep())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeper

    async def look(self) -> int:
        """Escalate what waits too long and wake what was snoozed; returns how many were escalated."""
        since, self._looked = self._looked, now()
        moved: list[tuple[object, object, str]] = []
        async with self._sessions.begin() as session:
            for store in await stores.every(session):
                minutes = store.profile.escalate_minutes
                if minutes:
                    late = await assigning.overdue(session, store.id, before=assigning.longest_wait(minutes))
                    for each in late:
                        await notices.tell_of_waiting(session, store.id, each, self._looked)
                    moved += [(store.id, conversation_id, "escalated") for conversation_id in late]
            escalated = len(moved)
            moved += [(store_id, each, "moved") for store_id, each in await assigning.woken(session, since)]
        for store_id, conversation_id, kind in moved:
            await self._broadcast.publish(store_topic(store_id), {"kind": kind, "conversation": str(conversation_id)})
        return escalated

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self.look()
            except OUTAGES as error:
                log.warning("watch.database_down", error=str(error).partition("\n")[0])
