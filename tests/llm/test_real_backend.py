"""Against the server named by XIAOER_TEST_BACKEND, such as http://127.0.0.1:8100/v1#qwen."""

import os
from contextlib import aclosing

import pytest

from xiaoer.llm.messages import Finished, Generation, Message, TextDelta
from xiaoer.llm.patience import Timeouts
from xiaoer.llm.wire import OpenAIModel

pytestmark = pytest.mark.real_backend
PATIENT = Timeouts(first_token_seconds=60, between_tokens_seconds=30, whole_seconds=120)
ASKED = [Message("user", "Write the numbers from one to ten in words.")]


@pytest.fixture
async def backend():
    url, _, name = os.environ["XIAOER_TEST_BACKEND"].partition("#")
    model = OpenAIModel(base_url=url, name=name or None, timeouts=PATIENT)
    yield model
    await model.close()


async def test_it_is_well(backend):
    health = await backend.check()
    assert health.ok, health.detail


async def test_it_streams_an_answer_with_its_usage(backend):
    events = [event async for event in backend.stream(ASKED, Generation(max_tokens=20))]
    assert sum(isinstance(event, TextDelta) for event in events) > 1
    assert isinstance(events[-1], Finished)
    assert events[-1].usage.prompt_tokens > 5
    assert events[-1].usage.completion_tokens > 0


async def test_it_stops_when_the_reader_leaves(backend):
    async with aclosing(backend.stream(ASKED, Generation(max_tokens=200))) as events:
        await anext(events)
    assert (await backend.check()).ok


async def test_it_chooses(backend):
    asked = [Message("user", "Which is a fruit? 1: hammer, 2: apple. Answer with its number only.")]
    logs = await backend.choose(asked, ["1", "2"])
    assert logs[1] > logs[0]


async def test_it_writes_json_of_a_schema(backend):
    schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
    events = [event async for event in backend.stream(ASKED, Generation(max_tokens=40, json_schema=schema))]
    assert '"ok"' in "".join(event.text for event in events if isinstance(event, TextDelta))
