"""Where questions are asked: each in a conversation of its own, through a whole turn, and nothing of it is left."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

from xiaoer import customers
from xiaoer.assistant.events import ENDINGS, topic
from xiaoer.assistant.turns import LEASE_SECONDS
from xiaoer.conversations import thread
from xiaoer.conversations.tables import EXAM
from xiaoer.db.record import now
from xiaoer.desk.examining import ExamDesk
from xiaoer.exam.judging import Reply
from xiaoer.stores import Profile, Store
from xiaoer.tools import calling

LONGEST_SECONDS: Final = 300.0
STALE: Final = timedelta(hours=1)
_TOLD = frozenset({"text", "route", "language", "confidence", "sources", "message_id", "timings_ms"})


class Room:
    """Asks a store's assistant; where there is a `draft`, as if the store had set that."""

    def __init__(self, desk: ExamDesk, store: Store, *, draft: Profile | None = None) -> None:
        desk.turns.draft = draft
        self._desk = desk
        self._store_id = store.id
        self._locale = (draft or store.profile).locales[0]
        """As of a customer whose page says nothing of a language."""

    async def clear(self) -> None:
        """Remove what an exam that was killed some time ago has left behind."""
        sessions = self._desk.database.sessions
        async with sessions() as session:
            left = await thread.of_channel(session, self._store_id, EXAM, before=now() - STALE)
        for conversation_id in left:
            await self._discard(conversation_id)

    @asynccontextmanager
    async def conversation(self, withheld: frozenset[uuid.UUID] = frozenset()) -> AsyncIterator[uuid.UUID]:
        """A conversation that is there for so long, while these passages are not."""
        sessions = self._desk.database.sessions
        async with sessions.begin() as session:
            customer = await customers.arrive(session, self._store_id, external_id=None, name=None, locale=self._locale)
            conversation, _ = await thread.start(
                session, store_id=self._store_id, customer_id=customer.id, locale=self._locale, channel=EXAM
            )
        self._desk.knowledge.withheld = withheld
        try:
            yield conversation.id
        finally:
            self._desk.knowledge.withheld = frozenset()
            await self._discard(conversation.id)

    async def _discard(self, conversation_id: uuid.UUID) -> None:
        async with self._desk.database.sessions.begin() as session:
            await calling.forget(session, conversation_id)
            await thread.discard(session, conversation_id)

    async def say(self, conversation_id: uuid.UUID, text: str) -> Reply:
        """Say something and wait for how it is answered; one that takes far too long has failed."""
        desk = self._desk
        started = time.perf_counter()
        async with desk.broadcast.subscribe(topic(conversation_id)) as events:
            async with desk.database.sessions.begin() as session:
                message, _ = await thread.say(session, conversation_id, text)
                # Held from its first moment, so that no other process on this database takes the turn.
                await thread.take_lease(session, conversation_id, desk.turns.holder, LEASE_SECONDS)
            if message.answer_state != "owed":
                return Reply("", route="staff", outcome="handoff")
            desk.turns.notice(conversation_id)
            try:
                async with asyncio.timeout(LONGEST_SECONDS):
                    kind, data, first = await _followed(events, str(message.id))
            except TimeoutError:
                return Reply("", route="failed", outcome="failed", whole_ms=1000 * LONGEST_SECONDS)
        ended = time.perf_counter()
        async with desk.database.sessions() as session:
            stored = await thread.answer_to(session, message.id)
        return Reply(
            text=str(data.get("text", "")),
            route=str(data.get("route", kind)),
            # A fault of ours hands over as well: it must not pass for a refusal.
            outcome="failed" if data.get("reason") == "fault" else kind,
            language=str(data.get("language", "")),
            has_ticket="ticket" in data,
            sources=data.get("sources", ()),
            confidence=data.get("confidence"),
            more={name: value for name, value in data.items() if name not in _TOLD},
            evidence=stored.evidence if stored else {},
            first_ms=1000 * ((first or ended) - started),
            whole_ms=1000 * (ended - started),
        )


async def _followed(events: AsyncIterator[Any], turn: str) -> tuple[str, dict[str, Any], float | None]:
    """How the turn ended, and when its first text came."""
    first: float | None = None
    async for event in events:
        if event["turn"] != turn:
            continue
        if event["kind"] in ENDINGS:
            return event["kind"], event["data"], first
        if event["kind"] == "text" and first is None:
            first = time.perf_counter()
    raise asyncio.CancelledError  # the desk is closed
