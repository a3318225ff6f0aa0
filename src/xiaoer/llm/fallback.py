"""Several models behind one: the next answers when one cannot, and a broken one is left alone for a while."""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import TypeVar

from xiaoer.breaker import Breaker, Clock
from xiaoer.llm.messages import Generation, Message, StreamEvent
from xiaoer.llm.model import Health, Model, ModelBusy, ModelUnavailable, PromptRefused

T = TypeVar("T")


class FallbackModel:
    """Tries its models in order; once something has been sent, a failure is a failure: no answer is begun anew."""

    def __init__(
        self,
        models: Sequence[Model],
        *,
        failures: int = 3,
        rest_seconds: float = 20.0,
        clock: Clock = time.monotonic,
    ) -> None:
        self._parts = [(model, Breaker(failures=failures, rest_seconds=rest_seconds, clock=clock)) for model in models]

    @property
    def name(self) -> str:
        """The first model's name; `Finished.model` says which one answered."""
        return self._parts[0][0].name if self._parts else "none"

    @property
    def states(self) -> dict[str, str]:
        """Each model's breaker, for the operator."""
        return {model.name: breaker.state for model, breaker in self._parts}

    async def stream(self, messages: Sequence[Message], generation: Generation) -> AsyncGenerator[StreamEvent]:
        last: ModelUnavailable | None = None
        for model, breaker in self._parts:
            if not breaker.admits():
                continue
            begun = False
            try:
                async with aclosing(model.stream(messages, generation)) as events:
                    async for event in events:
                        begun = True
                        yield event
            except ModelUnavailable as error:
                _report(breaker, error)
                if begun:
                    raise
                last = error
            except BaseException:
                if begun:
                    breaker.succeeded()
                else:
                    breaker.undecided()
                raise
            else:
                breaker.succeeded()
                return
        raise self._nobody(last) from last

    async def choose(self, messages: Sequence[Message], options: Sequence[str]) -> list[float]:
        return await self._first_to_answer(lambda model: model.choose(messages, options))

    async def beginnings(self, messages: Sequence[Message]) -> dict[str, float]:
        return await self._first_to_answer(lambda model: model.beginnings(messages))

    async def _first_to_answer(self, ask: Callable[[Model], Awaitable[T]]) -> T:
        last: ModelUnavailable | None = None
        for model, breaker in self._parts:
            if not breaker.admits():
                continue
            try:
                answer = await ask(model)
            except ModelUnavailable as error:
                _report(breaker, error)
                last = error
            except BaseException:
                breaker.undecided()
                raise
            else:
                breaker.succeeded()
                return answer
        raise self._nobody(last) from last

    async def check(self) -> Health:
        checked = [await model.check() for model, _ in self._parts]
        return Health(
            ok=any(health.ok for health in checked),
            detail=" ".join(health.detail for health in checked) or "No model is set.",
            models=tuple(name for health in checked for name in health.models),
        )

    def _nobody(self, last: ModelUnavailable | None) -> ModelUnavailable:
        if last is not None:
            return type(last)(last.detail)
        return ModelUnavailable("No model answers at the moment; it is tried again shortly.")


def _report(breaker: Breaker, error: ModelUnavailable) -> None:
    """A request too long, or a busy moment, does not mean that the model is broken."""
    if isinstance(error, (PromptRefused, ModelBusy)):
        breaker.undecided()
    else:
        breaker.failed()
