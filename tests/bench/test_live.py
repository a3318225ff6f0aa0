"""The bench of open streams counts what every screen showed, once."""

from xiaoer import stores
from xiaoer.bench import live
from xiaoer.desk.desk import Desk
from xiaoer.web.client import served


async def test_every_screen_shows_what_concerns_it_once(desk: Desk) -> None:
    async with desk.database.sessions() as session:
        store_id = (await stores.by_slug(session, "shop")).id
    async with served(desk) as address:
        found = await live.measure(desk, address, store_id, consoles=3, listeners=5, words=2, calm_seconds=0)
    assert (found["customers"]["seen"], found["customers"]["of"]) == (2, 2)
    assert (found["consoles"]["seen"], found["consoles"]["of"]) == (6, 6)
    assert (found["consoles_open_thread"]["seen"], found["consoles_open_thread"]["of"]) == (2, 2)
    assert found["consoles"]["p50_ms"] <= found["consoles"]["p95_ms"]
