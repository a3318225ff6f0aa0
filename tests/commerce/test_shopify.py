import asyncio
import json

import httpx
import pytest
from graphql import parse
from shopify_shop import TOKEN, ShopifyShop, failed, money, parcel, shopify_order, throttled

from xiaoer.commerce import shopify_queries
from xiaoer.commerce.commerce import (
    NotOffered,
    OutcomeUnknown,
    Permit,
    ShopBusy,
    ShopGarbled,
    ShopRefused,
    ShopUnavailable,
    StateForbids,
    UnknownBuyer,
    UnknownOrder,
    UnknownProduct,
)
from xiaoer.commerce.ledger import Ledger
from xiaoer.commerce.money import Money
from xiaoer.commerce.shopify import Shopify, ShopifySettings, endpoint
from xiaoer.commerce.values import Address, InvoiceTitle, Piece
from xiaoer.commerce.wire import BadEndpoint, Wire

USD = "USD"


@pytest.fixture
def shop():
    return ShopifyShop()


@pytest.fixture
def slept():
    return []


@pytest.fixture
async def linked(shop, slept, database, store):
    commerce = connect(shop, slept, database, store)
    yield commerce
    await commerce.close()


def connect(shop, slept, database, store, token=TOKEN):
    async def sleep(seconds):
        slept.append(seconds)

    settings = ShopifySettings(base_url="https://name.myshopify.com", timeout=0.3)
    wire = Wire(endpoint(settings, token), transport=httpx.MockTransport(shop), sleep=sleep)
    return Shopify(wire, settings, Ledger(database, store.id), job_pause=0)


def permit(order, key="k1", customer="7"):
    return Permit(key=key, version=order.version, customer=customer)


@pytest.mark.parametrize("name", [name for name in dir(shopify_queries) if name.isupper()])
def test_every_query_is_graphql(name):
    parse(getattr(shopify_queries, name).lstrip())


async def test_a_product_is_found_with_stock_as_the_shop_counts_it(linked):
    (found,) = await linked.search_products("tee")
    assert (found.id, found.price) == ("1", Money.parse("18.00", USD))
    assert [(each.sku, each.stock) for each in found.variants] == [("TEE-S", 4), ("TEE-M", 0), ("TEE-L", None)]
    assert await linked.search_products("???") == []


async def test_words_of_a_customer_are_no_search_syntax(linked, shop):
    await linked.search_products('tee" OR status:draft (-x) *')
    assert json.loads(shop.requests[0].content)["variables"]["q"] == "tee or status draft x status:active"


@pytest.mark.parametrize("asked", ["1", "TEE-S"])
async def test_a_product_is_found_by_number_and_by_sku(linked, shop, asked):
    if asked == "1":
        shop.product_field = lambda _: shop.product
    assert (await linked.product(asked)).id == "1"


@pytest.mark.parametrize("asked", ["TEE", "", "x' OR sku:'TEE-S", "NOPE"])
async def test_a_product_that_is_none_is_unknown(linked, asked):
    with pytest.raises(UnknownProduct):
        await linked.product(asked)


async def test_an_order_is_read_in_the_currency_it_was_paid_in(linked):
    order = await linked.order("1001", customer="7")
    assert (order.number, order.state, order.amounts.total) == ("#1001", "paid", Money.parse("41.00", USD))
    assert (order.amounts.goods, order.lines[0].paid) == (Money.parse("36.00", USD), Money.parse("31.00", USD))
    assert order.address.line() == "Linh Tran +84900000001 Hue 12 Le Loi 530000"


@pytest.mark.parametrize("number", ["1002", "9999", "100", "", "*", "1001' OR name:'1002", "#"])
async def test_anothers_and_no_order_are_told_in_the_same_words(linked, number):
    with pytest.raises(UnknownOrder) as unknown:
        await linked.order(number, customer="7")
    assert unknown.value.detail == UnknownOrder().detail


async def test_orders_of_several_pages_are_read_by_cursor_and_only_the_customers(linked):
    assert [order.number for order in await linked.orders("7")] == ["#1001", "#10010", "#1003"]
    assert await linked.orders("") == await linked.orders("7 OR 8") == []


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"displayFinancialStatus": "PENDING"}, "pending"),
        ({"displayFulfillmentStatus": "IN_PROGRESS"}, "packed"),
        ({"displayFulfillmentStatus": "FULFILLED", "fulfillments": [parcel()]}, "shipped"),
        ({"displayFulfillmentStatus": "FULFILLED", "fulfillments": [parcel("DELIVERED")]}, "delivered"),
        ({"displayFulfillmentStatus": "PARTIALLY_FULFILLED", "fulfillments": [parcel("DELIVERED")]}, "shipped"),
        ({"cancelledAt": "2026-11-04T00:00:00Z"}, "cancelled"),
        ({"displayFinancialStatus": "REFUNDED"}, "returned"),
    ],
)
async def test_the_state_of_an_order_is_told_by_its_money_and_its_parcels(linked, shop, change, state):
    shop.orders[0] |= change
    assert (await linked.order("1001", customer="7")).state == state


async def test_parcels_have_their_stops_in_the_order_of_time(linked, shop):
    shop.orders[0] |= {"displayFulfillmentStatus": "FULFILLED", "fulfillments": [parcel()]}
    (found,) = await linked.shipments(await linked.order("1001", customer="7"))
    assert (found.carrier, found.number, found.state) == ("UPS", "1Z9", "in_transit")
    assert [stop.text["en"] for stop in found.events] == ["Left", "Out for delivery"]


async def test_a_cancelled_order_is_told_when_the_shops_job_is_done(linked, shop):
    shown = await linked.order("1001", customer="7")
    changed = await linked.cancel_order("1001", permit(shown), reason="wrong size")
    assert changed.state == "cancelled"
    assert (await linked.cancel_order("1001", permit(shown), reason="wrong size")).state == "cancelled"
    assert [name for name, _ in shop.mutations] == ["orderCancel"]


async def test_a_job_that_does_not_end_leaves_the_outcome_unknown(linked, shop):
    shop.jobs = 1000
    shown = await linked.order("1001", customer="7")
    with pytest.raises(OutcomeUnknown):
        await linked.cancel_order("1001", permit(shown))


async def test_users_errors_are_a_conflict_and_free_the_key(linked, shop):
    shown = await linked.order("1001", customer="7")
    shop.user_errors = [{"field": ["orderId"], "message": "Cannot cancel an order that is fulfilled."}]
    with pytest.raises(StateForbids):
        await linked.cancel_order("1001", permit(shown))
    shop.user_errors = []
    assert (await linked.cancel_order("1001", permit(shown))).state == "cancelled"


async def test_an_address_is_changed(linked):
    shown = await linked.order("1001", customer="7")
    address = Address(recipient="Linh Tran", phone="+84900000009", street="1 Hang Bai", city="Hanoi", country="VN")
    assert (await linked.change_address("1001", permit(shown), address=address)).address == address


async def test_what_was_delivered_can_be_asked_to_go_back(linked, shop):
    shop.orders[0] |= {"displayFulfillmentStatus": "FULFILLED", "fulfillments": [parcel("DELIVERED")]}
    shown = await linked.order("1001", customer="7")
    pieces = [Piece(sku="TEE-S", quantity=2)]
    changed = await linked.request_return("1001", permit(shown), pieces=pieces, reason="too big")
    assert (changed.state, changed.requests[-1].state) == ("returning", "requested")
    lines = shop.mutations[0][1]["input"]["returnLineItems"]
    assert [(line["quantity"], line["customerNote"]) for line in lines] == [(1, "too big"), (1, "too big")]


async def test_the_shops_people_see_a_tag_on_an_order_that_is_urged(linked, shop):
    shown = await linked.order("1001", customer="7")
    await linked.urge_shipment("1001", permit(shown))
    assert shop.mutations == [("tagsAdd", {"id": shown.id, "tags": ["customer-asks-to-hurry"]})]


async def test_a_throttled_read_waits_as_long_as_the_bucket_needs(linked, shop, slept):
    shop.answers = [throttled()]
    await linked.order("1001", customer="7")
    assert slept == [pytest.approx((752 - 666) / 50)]


async def test_a_read_that_would_wait_too_long_is_told_as_busy(linked, shop):
    shop.answers = [throttled(wanted=5000, left=0)]
    with pytest.raises(ShopBusy):
        await linked.order("1001", customer="7")


async def test_a_throttled_write_was_not_begun_and_can_be_tried_again(linked, shop):
    shown = await linked.order("1001", customer="7")
    reads = shopify_order()
    shop.answers = [page(reads), throttled()]
    with pytest.raises(ShopBusy):
        await linked.cancel_order("1001", permit(shown))
    assert (await linked.cancel_order("1001", permit(shown))).state == "cancelled"


def page(order):
    info = {"hasNextPage": False, "endCursor": None}
    return httpx.Response(200, json={"data": {"orders": {"nodes": [order], "pageInfo": info}}})


async def hang():
    await asyncio.sleep(5)


@pytest.mark.parametrize(
    "answer", [hang, httpx.Response(500), failed("INTERNAL_SERVER_ERROR"), httpx.Response(200, json={"data": None})]
)
async def test_a_write_that_may_have_happened_is_not_sent_again(linked, shop, answer, monkeypatch):
    monkeypatch.setattr("xiaoer.commerce.remote.WAITS", 1)
    shown = await linked.order("1001", customer="7")
    shop.answers = [page(shopify_order()), answer]
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            await linked.cancel_order("1001", permit(shown))
    assert shop.mutations == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (failed("ACCESS_DENIED"), ShopRefused),
        (failed("MAX_COST_EXCEEDED"), ShopGarbled),
        (failed("INTERNAL_SERVER_ERROR"), ShopUnavailable),
        (httpx.Response(402, json={"errors": "Unavailable Shop"}), ShopGarbled),
        (httpx.Response(200, text="<html>Checking your browser</html>"), ShopGarbled),
        (httpx.Response(200, json={"data": {"orders": None}}), ShopGarbled),
        (httpx.Response(200, json={"data": {}}), ShopGarbled),
        (httpx.Response(200, json=[]), ShopGarbled),
        (page(shopify_order() | {"totalPriceSet": money("-1")}), ShopGarbled),
        (page(shopify_order() | {"totalDiscountsSet": money("5", "EUR")}), ShopGarbled),
        (page(shopify_order() | {"displayFinancialStatus": None}), ShopGarbled),
        (page(shopify_order() | {"createdAt": "soon"}), ShopGarbled),
    ],
)
async def test_whatever_shopify_answers_instead_is_a_clear_error(linked, shop, answer, kind):
    shop.answers = [answer] * 3
    with pytest.raises(kind):
        await linked.order("1001", customer="7")


async def test_a_token_the_shop_does_not_take_is_told_as_such(shop, slept, database, store):
    with pytest.raises(ShopRefused):
        await connect(shop, slept, database, store, token="shpat_wrong").order("1001", customer="7")


async def test_a_customer_is_known_by_number_only(linked):
    assert (await linked.buyer("7")).email == "linh@example.com"
    for other in ("9", "linh@example.com", ""):
        with pytest.raises(UnknownBuyer):
            await linked.buyer(other)


async def test_what_the_api_cannot_do_is_for_people(linked):
    with pytest.raises(NotOffered):
        await linked.request_invoice("1001", Permit(key="k", version="", customer="7"), title=InvoiceTitle(title="x"))


@pytest.mark.parametrize("token", ["", "shpat x", "shpat_\n"])
def test_a_token_that_is_none_is_refused(token):
    with pytest.raises(BadEndpoint):
        endpoint(ShopifySettings(base_url="https://name.myshopify.com"), token)
