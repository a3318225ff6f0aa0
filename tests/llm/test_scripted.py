import math
import time
from contextlib import aclosing

import pytest

from xiaoer.llm.messages import Finished, Generation, Message, TextDelta, ThinkingDelta
from xiaoer.llm.model import ModelCutOff, ModelTooSlow, ModelUnreachable
from xiaoer.llm.scripted import Reply, ScriptedModel

HELLO = [Message("system", "Be kind."), Message("user", "Hello")]


async def heard(model, messages=HELLO, *, into=None):
    events = [] if into is None else into
    async for event in model.stream(messages, Generation()):
        events.append(event)
    return events


def text_of(events):
    return "".join(event.text for event in events if isinstance(event, TextDelta))


async def test_replies_come_in_turn_then_the_default():
    model = ScriptedModel(["one", Reply("two")], default="again")
    assert [text_of(await heard(model)) for _ in range(4)] == ["one", "two", "again", "again"]


async def test_a_rule_answers_before_the_list_unless_it_passes():
    model = ScriptedModel(["listed"], rule=lambda messages: "ruled" if "Hello" in messages[-1].content else None)
    assert text_of(await heard(model)) == "ruled"
    assert text_of(await heard(model, [Message("user", "Bye")])) == "listed"


async def test_the_stream_ends_with_one_finished_event_that_counts_tokens():
    events = await heard(ScriptedModel([Reply("answer", thinking="hmm")]))
    assert [type(event) for event in events].count(Finished) == 1
    assert isinstance(events[-1], Finished)
    assert events[-1].usage.completion_tokens == len("answerhmm")


async def test_thinking_comes_apart_from_the_text():
    events = await heard(ScriptedModel([Reply("answer", thinking="secret thought")]))
    assert text_of(events) == "answer"
    assert "".join(event.text for event in events if isinstance(event, ThinkingDelta)) == "secret thought"


async def test_what_was_asked_is_remembered():
    model = ScriptedModel(default="x")
    await heard(model)
    await model.choose(HELLO, ["1", "2"])
    assert model.asked[0].generation == Generation()
    assert "Be kind." in model.asked[0].prompt
    assert model.asked[1].options == ("1", "2")


async def test_a_slow_reply_takes_its_time():
    started = time.perf_counter()
    await heard(ScriptedModel([Reply("abcdefgh", piece_size=4, first_delay_seconds=0.02, delay_seconds=0.03)]))
    assert time.perf_counter() - started >= 0.05


async def test_a_cut_off_reply_sends_its_beginning_and_fails():
    model = ScriptedModel([Reply("abcdefgh", stop_after=5)])
    received = []
    with pytest.raises(ModelCutOff):
        await heard(model, into=received)
    assert text_of(received) == "abcde"
    assert model.closed_early == 0


async def test_a_failing_reply_sends_nothing():
    model = ScriptedModel([Reply("never", failure=ModelTooSlow("Too slow."))])
    with pytest.raises(ModelTooSlow):
        await heard(model)


async def test_a_reader_who_leaves_is_noticed():
    model = ScriptedModel(["a long answer"])
    async with aclosing(model.stream(HELLO, Generation())) as events:
        await anext(events)
    assert model.closed_early == 1


async def test_beginnings_are_what_the_beginner_says_and_none_without_it():
    assert await ScriptedModel().beginnings(HELLO) == {}
    assert await ScriptedModel(beginner=lambda _: {"7": -0.5}).beginnings(HELLO) == {"7": -0.5}
    with pytest.raises(ModelUnreachable):
        await ScriptedModel(down=True).beginnings(HELLO)


async def test_choosing_prefers_the_first_option_or_what_the_chooser_says():
    assert (await ScriptedModel().choose(HELLO, ["1", "2"]))[0] > math.log(0.9)
    chosen = await ScriptedModel(chooser=lambda _, options: options[-1]).choose(HELLO, ["1", "2", "3"])
    assert max(range(3), key=chosen.__getitem__) == 2
    assert await ScriptedModel(chooser=lambda *_: [-1.0, -0.5]).choose(HELLO, ["1", "2"]) == [-1.0, -0.5]


async def test_a_model_that_is_down_fails_and_says_so():
    model = ScriptedModel(["x"], down=True)
    with pytest.raises(ModelUnreachable):
        await heard(model)
    with pytest.raises(ModelUnreachable):
        await model.choose(HELLO, ["1"])
    assert not (await model.check()).ok
    assert (await ScriptedModel().check()).ok
