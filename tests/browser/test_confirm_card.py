"""The card of a change that waits, in a real browser."""

from datetime import UTC, datetime

import pytest
from playwright.async_api import expect
from visiting import Visitor, say

from xiaoer import stores
from xiaoer.commerce import filling, links
from xiaoer.demo import goods
from xiaoer.desk.desk import Desk

pytestmark = pytest.mark.browser


async def test_the_card_is_there_again_after_a_reload_and_gone_once_it_is_decided(
    site_desk: Desk, visitor: Visitor
) -> None:
    async with site_desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        await filling.fill(session, store.id, goods.goods(datetime.now(UTC).date()), "demo")
        await links.keep_own(session, store.id, goods.shipping_rules())
    page = await visitor.chat()
    await say(page, "帮我取消订单 XH8800000004，手机尾号 0002")
    no = page.get_by_role("button", name="暂不修改")
    await expect(no).to_have_count(1)
    await page.reload()
    await expect(no).to_have_count(1)
    articles = page.locator("article")
    await expect(articles.last).to_contain_text("请确认这项修改")
    await say(page, "包邮吗")
    await expect(articles.last).to_contain_text("包邮")
    await page.reload()
    await expect(no).to_have_count(1)
    await expect(articles.nth(2)).to_contain_text("请确认这项修改")
    await no.click()
    await expect(articles.last).to_contain_text("没有做任何修改")
    await page.reload()
    await expect(articles.last).to_contain_text("没有做任何修改")
    await expect(no).to_have_count(0)
