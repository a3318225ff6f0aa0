"""The model that comes with the house: llama.cpp in a child process, watched and restarted, over the same wire."""

import asyncio
import contextlib
import json
import secrets
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from xiaoer.llm.cores import physical_cores
from xiaoer.llm.embedded_child import Options
from xiaoer.llm.messages import Generation, Message, StreamEvent
from xiaoer.llm.model import Health, ModelBusy, ModelUnavailable, ModelUnreachable
from xiaoer.llm.patience import Timeouts
from xiaoer.llm.wire import OpenAIModel

COMMAND = (sys.executable, "-m", "xiaoer.llm.embedded_child")
LONGEST_LOG_BYTES = 5_000_000
LONGEST_PAUSE_SECONDS = 30.0
SETTLED_SECONDS = 60.0
"""A child that lived so long has earned a quick restart."""
LOADING_SECONDS = 300.0
LOOK_EVERY_SECONDS = 10.0
LOOKS_MISSED = 3


class ModelLoading(ModelUnreachable):
    """The embedded model is being loaded; it answers in a moment."""


class EmbeddedModel:
    """A GGUF file served by a child process of this one. `start` returns at once; answers come when it has loaded."""

    def __init__(
        self,
        path: Path,
        *,
        log_path: Path,
        threads: int | None = None,
        context_tokens: int = 4096,
        slots: int = 4,
        waiting: int = 8,
        cache_megabytes: int = 256,
        timeouts: Timeouts | None = None,
        pause_seconds: float = 0.5,
        command: Sequence[str] = COMMAND,
        reranks: bool = False,
    ) -> None:
        """Prepare a model.

        Args:
            path: The GGUF file.
            log_path: Where llama.cpp's complaints go; begun anew when it has grown past 5 MB.
            threads: None: one for each physical core.
            context_tokens: What one conversation may use; the slots share twice as much.
            slots: Answers generated at the same time.
            waiting: Answers that may wait for a slot; beyond that `ModelBusy` is raised at once.
            cache_megabytes: Memory for the prompts of earlier answers.
            timeouts: Limits of one answer.
            pause_seconds: Waited before the first restart of a dead child, doubled with each failure.
            command: Starts the child.
            reranks: The file is a reranker's: the child scores texts, and writes none.

        """
        self._path = path
        self._command = command
        self._log_path = log_path
        self._timeouts = timeouts
        self._pause = pause_seconds
        self._most_at_once = slots + waiting
        self._at_once = 0
        self._trouble = ""
        self._wire: OpenAIModel | None = None
        self._ready = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._beginnings: tuple[tuple[Message, ...], ...] = ()
        self._warming: asyncio.Task[None] | None = None
        self.process_id: int | None = None
        """Of the child, while there is one."""
        self.address: str | None = None
        """Where the child listens, while it is ready."""
        self._options = _options(path, threads, context_tokens, slots=slots, cache=cache_megabytes, reranks=reranks)

    @property
    def name(self) -> str:
        return self._path.stem

    @property
    def api_key(self) -> str:
        """What the child asks for."""
        return self._options.api_key

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def start(self) -> None:
        """Begin to load; the child is kept alive from now on."""
        self._keeper = asyncio.create_task(self._keep_alive())

    async def close(self) -> None:
        """End the child."""
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None

    async def wait_until_ready(self, *, seconds: float) -> bool:
        """Wait for the model to be loaded; tell whether it is."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ready.wait()
        return self._ready.is_set()

    def keep_warm(self, beginnings: Sequence[Sequence[Message]]) -> None:
        """Compute these fixed beginnings of prompts in every slot, now and after each restart, in the background.

        Without it the first prompt in each slot is computed from its first token on. The last beginning stays in the
        slots, the others in the cache beside them: name the most frequent last.
        """
        self._beginnings = tuple(tuple(beginning) for beginning in beginnings)
        if self._wire is not None:
            self._begin_warming(self._wire)

    async def stream(self, messages: Sequence[Message], generation: Generation) -> AsyncGenerator[StreamEvent]:
        with self._a_place() as wire:
            async with aclosing(wire.stream(messages, generation)) as events:
                async for event in events:
                    yield event

    async def choose(self, messages: Sequence[Message], options: Sequence[str]) -> list[float]:
        with self._a_place() as wire:
            return await wire.choose(messages, options)

    async def beginnings(self, messages: Sequence[Message]) -> dict[str, float]:
        with self._a_place() as wire:
            return await wire.beginnings(messages)

    async def check(self) -> Health:
        if self._wire is not None:
            return await self._wire.check()
        return Health(ok=False, detail=self._trouble or f"The embedded model {self.name} is still loading.")

    @contextmanager
    def _a_place(self) -> Iterator[OpenAIModel]:
        if self._wire is None:
            raise ModelLoading(self._trouble or f"The embedded model {self.name} is still loading.")
        if self._at_once >= self._most_at_once:
            raise ModelBusy(f"The embedded model {self.name} has {self._at_once} answers to write already.")
        self._at_once += 1
        try:
            yield self._wire
        finally:
            self._at_once -= 1

    def _begin_warming(self, wire: OpenAIModel) -> None:
        if self._warming is not None:
            self._warming.cancel()
        self._warming = asyncio.create_task(self._warm(wire))

    async def _warm(self, wire: OpenAIModel) -> None:
        """One slot after another, so that customers are not kept waiting for all of them."""
        with contextlib.suppress(ModelUnavailable):
            for beginning in self._beginnings:
                for slot in range(self._options.slots):
                    await wire.prepare(beginning, {"id_slot": slot})

    async def _keep_alive(self) -> None:
        pause = self._pause
        while True:
            started = time.monotonic()
            try:
                async with _child(self._command, self._options, self._log_path) as (process, address):
                    await self._serve(process, address)
                self._trouble = f"The embedded model {self.name} ended and is started again; see {self._log_path}."
            except (ModelUnavailable, OSError):
                self._trouble = f"The embedded model {self.name} cannot be loaded; see {self._log_path}."
            if time.monotonic() - started > SETTLED_SECONDS:
                pause = self._pause
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _serve(self, process: asyncio.subprocess.Process, address: str) -> None:
        """Let answers through to the child until it ends or no longer reacts."""
        wire = OpenAIModel(
            base_url=f"{address}/v1",
            name=self.name,
            api_key=self._options.api_key,
            server="llamacpp",
            timeouts=self._timeouts,
        )
        self._wire, self.process_id, self.address = wire, process.pid, address
        self._ready.set()
        self._begin_warming(wire)
        try:
            await _until_it_ends(process, address)
        finally:
            if self._warming is not None:
                self._warming.cancel()
            self._wire, self.process_id, self.address = None, None, None
            self._ready.clear()
            await wire.close()


@asynccontextmanager
async def _child(
    command: Sequence[str], options: Options, log_path: Path
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Run a child until the block ends; yield it with its address once the model is loaded."""
    with _opened(log_path) as log:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process, await _address(process, options)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _address(process: asyncio.subprocess.Process, options: Options) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(LOADING_SECONDS):
            process.stdin.write(options.line())
            await process.stdin.drain()
            line = await process.stdout.readline()
        return str(json.loads(line)["address"])
    except (TimeoutError, OSError, ValueError) as error:
        raise ModelUnreachable(f"The embedded model {options.alias} did not load.") from error


async def _until_it_ends(process: asyncio.subprocess.Process, address: str) -> None:
    missed = 0
    async with httpx.AsyncClient(timeout=LOOK_EVERY_SECONDS) as client:
        while missed < LOOKS_MISSED:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_SECONDS):
                    await process.wait()
                    return
            try:
                missed = 0 if (await client.get(f"{address}/health")).is_success else missed + 1
            except httpx.HTTPError:
                missed += 1


@contextmanager
def _opened(log_path: Path) -> Iterator[int]:
    """Open the log for a child to append to; a long one is begun anew."""
    log_path.parent.mkdir(parents=True, exist_ok=True)
    is_long = log_path.exists() and log_path.stat().st_size > LONGEST_LOG_BYTES
    with log_path.open("wb" if is_long else "ab") as file:
        yield file.fileno()


def _options(path: Path, threads: int | None, context_tokens: int, *, slots: int, cache: int, reranks: bool) -> Options:
    return Options(
        path=str(path),
        alias=path.stem,
        api_key=secrets.token_urlsafe(24),
        context_tokens=context_tokens * 2,
        slots=slots,
        threads=threads or physical_cores(),
        cache_megabytes=cache,
        reranks=reranks,
    )
