"""What classifiers learn from their examples, kept in files of the package so that no start has to learn it again."""

from pathlib import Path

from xiaoer import assistant
from xiaoer.assistant import learning, wishes
from xiaoer.assistant.learning import Lesson
from xiaoer.assistant.understanding import concern, small_talk, wait
from xiaoer.knowledge.embedding import Embedder


def lessons() -> list[Lesson]:
    """Every set of examples that a classifier learns from."""
    return [wishes.lesson(), concern.lesson(), small_talk.lesson(), wait.lesson()]


async def learn_all(embedder: Embedder) -> list[Path]:
    """Learn every lesson and write what was learnt; returns the files."""
    folder = Path(assistant.__path__[0]) / learning.FOLDER
    return [await learning.keep(lesson, embedder, folder) for lesson in lessons()]
