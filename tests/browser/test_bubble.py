"""The bubble on a merchant's own page: another origin, other styles, other scripts."""

from datetime import timedelta

import jwt
import pytest
from playwright.async_api import Page, expect
from test_looks import READABLE, contrast
from visiting import Site, Visit, Visitor, say

from xiaoer.db.record import now

pytestmark = pytest.mark.browser

QUESTION = "包邮吗"


async def test_the_bubble_opens_holds_the_focus_and_gives_it_back(visitor: Visitor) -> None:
    page = await visitor.shop_page(body="<button id=before>buy</button>")
    await page.locator("#before").focus()
    await page.evaluate("Xiaoer.open()")
    box = page.locator(".field textarea")
    await expect(box).to_be_focused()
    await expect(page.locator(".greeting")).to_contain_text("小店")
    for _ in range(12):
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.localName") == "xiaoer-chat"
    await page.keyboard.press("Escape")
    await expect(page.locator(".panel")).to_be_hidden()
    await expect(page.locator("#before")).to_be_focused()


async def test_the_shops_styles_do_not_reach_the_bubble_and_its_own_do_not_leave_it(visitor: Visitor) -> None:
    page = await visitor.shop_page(body="<p id=words>words</p>")
    await page.locator(".launcher").click()
    style = await page.locator(".name").evaluate("(e) => [getComputedStyle(e).color, getComputedStyle(e).fontSize]")
    assert style == ["rgb(23, 26, 32)", "16px"]
    assert await page.locator("#words").evaluate("(e) => getComputedStyle(e).color") == "rgb(255, 0, 0)"


async def test_an_answer_comes_across_origins_and_what_came_unseen_is_counted(visitor: Visitor, site: Site) -> None:
    page = await visitor.shop_page()
    await page.evaluate("window.told = []; Xiaoer.on('message', (message) => told.push(message.author)); 0")
    await page.locator(".launcher").click()
    await say(page, QUESTION)
    await expect(page.locator("article[data-author=assistant][data-state=done] .bubble")).to_contain_text("99 元")
    await page.keyboard.press("Escape")
    await site.staff_says(page, "还有什么可以帮您？")
    await expect(page.locator(".badge")).to_have_text("1")
    assert await page.evaluate("told") == ["assistant", "staff"]
    await page.locator(".launcher").click()
    await expect(page.locator(".badge")).to_be_hidden()


async def test_on_a_phone_it_fills_the_screen_and_the_page_behind_stands_still(visit: Visit) -> None:
    visitor = await visit(viewport={"width": 390, "height": 844}, has_touch=True)
    page = await visitor.shop_page(body="<p style='height: 3000px'>long</p>")
    await page.locator(".launcher").click()
    assert await page.locator(".panel").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    assert await page.evaluate("document.documentElement.style.overflow") == "hidden"
    await page.get_by_role("button", name="关闭对话").click()
    assert await page.evaluate("document.documentElement.style.overflow") == ""


async def test_everything_to_tap_is_large_enough(visit: Visit) -> None:
    visitor = await visit(viewport={"width": 390, "height": 844}, has_touch=True)
    page = await visitor.chat()
    await say(page, QUESTION)
    await expect(page.locator("button.chip").first).to_be_visible()
    small = await page.evaluate("""() => {
      const root = document.querySelector("xiaoer-chat").shadowRoot;
      const size = (e) => {
        const own = e.getBoundingClientRect(), more = getComputedStyle(e, "::after");
        const grown = more.content === "none" ? 0 : 1;
        return [own.width - grown * 2 * parseFloat(more.left || 0), own.height - grown * 2 * parseFloat(more.top || 0)];
      };
      return [...root.querySelectorAll("button")].filter((e) => e.getClientRects().length && Math.min(...size(e)) < 38)
        .map((e) => e.outerHTML.slice(0, 60));
    }""")
    assert small == []


async def test_another_person_begins_another_conversation(visitor: Visitor, site: Site) -> None:
    page = await visitor.shop_page()
    await page.evaluate("Xiaoer.identify({ id: 'first' })")
    await page.locator(".launcher").click()
    await say(page, QUESTION)
    await expect(page.locator("article")).to_have_count(2)
    earlier = await site.conversation(page)
    await page.evaluate("Xiaoer.identify('first')")
    await expect(page.locator("article")).to_have_count(2)
    await page.evaluate("Xiaoer.identify('second')")
    await expect(page.locator("article")).to_have_count(0)
    await say(page, QUESTION)
    await expect(page.locator("article")).to_have_count(2)
    assert await site.conversation(page) != earlier


async def test_a_token_that_has_run_out_stops_nothing_and_a_new_one_is_handed_on(visitor: Visitor, site: Site) -> None:
    key = (await site.merchant.post("/api/v1/identity/key")).json()["key"]

    def signed(customer: str, hours: int) -> str:
        return jwt.encode({"sub": customer, "aud": "xiaoer", "exp": now() + timedelta(hours=hours)}, key)

    page = await visitor.shop_page()
    await page.evaluate("window.over = 0; Xiaoer.on('token', () => { window.over += 1; }); 0")
    await page.evaluate("(token) => Xiaoer.identify({ token })", signed("C1", -1))
    await page.locator(".launcher").click()
    await say(page, QUESTION)
    await expect(page.locator("article")).to_have_count(2)
    assert await page.evaluate("window.over") == 1
    begun = await site.conversation(page)
    async with page.expect_response("**/identity") as renewed:
        await page.evaluate("(token) => Xiaoer.identify({ token })", signed("C1", 1))
    assert (await (await renewed.value).json()) == {"customer": "C1"}
    await page.evaluate("(token) => Xiaoer.identify({ id: 'C1', token })", signed("C1", 2))
    assert await site.conversation(page) == begun
    await expect(page.locator("article")).to_have_count(2)
    await page.evaluate("(token) => Xiaoer.identify({ token })", signed("C2", 1))
    await expect(page.locator("article")).to_have_count(0)
    await say(page, QUESTION)
    await expect(page.locator("article")).to_have_count(2)
    assert await site.conversation(page) != begun


async def test_a_guest_who_signs_in_goes_on_with_the_conversation(visitor: Visitor, site: Site) -> None:
    key = (await site.merchant.post("/api/v1/identity/key")).json()["key"]
    page = await visitor.shop_page()
    await page.locator(".launcher").click()
    await say(page, QUESTION)
    await expect(page.locator("article")).to_have_count(2)
    begun = await site.conversation(page)
    token = jwt.encode({"sub": "C3", "aud": "xiaoer", "exp": now() + timedelta(hours=1)}, key)
    async with page.expect_response("**/identity") as signed_in:
        await page.evaluate("(token) => Xiaoer.identify({ id: 3, token })", token)
    assert (await signed_in.value).ok
    assert await site.conversation(page) == begun
    await expect(page.locator("article")).to_have_count(2)


ACCENTS = ["#1f6feb", "#0f766e", "#ffd400", "#ffffff", "#000000", "#ff6a00", "#c41d7f", "#777777"]


async def read_colours(page: Page) -> dict[str, str]:
    names = ["accent", "on-accent", "accent-ink", "accent-soft", "raised", "surface"]
    script = (
        "(e, names) => Object.fromEntries(names.map((n) => [n, getComputedStyle(e).getPropertyValue(`--${n}`).trim()]))"
    )
    found: dict[str, str] = await page.locator("xiaoer-chat").evaluate(script, names)
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_no_accent_makes_the_chat_unreadable(visitor: Visitor, theme: str) -> None:
    page = await visitor.shop_page(more=f'data-theme="{theme}"')
    for accent in ACCENTS:
        await page.locator("xiaoer-chat").evaluate("(e, accent) => e.setAttribute('accent', accent)", accent)
        colours = await read_colours(page)
        assert colours["accent"] == accent
        assert contrast(colours["on-accent"], accent) >= READABLE
        for ground in ("raised", "surface", "accent-soft"):
            assert contrast(colours["accent-ink"], colours[ground]) >= READABLE, (accent, ground)


SPOKEN = {
    "zh-TW": "转人工",
    "en-GB": "Talk to a person",
    "vi-VN": "Gặp nhân viên",
    "th-TH": "คุยกับเจ้าหน้าที่",
    "pl-PL": "Talk to a person",
}


@pytest.mark.parametrize(("language", "word"), SPOKEN.items())
async def test_the_chat_speaks_the_browsers_language(visit: Visit, language: str, word: str) -> None:
    page = await (await visit(locale=language)).shop_page()
    await page.locator(".launcher").click()
    await expect(page.locator(".person")).to_have_text(word)
