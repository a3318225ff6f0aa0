import asyncio
import json

import httpx
import pytest

from xiaoer.commerce.commerce import (
    NotOffered,
    OrderChanged,
    OutcomeUnknown,
    Permit,
    ShopGarbled,
    ShopTimedOut,
    StateForbids,
    UnknownBuyer,
    UnknownOrder,
    UnknownProduct,
)
from xiaoer.commerce.http import HttpCommerce, endpoint
from xiaoer.commerce.http_settings import BadLink, link
from xiaoer.commerce.ledger import Ledger
from xiaoer.commerce.money import Money
from xiaoer.commerce.openapi import read_document
from xiaoer.commerce.values import Address
from xiaoer.commerce.wire import BadEndpoint, Wire


def operation(name, *parameters, **more):
    listed = [{"name": each.rstrip("!"), "in": "query", "required": each.endswith("!"), "schema": {"type": "string"}}
              for each in parameters]  # fmt: skip
    return {"operationId": name, "parameters": listed, **more}


def body(*fields):
    schema = {"type": "object", "required": [fields[0]], "properties": {field: {"type": "string"} for field in fields}}
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


ID = {"name": "no", "in": "path", "required": True, "schema": {"type": "string"}}
DOCUMENT = {
    "openapi": "3.0.1",
    "servers": [{"url": "https://api.shop.example/v1"}],
    "paths": {
        "/goods": {"get": operation("searchGoods", "q!", "page", "size")},
        "/goods/{no}": {"get": operation("getGoods") | {"parameters": [ID]}},
        "/orders": {"get": operation("listOrders", "user!", "cursor")},
        "/orders/{no}": {
            "get": operation("getOrder") | {"parameters": [ID]},
            "delete": operation("drop") | {"parameters": [ID]},
        },
        "/orders/{no}/cancel": {"post": operation("cancel", **body("request_id", "why")) | {"parameters": [ID]}},
        "/orders/{no}/address": {"post": operation("move", **body("to")) | {"parameters": [ID]}},
        "/orders/{no}/track": {"get": operation("track") | {"parameters": [ID]}},
        "/users/{no}": {"get": operation("user") | {"parameters": [ID]}},
    },
}
FIELDS = {
    "number": "no", "customer": "uid", "state": "status", "total": "pay", "placed_at": "ts", "currency": "cur",
    "lines": "items", "line.sku": "sku", "line.name": "title", "line.quantity": "n", "line.price": "price",
    "address.recipient": "to.name", "address.phone": "to.tel", "address.street": "to.road", "phone": "to.tel",
}  # fmt: skip
ENVELOPE = {"ok": "code", "ok_values": ["0"], "missing_values": ["404"], "conflict_values": ["9"]}
GOODS = {"id": "gid", "name": "title", "price": "price", "stock": "left", "on_sale": "shelf"}
USES = {
    "search_products": {"operation": "searchGoods", "send": {"q": "{text}"}, "records": "data.list", "fields": GOODS,
                        "page": {"by": "page", "parameter": "page", "size_parameter": "size", "size": 2}, **ENVELOPE},
    "product": {"operation": "getGoods", "send": {"no": "{product_id}"}, "records": "data", "fields": GOODS,
                **ENVELOPE},
    "orders": {"operation": "listOrders", "send": {"user": "{customer}"}, "records": "data.list", "fields": FIELDS,
               "page": {"by": "cursor", "parameter": "cursor", "next": "data.next"}, **ENVELOPE},
    "order": {"operation": "getOrder", "send": {"no": "{number}"}, "records": "data", "fields": FIELDS, **ENVELOPE},
    "cancel_order": {"operation": "cancel",
                     "send": {"no": "{number}", "request_id": "{key}", "why": "用户：{reason}"}, **ENVELOPE},
    "change_address": {"operation": "move", "send": {"no": "{number}", "to.name": "{address.recipient}",
                       "to.tel": "{address.phone}", "to.road": "{address.street}"}, **ENVELOPE},
    "shipments": {"operation": "track", "send": {"no": "{number}"}, "records": "data",
                  "fields": {"number": "no", "carrier": "by", "state": "st", "events": "log", "event.at": "t",
                             "event.text": "m"}, **ENVELOPE},
    "buyer": {"operation": "user", "send": {"no": "{customer}"}, "records": "data",
              "fields": {"id": "uid", "name": "nick"}, **ENVELOPE},
}  # fmt: skip
CHOICES = {
    "uses": USES, "states": {"待发货": "paid", "已取消": "cancelled", "已发货": "shipped"}, "amounts": "minor",
    "shipment_states": {"运输中": "in_transit"},
}  # fmt: skip


def chosen(**uses):
    return link(read_document(json.dumps(DOCUMENT).encode()), CHOICES | {"uses": {**USES, **uses}})


class Shop:
    """A shop in the manner of many Chinese ones: always status 200, the outcome in `code`, amounts in fen."""

    def __init__(self):
        self.goods = [
            {"gid": f"G{n}", "title": f"跑鞋 {n}", "price": 19900 + n, "left": n, "shelf": "1"} for n in range(5)
        ]
        self.orders = {no: self.made(no, uid) for no, uid in (("D1", "u1"), ("D2", "u2"), ("D3", "u1"))}
        self.requests = []
        self.keys = set()
        self.broken = {}

    def made(self, no, uid):
        return {"no": no, "uid": uid, "status": "待发货", "pay": 39801, "ts": 1_790_000_000, "cur": "CNY",
                "items": [{"sku": "G1", "title": "跑鞋 1", "n": 2, "price": "19901"}],
                "to": {"name": "林一", "tel": "15400000001", "road": "文三路 1 号"}}  # fmt: skip

    async def __call__(self, request):
        self.requests.append(request)
        path = request.url.path.removeprefix("/v1")
        for start, answer in self.broken.items():
            if path.endswith(start):
                return await answer(request) if callable(answer) else answer
        return httpx.Response(200, json=self.answer(path, request))

    def answer(self, path, request):
        parts = path.strip("/").split("/")
        if request.method == "POST":
            return self.change(parts, json.loads(request.content))
        if parts == ["goods"]:
            page = int(request.url.params["page"])
            return {"code": 0, "data": {"list": self.goods[2 * page - 2 : 2 * page]}}
        if parts == ["orders"]:
            after = request.url.params.get("cursor")
            rows = [order for order in self.orders.values() if order["uid"] == request.url.params["user"]]
            return {
                "code": 0,
                "data": {"list": rows[1:] + rows[:1] if after else rows[:1], "next": None if after else "x"},
            }
        kept = {
            "goods": {good["gid"]: good for good in self.goods},
            "orders": self.orders,
            "users": {"u1": {"uid": "u1", "nick": "林"}},
        }
        found = kept[parts[0]].get(parts[1])
        if parts[-1] == "track":
            found = [{"no": "SF1", "by": "顺丰", "st": "运输中", "log": [{"t": 1_790_000_100, "m": "已揽收"}] * 2}] * 2
        return {"code": 0, "data": found} if found else {"code": 404, "message": "无此数据"}

    def change(self, parts, given):
        order = self.orders[parts[1]]
        if parts[2] == "cancel" and given["request_id"] not in self.keys:
            if order["status"] != "待发货":
                return {"code": 9, "message": "状态不允许"}
            order["status"] = "已取消"
            self.keys.add(given["request_id"])
        if parts[2] == "address":
            order["to"] = given["to"]
        return {"code": 0}

    def sent(self, end):
        return [request for request in self.requests if request.url.path.endswith(end)]


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
async def linked(shop, database, store):
    commerce = connect(shop, database, store)
    yield commerce
    await commerce.close()


def connect(shop, database, store, settings=None):
    async def sleep(_):
        await asyncio.sleep(0)

    settings = settings or chosen()
    where = endpoint(settings.model_copy(update={"timeout": 0.3}), "s3cret")
    wire = Wire(where, transport=httpx.MockTransport(shop), sleep=sleep)
    return HttpCommerce(wire, settings, Ledger(database, store.id))


def permit(order, key="k1", customer="u1"):
    return Permit(key=key, version=order.version, customer=customer)


async def test_products_of_several_pages_are_found_with_prices_in_yuan(linked, shop):
    found = await linked.search_products("跑鞋", limit=10)
    assert [product.id for product in found] == ["G0", "G1", "G2", "G3", "G4"]
    assert found[1].price == Money.parse("199.01")
    assert len(shop.sent("/goods")) == 3
    assert shop.requests[0].headers["authorization"] == "Bearer s3cret"


async def test_what_is_off_sale_is_not_offered(linked, shop):
    shop.goods[1]["shelf"] = "下架"
    assert "G1" not in [product.id for product in await linked.search_products("跑鞋")]
    with pytest.raises(UnknownProduct):
        await linked.stock("G1")
    assert (await linked.stock("G2")).stock == 2


async def test_orders_of_several_pages_are_each_told_once_and_only_the_customers(linked, shop):
    shop.orders["D3"]["uid"] = "u1"
    assert sorted(order.number for order in await linked.orders("u1")) == ["D1", "D3"]
    assert await linked.orders("") == []


@pytest.mark.parametrize("number", ["D2", "D9", "", "..", "D1/../D2", "D1?x=1", "*"])
async def test_anothers_and_no_order_are_told_in_the_same_words(linked, number):
    with pytest.raises(UnknownOrder) as unknown:
        await linked.order(number, customer="u1")
    assert unknown.value.detail == UnknownOrder().detail


async def test_an_api_that_gives_a_wrong_order_is_not_believed(linked, shop):
    shop.orders["D3"] = shop.orders["D1"]
    with pytest.raises(UnknownOrder):
        await linked.order("D3", customer="u1")


async def test_an_order_is_cancelled_once_and_read_again(linked, shop):
    shown = await linked.order("D1", customer="u1")
    first, second = await asyncio.gather(*(linked.cancel_order("D1", permit(shown), reason="买错") for _ in range(2)))
    assert first.state == second.state == "cancelled"
    assert (await linked.cancel_order("D1", permit(shown), reason="买错")).state == "cancelled"
    assert {json.loads(request.content)["request_id"] for request in shop.sent("/cancel")} == {"k1"}
    assert json.loads(shop.sent("/cancel")[0].content)["why"] == "用户：买错"


async def test_a_changed_order_is_not_cancelled(linked, shop):
    shown = await linked.order("D1", customer="u1")
    shop.orders["D1"]["status"] = "已发货"
    with pytest.raises(OrderChanged):
        await linked.cancel_order("D1", permit(shown))
    fresh = await linked.order("D1", customer="u1")
    with pytest.raises(StateForbids):
        await linked.cancel_order("D1", permit(fresh))
    assert shop.sent("/cancel") == []


async def test_a_refusal_by_the_shop_is_a_conflict_and_frees_the_key(linked, shop):
    shown = await linked.order("D1", customer="u1")
    shop.broken = {"/cancel": httpx.Response(200, json={"code": "9", "message": "不行"})}
    with pytest.raises(StateForbids):
        await linked.cancel_order("D1", permit(shown))
    shop.broken = {}
    assert (await linked.cancel_order("D1", permit(shown))).state == "cancelled"


async def test_nobody_cancels_the_order_of_another(linked, shop):
    shown = await linked.order("D2", customer="u2")
    with pytest.raises(UnknownOrder):
        await linked.cancel_order("D2", permit(shown))
    assert shop.sent("/cancel") == []


async def hang(_):
    await asyncio.sleep(5)


async def test_a_write_whose_answer_never_came_is_not_sent_again_even_after_a_restart(
    shop, database, store, monkeypatch
):
    monkeypatch.setattr("xiaoer.commerce.remote.WAITS", 2)
    shown = await connect(shop, database, store).order("D1", customer="u1")
    address = Address(recipient="林一", phone="15400000001", street="南京路 2 号")
    shop.broken = {"/address": hang}
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            await connect(shop, database, store).change_address("D1", permit(shown), address=address)
    assert len(shop.sent("/address")) == 1


async def test_a_write_with_a_key_the_shop_knows_is_sent_again_after_a_restart(shop, database, store):
    shown = await connect(shop, database, store).order("D1", customer="u1")
    shop.broken = {"/cancel": hang}
    with pytest.raises(OutcomeUnknown):
        await connect(shop, database, store).cancel_order("D1", permit(shown))
    shop.broken = {}
    assert (await connect(shop, database, store).cancel_order("D1", permit(shown))).state == "cancelled"


async def test_an_address_is_written_where_the_api_wants_it(linked, shop):
    shown = await linked.order("D1", customer="u1")
    address = Address(recipient="林一", phone="15400000001", street="南京路 2 号")
    changed = await linked.change_address("D1", permit(shown), address=address)
    assert changed.address == address
    assert json.loads(shop.sent("/address")[0].content) == {
        "to": {"name": "林一", "tel": "15400000001", "road": "南京路 2 号"}
    }


async def test_a_change_that_was_made_is_told_although_the_order_cannot_be_read_afterwards(linked, shop):
    shown = await linked.order("D1", customer="u1")

    async def cancel_and_die(request):
        shop.broken = {"/orders/D1": httpx.Response(500)}
        return httpx.Response(200, json={"code": 0})

    shop.broken = {"/cancel": cancel_and_die}
    changed = await linked.cancel_order("D1", permit(shown))
    assert (changed.state, changed.version) == ("cancelled", "")


async def test_parcels_and_their_stops_are_each_told_once(linked):
    (parcel,) = await linked.shipments(await linked.order("D1", customer="u1"))
    assert (parcel.number, parcel.state, len(parcel.events)) == ("SF1", "in_transit", 1)


async def test_what_is_known_of_a_customer(linked):
    assert (await linked.buyer("u1")).name == "林"
    with pytest.raises(UnknownBuyer):
        await linked.buyer("u9")


@pytest.mark.parametrize(
    "change",
    [
        {"cur": "USD"},
        {"status": "外星"},
        {"pay": -1},
        {"pay": "很多"},
        {"pay": 10**30},
        {"pay": None},
        {"ts": "昨天"},
        {"ts": 10**18},
        {"items": "none"},
        {"items": [{"sku": "x", "n": "1.5", "price": 1}]},
        {"items": [{}]},
        {"no": None},
        {"uid": {"a": 1}},
    ],
    ids=str,
)
async def test_a_record_that_makes_no_sense_is_no_answer(linked, shop, change):
    shop.orders["D1"].update(change)
    with pytest.raises(ShopGarbled):
        await linked.order("D1", customer="u1")


@pytest.mark.parametrize(
    "answer",
    [{"code": 500, "message": "系统异常"}, {"error": "no"}, [], None, "ok", {"code": 0, "data": "text"},
     {"code": 0, "data": [1]}],
    ids=str,
)  # fmt: skip
async def test_success_with_an_error_inside_is_an_error(linked, shop, answer):
    shop.broken = {"/orders/D1": httpx.Response(200, json=answer)}
    with pytest.raises(ShopGarbled):
        await linked.order("D1", customer="u1")


async def test_a_hanging_shop_is_not_waited_for(linked, shop):
    shop.broken = {"/orders/D1": hang}
    with pytest.raises(ShopTimedOut):
        await linked.order("D1", customer="u1")


async def test_pages_without_end_end(linked, shop):
    async def again(request):
        return httpx.Response(200, json={"code": 0, "data": {"list": shop.goods[:2]}})

    shop.broken = {"/goods": again}
    assert len(await linked.search_products("跑鞋", limit=50)) == 2
    assert len(shop.sent("/goods")) == 10


async def test_what_was_not_chosen_is_not_offered(linked):
    assert "urge_shipment" not in linked.abilities
    with pytest.raises(NotOffered):
        await linked.urge_shipment("D1", Permit(key="k", version="1", customer="u1"))


@pytest.mark.parametrize(
    ("uses", "told"),
    [
        ({"order": {"operation": "nothing"}}, "nothing"),
        ({"fly": {"operation": "getOrder"}}, "fly"),
        ({"order": USES["order"] | {"send": {"nr": "{number}"}}}, "nr"),
        ({"order": USES["order"] | {"send": {"no": "{password}"}}}, "password"),
        ({"order": USES["order"] | {"send": {}}}, "needs 'no'"),
        ({"order": USES["order"] | {"operation": "drop"}}, "changes something"),
        ({"order": USES["order"] | {"fields": {"number": "no"}}}, "customer"),
        ({"cancel_order": USES["cancel_order"] | {"operation": "getOrder", "send": {"no": "{number}"}}}, "only reads"),
        ({"order": USES["order"] | {"colour": "red"}}, "colour"),
    ],
)
def test_a_wrong_choice_is_told_when_it_is_made(uses, told):
    with pytest.raises(BadLink) as refused:
        chosen(**uses)
    assert told in refused.value.detail


def test_a_secret_that_no_header_can_carry_is_refused():
    with pytest.raises(BadEndpoint):
        endpoint(chosen(), "key\r\nX-Evil: 1")
