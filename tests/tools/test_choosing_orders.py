"""Customers name an order by its goods, in any language, and change their mind about what is to be done with it."""

import httpx
import pytest
from ordering import PAID, Buyer, arrive_signed

from xiaoer.assistant.flows.wants import wants_of
from xiaoer.desk.desk import Desk

PHONE_ORDER = "XH8800000012"
"""Of C0005, paid: a phone, a case and a film."""
RING_ORDER = "XH8800000014"
BUDS_ORDER = "XH8800000007"
"""Of C0003, delivered: earphones."""
BAND_ORDER = "XH8800000008"
"""Of C0003 too: a wristband."""


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("I want to return the earphones", BUDS_ORDER),
        ("我要退耳机", BUDS_ORDER),
        ("mình muốn trả tai nghe", BUDS_ORDER),
        ("อยากคืนหูฟัง", BUDS_ORDER),
        ("where are my earphones", BUDS_ORDER),
        ("轻穗手环那单到哪了", BAND_ORDER),
    ],
)
async def test_goods_point_to_their_order_in_any_language(
    text: str, order: str, client: httpx.AsyncClient, order_desk: Desk
) -> None:
    known = await arrive_signed(client, order_desk, "C0003")
    told = await known.ask(text)
    if not told["sources"]:  # it is asked why
        told = await known.ask("买错了")
    assert {BUDS_ORDER, BAND_ORDER} & {each["title"] for each in told["sources"]} == {order}, told["text"]


async def test_the_piece_of_an_order_is_chosen_by_its_kind(client: httpx.AsyncClient, order_desk: Desk) -> None:
    known = await arrive_signed(client, order_desk, "C0005")
    told = await known.ask("cancel the phone case")
    assert PHONE_ORDER in told["confirm"]["summary"]
    assert RING_ORDER not in told["text"]


async def test_which_order_is_answered_by_goods(client: httpx.AsyncClient, order_desk: Desk) -> None:
    known = await arrive_signed(client, order_desk, "C0003")
    asked = await known.ask("我要退货")
    assert BUDS_ORDER in asked["choices"]
    assert set(asked["choices"]) <= set(asked["suggestions"])
    told = await known.ask("耳机那个")
    assert "原因" in told["text"], told["text"]
    assert BUDS_ORDER in str((await known.ask("买错了"))["confirm"])


@pytest.mark.parametrize("text", ["Can I change the address instead?", "算了，改成改地址吧"])
async def test_another_change_takes_the_place_of_the_one_that_waits(text: str, buyer: Buyer) -> None:
    await buyer.shows(PAID)
    first = (await buyer.ask(f"cancel order {PAID}" if text.isascii() else f"取消订单 {PAID}"))["confirm"]
    told = await buyer.ask(text)
    assert ("地址" if not text.isascii() else "address") in told["text"]
    assert "还没有确认" not in told["text"]
    assert "not confirmed yet" not in told["text"]
    await buyer.tap(first["token"])
    assert "已取消" not in (await buyer.ask(f"订单 {PAID} 现在什么状态"))["text"]


async def test_an_exchange_instead_of_a_return(client: httpx.AsyncClient, order_desk: Desk) -> None:
    known = await arrive_signed(client, order_desk, "C0003")
    assert "原因" in (await known.ask(f"订单 {BUDS_ORDER} 我要退货"))["text"]
    told = await known.ask("算了，改成换货吧")
    assert "换" in told["text"]
    assert "退货原因" not in told["text"]


@pytest.mark.parametrize("text", ["return policy", "can I return the phone after 7 days?", "取消会员", "换手机多少钱"])
def test_what_is_asked_of_goods_in_general_is_no_wish(text: str) -> None:
    assert wants_of(text, named=False) == ()
