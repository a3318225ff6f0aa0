import json

import pytest

from xiaoer.bench import answers
from xiaoer.bench.answers import Figures, Given, has_unbacked_number, is_right, load, measure

PASSAGES = [
    {"id": "p1", "title": "Tai_Shan", "text": "泰山海拔1545米，位于山东省泰安市。山顶有一座庙。"},
    {"id": "p2", "title": "Hua_Shan", "text": "面条先用冷水和面，再醒半小时。煮三分钟即可。"},
]
QUESTIONS = [
    {"id": "q1", "text": "泰山位于山东省哪个市？", "answers": ["泰安市"]},
    {"id": "q2", "text": "面条要煮几分钟？", "answers": ["三分钟"]},
]


@pytest.fixture
def folder(tmp_path):
    def write(name, rows):
        lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        (tmp_path / name).write_text(lines + "\n", encoding="utf-8")

    write("corpus.zh.jsonl", PASSAGES)
    write("queries.zh.jsonl", QUESTIONS)
    write("queries.en.jsonl", [{"id": "q1", "text": "In which city is Mount Tai?", "answers": ["Tai'an"]}])
    (tmp_path / "qrels.tsv").write_text("q1\t0\tp1\t1\nq2\t0\tp2\t1\n", encoding="utf-8")
    return tmp_path


def test_the_strings_expected_are_those_of_the_texts_language(folder):
    documents, cases = load(folder, locale="en", texts="zh")
    assert [document.key for document in documents] == ["p1", "p2"]
    assert documents[0].title == "Tai Shan"
    assert [(case.question, case.passage, case.expected) for case in cases] == [
        ("In which city is Mount Tai?", "p1", ("泰安市",))
    ]


def test_right_is_who_says_one_of_the_strings_width_and_spaces_aside():
    assert is_right("它有 ３０８ 分。", ["308"])
    assert is_right("by Ada LOVELACE", ["Ada Lovelace", "Lovelace"])
    assert not is_right("它有 309 分。", ["308"])


def test_a_number_counts_as_backed_however_it_is_written():
    assert not has_unbacked_number("保修一年，共12个月。", "保修十二个月，也就是1年。", "zh")
    assert has_unbacked_number("保修24个月。", "保修12个月。", "zh")


def given(*, answered, right, confidence=0.9) -> Given:
    return Given(answered, right, 0, 1, "extract" if answered else "refuse", 10.0, confidence)


def test_the_report_tells_rates_apart():
    figures = Figures(
        there=[given(answered=True, right=True), given(answered=True, right=False), given(answered=False, right=False)],
        withheld=[given(answered=False, right=False), given(answered=True, right=True, confidence=0.95)],
    )
    report = figures.report()
    assert report["answered and right"].startswith("33.3 %")
    assert report["answered and wrong"].startswith("33.3 %")
    assert report["refused though there"].startswith("33.3 %")
    assert report["refused when withheld"].startswith("50.0 %")
    assert report["routes"] == {"extract": 2, "refuse": 1}
    assert report["right at 90 % refused"] == "0.0 %"


def test_an_empty_report_does_not_fail():
    assert Figures().report()["questions"] == 0


async def test_questions_go_through_the_turn_with_their_passage_there_and_withheld(desk, folder, monkeypatch):
    asked = []
    ask = answers._Asking.ask

    async def listening(self, case):
        found = await ask(self, case)
        asked.append((case.question, found.answered, found.right))
        return found

    monkeypatch.setattr(answers._Asking, "ask", listening)
    desk.assistant.use(None)
    report = await measure(desk, folder)
    assert report["questions"] == 2
    assert [(question, answered) for question, answered, _ in asked] == [
        ("泰山位于山东省哪个市？", True),
        ("泰山位于山东省哪个市？", False),
        ("面条要煮几分钟？", True),
        ("面条要煮几分钟？", False),
    ]
    assert [right for _, answered, right in asked if answered] == [True, True]
    assert report["sentences with an unbacked number"] == 0
