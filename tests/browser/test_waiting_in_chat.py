"""The chat page of a customer who waits for a person, in a real browser."""

import pytest
from playwright.async_api import Locator, Page, expect
from visiting import Site, Visitor, bubbles, say

pytestmark = pytest.mark.browser

GO_ON, WAIT = "继续由 AI 客服解答", "等人工客服"


def choices(page: Page) -> Locator:
    return page.locator(".suggestion")


async def test_after_the_button_both_choices_are_there_and_questions_are_still_answered(visitor: Visitor) -> None:
    page = await visitor.chat()
    await page.get_by_role("button", name="转人工").click()
    await expect(choices(page)).to_have_text([GO_ON, WAIT])
    await expect(page.locator(".status")).to_contain_text("正在等待人工客服")
    await say(page, "包邮吗")
    answer = bubbles(page, "assistant").last
    await expect(answer).to_contain_text("满 99 元包邮")
    await expect(answer.locator("p").first.locator("button.chip")).to_have_count(1)  # the source is the answer's
    await expect(answer.locator("p").last).to_contain_text("人工客服现在不在线")
    await expect(choices(page)).to_have_text([GO_ON, WAIT])
    await page.reload()
    await expect(choices(page)).to_have_text([GO_ON, WAIT])
    await expect(page.locator(".status")).to_contain_text("正在等待人工客服")
    await choices(page).first.click()
    await expect(bubbles(page, "assistant").last).to_contain_text("接下来由 AI 客服为您解答")
    await expect(page.locator(".status")).to_contain_text("AI 客服")
    await expect(page.get_by_role("button", name="转人工")).to_be_enabled()
    await expect(choices(page)).to_have_count(0)


async def test_a_person_who_comes_takes_the_choices_away(visitor: Visitor, site: Site) -> None:
    page = await visitor.chat()
    await say(page, "转人工")
    await expect(choices(page)).to_have_text([GO_ON, WAIT])
    await site.staff_says(page, "您好，我是小李。")
    await expect(page.locator(".status")).to_contain_text("人工客服为您服务")
    await expect(choices(page)).to_have_count(0)
    await say(page, "包邮吗")
    await expect(page.locator(".typing")).to_be_hidden()
    await expect(bubbles(page, "staff")).to_have_count(1)


async def test_what_an_earlier_version_kept_in_the_browser_is_put_right(visitor: Visitor) -> None:
    page = await visitor.chat()
    await say(page, "包邮吗")
    await expect(bubbles(page, "assistant")).to_have_count(1)
    await page.evaluate(
        """() => { const [name, held] = Object.entries(localStorage).find(([name]) => name.startsWith("xiaoer:shop"));
        const { state, ...rest } = JSON.parse(held);
        localStorage.setItem(name, JSON.stringify({ ...rest, owner: "staff" })); }"""
    )
    await page.reload()
    await expect(page.locator(".status")).to_contain_text("AI 客服")
    await expect(page.get_by_role("button", name="转人工")).to_be_enabled()
