"""Questions answered twice, as the shop is set now and as somebody thinks of setting it, to be read side by side."""

import asyncio
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from xiaoer.assistant.trial import Trial, attempt
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.llm.model import Model
from xiaoer.stores import Profile

LONGEST_SECONDS = 180.0
"""For all questions together; what is not reached by then is said to be so."""


@dataclass(frozen=True)
class Compared:
    """One question and what it was answered under both settings; None: there was no time for it."""

    question: str
    now: Trial | None
    draft: Trial | None

    @property
    def same(self) -> bool:
        """Whether a customer would read the same words."""
        return bool(self.now and self.draft and self.now.answer.text == self.draft.answer.text)


@dataclass(frozen=True)
class Playground:
    """What every try needs: the shop's knowledge and the model in use."""

    knowledge: Knowledge
    model: Model | None
    store_id: uuid.UUID
    longest_seconds: float = LONGEST_SECONDS

    async def compare(self, now: Profile, draft: Profile, questions: Sequence[str]) -> list[Compared]:
        """Each question in turn, first as set now, then with the draft.

        One after another and not at once, so that the two do not slow each other down and their speeds can be compared.
        """
        until = time.monotonic() + self.longest_seconds
        found = []
        for question in questions:
            await self.knowledge.search(self.store_id, question, k=1)  # else the first of the two pays for the vectors
            answered = [await self._try(profile, question, until - time.monotonic()) for profile in (now, draft)]
            found.append(Compared(question, *answered))
        return found

    async def _try(self, profile: Profile, question: str, seconds: float) -> Trial | None:
        if seconds <= 0:
            return None
        try:
            async with asyncio.timeout(seconds):
                return await attempt(self.knowledge, self.model, store_id=self.store_id, profile=profile, text=question)
        except TimeoutError:
            return None
