"""What a customer is concerned about beyond a question: a person is wanted, a complaint, a problem with the goods.

A classifier learnt from examples tells a report ("the mug arrived broken") from a question of policy ("are broken ones
returnable?"). The rules of `intent` stand beside it for what is said in so many words, and alone while it is away.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, cast, get_args

from xiaoer.assistant.learning import Learning, Lesson
from xiaoer.assistant.understanding.entities import without_contacts
from xiaoer.assistant.understanding.intent import intent_of
from xiaoer.assistant.understanding.result import asks
from xiaoer.assistant.understanding.sentiment import sentiment
from xiaoer.knowledge.embedding import LONGEST_QUERY, EmbedderUnavailable
from xiaoer.language import sentences
from xiaoer.patterns import toml

Kind = Literal["person", "complaint", "repair", "after_sales", "refund"]
"""The last three are problems: something is broken, wrong or missing, or money has not come back."""
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
PROBLEMS: Final[frozenset[Kind]] = frozenset({"repair", "after_sales", "refund"})
FALSE_ALARMS: Final = 0.05
"""Share of the examples of questions, most of which sound like a concern, that may be taken for one."""
SURE_ALARMS: Final = 0.01
"""The same where being wrong would break off a dialogue."""
MOST_SENTENCES: Final = 4
_EXAMPLES = toml("xiaoer.assistant.understanding", "concern.toml")
SMALL_TALK = toml("xiaoer.assistant.understanding", "small_talk.toml")


@dataclass(frozen=True)
class Concern:
    """What somebody is concerned about; `is_sure` if that may break off a dialogue."""

    kind: Kind
    is_sure: bool


@cache
def lesson() -> Lesson:
    """What the classifier of concerns learns from."""
    examples = {label: tuple(texts) for label, texts in _EXAMPLES.items()}
    misread = tuple(SMALL_TALK["misread"])  # of an answer that is not the one, and not of goods that are not the ones
    return Lesson("concern", {**examples, "social": (*examples["social"], *misread)}, meaning=1.0, ridge=2.0)


def by_rules(text: str, *, urgent: bool = False) -> Concern | None:
    """What is said in so many words, or with a face."""
    intent = intent_of(text)
    if intent == "person":
        return Concern("person", is_sure=True)
    is_angry = intent == "emoji" and sentiment(text) < 0
    return Concern("complaint", is_sure=True) if urgent or is_angry or intent == "complaint" else None


class Concerns:
    """Finds what customers are concerned about."""

    def __init__(self, learning: Learning) -> None:
        self._learning = learning

    async def prepare(self) -> None:
        """Read what comes with the package."""
        await self._learning.classifier(lesson())

    async def learn(self) -> None:
        """Learn what is not known; until then, and with the embedder away, the rules stand alone."""
        with contextlib.suppress(EmbedderUnavailable):
            await self._learning.learn(lesson())

    async def find(self, text: str, *, urgent: bool = False) -> Concern | None:
        """What the writer of `text` is concerned about; None for a question, and for what is only social.

        `urgent`: it holds words of law, the press or harm.
        """
        text = without_contacts(text)
        listed = by_rules(text, urgent=urgent)
        if intent_of(text) not in ("question", "complaint"):
            return listed
        found = await self._guess(text)
        return listed if found is None or (listed is not None and found.kind not in PROBLEMS) else found

    async def _guess(self, text: str) -> Concern | None:
        """What the whole message is taken for, else the first of its sentences that is surely a concern."""
        said = [one for each in sentences.split(text[:LONGEST_QUERY]) if (one := each.strip())]
        try:
            if (found := (await self._guesses([text[:LONGEST_QUERY]]))[0]) is not None or len(said) < 2:  # noqa: PLR2004
                return found
            guesses = await self._guesses(said[:MOST_SENTENCES])
        except EmbedderUnavailable:
            return None
        return next((guess for guess in guesses if guess is not None and guess.is_sure), None)

    async def _guesses(self, texts: Sequence[str]) -> list[Concern | None]:
        if (classifier := await self._learning.classifier(lesson())) is None:
            return [None] * len(texts)
        vectors = await self._learning.vectors(texts)
        found = classifier.detect(texts, vectors, KINDS, false_alarms=FALSE_ALARMS)
        sure = classifier.detect(texts, vectors, KINDS, false_alarms=SURE_ALARMS)
        return [
            _unless_asked(text, Concern(cast("Kind", kind), is_sure=surely is not None)) if kind is not None else None
            for text, kind, surely in zip(texts, found, sure, strict=True)
        ]


def _unless_asked(text: str, concern: Concern) -> Concern | None:
    """The concern; None for a question that is not surely a report: it is answered, and makes no ticket."""
    return None if asks(text) and not concern.is_sure and concern.kind != "person" else concern
