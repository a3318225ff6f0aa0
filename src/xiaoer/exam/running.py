"""An exam from its first question to its last: asked, judged, and told one by one."""

from collections.abc import AsyncIterator, Callable, Sequence

from xiaoer.exam import speaking
from xiaoer.exam.figures import Sitting
from xiaoer.exam.judging import Reply, judge
from xiaoer.exam.matching import Matcher
from xiaoer.exam.questions import Question
from xiaoer.exam.room import Room
from xiaoer.exam.speaking import Speaker
from xiaoer.llm.scripted import ScriptedModel

Prepare = Callable[[Question], None]
"""Told before a question is asked, after what was said before it."""


async def sit(
    room: Room, questions: Sequence[Question], matcher: Matcher, *, repeats: int = 1, prepare: Prepare | None = None
) -> AsyncIterator[Sitting]:
    """Ask every question `repeats` times, each time in a new conversation."""
    for number in range(1, repeats + 1):
        for question in questions:
            reply = await _asked(room, question, prepare)
            yield Sitting(question, number, reply, await judge(question, reply, matcher))


async def _asked(room: Room, question: Question, prepare: Prepare | None) -> Reply:
    async with room.conversation() as conversation_id:
        for text in question.context:
            await room.say(conversation_id, text)
        if prepare is not None:
            prepare(question)
        return await room.say(conversation_id, question.text)


def prompted(model: ScriptedModel, name: Speaker, questions: Sequence[Question]) -> Prepare:
    """Let a model that knows the answers say the one to the question that comes."""

    def prepare(question: Question) -> None:
        speaking.tell(model, speaking.words_of(name, question, questions), question.why)

    return prepare
