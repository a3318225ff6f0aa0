"""From what was read to what is said: by the model, sentence by sentence through the gate, or quoted as it stands.

A small model chooses sentences and does not write them (docs/decisions/0004): its own words contain the answer less
often than the sentence it was given. A larger one writes; whatever the gate holds back is replaced by a quotation.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from xiaoer import telemetry
from xiaoer.assistant.answering import prompts
from xiaoer.assistant.answering.answer_filters import told
from xiaoer.assistant.answering.material import Shown
from xiaoer.assistant.answering.reading import Quote
from xiaoer.assistant.asked import Mode
from xiaoer.assistant.budget import within
from xiaoer.assistant.gate.backing import Passage, backing
from xiaoer.assistant.gate.stream import Compare, Gate
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
MOST_REPAIRS = 1


@dataclass
class Written:
    """How the writing went; filled while it streams.

    `refused`: the writer's verdict is that the material does not answer. `cited`: the numbers of the passages that what
    was said names.
    """

    text: str = ""
    thinking: str = ""
    failure: str = ""
    refused: bool = False
    cited: list[int] = field(default_factory=list)
    withheld: list[dict[str, Any]] = field(default_factory=list)
    withheld_kinds: list[str] = field(default_factory=list)
    tokens: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """What is to be written, for whom, from what."""

    profile: Profile
    language: str
    shown: Sequence[Shown]
    prompt: list[Message]
    customer: tuple[str, ...] = ()
    """What the customer has said, the last message last."""
    compare: Compare | None = None
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


def quoted(
    profile: Profile, language: str, quotes: Sequence[Quote], *, lead: bool, confidence: float = 1.0, room: float = 0.0
) -> str:
    """The quotes in turn, as many as an answer, or the `room` given, may hold; said to be quotes when `lead`."""
    limit = max(OVERRUN * profile.answer_characters * (1 if language in ("zh", "ja", "ko") else 2), 2 * room)
    said = [told(quote, confidence) for quote in quotes]
    texts = [said[0]]
    for text in said[1:]:
        if text not in texts and sum(map(len, texts)) + len(text) <= limit:
            texts.append(text)
    if lead:
        texts.insert(0, phrase("extract_lead", language))
    is_prose = not any(quote.label or "\n" in quote.text for quote in quotes)
    if is_prose and all(text.rstrip("\"'”’」』)）").endswith(_ENDS) for text in texts):
        return joined(language, *texts)
    return "\n".join(texts)  # rows of a table have no full stop to part them


async def write(model: Model, task: Task, written: Written) -> AsyncGenerator[str]:
    """Stream the model's answer as far as it is backed; `written` tells afterwards how it went.

    Where something was held back the model is told so once, and may say it anew.
    """
    profile = task.profile
    gate = Gate(
        backing(
            [
                Passage(shown.hit.text, shown.hit.heading, frozenset(shown.hit.product_ids), shown.hit.locale)
                for shown in task.shown
            ],
            shop=profile.facts,
            customer=task.customer,
            about={product for shown in task.shown if shown.hit.in_focus for product in shown.hit.product_ids},
        ),
        task.language,
        forbidden=prompts.system(profile, task.language).splitlines(),
    )
    prompt = list(task.prompt)
    for attempt in range(MOST_REPAIRS + 1):
        before = len(gate.withheld)
        async with aclosing(_attempt(model, prompt, task, gate, written)) as parts:
            async for part in parts:
                yield part
        held = [each.text for each in gate.withheld[before:] if "repeat" not in {claim.kind for claim in each.claims}]
        if attempt == MOST_REPAIRS or not held or written.failure or written.refused:
            break
        prompt += [Message("assistant", written.text.strip() or held[0]), prompts.repair(task.language, held)]
    written.withheld_kinds += list(gate.counts.elements())
    written.withheld += [
        {
            "text": held_back.text,
            "claims": [{"kind": claim.kind, "text": claim.text, "reason": claim.reason} for claim in held_back.claims],
        }
        for held_back in gate.withheld
    ]


async def _attempt(
    model: Model, prompt: Sequence[Message], task: Task, gate: Gate, written: Written
) -> AsyncGenerator[str]:
    splitter = Splitter()
    seconds = task.mode.seconds if task.mode else UNHURRIED
    try:
        async with aclosing(model.stream(prompt, generation_of(task.profile, task.mode))) as events:
            async for event in within(events, seconds):
                match event:
                    case TextDelta(text):
                        for sentence in splitter.feed(text):
                            if admitted := await _admitted(gate, sentence, task, written):
                                yield admitted
                    case ThinkingDelta(text):
                        written.thinking += text
                    case Finished():
                        written.tokens = _count(event)
        for sentence in splitter.flush():
            if admitted := await _admitted(gate, sentence, task, written):
                yield admitted
    except ModelUnavailable as error:
        written.failure = error.detail


async def _admitted(gate: Gate, sentence: str, task: Task, written: Written) -> str:
    """What of a sentence may be said, without its marks of citation."""
    admitted = await gate.admitted(sentence, task.compare)
    written.refused = gate.refused
    written.cited = list(dict.fromkeys(gate.cited))
    written.text += admitted
    return admitted


def _count(finished: Finished) -> dict[str, int]:
    usage = finished.usage
    telemetry.TOKENS.labels("prompt").inc(usage.prompt_tokens)
    telemetry.TOKENS.labels("cached").inc(usage.cached_tokens)
    telemetry.TOKENS.labels("completion").inc(usage.completion_tokens)
    return {"prompt": usage.prompt_tokens, "completion": usage.completion_tokens}
