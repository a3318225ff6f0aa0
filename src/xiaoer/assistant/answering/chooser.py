"""The model as a second reader: how likely it is to find no answer in the sentences, and at which one it points.

It is told to copy the answer, or to say "none"; only the probabilities of its first token are read, so nothing is
decoded. That of "none" tells answers from look-alikes, better than asking whether it is there, or which sentence it is
(docs/decisions/0004). The other tokens are how it would begin the answer: they point at the sentence that has them. The
instructions and examples never change, so that a server with a prefix cache reads only the sentences and the question,
about 120 tokens.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from xiaoer.llm.messages import Message
from xiaoer.llm.model import Model
from xiaoer.patterns import toml

MOST = 3
"""Sentences shown: they hold the answer in 94 of 100 XQuAD questions, four in 96, and each costs 0.2 s on a CPU."""
LONGEST = 90
"""Characters of a sentence that are shown; twice as many for letters half as wide."""
MOST_SURPRISE = 6.0
"""More is not told apart: the word was hardly among the tokens that a server lists."""
LAST_NARROW = "\u2e7f"

_LESSONS: Final = toml("xiaoer.assistant.answering", "chooser.toml")


@dataclass(frozen=True)
class Word:
    """What the model thinks of the sentences it saw.

    `surprise`: -log of the probability that it says "none" (0: it surely does). `pointed`: the share of its first
    token, 0 to 1, that stands in each sentence.
    """

    surprise: float
    pointed: tuple[float, ...]


async def consult(model: Model, question: str, sentences: Sequence[str], *, language: str) -> Word | None:
    """Ask the model; None when it does not tell. At most `MOST` sentences are shown. Raises `ModelUnavailable`."""
    spoken = language if language in _LESSONS else "en"
    shown = [_shortened(sentence) for sentence in sentences[:MOST]]
    begun = await model.beginnings([*lesson(spoken), Message("user", _asked(shown, question, spoken))])
    return understood(begun, shown, none=_LESSONS[spoken]["none"]) if begun else None


def understood(begun: Mapping[str, float], sentences: Sequence[str], *, none: str) -> Word:
    """Read the first tokens; one that several sentences have points at each of them a little."""
    denied = 0.0
    pointed = [0.0] * len(sentences)
    folded = [sentence.casefold() for sentence in sentences]
    for token, log in begun.items():
        said = token.strip().casefold()
        if said and none.casefold().startswith(said):
            denied += math.exp(log)
            continue
        holding = [number for number, sentence in enumerate(folded) if said and said in sentence]
        for number in holding:
            pointed[number] += math.exp(log) / len(holding)
    return Word(min(-math.log(max(denied, math.exp(-MOST_SURPRISE))), MOST_SURPRISE), tuple(pointed))


@cache
def lesson(language: str) -> tuple[Message, ...]:
    """The beginning that all these prompts of a language ("zh" or "en") share."""
    taught = _LESSONS[language]
    lines = [Message("system", taught["rule"])]
    for example in taught["examples"]:
        lines.append(Message("user", _asked(example["notes"], example["question"], language)))
        lines.append(Message("assistant", example["reply"]))
    return tuple(lines)


def _asked(sentences: Sequence[str], question: str, language: str) -> str:
    return "\n".join([*sentences, f"{_LESSONS[language]['label']}{question}"])


def _shortened(sentence: str) -> str:
    most = LONGEST if any(character > LAST_NARROW for character in sentence) else 2 * LONGEST
    plain = " ".join(sentence.split())
    return plain if len(plain) <= most else f"{plain[:most]}…"
