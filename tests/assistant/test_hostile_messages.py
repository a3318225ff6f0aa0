"""A message made to hurt takes its time in proportion to its length, and nobody else waits for it."""

import asyncio
import gc
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from builders import Customer, publishable_key
from xiaoer import stores
from xiaoer.desk.desk import Desk
from xiaoer.knowledge.documents import Document

LONGEST = 3800
MOST_GROWTH = 3.0
"""Of twice the text."""
NOISE_SECONDS = 0.03
PIECES = (
    *("1", "1,", "1.", "a@", "a", "中", "退货运费", "晨穗8 ", "- 1\n", "คืนสินค้า"),
    *("http://", "退货吗？", "return fee ", " "),
)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Seconds of the processor that each step of the event loop takes from now on."""
    taken: list[float] = []
    run, here = asyncio.Handle._run, threading.get_ident()

    def measured(handle: asyncio.Handle) -> None:
        begun = time.thread_time()
        run(handle)
        if threading.get_ident() == here:
            taken.append(time.thread_time() - begun)

    monkeypatch.setattr(asyncio.Handle, "_run", measured)
    gc.collect()
    gc.freeze()  # as a server does when it is ready: to look through all that the tests have loaded takes its time
    yield taken
    gc.unfreeze()


@pytest.fixture
async def key(desk: Desk) -> str:
    """Of a shop with many sentences, each of which a question is compared with."""
    async with desk.database.sessions() as session:
        shop = await stores.by_slug(session, "shop")
    for number in range(10):
        text = "。".join(f"退货运费由第 {day} 方承担，{day} 天内可以退货，请保持商品完好" for day in range(12))
        await desk.knowledge.save(shop.id, Document(key=f"{number}", title=f"规则 {number}", text=text, locale="zh"))
    await desk.knowledge.settled()
    await desk.prepare()
    return await publishable_key(desk)


async def test_twice_the_message_takes_no_more_than_three_times_as_long_and_never_the_event_loop(
    client: httpx.AsyncClient, key: str, steps: list[float]
) -> None:
    for piece in PIECES:
        took: list[float] = []
        longest: list[float] = []
        for length in (LONGEST // 2, LONGEST):
            customer = await Customer.arrive(client, key)
            steps.clear()
            begun = time.process_time()
            await customer.ask("问" + piece * (length // len(piece)) + "？")
            took.append(time.process_time() - begun)
            longest.append(max(steps))
        assert took[1] <= MOST_GROWTH * max(took[0], NOISE_SECONDS), (piece, took)
        assert longest[1] <= MOST_GROWTH * max(longest[0], NOISE_SECONDS), (piece, longest)
