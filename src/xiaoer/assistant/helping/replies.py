"""A reply for staff to accept, change or leave: the answer the assistant would have given, with its sources."""

import uuid
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from xiaoer.assistant.asked import Asked, Said
from xiaoer.assistant.turn import Assistant
from xiaoer.conversations.tables import Message
from xiaoer.conversations.thread import Answer
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.language.phrases import phrase
from xiaoer.llm.model import Model
from xiaoer.stores import Profile

HISTORY = 8
TRIED = 3
"""Last messages of the customer that are tried, the newest first: "a person please" follows the question itself."""
USEFUL = ("curated", "model", "extract", "flow")


@dataclass(frozen=True)
class Suggested:
    """A reply to the customer's message `message_id`. `by` is the route it came by."""

    message_id: uuid.UUID
    text: str
    language: str
    by: str
    sources: tuple[dict[str, Any], ...]


async def suggested(
    knowledge: Knowledge, model: Model | None, store_id: uuid.UUID, profile: Profile, messages: Sequence[Message]
) -> Suggested | None:
    """A backed reply to what the customer asked last; None when nothing backs one."""
    assistant = Assistant(knowledge)
    assistant.use(model)
    open_since = max((each.position for each in messages if each.author == "staff"), default=0)
    owed = [each for each in messages if each.author == "customer" and each.position > open_since]
    latest = owed or [each for each in messages if each.author == "customer"][-1:]
    for message in reversed(latest[-TRIED:]):
        earlier = [each for each in messages if each.position < message.position and each.author != "system"]
        asked = Asked(
            store_id=store_id,
            profile=profile,
            text=message.text,
            history=tuple(Said(each.author, each.text, each.route) for each in earlier[-HISTORY:]),
            prior_language=message.language,
        )
        answer = await _answered(assistant, asked)
        if answer is not None and answer.outcome == "done" and answer.route in USEFUL and answer.sources:
            lead = phrase("extract_lead", answer.language)  # a machine's words, not a colleague's
            text = answer.text.removeprefix(lead).lstrip()
            return Suggested(message.id, text, answer.language, answer.route, tuple(answer.sources))
    return None


async def _answered(assistant: Assistant, asked: Asked) -> Answer | None:
    answer = None
    async with aclosing(assistant.answer(asked)) as events:
        async for event in events:
            if isinstance(event, Answer):
                answer = event
    return answer
