"""The one wire to every model server: the OpenAI chat API, as vLLM, SGLang, llama.cpp, Ollama and hosts speak it."""

import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

import httpx
import openai
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from xiaoer.llm.chunks import (
    CallPiece,
    Chunk,
    joined_calls,
    normalised,
    read_chunk,
    read_message,
    read_top_tokens,
    settle,
    weigh,
)
from xiaoer.llm.dialects import DIALECTS, Dialect, Server, dialect_signed
from xiaoer.llm.failures import UNREADABLE, in_our_words
from xiaoer.llm.messages import (
    Finished,
    FinishReason,
    Generation,
    Message,
    StreamEvent,
    TextDelta,
    ThinkingDelta,
    ToolRequests,
    Usage,
)
from xiaoer.llm.model import Health, ModelCutOff, ModelGarbage, ModelUnavailable, ModelUnreachable
from xiaoer.llm.patience import Patience, Timeouts
from xiaoer.llm.profiles import DEFAULT, Profile, profile_of
from xiaoer.llm.requests import chat_fields, schema_format
from xiaoer.llm.thinking import Separator, State

T = TypeVar("T")

TOP_TOKENS: Final = 20
"""As many as every server gives; vLLM's limit unless it is raised."""
CONSTRAINED_TOKENS: Final = 16
LISTING_SECONDS: Final = 3.0


class OpenAIModel:
    """A model at an OpenAI-compatible server. `name` may be left out where the server has only one."""

    def __init__(
        self,
        *,
        base_url: str,
        name: str | None = None,
        api_key: str | None = None,
        server: Server | None = None,
        profile: Profile | None = None,
        timeouts: Timeouts | None = None,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        self._name = name
        self._profile = profile
        self._timeouts = timeouts or Timeouts()
        self._dialect = None if server is None else DIALECTS[server]
        self._starts: State | None = None
        self._gives_logprobs = True
        # The SDK takes both generations of httpx, its annotations only the newer.
        client: Any = http_client
        self._client = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=api_key or "none",
            max_retries=0,
            timeout=openai.Timeout(self._timeouts.whole_seconds, connect=self._timeouts.connect_seconds),
            http_client=client,
        )

    @property
    def name(self) -> str:
        return self._name or "default"

    @property
    def profile(self) -> Profile:
        """The facts of its family."""
        return self._profile or profile_of(self.name)

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def stream(self, messages: Sequence[Message], generation: Generation) -> AsyncGenerator[StreamEvent]:
        patience = Patience(self.name, self._timeouts)
        with in_our_words(self.name):
            dialect = await patience.wait(self._know_server())
            fields = chat_fields(messages, generation, profile=self.profile, dialect=dialect)
            response = await patience.wait(_tried_twice(lambda: self._opened(fields)))
            async with response:
                reading = _Reading(self.name, Separator(self.profile.tags, starts=self._start(generation, dialect)))
                while (chunk := await patience.wait(anext(response, None))) is not None:
                    for event in reading.read(read_chunk(chunk)):
                        patience.has_begun = True
                        yield event
                for event in reading.end():
                    yield event
        self._learn(reading, generation)

    async def choose(self, messages: Sequence[Message], options: Sequence[str]) -> list[float]:
        with in_our_words(self.name):
            patience = Patience(self.name, self._timeouts)
            dialect = await patience.wait(self._know_server())
            if self.profile.thinks(wanted=False):
                return await self._chosen_after_thinking(messages, options)
            top, text = await self._begun(messages, dialect, patience)
            chosen = weigh(options, top) if top else settle(options, text)
            return chosen or await self._constrained(messages, options, dialect, patience)

    async def beginnings(self, messages: Sequence[Message]) -> dict[str, float]:
        with in_our_words(self.name):
            patience = Patience(self.name, self._timeouts)
            dialect = await patience.wait(self._know_server())
            if self.profile.thinks(wanted=False):
                return {}
            top, text = await self._begun(messages, dialect, patience)
            return dict(top) if top else {text: 0.0}

    async def prepare(self, beginning: Sequence[Message], extra: dict[str, Any]) -> None:
        """Let the server compute and cache a prompt's beginning; `extra` are fields that only this server knows."""
        generation = Generation(max_tokens=1, temperature=0.0)
        with in_our_words(self.name):
            patience = Patience(self.name, self._timeouts)
            dialect = await patience.wait(self._know_server())
            fields = chat_fields(beginning, generation, profile=self.profile, dialect=dialect)
            fields["extra_body"] |= extra
            await patience.wait(self._complete(fields))

    async def check(self) -> Health:
        try:
            with in_our_words(self.name):
                listed = await self._listed(self._timeouts.connect_seconds)
        except ModelUnavailable as error:
            return Health(ok=False, detail=f"{error.detail} ({_place(self._client.base_url)})")
        models = tuple(listed)
        dialect = self._dialect or dialect_signed(set(listed.values()))
        place = f"{dialect.title} at {_place(self._client.base_url)}"
        if self._name is None and not models:
            return Health(ok=False, detail=f"{place} answers, but has no model.")
        if self._name is not None and models and not _is_listed(self._name, models):
            known = ", ".join(models[:10])
            return Health(
                ok=False, detail=f"{place} answers, but has no model {self._name}; it has: {known}.", models=models
            )
        return Health(ok=True, detail=f"{place} answers with the model {self._name or models[0]}.", models=models)

    async def _know_server(self) -> Dialect:
        """Ask once what kind of server this is, and which model it has when none was named."""
        if self._dialect is not None and self._name is not None:
            return self._dialect
        try:
            listed = await self._listed(LISTING_SECONDS)
        except (openai.APIStatusError, *UNREADABLE) as error:
            # A gateway that does not list its models may still answer.
            if self._name is None:
                message = "The model server does not list its models; name the one to use."
                raise ModelGarbage(message) from error
            listed = {}
        if self._name is None:
            self._name = next(iter(listed), None)
        if self._name is None:
            raise ModelUnreachable("The model server has no model loaded.")
        self._dialect = self._dialect or dialect_signed(set(listed.values()))
        return self._dialect

    async def _listed(self, seconds: float) -> dict[str, str]:
        page = await _tried_twice(
            lambda: self._client.models.list(timeout=seconds, extra_headers={"Connection": "close"})
        )
        return {str(model.id): str(model.owned_by) for model in page.data}

    def _start(self, generation: Generation, dialect: Dialect) -> State:
        """Where in its thinking the stream begins: by the family's facts, or as the last answer taught."""
        if self.profile.starts_inside(wanted=generation.thinking):
            return "inside"
        if self._starts is not None:
            return self._starts
        may_ignore_the_switch = self.profile.opens_implicitly and dialect.server == "openai"
        return "unsure" if may_ignore_the_switch or self.profile is DEFAULT else "outside"

    def _learn(self, reading: "_Reading", generation: Generation) -> None:
        if self.profile.starts_inside(wanted=generation.thinking):
            return
        if reading.separator.closed_unopened:
            self._starts = "inside"
        elif reading.reason == "stop" and self._starts is None:
            self._starts = "outside"

    async def _begun(
        self, messages: Sequence[Message], dialect: Dialect, patience: Patience
    ) -> tuple[list[tuple[str, float]], str]:
        """The likeliest first tokens, none when the server does not tell, and the text that was generated."""
        generation = Generation(max_tokens=1, temperature=0.0, top_p=1.0, repetition_penalty=1.0)
        fields = chat_fields(messages, generation, profile=self.profile, dialect=dialect)
        if self._gives_logprobs:
            try:
                completion = await patience.wait(
                    self._complete(fields | {"logprobs": True, "top_logprobs": TOP_TOKENS}),
                )
            except (openai.BadRequestError, openai.UnprocessableEntityError):
                self._gives_logprobs = False
            else:
                top = read_top_tokens(completion)
                self._gives_logprobs = bool(top)
                return top, read_message(completion)
        return [], read_message(await patience.wait(self._complete(fields)))

    async def _constrained(
        self, messages: Sequence[Message], options: Sequence[str], dialect: Dialect, patience: Patience
    ) -> list[float]:
        """Let only an option through; when the server cannot, all are as likely."""
        generation = Generation(max_tokens=CONSTRAINED_TOKENS, temperature=0.0, top_p=1.0, repetition_penalty=1.0)
        fields = chat_fields(messages, generation, profile=self.profile, dialect=dialect)
        schema = {"type": "string", "enum": list(options)}
        try:
            completion = await patience.wait(self._complete(fields | {"response_format": schema_format(schema)}))
        except (openai.BadRequestError, openai.UnprocessableEntityError):
            return _undecided(options)
        return settle(options, read_message(completion)) or _undecided(options)

    async def _chosen_after_thinking(self, messages: Sequence[Message], options: Sequence[str]) -> list[float]:
        generation = Generation(max_tokens=CONSTRAINED_TOKENS, temperature=0.0)
        said = [event.text async for event in self.stream(messages, generation) if isinstance(event, TextDelta)]
        return settle(options, "".join(said)) or _undecided(options)

    async def _opened(self, fields: dict[str, Any]) -> openai.AsyncStream[ChatCompletionChunk]:
        response: openai.AsyncStream[ChatCompletionChunk] = await self._client.chat.completions.create(
            model=self.name, stream=True, stream_options={"include_usage": True}, **fields
        )
        return response

    async def _complete(self, fields: dict[str, Any]) -> ChatCompletion:
        completion: ChatCompletion = await _tried_twice(
            lambda: self._client.chat.completions.create(model=self.name, **fields)
        )
        return completion


async def _tried_twice(request: Callable[[], Awaitable[T]]) -> T:
    """A server may close a kept connection at the moment of the next request: that deserves a fresh one, once."""
    try:
        return await request()
    except openai.APITimeoutError:
        raise
    except openai.APIConnectionError:
        return await request()


class _Reading:
    """One stream on its way from chunks to events."""

    def __init__(self, model: str, separator: Separator) -> None:
        self.separator = separator
        self.reason: FinishReason | None = None
        self._model = model
        self._usage = Usage()
        self._calls: list[CallPiece] = []

    def read(self, chunk: Chunk) -> list[StreamEvent]:
        events: list[StreamEvent] = []
        if chunk.thinking:
            events += self.separator.server_separates()
            events.append(ThinkingDelta(chunk.thinking))
        if chunk.text:
            events += self.separator.feed(chunk.text)
        self._calls += chunk.calls
        self.reason = chunk.reason or self.reason
        self._usage = chunk.usage or self._usage
        return events

    def end(self) -> list[StreamEvent]:
        if self.reason is None:
            raise ModelCutOff(f"The answer of the model {self._model} broke off in the middle.")
        pieces = self.separator.flush(complete=self.reason == "stop")
        requests = joined_calls(self._calls)
        calls = [ToolRequests(requests)] if requests else []
        return [*pieces, *calls, Finished(self.reason, self._usage, self._model)]


def _undecided(options: Sequence[str]) -> list[float]:
    return normalised([math.log(1 / len(options))] * len(options))


def _is_listed(name: str, models: Sequence[str]) -> bool:
    """Ollama lists `qwen3:latest` for what is asked for as `qwen3`."""
    return name in models or f"{name}:latest" in models


def _place(url: Any) -> str:
    """The address without a password."""
    return f"{url.scheme}://{url.host}" + (f":{url.port}" if url.port else "")
