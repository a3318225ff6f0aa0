"""The people of the shop, and canned replies."""

import uuid
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from xiaoer import stores
from xiaoer.conversations import canned
from xiaoer.errors import Invalid
from xiaoer.staff import people, sessions
from xiaoer.staff.roles import ROLES, Role, require
from xiaoer.staff.sessions import SignedIn
from xiaoer.staff.tables import Staff
from xiaoer.web.access import DeskPart
from xiaoer.web.console import access, render
from xiaoer.web.console.problems import PageRoute

router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)


@router.get("/people")
async def people_page(request: Request, desk: DeskPart, me: access.Reader) -> Response:
    require(me.role, "people")
    return await _people(request, desk, me)


@router.post("/people")
async def invite(request: Request, desk: DeskPart, change: access.Rules) -> Response:
    """Add a person and show the link with which they set a password; it is shown this once."""
    fields = change.fields
    async with desk.database.sessions.begin() as session:
        person = await people.add(
            session,
            change.me.store_id,
            email=fields.get("email", ""),
            name=fields.get("name", ""),
            role=_role(fields.get("role", "")),
        )
        token = await people.make_link(session, person)
    return await _people(request, desk, change.me, invited=person, link=_address(request, desk, token))


@router.post("/people/{staff_id}/link")
async def reset(request: Request, staff_id: uuid.UUID, desk: DeskPart, change: access.Rules) -> Response:
    async with desk.database.sessions.begin() as session:
        person = await people.by_id(session, staff_id, store_id=change.me.store_id)
        token = await people.make_link(session, person)
    return await _people(request, desk, change.me, invited=person, link=_address(request, desk, token))


@router.post("/people/{staff_id}/role")
async def change_role(staff_id: uuid.UUID, desk: DeskPart, change: access.Rules) -> Response:
    async with desk.database.sessions.begin() as session:
        person = await people.by_id(session, staff_id, store_id=change.me.store_id)
        await people.change_role(session, person, _role(change.fields.get("role", "")))
    return RedirectResponse("/console/people", 303)


@router.post("/people/{staff_id}/name")
async def rename(staff_id: uuid.UUID, desk: DeskPart, change: access.Rules) -> Response:
    """Another name or e-mail address for a colleague; one's own is changed with the password."""
    if staff_id == change.me.staff_id:
        raise Invalid("Your own name and e-mail address are changed on the page of your account.")
    async with desk.database.sessions.begin() as session:
        person = await people.by_id(session, staff_id, store_id=change.me.store_id)
        await people.rename(session, person, email=change.fields.get("email", ""), name=change.fields.get("name", ""))
    return RedirectResponse("/console/people", 303)


@router.post("/people/{staff_id}/off")
async def switch_off(staff_id: uuid.UUID, desk: DeskPart, change: access.Rules) -> Response:
    async with desk.database.sessions.begin() as session:
        await people.switch_off(session, await people.by_id(session, staff_id, store_id=change.me.store_id))
    return RedirectResponse("/console/people", 303)


@router.get("/replies")
async def replies_page(request: Request, desk: DeskPart, me: access.Reader) -> Response:
    require(me.role, "teach")
    async with desk.database.sessions() as session:
        shop = await _shop(request, session, me)
        replies = await canned.every(session, me.store_id)
    return render.page(request, "replies.html", me=me, shop=shop, replies=replies)


@router.post("/replies")
async def add_reply(desk: DeskPart, change: access.Teaches) -> Response:
    async with desk.database.sessions.begin() as session:
        fields = change.fields
        await canned.add(session, change.me.store_id, fields.get("title", ""), fields.get("text", ""))
    return RedirectResponse("/console/replies", 303)


@router.post("/replies/{reply_id}/delete")
async def remove_reply(reply_id: uuid.UUID, desk: DeskPart, change: access.Teaches) -> Response:
    async with desk.database.sessions.begin() as session:
        await canned.remove(session, reply_id, store_id=change.me.store_id)
    return RedirectResponse("/console/replies", 303)


async def _people(
    request: Request, desk: DeskPart, me: SignedIn, *, invited: Staff | None = None, link: str = ""
) -> Response:
    async with desk.database.sessions() as session:
        shop = await _shop(request, session, me)
        everybody = await people.every(session, me.store_id)
        active = await sessions.signed_in(session, me.store_id)
    return render.page(
        request,
        "people.html",
        me=me,
        shop=shop,
        people=everybody,
        roles=tuple(ROLES),
        active=active,
        invited=invited,
        link=link,
    )


async def _shop(request: Request, session: Any, me: SignedIn) -> str:
    return (await stores.by_id(session, me.store_id)).profile.name_in(render.words_for(request).language)


def _role(name: str) -> Role:
    for role in ROLES:
        if role == name:
            return role
    raise Invalid("Choose a role: owner, manager, staff or viewer.")


def _address(request: Request, desk: DeskPart, token: str) -> str:
    base = desk.settings.public_url or str(request.base_url)
    return f"{base.rstrip('/')}/console/link/{token}"
