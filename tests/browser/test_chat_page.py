"""The chat page in a real browser, against the real application."""

import asyncio
import re

import httpx
import pytest
from playwright.async_api import Locator, Page, Route, expect
from visiting import Site, Visit, Visitor, say

from builders import somebody_there
from xiaoer.desk.desk import Desk

pytestmark = pytest.mark.browser

QUESTION = "包邮吗"  # answered with the curated text
ANOTHER = "多少钱包邮"
READ = "退货运费谁出"  # answered from an article


def answers(page: Page) -> Locator:
    return page.locator("article[data-author=assistant][data-state=done] .bubble")


async def test_a_question_is_answered_with_a_source_that_opens_and_closes(visitor: Visitor) -> None:
    page = await visitor.chat()
    await say(page, READ)
    await expect(answers(page)).to_contain_text("退货运费由买家承担")
    chip = page.locator("button.chip").first
    await chip.click()
    card = page.get_by_role("dialog")
    await expect(card).to_contain_text("退货政策")
    await expect(card.locator("mark")).to_have_text("退货运费由买家承担。")
    await page.keyboard.press("Escape")
    await expect(card).to_have_count(0)
    await expect(chip).to_be_focused()


async def test_the_conversation_is_kept_over_a_reload_and_left_by_a_new_one(visitor: Visitor) -> None:
    page = await visitor.chat()
    await say(page, QUESTION)
    await expect(answers(page)).to_have_count(1)
    await page.reload()
    await expect(page.locator("article .bubble")).to_have_count(2)
    await expect(page.locator("article .bubble").first).to_have_text(QUESTION)
    await page.get_by_role("button", name="更多").click()
    await page.get_by_role("button", name="开始新对话").click()
    await expect(page.locator("article")).to_have_count(0)
    await page.reload()
    await expect(page.locator("article")).to_have_count(0)


async def test_enter_sends_shift_enter_breaks_and_a_composition_is_left_alone(visitor: Visitor) -> None:
    page = await visitor.chat()
    box = page.locator(".field textarea")
    await box.fill("保修")
    for composing in ({"isComposing": True}, {"keyCode": 229}):
        await box.dispatch_event("keydown", {"key": "Enter", "bubbles": True, "cancelable": True, **composing})
    await expect(page.locator("article")).to_have_count(0)
    await box.press("Shift+Enter")
    await box.press_sequentially("多久")
    await expect(box).to_have_value("保修\n多久")
    await box.press("Enter")
    await expect(page.locator("article[data-author=customer] .bubble")).to_have_text("保修\n多久")
    await expect(box).to_have_value("")


async def test_a_message_cannot_carry_script(visitor: Visitor, site: Site) -> None:
    page = await visitor.chat()
    hostile = '<img src=x onerror="alert(1)"><script>alert(2)</script> [x](javascript:alert(3)) **<b>b</b>**'
    await say(page, hostile)
    await expect(answers(page)).to_have_count(1)
    await site.staff_says(page, hostile)
    staff = page.locator("article[data-author=staff] .bubble")
    await expect(staff).to_contain_text("<script>alert(2)</script>")
    assert await page.locator("article img, article script, article b, article a").count() == 0
    await page.reload()
    await expect(staff).to_contain_text('onerror="alert(1)"')
    assert await page.locator("article img, article script, article b, article a").count() == 0


async def test_only_web_links_are_made(visitor: Visitor, site: Site) -> None:
    page = await visitor.chat()
    await say(page, QUESTION)
    await expect(answers(page)).to_have_count(1)
    await site.staff_says(page, "见 https://example.com/a?b=1，或 [说明](https://example.com/c)。data:text/html,x")
    links = page.locator("article[data-author=staff] a")
    await expect(links).to_have_count(2)
    assert await links.evaluate_all("all => all.map((a) => a.href)") == [
        "https://example.com/a?b=1",
        "https://example.com/c",
    ]
    assert await links.evaluate_all("all => all.every((a) => /noopener/.test(a.rel) && a.target === '_blank')")


async def test_what_could_not_be_sent_stays_and_is_sent_once_on_retry(visitor: Visitor) -> None:
    page = await visitor.chat()
    await say(page, QUESTION)
    await expect(answers(page)).to_have_count(1)
    await visitor.context.set_offline(True)
    await expect(page.locator(".banner")).to_contain_text("网络已断开")
    await say(page, ANOTHER)
    await expect(page.locator(".problem")).to_contain_text("没有发送成功")
    await visitor.context.set_offline(False)
    await expect(page.locator(".banner")).to_be_hidden()
    await page.get_by_role("button", name="重试").click()
    await expect(answers(page)).to_have_count(2)
    await page.reload()
    await expect(page.locator("article[data-author=customer]")).to_have_count(2)
    await expect(answers(page)).to_have_count(2)


async def test_an_answer_cut_off_on_the_way_is_fetched_whole_and_once(visitor: Visitor) -> None:
    page = await visitor.chat()
    cut = []

    async def halve(route: Route) -> None:
        if route.request.method != "POST" or cut:
            await route.continue_()
            return
        response = await route.fetch()
        body = await response.text()
        cut.append(body)
        await route.fulfill(response=response, body=body[: body.index("event: done")])

    await page.route("**/messages", halve)
    await say(page, QUESTION)
    await expect(answers(page)).to_contain_text("99 元")
    await expect(page.locator("article")).to_have_count(2)
    await page.reload()
    await expect(page.locator("article")).to_have_count(2)
    assert cut


async def test_what_is_said_first_arrives_first_however_slow_the_way(visitor: Visitor) -> None:
    page = await visitor.chat()
    all_said = asyncio.Event()
    held: list[Route] = []

    async def slow(route: Route) -> None:
        held.append(route)
        if len(held) == 1:
            await all_said.wait()
        await route.continue_()

    await page.route("**/messages", slow)
    await say(page, "转人工")
    await say(page, "是订单的事")
    all_said.set()
    await expect(page.locator("article[data-author=customer][data-state=sent]")).to_have_count(2)
    await page.reload()
    await expect(page.locator("article[data-author=customer] .bubble")).to_have_text(["转人工", "是订单的事"])


async def test_the_limit_is_told_with_the_seconds_left(visitor: Visitor) -> None:
    page = await visitor.chat()

    async def refuse(route: Route) -> None:
        body = {"error": "TooManyRequests", "detail": "Too many requests; wait 2 seconds."}
        await route.fulfill(status=429, json=body, headers={"Retry-After": "2"})

    await page.route("**/messages", refuse, times=1)
    await say(page, QUESTION)
    retry = page.get_by_role("button", name="重试")
    await expect(page.locator(".problem")).to_have_text(re.compile("发送得有点快，请稍候（1 秒后可重试）"))
    await expect(retry).to_be_disabled()
    await expect(retry).to_be_enabled()
    await retry.click()
    await expect(answers(page)).to_contain_text("99 元")


async def test_a_ticket_is_a_link_and_who_waits_sees_their_place_in_the_queue(
    visitor: Visitor, visit: Visit, site_desk: Desk
) -> None:
    page = await visitor.chat()
    await say(page, "我买的手机用不了")
    link = page.get_by_role("link", name=re.compile("工单号 T-"))
    await expect(link).to_have_attribute("href", re.compile("^http.*/ticket/"))
    await page.reload()
    await expect(link).to_be_visible()
    await somebody_there(site_desk)
    await page.locator(".person").click()
    await expect(page.locator(".status")).to_contain_text("正在等待人工客服")
    later = await (await visit()).chat()
    await later.locator(".person").click()
    await expect(later.locator(".status")).to_have_text(re.compile(r"^正在等待人工客服 · 前面还有 \d+ 位$"))


async def test_two_tabs_show_the_same_and_nothing_twice(visitor: Visitor) -> None:
    first = await visitor.chat()
    await say(first, QUESTION)
    await expect(answers(first)).to_have_count(1)
    second = await visitor.chat()
    await expect(answers(second)).to_have_count(1)
    await say(second, ANOTHER)
    for page in (first, second):
        await expect(answers(page)).to_have_count(2)
        await expect(page.locator("article")).to_have_count(4)


async def test_two_questions_at_once_are_both_answered(visitor: Visitor) -> None:
    page = await visitor.chat()
    await say(page, QUESTION)
    await say(page, ANOTHER)
    await expect(answers(page)).to_have_count(2)
    await expect(page.locator("article[data-author=customer]")).to_have_count(2)
    await expect(page.locator(".typing")).to_be_hidden()


async def test_a_person_is_one_tap_away_and_shown_by_name_of_the_team(visitor: Visitor, site: Site) -> None:
    page = await visitor.chat()
    await expect(page.locator(".status")).to_contain_text("AI")
    await page.get_by_role("button", name="转人工").click()
    await expect(page.locator(".status")).to_contain_text("正在等待人工客服")
    await expect(page.locator(".line")).to_have_count(1)
    await site.staff_says(page, "您好，我来帮您。")
    await expect(page.locator("article[data-author=staff]")).to_contain_text("人工客服")
    await expect(page.locator(".status")).to_have_text("人工客服为您服务")
    await page.reload()
    await expect(page.locator(".status")).to_have_text("人工客服为您服务")
    await expect(page.locator(".line")).to_have_count(1)


async def test_a_reader_who_scrolled_up_stays_there_and_is_told_of_news(visit: Visit, site: Site) -> None:
    visitor = await visit(viewport={"width": 390, "height": 500})
    page = await visitor.chat()
    await say(page, QUESTION)
    await expect(answers(page)).to_have_count(1)
    await site.staff_says(page, "\n\n".join(f"第 {n} 段" for n in range(30)))
    await expect(page.locator("article[data-author=staff]")).to_have_count(1)
    await page.wait_for_function(
        "q = document.querySelector('xiaoer-chat').shadowRoot.querySelector('.scroll'), q.scrollTop > 100"
    )
    await page.locator(".scroll").evaluate("(e) => { e.scrollTop = 0; }")
    below = page.get_by_role("button", name="新消息")
    await site.staff_says(page, "还有一句。")
    await expect(below).to_be_visible()
    assert await page.locator(".scroll").evaluate("(e) => e.scrollTop") == 0
    await below.click()
    await expect(below).to_be_hidden()
    assert await page.locator(".scroll").evaluate("(e) => e.scrollHeight - e.scrollTop - e.clientHeight") < 5


async def test_a_conversation_the_server_forgot_is_followed_by_a_new_one(visitor: Visitor) -> None:
    page = await visitor.chat()
    await say(page, QUESTION)
    await expect(answers(page)).to_have_count(1)
    await page.evaluate("""() => {
      const [name, held] = Object.entries(localStorage).find(([key]) => key.startsWith("xiaoer:shop"));
      localStorage.setItem(name, JSON.stringify({ ...JSON.parse(held), token: "ct_gone" }));
    }""")
    await page.reload()
    await say(page, ANOTHER)
    await expect(answers(page)).to_have_count(1)
    await expect(page.locator("article[data-author=customer] .bubble")).to_have_text(ANOTHER)


async def test_thumbs_are_kept_with_the_reason(visitor: Visitor, site: Site) -> None:
    page = await visitor.chat()
    await say(page, QUESTION)
    await page.get_by_role("button", name="没有帮助").click()
    await page.get_by_role("button", name="不够具体").click()
    await page.get_by_role("textbox", name="可以补充说明").fill("电池呢")
    await page.get_by_role("button", name="提交").click()
    await expect(page.get_by_text("感谢您的反馈")).to_be_visible()
    path = f"/api/v1/conversations/{await site.conversation(page)}/messages"
    rated = (await site.merchant.get(path)).json()[-1]
    assert rated["feedback"] == 1
    await page.reload()
    await expect(page.get_by_role("button", name="没有帮助")).to_have_attribute("aria-pressed", "true")


async def test_the_first_screen_works_before_the_script_has_come(visit: Visit, site: Site) -> None:
    bare = await visit(java_script_enabled=False)
    page = await bare.tab()
    await page.goto(f"{site.url}/chat?store=shop&locale=zh")
    await expect(page.get_by_text("AI")).to_be_visible()
    await page.get_by_role("textbox").fill(QUESTION)
    await page.get_by_role("button", name="发送").click()
    asked = page.url
    assert httpx.URL(asked).params["q"] == QUESTION
    page = await (await visit()).tab()
    await page.goto(asked)
    await expect(answers(page)).to_contain_text("99 元")
    assert "q" not in httpx.URL(page.url).params
    await page.reload()
    await expect(page.locator("article[data-author=customer]")).to_have_count(1)


async def test_dark_follows_the_system_until_the_customer_chooses(visit: Visit) -> None:
    visitor = await visit(color_scheme="dark")
    page = await visitor.chat()
    host = page.locator("xiaoer-chat")
    await expect(host).to_have_attribute("data-theme", "dark")
    await page.emulate_media(color_scheme="light")
    await expect(host).to_have_attribute("data-theme", "light")
    await page.get_by_role("button", name="更多").click()
    for _ in range(2):  # from the system's to light, to dark
        await page.get_by_role("button", name="外观").click()
    await expect(host).to_have_attribute("data-theme", "dark")
    await page.reload()
    await expect(host).to_have_attribute("data-theme", "dark")


async def test_a_screen_reader_hears_each_sentence_once(visitor: Visitor) -> None:
    page = await visitor.chat()
    await page.evaluate("""() => {
      window.heard = [];
      const log = document.querySelector("xiaoer-chat").shadowRoot.querySelector("[role=log]");
      const note = (list) => list.forEach((change) => change.addedNodes.forEach((n) => heard.push(n.textContent)));
      new MutationObserver(note).observe(log, { childList: true });
    }""")
    await say(page, READ)
    await expect(answers(page)).to_have_count(1)
    heard = await page.evaluate("heard")
    said = await answers(page).evaluate(
        "(e) => [...e.querySelectorAll('.chip')].forEach((c) => c.remove()) || e.innerText"
    )
    assert "".join(heard).replace(" ", "") == said.replace(" ", "").replace("\n", "")
