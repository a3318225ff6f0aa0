import asyncio
import json
import math
from contextlib import aclosing
from pathlib import Path

import httpx
import pytest
from backends import Backend, Slowly
from hypothesis import given, settings
from hypothesis import strategies as st

from xiaoer.llm.messages import Finished, Generation, Message, TextDelta, ThinkingDelta, Usage
from xiaoer.llm.model import (
    ModelCutOff,
    ModelGarbage,
    ModelRefused,
    ModelTooSlow,
    ModelUnavailable,
    ModelUnreachable,
    PromptRefused,
)
from xiaoer.llm.patience import Timeouts
from xiaoer.llm.wire import OpenAIModel

HELLO = [Message("system", "Rules."), Message("user", "Hello")]
STREAMS = Path(__file__).parent / "streams"
SOON = Timeouts(connect_seconds=1, first_token_seconds=0.3, between_tokens_seconds=0.2, whole_seconds=0.6)


def recorded(name):
    return (STREAMS / f"{name}.sse").read_bytes()


BEGINNING = b"\n\n".join(recorded("vllm").split(b"\n\n")[:4])


async def heard(model, *, into=None, **generation):
    events = [] if into is None else into
    async for event in model.stream(HELLO, Generation(**generation)):
        events.append(event)
    return events


def text_of(events):
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize(
    ("stream", "text", "usage"),
    [
        ("vllm", "您好，七天无理由退货。", Usage(212, 192, 7)),
        ("ollama", "Free shipping over 99.", Usage(31, 0, 6)),
        ("llamacpp", "Yes, 14 days.", Usage(195, 183, 4)),
    ],
)
async def test_the_streams_of_all_servers_are_read(stream, text, usage):
    model = Backend(recorded(stream), server=stream).model()
    events = await heard(model)
    assert text_of(events) == text
    assert events[-1] == Finished("stop", usage, "qwen3-4b-instruct-2507")


@pytest.mark.parametrize(
    ("stream", "name", "text"),
    [
        ("vllm_reasoning", "qwen3-8b", "满99包邮。"),
        ("vllm_think_tags", "qwen3-8b", "满99包邮"),
        ("ollama_thinking", "qwen3:4b", "Free shipping."),
        ("llamacpp_reasoning", "deepseek-r1", "Yes."),
        ("implicit_think", "qwen3-4b-thinking-2507", "满99包邮"),
        ("implicit_think", "never-heard-of", "满99包邮"),
        ("implicit_think_truncated", "qwen3-4b-thinking-2507", ""),
        ("implicit_think_truncated", "never-heard-of", ""),
    ],
)
async def test_thinking_never_reaches_the_text(stream, name, text):
    events = await heard(Backend(recorded(stream)).model(name))
    assert text_of(events) == text
    assert "secret" not in text_of(events)
    thought = "".join(event.text for event in events if isinstance(event, ThinkingDelta))
    assert "secret" in thought


async def test_an_unknown_model_streams_from_its_second_answer_on():
    model = Backend(recorded("vllm")).model("never-heard-of")
    first, second = await heard(model), await heard(model)
    assert text_of(first) == text_of(second)
    assert len(first) == 2
    assert len(second) > 3


async def test_a_model_whose_template_opens_the_thinking_is_remembered():
    backend = Backend(recorded("implicit_think"), recorded("implicit_think_truncated"))
    model = backend.model("qwen2.5-7b-tuned-by-someone")
    await heard(model)
    assert text_of(await heard(model)) == ""


async def test_the_server_is_asked_once_what_it_is_and_spoken_to_its_own_way():
    backend = Backend(recorded("ollama"), server="ollama")
    model = backend.model("qwen3:4b")
    await heard(model)
    await heard(model)
    assert backend.listings == 1
    assert backend.asked[0]["reasoning_effort"] == "none"
    assert "chat_template_kwargs" not in backend.asked[0]


async def test_a_stated_server_is_not_asked():
    backend = Backend(recorded("vllm"))
    await heard(backend.model("qwen3:4b", server="vllm"))
    assert backend.listings == 0
    assert backend.asked[0]["chat_template_kwargs"] == {"enable_thinking": False}


async def test_without_a_name_the_servers_own_model_is_used():
    backend = Backend(recorded("vllm"), models=("their-model",))
    model = backend.model(None)
    await heard(model)
    assert (model.name, backend.asked[0]["model"]) == ("their-model", "their-model")


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (httpx.ConnectError("refused"), ModelUnreachable),
        (httpx.ReadError("reset"), ModelUnreachable),
        (httpx.ConnectTimeout("slow"), ModelTooSlow),
        (httpx.Response(401, json={"error": {"message": "bad key"}}), ModelRefused),
        (httpx.Response(400, json={"error": {"message": "too long"}}), PromptRefused),
        (httpx.Response(503, json={"error": {"message": "Loading model", "code": 503}}), ModelRefused),
        (httpx.Response(500, text="<html>oops"), ModelRefused),
        (b"data: not json\n\n", ModelGarbage),
        (b'data: {"choices": "what"}\n\n', ModelGarbage),
        (b'data: {"choices": [{"delta": {"content": 5}}]}\n\n', ModelGarbage),
        (b'data: ["a list"]\n\n', ModelGarbage),
        (b"data: " + b"[" * 100_000 + b"\n\n", ModelGarbage),
        (b"<html>welcome to the proxy</html>", ModelCutOff),
        (b"", ModelCutOff),
        (b"data: [DONE]\n\n", ModelCutOff),
        (httpx.Response(200, json={"hello": "there"}), ModelCutOff),
    ],
    ids=str,
)
async def test_every_failure_is_told_in_our_words(answer, failure):
    model = Backend(answer).model(server="vllm")
    with pytest.raises(failure) as caught:
        await heard(model)
    assert model.name in caught.value.detail


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=200) | st.text(st.sampled_from('{}[]":,data choices delta\n0nul'), max_size=200).map(str.encode)
)
async def test_garbage_never_raises_anything_else(body):
    with pytest.raises(ModelUnavailable):
        await heard(Backend(b"data: " + body + b"\n\n").model(server="vllm"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["choices", "delta", "content", "usage", "finish_reason"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["choices", "usage", "id"]), json_values, max_size=3))
async def test_json_of_a_wrong_shape_never_raises_anything_else(value):
    with pytest.raises(ModelUnavailable):
        await heard(Backend(b"data: " + json.dumps(value).encode() + b"\n\n").model(server="vllm"))


async def test_a_connection_that_was_closed_meanwhile_is_opened_anew_once():
    gone = httpx.RemoteProtocolError("Server disconnected without sending a response.")
    assert text_of(await heard(Backend(gone, recorded("vllm")).model())) == "您好，七天无理由退货。"
    with pytest.raises(ModelUnreachable):
        await heard(Backend(gone, gone, recorded("vllm")).model())


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (BEGINNING, ModelCutOff),
        (
            Slowly(b"\n\n".join(recorded("vllm").split(b"\n\n")[:4]), then=httpx.RemoteProtocolError("gone")),
            ModelUnreachable,
        ),
        (recorded("vllm_error_midstream"), ModelRefused),
    ],
    ids=["ends", "breaks", "says so"],
)
async def test_a_stream_that_stops_in_the_middle_fails_after_what_was_sent(answer, failure):
    received = []
    with pytest.raises(failure):
        await heard(Backend(answer).model(), into=received)
    assert text_of(received).startswith("您好")
    assert not any(isinstance(event, Finished) for event in received)


@pytest.mark.parametrize(
    ("waits", "pause", "received", "words"),
    [({0: 5}, 0, 0, "first token"), ({3: 5}, 0, 2, "between"), ({}, 0.11, 3, "for its answer")],
    ids=["first", "between", "whole"],
)
async def test_each_patience_has_its_end(waits, pause, received, words):
    body = Slowly(recorded("vllm"), waits=waits, pause=pause)
    events = []
    with pytest.raises(ModelTooSlow, match=words):
        await heard(Backend(body).model(timeouts=SOON), into=events)
    assert len(events) >= received
    assert body.closed


async def test_a_slow_reader_is_not_the_models_fault():
    model = Backend(recorded("vllm")).model(timeouts=SOON)
    async for _ in model.stream(HELLO, Generation()):
        await asyncio.sleep(0.05)


async def test_the_stream_is_closed_when_the_reader_leaves():
    body = Slowly(recorded("vllm"))
    async with aclosing(Backend(body).model().stream(HELLO, Generation())) as events:
        await anext(events)
    assert body.closed
    assert body.sent < len(body.parts)


async def test_the_server_notices_when_the_reader_leaves():
    left = asyncio.Event()

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + recorded("vllm").split(b"\n\n")[1] + b"\n\n"
        )
        await writer.drain()
        while await reader.read(1000):
            pass
        left.set()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        model = OpenAIModel(base_url=f"http://127.0.0.1:{port}/v1", name="qwen2.5", server="vllm")
        async with aclosing(model.stream(HELLO, Generation())) as events:
            assert await anext(events) == TextDelta("您好")
        async with asyncio.timeout(2):
            await left.wait()
        await model.close()


def first_token(*top, text="1"):
    listed = [{"token": token, "logprob": math.log(share), "bytes": None} for token, share in top]
    message = {"role": "assistant", "content": text}
    logprobs = {"content": [{**listed[0], "top_logprobs": listed}]} if listed else None
    return httpx.Response(
        200,
        json={
            "id": "x",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "length",
                    "logprobs": logprobs,
                    "message": message,
                }
            ],
        },
    )


async def test_choosing_reads_one_tokens_probabilities():
    backend = Backend(first_token(("2", 0.6), ("1", 0.3), ("x", 0.1)))
    logs = await backend.model().choose(HELLO, ["1", "2"])
    assert [round(math.exp(value), 2) for value in logs] == [0.33, 0.67]
    assert backend.asked[0]["max_tokens"] == 1
    assert backend.asked[0]["top_logprobs"] == 20
    assert backend.asked[0]["temperature"] == 0


async def test_beginnings_are_the_likeliest_first_tokens():
    backend = Backend(first_token(("无", 0.6), ("7", 0.3), ("x", 0.1)))
    begun = await backend.model().beginnings(HELLO)
    assert {token: round(math.exp(log), 2) for token, log in begun.items()} == {"无": 0.6, "7": 0.3, "x": 0.1}
    assert backend.asked[0]["max_tokens"] == 1


async def test_without_probabilities_what_is_said_is_the_beginning():
    assert await Backend(first_token(text="无")).model().beginnings(HELLO) == {"无": 0.0}


async def test_a_model_that_always_thinks_has_no_beginnings():
    assert await Backend(first_token(text="无")).model("qwen3-4b-thinking-2507").beginnings(HELLO) == {}


async def test_choosing_without_probabilities_takes_the_generated_option():
    logs = await Backend(first_token(text="2")).model().choose(HELLO, ["1", "2"])
    assert math.exp(logs[1]) > 0.9


async def test_a_server_that_refuses_probabilities_is_not_asked_for_them_again():
    backend = Backend(httpx.Response(400, json={"error": {"message": "logprobs unsupported"}}), first_token(text="2"))
    model = backend.model()
    assert (await model.choose(HELLO, ["1", "2"]))[1] > -0.1
    assert (await model.choose(HELLO, ["1", "2"]))[1] > -0.1
    assert ["logprobs" in asked for asked in backend.asked] == [True, False, False]


async def test_choosing_constrains_a_model_that_would_say_something_else():
    backend = Backend(first_token(("Sure", 0.9), ("Well", 0.1), text="Sure"), first_token(text='"2"'))
    assert (await backend.model().choose(HELLO, ["1", "2"]))[1] > -0.1
    assert backend.asked[1]["response_format"]["json_schema"]["schema"]["enum"] == ["1", "2"]


async def test_a_model_that_cannot_choose_finds_all_options_as_likely():
    logs = await Backend(first_token(text="hm")).model().choose(HELLO, ["1", "2"])
    assert logs == [math.log(0.5)] * 2


async def test_a_model_that_always_thinks_chooses_after_thinking():
    body = recorded("implicit_think").replace("满99".encode(), b"2").replace("包邮".encode(), b"")
    backend = Backend(body)
    assert (await backend.model("qwen3-4b-thinking-2507").choose(HELLO, ["1", "2"]))[1] > -0.1


@pytest.mark.parametrize(
    "answer", [httpx.ConnectError("no"), httpx.Response(200, json={"choices": []}), httpx.Response(200, text="hm")]
)
async def test_choosing_fails_in_our_words(answer):
    with pytest.raises(ModelUnavailable):
        await Backend(answer).model(server="vllm").choose(HELLO, ["1", "2"])


async def test_check_names_the_server_and_its_models():
    health = await Backend(b"").model().check()
    assert health.ok
    assert "vLLM" in health.detail
    assert health.models == ("qwen3-4b-instruct-2507",)


async def test_check_says_which_models_there_are_when_ours_is_not():
    health = await Backend(b"", models=("other",)).model().check()
    assert not health.ok
    assert "other" in health.detail


async def test_check_knows_ollamas_latest():
    assert (await Backend(b"", server="ollama", models=("qwen3:latest",)).model("qwen3").check()).ok


async def test_check_says_that_nothing_answers_there():
    model = OpenAIModel(base_url="http://user:hidden@127.0.0.1:9/v1", name="m")
    health = await model.check()
    assert not health.ok
    assert "127.0.0.1:9" in health.detail
    assert "hidden" not in health.detail
    await model.close()
