"""The evaluation's questions fit the demo store: what they ask for can be found in it."""

import unicodedata
from datetime import date
from pathlib import Path

import pytest

from xiaoer.bench.evals import Reply, read, unmet
from xiaoer.demo import load
from xiaoer.language.normal import key

TODAY = date(2026, 11, 21)
CASES = read((Path(__file__).parents[2] / "evals" / "demo.yaml").read_text(encoding="utf-8"))
DOCUMENTS = load.documents(TODAY)


def folded(text):
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


EVERYTHING = folded("\n".join(document.title + "\n" + document.text for document in DOCUMENTS))


@pytest.mark.parametrize("case", [case for case in CASES if case.kind == "exact"], ids=lambda case: case.id)
def test_an_exact_question_is_listed_and_its_answer_is_the_one_expected(case):
    (question,) = case.questions
    answers = [
        document
        for document in DOCUMENTS
        if document.kind == "question" and key(question.ask) in map(key, (document.title, *document.questions))
    ]
    assert len(answers) == 1
    assert unmet(question.must, Reply(answers[0].text, "curated", answers[0].locale)) == []


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.kind not in ("unanswerable", "ended", "small-talk")],
    ids=lambda case: case.id,
)
def test_what_an_answer_should_contain_stands_in_the_store(case):
    for question in case.questions:
        for expected in (question.must, question.should):
            wanted = [folded(text) for text in expected.get("contains", ())]
            assert not wanted or any(text in EVERYTHING for text in wanted)


@pytest.mark.parametrize("kind", ["paraphrase", "unanswerable"])
def test_other_questions_are_not_listed(kind):
    listed = {key(text) for document in DOCUMENTS for text in (document.title, *document.questions)}
    asked = [question.ask for case in CASES if case.kind == kind for question in case.questions]
    assert [text for text in asked if key(text) in listed] == []
