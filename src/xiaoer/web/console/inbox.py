"""The inbox: queues, a list, the thread, and the customer beside it, as one page."""

import uuid
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from xiaoer import stores
from xiaoer.assistant.events import store_topic
from xiaoer.conversations import canned, inbox
from xiaoer.conversations.tables import Message
from xiaoer.desk.desk import Desk
from xiaoer.staff import people, presence
from xiaoer.staff.sessions import SignedIn
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
) -> Response:
    """Everything at once; console.js asks for the same page again and changes what is different."""
    await _look(request, desk, me, c)
    async with desk.database.sessions() as session:
        profile = (await stores.by_id(session, me.store_id)).profile
        counts = await inbox.counts(session, me.store_id, me.staff_id)
        listed = await _listed(session, me, queue, q := q.strip(), filters)
        facets = await inbox.facets(session, me.store_id)
        around = await _around(session, me, c)
        opened = await _opened(session, me, c, m) if c else None
        if opened:
            opened |= await helping.beside(session, desk, opened, render.words_for(request).language)
        replies = await canned.every(session, me.store_id) if opened else []
    orders = await shown_orders(request).of(profile, opened["whole"].conversation) if opened else None
    t = render.words_for(request)
    values = {"name": "", "shop": profile.name_in(t.language), "agent": me.name}
    if opened:
        values["name"] = opened["whole"].customer.name or t("dear_customer")
    return render.page(
        request,
        "inbox.html",
        me=me,
        shop=profile.name_in(t.language),
        queues=inbox.QUEUES,
        queue=queue,
        counts=counts,
        entries=listed,
        q=q,
        c=c,
        filters=asdict(filters),
        facets=facets,
        narrowed=filters.as_query(),
        orders=orders,
        replies=[(reply.title, canned.filled(reply.text, values)) for reply in replies],
        clock=render.clock(profile.timezone),
        **around,
        **(opened or {"whole": None}),
    )


async def _listed(session: Any, me: SignedIn, queue: inbox.Queue, q: str, filters: Narrowing) -> list[inbox.Entry]:
    if q:
        return await inbox.search(session, me.store_id, q)
    return await inbox.entries(session, me.store_id, me.staff_id, queue, filters=filters.wanted())


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


async def _opened(
    session: Any, me: SignedIn, conversation_id: uuid.UUID, message_id: uuid.UUID | None
) -> dict[str, Any]:
    whole = await inbox.whole(session, conversation_id, store_id=me.store_id)
    messages = await inbox.latest(session, conversation_id)
    answers = [message for message in messages if message.author == "assistant"]
    chosen = next((each for each in answers if each.id == message_id), answers[-1] if answers else None)
    asked = next((each for each in messages if chosen is not None and each.id == chosen.answers), None)
    mine = whole.conversation.assigned_to == me.staff_id
    return {
        "whole": whole,
        "stand": "mine" if whole.state == "staff" and mine else "team" if whole.state == "staff" else whole.state,
        "messages": messages,
        "chosen": chosen,
        "asked": asked,
        "evidence": render.evidence_of(chosen) if chosen else None,
        "withheld_counts": {each.id: _withheld(each) for each in answers},
    }


def _withheld(message: Message) -> int:
    return len(render.evidence_of(message)["withheld"])
