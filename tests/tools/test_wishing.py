"""A wish in words that no rule knows is offered to tap; the tap goes the rules' way."""

import sqlalchemy as sa
from ordering import Buyer

from builders import Customer
from xiaoer.assistant.wishes import SAYINGS
from xiaoer.desk.desk import Desk
from xiaoer.tools.tables import Proposal

WISH = "Which promo codes are in my account?"


async def test_a_wish_in_other_words_is_offered_and_nothing_is_done(buyer: Buyer, order_desk: Desk) -> None:
    order_desk.assistant.use(None)
    told = await buyer.ask(WISH)
    assert told["route"] == "refuse", told
    assert told["suggestions"][0] == SAYINGS["coupons"]["en"]
    async with order_desk.database.sessions() as session:
        assert await session.scalar(sa.select(sa.func.count()).select_from(Proposal)) == 0
    assert (await buyer.ask(told["suggestions"][0]))["route"] == "flow"


async def test_a_shop_whose_orders_are_not_known_offers_none(customer: Customer, desk: Desk) -> None:
    desk.assistant.use(None)
    told = await customer.ask(WISH)
    assert told["route"] == "refuse"
    assert SAYINGS["coupons"]["en"] not in told["suggestions"]
