"""The inbox: queues, a list, the thread, and the customer beside it, as one page."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from xiaoer import stores
from xiaoer.conversations import canned, inbox
from xiaoer.conversations.tables import Message
from xiaoer.staff import people
from xiaoer.staff.sessions import SignedIn
from xiaoer.web.access import DeskPart
from xiaoer.web.console import access, helping, render
from xiaoer.web.console.problems import PageRoute

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
) -> Response:
    """Everything at once; console.js asks for the same page again and changes what is different."""
    async with desk.database.sessions() as session:
        store = await stores.by_id(session, me.store_id)
        counts = await inbox.counts(session, me.store_id, me.staff_id)
        q = q.strip()
        listed = (
            await inbox.search(session, me.store_id, q)
            if q
            else await inbox.entries(session, me.store_id, me.staff_id, queue)
        )
        opened = await _opened(session, me, c, m) if c else None
        if opened:
            opened |= await helping.beside(session, desk, opened, render.words_for(request).language)
        replies = await canned.every(session, me.store_id) if opened else []
        colleagues = [each for each in await people.every(session, me.store_id) if not each.disabled_at]
    profile = store.profile
    t = render.words_for(request)
    values = {
        "name": opened["whole"].customer.name or t("dear_customer") if opened else "",
        "shop": profile.name_in(t.language),
        "agent": me.name,
    }
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
        colleagues=[each for each in colleagues if each.role != "viewer"],
        replies=[(reply.title, canned.filled(reply.text, values)) for reply in replies],
        clock=render.clock(profile.timezone),
        **(opened or {"whole": None}),
    )


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
