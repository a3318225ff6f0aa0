"""Half-sent requests, visitors who hang up, and what holds the event loop up, through a real socket."""

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from builders import publishable_key
from xiaoer.desk.desk import Desk
from xiaoer.web.client import Client, served
from xiaoer.web.connections import Protocol

SHORT = 0.2
HEAD = b"POST /console/sign-in HTTP/1.1\r\nHost: desk\r\nContent-Type: application/x-www-form-urlencoded\r\n"
JSON = b"Host: desk\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
HALF = HEAD + b"Content-Length: 100\r\n\r\nemail=a"


@pytest.fixture
async def address(desk: Desk) -> AsyncIterator[str]:
    async with served(desk) as served_at:
        yield served_at


async def opened(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, _, port = address.removeprefix("http://").partition(":")
    return await asyncio.open_connection(host, int(port))


async def answered(address: str, sent: bytes) -> bytes:
    """All that comes back, until the other side closes."""
    reader, writer = await opened(address)
    writer.write(sent)
    said = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    return said


@pytest.mark.parametrize("sent", [b"", b"GET /hea", b"GET /healthz HTTP/1.1\r\nHost: de"])
async def test_a_request_whose_head_does_not_come_is_given_up(
    address: str, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Protocol, "head_seconds", SHORT)
    assert (await answered(address, sent)).startswith(b"HTTP/1.1 408")


async def test_a_head_that_drips_in_is_given_up_too(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Protocol, "head_seconds", 5 * SHORT)
    reader, writer = await opened(address)
    reading = asyncio.create_task(reader.read())
    async with asyncio.timeout(60):
        while not reading.done():
            writer.write(b"GET ")
            await asyncio.sleep(SHORT / 2)
    with contextlib.suppress(ConnectionResetError):  # what dripped in last crossed the answer
        assert b"408" in await reading
    writer.close()


async def test_a_body_that_stays_away_ends_the_connection_and_is_no_fault(
    address: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Protocol, "silent_seconds", SHORT)
    await answered(address, HALF)
    assert "Traceback" not in "".join(capfd.readouterr())


async def test_a_whole_request_is_answered_and_the_next_on_the_same_connection(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Protocol, "head_seconds", SHORT)
    monkeypatch.setattr(Protocol, "silent_seconds", SHORT)
    async with httpx.AsyncClient(base_url=address, trust_env=False) as browser:
        for _ in range(2):
            assert (await browser.get("/healthz")).status_code == 200
            await asyncio.sleep(2 * SHORT)
        half = {"email": "nobody@example.com", "password": "a wrong one entirely"}
        assert (await browser.post("/console/sign-in", data=half)).status_code < 500


@pytest.mark.parametrize("rudely", [False, True])
@pytest.mark.parametrize(
    "sent",
    [
        HALF,
        b"GET /chat HTTP/1.1\r\nHost: desk\r\n\r\n",
        b"POST /api/v1/conversations HTTP/1.1\r\n" + JSON,
        b"POST /mcp HTTP/1.1\r\n" + JSON,
    ],
)
async def test_who_hangs_up_is_no_fault(
    address: str, sent: bytes, rudely: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    _, writer = await opened(address)
    writer.write(sent)
    await writer.drain()
    await asyncio.sleep(SHORT)
    if rudely:  # with a reset instead of a goodbye
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()
    await asyncio.sleep(SHORT)
    said = "".join(capfd.readouterr())
    assert "Traceback" not in said
    assert "request.failed" not in said


async def test_who_hangs_up_while_an_answer_is_written_is_no_fault(
    address: str, desk: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    client = Client(address, await publishable_key(desk))
    events = client.say(await client.open(), "包邮吗")
    await anext(events)
    await events.aclose()
    await client.close()
    await asyncio.sleep(SHORT)
    assert "Traceback" not in "".join(capfd.readouterr())


async def test_what_holds_the_event_loop_up_is_seen_in_the_metrics(address: str) -> None:
    def held() -> float:
        line = next(each for each in told.splitlines() if each.startswith("xiaoer_event_loop_lag_seconds_sum"))
        return float(line.split()[1])

    async with httpx.AsyncClient(base_url=address, trust_env=False) as monitor:
        told = (await monitor.get("/metrics")).text
        before = held()
        time.sleep(0.5)  # noqa: ASYNC251  # the very thing
        await asyncio.sleep(SHORT)
        told = (await monitor.get("/metrics")).text
        assert held() - before > 0.4
