"""The workbench in a browser: what staff publish is what the customer hears."""

import pytest
from playwright.async_api import Page, expect
from visiting import Site, Visitor, bubbles, say

pytestmark = pytest.mark.browser


async def test_an_article_edited_in_the_console_changes_what_the_customer_hears(
    visitor: Visitor,
    console: Page,
    site: Site,
) -> None:
    chat = await visitor.chat()
    await say(chat, "包邮吗")
    await expect(bubbles(chat, "assistant").last).to_contain_text("99")
    await console.get_by_role("link", name="知识", exact=True).click()
    await console.get_by_role("link", name="包邮吗").first.click()
    text = console.locator('[name="text"]')
    await expect(text).to_have_value("满 99 元包邮，未满 99 元收取运费 8 元。")
    await text.fill("全场满 59 元包邮。")
    await console.get_by_role("button", name="预览").click()
    await expect(console.locator("#preview .bubble")).to_have_text("全场满 59 元包邮。")
    await console.get_by_role("button", name="保存并发布").click()
    await expect(console.get_by_role("status").first).to_contain_text("已发布")
    await say(chat, "多少钱包邮")
    await expect(bubbles(chat, "assistant").last).to_contain_text("59")
    await console.get_by_role("link", name="历史").click()
    await expect(console.locator(".diff .removed mark").first).to_be_visible()
    await console.go_back()
    await expect(text).to_have_value("全场满 59 元包邮。")
    await console.reload()
    await expect(text).to_have_value("全场满 59 元包邮。")
