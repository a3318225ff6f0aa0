"""What Shopify's Admin GraphQL API answers, as values of commerce."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from xiaoer.commerce.money import Money
from xiaoer.commerce.records import Unreadable, at, text, whole
from xiaoer.commerce.values import (
    Address,
    Amounts,
    Buyer,
    Discount,
    Event,
    Order,
    OrderLine,
    OrderState,
    Product,
    Request,
    RequestState,
    Shipment,
    ShipmentState,
    Tracking,
    Variant,
)  # fmt: skip
from xiaoer.db.record import now

_PAID: Final = frozenset({"PAID", "AUTHORIZED", "PARTIALLY_REFUNDED"})
_AT_WORK: Final = frozenset({"IN_PROGRESS", "PENDING_FULFILLMENT"})
_PARCELS: Final[Mapping[str, ShipmentState]] = {
    "LABEL_PRINTED": "created", "LABEL_PURCHASED": "created", "CONFIRMED": "created", "SUBMITTED": "created",
    "READY_FOR_PICKUP": "out_for_delivery", "OUT_FOR_DELIVERY": "out_for_delivery", "DELIVERED": "delivered",
    "PICKED_UP": "delivered", "IN_TRANSIT": "in_transit", "CARRIER_PICKED_UP": "in_transit", "DELAYED": "in_transit",
    "FULFILLED": "dispatched", "MARKED_AS_FULFILLED": "dispatched", "ATTEMPTED_DELIVERY": "exception",
    "NOT_DELIVERED": "exception", "FAILURE": "exception", "CANCELED": "exception", "LABEL_VOIDED": "exception",
}  # fmt: skip
_RETURNS: Final[Mapping[str, RequestState]] = {
    "REQUESTED": "requested", "OPEN": "approved", "CLOSED": "completed", "DECLINED": "rejected",
    "CANCELED": "cancelled",
}  # fmt: skip


def tail(gid: str) -> str:
    """`gid://shopify/Order/450789469` is 450789469."""
    return gid.rsplit("/", 1)[-1].split("?", maxsplit=1)[0]


def product_of(data: Any, currency: str, language: str) -> Product:
    name = text(_must(data, "title"))
    variants = tuple(_variant(each, name, currency, language) for each in at(data, "variants.nodes") or ())
    if not variants:
        raise Unreadable("a product without variants")
    description = text(at(data, "description"))
    return Product(
        id=tail(text(_must(data, "id"))),
        name={language: name},
        price=min(variant.price for variant in variants),
        variants=variants,
        category=text(at(data, "productType")),
        description={language: description} if description else {},
        url=text(at(data, "onlineStoreUrl")) or None,
        on_sale=at(data, "status") == "ACTIVE",
        as_of=now(),
    )


def _variant(data: Any, name: str, currency: str, language: str) -> Variant:
    options = {
        text(at(each, "name")): {language: text(at(each, "value"))}
        for each in at(data, "selectedOptions") or ()
        if at(each, "value") != "Default Title"
    }
    chosen = " ".join(option[language] for option in options.values())
    counted = at(data, "inventoryItem.tracked") is not False and at(data, "inventoryPolicy") != "CONTINUE"
    left = at(data, "inventoryQuantity")
    return Variant(
        sku=text(at(data, "sku")) or tail(text(_must(data, "id"))),
        name={language: f"{name} {chosen}".strip()},
        price=Money.parse(text(_must(data, "price")), currency).rounded(),
        options=options,
        stock=max(0, whole(left)) if counted and left is not None else None,
    )


def order_of(data: Any) -> Order:
    """An order in the currency its customer paid in."""
    currency = text(_must(data, "totalPriceSet.presentmentMoney.currencyCode"))

    def money(part: Any, field: str) -> Money:
        given = at(part, f"{field}.presentmentMoney")
        if given is None or at(given, "currencyCode") != currency:
            raise Unreadable(f"{field} is not in {currency}")
        amount = Money.parse(text(at(given, "amount")), currency)
        if amount.amount < 0:
            raise Unreadable(f"{field} is negative")
        return amount

    lines = tuple(
        OrderLine(
            sku=text(at(each, "sku")) or tail(text(_must(each, "id"))), name=text(_must(each, "name")),
            quantity=whole(_must(each, "quantity")), price=money(each, "originalUnitPriceSet"),
            product_id=tail(text(at(each, "product.id"))), options=text(at(each, "variantTitle")),
            paid=money(each, "discountedTotalSet"),
        )
        for each in _must(data, "lineItems.nodes")
    )  # fmt: skip
    requests = (*_returns(data), *_refunds(data, money))
    off, shipping = money(data, "totalDiscountsSet"), money(data, "totalShippingPriceSet")
    placed = _moment(_must(data, "createdAt"))
    return Order(
        id=text(_must(data, "id")),
        number=text(_must(data, "name")),
        customer=tail(text(at(data, "customer.id"))),
        state=_state(data, requests),
        lines=lines,
        amounts=Amounts(
            goods=money(data, "subtotalPriceSet") + off, shipping=shipping, total=money(data, "totalPriceSet"),
            discounts=(Discount(label="优惠 / Discount", amount=off),) if off else (),
        ),
        placed_at=placed,
        version="",
        address=_address(at(data, "shippingAddress")),
        phone=text(at(data, "phone")) or text(at(data, "shippingAddress.phone")),
        email=text(at(data, "email")),
        note=text(at(data, "note")),
        history=tuple(_history(data, placed)),
        requests=requests,
        as_of=now(),
    )  # fmt: skip


def _state(data: Any, requests: Sequence[Request]) -> OrderState:
    money, goods = text(_must(data, "displayFinancialStatus")), text(_must(data, "displayFulfillmentStatus"))
    if at(data, "cancelledAt"):
        return "cancelled"
    if money == "REFUNDED":
        return "returned"
    if any(request.kind == "return" and request.open for request in requests):
        return "returning"
    if goods in ("FULFILLED", "PARTIALLY_FULFILLED"):
        parcels = at(data, "fulfillments") or [{}]
        there = goods == "FULFILLED" and all(_parcel_state(each) == "delivered" for each in parcels)
        return "delivered" if there else "shipped"
    if goods in _AT_WORK:
        return "packed"
    return "paid" if money in _PAID else "pending"


def _returns(data: Any) -> tuple[Request, ...]:
    return tuple(
        Request(
            id=tail(text(_must(each, "id"))), kind="return", state=_RETURNS.get(text(at(each, "status")), "requested"),
            requested_at=_moment(at(each, "createdAt") or _must(data, "updatedAt")),
        )
        for each in at(data, "returns.nodes") or ()
    )  # fmt: skip


def _refunds(data: Any, money: Any) -> tuple[Request, ...]:
    return tuple(
        Request(
            id=tail(text(_must(each, "id"))), kind="refund", state="refunded", reason=text(at(each, "note")),
            requested_at=_moment(_must(each, "createdAt")), amount=money(each, "totalRefundedSet"),
        )
        for each in at(data, "refunds") or ()
    )  # fmt: skip


def _history(data: Any, placed: datetime) -> list[Event]:
    events = [Event(at=placed, what="placed")]
    parcels = at(data, "fulfillments") or []
    events += [Event(at=_moment(at(each, "createdAt")), what="shipped") for each in parcels if at(each, "createdAt")]
    for each in parcels:
        stops = at(each, "events.nodes") or ()
        events += [Event(at=_moment(at(stop, "happenedAt")), what="delivered") for stop in stops
                   if at(stop, "status") == "DELIVERED"]  # fmt: skip
    if at(data, "cancelledAt"):
        events.append(Event(at=_moment(at(data, "cancelledAt")), what="cancelled"))
    return events


def shipments_of(data: Any, order_number: str) -> list[Shipment]:
    return [
        Shipment(
            order_number=order_number, carrier=text(at(each, "trackingInfo.0.company")),
            number=text(at(each, "trackingInfo.0.number")), state=_parcel_state(each),
            events=tuple(sorted((_stop(stop) for stop in at(each, "events.nodes") or ()), key=lambda stop: stop.at)),
            expected_on=_moment(due).date() if (due := at(each, "estimatedDeliveryAt")) else None,
            url=text(at(each, "trackingInfo.0.url")) or None,
        )
        for each in at(data, "fulfillments") or ()
    ]  # fmt: skip


def _parcel_state(data: Any) -> ShipmentState:
    return _PARCELS.get(text(at(data, "displayStatus")), "dispatched")


def _stop(data: Any) -> Tracking:
    status = text(_must(data, "status"))
    place = ", ".join(part for part in (text(at(data, "city")), text(at(data, "country"))) if part)
    said = text(at(data, "message")) or status.replace("_", " ").capitalize()
    return Tracking(at=_moment(_must(data, "happenedAt")), text={"en": said}, place=place, state=_PARCELS.get(status))


def _address(data: Any) -> Address | None:
    street = " ".join(part for part in (text(at(data, "address1")), text(at(data, "address2"))) if part)
    if not street:
        return None
    return Address(
        recipient=text(at(data, "name")), phone=text(at(data, "phone")), street=street, city=text(at(data, "city")),
        region=text(at(data, "province")), country=text(at(data, "countryCodeV2")), postcode=text(at(data, "zip")),
    )  # fmt: skip


def address_to(address: Address) -> dict[str, str]:
    """An address as `MailingAddressInput`; a last name is required, so the last word of the name is it."""
    first, _, last = address.recipient.strip().rpartition(" ")
    given = {
        "firstName": first, "lastName": last, "phone": address.phone, "address1": address.street, "address2": "",
        "city": address.city, "countryCode": address.country, "zip": address.postcode,
    }  # fmt: skip
    return given | ({"province": address.region} if address.region else {})


def buyer_of(data: Any) -> Buyer:
    return Buyer(
        id=tail(text(_must(data, "id"))), name=text(at(data, "displayName")), locale=text(at(data, "locale")) or None,
        email=text(at(data, "defaultEmailAddress.emailAddress")), member=True,
        phone=text(at(data, "defaultPhoneNumber.phoneNumber")),
    )  # fmt: skip


def _moment(value: Any) -> datetime:
    given = datetime.fromisoformat(text(value))
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def _must(data: Any, field: str) -> Any:
    value = at(data, field)
    if value is None or value == "":
        raise Unreadable(f"no {field}")
    return value
