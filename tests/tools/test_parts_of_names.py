"""Customers say a part of a product's name, or its kind, in their own language; what the shop does not have is said."""

from decimal import Decimal

import httpx
import pytest
from ordering import Buyer

from builders import publishable_key
from xiaoer import stores
from xiaoer.assistant.flows.having import asked_after
from xiaoer.assistant.flows.kinds import is_of, kind_alone, kinds_in
from xiaoer.assistant.flows.partly import meant, near
from xiaoer.commerce import filling, links
from xiaoer.commerce.filling import Goods
from xiaoer.commerce.money import Money
from xiaoer.commerce.values import Product, Variant
from xiaoer.desk.desk import Desk


def _product(product_id: str, name: str, price: str, *, stock: int = 50, language: str = "zh") -> Product:
    cost = Money(Decimal(price))
    return Product(
        id=product_id,
        name={language: name},
        price=cost,
        variants=(Variant(sku=product_id, name={language: name}, price=cost, stock=stock, options={}),),
    )


GOODS = [
    _product("T1", "安溪铁观音 清香", "128"),
    _product("T2", "安溪铁观音 浓香", "148"),
    _product("T3", "西湖龙井 明前", "388", stock=4),
    _product("T4", "正山小种 红茶", "98", stock=0),
    _product("L1", "Aurora Desk Lamp", "259", language="en"),
    _product("L2", "Aurora Floor Lamp", "459", language="en"),
    _product("C8P", "晨穗 8 Pro 手机", "4299"),
]


@pytest.fixture
async def guest(client: httpx.AsyncClient, desk: Desk) -> Buyer:
    """Somebody in a shop of tea and lamps."""
    async with desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        await filling.fill(session, store.id, Goods(products=GOODS), "upload")
        await links.keep_own(session, store.id, ())
    return await Buyer.arrive(client, await publishable_key(desk))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("龙井多少钱", ["西湖龙井 明前：¥388.00，仅剩 4 件"]),
        ("小种有货吗", ["正山小种 红茶：¥98.00，暂时缺货"]),
        ("有没有清香铁观音", ["安溪铁观音 清香：¥128.00，有货"]),
        ("铁观音还有货吗", ["我们有这些", "安溪铁观音 清香：¥128.00", "安溪铁观音 浓香：¥148.00"]),
        ("龙井和小种一共多少钱", ["西湖龙井 明前 × 1：¥388.00", "正山小种 红茶 × 1：¥98.00", "合计：¥486.00"]),
        ("两盒龙井和一盒小种一共多少钱", ["× 2：¥776.00", "合计：¥874.00"]),
        ("铁观音和龙井一共多少钱", ["请问是哪一款商品", "清香", "浓香", "西湖龙井"]),
        ("is the desk lamp in stock", ["Aurora Desk Lamp: CN¥259.00, in stock"]),
        ("how much are the lamps?", ["Aurora Desk Lamp: CN¥259.00", "Aurora Floor Lamp: CN¥459.00"]),
        ("đèn giá bao nhiêu?", ["Aurora Desk Lamp: 259,00"]),
        ("西胡龙井多少钱", ["您要找的是", "西湖龙井 明前：¥388.00"]),
    ],
)
async def test_a_part_of_a_name_or_a_kind_finds_the_goods(text: str, said: list[str], guest: Buyer) -> None:
    told = await guest.ask(text)
    assert told["route"] == "flow", told["text"]
    assert [each for each in said if each not in told["text"]] == [], told["text"]


async def test_the_next_thing_is_named_alone(guest: Buyer) -> None:
    await guest.ask("龙井多少钱")
    assert "正山小种 红茶：¥98.00" in (await guest.ask("那小种呢"))["text"]
    assert "普洱" not in (await guest.ask("普洱多少钱"))["text"] or "¥" not in (await guest.ask("普洱多少钱"))["text"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("iphone 17 有吗", "“iphone 17”在本店在售的商品里没有查到"),
        ("有没有普洱", "“普洱”在本店在售的商品里没有查到"),
        ("do you sell garden chairs?", "nothing called “garden chairs”"),
        ("shop có bán trà sen không ạ?", "không có “trà sen”"),
        ("มีกาแฟดริปไหมคะ", "ไม่พบ “กาแฟดริป”"),
        ("晨穗 8 有货吗", "没有查到"),
    ],
)
async def test_what_none_of_the_goods_is_called_is_said(text: str, said: str, guest: Buyer) -> None:
    told = await guest.ask(text)
    assert said in told["text"]
    assert "¥" not in told["text"]
    assert told["route"] == "refuse"


@pytest.mark.parametrize(
    "text", ["有发票吗", "有优惠吗", "do you have a warranty?", "换屏多少钱", "这个多少钱", "有什么"]
)
async def test_what_is_no_thing_is_not_said_to_be_missing(text: str, guest: Buyer) -> None:
    assert "没有查到" not in (told := (await guest.ask(text))["text"])
    assert "nothing called" not in told


async def test_a_shop_without_goods_says_nothing_of_goods(client: httpx.AsyncClient, desk: Desk) -> None:
    guest = await Buyer.arrive(client, await publishable_key(desk))
    assert "没有查到" not in (await guest.ask("有没有普洱"))["text"]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("铁观音", ["T1", "T2"]),
        ("浓香铁观音", ["T2"]),
        ("desk lamps", ["L1"]),
        ("aurora", ["L1", "L2"]),
        ("晨穗 8", []),
        ("8", []),
        ("观", []),
        ("绿茶", []),
    ],
)
def test_all_that_is_said_must_be_in_the_name(said: str, found: list[str]) -> None:
    assert [each.id for each in meant(said, GOODS)] == found


def test_a_figure_is_never_taken_for_mistyped() -> None:
    assert near("晨穗 7 Pro", GOODS) == []
    assert [each.id for each in near("晨碎 8 Pro", GOODS)] == ["C8P"]
    assert near("晨碎 8", GOODS) == []


def test_kinds_are_known_in_every_language_and_by_the_end_of_a_name() -> None:
    assert kind_alone("phone case") == kind_alone("手机壳") == kind_alone("ốp lưng") == kind_alone("เคส") == "case"
    assert kind_alone("红茶") is None
    assert kinds_in("取消耳机的订单") == kinds_in("cancel the earphones") == ("earphones",)
    assert is_of("晨穗 8 手机保护壳", "case")
    assert not is_of("Magnetic watch cable", "watch")


def test_the_things_asked_for_are_read_with_their_numbers() -> None:
    assert [(each.name, each.count) for each in asked_after("two boxes of mugs and the lamp in total, how much?")] == []
    things = asked_after("How much are the desk lamp and two mugs in total?")
    assert [(each.name, each.count) for each in things] == [("desk lamp", 1), ("mugs", 2)]
