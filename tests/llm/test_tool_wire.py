"""Calls that a model asks for, over the wire: as servers stream them, whole or in pieces, and as they are answered."""

import json

from backends import Backend

from xiaoer.llm.messages import Finished, Generation, Message, TextDelta, ToolRequest, ToolRequests, ToolSpec

SPEC = ToolSpec("track_order", "Where it is.", {"type": "object", "properties": {"number": {"type": "string"}}})
ASKED = [Message("system", "Rules."), Message("user", "Where is XH1?")]


def sse(*deltas, reason="tool_calls"):
    frame = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    chunks = [{**frame, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    chunks.append({**frame, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
    return b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks) + b"data: [DONE]\n\n"


def piece(index=0, *, arguments="", **more):
    function = {"arguments": arguments, **({"name": more.pop("name")} if "name" in more else {})}
    return {"tool_calls": [{**({} if index is None else {"index": index}), "function": function, **more}]}


async def said(model, messages=ASKED):
    return [event async for event in model.stream(messages, Generation(tools=(SPEC,)))]


async def test_calls_streamed_in_pieces_are_put_together():
    backend = Backend(
        sse(
            {"role": "assistant", "content": ""},
            piece(0, id="a1", type="function", name="track_order"),
            piece(0, arguments='{"num'),
            piece(1, id="b2", type="function", name="list_orders", arguments="{}"),
            piece(0, arguments='ber": "XH1"}'),
        )
    )
    events = await said(backend.model())
    requests = (ToolRequest("a1", "track_order", '{"number": "XH1"}'), ToolRequest("b2", "list_orders", "{}"))
    assert ToolRequests(requests) in events
    assert isinstance(events[-1], Finished)
    assert not [event for event in events if isinstance(event, TextDelta)]
    sent = backend.asked[0]["tools"]
    assert sent == [
        {
            "type": "function",
            "function": {"name": SPEC.name, "description": SPEC.description, "parameters": SPEC.parameters},
        }
    ]


async def test_a_call_sent_whole_without_id_or_number_is_read():
    backend = Backend(sse(piece(None, name="track_order", arguments='{"number": "XH1"}')))
    events = await said(backend.model())
    assert ToolRequests((ToolRequest("call_0", "track_order", '{"number": "XH1"}'),)) in events


async def test_results_go_back_beside_the_calls_they_answer():
    backend = Backend(sse({"content": "It is on its way."}, reason="stop"))
    calls = (ToolRequest("a1", "track_order", '{"number": "XH1"}'), ToolRequest("b2", "list_orders", "{}"))
    talk = [
        *ASKED,
        Message("assistant", "", requests=calls),
        Message("tool", "shipped", answers="a1"),
        Message("tool", "none", answers="b2"),
    ]
    await said(backend.model(), talk)
    assert [message["role"] for message in backend.asked[0]["messages"]] == [
        "system", "user", "assistant", "tool", "tool",
    ]  # fmt: skip
    assistant, first, second = backend.asked[0]["messages"][2:]
    assert assistant["tool_calls"][0] == {
        "id": "a1", "type": "function", "function": {"name": "track_order", "arguments": '{"number": "XH1"}'},
    }  # fmt: skip
    assert (first["tool_call_id"], first["content"]) == ("a1", "shipped")
    assert second["tool_call_id"] == "b2"


async def test_without_tools_nothing_about_them_is_sent():
    backend = Backend(sse({"content": "Hello."}, reason="stop"))
    async for _ in backend.model().stream(ASKED, Generation()):
        pass
    assert "tools" not in backend.asked[0]
