"""Help beside the composer, in a browser: offered, taken, changed, sent; a conversation in two languages."""

import pytest
from playwright.async_api import Page, expect
from visiting import Site, Visitor, bubbles, say

pytestmark = pytest.mark.browser


async def opened(console: Page, site: Site, chat: Page, answers: int = 1) -> None:
    await expect(bubbles(chat, "assistant")).to_have_count(answers)
    await console.goto(f"{site.url}/console?c={await site.conversation(chat)}")
    await expect(console.locator("#messages")).to_be_visible()


async def test_a_suggestion_is_taken_and_sent_by_the_keyboard(visitor: Visitor, console: Page, site: Site) -> None:
    chat = await visitor.chat()
    await say(chat, "手机保修多久")
    await opened(console, site, chat)
    await console.keyboard.press("s")
    panel = console.locator("#aid")
    await expect(panel).to_contain_text("12 个月")
    await expect(panel.locator("details")).to_contain_text("依据 1")
    await expect(bubbles(chat, "staff")).to_have_count(0)
    await panel.get_by_role("button", name="采用", exact=True).click()
    await expect(panel).to_be_hidden()
    await console.keyboard.press("Enter")
    await expect(bubbles(chat, "staff").last).to_contain_text("12 个月")
    await console.goto(f"{site.url}/console/figures")
    await expect(console.locator("#aids")).to_contain_text("采用")


async def test_polishing_and_translating_without_a_model(visitor: Visitor, console: Page, site: Site) -> None:
    chat = await visitor.chat(locale="vi")
    await say(chat, "Xin chào, bảo hành điện thoại bao lâu vậy?")
    await opened(console, site, chat)
    box = console.locator("#words-to-say")
    await box.fill("你的订单今天发!!")
    await console.locator('[data-help="rewrite"]').click()
    panel = console.locator("#aid")
    await expect(panel.locator("blockquote")).to_have_text("您好，您的订单今天发。")
    await panel.get_by_role("button", name="采用", exact=True).click()
    await expect(box).to_have_value("您好，您的订单今天发。")
    await console.locator('[data-help="translate"]').click()
    await expect(panel).to_contain_text("没有可用的译文")
    await panel.get_by_role("button", name="关闭").click()
    await box.fill("<b>好</b>")
    await console.locator('[data-help="rewrite"]').click()
    await expect(panel.locator("blockquote")).to_contain_text("<b>好</b>")
