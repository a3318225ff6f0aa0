"""What goes wrong around a turn: the model's server, the customer's connection, the disk, the database."""

import asyncio
import json
import resource
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from builders import CURATED, Customer, a_shop, events, publishable_key, secret_key
from xiaoer.db.embedded import EmbeddedPostgres
from xiaoer.desk.desk import Desk, open_desk
from xiaoer.knowledge.embedding import BundledEmbedder
from xiaoer.llm.scripted import Reply, ScriptedModel
from xiaoer.settings import ModelSettings, Settings
from xiaoer.web.client import served as served_desk
from xiaoer.web.server import create_app

WARRANTY_QUESTION = "手机主机保修多久"
LISTED = json.dumps({"object": "list", "data": [{"id": "small", "object": "model"}]}).encode()


def sse(*texts: str) -> bytes:
    chunks = [{"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]} for text in texts]
    return b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
BEGUN = "手机主机保修 24 个"
HANGS = b"..."
"""After this the server keeps the connection and says nothing."""
FAILURES = {
    "slow": HANGS,
    "an error": b"HTTP/1.1 500 Oops\r\nConnection: close\r\n\r\nTraceback",
    "garbage": HEAD + bytes(range(256)) * 20,
    "no json": HEAD + b"data: {nonsense\n\ndata: [1, 2\n\n",
    "a page": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>Welcome</html>",
    "stops in the middle": HEAD + sse("手机主机", "保修 24 个"),
    "stalls in the middle": HEAD + sse("手机主机", "保修 24 个") + HANGS,
    "closes at once": b"",
}


@asynccontextmanager
async def model_server(answer: bytes) -> AsyncIterator[str]:
    """The address of a server that lists one model and answers every chat with these bytes."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"/models" in head.partition(b"\r\n")[0]:
            writer.write(HEAD.replace(b"text/event-stream", b"application/json") + LISTED)
        else:
            writer.write(answer.removesuffix(HANGS))
            if answer.endswith(HANGS):
                await over.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        over.set()
        server.close()


@asynccontextmanager
async def desk_with(
    url: str, folder: Path, embedder: BundledEmbedder, model: ModelSettings | ScriptedModel
) -> AsyncIterator[tuple[Desk, httpx.AsyncClient]]:
    scripted = model if isinstance(model, ScriptedModel) else None
    more: dict[str, Any] = {} if isinstance(model, ScriptedModel) else {"model": model}
    settings = Settings(_env_file=None, data_dir=folder, database_url=url, **more)
    async with open_desk(settings, model=scripted, embedder=embedder) as desk:
        transport = httpx.ASGITransport(create_app(desk), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://desk", timeout=60) as client:
            yield desk, client


async def until(happened: Callable[[], bool]) -> None:
    for _ in range(1000):
        if happened():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


def settings_of(address: str) -> ModelSettings:
    patience = {"first_token_seconds": 0.4, "between_tokens_seconds": 0.4, "whole_seconds": 2.0}
    return ModelSettings(base_url=address, name="small", **patience)


@pytest.mark.parametrize("failure", list(FAILURES))
async def test_whatever_the_models_server_does_the_shops_own_words_are_the_answer(
    failure: str, shop_url: str, tmp_path: Path, embedder: BundledEmbedder
) -> None:
    async with (
        model_server(FAILURES[failure]) as address,
        desk_with(shop_url, tmp_path, embedder, settings_of(address)) as (desk, client),
    ):
        customer = await Customer.arrive(client, await publishable_key(desk))
        ended = await customer.ask(WARRANTY_QUESTION)
        assert ended["kind"] == "done"
        assert ended["route"] == "extract"
        assert "保修 12 个月" in ended["text"]
        assert "24" not in ended["text"]
        assert (await customer.ask("包邮吗"))["text"] == CURATED


async def test_a_models_server_that_is_down_is_done_without(
    shop_url: str, tmp_path: Path, embedder: BundledEmbedder
) -> None:
    async with model_server(b"") as address:
        pass  # nobody listens there any more
    async with desk_with(shop_url, tmp_path, embedder, settings_of(address)) as (desk, client):
        customer = await Customer.arrive(client, await publishable_key(desk))
        ended = await customer.ask(WARRANTY_QUESTION)
        assert (ended["kind"], ended["route"]) == ("done", "extract")
        assert "保修 12 个月" in ended["text"]


async def test_who_hangs_up_in_the_middle_of_a_stream_finds_the_whole_answer_later(
    served: str, desk: Desk, model: ScriptedModel
) -> None:
    model.rule = None
    model.default = Reply("手机主机保修 12 个月。电池保修 6 个月。", delay_seconds=0.05)
    async with httpx.AsyncClient(base_url=served, trust_env=False, timeout=60) as browser:
        customer = await Customer.arrive(browser, await publishable_key(desk))
        headers = {**customer.headers, "Accept": "text/event-stream"}
        body = {"text": WARRANTY_QUESTION}
        async with browser.stream("POST", f"{customer.path}/messages", json=body, headers=headers) as answer:
            async for line in answer.aiter_lines():
                if line == "event: text":
                    break
        async with browser.stream("GET", f"{customer.path}/events", headers={**headers, "Last-Event-ID": "0"}) as told:
            async for line in told.aiter_lines():
                if '"author": "assistant"' in line:
                    break
        said = await customer.messages()
    assert [message["author"] for message in said] == ["customer", "assistant"]
    assert said[1]["text"].endswith("电池保修 6 个月。")


async def test_a_message_written_while_an_answer_streams_is_answered_after_it(
    customer: Customer, model: ScriptedModel
) -> None:
    model.rule = None
    model.default = Reply("手机主机保修 12 个月。", first_delay_seconds=0.2, delay_seconds=0.02)
    asking = asyncio.create_task(customer.stream(WARRANTY_QUESTION))
    await until(lambda: bool(model.asked))
    second = await customer.stream("包邮吗")
    first = await asking
    assert [kind for kind, _ in first if kind in {"done", "failed", "handoff"}] == ["done"]
    assert [kind for kind, _ in second if kind in {"done", "failed", "handoff"}] == ["done"]
    assert "12 个月" in first[-1][1]["text"]
    assert second[-1][1]["text"] == CURATED
    told = "".join(data["delta"] for kind, data in second if kind == "text")
    assert "12 个月" not in told
    positions = {message["id"]: message["position"] for message in await customer.messages()}
    assert positions[first[-1][1]["message_id"]] < positions[second[-1][1]["message_id"]]


@asynccontextmanager
async def full_disk(desk: Desk, author: str) -> AsyncIterator[None]:
    """PostgreSQL answers as it does when its disk is full, for messages of `author`."""
    async with desk.database.sessions.begin() as session:
        await session.execute(
            sa.text(
                "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; "
                "END $$"
            )
        )
        await session.execute(
            sa.text(
                "CREATE TRIGGER no_room BEFORE INSERT ON messages FOR EACH ROW "
                f"WHEN (NEW.author = '{author}') EXECUTE FUNCTION no_room()"
            )
        )
    yield
    async with desk.database.sessions.begin() as session:
        await session.execute(sa.text("DROP FUNCTION no_room CASCADE"))


async def test_a_full_disk_of_the_database_is_503_until_there_is_room(customer: Customer, desk: Desk) -> None:
    async with full_disk(desk, "customer"):
        refused = await customer.send("包邮吗")
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) >= 1
        assert set(refused.json()) == {"error", "detail"}
    assert (await customer.ask("包邮吗"))["text"] == CURATED
    assert len(await customer.messages()) == 2


async def test_an_answer_that_found_no_room_is_given_when_there_is_some(customer: Customer, desk: Desk) -> None:
    async with full_disk(desk, "assistant"):
        asking = asyncio.create_task(customer.ask("包邮吗"))
        for _ in range(200):
            if await customer.messages():
                break
            await asyncio.sleep(0.05)
    assert (await asking)["text"] == CURATED
    assert [message["author"] for message in await customer.messages()] == ["customer", "assistant"]


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """As on a full disk: this process cannot write more than so many bytes to a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_an_upload_that_finds_no_room_is_told_so(client: httpx.AsyncClient, desk: Desk) -> None:
    merchant = {"Authorization": f"Bearer {await secret_key(desk)}"}
    file = {"files": ("large.txt", b"Delivery takes two days. " * 100_000)}
    with no_file_larger_than(1_000_000):
        refused = await client.post("/api/v1/knowledge/import", files=file, headers=merchant)
    assert refused.status_code == 503
    assert "disk" in refused.json()["detail"]
    assert refused.headers["Retry-After"]


async def test_a_stream_outlives_the_database_going_away(tmp_path: Path, embedder: BundledEmbedder) -> None:
    model = ScriptedModel(default=Reply("手机主机保修 12 个月。", first_delay_seconds=1.0))
    with tempfile.TemporaryDirectory(prefix="xiaoer-outage-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        async with desk_with(server.url(), tmp_path, embedder, model) as (desk, _):
            await a_shop(desk)
            async with (
                served_desk(desk) as address,
                httpx.AsyncClient(base_url=address, trust_env=False, timeout=60) as browser,
            ):
                customer = await Customer.arrive(browser, await publishable_key(desk))
                headers = {**customer.headers, "Accept": "text/event-stream"}
                asked = asyncio.create_task(
                    browser.post(f"{customer.path}/messages", json={"text": WARRANTY_QUESTION}, headers=headers)
                )
                await until(lambda: bool(model.asked))
                await asyncio.to_thread(server.stop)
                server = await asyncio.to_thread(EmbeddedPostgres, Path(folder) / "postgres")
                told = events((await asked).text)
        server.stop()
    assert told[-1][0] == "done"
    assert "12 个月" in told[-1][1]["text"]


async def test_who_opens_the_chat_while_the_database_is_away_reads_a_page_that_tries_again(
    tmp_path: Path, embedder: BundledEmbedder
) -> None:
    with tempfile.TemporaryDirectory(prefix="xiaoer-outage-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        async with desk_with(server.url(), tmp_path, embedder, ScriptedModel()) as (desk, client):
            await a_shop(desk)
            await asyncio.to_thread(server.stop)
            browser = {"Accept": "text/html", "Accept-Language": "en-GB"}
            page = await client.get("/chat?store=shop", headers=browser)
            data = await client.get("/chat?store=shop", headers={"Accept": "application/json"})
            server = await asyncio.to_thread(EmbeddedPostgres, Path(folder) / "postgres")
            back = await client.get("/chat?store=shop", headers=browser)
        server.stop()
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert '<meta http-equiv="refresh" content="5">' in page.text
    assert "tries again" in page.text
    assert data.json()["error"] == "Unavailable"
    assert back.status_code == 200


async def test_a_wrong_address_is_a_page_for_people_and_data_for_programs(client: httpx.AsyncClient) -> None:
    page = await client.get("/chat?store=nobody", headers={"Accept": "text/html", "Accept-Language": "zh-CN"})
    assert page.status_code == 404
    assert "没有这个页面" in page.text
    assert "nobody" not in page.text
    assert (await client.get("/chat?store=nobody")).json()["error"] == "UnknownStore"
