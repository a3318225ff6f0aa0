"""How long a model may take: for its first token, between two tokens, and for the whole answer."""

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import TypeVar

from xiaoer.llm.model import ModelTooSlow

T = TypeVar("T")


@dataclass(frozen=True)
class Timeouts:
    """Limits in seconds."""

    connect_seconds: float = 3.0
    first_token_seconds: float = 8.0
    between_tokens_seconds: float = 5.0
    whole_seconds: float = 60.0


@dataclass
class Patience:
    """The limits applied to one answer; only the time spent in waiting for the model is limited."""

    model: str
    timeouts: Timeouts
    started: float = field(default_factory=time.monotonic)
    has_begun: bool = False
    """Set when the first token has come."""

    async def wait(self, awaitable: Awaitable[T]) -> T:
        """Wait for the next thing from the model; raise `ModelTooSlow` when it takes too long."""
        elapsed = time.monotonic() - self.started
        if self.has_begun:
            limit, what = self.timeouts.between_tokens_seconds, "between two tokens"
        else:
            limit, what = self.timeouts.first_token_seconds - elapsed, "for its first token"
        left = self.timeouts.whole_seconds - elapsed
        if left < limit:
            limit, what = left, "for its answer"
        try:
            async with asyncio.timeout(max(limit, 0)):
                return await awaitable
        except TimeoutError as error:
            raise ModelTooSlow(f"The model {self.model} took too long {what}.") from error
