"""One short question to the model on behalf of staff, and what its answer must still hold."""

from collections import Counter
from contextlib import aclosing

from xiaoer.assistant.budget import within
from xiaoer.llm.messages import Generation, Message, TextDelta
from xiaoer.llm.model import Model, ModelUnavailable
from xiaoer.patterns import lazy

SECONDS = 30.0
LONGEST = 2000
_QUOTES = lazy(r"^[\s\"'“”‘’「」『』《》]+|[\s\"'“”‘’「」『』]+$")
_NUMBER = lazy(r"\d+(?:[.,:]\d+)*")
_THOUSANDS = lazy(r"(?<=\d)[.,](?=\d{3}(?!\d))")
_ADDRESS = lazy(r"https?://[^\s，。；！？）)]+|(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+")


async def ask(model: Model | None, instruction: str, text: str, *, max_tokens: int) -> str | None:
    """The model's answer, without quotation marks around it; None without a model, or when it gives none in time."""
    if model is None:
        return None
    generation = Generation(max_tokens=max_tokens, temperature=0.0)
    prompt = [Message("system", instruction), Message("user", text)]
    said = ""
    try:
        async with aclosing(model.stream(prompt, generation)) as events:
            async for event in within(events, SECONDS):
                if isinstance(event, TextDelta):
                    said += event.text
    except ModelUnavailable:
        return None
    return _QUOTES.sub("", said)[:LONGEST] or None


def numbers(text: str) -> Counter[str]:
    """Every number of a text, written the same way in every language."""
    plain = text.translate(str.maketrans("０１２３４５６７８９", "0123456789"))
    return Counter(_NUMBER.findall(_THOUSANDS.sub("", plain)))


def same_facts(before: str, after: str) -> bool:
    """Whether numbers and addresses are the same in both: nothing added, nothing lost."""
    return numbers(before) == numbers(after) and set(_ADDRESS.findall(before)) == set(_ADDRESS.findall(after))
