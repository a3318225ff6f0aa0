"""An answer that is being written when a person is called: what was not finished was not said."""

import httpx
import pytest
from playwright.async_api import Page, expect
from visiting import Site, Visitor, bubbles, say

from builders import publishable_key, secret_key
from xiaoer.desk.desk import Desk
from xiaoer.llm.scripted import Reply, ScriptedModel

pytestmark = pytest.mark.browser


@pytest.fixture
async def site(desk: Desk, served: str) -> Site:
    """The shop with a model of this test's own."""
    headers = {"Authorization": f"Bearer {await secret_key(desk)}"}
    return Site(served, await publishable_key(desk), httpx.AsyncClient(base_url=served, headers=headers))


async def said(chat: Page) -> list[str]:
    return [text.strip() for text in await chat.locator(".message .bubble, .line").all_inner_texts()]


@pytest.mark.parametrize("how", ["a file", "the button"])
async def test_calling_a_person_leaves_no_half_of_an_answer(
    visitor: Visitor, model: ScriptedModel, desk: Desk, how: str
) -> None:
    model.rule = None
    model.default = Reply("手机主机保修 12 个月。电池保修 6 个月。", piece_size=16, delay_seconds=3600)
    chat = await visitor.chat()
    await say(chat, "手机保修多久")
    await expect(bubbles(chat, "assistant").last).to_contain_text("12 个月")
    if how == "a file":
        file = {"name": "小票.txt", "mimeType": "text/plain", "buffer": "十一月一日买的".encode()}
        await chat.locator(".composer input[type=file]").set_input_files(file)
        await expect(bubbles(chat, "customer").last).to_contain_text("小票.txt")
    else:
        await chat.get_by_role("button", name="转人工").first.click()
    await expect(chat.locator(".line").last).to_contain_text("等人工客服")
    await expect(bubbles(chat, "assistant")).to_have_count(0)
    await expect(chat.locator(".typing")).to_be_hidden()
    before = await said(chat)
    await chat.reload()
    await expect(chat.locator(".line").last).to_contain_text("等人工客服")
    assert await said(chat) == before
