"""The evaluation's questions fit the demo store: what they ask for can be found in it."""

from datetime import date
from pathlib import Path

import pytest

from xiaoer.demo import load
from xiaoer.exam.judging import Reply, holds, judge
from xiaoer.exam.matching import Matcher
from xiaoer.exam.questions import Question, read
from xiaoer.language.normal import key

TODAY = date(2026, 11, 21)
QUESTIONS = read((Path(__file__).parents[2] / "evals" / "demo.jsonl").read_text(encoding="utf-8"))
DOCUMENTS = load.documents(TODAY)
EVERYTHING = "\n".join(document.title + "\n" + document.text for document in DOCUMENTS)


@pytest.mark.parametrize("question", [each for each in QUESTIONS if each.kind == "exact"], ids=lambda each: each.id)
async def test_an_exact_question_is_listed_and_its_answer_is_the_one_expected(question: Question) -> None:
    answers = [
        document
        for document in DOCUMENTS
        if document.kind == "question" and key(question.text) in map(key, (document.title, *document.questions))
    ]
    assert len(answers) == 1
    async with Matcher() as matcher:
        reply = Reply(answers[0].text, "curated", language=str(answers[0].locale))
        assert (await judge(question, reply, matcher)).ok


@pytest.mark.parametrize(
    "question",
    [each for each in QUESTIONS if each.kind not in ("unanswerable", "ended", "small-talk")],
    ids=lambda each: each.id,
)
def test_what_an_answer_should_contain_stands_in_the_store(question: Question) -> None:
    for expected in (question, question.should):
        for group in expected.must if expected else ():
            assert any(holds(EVERYTHING, text) for text in group)


@pytest.mark.parametrize("kind", ["paraphrase", "unanswerable"])
def test_other_questions_are_not_listed(kind: str) -> None:
    listed = {key(text) for document in DOCUMENTS for text in (document.title, *document.questions)}
    assert [each.text for each in QUESTIONS if each.kind == kind and key(each.text) in listed] == []
