"""How long a restart takes and where the time goes: a server of its own, started as a shop starts it, then asked.

The data are the demo store's and those of a second, synthetic store beside it.
"""

import asyncio
import contextlib
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
import psutil

from xiaoer.bench import scale
from xiaoer.demo import seed as demo
from xiaoer.desk.desk import Desk
from xiaoer.errors import Unavailable
from xiaoer.web.client import Client

LOOK_SECONDS: Final = 0.02
PATIENCE_SECONDS: Final = 600
STEP: Final = "xiaoer_start_seconds{step="
QUESTIONS: Final = (
    "收到货以后后悔了想退回去行不行",
    "手机用了半年屏幕自己不亮了，算保修吗",
    "买贵了能退差价吗",
    "耳机丢了一只能单独买吗",
    "预售的定金能退吗",
    "充电宝能寄到国外吗",
    "花呗可以分期吗",
    "换货要多久",
    "旧手机可以抵多少钱",
    "手表能戴着游泳吗",
)
"""Ten of a kind: in other words than the shop's own, so that each is searched for."""


async def fill(desk: Desk, passages: int) -> None:
    """Make the demo store and a synthetic one of so many passages, vectors and all."""
    await demo.seed(desk.database, desk.knowledge)
    embedder = desk.knowledge.embedder
    await scale.fill(desk.database, embedder, await scale.material_of(embedder), passages)
    await desk.knowledge.settled()


async def measure(environment: Mapping[str, str], slug: str = demo.SLUG) -> dict[str, Any]:
    """Start a server with these settings, wait until it is ready, and ask this store; seconds, and milliseconds."""
    async with _started(environment) as (process, address, keys, begun):
        listening = time.time() - begun
        async with httpx.AsyncClient(base_url=address, trust_env=False) as http:
            while (await http.get("/readyz")).is_error:
                if time.time() - begun > PATIENCE_SECONDS:
                    raise Unavailable("The server does not become ready.")
                await asyncio.sleep(LOOK_SECONDS)
            ready = time.time() - begun
            spent = sum(psutil.Process(process.pid).cpu_times()[:2])
            told = (await http.get("/metrics")).text
        steps = [line.removeprefix(STEP).split("} ") for line in told.splitlines() if line.startswith(STEP)]
        times = await _asked(Client(address, keys[slug]))
    return {
        "start": {"listening_s": round(listening, 2), "ready_s": round(ready, 2), "cpu_until_ready_s": round(spent, 2)},
        "seconds of it": {name.strip('"'): round(float(value), 2) for name, value in steps},
        "a message": {"first_ms": times[0], "tenth_ms": times[-1], "between_ms": sorted(times[1:-1])[len(times) // 2]},
    }


@asynccontextmanager
async def _started(environment: Mapping[str, str]) -> AsyncIterator[tuple[Process, str, Mapping[str, str], float]]:
    begun = time.time()
    command = (sys.executable, "-m", "xiaoer.cli", "serve", "--json")
    process = await asyncio.create_subprocess_exec(*command, env=dict(environment), stdout=PIPE)
    assert process.stdout is not None
    try:
        line = await process.stdout.readline()
        if not line:
            raise Unavailable("The server did not start; what it says is above.")
        told = json.loads(line)
        yield process, told["api"].removesuffix("/docs"), told["stores"], begun
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _asked(client: Client, questions: Sequence[str] = QUESTIONS) -> list[int]:
    """Milliseconds of each turn, from opening the chat to the end of the answer."""
    times = []
    for question in questions:
        begun = time.perf_counter()
        async for _ in client.say(await client.open(), question):
            pass
        times.append(round((time.perf_counter() - begun) * 1000))
    await client.close()
    return times
