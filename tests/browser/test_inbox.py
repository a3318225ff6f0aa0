"""The inbox in real browsers: two members of staff and their customers at once."""

import asyncio
import base64
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect
from visiting import PASSWORD, Site, Visit, Visitor, bubbles, say

from xiaoer import stores
from xiaoer.commerce import filling, links
from xiaoer.demo import goods
from xiaoer.desk.desk import Desk
from xiaoer.staff import passwords, people

pytestmark = pytest.mark.browser
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGP4z8CAB+GTG8HSALfKY52fTcuYAAAAAElFTkSuQmCC"
)


@pytest.fixture
async def other(visit: Visit, site: Site, site_desk: Desk, account: None) -> Page:
    """A second console, of a colleague who is staff."""
    async with site_desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        if not any(each.name == "小周" for each in await people.every(session, store.id)):
            person = await people.add(session, store.id, email="zhou@shop.test", name="小周", role="staff")
            person.password_digest = await passwords.digest_of(PASSWORD)
    visitor = await visit(viewport={"width": 1440, "height": 900})
    page: Page = await visitor.tab()
    await page.goto(f"{site.url}/console")
    await page.get_by_label("邮箱").fill("zhou@shop.test")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()
    await page.locator("#list").wait_for()
    return page


async def waiting(site: Site, visitor: Visitor, text: str = "转人工") -> tuple[Page, str]:
    """A customer who has been handed over, and their conversation."""
    chat = await visitor.chat()
    await say(chat, text)
    await bubbles(chat, "assistant").last.wait_for()
    return chat, await site.conversation(chat)


async def choose(console: Page, queue: str, conversation: str) -> None:
    await console.locator(f'#queues [data-queue="{queue}"]').click()
    await console.locator(f'#list [data-id="{conversation}"]').click()
    await expect(console.locator("#messages")).to_have_attribute("data-conversation", conversation)


async def test_pictures_and_files_go_both_ways(visitor: Visitor, console: Page, site: Site) -> None:
    chat = await visitor.chat()
    await chat.locator(".composer input[type=file]").set_input_files(
        {"name": "坏了.png", "mimeType": "image/png", "buffer": PNG}
    )
    await expect(bubbles(chat, "customer").locator("img.picture")).to_have_js_property("naturalWidth", 10)
    await expect(chat.locator(".line").last).to_contain_text("人工")
    conversation = await site.conversation(chat)
    await choose(console, "waiting", conversation)
    await expect(bubbles(console, "customer").locator("img.picture")).to_have_js_property("naturalWidth", 10)
    await console.locator("#attach").set_input_files(
        {"name": "说明.txt", "mimeType": "text/plain", "buffer": "拆下后盖".encode()}
    )
    await expect(console.locator("#bar")).to_have_attribute("data-stand", "mine")
    link = bubbles(chat, "staff").last.locator("a.file")
    await expect(link).to_contain_text("说明.txt")
    async with chat.expect_download() as saved:
        await link.click()
    assert (await (await saved.value).path()).read_text(encoding="utf-8") == "拆下后盖"
    await chat.reload()
    await expect(bubbles(chat, "customer").locator("img.picture")).to_be_visible()
    await chat.locator(".composer input[type=file]").set_input_files(
        {"name": "run.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ\x90\x00"}
    )
    await expect(chat.locator(".problem")).to_contain_text("只能发送图片")


async def test_an_answer_that_comes_late_does_not_call_back_who_went_on(
    visitor: Visitor, console: Page, site: Site
) -> None:
    _, conversation = await waiting(site, visitor)
    went_on = asyncio.Event()

    async def late(route: Route) -> None:
        await went_on.wait()
        await route.continue_()

    await console.locator(f'#list [data-id="{conversation}"]').wait_for()
    await console.route(re.compile(r"/console\?queue=team$"), late, times=1)
    async with console.expect_response(re.compile("queue=team$")):
        await console.locator('#queues [data-queue="team"]').click()
        await console.locator(f'#list [data-id="{conversation}"]').click()
        await expect(console.locator("#messages")).to_have_attribute("data-conversation", conversation)
        went_on.set()
    await console.evaluate("() => new Promise(requestAnimationFrame)")
    await expect(console.locator("#messages")).to_have_attribute("data-conversation", conversation)
    assert conversation in console.url


async def test_who_looks_elsewhere_is_called_by_the_desktop_once_they_want_it(
    visit: Visit, console: Page, site: Site
) -> None:
    await console.evaluate(
        """() => {
          window.Notification = class {
            static permission = "default";
            static async requestPermission() { return (this.permission = "granted"); }
            constructor(text) { document.body.dataset.called = text; }
          };
          document.hasFocus = () => false;
        }"""
    )
    await waiting(site, await visit())
    await expect(console.locator(".toast")).to_contain_text("等待接待")
    await expect(console.locator("body")).not_to_have_attribute("data-called", re.compile("."))
    await console.locator(".account summary").click()
    await console.get_by_role("button", name="桌面提醒与声音").click()
    await expect(console.locator("[data-alerts]")).to_have_attribute("aria-pressed", "true")
    await waiting(site, await visit())
    await expect(console.locator("body")).to_have_attribute("data-called", "有顾客在等待接待")


async def test_two_take_the_same_conversation_and_one_has_it(
    visitor: Visitor, console: Page, other: Page, site: Site
) -> None:
    _, conversation = await waiting(site, visitor)
    await choose(console, "waiting", conversation)
    await choose(other, "waiting", conversation)
    await expect(console.locator("#bar .looking")).to_have_text("小周 也在看")
    stands: list[Any] = []
    await console.keyboard.press("t")
    await other.keyboard.press("t")
    for page in (console, other):
        bar = page.locator("#bar")
        await expect(bar).not_to_have_attribute("data-stand", "waiting")
        stands.append(await bar.get_attribute("data-stand"))
    assert sorted(stands) == ["mine", "team"]


async def test_many_are_chosen_put_off_and_narrowed_and_the_address_keeps_it(
    visit: Visit, console: Page, site: Site
) -> None:
    held = [(await waiting(site, await visit()))[1] for _ in range(3)]
    await console.locator('#queues [data-queue="waiting"]').click()
    for conversation in held[:2]:
        await console.locator(f'#list .pick[value="{conversation}"]').check(force=True)
    await expect(console.locator("#bulk [data-chosen]")).to_have_text("已选 2 个")
    await console.locator("#bulk [name=tags]").fill("大促")
    await console.locator('#bulk button[value="tag"]').click()
    await expect(console.locator(f'#list [data-id="{held[0]}"]')).to_contain_text("大促")
    await expect(console.locator("#bulk")).to_be_hidden()
    await console.locator("#d-narrow summary").click()
    await console.locator('select[name="tag"]').select_option("大促")
    await expect(console).to_have_url(re.compile("tag="))
    await expect(console.locator("#list .entry")).to_have_count(2)
    await console.reload()
    await expect(console.locator("#list .entry")).to_have_count(2)
    await console.locator(f'#list [data-id="{held[0]}"]').click()
    await console.locator("#bar .snooze summary").click()
    await console.get_by_role("button", name="明天 9 点").click()
    await expect(console.locator("#list .entry")).to_have_count(1)
    await console.locator('#queues [data-queue="snoozed"]').click()
    await expect(console.locator(f'#list [data-id="{held[0]}"]')).to_contain_text("回来")


async def test_a_change_is_put_before_the_customer_with_one_click(
    site_desk: Desk, visitor: Visitor, console: Page, site: Site
) -> None:
    async with site_desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        await filling.fill(session, store.id, goods.goods(datetime.now(UTC).date()), "demo")
        await links.keep_own(session, store.id, goods.shipping_rules())
    chat, conversation = await waiting(site, visitor, "订单 XH8800000004 到哪了，手机尾号 0002")
    await say(chat, "转人工")
    await choose(console, "waiting", conversation)
    await console.keyboard.press("t")
    await expect(console.locator("#bar")).to_have_attribute("data-stand", "mine")
    card = console.locator("#card .order", has_text="XH8800000004")
    await card.get_by_role("button", name="请顾客确认取消").click()
    await expect(console.locator(".toast", has_text="已发给顾客确认")).to_be_visible()
    await chat.reload()
    await expect(chat.locator("article", has_text="请确认这项修改").last).to_contain_text("XH8800000004")
    await chat.get_by_role("button", name="确认", exact=True).click()
    await expect(chat.locator("article").last).to_contain_text("取消")
    await expect(bubbles(console, "customer").last).to_be_visible()


async def test_what_is_not_open_reaches_the_list_without_asking_for_the_page(
    visit: Visit, console: Page, site: Site
) -> None:
    await console.locator('#queues [data-queue="waiting"]').click()
    await expect(console.locator("#list h1")).to_have_text("等待接待")
    hot = console.locator('#queues [data-queue="waiting"] .count')
    before = int(await hot.inner_text())
    talks = [await waiting(site, await visit(), "转人工，第 0 位")]
    await expect(hot).to_have_text(str(before + 1))
    asked: list[str] = []
    console.on("request", lambda request: asked.append(request.url))
    talks += [await waiting(site, await visit(), f"转人工，第 {n} 位") for n in (1, 2)]
    rows = console.locator("#list .entry")
    await expect(hot).to_have_text(str(before + 3))
    await expect(rows).to_have_count(before + 3)
    said = [await rows.nth(before + n).locator(".said").inner_text() for n in range(3)]
    assert said == [f"转人工，第 {n} 位" for n in range(3)], "who waits longest comes first"
    assert (await console.title()).startswith(f"({before + 3}) ")
    await console.locator(f'.pick[value="{talks[0][1]}"]').check()
    await say(talks[0][0], "还在吗")
    await expect(rows.nth(before).locator(".said")).to_have_text("还在吗")
    await expect(console.locator(f'.pick[value="{talks[0][1]}"]')).to_be_checked()
    assert [each for each in asked if "/console?" in each or each.endswith("/console")] == []
    await rows.nth(before).click()  # the row that came is as good as any other
    await expect(console.locator("#messages")).to_have_attribute("data-conversation", talks[0][1])
    await say(talks[0][0], "我着急")
    await expect(bubbles(console, "customer").last).to_have_text("我着急")
