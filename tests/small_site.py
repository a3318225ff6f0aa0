"""A small web server for tests that fetch pages."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from xiaoer.knowledge.fetching import guarded_client


class Site:
    """A small web server: paths with ready answers, and a record of what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.port = 0
        self.resolved: list[str] = []

    def page(self, path: str, body: bytes | str, kind: str = "text/html; charset=utf-8", **headers: str) -> None:
        data = body.encode() if isinstance(body, str) else body
        self.answer(path, "200 OK", data, {"Content-Type": kind, **headers})

    def answer(self, path: str, status: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in (headers or {}).items())
        head = f"HTTP/1.1 {status}\r\n{lines}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        self.answers[path] = head.encode() + body

    def url(self, path: str, host: str = "shop.test") -> str:
        return f"http://{host}:{self.port}{path}"

    async def resolve(self, host: str, _port: int) -> list[str]:
        self.resolved.append(host)
        return ["127.0.0.1"]

    def client(self) -> httpx.AsyncClient:
        return guarded_client(allow_private=True, resolve=self.resolve)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split(" ")[1]
        host = next(line for line in head.split("\r\n") if line.lower().startswith("host:"))
        self.asked.append((host.split(":", 1)[1].strip(), path))
        missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        if path == "/never":
            await asyncio.sleep(30)
        writer.write(self.answers.get(path, missing))
        await writer.drain()
        writer.close()


@asynccontextmanager
async def running() -> AsyncIterator[Site]:
    site = Site()
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0)
    site.port = server.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        server.close()
