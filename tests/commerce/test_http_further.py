"""What an HTTP API can do beyond orders: notes, balances, choices, visits, and orders placed for a customer."""

import asyncio
import json
from dataclasses import replace

import httpx
import pytest
from test_http import CHOICES, DOCUMENT, ENVELOPE, USES, Shop, body, operation

from xiaoer.commerce.commerce import OutcomeUnknown, Permit, StateForbids, UnknownBuyer, UnknownProduct
from xiaoer.commerce.http import endpoint
from xiaoer.commerce.http_further import FurtherHttp
from xiaoer.commerce.http_settings import BadLink, link
from xiaoer.commerce.ledger import Ledger
from xiaoer.commerce.money import Money
from xiaoer.commerce.openapi import read_document
from xiaoer.commerce.values import Booking, Piece
from xiaoer.commerce.wire import Wire

PATHS = {
    "/place": {"post": operation("place", **body("user", "ways", "goods"))},
    "/pay": {"post": operation("pay", **body("user", "sum", "what"))},
    "/balance": {"get": operation("balance", "user!")},
    "/choices": {"get": operation("choices", "no!", "sku!")},
    "/note": {"get": operation("note", "gid!", "code")},
    "/several": {"post": operation("several", **body("ids"))},
    "/picture": {"post": operation("picture", **body("url", "wanted"))},
    "/visit": {"post": operation("visit", **body("no", "kind", "day"))},
    "/list": {"get": operation("list", "user!")},
    "/reward": {"get": operation("reward", "no!")},
}
MORE = {
    "place_order": {"operation": "place", "send": {"user": "{customer}", "ways": "{payment}", "goods": "{pieces}"},
                    "records": "data", "fields": {"number": "no"}, "piece": {"sku": "id"},
                    "then": [{"operation": "pay", "each": True, "when": {"payment": ["card"]}, "ok": "code",
                              "send": {"user": "{customer}", "sum": "{quantity}", "what": "{sku}"}}], **ENVELOPE},
    "balance": {"operation": "balance", "send": {"user": "{customer}"}, "records": "data",
                "fields": {"amount": "left"}, **ENVELOPE},
    "exchange_choices": {"operation": "choices", "send": {"no": "{number}", "sku": "{sku}"}, "records": "data",
                         "fields": {"sku": "id", "name": "title", "available": "shelf"}, **ENVELOPE},
    "note_fault": {"operation": "note", "send": {"gid": "{product_id}", "code": "{code}"}, "records": "data",
                   "fields": {"title": "t", "text": "m"}, **ENVELOPE},
    "compare": {"operation": "several", "send": {"ids": "{products}"}, "records": "data",
                "fields": {"id": "gid", "name": "title", "price": "price"}, **ENVELOPE},
    "check_picture": {"operation": "picture", "send": {"url": "{url}", "wanted": "{wanted}"}, "records": "data",
                      "fields": {"text": "m", "fits": "fits"}, **ENVELOPE},
    "book_service": {"operation": "visit", "send": {"no": "{number}", "kind": "{booking.kind}",
                                                    "day": "{booking.day}"}, **ENVELOPE},
    "orders": {"operation": "list", "send": {"user": "{customer}"}, "records": "data", "fields": {"number": ""},
               "detail": True, **ENVELOPE},
    "review_reward": {"operation": "reward", "send": {"no": "{number}"}, "records": "data",
                      "fields": {"registered": "done"}, **ENVELOPE},
    "protect_price": {"operation": "pay", "send": {"user": "{customer}", "sum": "{amount}", "what": "{number}"},
                      **ENVELOPE},
}  # fmt: skip
BOUGHT = [Piece(sku="G1", quantity=2), Piece(sku="G2", quantity=1)]


def settings(**uses):
    document = json.dumps(DOCUMENT | {"paths": DOCUMENT["paths"] | PATHS}).encode()
    words = {"booking.kind": {"repair": "维修"}}
    more = {"payments": ["card", "bank"], "prepaid": ["card"], "words": words, "uses": {**USES, **MORE, **uses}}
    return link(read_document(document), CHOICES | more)


class MoreShop(Shop):
    """The shop of `test_http`, with the rest."""

    def answer(self, path, request):
        name, given = path.strip("/"), json.loads(request.content or b"{}")
        own = {
            "balance": {"left": 550000} if request.url.params.get("user") == "u1" else None,
            "choices": [{"id": "G2", "title": "跑鞋 2", "shelf": "1"}, {"id": "G3", "title": "跑鞋 3", "shelf": "0"}],
            "note": [{"t": "E1", "m": "请断电"}, {"t": "", "m": "再开机"}]
            if request.url.params.get("gid") == "G1"
            else None,
            "several": [good for good in self.goods if good["gid"] in given.get("ids", ())],
            "picture": {"m": "五星好评", "fits": "true"},
            "list": ["D1", "D3", "D1", "D2"],
            "reward": {"done": "false"},
            "pay": {},
            "visit": {},
        }
        if name == "place":
            self.orders["N1"] = self.made("N1", given["user"])
            return {"code": 0, "data": {"no": "N1"}}
        if name in own:
            return {"code": 0, "data": own[name]} if own[name] is not None else {"code": 404}
        return super().answer(path, request)


@pytest.fixture
def shop():
    return MoreShop()


def connect(shop, database, store, chosen=None):
    async def sleep(_):
        await asyncio.sleep(0)

    chosen = chosen or settings()
    where = endpoint(chosen.model_copy(update={"timeout": 0.3}), "s3cret")
    wire = Wire(where, transport=httpx.MockTransport(shop), sleep=sleep)
    return FurtherHttp(wire, chosen, Ledger(database, store.id))


@pytest.fixture
async def linked(shop, database, store):
    commerce = connect(shop, database, store)
    yield commerce
    await commerce.close()


def mine(key="k1", version=""):
    return Permit(key=key, version=version, customer="u1")


async def test_an_order_is_placed_and_paid_once_although_it_is_asked_for_twice(linked, shop):
    first = await linked.place_order(mine(), pieces=BOUGHT, payment="card")
    second = await linked.place_order(mine(), pieces=BOUGHT, payment="card")
    assert (first.number, second.number) == ("N1", "N1")
    assert [json.loads(each.content)["goods"] for each in shop.sent("/place")] == [
        [{"id": "G1", "quantity": 2}, {"id": "G2", "quantity": 1}]
    ]
    assert [json.loads(each.content)["what"] for each in shop.sent("/pay")] == ["G1", "G2"]


async def test_what_is_paid_otherwise_is_not_taken_from_the_card(linked, shop):
    await linked.place_order(mine(), pieces=BOUGHT, payment="bank")
    assert shop.sent("/pay") == []


@pytest.mark.parametrize("answer", [{"code": 0, "data": {}}, {"code": 0, "data": {"no": ["?"]}}, {"code": 0}], ids=str)
async def test_an_order_without_a_number_may_have_been_placed_and_is_not_placed_again(
    linked, shop, answer, monkeypatch
):
    monkeypatch.setattr("xiaoer.commerce.remote.WAITS", 2)
    shop.broken = {"/place": httpx.Response(200, json=answer)}
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            await linked.place_order(mine(), pieces=BOUGHT, payment="bank")
    assert len(shop.sent("/place")) == 1


async def test_a_placed_order_that_cannot_be_read_is_not_said_to_have_failed(linked, shop):
    shop.broken = {"/orders/N1": httpx.Response(500)}
    with pytest.raises(OutcomeUnknown):
        await linked.place_order(mine(), pieces=BOUGHT, payment="bank")
    shop.broken = {}
    assert (await linked.place_order(mine(), pieces=BOUGHT, payment="bank")).number == "N1"
    assert len(shop.sent("/place")) == 1


async def test_a_payment_that_fails_after_the_order_leaves_it_uncertain(linked, shop):
    shop.broken = {"/pay": httpx.Response(200, json={"code": 500})}
    with pytest.raises(OutcomeUnknown):
        await linked.place_order(mine(), pieces=BOUGHT, payment="card")


async def test_an_order_the_shop_refuses_frees_the_key(linked, shop):
    shop.broken = {"/place": httpx.Response(200, json={"code": 9})}
    with pytest.raises(StateForbids):
        await linked.place_order(mine(), pieces=BOUGHT, payment="bank")
    shop.broken = {}
    assert (await linked.place_order(mine(), pieces=BOUGHT, payment="bank")).number == "N1"


async def test_nobody_orders_without_a_name(linked, shop):
    with pytest.raises(UnknownBuyer):
        await linked.place_order(replace(mine(), customer=None), pieces=BOUGHT, payment="bank")
    assert shop.sent("/place") == []


async def test_numbers_of_orders_are_read_one_by_one_and_only_the_customers_are_told(linked):
    assert sorted(order.number for order in await linked.orders("u1")) == ["D1", "D3"]


async def test_a_balance_is_told_to_whom_it_belongs(linked):
    assert await linked.balance("u1") == Money.parse("5500.00")
    with pytest.raises(UnknownBuyer):
        await linked.balance("u2")


async def test_choices_that_cannot_be_had_are_told_as_such(linked):
    choices = await linked.exchange_choices(await linked.order("D1", customer="u1"), "G1")
    assert [(each.sku, each.available) for each in choices] == [("G2", True), ("G3", False)]


async def test_notes_are_joined_and_a_product_without_any_is_unknown(linked):
    assert await linked.note("fault", product_id="G1", code="E1") == "E1: 请断电\n再开机"
    with pytest.raises(UnknownProduct):
        await linked.note("fault", product_id="G9")


async def test_several_products_are_read_in_one_call(linked, shop):
    found = await linked.compare(["G1", "G3", "G9"])
    assert [product.id for product in found] == ["G1", "G3"]
    assert len(shop.requests) == 1


async def test_a_picture_is_checked_by_the_shops_system(linked):
    picture = await linked.check_picture("https://shop.example/1.jpg", wanted="review")
    assert (picture.text, picture.fits) == ("五星好评", True)


async def test_a_visit_is_booked_in_the_words_of_the_shop(linked, shop):
    order = await linked.order("D1", customer="u1")
    booking = Booking(kind="repair", day="4", name="林一", phone="15400000001")
    await linked.book_service("D1", mine(version=order.version), booking=booking)
    assert json.loads(shop.sent("/visit")[0].content) == {"no": "D1", "kind": "维修", "day": "4"}


async def test_no_more_is_given_back_than_was_paid(linked, shop):
    order = await linked.order("D1", customer="u1")
    for key, amount in (("a", "398.02"), ("b", "0"), ("c", "-1")):
        with pytest.raises(Exception, match="more than nothing and no more"):
            await linked.protect_price("D1", mine(key, order.version), amount=Money.parse(amount))
    await linked.protect_price("D1", mine("d", order.version), amount=Money.parse("10.50"))
    assert [json.loads(each.content)["sum"] for each in shop.sent("/pay")] == ["10.50"]


async def test_no_reward_is_registered_where_the_shop_says_false(linked):
    assert not await linked.review_reward(await linked.order("D1", customer="u1"))


@pytest.mark.parametrize(
    ("uses", "told"),
    [
        ({"balance": MORE["balance"] | {"then": [{"operation": "pay"}]}}, "only a change"),
        ({"place_order": MORE["place_order"] | {"then": [{"operation": "balance"}]}}, "only reads"),
        ({"place_order": MORE["place_order"] | {"then": [{"operation": "nothing"}]}}, "nothing"),
        ({"balance": MORE["balance"] | {"fields": {}}}, "amount"),
    ],
)
def test_a_wrong_choice_is_told_when_it_is_made(uses, told):
    with pytest.raises(BadLink) as refused:
        settings(**uses)
    assert told in refused.value.detail
