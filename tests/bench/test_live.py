"""The bench of open streams counts what every stream heard, once."""

from xiaoer import stores
from xiaoer.bench import live
from xiaoer.desk.desk import Desk
from xiaoer.web.client import served


async def test_every_stream_hears_what_concerns_it_once(desk: Desk) -> None:
    async with desk.database.sessions() as session:
        store_id = (await stores.by_slug(session, "shop")).id
    async with served(desk) as address:
        found = await live.measure(desk, address, store_id, consoles=3, listeners=5, words=4)
    assert (found["customers"]["heard"], found["customers"]["of"]) == (4, 4)
    assert (found["consoles"]["heard"], found["consoles"]["of"]) == (12, 12)
    assert found["consoles"]["p50_ms"] <= found["consoles"]["p95_ms"]
