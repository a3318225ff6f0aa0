"""The product of the shop's page: shown in the chat, sent with what is asked, and taken away with one tap."""

import asyncio
import uuid

import pytest
from playwright.async_api import Locator, Page, expect
from visiting import Visit, Visitor, bubbles, say

from xiaoer import stores
from xiaoer.desk.desk import Desk
from xiaoer.knowledge.documents import Document

pytestmark = pytest.mark.browser

TITLE = "山泉电热水壶 K17"


@pytest.fixture(autouse=True)
async def kettle(site_desk: Desk) -> None:
    async with site_desk.database.sessions() as session:
        shop = await stores.by_slug(session, "shop")
    for product, title, weight in (("1001234567", TITLE, "1.2"), ("1007654321", "麦香多士炉 T400", "2.5")):
        text = f"## 规格\n净重 {weight} kg。\n## 保修\n整机保修 {weight[0]} 年。"
        document = Document(key=product, title=title, text=text, locale="zh", product_ids=(product,))
        await site_desk.knowledge.save(shop.id, document)
    await known(site_desk, shop.id, "1007654321")


async def known(desk: Desk, store_id: uuid.UUID, product: str) -> None:
    """Wait until the names of the products are read in: on a busy machine that may take longer than a chat waits."""
    await desk.knowledge.settled()
    while await desk.knowledge.product_of_page(store_id, product_id=product) is None:  # noqa: ASYNC110 -- nothing tells
        await asyncio.sleep(0.05)


def answers(page: Page) -> Locator:
    return page.locator("article[data-author=assistant][data-state=done] .bubble")


async def test_the_chat_page_shows_the_product_it_was_opened_from_until_it_is_taken_away(visitor: Visitor) -> None:
    page = await visitor.chat(product_id="1001234567")
    chip = page.locator(".product")
    await expect(chip).to_contain_text(TITLE)
    await say(page, "净重多少")
    await expect(answers(page).last).to_contain_text("1.2 kg")
    await page.get_by_role("button", name="不针对这件商品提问").click()
    await expect(chip).to_be_hidden()
    await expect(page.locator(".field textarea")).to_be_focused()
    await say(page, "净重多少")
    await expect(page.locator(".suggestion")).to_have_count(2)


async def test_the_bubble_knows_the_product_by_the_address_of_the_page_it_is_on(visitor: Visitor) -> None:
    page = await visitor.shop_page()
    await page.evaluate("history.replaceState(null, '', '/shop/1001234567.html')")
    await page.locator(".launcher").click()
    await expect(page.locator(".product")).to_contain_text(TITLE)
    await page.evaluate("Xiaoer.page({ product_id: '1007654321' })")
    await expect(page.locator(".product")).to_contain_text("T400")
    await say(page, "净重多少")
    await expect(answers(page)).to_contain_text("2.5 kg")
    await page.evaluate("Xiaoer.page(null)")
    await expect(page.locator(".product")).to_be_hidden()


async def test_an_address_that_is_hostile_or_of_no_product_shows_nothing(visitor: Visitor) -> None:
    page = await visitor.chat(product_id='"><script>alert(1)</script>', url="javascript:alert(2)")
    await say(page, "包邮吗")
    await expect(bubbles(page, "assistant")).to_have_count(1)
    await expect(page.locator(".product")).to_be_hidden()


async def test_a_long_name_leaves_room_for_its_cross_on_a_phone(visit: Visit, site_desk: Desk) -> None:
    async with site_desk.database.sessions() as session:
        shop = await stores.by_slug(session, "shop")
    long = Document(key="long", title="山泉" * 40, text="净重 3 kg。", locale="zh", product_ids=("1000000001",))
    await site_desk.knowledge.save(shop.id, long)
    await known(site_desk, shop.id, "1000000001")
    page = await (await visit(viewport={"width": 390, "height": 844}, has_touch=True)).chat(product_id="1000000001")
    await expect(page.locator(".drop")).to_be_visible()
    cross = await page.locator(".drop").bounding_box()
    assert cross is not None
    assert cross["x"] + cross["width"] < 390
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
