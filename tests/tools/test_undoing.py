"""A change that was made can be taken back for a while, where the shop's system can."""

from datetime import timedelta

import sqlalchemy as sa
from ordering import DELIVERED, PAID, Buyer

from builders import publishable_key
from xiaoer.commerce.tables import StoredOrder, StoredWrite
from xiaoer.desk.desk import Desk


async def state_of(desk: Desk, number: str) -> str:
    async with desk.database.sessions() as session:
        row = (await session.scalars(sa.select(StoredOrder).where(StoredOrder.number_plain == number))).one()
    return row.state


async def cancelled(buyer: Buyer) -> str:
    """Cancel an order; what was said of it."""
    await buyer.shows(PAID)
    asked = await buyer.ask("帮我取消订单")
    told = (await buyer.tap(asked["confirm"]["token"])).json()
    assert told["state"] == "executed"
    return str(told["text"])


async def test_a_cancelled_order_is_put_back_after_a_second_yes(order_desk: Desk, buyer: Buyer) -> None:
    assert "10 分钟内回复“撤销”" in await cancelled(buyer)
    asked = await buyer.ask("撤销")
    assert "撤销下面这次修改" in asked["confirm"]["summary"]
    assert f"取消订单 {PAID}" in asked["confirm"]["summary"]
    assert await state_of(order_desk, PAID) == "cancelled"
    told = (await buyer.tap(asked["confirm"]["token"])).json()
    assert told["state"] == "executed"
    assert "已撤销修改" in told["text"]
    assert "回复“撤销”" not in told["text"]
    assert await state_of(order_desk, PAID) == "paid"


async def test_what_was_taken_back_is_not_taken_back_again(order_desk: Desk, buyer: Buyer) -> None:
    await cancelled(buyer)
    await buyer.tap((await buyer.ask("我反悔了"))["confirm"]["token"])
    again = await buyer.ask("撤销")
    assert "confirm" not in again
    assert "没有可以撤销的修改" in again["text"]
    assert await state_of(order_desk, PAID) == "paid"


async def test_after_its_time_a_change_stays(order_desk: Desk, buyer: Buyer) -> None:
    await cancelled(buyer)
    asked = await buyer.ask("撤销")
    async with order_desk.database.sessions.begin() as session:
        write = (await session.scalars(sa.select(StoredWrite))).one()
        write.created_at -= timedelta(minutes=11)
    told = (await buyer.tap(asked["confirm"]["token"])).json()
    assert told["state"] == "failed"
    assert "可以撤销的时间已过" in told["text"]
    assert await state_of(order_desk, PAID) == "cancelled"


async def test_nothing_is_taken_back_where_nothing_was_made(order_desk: Desk, buyer: Buyer) -> None:
    await buyer.shows(PAID)
    assert "没有可以撤销的修改" in (await buyer.ask("撤销刚才的修改"))["text"]
    assert await state_of(order_desk, PAID) == "paid"


async def test_the_change_of_another_conversation_is_not_taken_back(order_desk: Desk, buyer: Buyer) -> None:
    await cancelled(buyer)
    stranger = await Buyer.arrive(buyer.client, await publishable_key(order_desk))
    assert "confirm" not in await stranger.ask(f"撤销刚才的取消，订单 {PAID}")
    assert await state_of(order_desk, PAID) == "cancelled"


async def test_a_return_can_be_taken_back_too(order_desk: Desk, buyer: Buyer) -> None:
    await buyer.shows(DELIVERED)
    asked = await buyer.ask("我要退货")
    while "confirm" not in asked:
        asked = await buyer.ask("第一个" if "哪一件" in asked["text"] else "不想要了")
    await buyer.tap(asked["confirm"]["token"])
    assert await state_of(order_desk, DELIVERED) == "returning"
    await buyer.tap((await buyer.ask("撤销刚才的申请"))["confirm"]["token"])
    assert await state_of(order_desk, DELIVERED) == "delivered"
