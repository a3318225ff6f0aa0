"""What a merchant's system holds, as values: products, orders, shipments, requests after a sale, coupons.

Amounts are `Money`, moments have a zone. Texts per language are keyed by language code; `said` picks one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from xiaoer.commerce.money import Money
from xiaoer.commerce.pricing import Promotion

Texts = Mapping[str, str]
OrderState = Literal[
    "pending", "paid", "packed", "shipped", "delivered", "completed", "cancelled", "returning", "returned"
]
"""pending: not (wholly) paid · packed: cannot be changed any more · returning: a return or exchange is under way."""
ShipmentState = Literal["created", "dispatched", "in_transit", "customs", "out_for_delivery", "delivered", "exception"]
RequestKind = Literal["refund", "return", "exchange", "repair", "resend", "service", "price", "reward"]
RequestState = Literal[
    "requested", "approved", "rejected", "in_transit", "inspecting", "refunded", "completed", "cancelled"
]
ServiceKind = Literal["installation", "repair", "inspection"]
InvoiceState = Literal["requested", "issued", "rejected"]


def said(texts: Texts, language: str) -> str:
    """The text in `language`, or in English, or in whatever there is; empty when there is none."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


@dataclass(frozen=True, kw_only=True)
class Variant:
    """What is put in a basket. `stock` is None where the shop does not count it; options are texts by name."""

    sku: str
    name: Texts
    price: Money
    member_price: Money | None = None
    options: Mapping[str, Texts] = field(default_factory=dict)
    stock: int | None = None

    @property
    def in_stock(self) -> bool:
        return self.stock is None or self.stock > 0


@dataclass(frozen=True, kw_only=True)
class Size:
    """A size and whom it fits: by measure, such as `circumference_mm`, from and to, both included."""

    label: Texts
    fits: Mapping[str, tuple[Decimal, Decimal]]


@dataclass(frozen=True, kw_only=True)
class Product:
    """One thing a shop sells. `specifications` are (name, value) rows per language, in the shop's order."""

    id: str
    name: Texts
    price: Money
    variants: tuple[Variant, ...]
    category: str = ""
    member_price: Money | None = None
    description: Texts = field(default_factory=dict)
    specifications: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    compatibility: Texts = field(default_factory=dict)
    size_chart: tuple[Size, ...] = ()
    shipping_limits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    warranty_months: int | None = None
    url: str | None = None
    on_sale: bool = True
    pre_sale: bool = False
    as_of: datetime | None = None
    """When the shop's system said so; answers cite it."""

    def variant(self, sku: str) -> Variant | None:
        return next((each for each in self.variants if each.sku == sku), None)


@dataclass(frozen=True)
class Place:
    """Where something would be sent: a country as ISO 3166 alpha-2, and a region as the shop's rules name it."""

    country: str
    region: str = ""


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a parcel goes. `country` is ISO 3166 alpha-2."""

    recipient: str
    phone: str
    street: str
    city: str = ""
    region: str = ""
    country: str = "CN"
    postcode: str = ""

    def line(self) -> str:
        """One line as people write it."""
        parts = (self.recipient, self.phone, self.region, self.city, self.street, self.postcode)
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, kw_only=True)
class OrderLine:
    """What was bought. `price` is for one; `paid` is for the whole line after discounts, None if not known."""

    sku: str
    name: str
    quantity: int
    price: Money
    product_id: str = ""
    options: str = ""
    paid: Money | None = None


@dataclass(frozen=True, kw_only=True)
class Discount:
    """What was taken off an order; a positive amount."""

    label: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """What an order cost. `total` is what the customer pays in all; `deposit` and `balance` only in pre-sale."""

    goods: Money
    shipping: Money
    total: Money
    discounts: tuple[Discount, ...] = ()
    deposit: Money | None = None
    balance: Money | None = None


@dataclass(frozen=True, kw_only=True)
class Booking:
    """A visit at the customer's home. `day` is a weekday, 1 (Monday) to 7, or a date as 2026-11-30."""

    kind: ServiceKind
    day: str
    name: str
    phone: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Something goods may be exchanged for: another SKU, and whether it can be had now."""

    sku: str
    name: str
    available: bool = True


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What a picture shows, in words, and whether it is what was looked for."""

    text: str
    fits: bool


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to an order; `what` is a state or an action such as `urged`."""

    at: datetime
    what: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """So many of one SKU of an order."""

    sku: str
    quantity: int = 1


@dataclass(frozen=True, kw_only=True)
class Request:
    """A return, an exchange, a refund and the like, and how far it is. `amount` is what is given back."""

    id: str
    kind: RequestKind
    state: RequestState
    requested_at: datetime
    reason: str = ""
    pieces: tuple[Piece, ...] = ()
    wanted_sku: str | None = None
    amount: Money | None = None

    @property
    def open(self) -> bool:
        return self.state in ("requested", "approved", "in_transit", "inspecting")


@dataclass(frozen=True, kw_only=True)
class InvoiceTitle:
    """To whom an invoice is made out; a company needs its tax number."""

    title: str
    kind: Literal["personal", "company"] = "personal"
    tax_number: str = ""
    email: str = ""


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """An invoice asked for, and its document once issued."""

    title: InvoiceTitle
    state: InvoiceState
    requested_at: datetime
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Order:
    """One order. `version` changes with every change; a write names the version it was shown to the customer with."""

    id: str
    number: str
    customer: str
    """The customer's number in the shop's system; empty for a guest."""
    state: OrderState
    lines: tuple[OrderLine, ...]
    amounts: Amounts
    placed_at: datetime
    version: str
    address: Address | None = None
    phone: str = ""
    email: str = ""
    note: str = ""
    history: tuple[Event, ...] = ()
    requests: tuple[Request, ...] = ()
    invoice: Invoice | None = None
    gifts: tuple[str, ...] = ()
    payment: str = ""
    """How it was paid, in the words of the shop's system."""
    as_of: datetime | None = None

    def moment(self, what: str) -> datetime | None:
        """When it last came into a state, or an action was taken; None if it never was."""
        return next((event.at for event in reversed(self.history) if event.what == what), None)

    def line(self, sku: str) -> OrderLine | None:
        return next((each for each in self.lines if each.sku == sku), None)


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """One stop of a parcel."""

    at: datetime
    text: Texts
    place: str = ""
    state: ShipmentState | None = None


@dataclass(frozen=True, kw_only=True)
class Shipment:
    """One parcel of an order, its stops in the order of time."""

    order_number: str
    carrier: str
    number: str
    state: ShipmentState
    events: tuple[Tracking, ...] = ()
    expected_on: date | None = None
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Coupon:
    """A promotion that belongs to a customer until it is used."""

    id: str
    promotion: Promotion
    used_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """What the shop's system knows of a customer."""

    id: str
    name: str = ""
    phone: str = ""
    email: str = ""
    locale: str | None = None
    level: str = ""
    member: bool = False
    points: int | None = None
    addresses: tuple[Address, ...] = ()
