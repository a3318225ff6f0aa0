"""Who is signed in to the console, and that a change really comes from one of its pages."""

import hmac
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response

from xiaoer.errors import Forbidden
from xiaoer.staff import sessions
from xiaoer.staff.roles import Permission, require
from xiaoer.staff.sessions import SESSION_DAYS, SignedIn
from xiaoer.web.access import DeskPart

COOKIE = "xiaoer_staff"
PATH = "/console"
HEADER = "x-csrf-token"
LONGEST_FIELD = 20_000
LONGEST_TEXT = 500_000
"""Of the field `text`, which may hold an article; one character more is kept, so that too much can be refused."""


class SignInNeeded(Exception):
    """Nobody is signed in with this browser (any more)."""


class NotFromHere(Forbidden):
    """The request was not made by a page of this console."""


@dataclass(frozen=True)
class Change:
    """A change somebody asks for: who, the fields, and whether a script waits for the answer."""

    me: SignedIn
    fields: dict[str, str]
    scripted: bool


async def the_staff(request: Request, desk: DeskPart) -> SignedIn:
    """Who is signed in, asked of the database each time; raises `SignInNeeded`."""
    token = request.cookies.get(COOKIE)
    if token:
        async with desk.database.sessions() as session:
            if (found := await sessions.behind(session, token)) is not None:
                return found
    raise SignInNeeded


Me = Annotated[SignedIn, Depends(the_staff)]


def reading(me: Me) -> SignedIn:
    """Somebody who may see the shop's conversations."""
    require(me.role, "read")
    return me


Reader = Annotated[SignedIn, Depends(reading)]


def changing(permission: Permission) -> Callable[[Request, SignedIn], AsyncIterator[Change]]:
    """A dependency that lets a change through: from our own page, with the session's token, by a role that may."""

    async def checked(request: Request, me: Me) -> AsyncIterator[Change]:
        require_same_origin(request)
        try:
            fields = await read_fields(request)
            sent = request.headers.get(HEADER)
            if not hmac.compare_digest((sent or fields.get("csrf", "")).encode(), me.csrf.encode()):
                raise NotFromHere("This page is out of date. Please load it again.")
            require(me.role, permission)
            yield Change(me, fields, sent is not None)
        finally:
            await request.close()  # also the files of who was refused

    return checked


Reads = Annotated[Change, Depends(changing("read"))]
Converses = Annotated[Change, Depends(changing("converse"))]
Assigns = Annotated[Change, Depends(changing("assign"))]
Writes = Annotated[Change, Depends(changing("write"))]
Teaches = Annotated[Change, Depends(changing("teach"))]
Rules = Annotated[Change, Depends(changing("people"))]


async def read_fields(request: Request) -> dict[str, str]:
    """The text fields of a form, each cut at 20,000 characters, `text` at 500,000."""
    form = await request.form()
    return {
        name: value[: LONGEST_TEXT + 1 if name == "text" else LONGEST_FIELD]
        for name, value in form.items()
        if isinstance(value, str)
    }


def require_same_origin(request: Request) -> None:
    """Raise `NotFromHere` for a request that a browser says comes from another site."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")
    if site not in ("same-origin", "none") or foreign:
        raise NotFromHere("This must be sent from the console itself.")


def set_cookie(request: Request, desk: DeskPart, response: Response, token: str) -> None:
    """Keep the browser signed in: out of reach of scripts and of other sites."""
    secure = request.url.scheme == "https" or (desk.settings.public_url or "").startswith("https:")
    response.set_cookie(
        COOKIE, token, max_age=SESSION_DAYS * 86400, path=PATH, secure=secure, httponly=True, samesite="strict"
    )
