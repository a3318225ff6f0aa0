"""What nothing answers is met with the nearest sections, and a bare topic with its main points; a tap on a section is
answered from that section.
"""

import httpx
import pytest
from console_staff import a_colleague

from builders import Customer, publishable_key
from xiaoer import stores
from xiaoer.assistant.answering.sections import names
from xiaoer.desk.desk import Desk
from xiaoer.knowledge.documents import Document
from xiaoer.llm.scripted import ScriptedModel

CARE = """养护的一般原则是少量多次，顺着纹理擦拭，避免阳光直射和高温烘烤，也不要长时间浸泡在水里。
## 实木桌面
每月用拧干的软布擦拭一次，再薄薄上一层木蜡油，静置两小时后擦净多余的油。桌面上的水渍请当天擦干，热锅要垫隔热垫。
## 皮质椅面
用中性皮革清洁剂擦拭，每季度涂一次护理膏。不要用酒精和含氯的清洁剂，也不要放在暖气旁边。
## 金属椅脚
用干布擦去灰尘，出现锈点时用细砂纸轻轻打磨后补漆。搬动时请抬起来，不要拖拽，以免刮花地板。
### 潮湿地区
梅雨季节请在椅脚下垫橡胶脚垫，并且每周擦干一次椅脚，避免长时间接触积水的地面而生锈。
"""
RETURNS = "签收之日起 7 天内，商品完好的，可以无理由退货。退货运费由买家承担。"


@pytest.fixture
async def shopper(desk: Desk, client: httpx.AsyncClient) -> Customer:
    """A customer of a shop with short policies and one long guide in sections."""
    async with desk.database.sessions() as session:
        shop = await stores.by_slug(session, "shop")
    await desk.knowledge.save(shop.id, Document(key="care", title="家具养护", text=CARE, locale="zh"))
    await desk.knowledge.settled()
    desk.assistant.use(None)
    return await Customer.arrive(client, await publishable_key(desk))


async def test_a_bare_topic_is_told_in_main_points_with_its_sections(shopper: Customer) -> None:
    ended = await shopper.ask("家具养护")
    assert "实木桌面：每月用拧干的软布擦拭一次" in ended["text"]
    assert "皮质椅面：用中性皮革清洁剂擦拭" in ended["text"]
    assert "细砂纸" in ended["text"]
    assert "隔热垫" not in ended["text"]
    assert [each["title"] for each in ended["nearest"]] == ["实木桌面", "皮质椅面", "金属椅脚"]
    assert ended["suggestions"] == ["实木桌面", "皮质椅面", "金属椅脚"]
    assert {source["title"] for source in ended["sources"]} == {"家具养护"}


async def test_a_section_that_is_tapped_is_told_whole_with_what_stands_below_it(shopper: Customer) -> None:
    await shopper.ask("家具养护")
    ended = await shopper.ask("金属椅脚")
    assert "用干布擦去灰尘" in ended["text"]
    assert "不要拖拽" in ended["text"]
    assert "潮湿地区：梅雨季节请在椅脚下垫橡胶脚垫" in ended["text"]
    assert "皮革" not in ended["text"]
    assert ended["route"] == "extract"


@pytest.mark.parametrize("topic", ["退货政策", "退货政策？", "return policy", "Return policy?", "นโยบายการคืนสินค้า"])
async def test_a_topic_is_found_in_any_language_by_what_it_is_about(shopper: Customer, topic: str) -> None:
    ended = await shopper.ask(topic)
    assert RETURNS in ended["text"].replace("\n", "")
    assert ended["route"] == "extract"


async def test_a_short_text_is_told_whole_and_offers_nothing(shopper: Customer) -> None:
    ended = await shopper.ask("保修说明")
    assert "人为损坏不在保修范围内" in ended["text"]
    assert "nearest" not in ended


async def test_a_question_is_no_topic(shopper: Customer) -> None:
    ended = await shopper.ask("退货运费谁出")
    assert "退货运费由买家承担" in ended["text"]
    assert "签收之日起" not in ended["text"]


@pytest.mark.parametrize(
    ("text", "is_it"),
    [
        ("退货政策", True),
        ("退货", True),
        ("chính sách đổi trả", True),
        ("chính sách đổi trả?", False),
        ("退货运费", False),
        ("发票", False),
        ("Return policy?", True),
    ],
)
def test_a_heading_is_named_by_its_own_words_or_by_what_it_is_about(text: str, *, is_it: bool) -> None:
    assert names(text, "退货政策") is is_it


async def test_what_nothing_answers_offers_the_nearest_sections_beside_a_person(shopper: Customer, desk: Desk) -> None:
    ended = await shopper.ask("皮质椅面是牛皮还是羊皮")
    assert ended["route"] == "refuse"
    titles = [each["title"] for each in ended["nearest"]]
    assert "家具养护 › 皮质椅面" in titles
    assert ended["suggestions"][: len(titles)] == titles
    assert ended["suggestions"][-1] == "转人工客服"
    opened = await shopper.ask("家具养护 › 皮质椅面")
    assert "每季度涂一次护理膏" in opened["text"]
    assert "不要用酒精" in opened["text"]


async def test_a_writers_verdict_offers_the_nearest_sections_as_well(shopper: Customer, desk: Desk) -> None:
    desk.assistant.use(ScriptedModel(["[none]"], name="writer-14b"))
    ended = await shopper.ask("皮质椅面是牛皮还是羊皮")
    assert ended["route"] == "refuse"
    assert "家具养护 › 皮质椅面" in [each["title"] for each in ended["nearest"]]


async def test_what_is_far_from_everything_offers_no_section(shopper: Customer) -> None:
    ended = await shopper.ask("量子力学是什么")
    assert ended["route"] == "refuse"
    assert "nearest" not in ended


async def test_what_was_offered_is_kept_and_staff_see_it(
    shopper: Customer, client: httpx.AsyncClient, desk: Desk
) -> None:
    ended = await shopper.ask("家具养护")
    stored = (await shopper.messages())[-1]
    assert stored["nearest"] == ended["nearest"]
    seen = await (await a_colleague(client, desk, "staff")).page(shopper)
    assert "<li>皮质椅面</li>" in seen


async def test_a_section_withdrawn_meanwhile_is_not_told(shopper: Customer, desk: Desk) -> None:
    await shopper.ask("家具养护")
    async with desk.database.sessions() as session:
        shop = await stores.by_slug(session, "shop")
    await desk.knowledge.withdraw(shop.id, "care")
    assert "砂纸" not in (await shopper.ask("金属椅脚"))["text"]


async def test_words_that_were_offered_long_ago_are_a_message_like_any_other(shopper: Customer) -> None:
    await shopper.ask("家具养护")
    await shopper.ask("退货运费谁出")
    assert "nearest" not in await shopper.ask("保修说明")


async def test_products_that_differ_by_one_character_can_each_be_chosen(desk: Desk, client: httpx.AsyncClient) -> None:
    async with desk.database.sessions() as session:
        shop = await stores.by_slug(session, "shop")
    for number, letter in enumerate("甲乙丙"):
        title = f"远山牌全自动低噪音落地扇 FS40 家用遥控定时款{letter}"
        document = Document(
            key=title, title=title, text=f"## 规格\n净重 {number + 3} kg。", locale="zh", product_ids=(f"fan-{number}",)
        )
        await desk.knowledge.save(shop.id, document)
    await desk.knowledge.settled()
    desk.assistant.use(None)
    customer = await Customer.arrive(client, await publishable_key(desk))
    asked = await customer.ask("FS40净重多少")
    assert asked["route"] == "flow"
    assert len(asked["choices"]) == 3
    assert "4 kg" in (await customer.ask(next(each for each in asked["choices"] if each.endswith("乙"))))["text"]
