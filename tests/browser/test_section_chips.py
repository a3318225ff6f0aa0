"""Sections of the shop's texts as quick replies: a tap says the section's name and brings its text."""

import pytest
from playwright.async_api import Locator, Page, expect
from visiting import Visit, say

from xiaoer import stores
from xiaoer.desk.desk import Desk
from xiaoer.knowledge.documents import Document

pytestmark = pytest.mark.browser

CARE = "\n".join(
    f"## {heading}\n{first}{'这一条请每次使用之后都检查一遍，并按照说明书里的步骤来做。' * 4}"
    for heading, first in (
        ("实木桌面", "每月用拧干的软布擦拭一次。"),
        ("皮质椅面", "每季度涂一次护理膏。"),
        ("金属椅脚", "出现锈点时轻轻打磨。"),
    )
)


@pytest.fixture(autouse=True)
async def guide(site_desk: Desk) -> None:
    async with site_desk.database.sessions() as session:
        shop = await stores.by_slug(session, "shop")
    await site_desk.knowledge.save(shop.id, Document(key="care", title="家具养护", text=CARE, locale="zh"))
    await site_desk.knowledge.settled()


def answers(page: Page) -> Locator:
    return page.locator("article[data-author=assistant][data-state=done] .bubble")


async def test_a_tap_on_a_section_reads_it(visit: Visit) -> None:
    page = await (await visit(viewport={"width": 390, "height": 844}, has_touch=True)).chat()
    await say(page, "家具养护")
    chips = page.locator(".suggestion")
    await expect(chips).to_have_text(["实木桌面", "皮质椅面", "金属椅脚"])
    await chips.nth(1).tap()
    await expect(page.locator("article[data-author=customer] .bubble").last).to_have_text("皮质椅面")
    await expect(answers(page).last).to_contain_text("每季度涂一次护理膏。")
    await expect(answers(page).last).not_to_contain_text("每月用拧干的软布")
    await expect(chips).to_have_count(0)
    await page.reload()
    await expect(answers(page)).to_have_count(2)
