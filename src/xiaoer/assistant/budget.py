"""A stream of events that has to end in time."""

import asyncio
from collections.abc import AsyncGenerator
from typing import TypeVar

from xiaoer.llm.model import ModelTooSlow

T = TypeVar("T")


async def within(events: AsyncGenerator[T], seconds: float) -> AsyncGenerator[T]:
    """The events, until `seconds` after the first was asked for; then `ModelTooSlow`. The caller closes `events`."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            async with asyncio.timeout_at(deadline):
                event = await anext(events, None)
        except TimeoutError:
            raise ModelTooSlow(f"The answer took longer than the {seconds:g} seconds this question is given.") from None
        if event is None:
            return
        yield event
