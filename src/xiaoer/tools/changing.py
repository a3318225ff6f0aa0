"""Tools that change an order, in two steps: `draft` checks and shows the exact change, `make` does it once."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal, get_args

from xiaoer.commerce.commerce import Ability, Commerce, OrderChanged, Permit, StateForbids
from xiaoer.commerce.money import Money
from xiaoer.commerce.numbers import plain
from xiaoer.commerce.values import Address, Booking, InvoiceTitle, Order, OrderState, Piece
from xiaoer.db.database import Sessions
from xiaoer.tools import proposals
from xiaoer.tools.baskets import Basket, priced
from xiaoer.tools.calling import Audit, Caller, ToolRefused
from xiaoer.tools.proposals import Draft
from xiaoer.tools.tables import Proposal

ChangeName = Literal[
    "cancel_order", "change_address", "urge_shipment", "request_return", "request_exchange", "request_invoice",
    "book_service", "protect_price", "reward_review", "undo",
]  # fmt: skip
DAY = timedelta(days=1)
PLACE_ORDER: Final = "place_order"
FINAL: Final = frozenset({PLACE_ORDER, "undo"})
"""What cannot be taken back by itself."""
Make = Callable[[Commerce, str, Permit, Mapping[str, Any]], Awaitable[Order]]


@dataclass(frozen=True)
class Change:
    """One way to change an order, and the states it is possible in."""

    name: ChangeName
    states: frozenset[OrderState]
    make: Make


async def _cancel(commerce: Commerce, number: str, permit: Permit, given: Mapping[str, Any]) -> Order:
    return await commerce.cancel_order(number, permit, reason=str(given.get("reason", "")))


async def _change_address(commerce: Commerce, number: str, permit: Permit, given: Mapping[str, Any]) -> Order:
    return await commerce.change_address(number, permit, address=Address(**given["address"]))


async def _urge(commerce: Commerce, number: str, permit: Permit, _: Mapping[str, Any]) -> Order:
    return await commerce.urge_shipment(number, permit)


async def _return(commerce: Commerce, number: str, permit: Permit, given: Mapping[str, Any]) -> Order:
    pieces = [Piece(**piece) for piece in given["pieces"]]
    return await commerce.request_return(number, permit, pieces=pieces, reason=str(given.get("reason", "")))


async def _exchange(commerce: Commerce, number: str, permit: Permit, given: Mapping[str, Any]) -> Order:
    piece, wanted = Piece(**given["piece"]), str(given["wanted_sku"])
    reason = str(given.get("reason", ""))
    return await commerce.request_exchange(number, permit, piece=piece, wanted_sku=wanted, reason=reason)


async def _invoice(commerce: Commerce, number: str, permit: Permit, given: Mapping[str, Any]) -> Order:
    return await commerce.request_invoice(number, permit, title=InvoiceTitle(**given["title"]))


async def _book(commerce: Commerce, number: str, permit: Permit, given: Mapping[str, Any]) -> Order:
    return await commerce.book_service(number, permit, booking=Booking(**given["booking"]))


async def _protect(commerce: Commerce, number: str, permit: Permit, given: Mapping[str, Any]) -> Order:
    return await commerce.protect_price(number, permit, amount=Money.parse(given["amount"]))


async def _reward(commerce: Commerce, number: str, permit: Permit, given: Mapping[str, Any]) -> Order:
    return await commerce.reward_review(number, permit, proof=str(given["proof"]))


async def _undo(commerce: Commerce, number: str, permit: Permit, given: Mapping[str, Any]) -> Order:
    return await commerce.undo(number, permit, undone_key=str(given["of"]))


_UNSENT: frozenset[OrderState] = frozenset({"pending", "paid"})
_HERE: frozenset[OrderState] = frozenset({"delivered", "completed", "returning"})
_BOUGHT: frozenset[OrderState] = frozenset({"paid", "packed", "shipped", "delivered", "completed"})
CHANGES: dict[ChangeName, Change] = {
    each.name: each
    for each in (
        Change("cancel_order", _UNSENT, _cancel),
        Change("change_address", _UNSENT, _change_address),
        Change("urge_shipment", frozenset({"paid", "packed"}), _urge),
        Change("request_return", _HERE, _return),
        Change("request_exchange", _HERE, _exchange),
        Change("request_invoice", _BOUGHT, _invoice),
        Change("book_service", _BOUGHT, _book),
        Change("protect_price", _BOUGHT, _protect),
        Change("reward_review", _BOUGHT, _reward),
        Change("undo", frozenset(get_args(OrderState)), _undo),
    )
}


def states_for(commerce: Commerce, name: ChangeName) -> frozenset[OrderState]:
    """The states of an order in which the change is possible there."""
    return commerce.allows.get(name, CHANGES[name].states)


class Changing:
    """The changing tools of a desk. Nothing here runs without an accepted proposal."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._audit = Audit(sessions)

    async def propose(
        self, caller: Caller, name: ChangeName, order: Order, given: Mapping[str, Any], *, summary: str, language: str
    ) -> tuple[Proposal, str]:
        """Put the change before the customer; returns it with its one-time token.

        Raises `ToolRefused` for what the shop does not allow, `StateForbids` for what the order does not.
        """
        assert caller.conversation_id is not None, "a change is confirmed in a conversation"
        number = plain(order.number)
        async with self._audit.call(caller, f"propose:{name}", "write-own", {"number": number}) as noted:
            noted.subject = number
            await self.check(caller, name, order)
            draft = Draft(
                tool=name,
                subject=order.number,
                arguments=json.loads(json.dumps(given)),
                summary=summary,
                language=language,
                expected={"version": order.version, "state": order.state, "total": order.amounts.total.as_json()},
            )
            async with self._sessions.begin() as session:
                return await proposals.propose(
                    session, caller.store_id, caller.conversation_id, caller.owner_of(order), draft
                )

    async def check(self, caller: Caller, name: ChangeName, order: Order) -> None:
        """Whether the change is allowed now, by the shop's system, its settings and the order's state."""
        ability: Ability = name
        if ability not in caller.commerce.abilities:
            raise ToolRefused("The shop's system cannot do that; a person has to.", "ability")
        if order.state not in states_for(caller.commerce, name):
            raise StateForbids(f"This is not possible for an order that is {order.state}.")
        rule = caller.profile.tools.get(name)
        if rule is not None and rule.states is not None and order.state not in rule.states:
            raise ToolRefused("The shop does not allow this for such orders here; a person can help.", "state")
        await self._within_rules(caller, name, order.amounts.total)

    async def _within_rules(self, caller: Caller, name: str, total: Money) -> None:
        rule = caller.profile.tools.get(name)
        if rule is None:
            return
        if not rule.on:
            raise ToolRefused("The shop does not offer this here; a person can help.", "off")
        if rule.largest is not None and total.amount > rule.largest:
            raise ToolRefused("The amount is above what may be changed here; a person can help.", "amount")
        if rule.per_day is not None:
            async with self._sessions() as session:
                done = await proposals.executed_since(session, caller.store_id, name, caller.at - DAY)
            if done >= rule.per_day:
                raise ToolRefused("No more changes of this kind are made here today; a person can help.", "per_day")

    async def undoable(self, caller: Caller) -> Proposal | None:
        """The change made last in this conversation, if it may still be taken back."""
        minutes = caller.commerce.undo_minutes
        if caller.conversation_id is None or not minutes:
            return None
        async with self._sessions() as session:
            last = await proposals.last_executed(
                session, caller.conversation_id, caller.at - timedelta(minutes=minutes)
            )
        return None if last is None or last.tool in FINAL else last

    async def make(self, caller: Caller, proposal: Proposal) -> Order:
        """Execute an accepted proposal. The proposal's id is the idempotency key: again is the same once.

        Raises what the commerce raises; `OrderChanged` when the order is no longer as it was shown.
        """
        assert proposal.state == "accepted", "only what the customer has confirmed is done"
        if proposal.tool == PLACE_ORDER:
            return await self._placed(caller, proposal)
        name: ChangeName = proposal.tool  # type: ignore[assignment]
        async with self._audit.call(caller, name, "write-own", proposal.arguments, proposal_id=proposal.id) as noted:
            noted.subject = plain(proposal.subject)
            await self._within_cap(caller, name)
            await caller.order(proposal.subject)  # the right to see it may have ended since
            permit = Permit(key=str(proposal.id), version=proposal.expected["version"], customer=proposal.customer)
            return await CHANGES[name].make(caller.commerce, proposal.subject, permit, proposal.arguments)

    async def propose_order(
        self, caller: Caller, basket: Basket, payment: str, *, summary: str, language: str
    ) -> tuple[Proposal, str]:
        """Put a new order before a signed customer, at the prices as they are now; raises `ToolRefused`."""
        assert caller.conversation_id is not None, "an order is confirmed in a conversation"
        arguments = {"pieces": basket.pieces(), "payment": payment}
        async with self._audit.call(caller, f"propose:{PLACE_ORDER}", "write-own", arguments):
            if caller.seen.customer is None:
                raise ToolRefused("Orders are placed for customers who are signed in.", "identity")
            if PLACE_ORDER not in caller.commerce.abilities:
                raise ToolRefused("The shop's system cannot do that; a person has to.", "ability")
            await self._within_rules(caller, PLACE_ORDER, basket.total)
            draft = Draft(
                tool=PLACE_ORDER,
                subject="",
                arguments=arguments,
                summary=summary,
                language=language,
                expected={"total": basket.total.as_json()},
            )
            async with self._sessions.begin() as session:
                return await proposals.propose(
                    session, caller.store_id, caller.conversation_id, caller.seen.customer, draft
                )

    async def _placed(self, caller: Caller, proposal: Proposal) -> Order:
        """Place a confirmed order, if it still costs what was shown; else `OrderChanged`."""
        arguments = proposal.arguments
        async with self._audit.call(caller, PLACE_ORDER, "write-own", arguments, proposal_id=proposal.id) as noted:
            await self._within_cap(caller, PLACE_ORDER)
            if caller.seen.customer is None or caller.seen.customer != proposal.customer:
                raise ToolRefused("Orders are placed for customers who are signed in.", "identity")
            pieces = [Piece(**piece) for piece in arguments["pieces"]]
            basket = await priced(caller.commerce, pieces)
            if basket.total.as_json() != proposal.expected["total"]:
                raise OrderChanged("The price has changed since it was shown.")
            permit = Permit(key=str(proposal.id), version="", customer=proposal.customer)
            order = await caller.commerce.place_order(permit, pieces=pieces, payment=str(arguments["payment"]))
            noted.subject = plain(order.number)
            return order

    async def _within_cap(self, caller: Caller, name: str) -> None:
        """Counted once more where it is done: two conversations may have been allowed the last one of the day."""
        rule = caller.profile.tools.get(name)
        if rule is not None and rule.per_day is not None:
            async with self._sessions() as session:
                done = await proposals.executed_since(session, caller.store_id, name, caller.at - DAY)
            if done > rule.per_day:
                raise ToolRefused("No more changes of this kind are made here today; a person can help.", "per_day")
