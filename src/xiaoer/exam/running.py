"""An exam from its first question to its last: asked, judged, and told one by one."""

import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from xiaoer.exam import speaking
from xiaoer.exam.figures import Sitting
from xiaoer.exam.judging import Reply, judge
from xiaoer.exam.matching import Matcher, PatternTooSlow
from xiaoer.exam.material import Material
from xiaoer.exam.questions import Question
from xiaoer.exam.room import Room
from xiaoer.exam.speaking import Speaker
from xiaoer.llm.scripted import ScriptedModel

NOTHING: Final[frozenset[uuid.UUID]] = frozenset()


@dataclass(frozen=True)
class Exam:
    """What is asked where. `speaker` and `voice`: the model is one that knows the answers.

    `withholding` takes the passages that hold an answer away while its question is asked; only questions that something
    answers are asked then.
    """

    room: Room
    questions: Sequence[Question]
    material: Material
    matcher: Matcher
    speaker: Speaker | None = None
    voice: ScriptedModel | None = None
    withholding: bool = False

    async def sit(self, *, repeats: int = 1) -> AsyncIterator[Sitting | None]:
        """Ask every question `repeats` times, each time in a new conversation; None for one that is not asked."""
        for number in range(1, repeats + 1):
            for question in self.questions:
                try:
                    yield await self._sit(question, number)
                except PatternTooSlow as error:
                    raise PatternTooSlow(f"{question.id}: {error.detail}") from error

    async def _sit(self, question: Question, number: int) -> Sitting | None:
        holding = await self.material.holding(question, self.matcher)
        away = await self.material.to_withhold(question, self.matcher) if self.withholding else NOTHING
        if self.withholding and not (away and question.expect == "answer"):
            return None
        said = await self._said(question)
        reply = await self._asked(question, said, away)
        verdict = await judge(question, reply, self.matcher)
        return Sitting(question, number, reply, verdict, said=said, holding=holding, away=away)

    async def _asked(self, question: Question, said: str | None, away: frozenset[uuid.UUID]) -> Reply:
        async with self.room.conversation(away) as conversation_id:
            self._tell(None, question)
            for text in question.context:
                await self.room.say(conversation_id, text)
            self._tell(said, question)
            return await self.room.say(conversation_id, question.text)

    def _tell(self, said: str | None, question: Question) -> None:
        if self.voice is not None:
            speaking.tell(self.voice, said, question.why)

    async def _said(self, question: Question) -> str | None:
        """What a model that knows the answers says to a question; None: it has nothing to say."""
        match self.speaker:
            case "truth":
                return question.reference or None
            case "liar":
                return speaking.changed(question.reference) or None
            case "sibling":
                return await self._of_sibling(question)
        return None

    async def _of_sibling(self, question: Question) -> str | None:
        """The answer to the most alike question about another product that is no right answer here."""
        for other in speaking.siblings(question, self.questions):
            verdict = await judge(question, Reply(other.reference, "model", language=question.lang), self.matcher)
            if not verdict.ok:
                return other.reference
        return None
