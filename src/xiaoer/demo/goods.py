"""The demo store's products, orders, parcels, offers and customers as values of commerce."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from xiaoer.commerce.filling import Goods
from xiaoer.commerce.money import Money, shares
from xiaoer.commerce.offers import Offer, ShippingRule
from xiaoer.commerce.pricing import Promotion, PromotionKind, Stage
from xiaoer.commerce.values import (
    Address,
    Amounts,
    Buyer,
    Discount,
    Event,
    Order,
    OrderLine,
    OrderState,
    Piece,
    Product,
    Request,
    Shipment,
    Size,
    Tracking,
    Variant,
)  # fmt: skip
from xiaoer.demo import load
from xiaoer.knowledge.reading import moments

Record = dict[str, Any]
REMOTE = ("新疆", "西藏", "青海", "内蒙古")
_STATES: dict[str, OrderState] = {"pending_payment": "pending", "deposit_paid": "pending", "refunded": "returned"}
_TIMES = (
    ("created_at", "placed"), ("paid_at", "paid"), ("dispatched_at", "shipped"), ("delivered_at", "delivered"),
    ("completed_at", "completed"), ("cancelled_at", "cancelled"),
)  # fmt: skip
_ON_THEIR_WAY_BACK = ("return", "exchange")


def goods(today: date) -> Goods:
    """Everything the demo's commerce holds on `today`."""
    products = load.products()
    return Goods(
        products=[_product(record) for record in products],
        orders=[_order(record, today) for record in load.orders(today)],
        shipments=[_shipment(record) for record in load.shipments(today)],
        offers=list(_offers(today, products)),
        buyers=[_buyer(record) for record in load.customers()],
    )


def shipping_rules() -> tuple[ShippingRule, ...]:
    """Fees as the policies on shipping say them; elsewhere nothing is sent."""

    def rule(country: str, fee: str, free_from: str, regions: tuple[str, ...] = ()) -> ShippingRule:
        return ShippingRule(country=country, regions=regions, fee=Money.parse(fee), free_from=Money.parse(free_from))

    return (
        rule("CN", "15", "299", REMOTE),
        rule("CN", "8", load.store().free_shipping_threshold["amount"]),
        *(rule(country, "30", "399") for country in ("HK", "MO")),
        *(rule(country, "59", "999") for country in ("VN", "TH", "MY", "SG")),
    )


def _money(record: Record, field: str) -> Money | None:
    return Money.parse(record[field]) if field in record else None


def _product(record: Record) -> Product:
    return Product(
        id=record["id"],
        name=record["name"],
        price=Money.parse(record["price"]),
        member_price=_money(record, "member_price"),
        category=record["category"],
        description=record["description"],
        variants=tuple(_variant(variant, record) for variant in record["variants"]),
        specifications={
            language: (*((name, value) for name, value in rows), *_in_the_box(record, language))
            for language, rows in record["specifications"].items()
        },
        compatibility=record.get("compatibility", {}),
        size_chart=tuple(
            Size(label=size["size"], fits={"circumference_mm": (Decimal(size["from_mm"]), Decimal(size["to_mm"]))})
            for size in record.get("sizes", ())
        ),
        shipping_limits={language: tuple(lines) for language, lines in record["shipping_limits"].items()},
        warranty_months=record["warranty_months"],
        pre_sale=record.get("pre_sale", False),
    )


def _in_the_box(record: Record, language: str) -> list[tuple[str, str]]:
    contents = record["box"][language]
    return [("包装清单", "、".join(contents))] if language == "zh" else [("In the box", ", ".join(contents))]


def _variant(record: Record, product: Record) -> Variant:
    options = record["options"].values()
    return Variant(
        sku=record["sku"],
        name={
            language: " ".join([name, *(option[language] for option in options)])
            for language, name in product["name"].items()
        },
        options=record["options"],
        price=Money.parse(record["price"]),
        member_price=_money(record, "member_price"),
        stock=record["stock"],
    )


def _order(record: Record, today: date) -> Order:
    total, shipping = Money.parse(record["total"]), Money.parse(record["shipping"])
    lines = [
        OrderLine(
            sku=item["sku"], name=item["name"], quantity=item["quantity"], price=Money.parse(item["price"]),
            product_id=item["product_id"],
        )
        for item in record["items"]
    ]  # fmt: skip
    paid = shares(total - shipping, [line.price * line.quantity for line in lines])
    requests = tuple(_request(each, lines) for each in record["after_sales"])
    going_back = any(each.open and each.kind in _ON_THEIR_WAY_BACK for each in requests)
    state: OrderState = record["status"] if record["status"] not in _STATES else _STATES[record["status"]]
    return Order(
        id=record["id"],
        number=record["id"],
        customer=record["customer_id"],
        state="returning" if going_back else state,
        lines=tuple(
            OrderLine(**{**vars(line), "paid": part}) for line, part in zip(lines, paid, strict=True)
        ),
        amounts=Amounts(
            goods=Money.parse(record["goods"]), shipping=shipping, total=total,
            discounts=tuple(_discounts(record, today)), deposit=_money(record, "deposit"),
            balance=_money(record, "balance"),
        ),
        placed_at=datetime.fromisoformat(record["created_at"]),
        version="1",
        address=_address(record["address"]),
        phone=record["address"]["phone"],
        note=record.get("note", ""),
        history=tuple(
            Event(at=datetime.fromisoformat(record[field]), what=what) for field, what in _TIMES if field in record
        ),
        requests=requests,
        gifts=tuple(gift["product_id"] for gift in record.get("gifts", ())),
    )  # fmt: skip


def _discounts(record: Record, today: date) -> Iterable[Discount]:
    names = {offer["id"]: offer["name"]["zh"] for offer in load.promotions(today)}
    for each in record["discounts"]:
        yield Discount(label=names[each["promotion_id"]], amount=Money.parse(each["amount"]))
    if record["points_used"]:
        yield Discount(label="积分", amount=Money.parse(record["points_amount"]))


def _request(record: Record, lines: list[OrderLine]) -> Request:
    """The pieces are those whose price is given back, or all."""
    amount = _money(record, "amount")
    named = [line for line in lines if line.price == amount] or lines
    return Request(
        id=record["id"],
        kind="resend" if record["kind"] == "missing_part" else record["kind"],
        state=record["state"],
        requested_at=datetime.fromisoformat(record["requested_at"]),
        reason=record["reason"],
        pieces=tuple(Piece(sku=line.sku, quantity=line.quantity) for line in named),
        amount=amount,
    )


def _address(record: Record) -> Address:
    return Address(**{name: value for name, value in record.items() if name != "id"})


def _shipment(record: Record) -> Shipment:
    return Shipment(
        order_number=record["order_id"],
        carrier=record["carrier"],
        number=record["id"],
        state=record["status"],
        expected_on=date.fromisoformat(record["expected_on"]),
        events=tuple(
            Tracking(
                at=datetime.fromisoformat(event["at"]), state=event["status"],
                text={"zh": event["zh"], "en": event["en"]},
            )
            for event in record["events"]
        ),
    )  # fmt: skip


def _buyer(record: Record) -> Buyer:
    return Buyer(
        id=record["id"], name=record["name"], phone=record["phone"], email=record["email"], locale=record["locale"],
        level=record["level"], member=record["level"] != "seedling", points=record["points"],
        addresses=tuple(_address(address) for address in record["addresses"]),
    )  # fmt: skip


_KINDS: dict[str, tuple[PromotionKind, Stage]] = {
    "threshold": ("threshold", "cross_shop"),
    "coupon": ("fixed", "coupon"),
    "gift": ("gift", "offer"),
    "deposit": ("presale", "offer"),
    "amount": ("fixed", "offer"),
    "percent": ("percent", "offer"),
    "nth_percent": ("nth", "offer"),
}
_ON_GOODS = {"member_price", "threshold", "coupon", "percent", "amount"}
"""Kinds of offers that take something off; what goes with none of them goes alone."""


def _offers(today: date, products: list[Record]) -> Iterable[Offer]:
    """The offers that take something off a basket; points and trade-ins are no matter of prices."""
    zone = ZoneInfo(load.store().settings["timezone"])
    skus = {product["id"]: [variant["sku"] for variant in product["variants"]] for product in products}
    names = {product["id"]: product["name"] for product in products}

    def of(ids: Iterable[str]) -> frozenset[str]:
        return frozenset(sku for product_id in ids for sku in skus[product_id])

    for record in load.promotions(today):
        if record["kind"] not in _KINDS:
            continue
        kind, stage = _KINDS[record["kind"]]
        cap, amount = _money(record, "maximum"), _money(record, "worth") or _money(record, "amount")
        gift = names[record["gift"]["product_id"]] if "gift" in record else {}
        promotion = Promotion(
            id=record["id"], name=record["name"]["zh"], kind=kind, stage=stage, threshold=_money(record, "threshold"),
            amount=amount, percent=Decimal(record["percent"]) if "percent" in record else None,
            times=_times(record, cap, amount), nth=record.get("nth"), alone=_is_alone(record),
            deposit=_money(record, "deposit"), gift=gift.get("zh"),
            skus=of(record["scope"].get("products", ())),
            categories=frozenset(record["scope"].get("categories", ())),
            excluded_skus=of(record.get("exclusions", {}).get("exclude_products", ())),
            valid_from=moments.start(record["valid_from"], zone), valid_to=moments.end(record["valid_to"], zone),
        )  # fmt: skip
        yield Offer(
            promotion=promotion, name=record["name"], gift=gift, coupon=record["kind"] == "coupon",
            levels=tuple(record.get("levels", ())), requires=record.get("requires", ""),
        )  # fmt: skip


def _is_alone(record: Record) -> bool:
    return record["kind"] in ("percent", "amount", "nth_percent") and not _ON_GOODS & set(record["stacks_with"])


def _times(record: Record, cap: Money | None, amount: Money | None) -> int | None:
    """How often a threshold counts: once unless it repeats, up to the most it takes off in all."""
    if record["kind"] == "nth_percent":
        return int(record["per_order"])
    if record["kind"] != "threshold":
        return None
    if not record["repeats"]:
        return 1
    return int(cap.amount // amount.amount) if cap and amount else None
