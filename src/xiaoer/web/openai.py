"""The OpenAI-compatible door: the store's assistant as a model, so that any OpenAI client is a front end.

The last user message goes through the same turn as everything else; earlier messages are its history. The
client's system prompt and sampling parameters are not followed: the shop decides how its assistant speaks.
"""

import json
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, BeforeValidator, Field
from sse_starlette import EventSourceResponse

from xiaoer import customers, stores
from xiaoer.assistant.events import ENDINGS
from xiaoer.conversations import thread
from xiaoer.errors import Invalid, NotFound
from xiaoer.language.detect import detect
from xiaoer.web import stream
from xiaoer.web.access import DeskPart, KeyHolder, LimitsPart

router = APIRouter(prefix="/v1", tags=["openai"])
MODEL = "xiaoer"
LONGEST_HISTORY = 40


class UnknownModel(NotFound):
    """The client asked for a model that is not the store's assistant."""


def _plain(content: Any) -> Any:
    """The text of a content given as parts; images and the like are not read."""
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content if isinstance(part, dict))
    return content or ""


class ChatMessage(BaseModel):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Annotated[str, BeforeValidator(_plain)] = ""


class StreamOptions(BaseModel):
    include_usage: bool = False


class ChatIn(BaseModel):
    model: str = Field(MODEL, max_length=200)
    messages: list[ChatMessage] = Field(min_length=1, max_length=500)
    stream: bool = False
    stream_options: StreamOptions | None = None
    user: str | None = Field(None, max_length=200)


@router.get("/models")
async def list_models(caller: KeyHolder, desk: DeskPart) -> dict[str, Any]:
    """The store's assistant, as the one model there is."""
    async with desk.database.sessions() as session:
        store = await stores.by_id(session, caller.store_id)
    created = int(store.created_at.timestamp())
    return {"object": "list", "data": [{"id": MODEL, "object": "model", "created": created, "owned_by": store.slug}]}


@router.post("/chat/completions", response_model=None)
async def complete(body: ChatIn, caller: KeyHolder, desk: DeskPart, limits: LimitsPart) -> Response | dict[str, Any]:
    """Answer the last user message, as a stream or whole; `xiaoer` beside the choices carries route and sources."""
    if body.model != MODEL:
        raise UnknownModel(f"There is no model {body.model!r} here; the store's assistant is {MODEL!r}.")
    if body.messages[-1].role != "user":
        raise Invalid("The last message must be the user's.")
    await limits.take("openai", body.user or caller.store_id, desk.settings.messages_per_minute * 10)
    said: list[tuple[Literal["customer", "assistant"], str]] = [
        ("customer" if message.role == "user" else "assistant", message.content)
        for message in body.messages[:-1]
        if message.role in ("user", "assistant") and message.content.strip()
    ]
    conversation_id = await _conversation(desk, caller.store_id, body, said[-LONGEST_HISTORY:])
    turn = await stream.say(desk, conversation_id, body.messages[-1].content)
    frame = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": MODEL}
    if body.stream:
        usage = bool(body.stream_options and body.stream_options.include_usage)
        return EventSourceResponse(_chunks(turn, frame, usage=usage), ping=15, sep="\n")
    async for kind, data in turn:
        if kind in ENDINGS:
            return _completion(kind, data, frame)
    raise AssertionError("a turn ends")


async def _conversation(
    desk: Any, store_id: uuid.UUID, body: ChatIn, said: Sequence[tuple[Literal["customer", "assistant"], str]]
) -> uuid.UUID:
    async with desk.database.sessions.begin() as session:
        customer = await customers.arrive(session, store_id, external_id=body.user, name=None, locale=None)
        locale = detect(body.messages[-1].content).language
        conversation, _ = await thread.start(
            session, store_id=store_id, customer_id=customer.id, locale=locale, channel="openai"
        )
        await thread.recall(session, conversation.id, said)
        return conversation.id


def _completion(kind: str, data: dict[str, Any], frame: dict[str, Any]) -> dict[str, Any]:
    message = {"role": "assistant", "content": _text(kind, data)}
    return {
        **frame,
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        "xiaoer": {"kind": kind, **data},
    }


async def _chunks(turn: stream.TurnEvents, frame: dict[str, Any], *, usage: bool) -> AsyncIterator[dict[str, str]]:
    def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, str]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        whole = {**frame, "object": "chat.completion.chunk", "choices": [choice], **more}
        return {"data": json.dumps(whole, ensure_ascii=False)}

    yield chunk({"role": "assistant", "content": ""})
    sent = ""
    async for kind, data in turn:
        if kind == "text":
            sent += data["delta"]
            yield chunk({"content": data["delta"]})
        elif kind in ENDINGS:
            if not sent:
                yield chunk({"content": _text(kind, data)})
            yield chunk({}, "stop", xiaoer={"kind": kind, **data})
    if usage:
        zero = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        yield {"data": json.dumps({**frame, "object": "chat.completion.chunk", "choices": [], "usage": zero})}
    yield {"data": "[DONE]"}


def _text(kind: str, data: dict[str, Any]) -> str:
    return str(data["detail"] if kind == "failed" else data.get("text", ""))
