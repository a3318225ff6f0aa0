"""The inbox: queues, a list, the thread, and the customer beside it, as one page."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from xiaoer import stores
from xiaoer.assistant.events import store_topic
from xiaoer.conversations import canned, inbox
from xiaoer.conversations.tables import Conversation, Message
from xiaoer.desk.desk import Desk
from xiaoer.identity.access import signed_customer
from xiaoer.staff import people, presence
from xiaoer.staff.sessions import SignedIn
from xiaoer.tickets import listing
from xiaoer.tools import audit
from xiaoer.web.access import DeskPart
from xiaoer.web.console import access, helping, render
from xiaoer.web.console.orders import shown_orders
from xiaoer.web.console.problems import PageRoute


@dataclass(frozen=True)
class Narrowing:
    """What the list is narrowed to, as it stands in the address."""

    lang: Annotated[str, Query(max_length=35)] = ""
    channel: Annotated[str, Query(max_length=60)] = ""
    reason: Annotated[str, Query(max_length=60)] = ""
    tag: Annotated[str, Query(max_length=60)] = ""
    unread: Literal["", "1"] = ""
    mine: Literal["", "1"] = ""
    sort: Literal["", "waiting", "newest", "oldest"] = ""

    def wanted(self) -> inbox.Filters:
        return inbox.Filters(
            language=self.lang,
            channel=self.channel,
            reason=self.reason,
            tag=self.tag,
            unread=bool(self.unread),
            mentioned=bool(self.mine),
            order=self.sort or None,
        )

    def as_query(self) -> str:
        """As the end of an address, with its ampersand; empty when nothing is narrowed."""
        said = urlencode({name: value for name, value in asdict(self).items() if value})
        return f"&{said}" if said else ""


@dataclass(frozen=True)
class Place:
    """Where in the inbox somebody is, as it stands in the address."""

    queue: inbox.Queue
    c: uuid.UUID | None
    m: uuid.UUID | None
    q: str
    filters: Narrowing

    @property
    def address(self) -> str:
        """The list, with nothing open."""
        searched = f"&{urlencode({'q': self.q})}" if self.q else ""
        return f"/console?queue={self.queue}{searched}{self.filters.as_query()}"


NO_NARROWING = Narrowing()
router = APIRouter(prefix="/console", include_in_schema=False, route_class=PageRoute)


@router.get("")
async def inbox_page(
    request: Request,
    desk: DeskPart,
    me: access.Reader,
    queue: Annotated[inbox.Queue, Query()] = "waiting",
    c: Annotated[uuid.UUID | None, Query(description="The open conversation.")] = None,
    m: Annotated[uuid.UUID | None, Query(description="The answer whose evidence is shown.")] = None,
    q: Annotated[str, Query(max_length=200)] = "",
    filters: Annotated[Narrowing, Depends()] = NO_NARROWING,
    after: Annotated[int | None, Query(ge=0, description="The last position shown of what is open.")] = None,
) -> Response:
    """Everything at once; console.js asks for the same page again and changes what is different.

    With `after`, only what moves of the open conversation: its bar, its card, the messages after that position, and
    those that were judged, whose mark may be new.
    """
    place = Place(queue, c, m, q.strip(), filters)
    if c and after is not None:
        values = await _opened(request, desk, me, place)
        shown = [each for each in values["messages"] if each.position > after or each.feedback_score is not None]
        return render.page(request, "opened.html", me=me, **values | {"messages": shown})
    await _look(request, desk, me, c)
    values = await _opened(request, desk, me, place)
    async with desk.database.sessions() as session:
        listed = await _listed(session, me, place)
        listed["read_in"] = await desk.knowledge.is_read_in(me.store_id)
        replies = await canned.every(session, me.store_id) if c else []
    t = render.words_for(request)
    customer = (c and values["whole"].customer.name) or t("dear_customer")
    said = {"name": customer, "shop": values["profile"].name_in(t.language), "agent": me.name}
    return render.page(
        request,
        "inbox.html",
        me=me,
        shop=said["shop"],
        replies=[(reply.title, canned.filled(reply.text, said)) for reply in replies],
        **values,
        **listed,
    )


async def _listed(session: Any, me: SignedIn, place: Place) -> dict[str, Any]:
    """The queues, and what is in the one shown."""
    if place.q:
        entries = await inbox.search(session, me.store_id, place.q)
    else:
        wanted = place.filters.wanted()
        entries = await inbox.entries(session, me.store_id, me.staff_id, place.queue, filters=wanted)
    return {
        "queues": inbox.QUEUES,
        "counts": await inbox.counts(session, me.store_id, me.staff_id),
        "facets": await inbox.facets(session, me.store_id),
        "filters": asdict(place.filters),
        "narrowed": place.filters.as_query(),
        "entries": entries,
    }


async def _opened(request: Request, desk: Desk, me: SignedIn, place: Place) -> dict[str, Any]:
    """Where somebody is, and what stands in the open conversation and beside it."""
    t = render.words_for(request)
    async with desk.database.sessions() as session:
        profile = (await stores.by_id(session, me.store_id)).profile
        values = await _around(session, me, place.c)
        if place.c:
            values |= await _thread(session, me, place.c, place.m)
            values |= await helping.beside(session, desk, values, t.language)
    whole = values.setdefault("whole", None)
    if whole:
        customer = whole.customer
        values["shown_name"] = (
            customer.name or customer.external_id or t("visitor", id=render.short(whole.conversation.id))
        )
        values["orders"] = await shown_orders(request).of(profile, whole.conversation)
    here = {"queue": place.queue, "c": place.c, "q": place.q, "address": place.address}
    times = {"clock": render.clock(profile.timezone), "day": render.day(profile.timezone)}
    return {"shown_name": "", "profile": profile} | times | here | values


async def _look(request: Request, desk: Desk, me: SignedIn, conversation_id: uuid.UUID | None) -> None:
    async with desk.database.sessions.begin() as session:
        changed = await presence.looks_at(session, request.cookies[access.COOKIE], conversation_id)
    for each in changed:
        await desk.broadcast.publish(store_topic(me.store_id), {"kind": "people", "conversation": str(each)})


async def _around(session: Any, me: SignedIn, conversation_id: uuid.UUID | None) -> dict[str, Any]:
    """The colleagues, who of them is there, and who has the same conversation open."""
    there = await presence.present(session, me.store_id)
    others = {each.name for each in there if each.looking_at == conversation_id and each.staff_id != me.staff_id}
    colleagues = [each for each in await people.every(session, me.store_id) if not each.disabled_at]
    return {
        "there": {each.staff_id for each in there},
        "looking": sorted(others) if conversation_id else [],
        "colleagues": [each for each in colleagues if each.role != "viewer"],
    }


async def _thread(
    session: Any, me: SignedIn, conversation_id: uuid.UUID, message_id: uuid.UUID | None
) -> dict[str, Any]:
    whole = await inbox.whole(session, conversation_id, store_id=me.store_id)
    messages = await inbox.latest(session, conversation_id)
    answers = [message for message in messages if message.author == "assistant"]
    chosen = next((each for each in answers if each.id == message_id), answers[-1] if answers else None)
    asked = next((each for each in messages if chosen is not None and each.id == chosen.answers), None)
    # Who writes by the API has no name here: to the console such a conversation is nobody's yet.
    stand = {None: "waiting", me.staff_id: "mine"}.get(whole.conversation.assigned_to, "team")
    return {
        "whole": whole,
        "stand": stand if whole.state == "staff" else whole.state,
        "messages": messages,
        "unseen": _unseen(whole.conversation, messages),
        "chosen": chosen,
        "asked": asked,
        "evidence": render.evidence_of(chosen) if chosen else None,
        "tickets": await listing.of_conversation(session, me.store_id, conversation_id),
        "calls": await audit.of(session, me.store_id, conversation_id),
        "vouched": await signed_customer(session, conversation_id),
        "withheld_counts": {each.id: _withheld(each) for each in answers},
    }


def _unseen(conversation: Conversation, messages: Sequence[Message]) -> str:
    """The word for how it stands with staff's last message: `unseen`, `unseen_told`; empty once it is seen."""
    last = max((each.position for each in messages if each.author == "staff"), default=0)
    if last <= conversation.seen_position:
        return ""
    return "unseen_told" if last <= conversation.told_position else "unseen"


def _withheld(message: Message) -> int:
    return len(render.evidence_of(message)["withheld"])
