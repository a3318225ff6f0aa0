"""Open consoles and customers as a process of their own, as browsers are: `python -m xiaoer.bench.listeners`.

Reads a plan as one line of JSON, says `open` when every stream stands, and when asked tells the moment (monotonic, in
seconds, the same clock for all processes of a machine) at which each screen showed each word.
A console does here what console.js does: a row that comes with an event is on the screen; an event about the open
conversation is followed by asking for what moves of it, one without rows by asking for the page again. No page is asked
for at first, so the first answer holds the whole thread. Who comes and goes is not listened to.
"""

import asyncio
import contextlib
import itertools
import json
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from xiaoer.patterns import lazy

OPENING = 40
"""Streams that are opened at the same time."""
PATIENCE_SECONDS = 60.0
DEBOUNCE_SECONDS = 0.08
MISSING_SECONDS = 30.0
"""What has not been seen so long after it was asked for is told as missing."""
POLL_SECONDS = 0.05
ROW = lazy(r'data-id="([^"]+)"')
POSITION = lazy(r'data-position="(\d+)"')


@dataclass
class Screen:
    """When a word was first seen on one screen: each counts once."""

    shown: dict[str, float] = field(default_factory=dict)

    def show(self, name: str) -> None:
        self.shown.setdefault(name, time.monotonic())


@dataclass
class Console:
    """One browser of staff: the list, and perhaps an open conversation whose words are `opened`."""

    http: httpx.AsyncClient
    cookie: str
    conversation: str | None
    listed: Screen = field(default_factory=Screen)
    opened: Screen = field(default_factory=Screen)
    _last: int = 0
    _asking: asyncio.Task[None] | None = None
    _again: bool | None = None

    def hear(self, kind: str, event: Mapping[str, Any]) -> None:
        if kind != "moved":
            return
        rows = event.get("conversations", [event])
        for row in rows:
            if "row" in row:
                self.listed.show(row["id"])
        if any("row" not in row for row in rows):
            self._ask(whole=True)
        elif any(row["id"] == self.conversation for row in rows):
            self._ask(whole=False)

    def _ask(self, *, whole: bool) -> None:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._keep_asking(whole))
        else:
            self._again = self._again or whole

    async def _keep_asking(self, whole: bool) -> None:
        if whole:
            await asyncio.sleep(DEBOUNCE_SECONDS)
        wanted: bool | None = whole
        while wanted is not None:
            self._again = None
            await self._load(whole=wanted)
            wanted = self._again

    async def _load(self, *, whole: bool) -> None:
        """Ask for the page, or for what moves of the open conversation."""
        asked = {"queue": "team"} | ({"c": self.conversation} if self.conversation else {})
        if not whole:
            asked["after"] = str(self._last)
        answer = await self.http.get("/console", params=asked, headers={"Cookie": self.cookie})
        thread = answer.text.partition('id="messages"')[2]
        if whole:
            for name in ROW.findall(answer.text):
                self.listed.show(name)
        self._last = max([self._last, *map(int, POSITION.findall(thread))])
        if self.conversation and f"您好 {self.conversation}" in thread:
            self.opened.show(self.conversation)


async def listen(address: str, path: str, headers: Mapping[str, str], opened: asyncio.Event, hear: Any) -> None:
    """Hold one stream; `opened` is set when the server agrees to it."""
    place = urlsplit(address)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    lines = [f"GET {path} HTTP/1.1", f"Host: {place.netloc}", "Accept: text/event-stream"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    kind = ""
    try:
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        if b" 200 " not in await reader.readline():
            return  # `opened` stays unset: the bench fails by its patience
        opened.set()
        while line := await reader.readline():
            if line.startswith(b"event: "):
                kind = line[7:].decode().strip()
            elif line.startswith(b"data: "):
                hear(kind, json.loads(line[6:]))
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _customer(name: str, screen: Screen) -> Any:
    def hear(_: str, event: Mapping[str, Any]) -> None:
        if event.get("text") == f"您好 {name}":
            screen.show(name)

    return hear


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def run(plan: Mapping[str, Any]) -> None:
    """Open what the plan names, listen until told to stop, and print what was seen."""
    address = plan["address"]
    gate = asyncio.Semaphore(OPENING)
    tasks: list[asyncio.Task[None]] = []

    async def open_one(path: str, headers: Mapping[str, str], hear: Any) -> None:
        opened = asyncio.Event()
        async with gate:
            tasks.append(asyncio.create_task(listen(address, path, headers, opened, hear)))
            await asyncio.wait_for(opened.wait(), PATIENCE_SECONDS)

    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=PATIENCE_SECONDS, limits=limits) as http:
        consoles = [Console(http, f"xiaoer_staff={cookie}", name) for cookie, name in plan["consoles"]]
        screens: dict[str, Screen] = defaultdict(Screen)
        opening = [open_one("/console/events", {"Cookie": each.cookie}, each.hear) for each in consoles]
        for name, token in plan["customers"]:
            path = f"/api/v1/conversations/{name}/events"
            opening.append(open_one(path, {"Authorization": f"Bearer {token}"}, _customer(name, screens[name])))
        await asyncio.gather(*opening)
        _tell("open")
        wanted = int(await asyncio.to_thread(sys.stdin.readline))
        seen = {
            "consoles": [each.listed.shown for each in consoles],
            "opened": [each.opened.shown for each in consoles],
            "customers": [screens[name].shown for name, _ in plan["customers"]],
        }
        until = time.monotonic() + MISSING_SECONDS
        while sum(map(len, itertools.chain(*seen.values()))) < wanted and time.monotonic() < until:  # noqa: ASYNC110  # of many
            await asyncio.sleep(POLL_SECONDS)
        _tell(json.dumps(seen))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(run(json.loads(sys.stdin.readline())))
