"""The page of the shop that a customer is on says which product they ask about, until they say otherwise."""

from typing import Any

import httpx
import pytest
from console_staff import a_colleague

from builders import Customer, publishable_key
from xiaoer import stores
from xiaoer.desk.desk import Desk
from xiaoer.knowledge.documents import Document

KETTLE = "- 商品价格：199\n## 规格\n容量 1.7 升，净重 1.2 kg。\n## 保修\n整机保修 1 年。\n"
TOASTER = "- 商品价格：299\n## 规格\n可同时烤 4 片，净重 2.5 kg。\n## 保修\n整机保修 2 年。\n"


@pytest.fixture
async def shop_key(desk: Desk, client: httpx.AsyncClient) -> str:
    """The key of a shop with two products, each about as heavy as it says, and of another shop beside it."""
    async with desk.database.sessions.begin() as session:
        shop = await stores.by_slug(session, "shop")
        other = await stores.create(session, "other", {"name": {"zh": "别家"}, "locales": ["zh"]})
    for store, product, title, text, url in (
        (shop, "1001234567", "山泉电热水壶 K17", KETTLE, None),
        (shop, "T-400", "麦香多士炉 T400", TOASTER, "https://shop.example/kitchen/toaster"),
        (other, "9009009001", "别家的灯 L9", "- 商品价格：59\n", None),
    ):
        await desk.knowledge.save(
            store.id, Document(key=product, title=title, text=text, locale="zh", product_ids=(product,), url=url)
        )
    await desk.knowledge.settled()
    desk.assistant.use(None)
    return await publishable_key(desk)


@pytest.fixture
async def visitor(client: httpx.AsyncClient, shop_key: str) -> Customer:
    return await Customer.arrive(client, shop_key)


async def page_of(client: httpx.AsyncClient, key: str, **query: str) -> Any:
    answer = await client.get("/api/v1/page", params=query, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200, answer.text
    return answer.json()["product_id"]


async def test_what_is_asked_on_a_products_page_is_asked_of_it(visitor: Customer) -> None:
    ended = await visitor.ask("净重多少", page={"product_id": "1001234567"})
    assert "1.2 kg" in ended["text"]
    assert "2.5 kg" not in ended["text"]


async def test_a_page_is_stayed_on_until_another_is_told_or_none(visitor: Customer) -> None:
    await visitor.ask("净重多少", page={"product_id": "1001234567"})
    assert "1 年" in (await visitor.ask("整机保修几年"))["text"]
    assert "2 年" in (await visitor.ask("整机保修几年", page={"product_id": "t-400"}))["text"]
    assert (await visitor.ask("净重多少", page=None))["route"] == "flow"


async def test_staff_see_which_product_was_meant_and_why(
    visitor: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    await visitor.ask("净重多少", page={"product_id": "1001234567"})
    seen = await (await a_colleague(client, desk, "staff")).page(visitor)
    assert "山泉电热水壶 K17<small>顾客正在看的商品页</small>" in seen


async def test_a_product_named_goes_before_the_page_and_stays(visitor: Customer) -> None:
    page = {"product_id": "1001234567"}
    assert "2.5 kg" in (await visitor.ask("T400净重多少", page=page))["text"]
    assert "2 年" in (await visitor.ask("整机保修几年", page=page))["text"]


async def test_a_conversation_may_begin_on_a_page(client: httpx.AsyncClient, shop_key: str) -> None:
    visitor = await Customer.arrive(client, shop_key, page={"url": "https://item.example/1001234567.html?from=ad"})
    assert "1.2 kg" in (await visitor.ask("净重多少"))["text"]


async def test_an_openai_client_tells_the_page_in_its_metadata(client: httpx.AsyncClient, shop_key: str) -> None:
    body = {"messages": [{"role": "user", "content": "净重多少"}], "metadata": {"page_url": "https://x.example/T-400"}}
    answer = await client.post("/v1/chat/completions", json=body, headers={"Authorization": f"Bearer {shop_key}"})
    assert "2.5 kg" in answer.json()["choices"][0]["message"]["content"]


@pytest.mark.parametrize(
    ("url", "product"),
    [
        ("https://item.jd.com/1001234567.html", "1001234567"),
        ("https://item.taobao.com/item.htm?spm=a21bo&id=1001234567", "1001234567"),
        ("https://shop.example/dp/T-400/ref=sr_1_1", "T-400"),
        ("https://shop.example/zh/products/mai-xiang-1001234567", "1001234567"),
        ("https://app.example/#/goods/1001234567", "1001234567"),
        ("https://shop.example/products/%E5%A4%9A%E5%A3%AB%E7%82%89-t400", "T-400"),
        ("https://shop.example/kitchen/toaster?utm_source=mail#top", "T-400"),
        ("https://shop.example/", None),
        ("https://shop.example/cart?page=400", None),
        ("https://shop.example/compare?a=1001234567&b=T-400", None),
        ("https://other.example/9009009001", None),
        ("javascript:alert('1001234567')", None),
        ("https://[1001234567", None),
        ("https://shop.example/\x00\ud800", None),
    ],
)
async def test_an_address_says_which_product_it_is(
    desk: Desk, client: httpx.AsyncClient, shop_key: str, url: str, product: str | None
) -> None:
    async with desk.database.sessions() as session:
        shop = await stores.by_slug(session, "shop")
    assert await desk.knowledge.product_of_page(shop.id, url=url) == product


async def test_a_chat_can_show_what_a_page_is_about_and_nothing_of_other_shops(
    client: httpx.AsyncClient, shop_key: str
) -> None:
    assert await page_of(client, shop_key, product_id="1001234567") == "1001234567"
    assert await page_of(client, shop_key, product_id="9009009001") is None
    assert await page_of(client, shop_key, product_id="nothing", url="https://item.example/1001234567") == "1001234567"


async def test_what_is_no_product_of_the_shop_is_as_if_it_were_not_told(visitor: Customer) -> None:
    for page in ({"product_id": "9009009001"}, {"product_id": "\x00'; --"}, {"url": "file:///1001234567"}, {}):
        ended = await visitor.ask("净重多少", page=page)
        assert set(ended["suggestions"]) == {"山泉电热水壶 K17", "麦香多士炉 T400"}, page


async def test_a_page_too_long_to_be_one_is_refused(visitor: Customer) -> None:
    for page in ({"product_id": "x" * 201}, {"url": f"https://x.example/{'x' * 2000}"}, "1001234567", ["x"]):
        assert (await visitor.send("净重多少", page=page)).status_code == 422


async def test_a_product_withdrawn_meanwhile_is_asked_about_no_more(visitor: Customer, desk: Desk) -> None:
    page = {"product_id": "1001234567"}
    assert "1.2 kg" in (await visitor.ask("净重多少", page=page))["text"]
    async with desk.database.sessions() as session:
        shop = await stores.by_slug(session, "shop")
    await desk.knowledge.withdraw(shop.id, "1001234567")
    assert "1.2 kg" not in (await visitor.ask("净重多少", page=page))["text"]
