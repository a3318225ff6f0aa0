from contextlib import aclosing

import pytest

from xiaoer.breaker import Breaker
from xiaoer.llm.fallback import FallbackModel
from xiaoer.llm.messages import Generation, Message, TextDelta
from xiaoer.llm.model import ModelBusy, ModelCutOff, ModelTooSlow, ModelUnavailable, ModelUnreachable, PromptRefused
from xiaoer.llm.scripted import Reply, ScriptedModel

HELLO = [Message("user", "Hello")]


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


async def heard(model, *, into=None):
    events = [] if into is None else into
    async for event in model.stream(HELLO, Generation()):
        events.append(event)
    return "".join(event.text for event in events if isinstance(event, TextDelta))


async def test_the_first_model_answers_while_it_can():
    first, second = ScriptedModel(default="first"), ScriptedModel(default="second")
    assert await heard(FallbackModel([first, second])) == "first"
    assert second.asked == []


async def test_the_next_answers_when_nothing_was_sent_yet():
    first = ScriptedModel([Reply("never", failure=ModelTooSlow("slow"))])
    assert await heard(FallbackModel([first, ScriptedModel(default="second")])) == "second"


async def test_an_answer_that_has_begun_is_not_begun_anew():
    second = ScriptedModel(default="second")
    received = []
    with pytest.raises(ModelCutOff):
        await heard(FallbackModel([ScriptedModel([Reply("abcdefgh", stop_after=4)]), second]), into=received)
    assert received == [TextDelta("abcd")]
    assert second.asked == []


async def test_when_nobody_answers_the_last_failure_is_told():
    with pytest.raises(ModelUnreachable) as caught:
        await heard(FallbackModel([ScriptedModel(down=True, name="a"), ScriptedModel(down=True, name="b")]))
    assert "b" in caught.value.detail
    assert isinstance(caught.value.__cause__, ModelUnreachable)


async def test_no_models_at_all_is_a_failure_like_any_other():
    with pytest.raises(ModelUnavailable):
        await heard(FallbackModel([]))
    assert not (await FallbackModel([]).check()).ok


async def test_a_broken_model_is_left_alone_and_tried_again_later():
    clock = Clock()
    broken = ScriptedModel(down=True, name="broken", default="back")
    model = FallbackModel([broken, ScriptedModel(default="second")], failures=2, rest_seconds=10, clock=clock)
    for _ in range(5):
        assert await heard(model) == "second"
    assert len(broken.asked) == 2
    assert model.states["broken"] == "open"

    clock.now = 10
    assert model.states["broken"] == "half-open"
    assert await heard(model) == "second"
    assert len(broken.asked) == 3
    assert model.states["broken"] == "open"

    clock.now, broken.down = 20, False
    assert await heard(model) == "back"
    assert model.states["broken"] == "closed"


async def test_a_success_forgives_earlier_failures():
    flaky = ScriptedModel([Reply(failure=ModelTooSlow("slow")), "fine", Reply(failure=ModelTooSlow("slow")), "fine"])
    model = FallbackModel([flaky, ScriptedModel(default="second")], failures=2)
    assert [await heard(model) for _ in range(4)] == ["second", "fine", "second", "fine"]


@pytest.mark.parametrize("failure", [PromptRefused("too long"), ModelBusy("busy")])
async def test_a_refused_prompt_or_a_busy_moment_opens_no_breaker(failure):
    choosy = ScriptedModel(default=Reply(failure=failure), name="choosy")
    model = FallbackModel([choosy, ScriptedModel(default="second")], failures=1)
    assert await heard(model) == "second"
    assert model.states["choosy"] == "closed"


def test_half_open_admits_one_call_at_a_time():
    clock = Clock()
    breaker = Breaker(failures=1, rest_seconds=5, clock=clock)
    breaker.failed()
    assert not breaker.admits()
    clock.now = 5
    assert [breaker.admits(), breaker.admits()] == [True, False]
    breaker.undecided()
    assert breaker.admits()
    breaker.succeeded()
    assert [breaker.admits(), breaker.admits()] == [True, True]


async def test_a_reader_who_leaves_closes_the_stream_and_has_seen_the_model_work():
    clock = Clock()
    model = ScriptedModel([Reply(failure=ModelTooSlow("slow")), "a long answer", "next"], name="m")
    fallback = FallbackModel([model], failures=1, rest_seconds=5, clock=clock)
    with pytest.raises(ModelTooSlow):
        await heard(fallback)
    clock.now = 5
    async with aclosing(fallback.stream(HELLO, Generation())) as events:
        await anext(events)
    assert model.closed_early == 1
    assert fallback.states["m"] == "closed"
    assert await heard(fallback) == "next"


async def test_choosing_falls_back_too():
    model = FallbackModel([ScriptedModel(down=True), ScriptedModel(chooser=lambda *_: "2")])
    assert (await model.choose(HELLO, ["1", "2"]))[1] > -0.1
    with pytest.raises(ModelUnreachable):
        await FallbackModel([ScriptedModel(down=True)]).choose(HELLO, ["1", "2"])


async def test_beginnings_fall_back_too():
    model = FallbackModel([ScriptedModel(down=True), ScriptedModel(beginner=lambda _: {"7": -0.5})])
    assert await model.beginnings(HELLO) == {"7": -0.5}


async def test_check_is_well_when_one_model_is():
    health = await FallbackModel([ScriptedModel(down=True, name="a"), ScriptedModel(name="b")]).check()
    assert health.ok
    assert "a" in health.detail
    assert health.models == ("b",)
