"""A question tried without a customer: the whole turn as it would go, with nothing stored and nobody told.

What concerns a customer's own orders needs a customer; such a question is only said to be one.
"""

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from xiaoer.assistant.asked import Asked
from xiaoer.assistant.flows.wants import wants_of
from xiaoer.assistant.turn import Assistant
from xiaoer.conversations.thread import Answer
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.llm.messages import Finished, Generation, Message, StreamEvent, TextDelta, Usage
from xiaoer.llm.model import Health, Model
from xiaoer.stores import Profile

LONGEST_SECONDS = 60.0


@dataclass
class Metered:
    """A model that is watched: what it wrote, how many tokens it took, and how long.

    `always_writes` hides its name, by which a small model is told from one that words answers itself.
    """

    model: Model
    always_writes: bool = False
    raw: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    first_seconds: float | None = None
    seconds: float = 0.0

    @property
    def name(self) -> str:
        return "model" if self.always_writes else self.model.name

    async def stream(self, messages: Sequence[Message], generation: Generation) -> AsyncGenerator[StreamEvent]:
        started = time.perf_counter()
        async with aclosing(self.model.stream(messages, generation)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    self.first_seconds = self.first_seconds or time.perf_counter() - started
                    self.raw.append(event.text)
                elif isinstance(event, Finished):
                    self.usage = event.usage
                self.seconds = time.perf_counter() - started
                yield event

    async def choose(self, messages: Sequence[Message], options: Sequence[str]) -> list[float]:
        return await self.model.choose(messages, options)

    async def beginnings(self, messages: Sequence[Message]) -> dict[str, float]:
        return await self.model.beginnings(messages)

    async def check(self) -> Health:
        return await self.model.check()


@dataclass(frozen=True)
class Trial:
    """How a question would be answered. `raw` is what the model wrote before anything was held back; `own_orders`
    says what of the customer's own orders the question is about, if it is.
    """

    answer: Answer
    own_orders: tuple[str, ...]
    raw: str
    usage: Usage
    first_seconds: float | None
    seconds: float
    whole_seconds: float

    @property
    def tokens_per_second(self) -> float | None:
        writing = self.seconds - (self.first_seconds or 0.0)
        return self.usage.completion_tokens / writing if self.usage.completion_tokens and writing > 0 else None


async def attempt(
    knowledge: Knowledge,
    model: Model | None,
    *,
    store_id: uuid.UUID,
    profile: Profile,
    text: str,
    always_writes: bool = False,
) -> Trial:
    """Answer `text` as the first message of somebody unknown; raises `TimeoutError` after a minute."""
    watched = Metered(model, always_writes) if model is not None else None
    assistant = Assistant(knowledge)
    assistant.use(watched)
    asked = Asked(store_id=store_id, profile=profile, text=text)
    started = time.perf_counter()
    answer: Answer | None = None
    async with asyncio.timeout(LONGEST_SECONDS):
        async with aclosing(assistant.answer(asked)) as events:
            async for event in events:
                if isinstance(event, Answer):
                    answer = event
    assert answer is not None, "a turn ends with its answer"
    return Trial(
        answer=answer,
        own_orders=wants_of(text, named=False),
        raw="".join(watched.raw) if watched else "",
        usage=watched.usage if watched else Usage(),
        first_seconds=watched.first_seconds if watched else None,
        seconds=watched.seconds if watched else 0.0,
        whole_seconds=time.perf_counter() - started,
    )
