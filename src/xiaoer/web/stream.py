"""Following one turn from the outside: say something, then its events to the one that ends it."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

from xiaoer.assistant.events import ENDINGS, announce, live, owner, topic
from xiaoer.assistant.turns import ending, shown
from xiaoer.conversations import handoff, thread
from xiaoer.conversations.tables import Conversation, Message
from xiaoer.conversations.thread import OnPage
from xiaoer.db.database import OUTAGES
from xiaoer.desk.desk import Desk
from xiaoer.language.phrases import phrase

WAIT_SECONDS = 150.0
POLL_SECONDS = 2.0

TurnEvents = AsyncIterator[tuple[str, dict[str, Any]]]


async def say(
    desk: Desk,
    conversation_id: uuid.UUID,
    text: str,
    *,
    idempotency_key: str | None = None,
    page: OnPage | None = None,
) -> TurnEvents:
    """Store what the customer said, see that it is answered, and return the events of its turn."""
    async with AsyncExitStack() as stack:
        events = await stack.enter_async_context(desk.broadcast.subscribe(topic(conversation_id)))
        danger = await desk.alarms.look(conversation_id, text)
        async with desk.database.sessions.begin() as session:
            waits_again = await handoff.settle(session, conversation_id)
            message, is_new = await thread.say(
                session, conversation_id, text, idempotency_key=idempotency_key, page=page
            )
            conversation = await session.get_one(Conversation, conversation_id)
            language = conversation.language or conversation.locale or "en"
            unheard = is_new and danger is not None and message.answer_state == "staff"
            warned = [await desk.alarms.sound(session, message, danger)] if danger is not None and unheard else []
        if is_new:
            told = [live("message", shown(message)), *([owner(conversation)] if waits_again else [])]
            told += [live("message", shown(each)) for each in warned]
            await announce(desk.broadcast, message.store_id, conversation_id, *told)
        if any(each.outcome == "handoff" for each in warned):
            await desk.alarms.call(message.store_id, conversation_id)
        desk.turns.notice(conversation_id)
        return _turn(desk, message, language, events, stack.pop_all())


async def lines(turn: TurnEvents) -> AsyncIterator[dict[str, str]]:
    """The events as server-sent events."""
    async for kind, data in turn:
        yield {"event": kind, "data": json.dumps(data, ensure_ascii=False)}


async def _turn(
    desk: Desk,
    message: Message,
    language: str,
    events: AsyncIterator[Mapping[str, Any]],
    subscription: AsyncExitStack,
) -> TurnEvents:
    """A broadcast may be missed (another process, a restart), so the database is asked now and then as well."""
    async with subscription:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + WAIT_SECONDS
        ended = await _ended(desk, message)
        pending: asyncio.Future[Mapping[str, Any] | None] | None = None
        try:
            while ended is None and loop.time() < deadline:
                pending = pending or asyncio.ensure_future(_following(events))
                await asyncio.wait([pending], timeout=POLL_SECONDS)
                if not pending.done() or (event := pending.result()) is None:
                    ended = await _ended(desk, message)
                    await asyncio.sleep(0 if ended or not pending.done() else POLL_SECONDS)
                    continue
                pending = None
                if event["turn"] != str(message.id):
                    continue
                if event["kind"] in ENDINGS:
                    ended = event["kind"], event["data"]
                else:
                    yield event["kind"], event["data"]
        finally:
            if pending is not None:
                pending.cancel()
        text = phrase("answer_late", language)
        yield ended or ("failed", {"error": "Unavailable", "detail": text})


async def _following(events: AsyncIterator[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return await anext(events, None)


async def _ended(desk: Desk, message: Message) -> tuple[str, dict[str, Any]] | None:
    """The ending as it is stored; None while there is none, or while the database is away and cannot tell."""
    try:
        return await _stored(desk, message)
    except OUTAGES:
        return None


async def _stored(desk: Desk, message: Message) -> tuple[str, dict[str, Any]] | None:
    async with desk.database.sessions() as session:
        answer = await thread.answer_to(session, message.id)
        if answer is not None:
            return ending(answer)
        current = await session.get_one(Message, message.id)
    if current.answer_state == "staff":
        return "handoff", {"reason": "with_staff", "queue": "staff"}
    return None
