"""Listening to a conversation: what was missed, what happens, and the customer's place while they wait for a person."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Mapping
from typing import Any

from xiaoer.assistant.events import owner, topic
from xiaoer.assistant.turns import shown
from xiaoer.conversations import thread
from xiaoer.conversations.tables import Conversation
from xiaoer.db.database import OUTAGES
from xiaoer.desk.desk import Desk
from xiaoer.web.handing import place_of

PLACE_SECONDS = 10.0
"""How often somebody who waits for a person is told their place anew, where it has changed."""


async def heard(desk: Desk, conversation_id: uuid.UUID, seen: int | None) -> AsyncIterator[dict[str, str]]:
    """The events of a conversation as server-sent events; messages after the position `seen` come first."""
    place: int | None = None
    async with desk.broadcast.subscribe(topic(conversation_id)) as events:
        if seen is not None:
            async with desk.database.sessions() as session:
                missed = await thread.messages(session, conversation_id, after=seen)
            for message in missed:
                seen = message.position
                yield _line("message", shown(message), message.position)
        async with desk.database.sessions() as session:
            conversation = await session.get_one(Conversation, conversation_id)
        yield _line("owner", owner(conversation)["data"], None)  # it may have changed since the listener last heard
        place = await _place(desk, conversation_id, place)
        waits = place is not None
        if waits:
            yield _line("place", {"ahead": place}, None)
        async for event in _with_pauses(events):
            if event is not None:
                data = {**event["data"], **({"turn": event["turn"]} if event["turn"] else {})}
                position = data.get("position") if event["kind"] == "message" else None
                if position is None or seen is None or position > seen:
                    seen = seen if position is None else position
                    yield _line(event["kind"], data, position)
            if waits if event is None else event["kind"] in ("owner", "message"):
                now_at = await _place(desk, conversation_id, place)
                waits = now_at is not None
                if now_at != place:
                    place = now_at
                    yield _line("place", {"ahead": place}, None)


async def _place(desk: Desk, conversation_id: uuid.UUID, known: int | None) -> int | None:
    """How many wait before this customer; as it was while the database is away."""
    try:
        async with desk.database.sessions() as session:
            return await place_of(session, await session.get_one(Conversation, conversation_id))
    except OUTAGES:
        return known


async def _with_pauses(events: AsyncIterator[Mapping[str, Any]]) -> AsyncIterator[Mapping[str, Any] | None]:
    """The events, and None whenever for a while there was none."""
    pending: asyncio.Future[Mapping[str, Any] | None] | None = None
    try:
        while True:
            pending = pending or asyncio.ensure_future(_following(events))
            await asyncio.wait([pending], timeout=PLACE_SECONDS)
            if not pending.done():
                yield None
                continue
            event, pending = pending.result(), None
            if event is None:
                return
            yield event
    finally:
        if pending is not None:
            pending.cancel()


async def _following(events: AsyncIterator[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return await anext(events, None)


def _line(kind: str, data: dict[str, Any], position: int | None) -> dict[str, str]:
    line = {"event": kind, "data": json.dumps(data, ensure_ascii=False)}
    return line if position is None else {**line, "id": str(position)}
