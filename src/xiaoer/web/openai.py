"""The OpenAI-compatible door: the store's assistant as a model, so that any OpenAI client is a front end.

The last user message goes through the same turn as everything else, in the conversation where the earlier ones were
said. The client's system prompt and sampling parameters are not followed: the shop decides how its assistant speaks.
"""

import json
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, BeforeValidator, Field
from sse_starlette import EventSourceResponse

from xiaoer import customers, stores
from xiaoer.assistant.events import ENDINGS
from xiaoer.conversations import continued, thread
from xiaoer.conversations.thread import OnPage
from xiaoer.desk.desk import Desk
from xiaoer.errors import Invalid, NotFound, Unavailable
from xiaoer.identity import access
from xiaoer.identity.signed import Signed
from xiaoer.knowledge.product_pages import LONGEST_ID, LONGEST_URL
from xiaoer.language.detect import detect
from xiaoer.language.phrases import languages, phrase
from xiaoer.web import side_tasks, stream
from xiaoer.web.access import DeskPart, KeyHolder, LimitsPart
from xiaoer.web.identity import signed_by_site
from xiaoer.web.product_pages import PageIn, on_page

router = APIRouter(prefix="/v1", tags=["openai"])
MODEL = "xiaoer"
LONGEST_HISTORY = 40
LONGEST_TOKEN = 4000


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
    response_format: dict[str, Any] | None = Field(None, description="Followed for titles of conversations only.")
    metadata: dict[str, Any] | None = Field(
        None,
        description="`customer_token`: who asks, signed by the shop's site; the header X-Customer-Token says the same. "
        "`product_id` or `page_url`: the product on whose page they are.",
    )


@router.get("/models")
async def list_models(caller: KeyHolder, desk: DeskPart) -> dict[str, Any]:
    """The store's assistant, as the one model there is."""
    async with desk.database.sessions() as session:
        store = await stores.by_id(session, caller.store_id)
    created = int(store.created_at.timestamp())
    return {"object": "list", "data": [{"id": MODEL, "object": "model", "created": created, "owned_by": store.slug}]}


@router.post("/chat/completions", response_model=None)
async def complete(
    body: ChatIn,
    request: Request,
    caller: KeyHolder,
    desk: DeskPart,
    limits: LimitsPart,
    token: Annotated[str | None, Header(alias="X-Customer-Token", max_length=LONGEST_TOKEN)] = None,
) -> Response | dict[str, Any]:
    """Answer the last user message, as a stream or whole; `xiaoer` beside the choices carries route and sources.

    Messages before it are its history: the conversation in which they were said goes on. Send `user` where one client
    speaks for several people, and a token signed by the shop's site for who asks about orders of their own.
    """
    if body.model != MODEL:
        raise UnknownModel(f"There is no model {body.model!r} here; the store's assistant is {MODEL!r}.")
    side = side_tasks.find([(each.role, each.content) for each in body.messages], body.response_format)
    if side is None and body.messages[-1].role != "user":
        raise Invalid("The last message must be the user's.")
    host, client = request.client.host if request.client else "", request.headers.get("user-agent", "")
    signed = await _signed(desk, caller.store_id, token, body)
    user = signed.customer if signed else body.user
    for limited in (user or caller.store_id, *([host] if caller.kind == "publishable" else [])):
        await limits.take("openai", limited, desk.settings.messages_per_minute * 10)
    if side is not None:
        return _aside(side.task, await side_tasks.complete(desk, caller.store_id, side), body)
    text = thread.cleaned(body.messages[-1].content)
    # Of different lengths, so that nobody can be taken for another by what they are called.
    sender = repr(("signed", user, "") if signed else (user,) if user else (host, client))
    asked = _Asked(user or "", sender, _history(body), text, signed)
    conversation_id, missed = await _conversation(desk, caller.store_id, asked)
    page = await _page(desk, caller.store_id, body)
    turn = await stream.say(desk, conversation_id, text, idempotency_key=asked.key, page=page)
    reply = _Reply(missed, "" if missed else phrase("handoff_already", detect(text).language))
    if body.stream:
        usage = bool(body.stream_options and body.stream_options.include_usage)
        return EventSourceResponse(_chunks(turn, reply, usage=usage), ping=15, sep="\n")
    async for kind, data in turn:
        if kind == "failed":
            raise Unavailable(str(data["detail"]))
        if kind in ENDINGS:
            return _completion(kind, data, reply)
    raise AssertionError("a turn ends")


@dataclass(frozen=True)
class _Asked:
    """A message with what was said before it. `sender` tells clients apart that name no `user`; `signed` is who asks,
    where the shop's site vouches for them.
    """

    user: str
    sender: str
    said: continued.Said
    text: str
    signed: Signed | None = None

    @property
    def key(self) -> str | None:
        return continued.key(self.sender, [*self.said, ("customer", self.text)])


@dataclass(frozen=True)
class _Reply:
    """What an answer is made of besides its turn: what staff said meanwhile, and what is said while they have it."""

    missed: str
    with_staff: str
    frame: dict[str, Any] = field(
        default_factory=lambda: {
            "id": f"chatcmpl-{uuid.uuid4().hex}",
            "created": int(time.time()),
            "model": MODEL,
        }
    )

    def words(self, data: dict[str, Any]) -> str:
        """The words of an ending; the one of a conversation that is with staff has none of its own."""
        return str(data.get("text") or self.with_staff)


def _history(body: ChatIn) -> continued.Said:
    return [
        ("customer" if message.role == "user" else "assistant", message.content)
        for message in body.messages[:-1]
        if message.role in ("user", "assistant") and message.content.strip()
    ]


async def _signed(desk: Desk, store_id: uuid.UUID, header: str | None, body: ChatIn) -> Signed | None:
    """Who asks, by the token of the shop's site; a plain id is no proof. Raises `BadIdentity`."""
    token = header if header is not None else (body.metadata or {}).get("customer_token")
    if token is None:
        return None
    return await signed_by_site(desk, store_id, str(token)[:LONGEST_TOKEN])


async def _page(desk: Desk, store_id: uuid.UUID, body: ChatIn) -> OnPage | None:
    """Where the metadata says that the customer is; None where it says nothing."""
    told = body.metadata or {}
    if "product_id" not in told and "page_url" not in told:
        return None
    product_id, url = str(told.get("product_id") or ""), str(told.get("page_url") or "")
    return await on_page(desk, store_id, PageIn(product_id=product_id[:LONGEST_ID], url=url[:LONGEST_URL]))


async def _conversation(desk: Desk, store_id: uuid.UUID, asked: _Asked) -> tuple[uuid.UUID, str]:
    """The conversation that goes on, with what staff have said there meanwhile; or a new one with that history."""
    async with desk.database.sessions.begin() as session:
        store = await stores.by_id(session, store_id)
        unstored = [phrase("handoff_already", language) for language in languages()]
        found = await continued.find(session, store.id, asked.sender, asked.said, asked.text, unstored=unstored)
        if found is not None:
            await access.grant_signed(session, store_id, found, asked.signed)
            return found, "\n\n".join(await continued.missed(session, found, asked.key))
        name = asked.signed.name if asked.signed else None
        customer = await customers.arrive(session, store_id, external_id=asked.user, name=name, locale=None)
        conversation, _ = await thread.start(
            session,
            store_id=store_id,
            customer_id=customer.id,
            locale=detect(asked.text).language,
            channel=continued.CHANNEL,
        )
        await access.grant_signed(session, store_id, conversation.id, asked.signed)
        await thread.recall(session, conversation.id, asked.said[-LONGEST_HISTORY:])
        return conversation.id, ""


def _aside(task: str, text: str, body: ChatIn) -> Response | dict[str, Any]:
    """The completion of a task beside the conversation, in the form of any other."""
    reply, data = _Reply("", ""), {"text": text, "task": task}

    async def turn() -> stream.TurnEvents:
        yield "side_task", data

    if body.stream:
        usage = bool(body.stream_options and body.stream_options.include_usage)
        return EventSourceResponse(_chunks(turn(), reply, usage=usage), sep="\n")
    return _completion("side_task", data, reply)


def _completion(kind: str, data: dict[str, Any], reply: _Reply) -> dict[str, Any]:
    content = "\n\n".join(part for part in (reply.missed, reply.words(data)) if part)
    message = {"role": "assistant", "content": content}
    return {
        **reply.frame,
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        "xiaoer": {"kind": kind, **data},
    }


async def _chunks(turn: stream.TurnEvents, reply: _Reply, *, usage: bool) -> AsyncIterator[dict[str, str]]:
    def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, str]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return _line({**reply.frame, "object": "chat.completion.chunk", "choices": [choice], **more})

    yield chunk({"role": "assistant", "content": f"{reply.missed}\n\n" if reply.missed else ""})
    sent = False
    async for kind, data in turn:
        if kind == "text":
            sent = True
            yield chunk({"content": data["delta"]})
        elif kind == "failed":  # as servers of this form say it once they have begun: clients raise it
            error = {"message": data["detail"], "type": data["error"], "param": None, "code": data["error"]}
            yield _line({"error": error})
        elif kind in ENDINGS or kind == "side_task":
            if not sent:
                yield chunk({"content": reply.words(data)})
            yield chunk({}, "stop", xiaoer={"kind": kind, **data})
    if usage:
        zero = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        yield _line({**reply.frame, "object": "chat.completion.chunk", "choices": [], "usage": zero})
    yield {"data": "[DONE]"}


def _line(data: dict[str, Any]) -> dict[str, str]:
    return {"data": json.dumps(data, ensure_ascii=False)}
