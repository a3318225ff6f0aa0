"""What WooCommerce's REST API v3 answers, as values of commerce.

https://woocommerce.github.io/woocommerce-rest-api-docs/
"""

import html
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from xiaoer.commerce.money import Money, total
from xiaoer.commerce.pricing import Promotion
from xiaoer.commerce.records import Unreadable, at, text, whole
from xiaoer.commerce.values import (
    Address,
    Amounts,
    Buyer,
    Coupon,
    Discount,
    Event,
    Order,
    OrderLine,
    OrderState,
    Product,
    Request,
    Shipment,
    Tracking,
    Variant,
)  # fmt: skip
from xiaoer.db.record import now
from xiaoer.patterns import lazy

STATES: Final[Mapping[str, OrderState]] = {
    "pending": "pending",
    "on-hold": "pending",
    "processing": "paid",
    "completed": "completed",
    "cancelled": "cancelled",
    "failed": "cancelled",
    "refunded": "returned",
}
HIDDEN: Final = frozenset({"trash", "checkout-draft", "auto-draft"})
_TAG = lazy(r"<[^>]{0,2000}>")
_MOMENTS = (("date_created_gmt", "placed"), ("date_paid_gmt", "paid"), ("date_completed_gmt", "completed"))


def product_of(data: Any, variations: Sequence[Any], currency: str, language: str) -> Product:
    """A product with its variations; one without any is its own only variant. Raises `Unreadable` kinds."""
    name = text(_must(data, "name"))
    variants = [_variant(each, name, currency, language) for each in variations if text(at(each, "price"))]
    if not variations:
        variants = [_variant(data, name, currency, language, alone=True)]
    if not variants:
        raise Unreadable("a product without a price")
    written = plain_text(text(at(data, "short_description")) or text(at(data, "description")))
    attributes = tuple(
        (text(at(each, "name")), ", ".join(text(option) for option in at(each, "options") or ()))
        for each in at(data, "attributes") or ()
    )
    return Product(
        id=text(_must(data, "id")),
        name={language: plain_text(name)},
        price=min(variant.price for variant in variants),
        variants=tuple(variants),
        category=plain_text(text(at(data, "categories.0.name"))),
        description={language: written} if written else {},
        specifications={language: attributes} if attributes else {},
        url=text(at(data, "permalink")) or None,
        on_sale=at(data, "status") == "publish" and at(data, "purchasable") is not False,
        as_of=now(),
    )


def _variant(data: Any, name: str, currency: str, language: str, *, alone: bool = False) -> Variant:
    options = {} if alone else {
        text(at(each, "name")): {language: text(at(each, "option"))} for each in at(data, "attributes") or ()
    }  # fmt: skip
    chosen = " ".join(option[language] for option in options.values())
    counted = at(data, "stock_quantity")
    stock = None if counted is None else max(0, whole(counted))
    if at(data, "stock_status") == "outofstock":
        stock = 0
    return Variant(
        sku=text(at(data, "sku")) or text(_must(data, "id")),
        name={language: plain_text(f"{name} {chosen}".strip())},
        price=Money.parse(text(_must(data, "price")), currency).rounded(),
        options=options,
        stock=stock if at(data, "stock_status") != "onbackorder" else None,
    )


def order_of(data: Any, states: Mapping[str, OrderState]) -> Order:
    """An order in its own currency; raises `Unreadable` for a status that nobody mapped."""
    status = text(_must(data, "status"))
    state = {**STATES, **states}.get(status)
    if state is None:
        raise Unreadable(f"the status {status!r} is not mapped")
    currency = text(_must(data, "currency"))
    lines = tuple(_line(each, currency) for each in at(data, "line_items") or ())
    customer = text(at(data, "customer_id"))
    billing, shipping = at(data, "billing") or {}, at(data, "shipping") or {}
    phone = text(at(billing, "phone"))
    return Order(
        id=text(_must(data, "id")),
        number=text(at(data, "number")) or text(_must(data, "id")),
        customer="" if customer == "0" else customer,
        state=state,
        lines=lines,
        amounts=_amounts(data, lines, currency),
        placed_at=_moment(_must(data, "date_created_gmt")),
        version="",
        address=_address(shipping, phone) or _address(billing, phone),
        phone=phone,
        email=text(at(billing, "email")),
        note=text(at(data, "customer_note")),
        history=tuple(Event(at=_moment(data[field]), what=what) for field, what in _MOMENTS if data.get(field)),
        requests=tuple(_refund(each, currency, data) for each in at(data, "refunds") or ()),
        as_of=now(),
    )


def _amounts(data: Any, lines: Sequence[OrderLine], currency: str) -> Amounts:
    def money(field: str) -> Money:
        return Money.parse(text(at(data, field)) or "0", currency)

    goods = total((line.price * line.quantity for line in lines), currency)
    whole_amount = Money.parse(text(_must(data, "total")), currency)
    if whole_amount.amount < 0:
        raise Unreadable("a negative total")
    coupons = [
        Discount(label=text(at(each, "code")), amount=Money.parse(text(at(each, "discount")) or "0", currency))
        for each in at(data, "coupon_lines") or ()
    ]
    if not coupons and money("discount_total"):
        coupons = [Discount(label="优惠 / Discount", amount=money("discount_total"))]
    return Amounts(goods=goods, shipping=money("shipping_total"), total=whole_amount, discounts=tuple(coupons))


def _line(data: Any, currency: str) -> OrderLine:
    quantity = whole(_must(data, "quantity"))
    before = Money.parse(text(at(data, "subtotal")) or text(_must(data, "total")), currency)
    options = [text(at(each, "display_value")) for each in at(data, "meta_data") or () if _shown(each)]
    product_id, variation_id = text(at(data, "product_id")), text(at(data, "variation_id"))
    return OrderLine(
        sku=text(at(data, "sku")) or (variation_id if variation_id not in ("", "0") else product_id),
        name=plain_text(text(_must(data, "name"))), quantity=quantity,
        price=Money(before.amount / max(1, quantity), currency).rounded(), product_id=product_id,
        options=" ".join(options), paid=Money.parse(text(_must(data, "total")), currency),
    )  # fmt: skip


def _shown(meta: Any) -> bool:
    return not text(at(meta, "key")).startswith("_") and isinstance(at(meta, "display_value"), str)


def _refund(data: Any, currency: str, order: Any) -> Request:
    given = Money.parse(text(_must(data, "total")), currency)
    return Request(
        id=text(_must(data, "id")), kind="refund", state="refunded", reason=text(at(data, "reason")),
        requested_at=_moment(at(order, "date_modified_gmt") or _must(order, "date_created_gmt")),
        amount=-given if given.amount < 0 else given,
    )  # fmt: skip


def _address(data: Any, phone: str) -> Address | None:
    street = " ".join(part for part in (text(at(data, "address_1")), text(at(data, "address_2"))) if part)
    if not street:
        return None
    names = (text(at(data, "first_name")), text(at(data, "last_name")))
    return Address(
        recipient=" ".join(part for part in names if part), phone=text(at(data, "phone")) or phone, street=street,
        city=text(at(data, "city")), region=text(at(data, "state")), country=text(at(data, "country")),
        postcode=text(at(data, "postcode")),
    )  # fmt: skip


def address_to(address: Address) -> dict[str, str]:
    """An address as WooCommerce takes it; the whole name goes into one of its two fields."""
    return {
        "first_name": address.recipient, "last_name": "", "address_1": address.street, "address_2": "",
        "city": address.city, "state": address.region, "postcode": address.postcode, "country": address.country,
        "phone": address.phone,
    }  # fmt: skip


def shipment_of(data: Any, order_number: str) -> Shipment:
    """A parcel as the Shipment Tracking extension keeps it: it knows when it left, not where it is."""
    left = text(at(data, "date_shipped"))
    events = (Tracking(at=datetime.fromisoformat(left).replace(tzinfo=UTC), text={"en": "Shipped"}),) if left else ()
    link = text(at(data, "tracking_link"))
    return Shipment(
        order_number=order_number, carrier=text(at(data, "tracking_provider")), state="dispatched", events=events,
        number=text(_must(data, "tracking_number")), url=link if link.startswith("http") else None,
    )  # fmt: skip


def buyer_of(data: Any) -> Buyer:
    names = (text(at(data, "first_name")), text(at(data, "last_name")))
    phone = text(at(data, "billing.phone"))
    address = _address(at(data, "shipping") or {}, phone)
    return Buyer(
        id=text(_must(data, "id")), name=" ".join(part for part in names if part), phone=phone,
        email=text(at(data, "email")), member=True, addresses=(address,) if address else (),
    )  # fmt: skip


def coupon_of(data: Any, buyer: Buyer, currency: str) -> Coupon | None:
    """A coupon made for this customer; None for others, whose codes are not ours to give away, and narrower ones."""
    emails = [text(each).casefold() for each in at(data, "email_restrictions") or ()]
    kind = at(data, "discount_type")
    narrow = any(at(data, field) for field in ("product_ids", "product_categories", "excluded_product_ids",
                                               "excluded_product_categories", "exclude_sale_items"))  # fmt: skip
    if not buyer.email or buyer.email.casefold() not in emails or narrow or kind not in ("percent", "fixed_cart"):
        return None
    least = Money.parse(text(at(data, "minimum_amount")) or "0", currency)
    amount = text(_must(data, "amount"))
    ends = at(data, "date_expires_gmt")
    used = buyer.id in {text(each) for each in at(data, "used_by") or ()}
    promotion = Promotion(
        id=text(_must(data, "id")), name=text(_must(data, "code")), stage="coupon",
        kind="percent" if kind == "percent" else "fixed",
        percent=Decimal(amount) if kind == "percent" else None,
        amount=Money.parse(amount, currency) if kind == "fixed_cart" else None,
        threshold=least or None, group="woocommerce" if at(data, "individual_use") else None,
        valid_to=_moment(ends) if ends else None,
    )  # fmt: skip
    return Coupon(id=promotion.id, promotion=promotion, used_at=now() if used else None)


def plain_text(written: str) -> str:
    """HTML as its text."""
    return " ".join(html.unescape(_TAG.sub(" ", written)).split())


def _moment(value: Any) -> datetime:
    given = datetime.fromisoformat(text(value))
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def _must(data: Any, field: str) -> Any:
    value = at(data, field)
    if value is None or value == "":
        raise Unreadable(f"no {field}")
    return value
