"""Webhooks in the console: whom the shop has told, with which secret, and how that went. For owners."""

import uuid

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from xiaoer import stores
from xiaoer.desk.desk import Desk
from xiaoer.staff.roles import require
from xiaoer.staff.sessions import SignedIn
from xiaoer.tickets import webhooks
from xiaoer.web.access import DeskPart
from xiaoer.web.console import access, render
from xiaoer.web.console.problems import PageRoute

router = APIRouter(prefix="/console/webhooks", include_in_schema=False, route_class=PageRoute)


@router.get("")
async def webhooks_page(request: Request, desk: DeskPart, me: access.Reader) -> Response:
    require(me.role, "people")
    return await _page(request, desk, me)


@router.post("")
async def add(request: Request, desk: DeskPart, change: access.Rules) -> Response:
    """Add an address and show its secret, this once."""
    async with desk.database.sessions.begin() as session:
        hook, secret = await webhooks.add(session, change.me.store_id, change.fields.get("url", ""), desk.seal)
    return await _page(request, desk, change.me, made=hook.id, secret=secret)


@router.post("/{hook_id}/{what}")
async def switch(hook_id: uuid.UUID, what: str, desk: DeskPart, change: access.Rules) -> Response:
    async with desk.database.sessions.begin() as session:
        if what == "delete":
            await webhooks.remove(session, change.me.store_id, hook_id)
        else:
            await webhooks.switch(session, change.me.store_id, hook_id, on=what == "on")
    return RedirectResponse("/console/webhooks", 303)


async def _page(
    request: Request, desk: Desk, me: SignedIn, *, made: uuid.UUID | None = None, secret: str = ""
) -> Response:
    async with desk.database.sessions() as session:
        profile = (await stores.by_id(session, me.store_id)).profile
        hooks = await webhooks.every(session, me.store_id)
        log = await webhooks.log(session, me.store_id)
    shop = profile.name_in(render.words_for(request).language)
    return render.page(
        request,
        "webhooks.html",
        me=me,
        shop=shop,
        hooks=hooks,
        log=log,
        made=made,
        secret=secret,
        urls={hook.id: hook.url for hook in hooks},
        clock=render.clock(profile.timezone),
    )
