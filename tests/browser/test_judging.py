"""At the end of a conversation its customer is asked for a judgement, once, on the chat page and in the bubble."""

import pytest
import sqlalchemy as sa
from playwright.async_api import Page, expect
from visiting import Site, Visit, Visitor, bubbles, say

from xiaoer.conversations.tables import Conversation
from xiaoer.desk.desk import Desk

pytestmark = pytest.mark.browser
THANKS = {
    "zh": "感谢您的反馈",
    "en": "Thank you for the feedback",
    "vi": "Cảm ơn phản hồi của bạn",
    "th": "ขอบคุณสำหรับความคิดเห็น",
}
ASKED = {
    "zh": "请为本次服务打分",
    "en": "How was our service?",
    "vi": "Bạn đánh giá dịch vụ thế nào?",
    "th": "โปรดให้คะแนนการบริการ",
}


async def test_who_was_served_by_staff_is_asked_when_they_close(visitor: Visitor, console: Page, site: Site) -> None:
    chat = await visitor.chat()
    await say(chat, "转人工")
    await bubbles(chat, "assistant").last.wait_for()
    await console.locator('#queues [data-queue="waiting"]').click()
    await console.locator(f'#list [data-id="{await site.conversation(chat)}"]').click()
    await console.locator("#words-to-say").fill("已为您处理好。")
    await console.keyboard.press("Enter")
    await expect(bubbles(chat, "staff").last).to_have_text("已为您处理好。")
    await expect(chat.locator("form.judge")).to_have_count(0)

    await console.keyboard.press("Escape")
    await console.keyboard.press("e")
    await expect(console.locator("#bar")).to_have_attribute("data-stand", "closed")
    form = chat.locator("form.judge")
    await expect(form).to_contain_text(ASKED["zh"])
    await form.get_by_role("button", name="4 分").click()
    await form.get_by_role("button", name="问题已解决").click()
    await form.locator("input").fill("很快 <b>就好</b>")
    await form.get_by_role("button", name="提交").click()
    await expect(form).to_have_text(THANKS["zh"])

    await chat.reload()
    await bubbles(chat, "staff").last.wait_for()
    await expect(chat.locator("form.judge")).to_have_count(0)
    await console.goto(f"{site.url}/console/figures")
    await expect(console.locator(".numbers")).to_contain_text("4.0 / 5")
    await console.goto(f"{site.url}/console/figures/behind?by=score&value=4&days=30")
    await expect(console.locator("main")).to_contain_text("很快 <b>就好</b>")


async def test_who_speaks_none_of_the_widgets_languages_is_asked_in_their_own(
    visitor: Visitor, console: Page, site: Site, site_desk: Desk
) -> None:
    chat = await visitor.chat()
    await say(chat, "包邮吗")
    await bubbles(chat, "assistant").last.wait_for()
    conversation = await site.conversation(chat)
    async with site_desk.database.sessions.begin() as session:
        await session.execute(sa.update(Conversation).where(Conversation.id == conversation).values(language="ar"))
    await console.locator('#queues [data-queue="assistant"]').click()
    await console.locator(f'#list [data-id="{conversation}"]').click()
    await expect(console.locator("#messages")).to_have_attribute("data-conversation", conversation)
    await console.keyboard.press("e")
    form = chat.locator("form.judge")
    await expect(form).to_contain_text("كيف تقيّمون خدمتنا؟")
    await form.get_by_role("button", name="4 من 5").click()
    await form.get_by_role("button", name="إرسال").click()
    await expect(form).to_have_text("شكرًا على تقييمكم")
    assert "继续" not in await chat.locator(".line").last.inner_text()


@pytest.mark.parametrize("language", ["zh", "en", "vi", "th"])
async def test_a_farewell_asks_in_the_bubble_in_the_customers_language(visit: Visit, language: str) -> None:
    visitor = await visit(viewport={"width": 390, "height": 800})
    page = await visitor.shop_page(f'data-locale="{language}"')
    await page.locator(".launcher").click()
    await say(page, "谢谢，再见")
    form = page.locator("form.judge")
    await expect(form).to_contain_text(ASKED[language])
    await form.locator(".stars button").nth(4).focus()
    await page.keyboard.press("Enter")
    await form.locator("input").fill("好")
    await page.keyboard.press("Enter")
    await expect(form).to_have_text(THANKS[language])
    await say(page, "包邮吗")
    await expect(form).to_have_count(0)
