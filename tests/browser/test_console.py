"""Two browsers at once: a customer at the chat, a member of staff at the console."""

import pytest
from playwright.async_api import Browser, Page, expect
from visiting import Site, Visit, Visitor, bubbles, say, signed_in

pytestmark = pytest.mark.browser


async def held(site: Site, chat: Page) -> str:
    """The conversation of the chat, once it has been opened and answered."""
    await bubbles(chat, "assistant").last.wait_for()
    return await site.conversation(chat)


async def open_mine(console: Page, site: Site, chat: Page, queue: str) -> None:
    """Open the customer's conversation from its queue, as it appears without a reload."""
    await console.locator(f'#queues [data-queue="{queue}"]').click()
    await console.locator(f'#list [data-id="{await held(site, chat)}"]').click()
    await expect(console.locator("#messages")).to_be_visible()


async def test_ask_hand_over_answer_back_and_closed(visitor: Visitor, console: Page, site: Site) -> None:
    chat = await visitor.chat()
    await say(chat, "包邮吗")
    await expect(bubbles(chat, "assistant").last).to_contain_text("99")
    await say(chat, "转人工")
    await open_mine(console, site, chat, "waiting")
    await expect(console.locator("#bar")).to_have_attribute("data-stand", "waiting")

    await console.keyboard.press("r")
    await console.keyboard.type("您")  # one keystroke
    await expect(console.locator("#bar")).to_have_attribute("data-stand", "mine")
    await expect(chat.locator(".line", has_text="小林")).to_be_visible()
    await console.keyboard.type("好，我来看看。")
    await console.keyboard.press("Enter")
    await expect(bubbles(chat, "staff").last).to_have_text("您好，我来看看。")
    await say(chat, "谢谢，什么时候发货")
    await expect(bubbles(console, "customer").last).to_have_text("谢谢，什么时候发货")
    assert await bubbles(chat, "assistant").count() == 2

    await console.keyboard.press("Escape")
    await console.keyboard.press("b")
    await expect(console.locator("#bar")).to_have_attribute("data-stand", "assistant")
    await say(chat, "多少钱包邮")
    await expect(bubbles(console, "assistant").last).to_contain_text("99")
    await console.keyboard.press("e")
    await expect(console.locator("#bar")).to_have_attribute("data-stand", "closed")
    await console.locator(".toast button").click()  # undone
    await expect(console.locator("#bar")).to_have_attribute("data-stand", "mine")


async def test_who_waits_appears_without_a_reload_and_nothing_is_doubled(
    visitor: Visitor, console: Page, site: Site
) -> None:
    hot = console.locator('#queues [data-queue="waiting"] .count')
    before = int(await hot.inner_text())
    chat = await visitor.chat()
    await say(chat, "转人工")
    await expect(hot).to_have_text(str(before + 1))
    await open_mine(console, site, chat, "waiting")
    await console.context.set_offline(True)
    await say(chat, "断线时说的第一句")
    await say(chat, "断线时说的第二句")
    await expect(bubbles(chat, "customer")).to_have_count(3)
    await console.context.set_offline(False)
    await expect(bubbles(console, "customer")).to_have_text(
        ["转人工", "断线时说的第一句", "断线时说的第二句"], timeout=20_000
    )


async def test_back_and_reload_keep_the_place_and_the_draft(visitor: Visitor, console: Page, site: Site) -> None:
    chat = await visitor.chat()
    await say(chat, "转人工")
    await open_mine(console, site, chat, "waiting")
    await console.locator("#words-to-say").fill("写了一半")
    await expect(console.locator("#bar")).to_have_attribute("data-stand", "mine")
    await console.reload()
    await expect(console.locator("#words-to-say")).to_have_value("写了一半")
    await console.go_back()
    await console.go_forward()
    await expect(console.locator("#words-to-say")).to_have_value("写了一半")


async def test_notes_stay_in_the_console_and_shortcuts_are_shown(visitor: Visitor, console: Page, site: Site) -> None:
    chat = await visitor.chat()
    await say(chat, "转人工")
    await open_mine(console, site, chat, "waiting")
    await console.keyboard.press("n")
    await console.keyboard.type("老顾客")
    await console.keyboard.press("Enter")
    await expect(console.locator("#card .note")).to_contain_text("老顾客")
    await expect(console.locator("#bar")).to_have_attribute("data-stand", "waiting")  # a note takes nothing over
    await console.keyboard.press("Escape")
    await console.keyboard.press("?")
    await expect(console.locator("#help")).to_be_visible()
    await console.keyboard.press("Escape")
    await console.keyboard.press("Control+k")
    await console.keyboard.type("已结束")
    await console.keyboard.press("Enter")
    await expect(console.locator('#queues [aria-current="page"]')).to_contain_text("已结束")
    assert await chat.get_by_text("老顾客").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_on_a_phone_nothing_is_cut_off(
    visit: Visit, visitor: Visitor, site: Site, account: None, chromium: Browser, scheme: str
) -> None:
    chat = await visitor.chat()
    await say(chat, "转人工")
    phone = await visit(viewport={"width": 390, "height": 844}, has_touch=True, color_scheme=scheme)
    page = await signed_in(phone, site)
    rail = page.locator(".rail")
    narrow = "rail => rail.scrollWidth <= 390 && !rail.querySelector('.places').checkVisibility()"
    assert await rail.evaluate(narrow), "the places are in a menu, not in a strip to be pushed sideways"
    await rail.locator(".menu summary").tap()
    await rail.locator(".menu").get_by_role("link", name="数据").tap()
    await expect(page.locator("h1")).to_have_text("数据")
    await page.locator(".menu summary").tap()
    await expect(page.locator('.menu a[aria-current="page"]')).to_have_text("数据")
    await page.keyboard.press("Escape")
    await expect(page.locator(".menu nav")).to_be_hidden()
    await page.go_back()
    for step in ("list", "thread", "card"):
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, step
        if step == "list":
            await page.locator(f'#list [data-id="{await held(site, chat)}"]').tap()
            await expect(page.locator("#composer")).to_be_in_viewport()
        elif step == "thread":
            await page.locator("#bar [data-card]").tap()
            await expect(page.locator("#card")).to_be_in_viewport()
