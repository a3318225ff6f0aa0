"""What somebody who waits for a person says about the wait itself: how does it stand, or that they wait no longer.

A classifier learnt from examples tells it from what is asked of the shop ("when does it arrive?"). Until it is learnt,
and with the embedder away, such words are taken for any other question.
"""

import contextlib
from functools import cache
from typing import Final, Literal, cast, get_args

from xiaoer.assistant.learning import Learning, Lesson
from xiaoer.assistant.understanding import concern
from xiaoer.knowledge.embedding import EmbedderUnavailable
from xiaoer.patterns import toml

About = Literal["status", "go_on"]
FALSE_ALARMS: Final = 0.02
"""Share of the examples of other messages that may be taken for one about the wait."""
LONGEST: Final = 120
"""Characters of a message up to which it may be about the wait alone."""
_EXAMPLES = toml("xiaoer.assistant.understanding", "waiting.toml")


@cache
def lesson() -> Lesson:
    """What the classifier learns from: its own examples, and those that concerns are told from."""
    asked = concern.lesson().examples
    examples = {label: tuple(texts) for label, texts in _EXAMPLES.items()}
    examples["person"] += tuple(asked["person"])
    examples["other"] += (*asked["question"], *asked["other"])
    return Lesson("waiting", examples, meaning=1.0, ridge=2.0)


class Waits:
    """Finds what is said about the wait."""

    def __init__(self, learning: Learning) -> None:
        self._learning = learning

    async def prepare(self) -> None:
        """Read what comes with the package."""
        await self._learning.classifier(lesson())

    async def learn(self) -> None:
        """Learn what is not known."""
        with contextlib.suppress(EmbedderUnavailable):
            await self._learning.learn(lesson())

    async def find(self, text: str) -> About | None:
        """What a message of somebody who waits says about that; None for what it says of anything else."""
        classifier = await self._learning.classifier(lesson())
        if classifier is None or len(text) > LONGEST:
            return None
        try:
            vectors = await self._learning.vectors([text])
        except EmbedderUnavailable:
            return None
        found = classifier.detect([text], vectors, get_args(About), false_alarms=FALSE_ALARMS)[0]
        return cast("About | None", found)
