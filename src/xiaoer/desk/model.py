"""The desk's language model: found, fetched or reached, without anybody having to wait for it."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

import structlog

from xiaoer.assistant.answering import chooser
from xiaoer.errors import XiaoerError
from xiaoer.llm import catalogue, store
from xiaoer.llm.embedded import EmbeddedModel
from xiaoer.llm.fallback import FallbackModel
from xiaoer.llm.model import Model
from xiaoer.llm.patience import Timeouts
from xiaoer.llm.wire import OpenAIModel
from xiaoer.settings import ModelSettings, Settings

LOADING_SECONDS = 300.0
PROGRESS_SECONDS = 2.0
RETRY_SECONDS = 600.0
log = structlog.get_logger(__name__)


class ModelKeeper:
    """Brings the model up in the background and hands it to the assistant when it can answer.

    `state` says in words how far it is; until then the assistant answers without a model.
    """

    def __init__(self, settings: Settings, *, given: Model | None, use: Callable[[Model], None]) -> None:
        self._settings = settings.model
        self._directory = settings.data_dir / "models"
        self._log_path = settings.data_dir / "model.log"
        self._given = given
        self._use = use
        self._task: asyncio.Task[None] | None = None
        self._parts = AsyncExitStack()
        self._there = asyncio.Event()
        self.is_coming = False
        self.state = "off: answers are curated or quoted"

    def start(self) -> None:
        """Begin; returns at once."""
        if self._given is not None:
            self._hand_over(self._given)
        elif not self._settings.enabled:
            self._there.set()
        elif self._settings.base_url:
            self._hand_over(self._remote(self._settings.base_url))
        else:
            self.is_coming = True
            self.state = "starting"
            self._task = asyncio.create_task(self._bring())

    async def ready(self, *, timeout_seconds: float) -> bool:
        """Wait for the model; tell whether it is there (a desk meant to run without one is ready at once)."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                await self._there.wait()
        return self._there.is_set()

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

    def _hand_over(self, model: Model) -> None:
        self._use(model)
        self.is_coming = False
        self.state = f"ready: {model.name}"
        self._there.set()

    def _remote(self, base_url: str) -> Model:
        models = [self._reached(base_url, self._settings.name)]
        for fallback in self._settings.fallbacks:
            url, _, name = fallback.partition("#")
            models.append(self._reached(url, name or None))
        return FallbackModel(models)

    def _reached(self, base_url: str, name: str | None) -> OpenAIModel:
        key = self._settings.api_key.get_secret_value() if self._settings.api_key else None
        server = None if self._settings.server == "auto" else self._settings.server
        model = OpenAIModel(base_url=base_url, name=name, api_key=key, server=server, timeouts=timeouts(self._settings))
        self._parts.push_async_callback(model.close)
        return model

    async def _bring(self) -> None:
        """Fetch what is missing and load it; a failure is told, and tried again later."""
        while True:
            try:
                path = self._settings.path or await self._fetched()
                await self._load(path)
            except (XiaoerError, OSError) as error:
                self.is_coming = False
                self.state = f"not available, answers are curated or quoted: {error}"
                log.warning("model.not_available", reason=str(error))
            else:
                return
            await asyncio.sleep(RETRY_SECONDS)
            self.is_coming = True

    async def _fetched(self) -> Path:
        name = self._settings.name or store.chosen(self._directory)
        if store.named_file(name) is None and name != catalogue.SMALL:
            catalogue.of_kind(name, "chat")
        self._directory.mkdir(parents=True, exist_ok=True)
        told = 0.0

        def progress(done: int, whole: int) -> None:
            nonlocal told
            percent = 100 * done // max(whole, 1)
            self.state = f"fetching {name}: {percent} %"
            if time.monotonic() - told >= PROGRESS_SECONDS:
                told = time.monotonic()
                log.info("model.fetching", name=name, percent=percent)

        return await store.pull(name, self._directory, on_progress=progress)

    async def _load(self, path: Path) -> None:
        self.state = f"loading {path.stem}"
        model = EmbeddedModel(
            path,
            log_path=self._log_path,
            threads=self._settings.threads,
            context_tokens=self._settings.context_tokens,
            timeouts=timeouts(self._settings),
        )
        await self._parts.enter_async_context(model)
        if not await model.wait_until_ready(seconds=LOADING_SECONDS):
            raise store.NotInstalled((await model.check()).detail)
        model.keep_warm([chooser.lesson(language) for language in ("en", "zh")])
        self._hand_over(FallbackModel([model]))


def timeouts(settings: ModelSettings) -> Timeouts:
    """The operator's limits on one answer of the model."""
    return Timeouts(
        first_token_seconds=settings.first_token_seconds,
        between_tokens_seconds=settings.between_tokens_seconds,
        whole_seconds=settings.whole_seconds,
    )
