"""What a change makes of an order: pure functions, each raising a `Conflict` kind where the order does not allow it."""

import hashlib
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from xiaoer.commerce.commerce import AlreadyAsked, StateForbids
from xiaoer.commerce.money import Money, total
from xiaoer.commerce.values import (
    Address,
    Booking,
    Event,
    Invoice,
    InvoiceTitle,
    Order,
    OrderState,
    Piece,
    Request,
    RequestKind,
)  # fmt: skip
from xiaoer.errors import Invalid

BEFORE_PACKING: Final = frozenset[OrderState]({"pending", "paid"})
WAITING: Final = frozenset[OrderState]({"paid", "packed"})
RECEIVED: Final = frozenset[OrderState]({"delivered", "completed", "returning"})
INVOICED: Final = frozenset[OrderState]({"paid", "packed", "shipped", "delivered", "completed"})
SERVED: Final = frozenset[OrderState]({"paid", "packed", "shipped", "delivered", "completed"})
LONGEST_REASON: Final = 500


class BadChange(Invalid):
    """What is asked for does not fit the order; the message names what is wrong."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One write: what was asked, in values that JSON can hold, and what it makes of the order."""

    action: str
    details: dict[str, Any]
    change: Callable[[Order, datetime], Order]

    def within(self, states: frozenset[OrderState] | None) -> "Asked":
        """The same where the shop's system allows it in other states than ours does; none named: as it is."""
        if states is None:
            return self

        def change(order: Order, at: datetime) -> Order:
            _need(order, states, "changed in this way")
            try:
                return self.change(order, at)
            except StateForbids:  # what becomes of it there is not known here: it is read again afterwards
                return order

        return Asked(action=self.action, details=self.details, change=change)

    def digest(self, number: str) -> str:
        """The same for the same asked again; `number` in its plain form."""
        written = json.dumps([self.action, number, self.details], sort_keys=True, default=str)
        return hashlib.sha256(written.encode()).hexdigest()


def cancel(reason: str) -> Asked:
    return Asked(action="cancel", details={"reason": reason}, change=partial(cancelled, reason=reason))


def change_address(address: Address) -> Asked:
    return Asked(action="address", details=asdict(address), change=partial(readdressed, address=address))


def urge() -> Asked:
    return Asked(action="urge", details={}, change=urged)


def return_pieces(pieces: Sequence[Piece], reason: str) -> Asked:
    details = {"pieces": [asdict(piece) for piece in pieces], "reason": reason}
    return Asked(action="return", details=details, change=partial(returning, pieces=pieces, reason=reason))


def exchange(piece: Piece, wanted_sku: str, reason: str) -> Asked:
    details = {"piece": asdict(piece), "wanted": wanted_sku, "reason": reason}
    change = partial(exchanging, piece=piece, wanted_sku=wanted_sku, reason=reason)
    return Asked(action="exchange", details=details, change=change)


def invoice(title: InvoiceTitle, *, taxed: bool = True) -> Asked:
    """`taxed`: the shop wants to know the tax number of a company."""
    return Asked(action="invoice", details=asdict(title), change=partial(invoiced, title=title, taxed=taxed))


def book(booking: Booking) -> Asked:
    return Asked(action="service", details=asdict(booking), change=partial(booked, booking=booking))


def protect(amount: Money) -> Asked:
    return Asked(action="price", details=amount.as_json(), change=partial(protected, amount=amount))


def reward(proof: str) -> Asked:
    return Asked(action="reward", details={"proof": proof}, change=partial(rewarded, proof=proof))


def booked(order: Order, at: datetime, *, booking: Booking) -> Order:
    _need(order, SERVED, "served at home")
    if not (booking.name.strip() and booking.phone.strip() and booking.day.strip()):
        raise BadChange("A visit needs a day, a name and a phone number.")
    words = f"{booking.kind} {booking.day} {booking.name} {booking.phone}"
    if any(each.kind == "service" and each.open and each.reason == words for each in order.requests):
        raise AlreadyAsked("This visit is booked already.")
    return _asked(order, "service", at, reason=words)


def protected(order: Order, at: datetime, *, amount: Money) -> Order:
    _need(order, SERVED, "adjusted in price")
    if amount.amount <= 0 or amount > order.amounts.total:
        raise BadChange("What is given back must be more than nothing and no more than was paid.")
    if any(each.kind == "price" and each.state != "rejected" for each in order.requests):
        raise AlreadyAsked("The difference in price was asked for already.")
    return _asked(order, "price", at, reason="price protection", amount=amount)


def rewarded(order: Order, at: datetime, *, proof: str) -> Order:
    _need(order, SERVED, "rewarded for a review")
    if any(each.kind == "reward" and each.state != "rejected" for each in order.requests):
        raise AlreadyAsked("The reward for the review was asked for already.")
    return _asked(order, "reward", at, reason=proof)


def cancelled(order: Order, at: datetime, *, reason: str) -> Order:
    _need(order, BEFORE_PACKING, "cancelled")
    if order.state == "pending" and order.amounts.deposit:
        raise StateForbids("A deposit has been paid on this order: a person has to tell what becomes of it.")
    changed = _moved(order, "cancelled", at, reason)
    paid = order.amounts.total if order.state == "paid" else None
    return _asked(changed, "refund", at, reason=reason, amount=paid) if paid else changed


def readdressed(order: Order, at: datetime, *, address: Address) -> Order:
    _need(order, BEFORE_PACKING, "sent elsewhere")
    if not (address.recipient.strip() and address.phone.strip() and address.street.strip()):
        raise BadChange("An address needs a recipient, a phone number and a street.")
    if order.address and address.country != order.address.country:
        raise BadChange("The parcel cannot be sent to another country: the fee and the customs papers differ.")
    return _noted(replace(order, address=address, phone=address.phone), "address_changed", at, "")


def urged(order: Order, at: datetime) -> Order:
    _need(order, WAITING, "urged")
    last = order.moment("urged")
    if last and last.date() == at.date():
        raise AlreadyAsked("The warehouse was asked to hurry today already.")
    return _noted(order, "urged", at, "")


def returning(order: Order, at: datetime, *, pieces: Sequence[Piece], reason: str) -> Order:
    _need(order, RECEIVED, "given back")
    wanted = _checked(order, pieces)
    changed = _asked(order, "return", at, reason=reason, pieces=wanted, amount=given_back(order, wanted))
    return _moved(changed, "returning", at, reason)


def exchanging(order: Order, at: datetime, *, piece: Piece, wanted_sku: str, reason: str) -> Order:
    _need(order, RECEIVED, "exchanged")
    wanted = _checked(order, [piece])
    changed = _asked(order, "exchange", at, reason=reason, pieces=wanted, wanted_sku=wanted_sku)
    return _moved(changed, "returning", at, reason)


def invoiced(order: Order, at: datetime, *, title: InvoiceTitle, taxed: bool = True) -> Order:
    _need(order, INVOICED, "invoiced")
    if not title.title.strip():
        raise BadChange("An invoice needs the name it is made out to.")
    if taxed and title.kind == "company" and not title.tax_number.strip():
        raise BadChange("An invoice to a company needs its tax number.")
    if order.invoice and order.invoice.state == "issued":
        raise AlreadyAsked("The invoice has been issued already.")
    wanted = Invoice(title=title, state="requested", requested_at=at)
    return _noted(replace(order, invoice=wanted), "invoice_requested", at, "")


def given_back(order: Order, pieces: Sequence[Piece]) -> Money | None:
    """What a return gives back; None where only the shop can tell: part of an order that had discounts.

    The shipping fee is not part of it.
    """
    counts = {piece.sku: piece.quantity for piece in pieces}
    if all(counts.get(line.sku) == line.quantity for line in order.lines):
        return order.amounts.total - order.amounts.shipping
    if order.amounts.discounts:
        return None
    priced = [(order.line(sku), quantity) for sku, quantity in counts.items()]
    currency = order.amounts.total.currency
    return total((line.price * quantity for line, quantity in priced if line), currency).rounded()


def _checked(order: Order, pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The pieces, if the order has them and none is on its way back."""
    if not pieces:
        raise BadChange("Name at least one product of the order.")
    back: dict[str, int] = {}
    for request in order.requests:
        if request.open or request.state == "refunded":
            for piece in request.pieces:
                back[piece.sku] = back.get(piece.sku, 0) + piece.quantity
    for sku in dict.fromkeys(piece.sku for piece in pieces):
        line = order.line(sku)
        wanted = sum(piece.quantity for piece in pieces if piece.sku == sku)
        if line is None:
            raise BadChange("The order does not hold this product.")
        if any(piece.quantity < 1 for piece in pieces) or wanted > line.quantity:
            raise BadChange(f"{line.name}: the order holds {line.quantity}.")
        if wanted > line.quantity - back.get(sku, 0):
            raise AlreadyAsked(f"{line.name}: a request for it is under way already.")
    return tuple(pieces)


def _need(order: Order, states: frozenset[OrderState], what: str) -> None:
    if order.state not in states:
        raise StateForbids(f"The order is {order.state}: it cannot be {what} any more, or not yet.")


def _asked(order: Order, kind: RequestKind, at: datetime, *, reason: str, **details: Any) -> Order:
    request = Request(
        id=f"R{uuid.uuid4().hex[:10].upper()}", kind=kind, state="requested", requested_at=at,
        reason=reason[:LONGEST_REASON], **details,
    )  # fmt: skip
    return replace(order, requests=(*order.requests, request))


def _moved(order: Order, state: OrderState, at: datetime, note: str) -> Order:
    return _noted(replace(order, state=state), state, at, note)


def _noted(order: Order, what: str, at: datetime, note: str) -> Order:
    event = Event(at=at, what=what, note=note[:LONGEST_REASON])
    return replace(order, history=(*order.history, event))
