"""Many open consoles and customers at once: what they weigh, and how long after a word is sent each screen has it.

The listeners are a process of their own, see `listeners`: they share the machine's cores with the server, and what a
browser takes to draw is not part of it. Each of the first consoles has one of the conversations open.
"""

import asyncio
import contextlib
import json
import sys
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import psutil

from xiaoer import customers, stores
from xiaoer.bench.machine import percentile
from xiaoer.conversations import handoff, thread
from xiaoer.desk.desk import Desk
from xiaoer.staff import people, sessions

BETWEEN_SECONDS = 0.2
PATIENCE_SECONDS = 60.0
CALM_SECONDS = 2.0
LONGEST_LINE = 50_000_000
MEGABYTE = 1_000_000


async def measure(
    desk: Desk,
    address: str,
    store_id: uuid.UUID,
    *,
    consoles: int,
    listeners: int,
    words: int,
    calm_seconds: float = CALM_SECONDS,
) -> Mapping[str, Any]:
    """Open the streams, say `words` sentences of staff to different customers, and tell what was seen of them.

    `calm_seconds` pass before the first word.
    """
    cookies, talks, key = await _prepared(desk, store_id, consoles, listeners)
    names = [name for name, _ in talks[:words]]
    pairs = [(cookie, names[at] if at < len(names) else None) for at, cookie in enumerate(cookies)]
    empty = psutil.Process().memory_info().rss
    plan = {"address": address, "consoles": pairs, "customers": talks}
    async with _listening(plan) as child:
        full = psutil.Process().memory_info().rss
        await asyncio.sleep(calm_seconds)
        sent = await _say(address, key, names)
        opened = sum(name is not None for _, name in pairs)
        seen = await _seen(child, words * (1 + consoles) + opened)
    return {
        "streams": f"{consoles} consoles, {listeners} customers",
        "memory_mb": round(full / MEGABYTE),
        "kb_per_stream": round((full - empty) / 1000 / max(1, consoles + listeners), 1),
        "customers": _delays(seen["customers"], sent, words),
        "consoles": _delays(seen["consoles"], sent, words * consoles),
        "consoles_open_thread": _delays(seen["opened"], sent, opened),
    }


@asynccontextmanager
async def _listening(plan: Mapping[str, Any]) -> AsyncIterator[asyncio.subprocess.Process]:
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "xiaoer.bench.listeners", stdin=pipe, stdout=pipe, limit=LONGEST_LINE
    )
    assert child.stdin
    assert child.stdout
    try:
        child.stdin.write((json.dumps(plan) + "\n").encode())
        if (await asyncio.wait_for(child.stdout.readline(), PATIENCE_SECONDS)).strip() != b"open":
            raise RuntimeError("the streams could not be opened")
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


async def _seen(child: asyncio.subprocess.Process, wanted: int) -> Mapping[str, list[dict[str, float]]]:
    assert child.stdin
    assert child.stdout
    child.stdin.write(f"{wanted}\n".encode())
    told = await asyncio.wait_for(child.stdout.readline(), PATIENCE_SECONDS)
    seen: Mapping[str, list[dict[str, float]]] = json.loads(told)
    return seen


def _delays(screens: list[dict[str, float]], sent: Mapping[str, float], wanted: int) -> dict[str, Any]:
    found = [
        (moment - sent[name]) * 1000
        for shown in screens
        for name, moment in shown.items()
        if name in sent and moment >= sent[name]
    ]
    return {"seen": len(found), "of": wanted} | {
        f"p{percent}_ms": round(percentile(found, percent)) if found else None for percent in (50, 95, 99)
    }


async def _prepared(
    desk: Desk, store_id: uuid.UUID, consoles: int, listeners: int
) -> tuple[list[str], list[tuple[str, str]], str]:
    """Cookies of as many browsers, as many conversations with their tokens, and a secret key."""
    async with desk.database.sessions.begin() as session:
        listens = await people.add(session, store_id, email="listens@xiaoer.test", name="A", role="staff")
        answers = await people.add(session, store_id, email="answers@xiaoer.test", name="B", role="staff")
        await session.flush()
        cookies = [await sessions.open_for(session, listens.id) for _ in range(consoles)]
        talks = []
        for _ in range(listeners):
            customer = await customers.arrive(session, store_id, external_id=None, name=None, locale="zh")
            opened, token = await thread.start(session, store_id=store_id, customer_id=customer.id, locale="zh")
            await handoff.take(session, opened.id, answers.id)  # in the listeners' queue `team`
            talks.append((str(opened.id), token))
        key = await stores.issue_key(session, store_id, "secret")
    return cookies, talks, key


async def _say(address: str, key: str, names: list[str]) -> Mapping[str, float]:
    """Say hello in each conversation; when that was."""
    headers = {"Authorization": f"Bearer {key}"}
    sent: dict[str, float] = {}
    async with httpx.AsyncClient(base_url=address, headers=headers, trust_env=False, timeout=PATIENCE_SECONDS) as http:
        for name in names:
            sent[name] = time.monotonic()
            answer = await http.post(f"/api/v1/conversations/{name}/messages", json={"text": f"您好 {name}"})
            answer.raise_for_status()
            await asyncio.sleep(BETWEEN_SECONDS)
    return sent
