"""What differs between servers that all speak the OpenAI API, as data."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Server = Literal["vllm", "sglang", "llamacpp", "ollama", "openai"]


@dataclass(frozen=True)
class Dialect:
    """What one kind of server understands beyond the common ground."""

    server: Server
    title: str
    signs_as: tuple[str, ...] = ()
    """The `owned_by` of the models it lists."""
    penalty_field: str | None = None
    """Its name for the repetition penalty; the OpenAI API has none."""
    template_kwargs: bool = False
    """It passes `chat_template_kwargs` on to the chat template."""
    effort_switches_thinking: bool = False
    """`reasoning_effort: "none"` switches thinking off."""
    more_sampling: bool = False
    """It takes `top_k` and `min_p`."""
    keeps_connections: bool = True
    """False: it may close a connection just as the next request is sent over it."""
    start: str = ""
    """What an operator types to start it."""


DIALECTS: Final = MappingProxyType(
    {
        dialect.server: dialect
        for dialect in (
            Dialect(
                "vllm",
                "vLLM",
                signs_as=("vllm",),
                penalty_field="repetition_penalty",
                template_kwargs=True,
                more_sampling=True,
                start="vllm serve MODEL --port 8000",
            ),
            Dialect(
                "sglang",
                "SGLang",
                signs_as=("sglang",),
                penalty_field="repetition_penalty",
                template_kwargs=True,
                more_sampling=True,
                start="python -m sglang.launch_server --model-path MODEL --port 30000",
            ),
            Dialect(
                "llamacpp",
                "llama.cpp",
                signs_as=("llamacpp",),
                penalty_field="repeat_penalty",
                template_kwargs=True,
                more_sampling=True,
                keeps_connections=False,
                start="llama-server -m MODEL.gguf --port 8080 --jinja",
            ),
            Dialect(
                "ollama",
                "Ollama",
                signs_as=("library", "ollama"),
                effort_switches_thinking=True,
                start="ollama serve, then ollama pull MODEL",
            ),
            Dialect("openai", "a hosted service"),
        )
    }
)


def dialect_signed(owners: set[str]) -> Dialect:
    """Return the dialect of the server whose models are owned by one of these; unknown servers speak plain OpenAI."""
    for dialect in DIALECTS.values():
        if owners & set(dialect.signs_as):
            return dialect
    return DIALECTS["openai"]
