"""What becomes of a change once the customer has answered: made once, or not at all; and how that is said."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from xiaoer import stores
from xiaoer.assistant.flows.words import amount, plain_line, say
from xiaoer.commerce.commerce import AlreadyAsked, CannotUndo, OrderChanged, OutcomeUnknown, StateForbids, UnknownOrder
from xiaoer.commerce.money import Money
from xiaoer.commerce.values import Order
from xiaoer.db.database import Sessions
from xiaoer.db.record import now
from xiaoer.errors import Unavailable, XiaoerError
from xiaoer.identity import access
from xiaoer.language.phrases import phrase
from xiaoer.tools import proposals
from xiaoer.tools.calling import Caller, CommerceOf
from xiaoer.tools.changing import FINAL, PLACE_ORDER, Changing
from xiaoer.tools.tables import Proposal, ProposalState

WAIT_SECONDS = 10.0
POLL_SECONDS = 0.1
SYSTEM_DOWN = "system_down"
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Decided:
    """How a change stands after an answer to it; `handoff` is why staff must look at it now."""

    state: ProposalState
    text: str
    handoff: str | None = None
    order: str | None = None
    """The number of the order that was changed or placed."""


class Deciding:
    """Takes the customer's answer to a change and does what it says."""

    def __init__(self, sessions: Sessions, commerce_of: CommerceOf, changing: Changing) -> None:
        self._sessions = sessions
        self._commerce_of = commerce_of
        self._changing = changing

    async def decide(self, proposal: Proposal, *, accept: bool, message_id: uuid.UUID | None = None) -> Decided:
        """Accept or decline. Whoever comes second hears how it ended, and changes nothing."""
        async with self._sessions.begin() as session:
            first = await proposals.decide(session, proposal.id, accept=accept, message_id=message_id)
        if first and accept:
            # A browser that goes away, or staff who take over, do not stop halfway what was confirmed.
            return await asyncio.shield(self.execute(proposal.id))
        return await self.outcome(proposal.id)

    async def outcome(self, proposal_id: uuid.UUID) -> Decided:
        """How a decided change ended; waits a little for the one who is at it, and takes over from one who is gone."""
        for _ in range(round(WAIT_SECONDS / POLL_SECONDS)):
            proposal = await self._current(proposal_id)
            if proposal.state != "accepted":
                break
            if proposal.lease_until is not None and proposal.lease_until < now():
                return await self.execute(proposal_id)
            await asyncio.sleep(POLL_SECONDS)
        return said_of(proposal)

    async def execute(self, proposal_id: uuid.UUID) -> Decided:
        """Do an accepted change, and keep how it ended. Done twice it happens once: its id is the key."""
        proposal = await self._current(proposal_id)
        made = await self._made(proposal)
        result = {"text": made.text, "handoff": made.handoff, "order": made.order}
        async with self._sessions.begin() as session:
            mine = await proposals.finish(session, proposal_id, made.state, result)
        return made if mine else said_of(await self._current(proposal_id))

    async def _made(self, proposal: Proposal) -> Decided:
        language, number = proposal.language, proposal.subject
        caller: Caller | None = None
        handoff: str | None = None
        try:
            caller = await self._caller(proposal)
            order = await self._changing.make(caller, proposal)
        except (OrderChanged, StateForbids) as error:
            key = "changed" if isinstance(error, OrderChanged) else "forbidden_state"
            placing = proposal.tool == PLACE_ORDER
            text = say("changed_goods", language) if placing else await self._as_it_is(key, caller, proposal)
        except CannotUndo:
            text = say("undo_over", language, number=number)
        except AlreadyAsked:
            text = say("already", language, number=number)
        except UnknownOrder:
            text = say("changed_unseen", language, number=number)
        except OutcomeUnknown:
            key = "unknown_placed" if proposal.tool == PLACE_ORDER else "unknown"
            text, handoff = say(key, language, number=number), SYSTEM_DOWN
        except Unavailable:
            text, handoff = phrase(SYSTEM_DOWN, language), SYSTEM_DOWN
        except XiaoerError as error:
            log.warning("change.refused", tool=proposal.tool, reason=str(error))
            text = say("refused", language)
        else:
            return Decided("executed", _with_way_back(done(order, proposal), caller, proposal), None, order.number)
        return Decided("failed", text, handoff)

    async def _caller(self, proposal: Proposal) -> Caller:
        async with self._sessions() as session:
            store = await stores.by_id(session, proposal.store_id)
            seen = await access.of(session, proposal.conversation_id)
        commerce = await self._commerce_of(proposal.store_id)
        if commerce is None:
            raise UnknownOrder
        return Caller(
            store_id=proposal.store_id,
            conversation_id=proposal.conversation_id,
            profile=store.profile,
            commerce=commerce,
            seen=seen,
            at=now(),
        )

    async def _as_it_is(self, key: str, caller: Caller | None, proposal: Proposal) -> str:
        """What to say when the order would not have it: with the state it is in now, if that can be read."""
        language, number = proposal.language, proposal.subject
        try:
            assert caller is not None
            order = await caller.order(number)
        except XiaoerError:
            return say("changed_unseen", language, number=number)
        return say(key, language, number=number, state=say(f"state_{order.state}", language))

    async def _current(self, proposal_id: uuid.UUID) -> Proposal:
        async with self._sessions() as session:
            return await proposals.by_id(session, proposal_id)


def _with_way_back(text: str, caller: Caller, proposal: Proposal) -> str:
    """With how to take it back, where the shop's system can."""
    if proposal.tool in FINAL or not caller.commerce.undo_minutes:
        return text
    return f"{text}\n{say('undo_hint', proposal.language, minutes=caller.commerce.undo_minutes)}"


def said_of(proposal: Proposal) -> Decided:
    """What the customer is told of a change as it stands."""
    key = {"declined": "declined", "expired": "expired", "accepted": "busy", "open": "remind"}.get(proposal.state)
    text = say(key, proposal.language) if key else str(proposal.result["text"])
    return Decided(proposal.state, text, proposal.result.get("handoff"), proposal.result.get("order"))


def done(order: Order, proposal: Proposal) -> str:
    """The sentence of success, from the order as the shop's system gave it back."""
    language = proposal.language
    request = order.requests[-1] if order.requests else None
    values: dict[str, Callable[[], str]] = {
        "cancel_order": lambda: say(f"state_{order.state}", language),
        "undo": lambda: say(f"state_{order.state}", language),
        "change_address": lambda: plain_line(order.address.line()) if order.address else "",
        "protect_price": lambda: amount(Money.parse(proposal.arguments["amount"]), language),
        "place_order": lambda: amount(order.amounts.total, language),
        "request_invoice": lambda: plain_line(str(proposal.arguments["title"]["title"])),
    }
    shown = values.get(proposal.tool, str)()
    return say(
        f"done_{proposal.tool}",
        language,
        number=order.number,
        state=shown,
        address=shown,
        title=shown,
        amount=shown,
        total=shown,
        request=say(f"request_{request.state if request else 'requested'}", language),
    )
