"""A client of our own public API over real HTTP: for the terminal and for benchmarks."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import uvicorn

from xiaoer.desk.desk import Desk
from xiaoer.errors import Unavailable
from xiaoer.web.connections import served_by_uvicorn

PATIENCE_SECONDS = 180


class NoAnswer(Unavailable):
    """The server answered with an error; the detail is its own."""


@asynccontextmanager
async def served(desk: Desk) -> AsyncIterator[str]:
    """Serve the desk on a free port of this machine, and give its address."""
    server = uvicorn.Server(served_by_uvicorn(desk, port=0, log_level="error", timeout_graceful_shutdown=2))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


class Client:
    """Talks to one store with its publishable key."""

    def __init__(self, address: str, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        self._http = httpx.AsyncClient(base_url=address, headers=headers, timeout=PATIENCE_SECONDS, trust_env=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def open(self, locale: str | None = None, **more: Any) -> dict[str, Any]:
        """Open a conversation; `more` goes into the request, such as `customer`."""
        answer = await self._http.post("/api/v1/conversations", json={"locale": locale, **more})
        body: dict[str, Any] = answer.json()
        if answer.is_error:
            raise NoAnswer(str(body["detail"]))
        return body

    async def confirm(self, conversation: dict[str, Any], token: str, *, accept: bool) -> dict[str, Any]:
        """Tap yes or no on a change that waits; the message that says how it ended, or the error."""
        headers = {"Authorization": f"Bearer {conversation['token']}"}
        url = f"/api/v1/conversations/{conversation['id']}/confirm"
        answer = await self._http.post(url, json={"token": token, "accept": accept}, headers=headers)
        told: dict[str, Any] = answer.json()
        return told

    async def say(self, conversation: dict[str, Any], text: str) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Say something and follow the events of its turn."""
        headers = {"Authorization": f"Bearer {conversation['token']}", "Accept": "text/event-stream"}
        url = f"/api/v1/conversations/{conversation['id']}/messages"
        async with self._http.stream("POST", url, json={"text": text}, headers=headers) as answer:
            if answer.is_error:
                raise NoAnswer(str(json.loads(await answer.aread())["detail"]))
            kind = ""
            async for line in answer.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    yield kind, json.loads(value)


async def is_ours(address: str) -> bool:
    """Whether a Xiaoer server answers there."""
    try:
        async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
            answer = (await client.get(f"{address}/healthz")).json()
            return isinstance(answer, dict) and "version" in answer
    except (httpx.HTTPError, ValueError):
        return False
