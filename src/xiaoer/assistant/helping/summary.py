"""What a colleague must know before the first word: put together from what is stored, and worded by a model if wanted.

The plain summary holds only what was said and recorded. A model's sentence with a number that nobody wrote is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from xiaoer.assistant.helping.asking import ask, numbers
from xiaoer.assistant.understanding.entities import entities_of
from xiaoer.assistant.understanding.intent import intent_of
from xiaoer.conversations.tables import Message
from xiaoer.language.sentences import Splitter
from xiaoer.llm.model import Model

MOST_QUESTIONS = 3
MOST_SAID = 20
SHOWN = 160
BAD_MOOD, GOOD_MOOD = -0.2, 0.2
_INSTRUCTIONS = {
    "zh": "您为客服同事总结下面的对话：顾客要什么，已经答复了什么，还差什么。最多三句，只写对话里有的内容，不要编造。",
    "en": (
        "Summarise this dialogue for a colleague in customer service: what the customer wants, what was answered, what "
        "is left to do. At most three sentences, only what the dialogue says."
    ),
}
_WHO = {"customer": "顾客", "assistant": "AI", "staff": "客服"}


@dataclass(frozen=True)
class Summary:
    """`asked` are the customer's last questions; `answered` what they were told, and how; `mood` bad, calm or good."""

    asked: tuple[str, ...]
    answered: tuple[tuple[str, str], ...]
    orders: tuple[str, ...]
    contacts: tuple[str, ...]
    mood: str
    refused: int
    messages: int


def summarised(messages: Sequence[Message], *, since: int) -> Summary:
    """The matter at hand: what was said after position `since`, or everything when nothing was."""
    recent = [each for each in messages if each.position > since] or list(messages)
    customers = [each for each in recent if each.author == "customer"]
    beside = {each.answers for each in recent if "status" in (each.evidence or {})}  # of the wait, or a contact left
    meant = [each for each in customers if each.id not in beside]
    wanted = [each for each in meant if intent_of(each.text) in ("question", "complaint")] or meant or customers
    named = entities_of("\n".join(each.text for each in customers))
    answers = [each for each in recent if each.author == "assistant" and each.text]
    moods = [float((each.evidence or {}).get("understood", {}).get("sentiment") or 0.0) for each in answers]
    worst = min(moods, default=0.0)
    mood = "bad" if worst <= BAD_MOOD else "good" if moods and moods[-1] >= GOOD_MOOD else "calm"
    told = [
        each
        for each in answers
        if each.route not in ("refuse", "reading") and each.outcome != "handoff" and each.answers not in beside
    ]
    return Summary(
        asked=tuple(each.text[:SHOWN] for each in wanted[-MOST_QUESTIONS:]),
        answered=tuple((each.route or "", _answer(each)[:SHOWN]) for each in told[-MOST_QUESTIONS:]),
        orders=named.orders,
        contacts=(*named.phones, *named.emails),
        mood=mood,
        refused=sum(each.route == "refuse" for each in answers),
        messages=len(customers),
    )


def _answer(message: Message) -> str:
    """The text less what was added to tell how it stands for who waits."""
    return message.text.removesuffix((message.evidence or {}).get("added", ""))


async def worded(model: Model | None, messages: Sequence[Message], *, language: str) -> str | None:
    """The dialogue in up to three sentences of the model; None when it says nothing that can be shown."""
    said = [each for each in messages if each.author in _WHO][-MOST_SAID:]
    dialogue = "\n".join(f"{_WHO[each.author]}：{each.text[:300]}" for each in said)
    answer = await ask(model, _INSTRUCTIONS.get(language, _INSTRUCTIONS["en"]), dialogue, max_tokens=220)
    if answer is None:
        return None
    known = numbers(dialogue)
    splitter = Splitter()
    sentences = [*splitter.feed(answer), *splitter.flush()]
    kept = [each for each in sentences if all(number in known for number in numbers(each))]
    return "".join(kept).strip() or None
