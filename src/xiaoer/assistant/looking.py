"""Telling what is looked up, or can be said already, while an answer is still being found."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from typing import Any

from xiaoer.assistant.events import Text, ToolUse
from xiaoer.conversations.thread import Answer

Looks = asyncio.Queue[ToolUse | Text | None]


async def watched(step: Coroutine[Any, Any, Answer | None], looks: Looks) -> AsyncGenerator[ToolUse | Text | Answer]:
    """Yield what a step puts into `looks` as it comes, then the answer that the step found, if it found one.

    Whoever stops listening stops the step.
    """
    running = asyncio.ensure_future(step)
    running.add_done_callback(lambda _: looks.put_nowait(None))
    try:
        while (look := await looks.get()) is not None:
            yield look
        if (answer := await running) is not None:
            yield answer
    finally:
        running.cancel()
        await asyncio.wait([running])
