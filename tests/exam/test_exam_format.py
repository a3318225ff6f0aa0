"""The file of an exam: what it may hold, and that every mistake is told with its line."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from xiaoer.cli import benches
from xiaoer.exam.questions import BadExam, Question, read
from xiaoer.exam.splits import BadSplit, chosen, halved

EVALS = Path(__file__).parents[2] / "evals"


def line(**more: Any) -> str:
    return json.dumps({"id": "one", "lang": "zh", "kind": "fact", "text": "多重", **more}, ensure_ascii=False)


def test_a_file_of_lines_is_read_in_its_order() -> None:
    text = f"\ufeff{line(must=[['25kg', 're:25 ?kg']])}\r\n\n{line(id='two', context=['JE6'], expect='refuse')}\n"
    one, two = read(text)
    assert (one.id, one.must, one.expect) == ("one", [["25kg", "re:25 ?kg"]], "any")
    assert (two.id, two.context, two.expect) == ("two", ["JE6"], "refuse")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no questions"),
        (f"{line()}\n{{", "Line 2: this is not JSON"),
        ("[1]", "Line 1: Input should be"),
        (line(text=""), r"Line 1 \(one\): text: String should have at least 1"),
        (json.dumps({"id": "one", "kind": "fact", "text": "?"}), r"Line 1 \(one\): lang: Field required"),
        (line(musst=[]), r"Line 1 \(one\): musst: Extra inputs"),
        (line(should={"contains": ["7"]}), r"should.contains: Extra inputs"),
        (line(expect="reply"), "expect: Input should be 'answer', 'refuse'"),
        (line(must=["25"]), r"must.0: Input should be a valid list"),
        (line(must=[[]]), r"must.0: List should have at least 1"),
        (line(must=[["re:(25"]]), r"must.0.0: 're:\(25' is no regular expression: missing \)"),
        (line(must_not=["re:"]), r"must_not.0: a pattern must not be empty"),
        (f"{line()}\n\n{line()}", r"Line 3: the id 'one' stands in line 1 already"),
        (line(context="JE6"), r"context: Input should be a valid list"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, said: str) -> None:
    with pytest.raises(BadExam, match=said):
        read(text)


def test_the_demo_stores_questions_are_many_and_of_many_kinds() -> None:
    questions = read((EVALS / "demo.jsonl").read_text(encoding="utf-8"))
    assert len(questions) >= 100
    assert {question.kind for question in questions} >= {
        *("exact", "paraphrase", "typo", "product", "cross-lingual"),
        *("follow-up", "unanswerable", "ended", "person", "small-talk"),
    }
    checks = {"must", "must_not", "expect", "route", "language"}
    unchecked = [each.id for each in questions if each.should is None and not each.model_fields_set & checks]
    assert unchecked == []


def test_a_split_halves_each_kind_by_hash_and_is_the_same_every_time() -> None:
    questions = [
        Question(id=f"{kind}-{number}", lang="zh", kind=kind, text="?")
        for kind, count in (("fact", 10), ("gift", 5), ("price", 3))
        for number in range(count)
    ]
    parts = halved(questions)
    assert {part: len(ids) for part, ids in parts.items()} == {"tune": 9, "test": 9}
    assert sum(each.startswith("fact") for each in parts["tune"]) == 5
    assert halved(list(reversed(questions))) == parts
    assert {question.id for question in chosen(questions, json.dumps(parts), "test")} == set(parts["test"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ('["one"]', "parts by name"),
        ('{"tune": ["one"]}', "no part 'test', but tune"),
        ('{"test": ["three"]}', "does not hold: three"),
    ],
)
def test_a_split_that_does_not_fit_is_refused(text: str, said: str) -> None:
    with pytest.raises(BadSplit, match=said):
        chosen([Question(id="one", lang="zh", kind="fact", text="?")], text, "test")


def test_a_split_is_made_once_and_holds_ids_alone(tmp_path: Path) -> None:
    file, into = tmp_path / "questions.jsonl", tmp_path / "split.json"
    file.write_text("\n".join([line(id="one"), line(id="two")]), encoding="utf-8")
    command = ["split", str(file), str(into)]
    assert CliRunner().invoke(benches.app, command).stdout == "tune 1, test 1\n"
    assert sorted(each for ids in json.loads(into.read_text()).values() for each in ids) == ["one", "two"]
    assert isinstance(CliRunner().invoke(benches.app, command).exception, FileExistsError)
