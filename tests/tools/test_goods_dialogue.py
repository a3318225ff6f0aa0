"""Facts of products come from the shop's system: looked up, cited, and computed."""

import pytest
from ordering import Buyer

from xiaoer.assistant.flows.goods import kind_of, named_in
from xiaoer.commerce.values import Product
from xiaoer.demo import goods, load
from xiaoer.desk.desk import Desk


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
        ("手机多少钱", None),
        ("充电器有货吗", None),
        ("穗 8 多少钱", None),
    ],
)
def test_only_a_product_that_is_named_is_meant(text: str, product: str | None, products: list[Product]) -> None:
    found = named_in(text, products)
    assert (found.id if found else None) == product


def test_what_is_asked_of_goods() -> None:
    assert kind_of("晨穗 8 买两台多少钱") == "quote"
    assert kind_of("晨穗 8 多少钱") == "price"
    assert kind_of("晨穗 8 有货吗") == "stock"
    assert kind_of("平时穿38码选哪个") == "size"
    assert kind_of("晨穗8Pro换屏多少钱") is None


async def test_a_price_is_looked_up_and_cited_with_its_moment(buyer: Buyer) -> None:
    told = await buyer.ask("晨穗 8 Pro 512 的多少钱")
    assert told["route"] == "flow"
    assert "¥4699.00" in told["text"]
    assert "会员价 ¥4599.00" in told["text"]
    assert told["sources"][0]["passage_id"] == "product:XH-CS8P"
    assert told["sources"][0]["as_of"]


async def test_stock_is_told_as_it_is(buyer: Buyer) -> None:
    assert "暂时缺货" in (await buyer.ask("晨穗 8 Ultra 松绿 1TB 有货吗"))["text"]
    told = await buyer.ask("晨穗 8 Ultra 有货吗")
    assert "有货" in told["text"]


async def test_several_are_priced_with_a_worked_breakdown(order_desk: Desk, buyer: Buyer) -> None:
    del order_desk
    told = await buyer.ask("晨穗 8 Pro 手机买两台多少钱")
    assert "× 2：¥8598.00" in told["text"]
    assert "每满 300 元减 50 元：-¥500.00" in told["text"]
    assert "合计：¥8098.00" in told["text"]
    again = await buyer.ask("买三台一共多少钱")
    assert "× 3：¥12897.00" in again["text"]


async def test_a_size_is_read_off_the_chart(buyer: Buyer) -> None:
    told = await buyer.ask("环穗智能戒指，指围 58 毫米戴几号")
    assert told["route"] == "flow"
    assert "58 毫米 对应" in told["text"]
