"""A shop whose texts are about products: what customers ask of one is answered from its texts, and from no other's."""

import httpx
import pytest

from builders import Customer, publishable_key
from xiaoer import stores
from xiaoer.desk.desk import Desk
from xiaoer.knowledge.documents import Document
from xiaoer.llm.scripted import ScriptedModel

X20 = """- 商品价格：1999
## 规格
机身尺寸为 600×550×450 mm，净重 32 kg。额定功率 1800 W。
## 保修
整机保修 3 年，主电机保修 8 年。
## 安装
1. 先关闭进水阀。
2. 连接进水管。
3. 接通电源后空转一次。
"""
X20S = X20.replace("1999", "2599").replace("32 kg", "35 kg").replace("3 年", "5 年")


@pytest.fixture
async def shopper(desk: Desk, client: httpx.AsyncClient) -> Customer:
    """A customer of a shop with two dishwashers, one name inside the other."""
    async with desk.database.sessions() as session:
        shop = await stores.by_slug(session, "shop")
    for product, title, text in (("a", "云朵洗碗机 X20", X20), ("b", "云朵洗碗机 X20S", X20S)):
        await desk.knowledge.save(
            shop.id, Document(key=product, title=title, text=text, locale="zh", product_ids=(product,))
        )
    await desk.knowledge.settled()
    desk.assistant.use(None)
    return await Customer.arrive(client, await publishable_key(desk))


async def test_a_fact_of_the_product_is_told_and_none_of_its_siblings(shopper: Customer) -> None:
    ended = await shopper.ask("X20S整机保修几年")
    assert "5 年" in ended["text"]
    assert "3 年" not in ended["text"]


async def test_who_asks_on_means_the_product_spoken_of(shopper: Customer) -> None:
    await shopper.ask("X20净重多少")
    ended = await shopper.ask("整机保修几年")
    assert "3 年" in ended["text"]


async def test_prices_of_two_are_told_side_by_side_with_their_difference(shopper: Customer) -> None:
    ended = await shopper.ask("X20和X20S差多少钱")
    assert "1999" in ended["text"]
    assert "2599" in ended["text"]
    assert "600" in ended["text"]


async def test_a_price_is_told_in_the_customers_language(shopper: Customer) -> None:
    ended = await shopper.ask("how much is the X20S?")
    assert "2599" in ended["text"]
    assert ended["language"] == "en"


async def test_a_bare_name_is_asked_back_what_is_wanted(shopper: Customer) -> None:
    ended = await shopper.ask("X20S")
    assert ended["route"] == "flow"
    assert "X20S" in ended["text"]
    assert "保修" in ended["suggestions"]


async def test_a_question_that_several_products_answer_is_asked_back_and_then_answered(shopper: Customer) -> None:
    asked = await shopper.ask("整机保修几年")
    assert asked["route"] == "flow"
    assert set(asked["suggestions"]) == {"云朵洗碗机 X20", "云朵洗碗机 X20S"}
    assert "5 年" in (await shopper.ask("云朵洗碗机 X20S"))["text"]


async def test_a_writers_verdict_that_nothing_answers_is_a_refusal(shopper: Customer, desk: Desk) -> None:
    desk.assistant.use(ScriptedModel(["[none]"], name="writer-14b"))
    assert (await shopper.ask("X20能连手机吗"))["route"] == "refuse"


async def test_a_writer_cites_and_its_wrong_figure_is_told_to_it_once(shopper: Customer, desk: Desk) -> None:
    model = ScriptedModel(["X20 整机保修 9 年。[1]", "X20 整机保修 3 年。[1]"], name="writer-14b")
    desk.assistant.use(model)
    ended = await shopper.ask("X20整机保修多久")
    assert "3 年" in ended["text"]
    assert "9 年" not in ended["text"]
    assert "[1]" not in ended["text"]
    assert ended["sources"]
    assert "9 年" in model.asked[-1].prompt


async def test_a_writer_is_shown_the_product_in_focus_and_not_its_sibling(shopper: Customer, desk: Desk) -> None:
    model = ScriptedModel(default="[none]", name="writer-14b")
    desk.assistant.use(model)
    await shopper.ask("X20S净重多少")
    assert "35 kg" in model.asked[-1].prompt
    assert "32 kg" not in model.asked[-1].prompt
