"""The doctor: what works and what does not, in words."""

import asyncio
import os
import shutil
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from redis.asyncio import Redis
from redis.exceptions import RedisError

from xiaoer.db.database import Database
from xiaoer.desk.desk import make_embedder
from xiaoer.desk.model import timeouts
from xiaoer.desk.reranker import make_rerank_server, reranker_name
from xiaoer.errors import XiaoerError
from xiaoer.llm import catalogue, store
from xiaoer.llm.embedded import EmbeddedModel
from xiaoer.llm.messages import Generation, Message, TextDelta
from xiaoer.llm.model import Model
from xiaoer.llm.rerank import Reranker
from xiaoer.llm.rerank_embedded import EmbeddedReranker
from xiaoer.llm.wire import OpenAIModel
from xiaoer.settings import ModelSettings, Settings

LEAST_FREE_BYTES = 2_000_000_000
LOADING_SECONDS = 120.0


@dataclass(frozen=True)
class Finding:
    """What was found about one part."""

    part: str
    ok: bool
    detail: str


async def check_everything(settings: Settings) -> list[Finding]:
    """Look at every part; a broken one does not keep the others from being looked at."""
    parts: list[tuple[str, Callable[[Settings], Awaitable[str]]]] = [
        ("disk", _disk),
        ("port", _port),
        ("database", _database),
        ("embedder", _embedder),
        ("model", _model),
    ]
    if settings.rerank.base_url or settings.rerank.name:
        parts.append(("reranker", _reranker))
    if settings.redis_url:
        parts.append(("redis", _redis))
    findings = []
    for name, look in parts:
        try:
            findings.append(Finding(name, ok=True, detail=await look(settings)))
        except (XiaoerError, OSError, RedisError) as error:
            findings.append(Finding(name, ok=False, detail=str(error)))
    return findings


class Unfit(XiaoerError):
    """Something will not work; the message says what to do."""


async def _disk(settings: Settings) -> str:
    folder = settings.data_dir
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise Unfit(f"{folder} cannot be written to; set XIAOER_DATA_DIR to a folder of yours.")
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        raise Unfit(f"{folder} has {free / 1e9:.1f} GB left; the database and a model need at least 2 GB.")
    return f"{free / 1e9:.0f} GB free in {folder}"


async def _port(settings: Settings) -> str:
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.settimeout(1)
        taken = probe.connect_ex((settings.host, settings.port)) == 0
    return f"{settings.host}:{settings.port} is {'in use (by a running server?)' if taken else 'free'}"


async def _database(settings: Settings) -> str:
    url = settings.database_url.get_secret_value() if settings.database_url else None
    database = await Database.open(url=url, data_dir=settings.data_dir, pool_size=1)
    try:
        with _timed() as seconds:
            await database.check()
        return f"{'embedded' if url is None else 'by URL'}, answers in {seconds() * 1000:.0f} ms, schema up to date"
    finally:
        await database.close()


async def _embedder(settings: Settings) -> str:
    embedder = await asyncio.to_thread(make_embedder, settings.embedding)
    with _timed() as seconds:
        asked, alike, other = [await embedder.query(text) for text in ("怎么退货", "如何退货", "蓝牙耳机")]
    if np.dot(asked, alike) <= np.dot(asked, other):
        raise Unfit(f"{embedder.name} finds unlike questions more alike than like ones; choose another model.")
    return f"{embedder.name}, {embedder.dimensions} dimensions, {seconds() * 1000 / 3:.0f} ms a question"


async def _model(settings: Settings) -> str:
    if not settings.model.enabled:
        return "off: answers are curated or quoted"
    if settings.model.base_url:
        remote = _remote(settings.model, settings.model.base_url)
        try:
            health = await remote.check()
            if not health.ok:
                raise Unfit(health.detail)
            return f"{health.detail} {await _spoken(remote)}"
        finally:
            await remote.close()
    name = settings.model.name or store.chosen(settings.data_dir / "models")
    path = settings.model.path or Path(name)
    if not path.is_file():
        path = next((each.path for each in store.installed(settings.data_dir / "models") if each.name == name), path)
    if not path.is_file():
        raise Unfit(f"The model {name} is not here yet; `xiaoer run` fetches it, or: xiaoer model pull {name}")
    store.check_gguf(path)
    log_path = settings.data_dir / "model-check.log"
    async with EmbeddedModel(path, log_path=log_path, slots=1, context_tokens=1024) as model:
        if not await model.wait_until_ready(seconds=LOADING_SECONDS):
            raise Unfit((await model.check()).detail)
        return f"{path.name} (embedded). {await _spoken(model)}"


async def _reranker(settings: Settings) -> str:
    if settings.rerank.base_url:
        server = make_rerank_server(settings.rerank)
        try:
            return await _scored(server)
        finally:
            await server.close()
    name = reranker_name(settings.rerank)
    path = store.named_file(name) or settings.data_dir / "models" / catalogue.find(name).file
    if not path.is_file():
        raise Unfit(f"The model {name} is not here yet; `xiaoer run` fetches it, or: xiaoer model pull {name}")
    store.check_gguf(path)
    embedded = EmbeddedReranker(path, log_path=settings.data_dir / "reranker-check.log", seconds=LOADING_SECONDS)
    embedded.child.start()
    try:
        await embedded.child.wait_until_ready(seconds=LOADING_SECONDS)
        return await _scored(embedded)
    finally:
        await embedded.close()


async def _scored(reranker: Reranker) -> str:
    with _timed() as seconds:
        health = await reranker.check()
    if not health.ok:
        raise Unfit(health.detail)
    return f"{health.detail} It tells an answer from another text, in {seconds() * 1000:.0f} ms."


def _remote(settings: ModelSettings, base_url: str) -> OpenAIModel:
    key = settings.api_key.get_secret_value() if settings.api_key else None
    server = None if settings.server == "auto" else settings.server
    return OpenAIModel(base_url=base_url, name=settings.name, api_key=key, server=server, timeouts=timeouts(settings))


async def _spoken(model: Model) -> str:
    """Let it say something: a server may answer and its model not."""
    first = 0.0
    with _timed() as seconds:
        async for event in model.stream([Message("user", "你好")], Generation(max_tokens=8)):
            if isinstance(event, TextDelta) and not first:
                first = seconds()
    if not first:
        raise Unfit(f"{model.name} answered with nothing.")
    return f"It speaks: first token after {first * 1000:.0f} ms."


async def _redis(settings: Settings) -> str:
    assert settings.redis_url is not None
    client = Redis.from_url(settings.redis_url.get_secret_value())
    try:
        await client.ping()
    finally:
        await client.aclose()
    return "answers"


@contextmanager
def _timed() -> Iterator[Callable[[], float]]:
    started = time.perf_counter()
    yield lambda: time.perf_counter() - started
