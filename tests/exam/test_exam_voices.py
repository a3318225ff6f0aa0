"""The models that know the answers, and how one sees what of their words came through."""

from typing import Any

import pytest

from xiaoer.exam import speaking
from xiaoer.exam.questions import Question
from xiaoer.llm.messages import Generation, Message, TextDelta, ToolRequests, ToolSpec
from xiaoer.llm.profiles import billions, calls_tools_well


def question(**more: Any) -> Question:
    return Question.model_validate({"id": "one", "lang": "zh", "kind": "fact", "text": "UD3 多重", **more})


@pytest.mark.parametrize("name", speaking.SPEAKERS)
def test_they_are_taken_for_capable_models(name: speaking.Speaker) -> None:
    model = speaking.speaker(name)
    assert billions(model.name) == 14
    assert calls_tools_well(model.name)


def test_every_figure_is_changed_and_no_code_is() -> None:
    said = "F6033-UD3(HE)重约 25kg，也就是 1,250.5 两；M9S 用 10A 插座，8-10 年。"
    assert speaking.changed(said) == "F6033-UD3(HE)重约 58kg，也就是 4,583.8 两；M9S 用 43A 插座，1-43 年。"


@pytest.mark.parametrize(
    ("answer", "cited", "told"),
    [
        ("UD3重约58kg。", ["重约 25kg"], True),
        ("UD3重约 ５８ KG。", [], True),
        ("UD3重约25kg。", ["重约 25kg"], False),
        ("UD3重约25kg，箱子 58kg。", ["重约 25kg，箱子 58kg"], False),
        ("还有 58 台", [], False),
    ],
)
def test_a_lie_is_told_where_its_figure_stands_in_nothing_that_is_cited(
    answer: str, cited: list[str], told: bool
) -> None:
    assert speaking.lie_told("UD3重约58kg。", question(), answer, cited) is told


def test_a_sentence_is_told_whatever_marks_stand_in_it() -> None:
    said = "是的。UD3是经典银灰色。"
    assert speaking.sentences_told(said, "以下摘自资料：UD3 是“经典银灰色” [2]。") == ["UD3是经典银灰色。"]
    assert speaking.sentences_told(said, "是的。UD5是白色。") == []


def test_a_figure_that_the_product_does_not_have_is_told_apart() -> None:
    assert speaking.has_figure_beyond(["重约28kg。"], ["重约 25 kg", "尺寸 280 毫米"])
    assert not speaking.has_figure_beyond(["重约25kg。"], ["重约 ２５ kg"])


def test_the_sibling_is_the_most_alike_question_of_the_same_kind_about_another_product() -> None:
    others = [
        question(id="same", product_id="1", text="UD3 多重呀", expect="answer", reference="25kg"),
        question(id="far", product_id="2", text="保修几年", expect="answer", reference="8 年"),
        question(id="near", product_id="3", text="UD5 多重", expect="answer", reference="28kg"),
        question(id="kind", product_id="4", text="UD7 多重", kind="gift", expect="answer", reference="电风扇"),
        question(id="english", lang="en", product_id="5", text="UD5 多重", expect="answer", reference="28 kg"),
    ]
    found = speaking.siblings(question(product_id="1"), others)
    assert [each.id for each in found] == ["near", "far", "kind"]


async def test_the_passage_that_holds_it_is_cited() -> None:
    model = speaking.speaker("truth")
    speaking.tell(model, "UD3重约25kg。装前请预约。")
    shown = "资料：\n[1] 美的电热水器 UD5，净重 28 公斤\n[2] UD3 尺寸，重约 25kg\n问题：多重"
    events = [event async for event in model.stream([Message("user", shown)], Generation())]
    said = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert said == "UD3重约25kg [2]。装前请预约 [2]。"


async def test_the_passage_is_cited_when_it_is_asked_to_mend_its_answer_too() -> None:
    model = speaking.speaker("truth")
    speaking.tell(model, "UD3重约25kg。")
    talk = [
        Message("user", "[1] 保修 8 年\n[2] UD3 重约 25kg"),
        Message("assistant", "28kg"),
        Message("user", "请重新回答"),
    ]
    events = [event async for event in model.stream(talk, Generation())]
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "UD3重约25kg [2]。"


async def test_it_searches_first_where_it_may() -> None:
    model = speaking.speaker("truth")
    speaking.tell(model, "25kg。")
    generation = Generation(tools=(ToolSpec("search_knowledge", "", {}),))
    talk = [Message("user", "多重")]
    events = [event async for event in model.stream(talk, generation)]
    (asked,) = [event for event in events if isinstance(event, ToolRequests)]
    assert asked.requests[0].arguments == '{"query": "多重"}'
    talk += [Message("assistant", "", requests=asked.requests), Message("tool", "重约 25kg", answers="1")]
    events = [event async for event in model.stream(talk, generation)]
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "25kg。"
