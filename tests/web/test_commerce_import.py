"""Products and orders of a shop without a system of its own, over HTTP."""

import io

import httpx
import openpyxl
import pytest

from builders import Customer, publishable_key, secret_key
from xiaoer import stores
from xiaoer.desk.desk import Desk

PRODUCTS = "商品编号,商品名称,规格,SKU,价格,库存\nP1,云岭 X1 耳机,黑色,P1-B,299,5\nP1,云岭 X1 耳机,白色,P1-W,299,0\n"
ORDERS = (
    "订单编号,订单状态,下单时间,会员号,商品名称,SKU,数量,单价,实付金额,收货人,手机,收货地址\n"
    "D700001,待发货,2026-11-03 12:05,u1,云岭 X1 耳机,P1-B,1,299,299,林一,15400000001,文三路 1 号\n"
    "D700002,不知道,2026-11-03 12:05,u1,云岭 X1 耳机,P1-B,1,299,299,林一,15400000001,文三路 1 号\n"
)


async def imported(
    client: httpx.AsyncClient, key: str, data: bytes, name: str = "t.csv", **form: str
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"}
    return await client.post("/api/v1/commerce/import", files={"file": (name, data)}, data=form, headers=headers)


@pytest.fixture
async def key(desk: Desk) -> str:
    return await secret_key(desk)


async def test_uploaded_products_and_orders_are_answered_from_and_changed(
    client: httpx.AsyncClient, desk: Desk, key: str
) -> None:
    taken = await imported(client, key, PRODUCTS.encode(), kind="products")
    assert taken.json() == {"products": 1, "orders": 0, "notes": []}
    taken = await imported(client, key, ORDERS.encode("gb18030"), kind="orders")
    assert taken.json()["orders"] == 1
    assert "row 3" in taken.json()["notes"][0]
    customer = await Customer.arrive(client, await publishable_key(desk))
    assert "299.00" in (await customer.ask("云岭 X1 耳机多少钱"))["text"]
    assert "待发货" in (await customer.ask("查一下订单 D700001 的物流，手机尾号 0001"))["text"]
    assert "取消订单" in (await customer.ask("帮我取消订单"))["confirm"]["summary"]


async def test_a_workbook_is_read_sheet_by_sheet(client: httpx.AsyncClient, key: str) -> None:
    book = openpyxl.Workbook()
    book.active.append(["使用说明"])  # type: ignore[union-attr]
    sheet = book.create_sheet("商品")
    for row in PRODUCTS.splitlines():
        sheet.append(row.split(","))
    file = io.BytesIO()
    book.save(file)
    assert (await imported(client, key, file.getvalue(), "goods.xlsx")).json()["products"] == 1


@pytest.mark.parametrize(
    ("data", "name", "form", "word"),
    [
        (PRODUCTS.encode(), "t.csv", {"kind": "orders"}, "holds products"),
        ("甲,乙\n1,2\n".encode(), "t.csv", {}, "not understood"),
        (b"", "t.csv", {}, "empty"),
        (b"%PDF-1.7 ...", "t.pdf", {}, "no table"),
        (PRODUCTS.encode(), "t.csv", {"currency": "yuan"}, "currency"),
    ],
)
async def test_what_cannot_be_taken_is_refused_with_the_reason(
    client: httpx.AsyncClient, key: str, data: bytes, name: str, form: dict[str, str], word: str
) -> None:
    refused = await imported(client, key, data, name, **form)
    assert refused.status_code == 422
    assert word in refused.json()["detail"]


async def test_only_the_merchant_uploads(client: httpx.AsyncClient, desk: Desk) -> None:
    assert (await imported(client, await publishable_key(desk), PRODUCTS.encode())).status_code == 403
    assert (await client.post("/api/v1/commerce/import", files={"file": ("t.csv", b"x")})).status_code == 401


async def test_a_shop_linked_elsewhere_is_told_that_a_table_would_not_be_read(
    client: httpx.AsyncClient, desk: Desk, key: str
) -> None:
    async with desk.database.sessions() as session:
        store = await stores.by_slug(session, "shop")
    await desk.links.save(store.id, "woocommerce", {"base_url": "https://shop.example"}, secret="ck_a:cs_b")
    refused = await imported(client, key, PRODUCTS.encode())
    assert refused.status_code == 409
    assert "woocommerce" in refused.json()["detail"]
