"""Asked whether goods may be sent somewhere, what the shop's texts say of them comes before any fee."""

import httpx
import pytest
from ordering import Buyer

from builders import publishable_key
from xiaoer import stores
from xiaoer.desk.desk import Desk
from xiaoer.knowledge.documents import Document
from xiaoer.language.phrases import languages, phrase

RULES = """# 国际配送
小店可寄往新加坡、泰国和越南。

## 不能寄往境外的商品
- 蜂蜜、肉干等食品。
- 指甲油和香水。

## 花卉
鲜花只在上海市内配送。
"""
HONEY, PERFUME = "蜂蜜、肉干等食品", "指甲油和香水"
FEE = "59.00"


@pytest.fixture
async def rules(order_desk: Desk) -> Desk:
    async with order_desk.database.sessions() as session:
        store = await stores.by_slug(session, "shop")
    await order_desk.knowledge.save(store.id, Document("abroad", "国际配送", RULES, locale="zh"))
    await order_desk.knowledge.settled()
    return order_desk


async def test_what_may_not_go_there_is_said_and_no_fee(buyer: Buyer, rules: Desk) -> None:
    told = await buyer.ask("蜂蜜能寄到泰国吗")
    assert HONEY in told["text"]
    assert "不能寄往境外" in told["text"]
    assert FEE not in told["text"]
    assert told["sources"][0]["title"] == "国际配送"


async def test_the_fee_that_is_asked_for_comes_after_it_and_under_its_condition(buyer: Buyer, rules: Desk) -> None:
    for question in ("能把香水寄到新加坡吗，运费多少", "香水寄到新加坡运费多少"):
        told = (await buyer.ask(question))["text"]
        assert PERFUME in told
        assert told.index(PERFUME) < told.index("如果可以寄送：") < told.index(FEE)


@pytest.mark.parametrize(
    "question",
    [
        "Can you ship honey to Thailand?",
        "gửi mật ong đến Thái Lan được không",
        "Вы отправляете мёд в Таиланд?",
        "¿Pueden enviar miel a Tailandia?",
        "Bisa kirim madu ke Thailand?",
        "はちみつをタイに発送できますか",
        "태국으로 꿀을 보낼 수 있나요? 배송 태국",
    ],
)
async def test_in_other_languages_than_the_texts_a_fee_is_no_answer(
    client: httpx.AsyncClient, rules: Desk, question: str
) -> None:
    told = await (await Buyer.arrive(client, await publishable_key(rules))).ask(question)
    assert FEE not in told["text"]
    assert told["route"] in ("extract", "model")
    assert HONEY in told["sources"][0]["quote"]


async def test_goods_that_the_texts_call_by_another_name_are_known_by_their_meaning(buyer: Buyer, rules: Desk) -> None:
    async with rules.database.sessions() as session:
        store = await stores.by_slug(session, "shop")
    text = "# 禁运\n移动电源、锂电池不能寄往境外。\n\n打火机、烟花不能寄往境外。"
    await rules.knowledge.save(store.id, Document("batteries", "禁运", text, locale="zh"))
    await rules.knowledge.settled()
    told = await buyer.ask("充电宝能寄到泰国吗")
    assert "移动电源、锂电池不能寄往境外" in told["text"]
    assert "暂时无法确认" in told["text"]
    assert FEE not in told["text"]
    assert "不能寄往境外" not in (await buyer.ask("充电宝能寄到新疆吗"))["text"]


async def test_goods_that_go_to_one_place_only_are_told_so(buyer: Buyer, rules: Desk) -> None:
    assert "只在上海市内配送" in (await buyer.ask("鲜花可以寄到新疆吗"))["text"]


async def test_a_place_that_the_texts_name_is_answered_from_them(buyer: Buyer, rules: Desk) -> None:
    told = await buyer.ask("可以寄到越南吗")
    assert "可寄往新加坡、泰国和越南" in told["text"]


async def test_where_no_text_tells_the_fee_is_told_but_not_as_a_yes(buyer: Buyer) -> None:
    told = await buyer.ask("打火机能寄到泰国吗")
    assert "¥59.00" in told["text"]
    assert "暂时无法确认" in told["text"]
    assert "转人工客服" in told["suggestions"]


async def test_the_total_of_goods_that_may_not_go_is_told_under_its_condition(buyer: Buyer, rules: Desk) -> None:
    async with rules.database.sessions() as session:
        store = await stores.by_slug(session, "shop")
    text = "# 充电器寄送\n带国标三脚插头的充电器不能寄往境外。"
    await rules.knowledge.save(store.id, Document("plugs", "充电器寄送", text, locale="zh"))
    await rules.knowledge.settled()
    told = (await buyer.ask("20 W 充电器寄到泰国一共多少钱"))["text"]
    assert told.index("不能寄往境外") < told.index("如果可以寄送：") < told.index(FEE)
    assert "如果可以寄送" not in (await buyer.ask("寄到泰国运费多少"))["text"]


async def test_a_place_without_a_rule_is_never_without_a_fee(buyer: Buyer, rules: Desk) -> None:
    for question in ("How much is shipping to Japan?", "Do you ship tea to Japan?"):
        told = (await buyer.ask(question))["text"]
        assert "no shipping fee" not in told
        assert "free" not in told
    assert "小店可寄往新加坡、泰国和越南" in (await buyer.ask("能寄到日本吗"))["text"]


@pytest.mark.parametrize("language", languages())
def test_not_knowing_a_fee_is_told_apart_from_none(language: str) -> None:
    told = phrase("fee_unknown", language, place="X")
    assert "X" in told
    assert "0" not in told
