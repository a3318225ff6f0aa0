"""Signing in and out, setting a password by link, language and look."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from xiaoer.desk.desk import Desk
from xiaoer.staff import factors, passwords, people, sessions
from xiaoer.staff.passwords import WeakPassword
from xiaoer.web.access import DeskPart, LimitsPart
from xiaoer.web.console import access, render
from xiaoer.web.limits import TooManyRequests

PER_ADDRESS, PER_EMAIL = 20, 6
"""Sign-ins tried per minute."""
YEAR = 365 * 86400
router = APIRouter(prefix="/console", include_in_schema=False)


def inside(path: str) -> str:
    """The path if it leads to a page of the console, else the console itself: a link may not send people away."""
    plain = path.isprintable() and "\\" not in path and "//" not in path
    return path if plain and (path == "/console" or path.startswith(("/console/", "/console?"))) else "/console"


@router.get("/sign-in")
async def sign_in_page(request: Request, after: Annotated[str, Query(alias="next", max_length=500)] = "") -> Response:
    return render.page(request, "sign_in.html", after=inside(after), email="", problem="")


@router.post("/sign-in")
async def sign_in(request: Request, desk: DeskPart, limits: LimitsPart) -> Response:
    """Sign a browser in; wrong in any way reads the same and takes the same time."""
    access.require_same_origin(request)
    fields = await access.read_fields(request)
    email, after = fields.get("email", "").strip().lower()[:300], inside(fields.get("next", ""))
    t = render.words_for(request)
    try:
        address = request.client.host if request.client else "unknown"
        await limits.take("sign-in by address", address, PER_ADDRESS)
        await limits.take("sign-in by e-mail", email, PER_EMAIL)
    except TooManyRequests as error:
        problem = t("sign_in_limit", seconds=error.retry_after)
        return render.page(request, "sign_in.html", status=429, after=after, email=email, problem=problem)
    async with desk.database.sessions() as session:
        candidates = await sessions.candidates(session, email)
    staff_id = await sessions.recognised(candidates, fields.get("password", ""))
    if staff_id is None:
        problem = t("sign_in_wrong")
        return render.page(request, "sign_in.html", status=401, after=after, email=email, problem=problem)
    async with desk.database.sessions.begin() as session:
        problem = await _second(session, desk, staff_id, fields.get("code", ""))
        token = "" if problem else await sessions.open_for(session, staff_id, browser=_browser(request))
    if problem:
        asked = t(problem)
        return render.page(request, "sign_in.html", status=401, after=after, email=email, problem=asked, asks_code=True)
    response = RedirectResponse(after, 303)
    access.set_cookie(request, desk, response, token)
    return response


async def _second(session: Any, desk: Desk, staff_id: uuid.UUID, code: str) -> str:
    """What is wrong with the second factor; empty if nothing is, or none is asked for."""
    if not await factors.needed(session, staff_id):
        return ""
    if not code.strip():
        return "sign_in_code"
    return "" if await factors.passes(session, desk.seal, staff_id, code) else "sign_in_code_wrong"


def _browser(request: Request) -> str:
    return request.headers.get("user-agent", "")


@router.post("/sign-out")
async def sign_out(request: Request, desk: DeskPart, _: access.Reads) -> Response:
    async with desk.database.sessions.begin() as session:
        await sessions.end(session, request.cookies.get(access.COOKIE, ""))
    response = RedirectResponse("/console/sign-in", 303)
    response.delete_cookie(access.COOKIE, path=access.PATH)
    return response


@router.get("/link/{token}")
async def link_page(request: Request, token: str, desk: DeskPart) -> Response:
    """Where an invited person, or one who forgot, sets a password."""
    try:
        async with desk.database.sessions() as session:
            person = await people.behind_link(session, token)
    except people.BadLink:
        return render.page(request, "link.html", status=404, person=None, problem="")
    return render.page(request, "link.html", person=person, problem="")


@router.post("/link/{token}")
async def use_link(request: Request, token: str, desk: DeskPart, limits: LimitsPart) -> Response:
    access.require_same_origin(request)
    fields = await access.read_fields(request)
    await limits.take("links", request.client.host if request.client else "unknown", PER_ADDRESS)
    try:
        async with desk.database.sessions() as session:
            person = await people.behind_link(session, token)
        digest = await passwords.digest_of(fields.get("password", ""))
        async with desk.database.sessions.begin() as session:
            person = await people.use_link(session, token, digest)
            cookie = await sessions.open_for(session, person.id, browser=_browser(request))
    except people.BadLink:
        return render.page(request, "link.html", status=404, person=None, problem="")
    except WeakPassword as error:
        return render.page(request, "link.html", status=422, person=person, problem=error.detail)
    response = RedirectResponse("/console", 303)
    access.set_cookie(request, desk, response, cookie)
    return response


@router.post("/look")
async def choose_look(request: Request) -> Response:
    """Language and look of this browser; they hold before signing in too."""
    access.require_same_origin(request)
    fields = await access.read_fields(request)
    response = RedirectResponse(inside(fields.get("next", "")), 303)
    if fields.get("language") in render.LANGUAGES:
        response.set_cookie("xiaoer_language", fields["language"], max_age=YEAR, path=access.PATH, samesite="strict")
    if fields.get("look") in render.LOOKS:
        response.set_cookie("xiaoer_look", fields["look"], max_age=YEAR, path=access.PATH, samesite="strict")
    return response
