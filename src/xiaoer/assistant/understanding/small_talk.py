"""Small talk in any wording: thanks, a farewell, "are you a robot?", a word to fill the pause, "not what I asked".

A classifier learnt from examples hears what the phrases of `intent` do not list. It hears short messages only, and only
where no product is named: whoever says more than this asks something.
"""

import contextlib
from functools import cache
from typing import Final, Literal, cast, get_args

from xiaoer.assistant.learning import Learning, Lesson
from xiaoer.assistant.understanding import concern
from xiaoer.knowledge.embedding import EmbedderUnavailable
from xiaoer.patterns import lazy

Kind = Literal["greeting", "thanks", "goodbye", "affirm", "chitchat", "filler", "misread"]
"""`misread`: the last answer is not what was asked for."""
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
LONGEST: Final = 48
"""Characters."""
FALSE_ALARMS: Final = 0.005
"""Share of the examples of what asks something that may be taken for small talk."""
ASKING: Final = "asks"
ASKED: Final = (*sorted(concern.PROBLEMS), "question", "other")
"""The labels of the examples of concerns that are no small talk; who complains or wants a person is heard before."""
_DIGIT = lazy(r"\d")


@cache
def lesson() -> Lesson:
    """What the classifier of small talk learns from."""
    known = concern.lesson().examples
    asking = tuple(text for label in ASKED for text in known[label] if len(text) <= LONGEST)
    examples = {label: tuple(texts) for label, texts in concern.SMALL_TALK.items()}
    return Lesson("small_talk", {**examples, ASKING: asking}, meaning=1.5, ridge=2.0)


class SmallTalk:
    """Finds small talk."""

    def __init__(self, learning: Learning) -> None:
        self._learning = learning

    async def prepare(self) -> None:
        """Read what comes with the package."""
        await self._learning.classifier(lesson())

    async def learn(self) -> None:
        """Learn what is not known; until then, and with the embedder away, nothing is taken for small talk."""
        with contextlib.suppress(EmbedderUnavailable):
            await self._learning.learn(lesson())

    async def find(self, text: str) -> Kind | None:
        """The kind of small talk that `text` is; None for what asks something."""
        if len(text) > LONGEST or _DIGIT.search(text):
            return None
        if (classifier := await self._learning.classifier(lesson())) is None:
            return None
        try:
            vectors = await self._learning.vectors([text])
        except EmbedderUnavailable:
            return None
        return cast("Kind | None", classifier.detect([text], vectors, KINDS, false_alarms=FALSE_ALARMS)[0])
