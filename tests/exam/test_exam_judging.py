"""Whether an answer is what it has to be."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from xiaoer.exam.judging import Reply, judge
from xiaoer.exam.matching import Matcher, PatternTooSlow
from xiaoer.exam.questions import Question


@pytest.fixture(scope="module")
async def matcher() -> AsyncIterator[Matcher]:
    async with Matcher() as opened:
        yield opened


def question(**more: Any) -> Question:
    return Question.model_validate({"id": "one", "lang": "zh", "kind": "fact", "text": "多重", **more})


SAID = Reply("签收次日起 ７ 天内可退，见 Policy。", "curated", language="zh")
REFUSED = Reply("无法确认。", "refuse")
HANDED = Reply("已转接", "flow", "handoff")
TICKET = Reply("已登记", "flow", has_ticket=True)


@pytest.mark.parametrize(
    ("expected", "reply"),
    [
        ({"must": [["30天", "7天内"], ["policy"]]}, SAID),
        ({"must": [["re:[5-9]\\s*天"]]}, SAID),
        ({"must_not": ["30 天", "re:免.费"]}, SAID),
        ({"expect": "answer", "route": ["model", "curated"], "language": "zh"}, SAID),
        ({"expect": "refuse"}, REFUSED),
        ({"expect": "refuse"}, HANDED),
        ({"expect": "handoff"}, HANDED),
        ({"expect": "handoff"}, TICKET),
        ({"expect": "ask"}, Reply("请问是哪款？", "flow")),
        ({"expect": "ask", "must": [["哪款"]]}, Reply("请告诉我是哪款", "flow")),
        ({"expect": "any"}, REFUSED),
    ],
)
async def test_what_is_as_it_has_to_be_is_right(expected: dict[str, Any], reply: Reply, matcher: Matcher) -> None:
    assert (await judge(question(**expected), reply, matcher)).broken == ()


@pytest.mark.parametrize(
    ("expected", "reply", "broken"),
    [
        ({"must": [["7天"], ["30 天", "re:免费"]]}, SAID, "must: 30 天 | re:免费"),
        ({"must_not": ["7 天"]}, SAID, "must_not: 7 天"),
        ({"expect": "answer"}, REFUSED, "expect: answer"),
        ({"expect": "answer"}, HANDED, "expect: answer"),
        ({"expect": "refuse"}, SAID, "expect: refuse"),
        ({"expect": "handoff"}, REFUSED, "expect: handoff"),
        ({"expect": "ask"}, SAID, "expect: ask"),
        ({"expect": "ask"}, REFUSED, "expect: ask"),
        ({"route": ["model"]}, SAID, "route: model"),
        ({"language": "en"}, SAID, "language: en"),
        ({}, Reply("", "failed", "failed"), "the turn failed"),
    ],
)
async def test_what_is_wrong_is_named(expected: dict[str, Any], reply: Reply, broken: str, matcher: Matcher) -> None:
    assert (await judge(question(**expected), reply, matcher)).broken == (broken,)


@pytest.mark.parametrize(
    ("forbidden", "text", "is_hit"),
    [
        ("打折", "可以打折。", True),
        ("打折", "这款不打折。", False),
        ("打折", "不清楚，但是可以打折。", True),
        ("re:\\d+ ?°", "最高不会到 80 ℃。", False),
        ("re:\\d+ ?°", "最高不超过 80 ℃。", True),
        ("re:无法确认", "这一点无法确认。", True),
        ("re:\\d+ years", "It does not last 8 years.", False),
        ("re:\\d+ years", "It lasts 8 years, not 3 months.", True),
        ("ＦＲＥＥ", "It is f r e e.", True),
    ],
)
async def test_a_forbidden_statement_is_spared_where_its_clause_denies(
    forbidden: str, text: str, is_hit: bool, matcher: Matcher
) -> None:
    verdict = await judge(question(must_not=[forbidden]), Reply(text), matcher)
    assert bool(verdict.forbidden) is is_hit


async def test_what_should_be_is_told_apart_from_what_must_be(matcher: Matcher) -> None:
    verdict = await judge(question(must=[["7"]], should={"must": [["30"]], "expect": "refuse"}), SAID, matcher)
    assert verdict.ok
    assert verdict.missed == ("must: 30", "expect: refuse")


async def test_a_pattern_that_never_ends_is_stopped_and_the_next_is_searched() -> None:
    async with Matcher(seconds=0.5) as matcher:
        with pytest.raises(PatternTooSlow, match=r"\(a\+\)\+\$"):
            await judge(question(must=[["re:(a+)+$"]]), Reply("a" * 60 + "!"), matcher)
        assert (await judge(question(must=[["re:a+"]]), Reply("aaa"), matcher)).ok
