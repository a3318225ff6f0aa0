"""What is said to a model and what comes back: plain values, nothing of any wire."""

from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["system", "user", "assistant", "tool"]

FinishReason = Literal["stop", "length", "filter"]


@dataclass(frozen=True)
class ToolSpec:
    """A tool that a model may call: `parameters` is the JSON schema of its arguments."""

    name: str
    description: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class ToolRequest:
    """A call that a model asks for; `arguments` is JSON as it came, which may be none."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Message:
    """One message of a dialogue as the model sees it.

    `requests` are the calls that an assistant's message asks for; `answers` of a tool's message is the id of the one
    whose result it is.
    """

    role: Role
    content: str
    requests: tuple[ToolRequest, ...] = ()
    answers: str = ""


@dataclass(frozen=True)
class Generation:
    """How an answer is to be generated; a wire leaves out what its server does not understand."""

    max_tokens: int = 300
    temperature: float = 0.2
    top_p: float = 0.9
    repetition_penalty: float = 1.05
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    stop: tuple[str, ...] = ()
    thinking: bool = False
    """Let a model that can think do so first; what it thinks arrives as `ThinkingDelta`, never as text."""
    thinking_tokens: int = 1024
    """Allowed on top of `max_tokens` to a model that thinks."""
    seed: int | None = None
    json_schema: dict[str, Any] | None = None
    """When given, the server is asked to let only JSON of this schema through."""
    tools: tuple[ToolSpec, ...] = ()
    """What the model may ask to be called; its requests arrive as one `ToolRequests` before `Finished`."""


@dataclass(frozen=True)
class Usage:
    """Tokens of one call; `cached_tokens` of the prompt came from the server's prefix cache."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True)
class TextDelta:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True)
class ThinkingDelta:
    """A piece of the model's thinking; it never reaches a customer."""

    text: str


@dataclass(frozen=True)
class ToolRequests:
    """All the calls that the model asks for with this answer, in its order."""

    requests: tuple[ToolRequest, ...]


@dataclass(frozen=True)
class Finished:
    """The stream ended as it should; always the last event."""

    reason: FinishReason = "stop"
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    """Which model answered, where several stand behind one name."""


StreamEvent = TextDelta | ThinkingDelta | ToolRequests | Finished
