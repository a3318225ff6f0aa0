from pathlib import Path

import pytest

from xiaoer.bench.evals import BadCases, Reply, read, run, unmet

EVALS = Path(__file__).parents[2] / "evals"
REPLY = Reply("签收次日起 ７ 天内可退，见 Policy。", "curated", "zh")


@pytest.mark.parametrize(
    "expected",
    [
        {"route": ["model", "curated"]},
        {"contains": ["30 天", "7天"]},
        {"contains_all": ["7 天", "policy"]},
        {"not_contains": ["30 天", "免费"]},
        {"refused": False, "handed_over": False, "language": "zh"},
    ],
)
def test_what_is_fulfilled_is_not_reported(expected):
    assert unmet(expected, REPLY) == []


@pytest.mark.parametrize(
    "expected",
    [
        {"route": ["model"]},
        {"contains": ["30 天", "免费"]},
        {"contains_all": ["7 天", "免费"]},
        {"not_contains": ["7 天"]},
        {"refused": True},
        {"handed_over": True},
        {"language": "en"},
    ],
)
def test_what_is_not_fulfilled_is_reported_by_its_name(expected):
    assert [found.split(":")[0] for found in unmet(expected, REPLY)] == list(expected)


def test_a_hand_over_counts_as_refused():
    assert unmet({"refused": True}, Reply("", "flow", handed_over=True)) == []
    assert unmet({"refused": True}, Reply("", "refuse")) == []


async def test_a_run_keeps_the_conversation_and_counts_by_kind(tmp_path):
    file = tmp_path / "cases.yaml"
    file.write_text(
        """
cases:
  - {id: one, kind: exact, ask: A, must: {contains: [a]}}
  - id: two
    kind: follow-up
    turns:
      - {ask: B, must: {contains: [b]}}
      - {ask: C, must: {contains: [x]}, should: {contains: [c]}}
""",
        encoding="utf-8",
    )
    asked = []

    async def ask(text, history):
        asked.append((text, [question for question, _ in history]))
        return Reply(text.lower(), "model", "en")

    report = await run(file, ask, runs=2)
    assert asked == [("A", []), ("B", []), ("C", ["B"])] * 2
    assert not report.passed
    assert report.rates() == {
        "exact": {"questions": 2, "must": 1},
        "follow-up": {"questions": 4, "must": 0.5, "should": 1},
        "all": {"questions": 6, "must": 4 / 6, "should": 1},
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cases: [", "not YAML"),
        ("- a", "begins with `cases:`"),
        ("cases: [{ask: A}]", "needs an id"),
        ("cases: [{id: one}]", "needs `ask`"),
        ("cases: [{id: one, turns: []}]", "turns is a list"),
        ("cases: [{id: one, ask: A, must: {contain: [a]}}]", "cannot hold contain"),
        ("cases: [{id: one, ask: A, must: {contains: a}}]", "cannot hold contains"),
        ("cases: [{id: one, ask: A, must: [a]}]", "must holds names"),
        ("cases: [{id: one, ask: A, want: {}}]", "want cannot stand here"),
        ("cases: [{id: one, ask: A}, {id: one, ask: B}]", "stand twice: one"),
    ],
)
def test_a_mistake_in_the_file_is_named(text, said):
    with pytest.raises(BadCases, match=said):
        read(text)


def test_the_questions_to_the_demo_store_are_many_and_of_many_kinds():
    cases = read((EVALS / "demo.yaml").read_text(encoding="utf-8"))
    assert len(cases) >= 60
    assert {case.kind for case in cases} >= {
        *("exact", "paraphrase", "typo", "product", "cross-lingual"),
        *("follow-up", "unanswerable", "ended", "person", "small-talk"),
    }
    assert all(question.must or question.should for case in cases for question in case.questions)
