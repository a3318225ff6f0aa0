"""How a complaint or a problem is met: with an apology, then what happens now; never with a refusal."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Final

from xiaoer.assistant.asked import Event, Turn
from xiaoer.assistant.escalation import UPSET
from xiaoer.assistant.events import Text
from xiaoer.assistant.meanwhile import is_choice
from xiaoer.assistant.understanding.concern import PROBLEMS, Concerns, by_rules
from xiaoer.assistant.understanding.result import asks
from xiaoer.conversations.thread import Answer
from xiaoer.language import sentences
from xiaoer.language.phrases import joined, phrase

MOST_QUESTIONS = 3
POLICIES: Final[Mapping[str, str]] = {
    "repair": "asked_repair",
    "after_sales": "asked_after_sales",
    "refund": "asked_refund",
}
"""The text that asks what the shop does about a problem, by its kind."""


async def heed(turn: Turn, concerns: Concerns | None) -> None:
    """Find out what the customer is concerned about, and apologise where that is due."""
    text, seen = turn.asked.text, turn.seen
    if is_choice(text):
        return
    if concerns is None:
        turn.concern = by_rules(text, urgent=seen.urgent)
    else:
        turn.concern = await concerns.find(text, urgent=seen.urgent)
    await _understand(turn, concerns)
    concerned = turn.concern is not None and turn.concern.kind != "person"
    if concerned or seen.urgent or seen.sentiment <= UPSET:
        turn.apology = phrase("complaint_sorry", turn.language)
        turn.looks.put_nowait(Text(joined(turn.language, turn.apology, "…").removesuffix("…")))


async def _understand(turn: Turn, concerns: Concerns | None) -> None:
    """What there is to look up about the concern, or besides it."""
    if turn.concern is None:
        return
    kind, text, seen = turn.concern.kind, turn.asked.text, turn.seen
    turn.evidence["understood"]["concern"] = turn.depends["concern"] = kind
    if kind == "person" and turn.concern.is_sure:
        turn.seen = replace(seen, intent="person")
    elif kind == "complaint":
        questions = await _questions(text, concerns)
        _look_up(turn, questions, " ".join(questions))
    elif kind in POLICIES and not asks(text):
        policy = phrase(POLICIES[kind], turn.language)
        if kind == "repair":  # the shop's texts may tell what this fault is, and what to do about it
            turn.policy, turn.looked_up = policy, joined(turn.language, text, policy)
        else:  # what the shop does about it stands in its policies, and not beside the words for what is broken
            _look_up(turn, (policy,), joined(turn.language, text, policy))


def _look_up(turn: Turn, parts: tuple[str, ...], question: str) -> None:
    """Have these questions answered in place of the message, whatever product it names."""
    turn.seen = replace(turn.seen, parts=parts, standalone=" ".join(parts) or turn.seen.standalone)
    turn.focus = replace(turn.focus, products=(), choices=(), rest="")
    turn.looked_up = question


async def _questions(text: str, concerns: Concerns | None) -> tuple[str, ...]:
    """The sentences of a complaint that ask something else."""
    said = [one for each in sentences.split(text) if (one := each.strip())]
    if concerns is None or len(said) == 1:
        return ()
    asked = [one for one in said if asks(one)][:MOST_QUESTIONS]
    return tuple([one for one in asked if await concerns.find(one) is None])


async def attended(turn: Turn, events: AsyncGenerator[Event]) -> AsyncGenerator[Event]:
    """The events of a turn, its answer with the apology before it, and with what happens now after it."""
    async with aclosing(events):
        async for event in events:
            if not isinstance(event, Answer):
                yield event
                continue
            after = ""
            if turn.concern is not None and turn.concern.kind in PROBLEMS and event.route != "flow":
                if is_remedied := _is_remedied(turn, event):
                    event.evidence["remedied"] = True
                # what the shop's policies say settles nothing yet
                after = f"\n{phrase('problem_else' if is_remedied else 'problem_next', turn.language)}"
                yield Text(after)
            yield replace(event, text=joined(turn.language, turn.apology, event.text) + after)


def _is_remedied(turn: Turn, answer: Answer) -> bool:
    """Whether an answer tells what to do about a problem, and not what the shop does about problems."""
    if not turn.policy or turn.by_policy or answer.route not in ("model", "extract"):
        return False
    return all(source["article_id"] not in turn.policy_articles for source in answer.sources)


async def complaint_reply(turn: Turn) -> Answer | None:
    """The reply to a complaint that asks nothing besides: it is for staff, and not for the shop's texts, to answer."""
    complains = turn.concern is not None and turn.concern.kind == "complaint"
    return taken_up(turn) if complains and not turn.seen.parts else None


def taken_up(turn: Turn, suggestions: tuple[str, ...] = ()) -> Answer | None:
    """What happens now with a concern that the shop's texts do not settle: staff see to it; None without a concern."""
    if turn.concern is None or turn.concern.kind == "person":
        return None
    offered = tuple(dict.fromkeys((*suggestions, phrase("talk_to_person", turn.language))))
    if turn.seen.intent == "emoji":  # a face says how somebody feels, and not why
        return turn.ended(phrase("ask_what_is_wrong", turn.language), "flow", confidence=1.0, suggestions=offered)
    text = phrase("problem_next" if turn.concern.kind in PROBLEMS else "complaint_next", turn.language)
    return turn.ended(text, "flow", confidence=1.0, suggestions=offered, evidence={"for_staff": True})
