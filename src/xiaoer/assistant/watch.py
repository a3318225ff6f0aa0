"""Nobody waits unseen: conversations that staff leave unanswered go back to everybody, and snoozed ones come back."""

import asyncio
import contextlib
import uuid
from typing import Any, Self

import structlog

from xiaoer import stores
from xiaoer.assistant import contacts
from xiaoer.assistant.events import live, owner, store_topic, topic
from xiaoer.assistant.meanwhile import choices
from xiaoer.assistant.ticketing import Ticketing
from xiaoer.assistant.turns import shown
from xiaoer.assistant.waiting import is_staffed, waiting_text
from xiaoer.broadcast import Broadcast
from xiaoer.conversations import assigning, thread
from xiaoer.conversations.handoff import owner_while_waiting
from xiaoer.conversations.tables import Conversation
from xiaoer.db.database import OUTAGES, Database
from xiaoer.db.record import now
from xiaoer.language.phrases import phrase
from xiaoer.stores import Profile
from xiaoer.tickets import listing, notices

SWEEP_SECONDS = 10.0
log = structlog.get_logger(__name__)


class Watch:
    """Looks every few seconds, in every process: what one has marked, the others leave alone."""

    def __init__(self, database: Database, broadcast: Broadcast, ticketing: Ticketing) -> None:
        self._sessions = database.sessions
        self._ticketing = ticketing
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
        moved: list[tuple[uuid.UUID, uuid.UUID, str]] = []
        told: dict[uuid.UUID, list[dict[str, Any]]] = {}
        async with self._sessions.begin() as session:
            for store in await stores.every(session):
                profile = store.profile
                if not profile.escalate_minutes:
                    continue
                before, owner_now = assigning.longest_wait(profile.escalate_minutes), owner_while_waiting(profile)
                for each in await assigning.overdue(session, store.id, before=before, owner=owner_now):
                    await notices.tell_of_waiting(session, store.id, each, self._looked)
                    told[each] = await self._tell_customer(session, await thread.locked(session, each), profile)
                    moved.append((store.id, each, "escalated"))
            moved += [(store_id, each, "moved") for store_id, each in await assigning.woken(session, since)]
        for store_id, conversation_id, kind in moved:
            for event in told.get(conversation_id, ()):
                await self._broadcast.publish(topic(conversation_id), event)
            await self._broadcast.publish(store_topic(store_id), {"kind": kind, "conversation": str(conversation_id)})
        return len(told)

    async def _tell_customer(self, session: Any, conversation: Conversation, profile: Profile) -> list[dict[str, Any]]:
        """Say in the conversation that nobody has come yet; nothing more where a ticket has been promised already."""
        language = conversation.language or conversation.locale or profile.locales[0]
        staffed = await is_staffed(session, conversation.store_id, profile, now())
        if not staffed and await listing.running(session, conversation.id) is not None:
            return [owner(conversation)]
        made = None if staffed else await self._ticketing.for_person(session, conversation, profile, language)
        text = phrase("waiting_long", language) if staffed else waiting_text(profile, language, now(), staffed=False)
        line = await contacts.ask(session, conversation, language)
        text = "\n".join(part for part in (text, made.text if made else "", line) if part)
        message = await thread.post(session, conversation.id, "system", text)
        message.language, message.suggestions = language, list(choices(profile, language))
        message.evidence = {"ticket": made.as_json()} if made else {}
        await session.flush()
        return [live("message", shown(message)), owner(conversation)]

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self.look()
            except OUTAGES as error:
                log.warning("watch.database_down", error=str(error).partition("\n")[0])
