"""Reads what a server answers: pieces of a stream, usage, probabilities of the next token. Pure; malformed input
raises one of `failures.UNREADABLE`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from xiaoer.llm.messages import FinishReason, ToolRequest, Usage

_REASONS: Final[Mapping[str, FinishReason]] = {
    "stop": "stop",
    "tool_calls": "stop",
    "function_call": "stop",
    "length": "length",
    "content_filter": "filter",
}
BEYOND_LISTED: Final = 2.0
"""A token that is not among the listed ones is taken to be this much (natural log) below the last of them."""
LEAST_MASS: Final = 1e-4
"""Options that together are less likely than this were not what the model was about to choose from."""


@dataclass(frozen=True)
class CallPiece:
    """A piece of a call that the model asks for; pieces of one call share `index`."""

    index: int
    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Chunk:
    """One piece of a stream, whatever server it is from."""

    text: str = ""
    thinking: str = ""
    reason: FinishReason | None = None
    usage: Usage | None = None
    calls: tuple[CallPiece, ...] = ()


def read_chunk(chunk: Any) -> Chunk:
    """Read one event of a stream."""
    usage = None if chunk.usage is None else read_usage(chunk.usage)
    if not chunk.choices:
        return Chunk(usage=usage)
    choice = chunk.choices[0]
    return Chunk(
        text=_text(choice.delta, "content"),
        thinking=_text(choice.delta, "reasoning_content") or _text(choice.delta, "reasoning"),
        reason=None if choice.finish_reason is None else _reason(choice.finish_reason),
        usage=usage,
        calls=_calls(choice.delta),
    )


def _calls(delta: Any) -> tuple[CallPiece, ...]:
    """Some servers send a call whole and leave its number out; those are told apart by their place."""
    listed = getattr(delta, "tool_calls", None) or ()
    return tuple(
        CallPiece(
            index=each.index if isinstance(each.index, int) else place,
            id=_text(each, "id"),
            name=_text(each.function, "name"),
            arguments=_text(each.function, "arguments"),
        )
        for place, each in enumerate(listed)
    )


def joined_calls(pieces: Sequence[CallPiece]) -> tuple[ToolRequest, ...]:
    """The calls that a stream's pieces make up, in their order; a call without an id is given one."""
    whole: dict[int, list[str]] = {}
    for piece in pieces:
        call = whole.setdefault(piece.index, ["", "", ""])
        call[0] = call[0] or piece.id
        call[1] += piece.name if not call[1].endswith(piece.name) else ""
        call[2] += piece.arguments
    return tuple(
        ToolRequest(call[0] or f"call_{index}", call[1], call[2]) for index, call in sorted(whole.items()) if call[1]
    )


def read_message(completion: Any) -> str:
    """Read the text of an answer that came whole."""
    return _text(completion.choices[0].message, "content")


def read_usage(usage: Any) -> Usage:
    """Read the token counts; what is not stated counts as none."""
    details = usage.prompt_tokens_details
    cached = getattr(details, "cached_tokens", None)
    return Usage(
        prompt_tokens=int(usage.prompt_tokens or 0),
        cached_tokens=int(cached or 0),
        completion_tokens=int(usage.completion_tokens or 0),
    )


def read_top_tokens(completion: Any) -> list[tuple[str, float]]:
    """Read the most likely first tokens with their log-probabilities; empty when the server gives none."""
    logprobs = completion.choices[0].logprobs
    if logprobs is None or not logprobs.content:
        return []
    listed = logprobs.content[0].top_logprobs or []
    return [(str(entry.token), float(entry.logprob)) for entry in listed if math.isfinite(entry.logprob)]


def weigh(options: Sequence[str], top: Sequence[tuple[str, float]]) -> list[float] | None:
    """Return log-probabilities of the options, normalised over them; None when the model means something else."""
    masses = [0.0] * len(options)
    for token, logprob in top:
        begun = [index for index, option in enumerate(options) if _begins(token, option)]
        exact = [index for index in begun if options[index] == token.strip()]
        for index in exact or (begun if len(begun) == 1 else []):
            masses[index] += math.exp(logprob)
    if sum(masses) < LEAST_MASS:
        return None
    floor = math.exp(min(logprob for _, logprob in top) - BEYOND_LISTED) or math.ulp(0.0)
    return normalised([math.log(mass or floor) for mass in masses])


def settle(options: Sequence[str], text: str, *, certainty: float = 0.98) -> list[float] | None:
    """Return log-probabilities when only a generated text is known; None when it names no option."""
    said = text.strip().strip("\"'`.。()（）[]【】 \n")
    named = [index for index, option in enumerate(options) if said == option]
    if not named:
        longest_first = sorted(range(len(options)), key=lambda index: -len(options[index]))
        named = [index for index in longest_first if said.startswith(options[index])][:1]
    if not named:
        return None
    rest = (1 - certainty) / max(len(options) - 1, 1)
    return normalised([math.log(certainty if index == named[0] else rest) for index in range(len(options))])


def normalised(logs: Sequence[float]) -> list[float]:
    """Return the same log-probabilities with their exponentials summing to one."""
    highest = max(logs)
    total = highest + math.log(sum(math.exp(value - highest) for value in logs))
    return [value - total for value in logs]


def _begins(token: str, option: str) -> bool:
    stripped = token.strip()
    return bool(stripped) and option.startswith(stripped)


def _reason(stated: Any) -> FinishReason:
    if stated not in _REASONS:
        message = f"unknown finish reason {stated!r}"
        raise ValueError(message)
    return _REASONS[stated]


def _text(part: Any, name: str) -> str:
    value = getattr(part, name, None)
    if value is None:
        return ""
    if not isinstance(value, str):
        message = f"{name} is not text"
        raise TypeError(message)
    return value
