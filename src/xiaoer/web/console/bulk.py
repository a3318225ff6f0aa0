"""Snoozing one conversation, and doing the same to many at once."""

import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from xiaoer import stores
from xiaoer.conversations import inbox, thread
from xiaoer.db.record import now
from xiaoer.desk.desk import Desk
from xiaoer.errors import Invalid, XiaoerError
from xiaoer.web.access import DeskPart
from xiaoer.web.console import access, actions
from xiaoer.web.console.access import Change
from xiaoer.web.console.problems import PageRoute

router = APIRouter(prefix="/console/conversations", include_in_schema=False, route_class=PageRoute)
MOST = 100
SPANS = {"1h": timedelta(hours=1), "4h": timedelta(hours=4)}
MORNING = 9
Action = Callable[[Desk, Change, uuid.UUID], Awaitable[None]]


@router.post("/bulk")
async def bulk(request: Request, desk: DeskPart, change: access.Converses) -> Response:
    """One action on many conversations; each is done or refused by itself, and it is told how many were."""
    form = await request.form()
    ids = [_id(str(each)) for each in form.getlist("ids")]
    if not 1 <= len(ids) <= MOST:
        raise Invalid(f"Choose 1 to {MOST} conversations.")
    act = ACTIONS.get(change.fields.get("act", ""))
    if act is None:
        raise Invalid("Choose what to do with the conversations.")
    refused = []
    for conversation_id in dict.fromkeys(ids):
        try:
            await act(desk, change, conversation_id)
        except XiaoerError as error:
            refused.append(error.detail)
    if change.scripted:
        return JSONResponse({"done": len(set(ids)) - len(refused), "refused": refused[:5]})
    return RedirectResponse("/console", 303)


@router.post("/{conversation_id}/snooze")
async def snooze(conversation_id: uuid.UUID, desk: DeskPart, change: access.Converses) -> Response:
    await _snooze(desk, change, conversation_id)
    return actions.done(change, conversation_id)


def until(span: str, timezone: str) -> datetime | None:
    """When a snooze ends: in some hours, or at nine in the morning of tomorrow or Monday, the shop's time."""
    if span in SPANS:
        return now() + SPANS[span]
    if span == "wake":
        return None
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    today = now().astimezone(zone).replace(hour=MORNING, minute=0, second=0, microsecond=0)
    if span == "tomorrow":
        return today + timedelta(days=1)
    if span == "monday":
        return today + timedelta(days=7 - today.weekday())
    raise Invalid("Snooze for 1h, 4h, until tomorrow or until monday.")


async def _snooze(desk: Desk, change: Change, conversation_id: uuid.UUID) -> None:
    async with desk.database.sessions.begin() as session:
        await thread.by_id(session, conversation_id, store_id=change.me.store_id)
        zone = (await stores.by_id(session, change.me.store_id)).profile.timezone
        await inbox.snooze(session, conversation_id, until(change.fields.get("span", "4h"), zone))
    await actions.moved(desk, change, conversation_id)


async def _take(desk: Desk, change: Change, conversation_id: uuid.UUID) -> None:
    await actions.take_for(desk, change, conversation_id, change.me.staff_id, change.me.name, force=False)


async def _close(desk: Desk, change: Change, conversation_id: uuid.UUID) -> None:
    await actions.leave(desk, change, conversation_id, closing=True)


async def _hand_back(desk: Desk, change: Change, conversation_id: uuid.UUID) -> None:
    await actions.leave(desk, change, conversation_id, closing=False)


async def _tag(desk: Desk, change: Change, conversation_id: uuid.UUID) -> None:
    async with desk.database.sessions.begin() as session:
        conversation = await thread.by_id(session, conversation_id, store_id=change.me.store_id)
        added = actions.COMMAS.split(change.fields.get("tags", ""))
        await inbox.set_tags(session, conversation_id, [*conversation.tags, *added])
    await actions.moved(desk, change, conversation_id)


ACTIONS: dict[str, Action] = {
    "take": _take,
    "close": _close,
    "handback": _hand_back,
    "tag": _tag,
    "snooze": _snooze,
}


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Invalid("There is no such conversation.") from error
