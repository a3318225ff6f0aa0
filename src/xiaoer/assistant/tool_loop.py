"""A model that calls tools, kept on a short lead: few steps, reads side by side, errors told back as words.

What a tool says is material and no order: sentences in it that speak to the machine are taken out first. A change needs
that the customer's own words ask for it; then the flow of that change goes on as if the rules had understood it, and
the customer confirms. The model's last words are the caller's to gate.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Final

from xiaoer.assistant.events import ToolUse
from xiaoer.assistant.untrusted import without_orders
from xiaoer.errors import XiaoerError
from xiaoer.llm.messages import (
    Generation,
    Message,
    TextDelta,
    ThinkingDelta,
    ToolRequest,
    ToolRequests,
)
from xiaoer.llm.model import Model, ModelUnavailable
from xiaoer.tools.toolbox import Row, Toolbox, failure

MOST_STEPS: Final = 5
MOST_CALLS: Final = 8
TOO_MANY: Final = "ToolRefused: No more calls in this turn. Answer with what is known."


@dataclass
class Looped:
    """How the loop went; filled while it runs. `said` are the model's last words, not yet gated."""

    said: str = ""
    thinking: str = ""
    failure: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    """Those of `lines` that are the customer's own orders and the like, in words of ours."""
    rows: dict[str, Row] = field(default_factory=dict)
    dropped: int = 0
    """Sentences of results that spoke to the machine."""


class Begun(Exception):
    """A change is put before the customer: the turn ends with that."""


async def run(
    model: Model, toolbox: Toolbox, messages: Sequence[Message], generation: Generation, looped: Looped
) -> AsyncGenerator[ToolUse]:
    """Let the model call tools until it answers, a change is begun (`Begun`), or its steps are used up."""
    talk = list(messages)
    for _ in range(MOST_STEPS):
        said, requests = await _step(model, talk, generation, looped)
        if looped.failure:
            return
        if not requests:
            looped.said = said
            return
        talk.append(Message("assistant", said, requests=requests))
        free = max(MOST_CALLS - len(looped.calls), 0)
        for request in requests[:free]:
            yield ToolUse(request.name[:60], "started")
        answers = await _answered(toolbox, requests[:free], looped)
        for request, (text, outcome) in zip(requests[:free], answers, strict=True):
            yield ToolUse(request.name[:60], "succeeded" if outcome == "succeeded" else "failed")
            talk.append(Message("tool", text, answers=request.id))
        talk += [Message("tool", TOO_MANY, answers=request.id) for request in requests[free:]]
    looped.failure = "The model called tools until its steps were used up."


async def _step(
    model: Model, talk: Sequence[Message], generation: Generation, looped: Looped
) -> tuple[str, tuple[ToolRequest, ...]]:
    said = ""
    requests: tuple[ToolRequest, ...] = ()
    try:
        async with aclosing(model.stream(talk, generation)) as events:
            async for event in events:
                match event:
                    case TextDelta(text):
                        said += text
                    case ThinkingDelta(text):
                        looped.thinking += text
                    case ToolRequests():
                        requests = event.requests
    except ModelUnavailable as error:
        looped.failure = error.detail
    return said, requests


async def _answered(toolbox: Toolbox, requests: Sequence[ToolRequest], looped: Looped) -> list[tuple[str, str]]:
    """The results in the order of the requests: reads side by side, then what changes something, one after another."""
    writes = [request for request in requests if toolbox.permission(request.name) == "write-own"]
    reads = [request for request in requests if request not in writes]
    done = dict(zip(reads, await asyncio.gather(*(_call(toolbox, each, looped) for each in reads)), strict=True))
    for request in writes:
        done[request] = await _call(toolbox, request, looped)
    return [done[request] for request in requests]


async def _call(toolbox: Toolbox, request: ToolRequest, looped: Looped) -> tuple[str, str]:
    noted: dict[str, Any] = {"tool": request.name[:60], "arguments": request.arguments[:500], "outcome": "succeeded"}
    looped.calls.append(noted)
    try:
        result = await toolbox.call(request.name, request.arguments)
    except Begun:
        raise
    except XiaoerError as error:
        noted |= {"outcome": type(error).__name__, "detail": error.detail[:300]}
        return failure(error), noted["outcome"]
    text, dropped = without_orders(result.text)
    noted["dropped"] = dropped
    looped.dropped += dropped
    looped.lines += text.splitlines()
    if toolbox.permission(request.name) == "read-own":
        looped.own += text.splitlines()
    looped.rows |= {row.id: row for row in result.rows}
    return text or "Nothing was found.", "succeeded"
