from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from xiaoer.commerce import filling, pricing
from xiaoer.commerce.commerce import Permit
from xiaoer.commerce.money import Money
from xiaoer.commerce.stored import StoredCommerce
from xiaoer.demo import goods, load

NOW = datetime.now(UTC)


async def fill(database, store, today):
    async with database.sessions.begin() as session:
        await filling.fill(session, store.id, goods.goods(today), "demo")


@pytest.fixture
async def shop(database, store):
    await fill(database, store, NOW.date())
    return StoredCommerce(database, store.id, shipping_rules=goods.shipping_rules())


async def test_every_order_of_the_demo_is_its_customers_and_adds_up(shop):
    seen = 0
    for customer in load.customers():
        for order in await shop.orders(customer["id"], limit=100):
            seen += 1
            off = sum((discount.amount.amount for discount in order.amounts.discounts), Decimal(0))
            assert order.amounts.goods.amount - off + order.amounts.shipping.amount == order.amounts.total.amount
            assert (
                sum(line.paid.amount for line in order.lines) == (order.amounts.total - order.amounts.shipping).amount
            )
            for parcel in await shop.shipments(order):
                assert parcel.order_number == order.number
    assert seen == len(load.orders(NOW.date()))


@pytest.mark.parametrize(
    ("asked", "meant"),
    [("晨穗 8 Ultra", "XH-CS8U"), ("Qingsui Band 7 NFC", "XH-B7N"), ("听禾 Buds Lite", "XH-BDL"), ("XH-FD3", "XH-FD3"),
     ("时穗 Watch 4 Pro 多少钱", "XH-W4P")],
)  # fmt: skip
async def test_a_product_of_the_demo_is_found_by_its_name(shop, asked, meant):
    assert (await shop.search_products(asked))[0].id == meant


async def test_offers_and_shipping_of_the_demo_price_a_basket(shop):
    variant = await shop.stock("XH-CS8P-BK-12256")
    line = pricing.Line(
        sku=variant.sku, name="晨穗 8 Pro", price=variant.price, member_price=variant.member_price, category="phone"
    )
    offers = await shop.promotions(NOW, language="en")
    quote = pricing.quote([line], offers, at=NOW, shipping=await shop.shipping("CN", "浙江省"))
    assert quote.payable == variant.price - Money.parse("500")
    assert [step.label for step in quote.steps if step.promotion_id == "cross-shop"] == ["CNY 50 off every CNY 300"]
    assert len(quote.gifts) == 1


async def test_shipping_of_the_demo_goes_by_place_and_not_everywhere(shop):
    assert (await shop.shipping("CN", "西藏自治区")).fee == Money.parse("15")
    assert (await shop.shipping("HK")).fee == Money.parse("30")
    assert await shop.shipping("US") is None


async def test_coupons_are_for_the_levels_they_were_made_for_and_known_as_used(shop):
    levels = {customer["id"]: customer["level"] for customer in load.customers()}
    for customer, level in levels.items():
        coupons = await shop.coupons(customer)
        assert [coupon.id for coupon in coupons] == ([] if level == "seedling" else ["member-coupon"])
    assert (await shop.coupons("C0001"))[0].used_at is not None


async def test_a_later_start_moves_dates_but_keeps_what_a_customer_changed(shop, database, store):
    paid = next(order for order in goods.goods(NOW.date()).orders if order.state == "paid")
    other = next(order for order in goods.goods(NOW.date()).orders if order.state == "shipped")
    shown = await shop.order(paid.number, customer=paid.customer)
    permit = Permit(key="k", version=shown.version, customer=paid.customer)
    await shop.cancel_order(paid.number, permit)
    await fill(database, store, NOW.date() + timedelta(days=30))
    kept = await shop.order(paid.number, customer=paid.customer)
    assert (kept.state, kept.placed_at) == ("cancelled", paid.placed_at)
    moved = await shop.order(other.number, customer=other.customer)
    assert moved.placed_at == other.placed_at + timedelta(days=30)
    assert (await shop.shipments(moved))[0].events[0].at > other.placed_at + timedelta(days=29)
