"""What a message that nothing answers may have wanted, offered as something to tap; what it does is for the rules.

The rules come first and know what they know for certain. Where they are silent and nothing backs an answer, a
classifier learnt from `wishes.toml` guesses. A guess does nothing by itself: the customer sees it as a quick reply,
and a change still waits for their yes.
"""

import contextlib
import uuid
from functools import cache

from xiaoer.assistant.learning import Learning, Lesson
from xiaoer.knowledge.embedding import EmbedderUnavailable
from xiaoer.patterns import lazy_table, toml
from xiaoer.tools.calling import CommerceOf

_TABLE = toml("xiaoer.assistant", "wishes.toml")
SAYINGS = lazy_table(lambda: {kind: row.get("say", {}) for kind, row in _TABLE.items()})
"""What is offered for each kind of wish, by language."""


OTHER = "other"


@cache
def lesson() -> Lesson:
    """What the classifier of wishes learns from."""
    return Lesson("wishes", {kind: tuple(row["examples"]) for kind, row in _TABLE.items()}, meaning=1.5, ridge=0.3)


class Wishes:
    """Guesses what a message wishes for."""

    def __init__(self, learning: Learning, commerce_of: CommerceOf) -> None:
        self._learning = learning
        self._commerce_of = commerce_of

    async def learn(self) -> None:
        """Learn what is not known; until then nothing is guessed."""
        with contextlib.suppress(EmbedderUnavailable):
            await self._learning.learn(lesson())

    async def kind_of(self, text: str) -> str | None:
        """The kind of wish that `text` is likely to be; None where nothing is likely enough, or not yet learnt."""
        if (classifier := await self._learning.classifier(lesson())) is None:
            return None
        try:
            guess = classifier.guess([text], await self._learning.vectors([text]))[0]
        except EmbedderUnavailable:
            return None
        return guess.label if guess.is_sure and guess.label != OTHER else None

    async def offer(self, store_id: uuid.UUID, text: str, language: str) -> tuple[str, ...]:
        """What to offer beside a refusal of `text`: nothing, or one sentence in the customer's language.

        A shop whose orders we do not know has none of them to offer.
        """
        if await self._commerce_of(store_id) is None:
            return ()
        kind = await self.kind_of(text)
        said = SAYINGS[kind].get(language) if kind else None
        return (said,) if said else ()
