"""The desk's reranker: reached, or fetched and loaded, without anybody having to wait for it."""

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

import structlog

from xiaoer.desk.model import LOADING_SECONDS, RETRY_SECONDS
from xiaoer.errors import XiaoerError
from xiaoer.llm import catalogue, store
from xiaoer.llm.rerank import Reranker, RerankServer
from xiaoer.llm.rerank_embedded import EmbeddedReranker
from xiaoer.settings import RerankSettings, Settings

log = structlog.get_logger(__name__)


class RerankKeeper:
    """Brings the reranker up in the background and hands it over; `state` says in words how far it is."""

    def __init__(self, settings: Settings, *, use: Callable[[Reranker], None]) -> None:
        self._settings = settings.rerank
        self._directory = settings.data_dir / "models"
        self._log_path = settings.data_dir / "reranker.log"
        self._use = use
        self._task: asyncio.Task[None] | None = None
        self._parts = AsyncExitStack()
        self.state = "off"

    def start(self) -> None:
        """Begin; returns at once."""
        if self._settings.base_url or self._settings.name:
            self.state = "starting"
            self._task = asyncio.create_task(self._bring())

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._parts.aclose()

    async def _bring(self) -> None:
        """Reach or load it; a failure is told, and a file that could not be had is looked for again later."""
        while True:
            try:
                reranker = self._reached() if self._settings.base_url else await self._loaded()
            except (XiaoerError, OSError) as error:
                self._tell(ok=False, detail=str(error))
                await asyncio.sleep(RETRY_SECONDS)
                continue
            health = await reranker.check()
            self._use(reranker)  # one that does not answer yet may do so later: its breaker sees to that
            self._tell(ok=health.ok, detail=health.detail)
            return

    def _reached(self) -> Reranker:
        server = make_rerank_server(self._settings)
        self._parts.push_async_callback(server.close)
        return server

    async def _loaded(self) -> Reranker:
        path = await store.pull(reranker_name(self._settings), self._directory)
        reranker = EmbeddedReranker(path, log_path=self._log_path, seconds=self._settings.seconds)
        reranker.child.start()
        self._parts.push_async_callback(reranker.close)
        if not await reranker.child.wait_until_ready(seconds=LOADING_SECONDS):
            raise store.NotInstalled((await reranker.check()).detail)
        return reranker

    def _tell(self, *, ok: bool, detail: str) -> None:
        self.state = detail if ok else f"not available, passages stay as they are found: {detail}"
        (log.info if ok else log.warning)("reranker.ready" if ok else "reranker.not_available", detail=detail)


def make_rerank_server(settings: RerankSettings) -> RerankServer:
    """The rerank server that the settings name."""
    assert settings.base_url is not None
    key = settings.api_key.get_secret_value() if settings.api_key else None
    return RerankServer(base_url=settings.base_url, name=settings.name, api_key=key, seconds=settings.seconds)


def reranker_name(settings: RerankSettings) -> str:
    """The reranker of the catalogue, or the GGUF file, that the settings name; raises `WrongKind`."""
    name = settings.name or ""
    if not Path(name).expanduser().is_file():
        catalogue.of_kind(name, "rerank")
    return name
