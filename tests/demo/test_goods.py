"""Products, promotions and orders agree with each other and with what the policies say."""

import re
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

import pytest

from xiaoer.demo import load

DAYS = [date(2026, 11, 21), date(2027, 1, 1), date(2028, 3, 1)]
TODAY = DAYS[0]
PRODUCTS = {product["id"]: product for product in load.products()}
VARIANTS = {variant["sku"]: variant for product in PRODUCTS.values() for variant in product["variants"]}
POLICIES = {document.key: document.text for document in load.documents(TODAY) if document.key.startswith("policies/")}
REMOTE = ("新疆", "西藏", "青海", "内蒙古")


def amount(money):
    assert money["currency"] == "CNY"
    assert re.fullmatch(r"\d+\.\d\d", money["amount"])
    return Decimal(money["amount"])


def customer_of(order):
    return next(customer for customer in load.customers() if customer["id"] == order["customer_id"])


def test_there_are_sixty_products_of_many_kinds_and_every_number_is_unique():
    assert len(PRODUCTS) >= 60
    assert len({product["category"] for product in PRODUCTS.values()}) >= 10
    assert len(VARIANTS) == sum(len(product["variants"]) for product in PRODUCTS.values())
    assert len({product["name"]["zh"] for product in PRODUCTS.values()}) == len(PRODUCTS)


@pytest.mark.parametrize("product", PRODUCTS.values(), ids=PRODUCTS)
def test_a_product_is_complete_and_starts_at_its_lowest_price(product):
    assert amount(product["price"]) == min(amount(variant["price"]) for variant in product["variants"])
    for variant in product["variants"]:
        assert variant["sku"].startswith(product["id"])
        assert variant["options"].keys() == product["variants"][0]["options"].keys()
        if "member_price" in variant:
            assert amount(variant["member_price"]) < amount(variant["price"])
    for language in ("zh", "en"):
        assert product["description"][language]
        assert product["box"][language]
        assert len(product["specifications"][language]) == len(product["specifications"]["zh"]) >= 1
        assert len(product["shipping_limits"][language]) == len(product["shipping_limits"]["zh"])
    for size in product.get("sizes", ()):
        assert size["from_mm"] <= size["to_mm"]


def test_ring_sizes_follow_each_other_without_overlap():
    sizes = PRODUCTS["XH-R1"]["sizes"]
    assert all(one["to_mm"] < next_one["from_mm"] for one, next_one in pairwise(sizes))


def test_a_power_bank_holds_the_energy_its_capacity_gives_and_only_the_largest_passes_100_wh():
    banks = [product for product in PRODUCTS.values() if product["category"] == "power-bank"]
    large = set()
    for bank in banks:
        facts = dict(bank["specifications"]["en"])
        capacity, energy = Decimal(facts["Capacity"].split()[0]), Decimal(facts["Energy"].split()[0])
        assert Decimal("3.6") <= energy / capacity * 1000 <= Decimal("3.9")
        assert "不寄往境外" in bank["shipping_limits"]["zh"][0]
        if energy > 100:
            large.add(bank["id"])
    assert large == {"XH-P30"}


def test_the_warranty_of_a_product_is_the_one_of_the_policy():
    by_kind = {
        "phone": 12, "tablet": 12, "watch": 12, "band": 12, "ring": 12, "audio": 12, "charger": 18, "cable": 12,
        "power-bank": 12, "case": 3, "film": 0, "strap": 3, "smart": 12, "tablet-accessory": 12,
    }  # fmt: skip
    longer = {"XH-CS8U": 24, "XH-FD3": 24, "XH-LU4": 24}
    for name, product in PRODUCTS.items():
        assert product["warranty_months"] == longer.get(name, by_kind[product["category"]]), name


@pytest.mark.parametrize("name", ["instalments", "pre-sale", "xinghu", "trade-in"])
def test_a_policy_names_prices_above_zero_in_both_languages(name):
    chinese = set(re.findall(r"\d+(?:\.\d+)?", POLICIES[f"policies/{name}/zh"]))
    english = set(re.findall(r"\d+(?:\.\d+)?", POLICIES[f"policies/{name}/en"]))
    assert english <= chinese


def test_the_worked_example_of_instalments_divides_the_price():
    price = amount(VARIANTS["XH-CS8P-BK-12256"]["price"])
    assert f"售价 {price:.0f} 元，分 6 期免息，每期 {price / 6:.2f} 元" in POLICIES["policies/instalments/zh"]


def test_the_pre_sale_adds_up():
    offer = next(promotion for promotion in load.promotions(TODAY) if promotion["kind"] == "deposit")
    text = next(document.text for document in load.documents(TODAY) if document.key == "promotions/fold-presale/zh")
    for variant in PRODUCTS["XH-FD3"]["variants"]:
        price, balance = amount(variant["price"]), amount(variant["price"]) - amount(offer["worth"])
        row = f"{price:.0f} 元 | 100 元 | {balance:.0f} 元 | {balance + amount(offer['deposit']):.0f} 元"
        assert row in text


def test_half_of_the_second_pair_adds_up():
    price = amount(PRODUCTS["XH-BDL"]["price"])
    text = next(document.text for document in load.documents(TODAY) if document.key == "promotions/second-half/zh")
    assert f"2 件合计 {price + price / 2:.2f} 元" in text


def test_promotions_name_known_products_categories_and_each_other():
    categories = {product["category"] for product in PRODUCTS.values()}
    for promotion in load.promotions(TODAY):
        scope = promotion["scope"]
        named = [*scope.get("products", ()), *promotion.get("exclusions", {}).get("exclude_products", ())]
        named += [promotion[field]["product_id"] for field in ("gift", "gift_abroad") if field in promotion]
        assert set(named) <= set(PRODUCTS)
        assert set(scope.get("categories", ())) <= categories
        assert promotion["valid_from"] <= promotion["valid_to"]


def test_the_value_of_a_gift_is_its_price():
    for promotion in load.promotions(TODAY):
        for field in ("gift", "gift_abroad"):
            if field in promotion:
                gift = promotion[field]
                assert amount(gift["value"]) == amount(PRODUCTS[gift["product_id"]]["price"])


def test_orders_are_many_of_every_state_and_their_customers_known():
    orders = load.orders(TODAY)
    assert len(load.customers()) >= 15
    assert len(orders) >= 40
    assert {
        "pending_payment",
        "deposit_paid",
        "paid",
        "shipped",
        "delivered",
        "completed",
        "cancelled",
        "refunded",
    } == {order["status"] for order in orders}
    assert len({order["id"] for order in orders}) == len(orders)
    assert {order["customer_id"] for order in orders} == {customer["id"] for customer in load.customers()}


@pytest.mark.parametrize("order", load.orders(TODAY), ids=lambda order: order["id"])
def test_an_order_adds_up_and_follows_the_shops_rules(order):
    customer = customer_of(order)
    goods = Decimal(0)
    for item in order["items"]:
        variant = VARIANTS[item["sku"]]
        member = customer["level"] != "seedling" and "member_price" in variant
        assert item["price"] == variant["member_price" if member else "price"]
        assert item["sku"].startswith(item["product_id"])
        assert item["name"] == PRODUCTS[item["product_id"]]["name"]["zh"]
        goods += amount(item["price"]) * item["quantity"]
    assert amount(order["goods"]) == goods
    left = goods - sum(amount(discount["amount"]) for discount in order["discounts"])
    assert Decimal(order["points_used"]) / 100 == amount(order["points_amount"]) <= left / 10
    left -= amount(order["points_amount"])
    assert amount(order["shipping"]) == shipping(order["address"], left)
    assert amount(order["total"]) == left + amount(order["shipping"])
    if order["status"] == "deposit_paid":
        assert amount(order["deposit"]) + amount(order["balance"]) == amount(order["total"])


def shipping(address, paid):
    """The fee as the policies on shipping say it."""
    if address["country"] == "CN":
        free, fee = (299, 15) if address["region"].startswith(REMOTE) else (99, 8)
    else:
        free, fee = (399, 30) if address["country"] == "HK" else (999, 59)
    return Decimal(0) if paid >= free else Decimal(fee)


def test_an_order_uses_only_offers_that_held_when_it_was_placed():
    offers = {promotion["id"]: promotion for promotion in load.promotions(TODAY)}
    for order in load.orders(TODAY):
        used = [*order["discounts"], *order.get("gifts", ())]
        for discount in used:
            offer = offers[discount["promotion_id"]]
            assert offer["valid_from"] <= order["created_at"][:10] <= offer["valid_to"]
        if discounts := [found for found in order["discounts"] if found["promotion_id"] == "cross-shop"]:
            steps = amount(order["goods"]) // 300
            assert amount(discounts[0]["amount"]) == min(steps * 50, 500)


def test_nothing_is_sent_abroad_that_may_not_be():
    for order in load.orders(TODAY):
        if order["address"]["country"] == "CN":
            continue
        for item in order["items"]:
            assert not any("不寄往境外" in limit for limit in PRODUCTS[item["product_id"]]["shipping_limits"]["zh"])


@pytest.mark.parametrize("today", DAYS)
def test_events_follow_the_order_and_none_lies_in_the_future(today):
    orders = {order["id"]: order for order in load.orders(today)}
    shipments = load.shipments(today)
    assert {order["id"] for order in orders.values() if "shipment_id" in order} == {s["order_id"] for s in shipments}
    for shipment in shipments:
        order = orders[shipment["order_id"]]
        times = [datetime.fromisoformat(event["at"]) for event in shipment["events"]]
        assert times == sorted(times)
        assert datetime.fromisoformat(order["paid_at"]) < times[0]
        assert times[-1].date() < today
        assert shipment["status"] == shipment["events"][-1]["status"]
        assert (shipment["status"] == "delivered") == (order["status"] != "shipped")
    for order in orders.values():
        steps = [order[field] for field in ("created_at", "paid_at", "dispatched_at", "delivered_at", "completed_at")
                 if field in order]  # fmt: skip
        assert steps == sorted(steps)
        for request in order["after_sales"]:
            assert order["delivered_at"] <= request["requested_at"]


def test_people_are_made_up():
    for customer in load.customers():
        assert customer["email"].endswith("@example.com")
        assert re.fullmatch(r"\+86 154 0000 0\d{3}|\+(?:852|84|66|65|60) [\d ]+", customer["phone"])
    phones = Counter(customer["phone"] for customer in load.customers())
    assert max(phones.values()) == 1
