"""The one seam to a merchant's system, whatever that is: our own tables, an HTTP API, WooCommerce, Shopify, MCP."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

from xiaoer.commerce.further import Further
from xiaoer.commerce.further import Permit as Permit  # noqa: PLC0414  # a part of this seam
from xiaoer.commerce.pricing import Promotion, Shipping
from xiaoer.commerce.values import (
    Address,
    Buyer,
    Coupon,
    InvoiceTitle,
    Order,
    OrderState,
    Piece,
    Product,
    Shipment,
    Variant,
)  # fmt: skip
from xiaoer.errors import Conflict, Forbidden, NotFound, Unavailable

Ability = Literal[
    "search_products", "product", "stock", "orders", "order", "shipments", "promotions", "coupons", "buyer",
    "shipping", "cancel_order", "change_address", "urge_shipment", "request_return", "request_exchange",
    "request_invoice", "undo", "exchange_choices", "book_service", "protect_price", "review_reward", "reward_review",
    "place_order", "balance", "check_picture", "compare", "note_installation", "note_repair", "note_materials",
    "note_gifts", "note_fault", "note_promotions", "note_payment",
]  # fmt: skip
WRITES: frozenset[Ability] = frozenset(
    {
        "cancel_order", "change_address", "urge_shipment", "request_return", "request_exchange", "request_invoice",
        "book_service", "protect_price", "reward_review", "place_order",
    }
)  # fmt: skip


class UnknownProduct(NotFound):
    """No such product, or it is not sold any more."""


class UnknownOrder(NotFound):
    """No such order, or another customer's: the words are the same, so that nobody learns which numbers exist."""

    def __init__(self) -> None:
        super().__init__("There is no such order in your name. Please check the order number.")


class UnknownBuyer(NotFound):
    """The shop's system does not know this customer."""


class OrderChanged(Conflict):
    """The order is not as it was when the change was shown to the customer."""


class StateForbids(Conflict):
    """What was asked is not possible in the state the order is in."""


class AlreadyAsked(Conflict):
    """The same was asked before and is still under way."""


class KeyUsed(Conflict):
    """The idempotency key was used for another change."""


class CannotUndo(Conflict):
    """Too late, or something else has happened since."""


class NotOffered(Forbidden):
    """The shop's system cannot do that; a person has to."""


class ShopUnavailable(Unavailable):
    """The merchant's system does not answer usefully; the detail may be told to the customer."""


class ShopTimedOut(ShopUnavailable):
    """It took too long. Nothing was changed: only reads raise this."""


class ShopBusy(ShopUnavailable):
    """It wants fewer requests; `retry_after` are the seconds it asked us to wait, if it did."""

    def __init__(self, detail: str, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class ShopRefused(ShopUnavailable):
    """It does not accept our key: the merchant has to mend the connection."""


class ShopGarbled(ShopUnavailable):
    """It answered something that is no answer: HTML, half a page, another currency."""


class OutcomeUnknown(ShopUnavailable):
    """A write was sent and no answer came: it may or may not have happened. Never repeat it with another key."""


class Commerce(Further, Protocol):
    """A merchant's system. Reads may be repeated; writes happen once per key and return the changed order.

    All raise `ShopUnavailable` kinds when the system fails and `NotOffered` for what is not in `abilities`.
    """

    @property
    def name(self) -> str:
        """How the system is called in logs and on the staff's screen."""

    @property
    def abilities(self) -> frozenset[Ability]:
        """The methods that work here."""

    @property
    def allows(self) -> Mapping[Ability, frozenset[OrderState]]:
        """The states of an order in which the system allows a change, where it differs from what is usual."""

    @property
    def payments(self) -> Mapping[str, bool]:
        """The ways to pay for an order placed here, each with whether it comes from the customer's balance."""

    @property
    def undo_minutes(self) -> int:
        """How long after a change it can be taken back; 0 where it cannot."""

    @property
    def takes(self) -> Mapping[Ability, frozenset[str]]:
        """What the system wants to know for a change, such as `reason`; a change not named wants all there is."""

    async def search_products(self, text: str, *, limit: int = 10) -> list[Product]:
        """Products on sale that the words point to, best first; any language the shop has."""

    async def sells_anything(self) -> bool:
        """Whether goods are listed here at all, so that a search that finds none says something."""

    async def product(self, product_id: str) -> Product:
        """The product of that id or of a variant's SKU, on sale or not; raises `UnknownProduct`."""

    async def stock(self, sku: str) -> Variant:
        """The variant with its price and stock as of now; raises `UnknownProduct`."""

    async def orders(self, customer: str, *, limit: int = 20) -> list[Order]:
        """The customer's orders, newest first."""

    async def order(self, number: str, *, customer: str | None) -> Order:
        """The order of that number, however it is typed.

        Raises `UnknownOrder` if there is none or it is not `customer`'s. None skips that: for the server's own
        verification of who asks, never for what a model or a customer named.
        """

    async def shipments(self, order: Order) -> list[Shipment]:
        """The parcels of an order the caller has already been given."""

    async def promotions(self, at: datetime, *, language: str = "zh") -> list[Promotion]:
        """Offers that hold for everybody at that moment, without coupons; names in `language`."""

    async def coupons(self, customer: str, *, language: str = "zh") -> list[Coupon]:
        """The customer's coupons, used ones too."""

    async def buyer(self, customer: str) -> Buyer:
        """What the system knows of a customer; raises `UnknownBuyer`."""

    async def shipping(self, country: str, region: str = "") -> Shipping | None:
        """The fee to a place; None if the system has no rule for it."""

    async def cancel_order(self, number: str, permit: Permit, *, reason: str = "") -> Order:
        """Cancel before shipment; what was paid is given back."""

    async def change_address(self, number: str, permit: Permit, *, address: Address) -> Order:
        """Send it elsewhere; before shipment."""

    async def urge_shipment(self, number: str, permit: Permit) -> Order:
        """Ask the warehouse to hurry."""

    async def request_return(self, number: str, permit: Permit, *, pieces: Sequence[Piece], reason: str) -> Order:
        """Ask to give goods back; the new request is the last of `Order.requests`."""

    async def request_exchange(
        self, number: str, permit: Permit, *, piece: Piece, wanted_sku: str, reason: str
    ) -> Order:
        """Ask for another size, colour or a whole one instead."""

    async def request_invoice(self, number: str, permit: Permit, *, title: InvoiceTitle) -> Order:
        """Ask for an invoice, or change the title of one not yet issued."""

    async def undo(self, number: str, permit: Permit, *, undone_key: str) -> Order:
        """Take back the write made with `undone_key`; raises `CannotUndo`."""
