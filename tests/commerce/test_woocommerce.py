import asyncio
import json

import httpx
import pytest
from woo import SECRET, WooShop, woo_order, woo_product

from xiaoer.commerce.commerce import (
    NotOffered,
    OutcomeUnknown,
    Permit,
    ShopBusy,
    ShopGarbled,
    ShopRefused,
    StateForbids,
    UnknownBuyer,
    UnknownOrder,
    UnknownProduct,
)
from xiaoer.commerce.ledger import Ledger
from xiaoer.commerce.money import Money
from xiaoer.commerce.values import Address
from xiaoer.commerce.wire import BadEndpoint, Wire
from xiaoer.commerce.woocommerce import WooCommerce, WooSettings, endpoint


def connect(shop, database, store, secret=SECRET, **settings):
    async def sleep(_):
        await asyncio.sleep(0)

    made = WooSettings(base_url="https://shop.example/", **{"timeout": 0.3, **settings})
    wire = Wire(endpoint(made, secret), transport=httpx.MockTransport(shop), sleep=sleep)
    return WooCommerce(wire, made, Ledger(database, store.id))


@pytest.fixture
def shop():
    return WooShop()


@pytest.fixture
async def woo(shop, database, store):
    commerce = connect(shop, database, store)
    yield commerce
    await commerce.close()


def permit(order, key="k1", customer="26"):
    return Permit(key=key, version=order.version, customer=customer)


async def test_a_variable_product_has_its_variations_prices_and_stock(woo):
    (found,) = await woo.search_products("t-shirt")
    assert (found.id, found.price, found.description["en"]) == ("93", Money.parse("18.00", "USD"), "Soft & warm")
    assert [(each.sku, each.stock, each.in_stock) for each in found.variants] == [("WT-R", 4, True), ("WT-B", 0, False)]
    assert found.variants[0].options == {"Colour": {"en": "Red"}}


@pytest.mark.parametrize(("asked", "found"), [("93", "93"), ("WT", "93"), ("WT-R", "93"), ("101", "93"), ("S1", "1")])
async def test_a_product_is_found_by_number_and_sku_of_it_or_a_variation(woo, asked, found):
    assert (await woo.product(asked)).id == found


@pytest.mark.parametrize("asked", ["9999", "NOPE", "", "../orders", "1/variations"])
async def test_a_product_that_is_none_is_unknown(woo, asked):
    with pytest.raises(UnknownProduct):
        await woo.product(asked)


async def test_what_is_not_for_sale_has_no_stock(woo, shop):
    assert (await woo.stock("S1")).stock == 3
    shop.products[1] = woo_product(1, "Hoodie 1", status="private")
    with pytest.raises(UnknownProduct):
        await woo.stock("S1")


async def test_an_order_is_read_with_amounts_address_and_options(woo):
    order = await woo.order("#727", customer="26")
    assert (order.state, order.amounts.total, order.amounts.goods) == ("paid", *map(usd, ("41.00", "36.00")))
    line = order.lines[0]
    assert (line.sku, line.price, line.paid, line.options) == ("WT-R", usd("18.00"), usd("31.00"), "Red")
    assert order.address.line() == "Linh Tran 0900000001 Hue 12 Le Loi 530000"
    assert order.placed_at.isoformat() == "2026-11-03T05:00:00+00:00"


def usd(amount):
    return Money.parse(amount, "USD")


@pytest.mark.parametrize("number", ["800", "99999", "", "Linh", "727x", "72"])
async def test_anothers_and_no_order_are_told_in_the_same_words(woo, number):
    with pytest.raises(UnknownOrder) as unknown:
        await woo.order(number, customer="26")
    assert unknown.value.detail == UnknownOrder().detail


async def test_orders_numbered_by_a_plug_in_are_found_by_that_number(woo, shop):
    shop.orders[900] = woo_order(900) | {"number": "2026-0009"}
    assert (await woo.order("2026-0009", customer="26")).id == "900"
    with pytest.raises(UnknownOrder):
        await woo.order("900", customer="26")


async def test_orders_of_many_pages_are_all_told_but_for_drafts(woo, shop):
    shop.orders = {n: woo_order(n) for n in range(1, 121)} | {500: woo_order(500, status="checkout-draft")}
    assert len(await woo.orders("26", limit=200)) == 120
    assert await woo.orders("0") == await woo.orders("") == []


async def test_a_paid_order_is_cancelled_and_the_shops_people_told_of_the_money(woo, shop):
    shown = await woo.order("727", customer="26")
    changed = await woo.cancel_order("727", permit(shown), reason="wrong size")
    assert changed.state == "cancelled"
    assert shop.notes == ["Cancelled by the customer in the chat. wrong size Please refund 41.00 USD."]
    again = await woo.cancel_order("727", permit(shown), reason="wrong size")
    assert again.state == "cancelled"
    assert len(shop.notes) == 1


async def test_a_cancelled_order_stays_told_although_the_note_failed(woo, shop):
    shown = await woo.order("727", customer="26")
    shop.broken = {"/notes": httpx.Response(500)}
    assert (await woo.cancel_order("727", permit(shown))).state == "cancelled"


async def test_what_wordpress_refuses_is_a_conflict(woo, shop):
    shown = await woo.order("727", customer="26")
    shop.broken = {"/orders/727": refuse_writes(shop)}
    with pytest.raises(StateForbids):
        await woo.cancel_order("727", permit(shown))


def refuse_writes(shop):
    async def answer(request):
        if request.method == "GET":
            return httpx.Response(200, json=shop.orders[727])
        return httpx.Response(400, json={"code": "rest_invalid_param", "message": "status", "data": {"status": 400}})

    return answer


async def test_a_write_that_hangs_is_unknown_and_never_repeated(woo, shop, monkeypatch):
    monkeypatch.setattr("xiaoer.commerce.remote.WAITS", 2)
    shown = await woo.order("727", customer="26")

    async def hang(request):
        if request.method == "PUT":
            await asyncio.sleep(5)
        return httpx.Response(200, json=shop.orders[727])

    shop.broken = {"/orders/727": hang}
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            await woo.cancel_order("727", permit(shown))
    assert [request.method for request in shop.requests].count("PUT") == 1


async def test_an_address_is_changed(woo, shop):
    shown = await woo.order("727", customer="26")
    address = Address(recipient="Linh Tran", phone="0900000009", street="1 Hang Bai", city="Hanoi", country="VN")
    assert (await woo.change_address("727", permit(shown), address=address)).address == address
    assert json.loads(shop.requests[-2].content)["shipping"]["address_1"] == "1 Hang Bai"


async def test_the_shops_people_are_asked_to_hurry_by_a_note(woo, shop):
    shown = await woo.order("727", customer="26")
    await woo.urge_shipment("727", permit(shown))
    assert len(shop.notes) == 1


async def test_parcels_are_told_where_the_extension_is_there(woo, shop):
    order = await woo.order("727", customer="26")
    assert [(parcel.carrier, parcel.number) for parcel in await woo.shipments(order)] == [("DHL", "D1")]
    shop.broken = {"/shipment-trackings": httpx.Response(404, json={"code": "rest_no_route", "data": {"status": 404}})}
    assert await woo.shipments(order) == []


def coupon(code, **more):
    return {"id": 9, "code": code, "amount": "10.00", "discount_type": "percent", "email_restrictions": [],
            "minimum_amount": "50.00", "used_by": [], "date_expires_gmt": None, **more}  # fmt: skip


async def test_a_customer_is_told_only_of_coupons_made_for_them(woo, shop):
    mine = {"email_restrictions": ["linh@example.com"]}
    shop.coupons = [
        coupon("staff-50"),
        coupon("theirs", email_restrictions=["other@example.com"]),
        coupon("mine", **mine),
        coupon("used", **mine, used_by=["26"], discount_type="fixed_cart"),
        coupon("narrow", **mine, product_ids=[1]),
    ]
    told = await woo.coupons("26")
    assert [(each.promotion.name, each.promotion.kind, each.used_at is None) for each in told] == [
        ("mine", "percent", True),
        ("used", "fixed", False),
    ]


async def test_a_customer_is_known_by_number_only(woo):
    assert (await woo.buyer("26")).name == "Linh Tran"
    for other in ("27", "linh@example.com", "26/../27"):
        with pytest.raises(UnknownBuyer):
            await woo.buyer(other)


async def test_a_key_the_shop_does_not_take_is_told_as_such(shop, database, store):
    commerce = connect(shop, database, store, secret="ck_abc:cs_wrong")
    with pytest.raises(ShopRefused):
        await commerce.order("727", customer="26")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(429, headers={"retry-after": "60"}, json={"code": "rate_limit_exceeded"}), ShopBusy),
        (httpx.Response(200, text="<br />\n<b>Fatal error</b>: Allowed memory size"), ShopGarbled),
        (httpx.Response(200, text="There has been a critical error on this website."), ShopGarbled),
        (httpx.Response(200, json={"id": 727, "number": "727"}), ShopGarbled),
        (httpx.Response(200, json=woo_order(727, status="wc-custom")), ShopGarbled),
        (httpx.Response(200, json=woo_order(727, total="NaN")), ShopGarbled),
        (httpx.Response(200, json=woo_order(727, total="-4")), ShopGarbled),
        (httpx.Response(200, json=woo_order(727, date_created_gmt="soon")), ShopGarbled),
        (httpx.Response(200, json=woo_order(727, line_items=[{"quantity": 1}])), ShopGarbled),
    ],
)
async def test_whatever_wordpress_answers_instead_is_a_clear_error(woo, shop, answer, kind):
    shop.broken = {"/orders/727": answer}
    with pytest.raises(kind):
        await woo.order("727", customer="26")


async def test_a_status_of_a_plug_in_can_be_mapped(shop, database, store):
    shop.orders[727]["status"] = "on-the-way"
    commerce = connect(shop, database, store, states={"on-the-way": "shipped"})
    assert (await commerce.order("727", customer="26")).state == "shipped"


async def test_what_the_api_cannot_do_is_for_people(woo):
    with pytest.raises(NotOffered):
        await woo.request_return("727", Permit(key="k", version="", customer="26"), pieces=[], reason="")


@pytest.mark.parametrize("secret", ["", "ck_only", "cs_x:ck_y", "ck_a:cs_b\r\nX: y"])
def test_a_secret_that_is_no_pair_of_keys_is_refused(secret):
    with pytest.raises(BadEndpoint):
        endpoint(WooSettings(base_url="https://shop.example"), secret)
