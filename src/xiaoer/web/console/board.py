"""What moved in a store's conversations, looked up once for all the consoles that listen in this process.

A console shows a row that comes with the event instead of asking for its page again: two hundred consoles then cost one
look at the database and one rendering per language, not two hundred pages.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog

from xiaoer import stores
from xiaoer.assistant.events import store_topic
from xiaoer.broadcast import Event, MemoryBroadcast
from xiaoer.conversations import inbox
from xiaoer.db.database import OUTAGES
from xiaoer.desk.desk import Desk
from xiaoer.staff import sessions
from xiaoer.staff.roles import Role, may
from xiaoer.web.console import render

GATHER_SECONDS = 0.05
"""How long what follows an event at once is waited for, so that a turn's several steps are one look."""
SHOWN_BY_ROW = frozenset({"moved", "escalated"})
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Look:
    """Some conversations of a store at one moment, for whoever listens; `sessions` are those that held then."""

    moved: list[str]
    entries: list[inbox.Entry]
    tallies: inbox.Tallies
    sessions: Mapping[str, Role]
    timezone: str
    _rows: dict[tuple[uuid.UUID, str, bool, inbox.Queue], str] = field(default_factory=dict)

    def seen_by(self, me: uuid.UUID, role: Role, language: str) -> dict[str, Any]:
        """What one console puts on its screen: rows with their place, and how many each queue holds."""
        shown = []
        for entry in self.entries:
            queue = entry.queue_for(me)
            since = entry.waiting_since if queue == "waiting" else entry.last_at
            shown.append(
                {
                    "id": str(entry.id),
                    "customer": str(entry.customer_id),
                    "queue": queue,
                    "key": since.timestamp(),
                    "row": self._row(entry, queue, language, converses=may(role, "converse")),
                }
            )
        return {"moved": self.moved, "conversations": shown, "counts": self.tallies.seen_by(me)}

    def _row(self, entry: inbox.Entry, queue: inbox.Queue, language: str, *, converses: bool) -> str:
        key = (entry.id, language, converses, queue)
        if key not in self._rows:
            t, clock = render.Words(language), render.clock(self.timezone)
            self._rows[key] = render.row(entry, queue, t, clock, converses=converses)
        return self._rows[key]


class Boards:
    """One board for each store that somebody listens to in this process."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._boards: dict[uuid.UUID, _Board] = {}

    @asynccontextmanager
    async def follow(self, store_id: uuid.UUID) -> AsyncIterator[AsyncIterator[Event]]:
        """The store's events from now on; what moved comes as `{"kind": "moved", "look": Look}`.

        Without `look` the database could not be asked, and `conversation` says only where something moved.
        """
        board = self._boards.get(store_id)
        if board is None or board.reading.done():
            board = self._boards[store_id] = _Board(self._desk, store_id)
        board.listeners += 1
        try:
            async with board.told.subscribe("") as events:
                await board.ready.wait()
                yield events
        finally:
            board.listeners -= 1
            if not board.listeners:
                board.reading.cancel()
                if self._boards.get(store_id) is board:
                    del self._boards[store_id]


class _Board:
    """Reads one store's events for all who listen to it; when it ends, so do they, and they come again."""

    def __init__(self, desk: Desk, store_id: uuid.UUID) -> None:
        self._desk = desk
        self._store_id = store_id
        self._moved: set[uuid.UUID] = set()
        self._some = asyncio.Event()
        self.told = MemoryBroadcast()
        self.ready = asyncio.Event()
        self.listeners = 0
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        looking = asyncio.create_task(self._look_on())
        try:
            async with self._desk.broadcast.subscribe(store_topic(self._store_id)) as events:
                self.ready.set()
                async for event in events:
                    if event["kind"] in SHOWN_BY_ROW:
                        self._moved.add(uuid.UUID(event["conversation"]))
                        self._some.set()
                    if event["kind"] != "moved":
                        await self.told.publish("", event)
        finally:
            self.ready.set()
            looking.cancel()
            await self.told.close()

    async def _look_on(self) -> None:
        while True:
            await self._some.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._some.clear()
            moved, self._moved = self._moved, set()
            try:
                look = await self._look(moved)
            except OUTAGES as error:
                log.warning("board.database_down", error=str(error).partition("\n")[0])
                for each in moved:
                    await self.told.publish("", {"kind": "moved", "conversation": str(each)})
            else:
                await self.told.publish("", {"kind": "moved", "look": look})

    async def _look(self, moved: Collection[uuid.UUID]) -> Look:
        async with self._desk.database.sessions() as session:
            return Look(
                moved=[str(each) for each in moved],
                entries=await inbox.of_these(session, self._store_id, moved),
                tallies=await inbox.tallies(session, self._store_id),
                sessions=await sessions.open_ones(session, self._store_id),
                timezone=(await stores.by_id(session, self._store_id)).profile.timezone,
            )
