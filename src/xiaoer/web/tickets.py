"""Tickets over HTTP: for the merchant's programs by key, and for a customer by the link of one ticket."""

import uuid
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, Field

from xiaoer import stores
from xiaoer.assistant.events import announce, live
from xiaoer.assistant.turns import shown
from xiaoer.conversations import thread
from xiaoer.conversations.tables import Message
from xiaoer.conversations.thread import LONGEST_MESSAGE
from xiaoer.desk.desk import Desk
from xiaoer.errors import Invalid, NotFound
from xiaoer.stores import Priority
from xiaoer.tickets import listing, promises, telling, tickets
from xiaoer.tickets.notices import described, moment
from xiaoer.tickets.states import Kind, State
from xiaoer.tickets.tables import Ticket
from xiaoer.tickets.tickets import By, New
from xiaoer.web.access import DeskPart, LimitsPart, Merchant

router = APIRouter(prefix="/api/v1/tickets", tags=["tickets"])
pages = APIRouter(include_in_schema=False)
API = By("api")
COMMENTS_PER_MINUTE = 6
templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


class TicketIn(BaseModel):
    kind: Kind = "other"
    subject: str = Field(min_length=1, max_length=1000, description="One line; cut at 120 characters.")
    text: str = Field("", max_length=1_000_000)
    priority: Priority | None = Field(None, description="Left out: as the kind has it.")
    order: str | None = Field(None, max_length=60)
    conversation: uuid.UUID | None = Field(None, description="The conversation it came from.")
    email: str | None = Field(None, max_length=250, description="Where the customer is written to.")
    phone: str | None = Field(None, pattern=r"^\+[1-9]\d{5,14}$", description="Where they are called, as in E.164.")
    language: str | None = Field(None, pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*$", max_length=35)
    idempotency_key: str | None = Field(None, min_length=1, max_length=150)


class SaidIn(BaseModel):
    text: str = Field(max_length=1_000_000)
    public: bool = Field(False, description="Whether the customer reads it.")


class StateIn(BaseModel):
    state: State


@router.post("", status_code=201)
async def create(body: TicketIn, caller: Merchant, desk: DeskPart, response: Response) -> dict[str, Any]:
    """Make a ticket; the same key again returns the same one, with status 200."""
    async with desk.database.sessions.begin() as session:
        profile = (await stores.by_id(session, caller.store_id)).profile
        conversation = (
            await thread.by_id(session, body.conversation, store_id=caller.store_id) if body.conversation else None
        )
        spoken = (conversation.language or conversation.locale) if conversation else None
        new = New(
            kind=body.kind,
            subject=body.subject,
            text=body.text,
            language=(body.language or spoken or profile.locales[0]).replace("_", "-").partition("-")[0].lower(),
            made_by="api",
            priority=body.priority,
            order_number=body.order,
            conversation_id=conversation.id if conversation else None,
            customer_id=conversation.customer_id if conversation else None,
            email=body.email,
            phone=body.phone,
            idempotency_key=f"api:{body.idempotency_key}" if body.idempotency_key else None,
        )
        ticket, fresh = await tickets.create(session, caller.store_id, new, API)
    if not fresh:
        response.status_code = 200
    return _shown(desk, ticket)


@router.get("")
async def every(
    caller: Merchant,
    desk: DeskPart,
    which: Annotated[
        Literal["todo", "unassigned", "calls", "overdue", "waiting", "solved", "closed", "all"], Query()
    ] = "all",
    kind: Kind | None = None,
    priority: Priority | None = None,
    q: Annotated[str, Query(max_length=200)] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> dict[str, Any]:
    """Tickets of the store, newest first, fifty a page."""
    wanted = listing.Wanted(which=which, kind=kind, priority=priority, q=q, sort="newest", page=page)
    async with desk.database.sessions() as session:
        found = await listing.lines(session, caller.store_id, None, wanted)
    listed = [_shown(desk, line.ticket) for line in found[: listing.PAGE]]
    return {"tickets": listed, "page": page, "more": len(found) > listing.PAGE}


@router.get("/{number}")
async def one(number: str, caller: Merchant, desk: DeskPart) -> dict[str, Any]:
    """A ticket with its history."""
    async with desk.database.sessions() as session:
        ticket = await tickets.by_number(session, caller.store_id, _number(number))
        whole = await listing.whole(session, ticket)
    history = [
        {
            "kind": event.kind,
            "at": moment(event.created_at),
            "by": event.actor,
            "by_name": event.actor_name,
            "text": event.text,
            "public": event.public,
            "data": event.data,
        }
        for event in whole.events
    ]
    return {**_shown(desk, ticket), "history": history}


@router.post("/{number}/comments", status_code=201)
async def comment(number: str, body: SaidIn, caller: Merchant, desk: DeskPart) -> dict[str, Any]:
    """Write into a ticket; what is public is told to the customer in the chat and by mail."""
    async with desk.database.sessions.begin() as session:
        ticket = await tickets.by_number(session, caller.store_id, _number(number), lock=True)
        await tickets.comment(session, ticket, body.text, API, public=body.public)
        message = await telling.in_chat(session, ticket, body.text) if body.public else None
    await tell(desk, message)
    return _shown(desk, ticket)


@router.post("/{number}/state")
async def move(number: str, body: StateIn, caller: Merchant, desk: DeskPart) -> dict[str, Any]:
    """Bring a ticket into another state; see docs/tickets.md for the steps there are."""
    async with desk.database.sessions.begin() as session:
        ticket = await tickets.by_number(session, caller.store_id, _number(number), lock=True)
        await tickets.move(session, ticket, body.state, API)
    return _shown(desk, ticket)


@pages.get("/ticket/{token}")
async def customer_page(token: str, request: Request, desk: DeskPart, sent: bool = False) -> HTMLResponse:
    """What a customer sees of their ticket; the link is the only way in."""
    try:
        async with desk.database.sessions() as session:
            ticket = await tickets.by_id(session, desk.ticket_links.ticket(token))
            profile = (await stores.by_id(session, ticket.store_id)).profile
            whole = await listing.whole(session, ticket, public=True)
    except NotFound:
        language = request.headers.get("accept-language", "")[:2]
        return _page(404, token, language=language, whole=None, profile=None, sent=False)
    return _page(200, token, language=ticket.language, whole=whole, profile=profile, sent=sent)


@pages.post("/ticket/{token}")
async def customer_says(
    token: str, desk: DeskPart, limits: LimitsPart, text: Annotated[str, Form(max_length=LONGEST_MESSAGE * 2)] = ""
) -> Response:
    """The customer's word, by the link; no cookie counts here, so no other site can speak for them."""
    ticket_id = desk.ticket_links.ticket(token)
    await limits.take("ticket comments", ticket_id, COMMENTS_PER_MINUTE)
    async with desk.database.sessions.begin() as session:
        ticket = await tickets.by_id(session, ticket_id, lock=True)
        await tickets.comment(session, ticket, text, By("customer"), public=True)
    return RedirectResponse(f"/ticket/{token}?sent=true", 303)


async def tell(desk: Desk, message: Message | None) -> None:
    """Let whoever listens to the conversation hear a message that is stored."""
    if message is not None:
        event = live("message", shown(message))
        await announce(desk.broadcast, message.store_id, message.conversation_id, event)


def _page(status: int, token: str, *, language: str, **values: Any) -> HTMLResponse:
    def t(key: str, **given: object) -> str:
        return promises.say(key, language, **given)

    profile, whole = values["profile"], values["whole"]
    zone = profile.timezone if profile else "UTC"
    promised = promises.by_when(profile, whole.ticket.due_at, language) if whole else ""
    page = templates.get_template("ticket.html").render(
        t=t,
        language=language,
        token=token,
        when=lambda at: promises.when(at, language, zone),
        promised=promised,
        **values,
    )
    return HTMLResponse(page, status, HEADERS)


def _shown(desk: Desk, ticket: Ticket) -> dict[str, Any]:
    return {
        "id": str(ticket.id),
        **described(ticket),
        "status_url": desk.ticket_links.of(ticket.id) or desk.ticket_links.path(ticket.id),
    }


def _number(written: str) -> int:
    found = listing.NUMBER.fullmatch(written)
    if found is None:
        raise Invalid("A ticket's number is written T-1001.")
    return int(found.group(1))
