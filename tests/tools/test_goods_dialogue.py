"""Facts of products come from the shop's system: looked up, cited, and computed."""

from datetime import UTC, datetime, timedelta

import httpx
import jwt
import pytest
import sqlalchemy as sa
from ordering import Buyer

from builders import publishable_key
from xiaoer import stores
from xiaoer.assistant.flows.goods import kind_of
from xiaoer.assistant.flows.kinds import by_figure
from xiaoer.assistant.flows.places import places_in
from xiaoer.assistant.flows.pointing import named_in
from xiaoer.assistant.flows.specifications import asked_for
from xiaoer.commerce.tables import StoredProduct
from xiaoer.commerce.values import Place, Product
from xiaoer.demo import goods, load
from xiaoer.desk.desk import Desk
from xiaoer.identity import signed
from xiaoer.knowledge.documents import Document


@pytest.fixture(scope="module")
def products() -> list[Product]:
    return [goods._product(record) for record in load.products()]


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("晨穗8pro多少钱", "XH-CS8P"),
        ("晨穗 8 现在卖多少钱", "XH-CS8"),
        ("晨穗 8 Ultra 有货吗", "XH-CS8U"),
        ("晨穗8pro保护壳多少钱", "XH-K8P"),
        ("晨穗 8 Pro 的钢化膜多少钱", "XH-G8P"),
        ("环穗智能戒指 58mm 戴几号", "XH-R1"),
        ("how much is the Chensui 8 Pro phone", "XH-CS8P"),
        ("时穗 Watch 4 价格", "XH-W4"),
        ("what does the Tinghe Studio cost", "XH-STU"),
        ("手机多少钱", None),
        ("充电器有货吗", None),
        ("穗 8 多少钱", None),
    ],
)
def test_only_a_product_that_is_named_is_meant(text: str, product: str | None, products: list[Product]) -> None:
    found = named_in(text, products)
    assert (found.product.id if found else None) == product


def test_what_is_asked_of_goods() -> None:
    assert kind_of("晨穗 8 买两台多少钱") == "quote"
    assert kind_of("晨穗 8 多少钱") == "price"
    assert kind_of("晨穗 8 有货吗") == "stock"
    assert kind_of("平时穿38码选哪个") == "size"
    assert kind_of("晨穗8Pro有几种颜色") is None


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("晨穗 8 多重", "zh", ["重量：172 g"]),
        ("晨穗8pro多厚多重", "zh", ["重量：206 g", "8.3 mm"]),
        ("晨穗 8 Ultra 盒子里有什么", "zh", ["包装清单：", "充电器"]),
        ("晨穗 8 Pro 支持无线充电吗", "zh", ["30 W"]),
        ("How heavy is the Yuntian Pad 11?", "en", ["485"]),
        ("Does Chensui 8 Pro support n79?", "en", ["Networks", "n79"]),
        ("Pin của Chensui 8 Pro bao nhiêu mAh?", "vi", ["Pin: 5200 mAh"]),
        ("แบตเตอรี่ Chensui 8 Pro กี่ mAh", "th", ["แบตเตอรี่: 5200 mAh"]),
        ("Shisui Watch 4 ใส่ว่ายน้ำได้ไหม", "th", ["5ATM"]),
        ("晨穗8Pro换屏多少钱", "zh", []),
        ("晨穗 8 Pro 电池坏了能换吗", "zh", []),
        ("晨穗 8 Pro 的屏幕和 iPhone 比怎么样", "zh", []),
        ("Does Chensui 8 Pro support n99?", "en", []),
        ("听禾 Studio 有后置摄像头吗", "zh", []),
    ],
)
def test_specifications_are_told_only_where_nothing_else_is_asked(
    text: str, language: str, told: list[str], products: list[Product]
) -> None:
    found = named_in(text, products)
    assert found is not None
    rows = [
        f"{name}{'：' if language == 'zh' else ': '}{value}"
        for name, value in asked_for(found.rest, found.product, language)
    ]
    assert bool(rows) == bool(told)
    for each in told:
        assert any(each in row for row in rows), rows


async def test_a_specification_is_looked_up_and_cited_in_the_customers_language(buyer: Buyer) -> None:
    told = await buyer.ask("Pin của Chensui 8 Pro bao nhiêu mAh?")
    assert told["route"] == "flow"
    assert "Pin: 5200 mAh" in told["text"]
    assert told["sources"][0]["passage_id"] == "product:XH-CS8P"
    again = await buyer.ask("晨穗 8 多重")
    assert "172 g" in again["text"]
    assert "5.5" not in (await buyer.ask("续航呢"))["text"]


async def test_a_price_is_looked_up_and_cited_with_its_moment(buyer: Buyer) -> None:
    told = await buyer.ask("晨穗 8 Pro 512 的多少钱")
    assert told["route"] == "flow"
    assert "¥4,699.00" in told["text"]
    assert "会员价 ¥4,599.00" in told["text"]
    assert told["sources"][0]["passage_id"] == "product:XH-CS8P"
    assert told["sources"][0]["as_of"]


async def test_the_shops_system_is_asked_about_the_product_of_the_page(order_desk: Desk, buyer: Buyer) -> None:
    async with order_desk.database.sessions() as session:
        shop = await stores.by_slug(session, "shop")
    about = Document(key="cs8p", title="晨穗 8 Pro 手机", text="拍照更清楚。", locale="zh", product_ids=("XH-CS8P",))
    await order_desk.knowledge.save(shop.id, about)
    await order_desk.knowledge.settled()
    assert "¥4,299.00" in (await buyer.ask("多少钱", page={"product_id": "xh-cs8p"}))["text"]
    assert "172 g" in (await buyer.ask("晨穗 8 多重"))["text"]


async def test_stock_is_told_as_it_is(buyer: Buyer) -> None:
    assert "暂时缺货" in (await buyer.ask("晨穗 8 Ultra 松绿 1TB 有货吗"))["text"]
    told = await buyer.ask("晨穗 8 Ultra 有货吗")
    assert "有货" in told["text"]


async def test_several_are_priced_with_a_worked_breakdown(order_desk: Desk, buyer: Buyer) -> None:
    del order_desk
    told = await buyer.ask("晨穗 8 Pro 手机买两台多少钱")
    assert "× 2：¥8,598.00" in told["text"]
    assert "每满 300 元减 50 元：-¥500.00" in told["text"]
    assert "合计：¥8,098.00" in told["text"]
    again = await buyer.ask("买三台一共多少钱")
    assert "× 3：¥12,897.00" in again["text"]
    assert "× 4：¥17,196.00" in (await buyer.ask("那4台呢"))["text"]


@pytest.mark.parametrize(
    ("asked", "pieces"),
    [
        ("晨穗 8 Pro 手机二十台多少钱", 20),
        ("晨穗 8 Pro 手机十二台多少钱", 12),
        ("晨穗 8 Pro 手机三十六台一共多少钱", 36),
        ("晨穗 8 Pro 手机半打多少钱", 6),
        ("twelve pcs of Chensui 8 Pro phones, how much in total?", 12),
        ("how much are 20 Chensui 8 Pro phones?", 20),
        ("how much is half a dozen Chensui 8 Pro phones in total?", 6),
    ],
)
async def test_as_many_are_priced_as_are_asked_for(buyer: Buyer, asked: str, pieces: int) -> None:
    told = (await buyer.ask(asked))["text"]
    assert f"× {pieces}" in told
    assert f"{4299 * pieces:,}.00" in told


async def test_how_many_a_pack_holds_multiplies_nothing(buyer: Buyer) -> None:
    told = (await buyer.ask("晨穗 8 Pro 手机六台装多少钱"))["text"]
    assert "× 6" not in told
    assert f"{4299 * 6:,}" not in told


async def test_what_goes_with_a_product_is_not_taken_for_it(buyer: Buyer) -> None:
    assert "晨穗 8 透明保护壳" in (told := (await buyer.ask("晨穗 8 的壳多少钱"))["text"])
    assert "手机" not in told
    assert "您要找的是" in (await buyer.ask("晨碎8 现在多钱"))["text"]


async def test_pieces_are_counted_in_words_too(buyer: Buyer) -> None:
    told = await buyer.ask("how much are two Chensui 8 Pro phones in total?")
    assert "× 2: CN¥8,598.00" in told["text"]
    told = await buyer.ask("听禾 Buds 4 和 20 W 充电器一共多少钱")
    assert "听禾 Buds 4 降噪耳机" in told["text"]
    assert "20 W 充电器" in told["text"]
    assert "合计：" in told["text"]


async def test_a_size_is_read_off_the_chart(buyer: Buyer) -> None:
    told = await buyer.ask("环穗智能戒指，指围 58 毫米戴几号")
    assert told["route"] == "flow"
    assert "58 毫米 对应" in told["text"]


async def test_where_a_product_has_no_chart_its_size_is_left_to_the_shops_texts(buyer: Buyer) -> None:
    await buyer.ask("晨穗 8 Pro 手机多少钱")
    told = await buyer.ask("身高 72cm 穿多大")
    assert told["route"] != "flow"
    assert "没有适合" not in told["text"]


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("20000毫安的充电宝多少钱", "XH-P20"),
        ("2万毫安充电宝有货吗", "XH-P20"),
        ("67W充电器多少钱", "XH-C67"),
        ("how much is the 26800 mAh power bank", "XH-P27"),
        ("22mm的表带多少钱", None),
        ("65W充电器多少钱", None),
        ("20000毫安多少钱", None),
        ("充电宝多少钱", None),
    ],
)
def test_a_kind_and_a_figure_point_to_the_only_product_that_has_it(
    text: str, product: str | None, products: list[Product]
) -> None:
    found = by_figure(text, products)
    assert (found.id if found else None) == product


async def test_the_price_of_a_kind_with_a_figure_is_looked_up(buyer: Buyer) -> None:
    told = await buyer.ask("20000毫安的充电宝多少钱")
    assert told["route"] == "flow"
    assert told["sources"][0]["passage_id"] == "product:XH-P20"


async def test_the_second_piece_at_half_price_goes_with_nothing_else(buyer: Buyer) -> None:
    told = await buyer.ask("听禾 Buds Lite 买两副一共多少钱")
    assert "第 2 件半价：-¥" in told["text"]
    assert "每满 300" not in told["text"]


async def test_the_fee_to_a_place_is_in_the_price_or_said_to_be_missing(buyer: Buyer) -> None:
    assert "运费 / Shipping：¥15.00" in (await buyer.ask("20 W 充电器寄到新疆一共多少钱"))["text"]
    assert "以上不含运费" in (await buyer.ask("20 W 充电器寄到日本一共多少钱"))["text"]


async def test_a_signed_customers_coupon_is_in_the_price(
    client: httpx.AsyncClient, order_desk: Desk, buyer: Buyer
) -> None:
    async with order_desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        key = await signed.renew_key(session, store.id, order_desk.seal)
    claims = {"sub": "C0002", "aud": signed.AUDIENCE, "exp": datetime.now(UTC) + timedelta(hours=1)}
    token = jwt.encode(claims, key, algorithm="HS256")
    known = await Buyer.arrive(client, await publishable_key(order_desk), customer={"token": token})
    asked = "晨穗 8 一共多少钱"
    assert "会员券" in (await known.ask(asked))["text"]
    assert "会员券" not in (await buyer.ask(asked))["text"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("晨穗 8 寄到新疆多少钱", Place("CN", "新疆")),
        ("发到浙江的话晨穗 8 多少钱", Place("CN", "浙江")),
        ("how much is a Chensui 8 shipped to Vietnam", Place("VN")),
        ("Chensui 8 giao đến Việt Nam giá bao nhiêu", Place("VN")),
        ("新疆多少钱", None),
        ("晨穗 8 多少钱", None),
    ],
)
def test_where_something_is_to_be_sent(text: str, place: Place | None) -> None:
    assert places_in(text) == ((place,) if place else ())


async def test_what_is_off_sale_by_now_has_no_price_and_no_stock(order_desk: Desk, buyer: Buyer) -> None:
    await buyer.ask("晨穗 8 多少钱")
    async with order_desk.database.sessions.begin() as session:
        row = (await session.scalars(sa.select(StoredProduct).where(StoredProduct.product_id == "XH-CS8"))).one()
        row.on_sale = False
        row.data = {**row.data, "on_sale": False}
    for question in ("买两件多少钱", "还有货吗"):
        told = await buyer.ask(question)
        assert "不能购买" in told["text"]
        assert "¥" not in told["text"]
