"""The customer's orders beside the thread, and putting a change before the customer with one click.

What is shown is what this conversation may see: a signed customer's orders, or those shown in the chat. A member of
staff sees no more here than the customer does, and changes nothing without the customer's yes.
"""

import asyncio
import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response

from xiaoer import stores
from xiaoer.assistant.events import Confirm, announce, live
from xiaoer.assistant.turns import shown
from xiaoer.commerce.values import Order, Piece
from xiaoer.conversations import handoff, thread
from xiaoer.conversations.tables import Conversation
from xiaoer.db.record import now
from xiaoer.desk.desk import Desk
from xiaoer.errors import Invalid, NotFound, XiaoerError
from xiaoer.identity import access as identity
from xiaoer.staff.sessions import SignedIn
from xiaoer.stores import Profile
from xiaoer.tools.calling import Caller
from xiaoer.tools.changing import CHANGES, ChangeName, Changing
from xiaoer.tools.reading import Reading
from xiaoer.web.access import DeskPart
from xiaoer.web.console import access, render
from xiaoer.web.console.problems import PageRoute

router = APIRouter(prefix="/console/conversations/{conversation_id}", include_in_schema=False, route_class=PageRoute)
ONE_CLICK: tuple[ChangeName, ...] = ("cancel_order", "urge_shipment", "request_return")
"""Changes that need nothing more than the order itself."""
FRESH_SECONDS = 20.0
PATIENCE_SECONDS = 3.0
MOST_KEPT = 500
log = structlog.get_logger(__name__)


class NoShop(NotFound):
    """The shop's own system is not connected, or this conversation may see no order."""


@dataclass(frozen=True)
class Card:
    """An order, and what can be put before the customer for it now."""

    order: Order
    changes: tuple[ChangeName, ...]


class ShownOrders:
    """Cards of conversations looked at a moment ago: a console asks again at each event, a merchant is asked seldom."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._cards: dict[uuid.UUID, tuple[float, list[Card] | None]] = {}

    async def of(self, profile: Profile, conversation: Conversation) -> list[Card] | None:
        """The orders this conversation may see; None where there are none to see, or the shop does not answer."""
        known = self._cards.pop(conversation.id, None)
        if known is None or known[0] < time.monotonic():
            known = time.monotonic() + FRESH_SECONDS, await self._asked(profile, conversation)
        self._cards[conversation.id] = known
        while len(self._cards) > MOST_KEPT:
            del self._cards[next(iter(self._cards))]
        return known[1]

    def forget(self, conversation_id: uuid.UUID) -> None:
        """Ask again next time."""
        self._cards.pop(conversation_id, None)

    async def _asked(self, profile: Profile, conversation: Conversation) -> list[Card] | None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                caller = await _caller(self._desk, profile, conversation)
                if caller is None:
                    return None
                orders = await Reading(self._desk.database.sessions).orders(caller)
                changing = Changing(self._desk.database.sessions)
                return [Card(order, await _possible(changing, caller, order)) for order in orders]
        except (XiaoerError, TimeoutError) as error:
            log.info("console.orders", reason=str(error))
            return None


def shown_orders(request: Request) -> ShownOrders:
    shown: ShownOrders = request.app.state.shown_orders
    return shown


async def _possible(changing: Changing, caller: Caller, order: Order) -> tuple[ChangeName, ...]:
    found: list[ChangeName] = []
    for name in ONE_CLICK:
        try:
            await changing.check(caller, name, order)
        except XiaoerError:
            continue
        found.append(name)
    return tuple(found)


async def _caller(desk: Desk, profile: Profile, conversation: Conversation) -> Caller | None:
    async with desk.database.sessions() as session:
        seen = await identity.of(session, conversation.id)
    if seen.customer is None and not seen.orders:
        return None
    commerce = await desk.links.of(conversation.store_id)
    if commerce is None:
        return None
    return Caller(
        store_id=conversation.store_id,
        conversation_id=conversation.id,
        profile=profile,
        commerce=commerce,
        seen=seen,
        at=now(),
    )


@router.post("/propose")
async def propose(request: Request, conversation_id: uuid.UUID, change: access.Converses, desk: DeskPart) -> Response:
    """Put a change of an order before the customer, who confirms it in the chat; nothing is done before."""
    name = next((each for each in CHANGES if each == change.fields.get("change") and each in ONE_CLICK), None)
    if name is None:
        raise Invalid("Choose a change: cancel, urge or return.")
    async with desk.database.sessions() as session:
        conversation = await thread.by_id(session, conversation_id, store_id=change.me.store_id)
        profile = (await stores.by_id(session, change.me.store_id)).profile
    if handoff.state_of(conversation) != "staff" or conversation.assigned_to != change.me.staff_id:
        raise handoff.TakenByAnother("Take the conversation first.")
    caller = await _caller(desk, profile, conversation)
    if caller is None:
        raise NoShop("This conversation may see no order: the customer has to sign in or show one.")
    order = await Reading(desk.database.sessions).order(caller, change.fields.get("order", ""))
    language = conversation.language or conversation.locale or profile.locales[0]
    t = render.Words("zh" if language == "zh" else "en")
    goods = (
        "、".join(line.name for line in order.lines[:3])
        if language == "zh"
        else ", ".join(line.name for line in order.lines[:3])
    )
    summary = t(f"propose_{name}", number=order.number, goods=goods)
    proposal, token = await Changing(desk.database.sessions).propose(
        caller, name, order, _arguments(name, order), summary=summary, language=language
    )
    await _put(desk, change.me, conversation_id, Confirm(token, summary, proposal.expires_at))
    shown_orders(request).forget(conversation_id)
    return Response(status_code=204)


def _arguments(name: ChangeName, order: Order) -> Mapping[str, Any]:
    if name == "request_return":
        return {"pieces": [asdict(Piece(sku=each.sku, quantity=each.quantity)) for each in order.lines], "reason": ""}
    return {"reason": ""} if name == "cancel_order" else {}


async def _put(desk: Desk, me: SignedIn, conversation_id: uuid.UUID, confirm: Confirm) -> None:
    async with desk.database.sessions.begin() as session:
        message = await thread.post(session, conversation_id, "staff", confirm.summary, author_name=me.name)
        message.evidence = {"confirm": confirm.as_json()}
        await session.flush()
    told = live("message", shown(message)), live("confirm", confirm.as_json())
    await announce(desk.broadcast, me.store_id, conversation_id, *told)
