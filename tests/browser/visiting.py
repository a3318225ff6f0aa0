"""What browser tests do: visit, ask, and act for the merchant."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from playwright.async_api import BrowserContext, Locator, Page

PATIENCE_MS = 20_000
EMAIL, PASSWORD = "lin@shop.test", "correct horse battery"
Visit = Callable[..., Any]


@dataclass
class Site:
    """The application as a browser sees it, and the merchant's hand in it."""

    url: str
    key: str
    merchant: httpx.AsyncClient

    async def conversation(self, page: Page) -> str:
        """The id of the conversation that the page holds."""
        held = await page.evaluate("Object.entries(localStorage).find(([name]) => name.startsWith('xiaoer:shop'))?.[1]")
        found: str = json.loads(held)["id"]
        return found

    async def staff_says(self, page: Page, text: str) -> None:
        path = f"/api/v1/conversations/{await self.conversation(page)}/messages"
        (await self.merchant.post(path, json={"text": text})).raise_for_status()


class Visitor:
    """A customer's browser: pages opened in it share storage and must not complain."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.context = context
        self.site = site
        self.complaints: list[str] = []

    async def tab(self) -> Page:
        page = await self.context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        page.on("console", lambda said: self._heard(said.type, said.text))
        return page

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error" and "Failed to load resource" not in text:
            self.complaints.append(text)

    async def chat(self, **query: str) -> Page:
        """The chat page."""
        page = await self.tab()
        await page.goto(str(httpx.URL(f"{self.site.url}/chat", params={"store": "shop", "locale": "zh", **query})))
        await page.locator(".field textarea").wait_for()
        return page

    async def shop_page(self, more: str = "", body: str = "") -> Page:
        """A merchant's page, on another origin, with the bubble on it."""
        page = await self.tab()
        site = self.site
        script = f'<script src="{site.url}/widget.js" data-key="{site.key}" data-store="shop" {more} async></script>'
        html = f"<!doctype html><title>A shop</title><style>* {{ color: red; font: 40px serif }}</style>{body}{script}"
        address = self.site.url.replace("127.0.0.1", "localhost") + "/shop/"

        async def answer(route: Any) -> None:
            await route.fulfill(body=html, content_type="text/html; charset=utf-8")

        await self.context.route(f"{address}**", answer)
        await page.goto(address)
        await page.locator(".launcher").wait_for()
        return page


async def say(page: Page, text: str) -> None:
    box = page.locator(".field textarea")
    await box.fill(text)
    await box.press("Enter")


async def signed_in(visitor: Visitor, site: Site, *, already: bool = False) -> Page:
    """The console in this browser, with the owner signed in."""
    page = await visitor.tab()
    await page.goto(f"{site.url}/console")
    if already:
        await page.locator("#list").wait_for()
        return page
    await page.get_by_label("邮箱").fill(EMAIL)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()
    await page.locator("#list").wait_for()
    return page


def bubbles(page: Page, author: str) -> Locator:
    return page.locator(f'.message[data-author="{author}"] .bubble')
