"""Tickets in the console: the list with its filters in the address, one ticket with its history, and what staff do."""

import uuid
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from xiaoer import stores
from xiaoer.conversations import thread
from xiaoer.db.record import now
from xiaoer.errors import Invalid
from xiaoer.staff import people
from xiaoer.staff.roles import may, require
from xiaoer.tickets import listing, telling, tickets
from xiaoer.tickets.listing import Sort, Wanted, Which
from xiaoer.tickets.notices import moment
from xiaoer.tickets.states import KINDS, MOVES, PRIORITIES, kind_named, priority_named, state_named
from xiaoer.tickets.tables import TicketEvent
from xiaoer.tickets.tickets import By, New
from xiaoer.web.access import DeskPart
from xiaoer.web.console import access, render
from xiaoer.web.console.access import Change
from xiaoer.web.console.problems import PageRoute
from xiaoer.web.console.sheets import sheet
from xiaoer.web.tickets import tell

router = APIRouter(prefix="/console/tickets", include_in_schema=False, route_class=PageRoute)
COLUMNS = (
    "number", "state", "priority", "kind", "subject", "order", "assigned", "due_at", "created_at", "updated_at",
    "solved_at", "reopened", "text",
)  # fmt: skip


def address(filter_: Wanted, **changes: object) -> str:
    """The address of the list with something else wanted; what is usual is left out."""
    values = {**vars(filter_), "page": 1, **changes}
    usual = vars(Wanted())
    query = urlencode({name: value for name, value in values.items() if value != usual[name]})
    return f"/console/tickets?{query}" if query else "/console/tickets"


@router.get("")
async def tickets_page(
    request: Request, desk: DeskPart, me: access.Reader,
    which: Annotated[Which, Query()] = "todo", kind: Annotated[str, Query(max_length=20)] = "",
    priority: Annotated[str, Query(max_length=20)] = "", q: Annotated[str, Query(max_length=200)] = "",
    sort: Annotated[Sort, Query()] = "due", page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:  # fmt: skip
    chosen = _chosen(which, kind, priority, q, sort, page)
    async with desk.database.sessions() as session:
        profile = (await stores.by_id(session, me.store_id)).profile
        found = await listing.lines(session, me.store_id, me.staff_id, chosen)
        counts = await listing.counts(session, me.store_id, me.staff_id)
    t = render.words_for(request)
    return render.page(
        request, "tickets.html", me=me, shop=profile.name_in(t.language), chosen=chosen, lines=found[: listing.PAGE],
        more=len(found) > listing.PAGE, numbers=counts, lists=listing.WHICH, sorts=listing.SORTS, kinds=KINDS,
        priorities=PRIORITIES, to=lambda **changes: address(chosen, **changes), clock=render.clock(profile.timezone),
        csv=address(chosen).replace("/console/tickets", "/console/tickets/file.csv", 1),
    )  # fmt: skip


@router.get("/file.csv")
async def tickets_file(
    desk: DeskPart, me: access.Reader,
    which: Annotated[Which, Query()] = "todo", kind: Annotated[str, Query(max_length=20)] = "",
    priority: Annotated[str, Query(max_length=20)] = "", q: Annotated[str, Query(max_length=200)] = "",
    sort: Annotated[Sort, Query()] = "due",
) -> Response:  # fmt: skip
    """The list as it is filtered, whole."""
    chosen = _chosen(which, kind, priority, q, sort, 1)
    async with desk.database.sessions() as session:
        found = await listing.exported(session, me.store_id, me.staff_id, chosen)
    rows = [
        (
            each.ticket.shown, each.ticket.state, each.ticket.priority, each.ticket.kind, each.ticket.subject,
            each.ticket.order_number, each.assigned, moment(each.ticket.due_at), moment(each.ticket.created_at),
            moment(each.ticket.updated_at), moment(each.ticket.solved_at), each.ticket.reopened, each.ticket.text,
        )
        for each in found
    ]  # fmt: skip
    return sheet(f"tickets-{now():%Y%m%d}.csv", [COLUMNS, *rows])


@router.get("/new")
async def new_page(
    request: Request, desk: DeskPart, me: access.Reader, c: Annotated[uuid.UUID | None, Query()] = None
) -> Response:
    """An empty ticket, or one about a conversation."""
    require(me.role, "converse")
    async with desk.database.sessions() as session:
        profile = (await stores.by_id(session, me.store_id)).profile
        if c is not None:
            await thread.by_id(session, c, store_id=me.store_id)
    shop = profile.name_in(render.words_for(request).language)
    return render.page(request, "ticket_new.html", me=me, shop=shop, c=c, kinds=KINDS, priorities=PRIORITIES)


@router.post("")
async def create(desk: DeskPart, change: access.Converses) -> Response:
    """Make a ticket, of a conversation or of nothing else."""
    fields = change.fields
    if not fields.get("subject", "").strip():
        raise Invalid("A ticket needs a line that says what it is about.")
    async with desk.database.sessions.begin() as session:
        profile = (await stores.by_id(session, change.me.store_id)).profile
        conversation = None
        if fields.get("conversation"):
            conversation_id = _uuid(fields["conversation"])
            conversation = await thread.by_id(session, conversation_id, store_id=change.me.store_id)
        language = (conversation.language or conversation.locale) if conversation else None
        new = New(
            kind=kind_named(fields.get("kind", "other")),
            subject=fields["subject"],
            text=fields.get("text", ""),
            language=language or profile.locales[0],
            made_by="staff",
            priority=priority_named(fields["priority"]) if fields.get("priority") else None,
            order_number=fields.get("order"),
            conversation_id=conversation.id if conversation else None,
            customer_id=conversation.customer_id if conversation else None,
            email=fields.get("email", "").strip() or (conversation.contact_email if conversation else None),
            phone=conversation.contact_phone if conversation else None,
            idempotency_key=f"staff:{fields['key'][:80]}" if fields.get("key") else None,
        )
        ticket, _ = await tickets.create(session, change.me.store_id, new, _by(change))
    return _back(ticket.number)


@router.get("/{number}")
async def ticket_page(
    request: Request, number: int, desk: DeskPart, me: access.Reader, undo: Annotated[uuid.UUID | None, Query()] = None
) -> Response:
    async with desk.database.sessions() as session:
        profile = (await stores.by_id(session, me.store_id)).profile
        ticket = await tickets.by_number(session, me.store_id, number)
        whole = await listing.whole(session, ticket)
        colleagues = [
            each
            for each in await people.every(session, me.store_id)
            if not each.disabled_at and may(each.role, "converse")
        ]
    t = render.words_for(request)
    return render.page(
        request, "ticket.html", me=me, shop=profile.name_in(t.language), whole=whole, ticket=ticket,
        undo=_undoable(whole.events, undo), colleagues=colleagues, moves=MOVES[ticket.state], priorities=PRIORITIES,
        clock=render.clock(profile.timezone), link=desk.ticket_links.path(ticket.id),
    )  # fmt: skip


@router.post("/{number}/state")
async def move(number: int, desk: DeskPart, change: access.Converses) -> Response:
    state = state_named(change.fields.get("state", ""))
    async with desk.database.sessions.begin() as session:
        ticket = await tickets.by_number(session, change.me.store_id, number, lock=True)
        event = await tickets.move(session, ticket, state, _by(change))
        message = await telling.solved_in_chat(session, ticket) if event and state == "solved" else None
    await tell(desk, message)
    return _back(number, event)


@router.post("/{number}/assign")
async def assign(number: int, desk: DeskPart, change: access.Converses) -> Response:
    """Take a ticket, give it up, or (managers) give it to somebody."""
    staff_id = _uuid(change.fields["staff"]) if change.fields.get("staff") else None
    async with desk.database.sessions.begin() as session:
        ticket = await tickets.by_number(session, change.me.store_id, number, lock=True)
        mine = {ticket.assigned_to, staff_id} <= {None, change.me.staff_id}
        if not mine:
            require(change.me.role, "assign")
        event = await tickets.assign(session, ticket, staff_id, _by(change))
    return _back(number, event)


@router.post("/{number}/priority")
async def set_priority(number: int, desk: DeskPart, change: access.Converses) -> Response:
    priority = priority_named(change.fields.get("priority", ""))
    async with desk.database.sessions.begin() as session:
        ticket = await tickets.by_number(session, change.me.store_id, number, lock=True)
        event = await tickets.set_priority(session, ticket, priority, _by(change))
    return _back(number, event)


@router.post("/{number}/comment")
async def comment(number: int, desk: DeskPart, change: access.Converses) -> Response:
    """Write to the customer, or for colleagues."""
    text, public = change.fields.get("text", ""), change.fields.get("public") == "yes"
    async with desk.database.sessions.begin() as session:
        ticket = await tickets.by_number(session, change.me.store_id, number, lock=True)
        await tickets.comment(session, ticket, text, _by(change), public=public)
        message = await telling.in_chat(session, ticket, text, name=change.me.name) if public else None
    await tell(desk, message)
    return _back(number)


@router.post("/{number}/undo")
async def undo(number: int, desk: DeskPart, change: access.Converses) -> Response:
    async with desk.database.sessions.begin() as session:
        ticket = await tickets.by_number(session, change.me.store_id, number, lock=True)
        await tickets.undo(session, ticket, _uuid(change.fields.get("event", "")), _by(change))
    return _back(number)


def _by(change: Change) -> By:
    return By("staff", change.me.staff_id, change.me.name)


def _back(number: int, event: TicketEvent | None = None) -> Response:
    """To the ticket's page, which offers to undo what was just done."""
    return RedirectResponse(f"/console/tickets/{number}{f'?undo={event.id}' if event else ''}", 303)


def _chosen(which: Which, kind: str, priority: str, q: str, sort: Sort, page: int) -> Wanted:
    """The filter in the address; a form sends empty fields too."""
    return Wanted(
        which,
        kind_named(kind) if kind else None,
        priority_named(priority) if priority else None,
        q.strip(),
        sort,
        page,
    )


def _undoable(events: Any, wanted_event: uuid.UUID | None) -> TicketEvent | None:
    """The step that can be taken back: the last that changed something, if it is the one meant."""
    changed = [event for event in events if event.before and not event.undone]
    return changed[-1] if changed and changed[-1].id == wanted_event else None


def _uuid(written: str) -> uuid.UUID:
    try:
        return uuid.UUID(written)
    except ValueError as error:
        raise Invalid("This is not the number of anything here.") from error
