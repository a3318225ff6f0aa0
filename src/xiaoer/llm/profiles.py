"""Facts about families of models, as data: whether they think, how that is switched, what they are made for."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from xiaoer.llm.thinking import THINK, Tags
from xiaoer.patterns import lazy

_SIZE = lazy(r"(?<![\w.])(\d+(?:\.\d+)?)\s?b(?![a-z])", re.IGNORECASE)

ThinkingHabit = Literal["never", "hybrid", "always"]


@dataclass(frozen=True)
class Sampling:
    """What the makers recommend."""

    temperature: float
    top_p: float
    top_k: int | None = None
    min_p: float | None = None


@dataclass(frozen=True)
class Profile:
    """One family. `pattern` is searched in the model's name, lower case."""

    family: str
    pattern: str
    thinking: ThinkingHabit = "never"
    opens_implicitly: bool = False
    """When it thinks, the chat template has written the opening tag already: only the closing one is in the stream."""
    tags: Tags = THINK
    template_switch: str | None = None
    """The chat template's variable that switches thinking, for `chat_template_kwargs`."""
    hosted_switch: Literal["enable_thinking", "thinking.type"] | None = None
    """How hosted services of this family switch thinking."""
    soft_switch: tuple[str, str] | None = None
    """Words at the end of the customer's message that switch thinking on and off, where the server has no switch."""
    system_role: bool = True
    """False: its template knows no system message; what it says goes before the first message of the customer."""
    calls_tools: bool = False
    """Its larger models (`calls_tools_well`) ask for calls in the form that their servers read."""
    context_tokens: int = 32_768
    """Native context length."""
    licence: str = "see the model's page"
    sampling: Sampling = Sampling(0.7, 0.9)
    thinking_sampling: Sampling | None = None

    def thinks(self, *, wanted: bool) -> bool:
        """Tell whether it will think when that is wanted or not."""
        return self.thinking == "always" or (self.thinking == "hybrid" and wanted)

    def starts_inside(self, *, wanted: bool) -> bool:
        """Tell whether its stream begins in the middle of its thinking."""
        return self.opens_implicitly and self.thinks(wanted=wanted)


_QWEN_PLAIN = Sampling(0.7, 0.8, top_k=20)
_QWEN_THINKING = Sampling(0.6, 0.95, top_k=20)

PROFILES: Final[tuple[Profile, ...]] = (
    Profile(
        "deepseek-r1",
        r"deepseek-?r1|r1-distill",
        thinking="always",
        opens_implicitly=True,
        system_role=False,
        context_tokens=131_072,
        licence="MIT (distilled ones also carry their base model's licence)",
        sampling=Sampling(0.6, 0.95),
        thinking_sampling=Sampling(0.6, 0.95),
    ),
    Profile(
        "qwen3-thinking",
        r"qwen-?3.*thinking|qwq",
        calls_tools=True,
        thinking="always",
        opens_implicitly=True,
        context_tokens=262_144,
        licence="Apache-2.0",
        sampling=_QWEN_THINKING,
        thinking_sampling=_QWEN_THINKING,
    ),
    Profile(
        "qwen3-instruct-2507",
        r"qwen-?3.*(instruct|2507|coder)",
        calls_tools=True,
        context_tokens=262_144,
        licence="Apache-2.0",
        sampling=_QWEN_PLAIN,
    ),
    Profile(
        "qwen3.5",
        r"qwen-?3\.[5-9]",
        calls_tools=True,
        thinking="hybrid",
        opens_implicitly=True,
        template_switch="enable_thinking",
        hosted_switch="enable_thinking",
        context_tokens=262_144,
        licence="Apache-2.0",
        sampling=_QWEN_PLAIN,
        thinking_sampling=_QWEN_THINKING,
    ),
    Profile(
        "qwen3",
        r"qwen-?3",
        calls_tools=True,
        thinking="hybrid",
        template_switch="enable_thinking",
        hosted_switch="enable_thinking",
        soft_switch=("/think", "/no_think"),
        context_tokens=32_768,
        licence="Apache-2.0",
        sampling=_QWEN_PLAIN,
        thinking_sampling=_QWEN_THINKING,
    ),
    Profile(
        "qwen2.5",
        r"qwen-?2(\.5)?",
        calls_tools=True,
        context_tokens=32_768,
        licence="Apache-2.0 (3B and 72B: Qwen licence)",
        sampling=_QWEN_PLAIN,
    ),
    Profile(
        "qwen-hosted",
        r"qwen-(plus|turbo|flash|max)",
        calls_tools=True,
        thinking="hybrid",
        hosted_switch="enable_thinking",
        context_tokens=131_072,
        licence="hosted only",
        sampling=_QWEN_PLAIN,
        thinking_sampling=_QWEN_THINKING,
    ),
    Profile(
        "deepseek",
        r"deepseek",
        calls_tools=True,
        thinking="hybrid",
        opens_implicitly=True,
        template_switch="thinking",
        hosted_switch="thinking.type",
        context_tokens=131_072,
        licence="MIT",
        sampling=Sampling(0.6, 0.95),
        thinking_sampling=Sampling(0.6, 0.95),
    ),
    Profile(
        "glm",
        r"glm-?(4\.[5-9]|[5-9])",
        calls_tools=True,
        thinking="hybrid",
        opens_implicitly=True,
        template_switch="enable_thinking",
        hosted_switch="thinking.type",
        context_tokens=131_072,
        licence="MIT",
        sampling=Sampling(0.6, 0.95),
        thinking_sampling=Sampling(1.0, 0.95),
    ),
    Profile("glm-4", r"glm-?4", context_tokens=131_072, licence="GLM-4 licence", sampling=Sampling(0.6, 0.8)),
    Profile(
        "gpt-oss",
        r"gpt-oss",
        calls_tools=True,
        thinking="always",
        context_tokens=131_072,
        licence="Apache-2.0",
        sampling=Sampling(1.0, 1.0),
        thinking_sampling=Sampling(1.0, 1.0),
    ),
    Profile(
        "gemma-2",
        r"gemma-?2|gemma:",
        system_role=False,
        context_tokens=8_192,
        licence="Gemma terms",
        sampling=Sampling(1.0, 0.95, top_k=64),
    ),
    Profile(
        "gemma",
        r"gemma",
        context_tokens=32_768,
        licence="Gemma terms (Gemma 4: Apache-2.0)",
        sampling=Sampling(1.0, 0.95, top_k=64),
    ),
    Profile(
        "llama",
        r"llama",
        context_tokens=131_072,
        licence="Llama community licence",
        sampling=Sampling(0.6, 0.9),
    ),
    Profile(
        "other-thinking",
        r"think|reason",
        thinking="always",
        opens_implicitly=True,
        sampling=Sampling(0.6, 0.95),
        thinking_sampling=Sampling(0.6, 0.95),
    ),
)

SMALLEST_WITH_TOOLS: Final = 4.0
"""Billions of parameters."""

DEFAULT: Final = Profile("default", r"")


def profile_of(name: str) -> Profile:
    """Return the facts of the first family whose pattern is in the name."""
    lowered = name.lower()
    return next((profile for profile in PROFILES if re.search(profile.pattern, lowered)), DEFAULT)


def billions(name: str) -> float | None:
    """Billions of parameters, as the model's name states them ("qwen2.5-0.5b-instruct"); None where it does not."""
    found = _SIZE.search(name.replace("-", " ").replace("_", " "))
    return float(found.group(1)) if found else None


def calls_tools_well(name: str) -> bool:
    """Whether a model may be given tools: its family can, and its name does not say that it is small.

    Published: an untuned Qwen3-4B solves 40 to 49 % of the retail tasks of tau-bench. Measured: 0.5B writes its
    calls as text, or invents results.
    """
    size = billions(name)
    return profile_of(name).calls_tools and (size is None or size >= SMALLEST_WITH_TOOLS)
