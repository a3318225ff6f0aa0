"""The console's live events: which conversations of the shop moved, as the rows that lists show of them."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse

from xiaoer.assistant.events import store_topic
from xiaoer.db.database import OUTAGES
from xiaoer.desk.desk import Desk
from xiaoer.staff import presence, sessions
from xiaoer.staff.roles import may
from xiaoer.staff.sessions import SignedIn
from xiaoer.stores import digest
from xiaoer.web.access import DeskPart
from xiaoer.web.console import access, render
from xiaoer.web.console.board import Boards, Look

CHECK_SECONDS = 20.0
"""How often it is asked whether the session still holds; a page itself is refused at once."""
router = APIRouter(prefix="/console", include_in_schema=False)


@router.get("/events", response_class=EventSourceResponse)
async def listen(request: Request, desk: DeskPart, me: access.Reader) -> EventSourceResponse:
    """`moved {conversations, counts}` for everything that happens; `bye` when the session is over.

    A conversation is {id, customer, queue, key, row}: `key` orders its queue, `row` is the HTML that lists show.
    """
    boards: Boards = request.app.state.boards
    language = render.words_for(request).language
    return EventSourceResponse(_events(desk, boards, me, request.cookies[access.COOKIE], language), ping=15)


async def _events(desk: Desk, boards: Boards, me: SignedIn, token: str, language: str) -> AsyncIterator[dict[str, str]]:
    mine = digest(token)
    async with boards.follow(me.store_id) as events:
        await _sign(desk, me, token)
        yield {"event": "hello", "data": "{}"}
        pending: asyncio.Future[Mapping[str, Any] | None] | None = None
        checked = asyncio.get_running_loop().time()
        try:
            while True:
                pending = pending or asyncio.ensure_future(_next(events))
                await asyncio.wait([pending], timeout=CHECK_SECONDS)
                if asyncio.get_running_loop().time() - checked >= CHECK_SECONDS:
                    checked = asyncio.get_running_loop().time()
                    async with desk.database.sessions() as session:
                        if await sessions.behind(session, token) is None:
                            yield {"event": "bye", "data": "{}"}
                            return
                    await _sign(desk, me, token)
                if not pending.done():
                    continue
                if (event := pending.result()) is None:
                    return
                pending = None
                if event.get("staff") not in (None, str(me.staff_id)):
                    continue
                look: Look | None = event.get("look")
                if look is None:
                    yield {"event": str(event["kind"]), "data": json.dumps({"conversation": event["conversation"]})}
                elif (role := look.sessions.get(mine)) is not None and may(role, "read"):
                    yield {"event": "moved", "data": json.dumps(look.seen_by(me.staff_id, role, language))}
                else:  # signed out since: not a word more
                    yield {"event": "bye", "data": "{}"}
                    return
        finally:
            if pending is not None:
                pending.cancel()
            await asyncio.shield(_left(desk, me, token))


async def _left(desk: Desk, me: SignedIn, token: str) -> None:
    """Say that this console listens no longer; while the desk shuts down nobody needs to hear it."""
    with contextlib.suppress(*OUTAGES):
        await _sign(desk, me, token, left=True)


async def _sign(desk: Desk, me: SignedIn, token: str, *, left: bool = False) -> None:
    """Say that this console listens, or no longer does, to the others who do."""
    async with desk.database.sessions.begin() as session:
        was_there = await presence.is_there(session, me.staff_id)
        await presence.seen(session, token, left=left)
    if left or not was_there:
        await desk.broadcast.publish(store_topic(me.store_id), {"kind": "people", "conversation": ""})


async def _next(events: AsyncIterator[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return await anext(events, None)
