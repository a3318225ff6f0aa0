"""Many open consoles and customers at once: what they weigh, and how long after a word is sent each hears of it.

Server and listeners are one process here, so that a delay holds the listeners' own work too: it is an upper bound.
What a console does after hearing, asking for its page again, is not part of it.
"""

import asyncio
import contextlib
import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil

from xiaoer import customers, stores
from xiaoer.bench.machine import percentile
from xiaoer.conversations import thread
from xiaoer.desk.desk import Desk
from xiaoer.staff import people, sessions

OPENING = 40
"""Streams that are opened at the same time."""
BETWEEN_SECONDS = 0.2
PATIENCE_SECONDS = 30.0
MEGABYTE = 1_000_000


@dataclass
class Heard:
    """When each word was sent, and how long after it each stream heard of it, in milliseconds."""

    sent: dict[str, float] = field(default_factory=dict)
    customers: list[float] = field(default_factory=list)
    consoles: list[float] = field(default_factory=list)
    wanted: int = 0
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    async def complete(self) -> None:
        """Return once as much was heard as is wanted."""
        while len(self.customers) + len(self.consoles) < self.wanted:
            self._more.clear()
            await self._more.wait()

    def by_customer(self, event: Mapping[str, Any]) -> None:
        if event.get("text") in self.sent:
            self.customers.append(self.since(event["text"]))

    def by_console(self) -> Callable[[Mapping[str, Any]], None]:
        """What one console does with its events: each conversation is heard of once."""
        known: set[str] = set()

        def hear(event: Mapping[str, Any]) -> None:
            name = event.get("conversation", "")
            if name in self.sent and name not in known:
                known.add(name)
                self.consoles.append(self.since(name))

        return hear

    def since(self, name: str) -> float:
        self._more.set()
        return (time.perf_counter() - self.sent[name]) * 1000


async def measure(
    desk: Desk, address: str, store_id: uuid.UUID, *, consoles: int, listeners: int, words: int
) -> Mapping[str, Any]:
    """Open the streams, say `words` sentences of staff to different customers, and tell what was heard of them."""
    cookies, talks, key = await _prepared(desk, store_id, consoles, listeners)
    heard = Heard()
    empty = psutil.Process().memory_info().rss
    tasks: list[asyncio.Task[None]] = []
    gate = asyncio.Semaphore(OPENING)

    async def open_one(path: str, headers: Mapping[str, str], hear: Callable[[Mapping[str, Any]], None]) -> None:
        opened = asyncio.Event()
        async with gate:
            tasks.append(asyncio.create_task(_listen(address, path, headers, opened, hear)))
            await asyncio.wait_for(opened.wait(), PATIENCE_SECONDS)

    try:
        await asyncio.gather(
            *(open_one("/console/events", {"Cookie": f"xiaoer_staff={each}"}, heard.by_console()) for each in cookies),
            *(
                open_one(
                    f"/api/v1/conversations/{name}/events", {"Authorization": f"Bearer {token}"}, heard.by_customer
                )
                for name, token in talks
            ),
        )
        full = psutil.Process().memory_info().rss
        await _say(address, key, [name for name, _ in talks[:words]], heard)
        heard.wanted = words * (1 + consoles)
        with contextlib.suppress(TimeoutError):  # what is missing then is told as missing
            await asyncio.wait_for(heard.complete(), PATIENCE_SECONDS)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return {
        "streams": f"{consoles} consoles, {listeners} customers",
        "memory_mb": round(full / MEGABYTE),
        "kb_per_stream": round((full - empty) / 1000 / max(1, consoles + listeners), 1),
        "customers": _delays(heard.customers, words),
        "consoles": _delays(heard.consoles, words * consoles),
    }


def _delays(found: list[float], wanted: int) -> dict[str, Any]:
    return {"heard": len(found), "of": wanted} | {
        f"p{percent}_ms": round(percentile(found, percent)) if found else None for percent in (50, 95, 99)
    }


async def _prepared(
    desk: Desk, store_id: uuid.UUID, consoles: int, listeners: int
) -> tuple[list[str], list[tuple[str, str]], str]:
    """Cookies of as many browsers, as many conversations with their tokens, and a secret key."""
    async with desk.database.sessions.begin() as session:
        person = await people.add(session, store_id, email="bench@xiaoer.test", name="Bench", role="staff")
        await session.flush()
        cookies = [await sessions.open_for(session, person.id) for _ in range(consoles)]
        talks = []
        for _ in range(listeners):
            customer = await customers.arrive(session, store_id, external_id=None, name=None, locale="zh")
            opened, token = await thread.start(session, store_id=store_id, customer_id=customer.id, locale="zh")
            talks.append((str(opened.id), token))
        key = await stores.issue_key(session, store_id, "secret")
    return cookies, talks, key


async def _say(address: str, key: str, names: list[str], heard: Heard) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=address, headers=headers, trust_env=False, timeout=PATIENCE_SECONDS) as http:
        for name in names:
            text = f"您好 {name}"
            heard.sent[name] = heard.sent[text] = time.perf_counter()
            answer = await http.post(f"/api/v1/conversations/{name}/messages", json={"text": text})
            answer.raise_for_status()
            await asyncio.sleep(BETWEEN_SECONDS)


async def _listen(
    address: str,
    path: str,
    headers: Mapping[str, str],
    opened: asyncio.Event,
    hear: Callable[[Mapping[str, Any]], None],
) -> None:
    place = urlsplit(address)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    lines = [f"GET {path} HTTP/1.1", f"Host: {place.netloc}", "Accept: text/event-stream"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    try:
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        if b" 200 " not in await reader.readline():
            return  # `opened` stays unset: the bench fails by its patience
        opened.set()
        while line := await reader.readline():
            if line.startswith(b"data: "):
                hear(json.loads(line[6:]))
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
