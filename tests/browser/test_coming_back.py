"""Coming back into a conversation by the link of a letter, and what counts as seen, in a real browser."""

import pytest
import sqlalchemy as sa
from playwright.async_api import expect
from visiting import Site, Visit, Visitor, bubbles, say

from xiaoer.conversations.tables import Conversation
from xiaoer.desk.desk import Desk

pytestmark = pytest.mark.browser


async def link_to(desk: Desk, conversation: str) -> str:
    return f"/chat?store=shop&locale=zh#back={conversation}.{desk.return_links.token(conversation)}"


async def seen(desk: Desk, conversation: str) -> tuple[int, int]:
    async with desk.database.sessions() as session:
        mine = sa.select(Conversation.seen_position, Conversation.last_position).where(Conversation.id == conversation)
        return tuple((await session.execute(mine)).one())


async def test_the_link_of_a_letter_opens_the_conversation_in_another_browser(
    visit: Visit, site: Site, site_desk: Desk
) -> None:
    first, second = await visit(), await visit(viewport={"width": 390, "height": 780})
    page = await first.chat()
    await say(page, "转人工")
    await expect(bubbles(page, "assistant")).to_have_count(1)
    conversation = await site.conversation(page)
    await page.close()
    await site.merchant.post(f"/api/v1/conversations/{conversation}/messages", json={"text": "查到了，明天补发。"})
    assert (await seen(site_desk, conversation))[0] < (await seen(site_desk, conversation))[1]
    back = await second.tab()
    await back.goto(site.url + await link_to(site_desk, conversation))
    await expect(bubbles(back, "staff")).to_have_text(["查到了，明天补发。"])
    await expect(back.locator(".status")).to_contain_text("人工客服为您服务")
    assert "#" not in back.url  # what the link holds is in nobody's history
    await say(back, "好的，谢谢")
    await expect(bubbles(back, "customer").last).to_have_text("好的，谢谢")
    await back.reload()
    await expect(bubbles(back, "customer").last).to_have_text("好的，谢谢")
    after, last = await seen(site_desk, conversation)
    assert after == last


async def test_a_link_that_is_over_says_so_and_the_chat_goes_on(visitor: Visitor, site: Site) -> None:
    page = await visitor.tab()
    await page.goto(f"{site.url}/chat?store=shop&locale=zh#back=00000000-0000-0000-0000-000000000000.cl_gone")
    await expect(page.locator(".line")).to_contain_text("上次对话已结束")
    await say(page, "包邮吗")
    await expect(bubbles(page, "assistant")).to_have_count(1)


async def test_what_staff_say_is_seen_by_who_has_the_chat_before_their_eyes(
    visitor: Visitor, site: Site, site_desk: Desk
) -> None:
    page = await visitor.chat()
    await say(page, "转人工")
    await expect(bubbles(page, "assistant")).to_have_count(1)
    conversation = await site.conversation(page)
    async with page.expect_response(lambda answer: answer.url.endswith("/seen")):
        await site.staff_says(page, "您好，我是小李。")
    after, last = await seen(site_desk, conversation)
    assert after == last
