from datetime import datetime

import pytest
from goods import permit
from hypothesis import given
from hypothesis import strategies as st

from xiaoer.commerce import filling
from xiaoer.commerce.money import Money
from xiaoer.commerce.stored import StoredCommerce
from xiaoer.commerce.uploads import BadUpload, read_table
from xiaoer.commerce.values import Piece

GOODS = [
    ["我的店铺 2026 年 11 月"],
    ["商品编号", "商品名称", "规格", "价格（元）", "会员价", "库存", "状态"],
    ["P1", "轻羽跑鞋", "38", "￥299.00", "279", "5", "出售中"],
    ["P1", "轻羽跑鞋", "39", "299", "", "0", "出售中"],
    ["P2", "云感拖鞋", "", "1,059.5", "", "", "下架"],
]
ORDERS = [
    ["订单编号", "订单状态", "下单时间", "会员号", "商品名称", "SKU", "数量", "单价", "实付金额", "运费",
     "收货人", "手机", "收货地址", "快递公司", "快递单号"],
    ["'D001", "待发货", "2026/11/3 12:05", "u1", "轻羽跑鞋 38", "P1-38", "2", "299", "606", "8",
     "林一", "15400000001", "文三路 1 号", "", ""],
    ["'D001", "", "", "", "云感拖鞋", "P2", "1", "59", "", "", "", "", "", "", ""],
    ["D002", "交易成功", "2026年11月1日", "u2", "云感拖鞋", "P2", "", "59.00", "59", "",
     "王二", "15400000002", "北京路 2 号", "顺丰", "SF1"],
]  # fmt: skip


def test_products_with_variants_are_read_from_a_chinese_table():
    upload = read_table(GOODS)
    shoe, slipper = upload.goods.products
    assert [(each.sku, each.stock, each.price) for each in shoe.variants] == [
        ("P1-38", 5, Money.parse("299.00")),
        ("P1-39", 0, Money.parse("299.00")),
    ]
    assert shoe.variants[0].member_price == Money.parse("279.00")
    assert (slipper.on_sale, slipper.price, slipper.variants[0].stock) == (False, Money.parse("1059.50"), None)


def test_products_are_read_from_an_english_table_too():
    rows = [["Product ID", "Name", "Variant SKU", "Price", "Stock"], ["7", "Mug", "MUG-R", "$12.50", "3"]]
    (mug,) = read_table(rows, currency="USD", language="en").goods.products
    assert (mug.name, mug.price, mug.variants[0].sku) == ({"en": "Mug"}, Money.parse("12.50", "USD"), "MUG-R")


def test_orders_with_their_lines_and_parcels_are_read():
    goods = read_table(ORDERS).goods
    first, second = goods.orders
    assert (first.number, first.state, first.customer, len(first.lines)) == ("D001", "paid", "u1", 2)
    assert (first.amounts.goods, first.amounts.total) == (Money.parse("657.00"), Money.parse("606.00"))
    assert first.placed_at == datetime.fromisoformat("2026-11-03T12:05:00+08:00")
    assert (second.state, second.lines[0].quantity) == ("completed", 1)
    assert [(parcel.number, parcel.state) for parcel in goods.shipments] == [("SF1", "delivered")]
    assert [buyer.id for buyer in goods.buyers] == ["u1", "u2"]


@pytest.mark.parametrize("column", ["金额", "订单总额", "合计"])
def test_what_an_order_cost_is_read_under_its_many_names(column):
    rows = [["订单号", "状态", "下单时间", "商品", column], ["D1", "待发货", "2026-11-01", "龙井", "398"]]
    (order,) = read_table(rows).goods.orders
    assert order.amounts.total == Money.parse("398.00")


def test_an_order_whose_cost_is_not_there_is_left_out_rather_than_free():
    rows = [["订单号", "状态", "下单时间", "商品", "花费"], ["D1", "待发货", "2026-11-01", "龙井", "398"]]
    with pytest.raises(BadUpload, match="实付金额"):
        read_table(rows)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (["P9", "鞋", "", "很贵", "", "1", ""], "no amount"),
        (["P9", "鞋", "", "-5", "", "1", ""], "below zero"),
        (["P9", "", "", "5", "", "1", ""], "no name"),
        (["P9", "鞋", "", "", "", "1", ""], "no price"),
        (["P9", "鞋", "", "5", "", "一些", ""], "number of pieces"),
        (["P9", "鞋", "", "5", "", "1.5", ""], "number of pieces"),
        (["6.93E+12", "鞋", "", "5", "", "1", ""], "shortened"),
    ],
)
def test_a_row_that_cannot_be_read_is_left_out_and_named(row, told):
    upload = read_table([*GOODS, row])
    assert len(upload.goods.products) == 2
    (note,) = upload.notes
    assert note.startswith("row 6 ")
    assert told in note


@pytest.mark.parametrize(
    ("change", "told"),
    [({0: ""}, "order number"), ({0: "2.5E+17"}, "shortened"), ({1: "外星"}, "status"), ({2: "昨天"}, "date"),
     ({2: "2026-13-45"}, "date"), ({6: "0"}, "quantity"), ({7: "x"}, "amount"), ({8: "-1"}, "below zero")],
    ids=str,
)  # fmt: skip
def test_an_order_that_cannot_be_read_is_left_out_and_named(change, told):
    row = [change.get(at, cell) for at, cell in enumerate(ORDERS[3])]
    upload = read_table([*ORDERS[:3], row])
    assert [order.number for order in upload.goods.orders] == ["D001"]
    assert told in upload.notes[0]


@pytest.mark.parametrize("rows", [[], [[]], [["姓名", "年龄"], ["林", "3"]], [["订单号"], ["1"]], GOODS[:2]])
def test_a_table_of_something_else_is_refused_in_words(rows):
    with pytest.raises(BadUpload):
        read_table(rows)


@given(st.lists(st.lists(st.text(max_size=12), min_size=7, max_size=7), max_size=5))
def test_whatever_the_cells_hold_is_read_or_noted(rows):
    upload = read_table([*GOODS, *rows])
    assert len(upload.goods.products) >= 2


async def fill(database, store, rows):
    async with database.sessions.begin() as session:
        await filling.fill(session, store.id, read_table(rows).goods, "upload", merge=True)


async def test_a_later_upload_moves_orders_on_but_does_not_undo_what_a_customer_did(database, store):
    shop = StoredCommerce(database, store.id)
    await fill(database, store, ORDERS)
    shown = await shop.order("D001", customer="u1")
    await shop.cancel_order("D001", permit(shown, "a", "u1"))
    shown = await shop.order("D002", customer="u2")
    await shop.request_return("D002", permit(shown, "b", "u2"), pieces=[Piece(sku="P2")], reason="")
    await fill(database, store, ORDERS)
    assert (await shop.order("D001", customer="u1")).state == "cancelled"
    returning = await shop.order("D002", customer="u2")
    assert (returning.state, len(returning.requests)) == ("returning", 1)
    refunded = [[{"交易成功": "已退款"}.get(cell, cell) for cell in row] for row in ORDERS]
    await fill(database, store, refunded)
    moved = await shop.order("D002", customer="u2")
    assert (moved.state, len(moved.requests)) == ("returned", 1)
