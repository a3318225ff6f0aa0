"""What sending somewhere costs, where customers name a city alone; two cities of one name are asked about."""

import pytest
from ordering import Buyer

from xiaoer import stores
from xiaoer.assistant.flows.fees import is_asked
from xiaoer.assistant.flows.places import places_in
from xiaoer.commerce.values import Place
from xiaoer.desk.desk import Desk
from xiaoer.knowledge.documents import Document

WEST, COAST = Place("CN", "新疆"), Place("CN", "广东")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("寄到深圳多少钱", COAST),
        ("发到喀什要多少运费", WEST),
        ("寄去义乌", Place("CN", "浙江")),
        ("寄到辽宁朝阳", Place("CN", "辽宁")),
        ("送到臺北", Place("TW")),
        ("ship to Shenzhen", COAST),
        ("ship to Xi'an", Place("CN", "陕西")),
        ("how much to Ho Chi Minh City", Place("VN")),
        ("gửi đến Đà Nẵng", Place("VN")),
        ("ส่งไปเชียงใหม่", Place("TH")),
        ("доставка в Москву", Place("RU")),
        ("서울로 보내면 배송 서울", Place("KR")),
        ("シンガポールまでの送料はいくらですか", Place("SG")),
        ("베트남 배송비 얼마예요?", Place("VN")),
        ("¿Cuánto cuesta el envío a Singapur?", Place("SG")),
        ("Сколько стоит доставка во Вьетнам?", Place("VN")),
        ("berapa ongkir ke Malaysia", Place("MY")),
        ("shipping to Birmingham, United Kingdom", Place("GB")),
        ("deliver to Suzhou in Anhui", Place("CN", "安徽")),
    ],
)
def test_a_city_alone_tells_where(text: str, place: Place) -> None:
    assert places_in(text) == (place,)


@pytest.mark.parametrize("text", ["寄到朝阳", "ship to Suzhou", "deliver to San Jose"])
def test_a_name_of_two_places_is_both(text: str) -> None:
    assert len(places_in(text)) == 2


@pytest.mark.parametrize(
    "text", ["ship to us", "送到南京东路", "I want to return it", "发货多久", "ship to Parisian", "ネクタイの送料は"]
)
def test_what_is_no_place_is_none(text: str) -> None:
    assert places_in(text) == ()


@pytest.mark.parametrize("text", ["寄到深圳要几天", "how long does it take to ship to Bangkok", "寄到深圳"])
def test_how_long_it_takes_is_no_question_of_the_fee(text: str) -> None:
    assert not is_asked(text)


async def test_the_fee_to_a_city_is_told_with_the_shops_rule(buyer: Buyer) -> None:
    told = await buyer.ask("寄到乌鲁木齐运费多少")
    assert told["route"] == "flow"
    assert "新疆" in told["text"]
    assert "¥15.00" in told["text"]
    assert told["sources"][0]["passage_id"] == "shipping:CN:新疆"


async def test_the_fee_is_told_in_the_customers_language(buyer: Buyer) -> None:
    assert "シンガポールへの送料：元59.00" in (await buyer.ask("シンガポールまでの送料はいくらですか"))["text"]
    assert "Доставка (Вьетнам): " in (await buyer.ask("Сколько стоит доставка во Вьетнам?"))["text"]
    assert "배송비(러시아)" not in (told := (await buyer.ask("러시아 배송비 얼마예요?"))["text"])
    assert "러시아" in told
    assert "Shipping to Vietnam" in (await buyer.ask("How much is shipping to Ho Chi Minh City?"))["text"]
    assert "ค่าจัดส่ง" in (await buyer.ask("ค่าส่งไปเชียงใหม่เท่าไหร่"))["text"]


async def test_a_place_the_shop_names_no_fee_for_is_not_guessed(buyer: Buyer) -> None:
    told = await buyer.ask("寄到东京运费多少")
    assert "没有给出寄到日本的运费" in told["text"]
    assert "转人工客服" in told["suggestions"]


async def test_what_the_shops_texts_say_of_a_place_counts_where_its_rules_are_silent(
    buyer: Buyer, order_desk: Desk
) -> None:
    async with order_desk.database.sessions() as session:
        store = await stores.by_slug(session, "shop")
    text = "# 寄往日本\n寄往日本的运费为 88 元，7 到 10 个工作日送达。"
    await order_desk.knowledge.save(store.id, Document("japan", "国际运费", text, locale="zh"))
    await order_desk.knowledge.settled()
    told = await buyer.ask("寄到日本运费多少")
    assert told["route"] in ("model", "extract")
    assert "88 元" in told["text"]


async def test_of_two_places_the_one_answered_counts_and_the_question_goes_on(buyer: Buyer) -> None:
    asked = await buyer.ask("买 2 个 20 W 充电器寄到 Suzhou 一共多少钱")
    assert asked["suggestions"] == ["江苏", "安徽"]
    told = await buyer.ask("安徽")
    assert "× 2" in told["text"]
    assert "运费 / Shipping" in told["text"]


async def test_the_price_asked_after_the_place_is_the_fee_to_it(buyer: Buyer) -> None:
    await buyer.ask("Do you ship to Kuala Lumpur?")
    assert "Shipping to Malaysia: CN¥59.00" in (await buyer.ask("And how much is it?"))["text"]


async def test_a_price_with_a_city_has_the_fee_in_it(buyer: Buyer) -> None:
    assert "运费 / Shipping：¥15.00" in (await buyer.ask("20 W 充电器寄到拉萨一共多少钱"))["text"]


async def test_another_place_after_a_price_is_reckoned_with_the_same_goods(buyer: Buyer) -> None:
    await buyer.ask("20 W 充电器多少钱")
    assert "运费 / Shipping：¥15.00" in (await buyer.ask("那寄到拉萨呢"))["text"]
