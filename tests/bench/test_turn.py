"""The bench of turns, on a few questions and orders."""

from datetime import UTC, datetime

from xiaoer import stores
from xiaoer.bench import turn
from xiaoer.commerce import filling, links
from xiaoer.demo import goods, seed
from xiaoer.desk.desk import Desk


async def test_turns_that_look_an_order_up_have_a_row_of_their_own(desk: Desk) -> None:
    async with desk.database.sessions.begin() as session:
        store = await stores.create(session, seed.SLUG, {"name": {"zh": "小店"}, "locales": ["zh"]})
        await filling.fill(session, store.id, goods.goods(datetime.now(UTC).date()), "demo")
        await links.keep_own(session, store.id, goods.shipping_rules())
    rows = await turn.measure(desk, questions=("你好",), reads=3)
    assert rows[turn.READ]["turns"] == 3
    assert 0 <= rows[turn.READ]["first_p50_ms"] <= rows[turn.READ]["whole_p95_ms"]
    assert sum(row["turns"] for row in rows.values()) == 4
