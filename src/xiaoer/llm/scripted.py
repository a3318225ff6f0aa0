"""A model that says what it is told to: for tests, demonstrations and machines without a model."""

import asyncio
import math
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from xiaoer.llm.messages import (
    Finished,
    FinishReason,
    Generation,
    Message,
    StreamEvent,
    TextDelta,
    ThinkingDelta,
    ToolRequest,
    ToolRequests,
    Usage,
)
from xiaoer.llm.model import Health, ModelCutOff, ModelUnavailable, ModelUnreachable

UNSURE = -20.0


@dataclass(frozen=True)
class Reply:
    """One scripted answer and the way it arrives."""

    text: str = ""
    thinking: str = ""
    """Emitted before the text."""
    requests: tuple[ToolRequest, ...] = ()
    """Calls it asks for, after the text."""
    reason: FinishReason = "stop"
    usage: Usage | None = None
    """None: characters are counted as tokens."""
    piece_size: int = 4
    """Characters in each delta."""
    first_delay_seconds: float = 0.0
    delay_seconds: float = 0.0
    """Waited before each delta after the first."""
    stop_after: int | None = None
    """Break off with `ModelCutOff` when so many characters of the text have been sent."""
    failure: ModelUnavailable | None = None
    """Raised instead of the first delta."""


@dataclass(frozen=True)
class Asked:
    """What a scripted model was asked: a stream has a generation, a choice has options."""

    messages: tuple[Message, ...]
    generation: Generation | None = None
    options: tuple[str, ...] = ()

    @property
    def prompt(self) -> str:
        """All contents, one below the other."""
        return "\n".join(message.content for message in self.messages)


Rule = Callable[[Sequence[Message]], "str | Reply | None"]
Beginner = Callable[[Sequence[Message]], Mapping[str, float]]
Chooser = Callable[[Sequence[Message], Sequence[str]], "str | Sequence[float]"]


@dataclass
class ScriptedModel:
    """Answers from `rule` first, then from `replies` in turn, then with `default`.

    `chooser` picks one option, or gives the log-probabilities; without it the first option wins. `beginner` gives the
    first tokens with their log-probabilities, none without it. What was asked is kept in `asked`; `closed_early`
    counts the streams whose reader left before the end. `down` makes everything fail.
    """

    replies: Iterable[str | Reply] = ()
    rule: Rule | None = None
    default: str | Reply = ""
    chooser: Chooser | None = None
    beginner: Beginner | None = None
    name: str = "scripted"
    down: bool = False
    asked: list[Asked] = field(default_factory=list)
    closed_early: int = 0

    def __post_init__(self) -> None:
        self._queue = iter(tuple(self.replies))

    async def stream(self, messages: Sequence[Message], generation: Generation) -> AsyncGenerator[StreamEvent]:
        self.asked.append(Asked(tuple(messages), generation))
        if self.down:
            raise ModelUnreachable(f"The scripted model {self.name} is down.")
        reply = self._reply(messages)
        await asyncio.sleep(reply.first_delay_seconds)
        if reply.failure is not None:
            raise reply.failure
        finished = False
        try:
            async for event in _deltas(reply):
                yield event
            finished = True
        except ModelUnavailable:
            finished = True
            raise
        finally:
            self.closed_early += not finished
        if reply.requests:
            yield ToolRequests(reply.requests)
        yield Finished(reply.reason, reply.usage or _counted(messages, reply))

    async def choose(self, messages: Sequence[Message], options: Sequence[str]) -> list[float]:
        self.asked.append(Asked(tuple(messages), options=tuple(options)))
        if self.down:
            raise ModelUnreachable(f"The scripted model {self.name} is down.")
        chosen = options[0] if self.chooser is None else self.chooser(messages, options)
        if isinstance(chosen, str):
            return [math.log1p(-math.exp(UNSURE)) if option == chosen else UNSURE for option in options]
        return list(chosen)

    async def beginnings(self, messages: Sequence[Message]) -> dict[str, float]:
        self.asked.append(Asked(tuple(messages)))
        if self.down:
            raise ModelUnreachable(f"The scripted model {self.name} is down.")
        return {} if self.beginner is None else dict(self.beginner(messages))

    async def check(self) -> Health:
        if self.down:
            return Health(ok=False, detail=f"The scripted model {self.name} is down.")
        return Health(ok=True, detail="A scripted model always answers.", models=(self.name,))

    def _reply(self, messages: Sequence[Message]) -> Reply:
        ruled = None if self.rule is None else self.rule(messages)
        found = ruled if ruled is not None else next(self._queue, self.default)
        return found if isinstance(found, Reply) else Reply(found)


async def _deltas(reply: Reply) -> AsyncGenerator[StreamEvent]:
    first = True
    for start in range(0, len(reply.thinking), reply.piece_size):
        if not first:
            await asyncio.sleep(reply.delay_seconds)
        first = False
        yield ThinkingDelta(reply.thinking[start : start + reply.piece_size])
    text = reply.text if reply.stop_after is None else reply.text[: reply.stop_after]
    for start in range(0, len(text), reply.piece_size):
        if not first:
            await asyncio.sleep(reply.delay_seconds)
        first = False
        yield TextDelta(text[start : start + reply.piece_size])
    if reply.stop_after is not None:
        raise ModelCutOff("The scripted model stopped in the middle, as it was told to.")


def _counted(messages: Sequence[Message], reply: Reply) -> Usage:
    return Usage(
        prompt_tokens=sum(len(message.content) for message in messages),
        completion_tokens=len(reply.text) + len(reply.thinking),
    )
