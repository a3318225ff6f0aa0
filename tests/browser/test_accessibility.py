"""Nothing on the chat and console pages shuts somebody out: axe-core, whose rules are those of WCAG 2."""

from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.async_api import Page
from visiting import Site, Visit, bubbles, say, signed_in

pytestmark = pytest.mark.browser
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
GRAVE = ("serious", "critical")
PLACES = ("tickets", "figures", "knowledge", "playground", "replies", "people", "webhooks", "settings", "me")
PAGES = ("", *(f"/{place}" for place in PLACES))
LOOKS = [("light", 1440), ("dark", 390)]


async def violations(page: Page) -> list[str]:
    """What axe finds serious or critical, one line each. It runs as the browser's own, which the page's rules allow."""
    await page.evaluate(AXE)
    found: dict[str, Any] = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{page.url} {each['id']}: {node['target']} {node['html'][:120]}"
        for each in found["violations"]
        if each["impact"] in GRAVE
        for node in each["nodes"][:5]
    ]


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
async def test_the_chat_has_no_serious_violation(visit: Visit, scheme: str, width: int) -> None:
    visitor = await visit(color_scheme=scheme, viewport={"width": width, "height": 844})
    chat = await visitor.chat()
    assert await violations(chat) == []
    await say(chat, "包邮吗")
    await bubbles(chat, "assistant").last.wait_for()
    await say(chat, "转人工")
    await bubbles(chat, "assistant").nth(1).wait_for()
    assert await violations(chat) == []


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
async def test_the_console_has_no_serious_violation(
    visit: Visit, site: Site, account: None, scheme: str, width: int
) -> None:
    chat = await (await visit()).chat()
    await say(chat, "转人工")
    await bubbles(chat, "assistant").last.wait_for()
    conversation = await site.conversation(chat)
    page = await signed_in(await visit(color_scheme=scheme, viewport={"width": width, "height": 844}), site)
    found = []
    for path in (*PAGES, f"?queue=waiting&c={conversation}"):
        await page.goto(f"{site.url}/console{path}")
        found += await violations(page)
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, path
    assert not found, "\n".join(found)


async def test_axe_would_tell(visit: Visit) -> None:
    page = await (await visit()).tab()
    await page.set_content("<!doctype html><html lang=zh><title>x</title><main><button></button></main>")
    assert any("button-name" in each for each in await violations(page))
