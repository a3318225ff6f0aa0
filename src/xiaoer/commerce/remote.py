"""What all systems that are not ours have in common: how a write is made there once, and what they do not offer."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Final, TypeVar

from xiaoer.commerce.changes import Asked
from xiaoer.commerce.commerce import (
    Ability,
    NotOffered,
    OrderChanged,
    OutcomeUnknown,
    Permit,
    ShopGarbled,
    ShopUnavailable,
    UnknownOrder,
)  # fmt: skip
from xiaoer.commerce.further import Topic
from xiaoer.commerce.ledger import Ledger
from xiaoer.commerce.money import Money
from xiaoer.commerce.numbers import plain
from xiaoer.commerce.pricing import Promotion, Shipping
from xiaoer.commerce.stored_rows import ORDER
from xiaoer.commerce.values import (
    Address,
    Booking,
    Buyer,
    Choice,
    Coupon,
    InvoiceTitle,
    Order,
    OrderState,
    Picture,
    Piece,
    Product,
    Shipment,
    Variant,
)  # fmt: skip
from xiaoer.commerce.wire import GARBLED, UNKNOWN
from xiaoer.db.record import now
from xiaoer.errors import XiaoerError

WAITS: Final = 40
WAIT_SECONDS: Final = 0.25
"""How long the second of two taps waits for the first: ten seconds in all."""


Send = Callable[[Order], Awaitable[None]]
T = TypeVar("T")


class NothingOffered:
    """Every method of `Commerce`, refusing: a connector overrides what its system can do."""

    name: str = "remote"
    abilities: frozenset[Ability] = frozenset()
    allows: Mapping[Ability, frozenset[OrderState]] = MappingProxyType({})
    payments: Mapping[str, bool] = MappingProxyType({})
    undo_minutes: int = 0
    takes: Mapping[Ability, frozenset[str]] = MappingProxyType({})

    async def search_products(self, text: str, *, limit: int = 10) -> list[Product]:
        raise self._missing("search_products", text, limit)

    async def sells_anything(self) -> bool:
        return "search_products" in self.abilities

    async def product(self, product_id: str) -> Product:
        raise self._missing("product", product_id)

    async def stock(self, sku: str) -> Variant:
        raise self._missing("stock", sku)

    async def orders(self, customer: str, *, limit: int = 20) -> list[Order]:
        raise self._missing("orders", customer, limit)

    async def order(self, number: str, *, customer: str | None) -> Order:
        raise self._missing("order", number, customer)

    async def shipments(self, order: Order) -> list[Shipment]:
        raise self._missing("shipments", order)

    async def promotions(self, at: datetime, *, language: str = "zh") -> list[Promotion]:
        raise self._missing("promotions", at, language)

    async def coupons(self, customer: str, *, language: str = "zh") -> list[Coupon]:
        raise self._missing("coupons", customer, language)

    async def buyer(self, customer: str) -> Buyer:
        raise self._missing("buyer", customer)

    async def shipping(self, country: str, region: str = "") -> Shipping | None:
        raise self._missing("shipping", country, region)

    async def cancel_order(self, number: str, permit: Permit, *, reason: str = "") -> Order:
        raise self._missing("cancel_order", number, permit, reason)

    async def change_address(self, number: str, permit: Permit, *, address: Address) -> Order:
        raise self._missing("change_address", number, permit, address)

    async def urge_shipment(self, number: str, permit: Permit) -> Order:
        raise self._missing("urge_shipment", number, permit)

    async def request_return(self, number: str, permit: Permit, *, pieces: Sequence[Piece], reason: str) -> Order:
        raise self._missing("request_return", number, permit, pieces, reason)

    async def request_exchange(
        self, number: str, permit: Permit, *, piece: Piece, wanted_sku: str, reason: str
    ) -> Order:
        raise self._missing("request_exchange", number, permit, piece, wanted_sku, reason)

    async def request_invoice(self, number: str, permit: Permit, *, title: InvoiceTitle) -> Order:
        raise self._missing("request_invoice", number, permit, title)

    async def undo(self, number: str, permit: Permit, *, undone_key: str) -> Order:
        raise self._missing("undo", number, permit, undone_key)

    async def exchange_choices(self, order: Order, sku: str) -> list[Choice]:
        raise self._missing("exchange_choices", order, sku)

    async def book_service(self, number: str, permit: Permit, *, booking: Booking) -> Order:
        raise self._missing("book_service", number, permit, booking)

    async def protect_price(self, number: str, permit: Permit, *, amount: Money) -> Order:
        raise self._missing("protect_price", number, permit, amount)

    async def review_reward(self, order: Order) -> bool:
        raise self._missing("review_reward", order)

    async def reward_review(self, number: str, permit: Permit, *, proof: str) -> Order:
        raise self._missing("reward_review", number, permit, proof)

    async def place_order(self, permit: Permit, *, pieces: Sequence[Piece], payment: str) -> Order:
        raise self._missing("place_order", permit, pieces, payment)

    async def balance(self, customer: str) -> Money:
        raise self._missing("balance", customer)

    async def note(self, topic: Topic, *, product_id: str = "", code: str = "", customer: str = "") -> str:
        ability: Ability = f"note_{topic}"  # type: ignore[assignment]
        raise self._missing(ability, product_id, code, customer)

    async def compare(self, product_ids: Sequence[str]) -> list[Product]:
        raise self._missing("compare", product_ids)

    async def check_picture(self, url: str, *, wanted: str) -> Picture:
        raise self._missing("check_picture", url, wanted)

    async def close(self) -> None:
        """Give back what is held open."""

    def _missing(self, ability: Ability, *_: object) -> NotOffered:
        return NotOffered(f"The shop's system ({self.name}) does not offer {ability.replace('_', ' ')}; a person can.")


class Remote(NothingOffered):
    """A connector whose writes are remembered here."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def _write(self, number: str, permit: Permit, asked: Asked, send: Send, *, repeatable: bool = False) -> Order:
        """Send a write once per key, on the version the customer saw, and read the order again afterwards.

        The order is read first: whose it is and how it stands is not taken from anybody's word. A write whose outcome
        is not known keeps its key and is not sent again, unless it is `repeatable`: the other system knows the key.
        """
        order = await self.order(number, customer=permit.customer)
        state = await self._ledger.state(permit.key, order.number, asked)
        if state == "done":  # perhaps only since the order was read
            return await self.order(order.number, customer=permit.customer)
        expected = order
        if state is None:
            if order.version != permit.version:
                raise OrderChanged("The order has changed since you were shown it. Please look at it again.")
            expected = asked.change(order, now())
            state = None if await self._ledger.begin(permit.key, asked, order.number, order) else "sent"
        if state == "sent" and not repeatable:
            await self._settled(permit.key, order.number, asked)
        else:
            await self._sent(order, permit.key, send)
        try:
            return await self.order(order.number, customer=permit.customer)
        except (ShopUnavailable, UnknownOrder):  # it was made; what it led to is known well enough
            return replace(expected, version="", as_of=None)

    async def _sent(self, order: Order, key: str, send: Send) -> None:
        await self._sent_once(key, partial(send, order))
        await self._ledger.done(key)

    async def _sent_once(self, key: str, send: Callable[[], Awaitable[T]]) -> T:
        """What the sending gives; where it surely did not happen, the key is free again."""
        try:
            return await send()
        except OutcomeUnknown:
            raise
        except XiaoerError:
            await self._ledger.dropped(key)
            raise

    async def _settled(self, key: str, number: str, asked: Asked) -> None:
        """Wait until the same write, sent by somebody else, is done; raises `OutcomeUnknown` if that is never known."""
        for _ in range(WAITS):
            if await self._ledger.state(key, number, asked) == "done":
                return
            await asyncio.sleep(WAIT_SECONDS)
        raise OutcomeUnknown(UNKNOWN)


def owned(order: Order, customer: str | None) -> Order:
    """The order, if it is the customer's; raises `UnknownOrder` as if there were none."""
    if customer is not None and (not customer or order.customer != customer):
        raise UnknownOrder
    return order


def only(found: Sequence[Order], number: str) -> Order:
    """Of the orders a system gave for a number, the one that has it: some search by parts of numbers.

    Repetitions of one order are one. Raises `UnknownOrder`.
    """
    wanted = plain(number)
    same = {order.id: order for order in found if wanted and plain(order.number) == wanted}
    if len(same) != 1:
        raise UnknownOrder
    return next(iter(same.values()))


def fingerprint(order: Order) -> str:
    """A version for systems that have none: changes whenever something a customer is shown does."""
    return hashlib.sha256(ORDER.dump_json(replace(order, version="", as_of=None))).hexdigest()[:16]


def without_repetitions(values: Iterable[T], key: Callable[[T], str]) -> list[T]:
    """The values in order, each once: pages overlap when something is added meanwhile."""
    return list({key(value): value for value in values}.values())


def need(currency: str, expected: str) -> str:
    """The currency, if it is the shop's; raises `ShopGarbled`: amounts of another would be read as this one."""
    if currency.upper() != expected.upper():
        raise ShopGarbled(GARBLED)
    return currency.upper()
