"""Where a wish and an order do not fit, the customer is asked; a plan for later is no wish; nothing is mixed up."""

import httpx
import pytest
from ordering import PAID, Buyer, arrive_signed

from xiaoer.assistant.flows.wants import planned, wants_of
from xiaoer.desk.desk import Desk

PHONE_ORDER = "XH8800000012"
"""Of C0005, paid: a phone, a case and a film."""
RING_ORDER = "XH8800000014"
"""Of C0005 too: a smart ring, being exchanged."""
BUDS_ORDER = "XH8800000007"
"""Of C0003, delivered: earphones. The other order of C0003, XH8800000008, holds a wristband."""


@pytest.fixture
async def phone_buyer(client: httpx.AsyncClient, order_desk: Desk) -> Buyer:
    return await arrive_signed(client, order_desk, "C0005")


@pytest.fixture
async def buds_buyer(client: httpx.AsyncClient, order_desk: Desk) -> Buyer:
    return await arrive_signed(client, order_desk, "C0003")


async def test_goods_of_another_order_are_asked_about_before_anything_is_proposed(buds_buyer: Buyer) -> None:
    told = await buds_buyer.ask(f"我要退货，订单 {BUDS_ORDER} 里的轻穗手环 7")
    assert told.get("confirm") is None
    assert {BUDS_ORDER, "XH8800000008"} <= set(told["suggestions"])
    assert "请问要办理哪一个订单" in told["text"]


async def test_the_order_then_chosen_is_the_one_and_is_not_asked_about_again(buds_buyer: Buyer) -> None:
    await buds_buyer.ask(f"我要退货，订单 {BUDS_ORDER} 里的轻穗手环 7")
    told = await buds_buyer.ask(BUDS_ORDER)
    assert "原因" in told["text"]
    told = await buds_buyer.ask("买错了")
    assert BUDS_ORDER in told["confirm"]["summary"]


async def test_goods_that_are_in_the_order_named_are_not_asked_about(buds_buyer: Buyer) -> None:
    told = await buds_buyer.ask(f"我要退货，订单 {BUDS_ORDER} 里的听禾 Buds Lite 耳机")
    assert "原因" in told["text"]


async def test_what_was_not_sent_is_not_returned_but_can_be_cancelled(phone_buyer: Buyer) -> None:
    told = await phone_buyer.ask(f"订单 {PHONE_ORDER} 我要退货")
    assert told.get("confirm") is None
    assert "还没有发出" in told["text"]
    offered = told["suggestions"][0]
    confirm = (await phone_buyer.ask(offered))["confirm"]
    assert PHONE_ORDER in confirm["summary"]
    assert confirm["summary"].startswith("取消订单")


async def test_a_wish_after_an_order_that_cannot_be_shown_is_not_for_the_order_before(phone_buyer: Buyer) -> None:
    await phone_buyer.ask(f"查一下订单 {PHONE_ORDER}")
    refused = await phone_buyer.ask(f"再查一下订单 {PAID}")  # somebody else's
    assert "后四位" in refused["text"]
    told = await phone_buyer.ask("帮我取消订单")
    assert told.get("confirm") is None
    assert "后四位" in told["text"]


async def test_a_plan_for_later_proposes_nothing(phone_buyer: Buyer) -> None:
    told = await phone_buyer.ask("我再用几天看看，如果还是没信号，我就要退货")
    assert told.get("confirm") is None
    assert "先不办理" in told["text"]


async def test_a_look_up_and_an_urge_in_one_message_are_both_done(phone_buyer: Buyer) -> None:
    told = await phone_buyer.ask(f"给我订单 {PHONE_ORDER} 的物流信息，并催一下发货")
    assert "下单时间" in told["text"]
    assert "催促订单" in told["confirm"]["summary"]


@pytest.mark.parametrize(
    "text",
    [
        "我先试用一周，要是不行就退货",
        "I'll keep it for now and see; if it still crackles I'll return it",
        "if it breaks again I will return this phone",
        "để tôi dùng thử vài hôm, nếu vẫn lỗi tôi sẽ trả hàng",
        "ลองใช้ดูก่อน ถ้ายังเสียอยู่จะคืนสินค้า",
    ],
)
def test_a_plan_is_told_from_a_wish(text: str) -> None:
    assert planned(text)


@pytest.mark.parametrize(
    "text",
    [
        "如果还没发货，帮我取消订单",
        "Please cancel my order if it has not been sent",
        "我用了三天还是坏的，我要退货",
        "我先试用几天，如果不喜欢再退货可以吗",
    ],
)
def test_a_condition_of_now_and_a_question_are_no_plan(text: str) -> None:
    assert not planned(text)


def test_a_refund_to_a_card_does_not_ask_for_its_balance() -> None:
    assert "balance" not in wants_of("请把差价退回到礼品卡余额里", named=False)
    assert "balance" in wants_of("查一下礼品卡余额", named=False)


async def test_a_yes_to_something_else_does_not_confirm_what_still_waits(phone_buyer: Buyer) -> None:
    await phone_buyer.ask("帮我取消订单")
    await phone_buyer.ask("你们的门店装修成什么风格")
    again = await phone_buyer.ask("好的")
    assert "还没有办理" in again["text"]
    assert "取消订单" in again["text"]
    assert "已为您取消" not in again["text"]
    assert "已为您取消" in (await phone_buyer.ask("确认"))["text"]


@pytest.mark.parametrize("text", ["actually no, keep it", "还是留着吧", "I changed my mind"])
async def test_a_change_of_mind_in_other_words_is_a_no(phone_buyer: Buyer, text: str) -> None:
    await phone_buyer.ask("帮我取消订单")
    await phone_buyer.ask(text)
    told = await phone_buyer.ask("好的")
    assert "已为您取消" not in told["text"]


async def test_each_wish_of_a_message_is_for_the_order_named_with_it(phone_buyer: Buyer) -> None:
    told = await phone_buyer.ask(f"查一下 {RING_ORDER} 的退款进度，另外帮我取消订单 {PHONE_ORDER}")
    assert f"订单 {RING_ORDER} 的售后进度" in told["text"]
    assert PHONE_ORDER in told["confirm"]["summary"]


async def test_who_mistyped_the_phone_only_says_it_again(buyer: Buyer) -> None:
    await buyer.ask("查一下订单 XH8800000001 的物流，手机尾号 1234")
    assert "派送中" in (await buyer.ask("打错了，尾号 0001"))["text"]


async def test_the_only_order_with_a_refund_is_meant_by_a_question_for_the_refund(
    client: httpx.AsyncClient, order_desk: Desk
) -> None:
    somebody = await arrive_signed(client, order_desk, "C0018")
    assert "XH8800000041 的售后进度" in (await somebody.ask("我的退款到哪了"))["text"]


async def test_the_only_order_on_its_way_is_meant_by_where_it_is(client: httpx.AsyncClient, order_desk: Desk) -> None:
    somebody = await arrive_signed(client, order_desk, "C0007")
    assert "XH8800000017" in (await somebody.ask("我手表到底在哪"))["text"].splitlines()[0]


async def test_a_tax_number_is_no_order_and_the_title_said_before_is_kept(
    client: httpx.AsyncClient, order_desk: Desk
) -> None:
    somebody = await arrive_signed(client, order_desk, "C0002")
    await somebody.ask("帮我开张发票，抬头是杭州星辰科技有限公司")
    await somebody.ask("税号 91330100MA2CCCCC1X")
    told = await somebody.ask(PAID)
    assert "杭州星辰科技有限公司 91330100MA2CCCCC1X" in told["confirm"]["summary"]


async def test_an_address_begins_with_the_name_of_who_gets_it(phone_buyer: Buyer) -> None:
    await phone_buyer.ask("我要改地址")
    told = await phone_buyer.ask("林小明 13800001111 广东省深圳市南山区科技园路1号")
    assert "→ 林小明 13800001111 广东省深圳市南山区科技园路1号" in told["confirm"]["summary"]


async def test_what_cannot_be_exchanged_for_is_said_to_be_gone(client: httpx.AsyncClient, order_desk: Desk) -> None:
    somebody = await arrive_signed(client, order_desk, "C0014")
    await somebody.ask("手表想换个颜色")
    told = await somebody.ask("换成银色")
    assert "只能换成下面这些" in told["text"]
    assert told["suggestions"][-1] == "转人工客服"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("เงินคืนของฉันถึงไหนแล้ว", "refund"),
        ("我买的三条线想退两条", "return"),
        ("Tôi muốn trả lại tai nghe", "return"),
        ("Tôi có mã giảm giá nào không?", "coupons"),
        ("我的平板到底在哪", "track"),
        ("Where's my headset? It's been a week", "track"),
        ("can you make it faster?", "urge"),
    ],
)
def test_a_wish_in_everyday_words_is_understood(text: str, kind: str) -> None:
    assert wants_of(text, named=False) == (kind,)
