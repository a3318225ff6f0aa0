"""From what was read to what is said: by the model, sentence by sentence through the gate, or quoted as it stands.

A small model chooses sentences and does not write them (docs/decisions/0004): its own words contain the answer less
often than the sentence it was given. A larger one writes; whatever the gate holds back is replaced by a quotation.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from xiaoer import telemetry
from xiaoer.assistant.answering import prompts
from xiaoer.assistant.answering.answer_filters import told
from xiaoer.assistant.answering.reading import Quote
from xiaoer.assistant.asked import Mode
from xiaoer.assistant.budget import within
from xiaoer.assistant.gate.backing import backing
from xiaoer.assistant.gate.stream import Gate
from xiaoer.language.phrases import joined, phrase
from xiaoer.language.sentences import Splitter
from xiaoer.llm.messages import Finished, Generation, Message, TextDelta, ThinkingDelta
from xiaoer.llm.model import Model, ModelUnavailable
from xiaoer.llm.profiles import billions
from xiaoer.stores import Profile

SMALL_BILLIONS = 3.0
TINY_BILLIONS = 1.0
UNHURRIED = 60.0
"""Seconds a model may take where nobody has decided otherwise."""
_ENDS = tuple("。！？…：；.!?:;।؟")
OVERRUN = 1.5
"""How much longer than an answer two quotations may be: they cannot be shortened as own words can."""

Cosine = Callable[[str, Sequence[str]], Awaitable[float | None]]
"""How near a sentence is in meaning to the nearest of some texts, -1 to 1; None: unknown."""


@dataclass
class Worded:
    """How the wording went; filled while it streams."""

    text: str = ""
    route: str = "model"
    thinking: str = ""
    failure: str = ""
    withheld: list[dict[str, Any]] = field(default_factory=list)
    withheld_kinds: list[str] = field(default_factory=list)
    tokens: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """What is to be worded, for whom."""

    profile: Profile
    language: str
    question: str
    quotes: Sequence[Quote]
    prompt: list[Message]
    customer: tuple[str, ...] = ()
    cosine: Cosine | None = None
    mode: Mode | None = None


def generation_of(profile: Profile, mode: Mode | None) -> Generation:
    """How the shop wants its model to generate, fast or thinking."""
    return Generation(
        max_tokens=profile.max_tokens,
        temperature=profile.temperature,
        top_p=profile.top_p,
        repetition_penalty=profile.repetition_penalty,
        frequency_penalty=profile.frequency_penalty,
        presence_penalty=profile.presence_penalty,
        thinking=mode.thinking if mode else False,
        thinking_tokens=mode.tokens if mode else 0,
    )


def writes(model: Model, *, foreign: bool = False) -> bool:
    """Whether this model words answers itself; a size below 3 billion in its name says no.

    What stands in another language than the customer's is better told by a model of 1 billion than quoted; smaller ones
    echo the question, or say "yes".
    """
    size = billions(model.name)
    return size is None or size >= (TINY_BILLIONS if foreign else SMALL_BILLIONS)


def quoted(profile: Profile, language: str, quotes: Sequence[Quote], *, lead: bool, confidence: float = 1.0) -> str:
    """The quotes one after another, as many as an answer may hold; said to be quotes when `lead`."""
    limit = OVERRUN * profile.answer_characters * (1 if language in ("zh", "ja", "ko") else 2)
    said = [told(quote, confidence) for quote in quotes]
    texts = [said[0]]
    for text in said[1:]:
        if text not in texts and sum(map(len, texts)) + len(text) <= limit:
            texts.append(text)
    if lead:
        texts.insert(0, phrase("extract_lead", language))
    if all(text.rstrip("\"'”’」』)）").endswith(_ENDS) for text in texts):
        return joined(language, *texts)
    return "\n".join(texts)  # rows of a table have no full stop to part them


async def write(model: Model, task: Task, worded: Worded) -> AsyncGenerator[str]:
    """Stream the model's answer as far as it is backed; `worded` tells afterwards how it went."""
    profile = task.profile
    gate = Gate(
        backing([quote.passage for quote in task.quotes], shop=profile.facts, customer=task.customer),
        task.language,
        forbidden=prompts.system(profile, task.language).splitlines(),
    )
    generation = generation_of(profile, task.mode)
    splitter = Splitter()
    try:
        seconds = task.mode.seconds if task.mode else UNHURRIED
        async with aclosing(model.stream(task.prompt, generation)) as events:
            async for event in within(events, seconds):
                match event:
                    case TextDelta(text):
                        for sentence in splitter.feed(text):
                            if admitted := await _admitted(gate, sentence, task):
                                worded.text += admitted
                                yield admitted
                    case ThinkingDelta(text):
                        worded.thinking += text
                    case Finished():
                        worded.tokens = _count(event)
        for sentence in splitter.flush():
            if admitted := await _admitted(gate, sentence, task):
                worded.text += admitted
                yield admitted
    except ModelUnavailable as error:
        worded.failure = error.detail
    worded.withheld_kinds += list(gate.counts.elements())
    worded.withheld += [
        {
            "text": held.text,
            "claims": [{"kind": claim.kind, "text": claim.text, "reason": claim.reason} for claim in held.claims],
        }
        for held in gate.withheld
    ]


async def _admitted(gate: Gate, sentence: str, task: Task) -> str:
    cosine = None
    if task.cosine is not None and gate.needs_cosine(sentence):
        cosine = await task.cosine(sentence, [quote.text for quote in task.quotes])
    return gate.admit(sentence, cosine=cosine)


def _count(finished: Finished) -> dict[str, int]:
    usage = finished.usage
    telemetry.TOKENS.labels("prompt").inc(usage.prompt_tokens)
    telemetry.TOKENS.labels("cached").inc(usage.cached_tokens)
    telemetry.TOKENS.labels("completion").inc(usage.completion_tokens)
    return {"prompt": usage.prompt_tokens, "completion": usage.completion_tokens}
