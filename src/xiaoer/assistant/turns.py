"""Turns in progress: one at a time per conversation, apart from any browser, and none ever forgotten.

Which answers are owed is a question to the database, asked at start and every few seconds, so that a killed
process loses nothing: another one, or the same one started again, takes over when the lease has run out.
"""

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Awaitable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog

from xiaoer import stores, telemetry
from xiaoer.assistant import meanwhile
from xiaoer.assistant.alarm import call
from xiaoer.assistant.asked import Asked, Said
from xiaoer.assistant.contacts import left_in
from xiaoer.assistant.escalation import escalated
from xiaoer.assistant.events import Confirm, Text, ToolUse, announce, live, owner, topic
from xiaoer.assistant.reaching import completed
from xiaoer.assistant.ticketing import Ticketing
from xiaoer.assistant.triggers import is_vip
from xiaoer.assistant.turn import Assistant
from xiaoer.assistant.waiting import is_staffed
from xiaoer.broadcast import Broadcast
from xiaoer.conversations import handoff, thread
from xiaoer.conversations.tables import Conversation, Message
from xiaoer.conversations.thread import Answer, AnswerNotOwed
from xiaoer.customers import Customer
from xiaoer.db.database import OUTAGES, Database
from xiaoer.db.record import now
from xiaoer.language.phrases import phrase
from xiaoer.stores import Profile

LEASE_SECONDS = 15.0
SWEEP_SECONDS = 5.0
TURN_SECONDS = 120.0
HISTORY_MESSAGES = 12
JUDGE_WORDS = ("points", "solved", "unsolved", "comment", "submit", "thanks")
REPEATS_WITHIN = timedelta(hours=72)
"""Earlier conversations on the same matter count as repeated contact for so long."""
log = structlog.get_logger(__name__)


class Turns:
    """Runs the turns of this process."""

    def __init__(
        self, database: Database, assistant: Assistant, broadcast: Broadcast, ticketing: Ticketing | None = None
    ) -> None:
        self.holder = uuid.uuid4()
        """By this name this process holds the leases of its turns."""
        self.draft: Profile | None = None
        """Settings that are tried: they count in place of the store's."""
        self._sessions = database.sessions
        self._assistant = assistant
        self._ticketing = ticketing
        self._broadcast = broadcast
        self._running: dict[uuid.UUID, asyncio.Task[None]] = {}
        self._again: set[uuid.UUID] = set()
        self._writing: dict[uuid.UUID, asyncio.Timeout] = {}
        self._sweeper: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look for owed answers."""
        self._sweeper = asyncio.create_task(self._sweep())

    async def close(self, *, patience_seconds: float = 10.0) -> None:
        """Let running turns end, but not for ever: what is cut off is owed still and done after the next start."""
        if self._sweeper:
            self._sweeper.cancel()
        running = list(self._running.values())
        if running:
            await asyncio.wait(running, timeout=patience_seconds)
        for task in [*running, *([self._sweeper] if self._sweeper else [])]:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def notice(self, conversation_id: uuid.UUID) -> None:
        """Something may be owed in this conversation: see to it now."""
        if conversation_id in self._running:
            self._again.add(conversation_id)
            return
        task = asyncio.create_task(self._see_to(conversation_id))
        self._running[conversation_id] = task
        task.add_done_callback(lambda _: self._over(conversation_id))

    def stop(self, conversation_id: uuid.UUID) -> None:
        """Staff have come: what is being written in this process is left unsaid from this moment.

        Call it when the hand-over is stored. A turn of another process finds out when it would store its answer.
        """
        if (writing := self._writing.pop(conversation_id, None)) is not None and not writing.expired():
            writing.reschedule(asyncio.get_running_loop().time())

    def _over(self, conversation_id: uuid.UUID) -> None:
        del self._running[conversation_id]
        if conversation_id in self._again:
            self._again.discard(conversation_id)
            self.notice(conversation_id)

    async def _sweep(self) -> None:
        while True:
            try:
                async with self._sessions() as session:
                    for conversation_id in await thread.owed(session):
                        if conversation_id not in self._running:
                            self.notice(conversation_id)
            except OUTAGES as error:
                log.warning("turns.database_down", error=str(error).partition("\n")[0])
            await asyncio.sleep(SWEEP_SECONDS)

    async def _see_to(self, conversation_id: uuid.UUID) -> None:
        try:
            async with self._sessions.begin() as session:
                if not await thread.take_lease(session, conversation_id, self.holder, LEASE_SECONDS):
                    return
            async with self._kept_lease(conversation_id):
                while await self._next(conversation_id):
                    pass
        except OUTAGES as error:
            log.warning("turns.database_down", error=str(error).partition("\n")[0])  # owed still: the sweep returns

    @asynccontextmanager
    async def _kept_lease(self, conversation_id: uuid.UUID) -> AsyncIterator[None]:
        keeper = asyncio.create_task(self._keep_lease(conversation_id))
        try:
            yield
        finally:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper
            async with self._sessions.begin() as session:
                await thread.release_lease(session, conversation_id, self.holder)

    async def _keep_lease(self, conversation_id: uuid.UUID) -> None:
        while True:
            await asyncio.sleep(LEASE_SECONDS / 3)
            with contextlib.suppress(*OUTAGES):
                async with self._sessions.begin() as session:
                    await thread.take_lease(session, conversation_id, self.holder, LEASE_SECONDS)

    async def _next(self, conversation_id: uuid.UUID) -> bool:
        async with self._sessions() as session:
            question = await thread.next_owed(session, conversation_id)
            if question is None:
                return False
            asked = await _asked(session, question)
        if self.draft is not None:
            asked = replace(asked, profile=self.draft)
        with telemetry.RUNNING_TURNS.track_inprogress():
            await self._run(question, asked)
        return True

    async def _run(self, question: Message, asked: Asked) -> None:
        started = time.perf_counter()
        first: float | None = None
        try:
            answer, first = await self._write(question, asked)
        except TimeoutError:
            if question.conversation_id not in self._writing:  # stopped: a person answers now
                await self._tell(question, "handoff", {"reason": "with_staff", "queue": "staff"})
                return
            log.exception("turn.too_slow", conversation=str(question.conversation_id), message=str(question.id))
            answer = _fault(asked)
        except OUTAGES:
            raise
        except Exception:
            log.exception("turn.failed", conversation=str(question.conversation_id), message=str(question.id))
            answer = _fault(asked)
        finally:
            self._writing.pop(question.conversation_id, None)
        timings = {"total": round((time.perf_counter() - started) * 1000)}
        if first is not None:
            timings["first_text"] = round((first - started) * 1000)
        await self._end(question, asked, answer, timings)

    async def _write(self, question: Message, asked: Asked) -> tuple[Answer, float | None]:
        """The answer, told as it is written, and when its first words were; `TimeoutError` when late or stopped."""
        first: float | None = None
        answer: Answer | None = None
        async with asyncio.timeout(TURN_SECONDS) as writing:
            self._writing[question.conversation_id] = writing
            async with aclosing(self._assistant.answer(asked)) as events:
                async for event in events:
                    match event:
                        case Answer():
                            answer, added = (meanwhile.told if asked.waiting else escalated)(asked, event)
                            if added:
                                await self._tell(question, "text", {"delta": added})
                        case Text(delta):
                            first = first or time.perf_counter()
                            await self._tell(question, "text", {"delta": delta})
                        case Confirm():
                            await self._tell(question, "confirm", event.as_json())
                        case ToolUse(name, status):
                            await self._tell(question, "tool", {"name": name, "status": status})
        assert answer is not None, "a turn ends with its answer"
        return answer, first

    async def _end(self, question: Message, asked: Asked, answer: Answer, timings: dict[str, int]) -> None:
        answer.evidence["timings_ms"] = {**answer.evidence.get("timings_ms", {}), **timings}
        added, left = "", await asyncio.to_thread(left_in, asked.text, answer.language, asked.profile.region)
        try:
            async with self._sessions.begin() as session:
                if self._ticketing is not None:
                    answer, added = await completed(session, self._ticketing, question, asked, answer, left)
                if answer.outcome == "handoff":
                    chips = meanwhile.choices(asked.profile, answer.language)
                    answer = replace(answer, suggestions=chips, nearest=(), choices=())
                stored = await thread.answer(session, question, answer)
                changed = await self._handed(session, asked, answer, stored)
        except AnswerNotOwed:
            await self._tell(question, "handoff", {"reason": "with_staff", "queue": "staff"})
            return
        _count(answer, timings)
        if added:
            await self._tell(question, "text", {"delta": added})
        told = [live("message", shown(stored)), live(*ending(stored, reason=answer.reason), turn=question.id)]
        if changed is not None:
            told.append(owner(changed))
        await announce(self._broadcast, question.store_id, question.conversation_id, *told)
        if answer.reason == handoff.DANGER:
            await call(self._broadcast, question.store_id, question.conversation_id)

    async def _handed(self, session: Any, asked: Asked, answer: Answer, stored: Message) -> Conversation | None:
        """Have a person come, or none any more, as the answer says; returns the conversation where that changed it."""
        conversation_id = stored.conversation_id
        changed = False
        if answer.outcome == "handoff":
            changed = await handoff.wait(session, conversation_id, answer.reason or "asked")
            if asked.staffed:
                await _placed(session, stored)
        elif "went_on" in answer.evidence:
            changed = await handoff.hand_back(session, conversation_id)
            if changed and self._ticketing is not None:
                await self._ticketing.went_on(session, conversation_id)
        return await session.get_one(Conversation, conversation_id) if changed else None

    def _tell(self, question: Message, kind: str, data: dict[str, Any]) -> Awaitable[None]:
        return self._broadcast.publish(topic(question.conversation_id), live(kind, data, turn=question.id))


def shown(message: Message) -> dict[str, Any]:
    """A message as a customer or staff member sees it."""
    data: dict[str, Any] = {
        "id": str(message.id),
        "message_id": str(message.id),
        "position": message.position,
        "author": message.author,
        "text": message.text,
        "language": message.language,
        "created_at": message.created_at.isoformat().replace("+00:00", "Z"),
    }
    data |= _judging(message)
    if message.author_name:
        data["author_name"] = message.author_name
    data |= _ticket(message)
    if message.attachments:
        data["attachments"] = message.attachments
    if message.suggestions:
        data["suggestions"] = message.suggestions
    data |= _besides(message)
    if message.author == "assistant":
        data |= {"route": message.route, "sources": message.sources, "suggestions": message.suggestions}
        data |= {"answers": str(message.answers) if message.answers else None}
        data |= {"confidence": message.confidence, "feedback": message.feedback_score}
    return data


def ending(message: Message, *, reason: str | None = None) -> tuple[str, dict[str, Any]]:
    """The one ending event of the turn that this stored answer ended."""
    ticket = _ticket(message)
    if message.outcome == "handoff":
        reason = reason or message.evidence.get("reason") or "asked"
        said = {"message_id": str(message.id), "text": message.text, "language": message.language}
        place = {"ahead": message.evidence["ahead"]} if "ahead" in message.evidence else {}
        chips = {"suggestions": message.suggestions} if message.suggestions else {}
        return "handoff", ticket | place | chips | _besides(message) | {"reason": reason, "queue": "staff", **said}
    confirm = {"confirm": message.evidence["confirm"]} if "confirm" in message.evidence else {}
    return "done", confirm | ticket | _besides(message) | _judging(message) | {
        "message_id": str(message.id),
        "text": message.text,
        "language": message.language,
        "route": message.route,
        "sources": message.sources,
        "confidence": message.confidence,
        "suggestions": message.suggestions,
        "timings_ms": message.evidence.get("timings_ms", {}),
    }


async def _placed(session: Any, answer: Message) -> None:
    """Keep with a hand-over how many waited before the customer at that moment."""
    conversation = await session.get_one(Conversation, answer.conversation_id, populate_existing=True)
    ahead = await handoff.ahead_of(session, conversation)
    if ahead is not None:
        answer.evidence = {**answer.evidence, "ahead": ahead}


def _besides(message: Message) -> dict[str, Any]:
    """What comes with an answer: the sections and choices offered, and the end of the text that is no part of it and
    has no source: how it stands for who waits.
    """
    evidence = message.evidence or {}
    return {name: evidence[name] for name in ("added", "nearest", "choices") if evidence.get(name)}


def _ticket(message: Message) -> dict[str, str]:
    """The ticket that was made with this message, and where its customer follows it."""
    made = (message.evidence or {}).get("ticket")
    return {"ticket": made["number"], "ticket_url": made["url"]} if made else {}


def _judging(message: Message) -> dict[str, Any]:
    """That a judgement is asked for with this message, and the words to ask with in its language."""
    if not _ends(message):
        return {}
    said = {name: phrase(f"judge_{name}", message.language or "zh", n="{n}") for name in JUDGE_WORDS}
    return {"rate": True, "judge": {"judge": phrase("judge", message.language or "zh"), **said}}


def _ends(message: Message) -> bool:
    """Whether the conversation may be over with this, so that the customer is asked for a judgement."""
    evidence = message.evidence or {}
    return "closed" in evidence or evidence.get("understood", {}).get("intent") in ("goodbye", "thanks")


async def _asked(session: Any, question: Message) -> Asked:
    store = await stores.by_id(session, question.store_id)
    conversation = await session.get(Conversation, question.conversation_id)
    earlier = await thread.before(session, question, limit=HISTORY_MESSAGES)
    topics, vip = await _brought(session, store.profile, conversation)
    return Asked(
        store_id=store.id,
        profile=store.profile,
        knowledge_revision=store.knowledge_revision,
        text=question.text,
        history=tuple(_said(message) for message in earlier),
        focus=next((kept for message in reversed(earlier) if (kept := (message.evidence or {}).get("focus"))), None),
        offered=tuple(next((each.evidence for each in reversed(earlier) if each.answers), {}).get("nearest", ())),
        product_page=question.evidence.get("page"),
        fresh=sum(message.position > conversation.boundary for message in earlier),
        prior_language=conversation.language or conversation.locale,
        conversation_id=question.conversation_id,
        message_id=question.id,
        earlier_topics=topics,
        staffed=await is_staffed(session, store.id, store.profile, now()),
        vip=vip,
        waiting=conversation.handoff_reason if handoff.state_of(conversation) == "waiting" else None,
        contact_asked=conversation.contact_asked_at is not None,
    )


def _said(message: Message) -> Said:
    concern = message.evidence.get("understood", {}).get("concern")
    return Said(message.author, message.text, message.route, concern)


async def _brought(session: Any, profile: Profile, conversation: Conversation) -> tuple[tuple[str, ...], bool]:
    """What the shop's rules ask about the customer; nothing more once a person is wanted, or has seen them here."""
    if conversation.boundary or conversation.handed_off_at is not None:
        return (), False
    topics: list[str] = []
    if profile.handoff_repeats:
        topics = await thread.earlier_topics(session, conversation, since=now() - REPEATS_WITHIN)
    if not profile.handoff_vip:
        return tuple(topics), False
    customer = await session.get_one(Customer, conversation.customer_id)
    return tuple(topics), is_vip(profile, customer.external_id, customer.facts)


def _fault(asked: Asked) -> Answer:
    """A fault of ours: the customer hears so, and a person takes over."""
    language = asked.prior_language or asked.profile.locales[0]
    text = phrase("failed_retry", language)
    evidence = {"reason": "fault"}
    return Answer(text=text, language=language, outcome="handoff", route="refuse", evidence=evidence, reason="fault")


def _count(answer: Answer, timings: dict[str, int]) -> None:
    telemetry.TURNS.labels(answer.route, answer.outcome, answer.language).inc()
    telemetry.TURN_SECONDS.labels(answer.route).observe(timings["total"] / 1000)
    if "first_text" in timings:
        telemetry.FIRST_TEXT_SECONDS.labels(answer.route).observe(timings["first_text"] / 1000)
    for kind in answer.evidence.get("withheld_kinds", ()):
        telemetry.WITHHELD.labels(kind).inc()
