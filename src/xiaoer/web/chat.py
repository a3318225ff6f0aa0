"""The public conversation API: open, write, read, listen, rate, ask for a person."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, Field
from sse_starlette import EventSourceResponse

from xiaoer import customers, stores
from xiaoer.assistant.confirmations import still_open
from xiaoer.assistant.events import ENDINGS, announce, live, owner
from xiaoer.assistant.reaching import follow_up
from xiaoer.assistant.turns import shown
from xiaoer.conversations import handoff, satisfaction, thread
from xiaoer.conversations.tables import Conversation
from xiaoer.desk.desk import Desk
from xiaoer.errors import Forbidden, Unavailable
from xiaoer.identity import access
from xiaoer.language.phrases import phrase
from xiaoer.tools import proposals
from xiaoer.web import stream
from xiaoer.web.access import AnyCaller, Caller, DeskPart, KeyHolder, LimitsPart, Merchant, Participant
from xiaoer.web.handing import hand_over
from xiaoer.web.identity import signed_by_site
from xiaoer.web.limits import Limits
from xiaoer.web.listening import heard
from xiaoer.web.product_pages import PageIn, on_page

router = APIRouter(prefix="/api/v1", tags=["conversations"])
SCORES = {"up": 5, "down": 1}


class CustomerIn(BaseModel):
    """Who writes, as the shop's page says. Without a `token` of the shop's site it is a claim and opens no order."""

    id: str | None = Field(None, max_length=200, description="The shop's own number for the customer.")
    name: str | None = Field(None, max_length=200)
    token: str | None = Field(
        None, max_length=4000, description="JWT (HS256) of the shop's site; see docs/identity.md."
    )


class ConversationIn(BaseModel):
    store: str | None = Field(None, max_length=200, description="The store's name; may be left out.")
    customer: CustomerIn | None = None
    locale: str | None = Field(None, max_length=35, pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*$")
    page: PageIn | None = None


class StoreOut(BaseModel):
    name: str
    accent: str
    logo_url: str | None


class ConversationShown(BaseModel):
    """A conversation as its customer's page begins it."""

    id: uuid.UUID
    greeting: str
    disclosure: str = Field(description="Says that an AI answers.")
    notice: str = Field(description="What does not work yet, such as that texts are still being read in; often empty.")
    suggestions: list[str]
    locale: str
    store: StoreOut
    owner: Literal["assistant", "staff"] = Field(description="Who answers the next message.")
    state: handoff.State


class ConversationOut(ConversationShown):
    token: str = Field(description="Bearer token of this conversation; keep it to come back.")


class MessageIn(BaseModel):
    text: str = Field(max_length=1_000_000)
    idempotency_key: str | None = Field(None, min_length=1, max_length=200)
    page: PageIn | None = Field(
        None, description="Where the customer is now. Left out: where they were before; null: on no product's page."
    )

    @property
    def says_page(self) -> bool:
        """Whether anything is said of the page, be it that there is none."""
        return "page" in self.model_fields_set


class FeedbackIn(BaseModel):
    score: Annotated[int, Field(ge=1, le=5)] | Literal["up", "down"]
    comment: str | None = Field(None, max_length=2000)


class JudgementIn(BaseModel):
    """What the customer says of the conversation as a whole, at its end."""

    score: int = Field(ge=1, le=5)
    resolved: bool | None = Field(None, description="Whether the matter is settled, in the customer's own word.")
    reason: str | None = Field(None, max_length=2000)


class ConfirmIn(BaseModel):
    """The customer's answer to a change; `token` came with the event `confirm`."""

    token: str = Field(min_length=1, max_length=200)
    accept: bool


class SeenIn(BaseModel):
    position: int = Field(ge=1, le=2**31 - 1, description="Of the last message that was shown.")


class HandoffIn(BaseModel):
    reason: str = Field("asked", max_length=200)


class HandoffOut(BaseModel):
    owner: Literal["assistant", "staff"] = Field(description="Who answers the next message.")
    state: Literal["assistant", "waiting", "staff"] = Field(description="waiting: a person will come.")
    text: str
    ticket: str | None = Field(None, description="Number of the ticket that was made, if one was.")
    ticket_url: str | None = None
    ahead: int | None = Field(None, description="How many customers wait before this one.")


class WaitingOut(BaseModel):
    id: uuid.UUID
    state: Literal["waiting", "staff"]
    reason: str | None
    since: datetime | None
    language: str | None


@router.post("/conversations", status_code=201)
async def open_conversation(
    body: ConversationIn, request: Request, caller: KeyHolder, desk: DeskPart, limits: LimitsPart
) -> ConversationOut:
    """Open a conversation for a customer; the token returned is the only way into it."""
    if caller.kind == "publishable":
        address = request.client.host if request.client else "unknown"
        per_minute = desk.settings.conversations_per_minute
        await limits.take("conversations", address, per_minute)
    who = body.customer or CustomerIn()
    signed = await signed_by_site(desk, caller.store_id, who.token) if who.token else None
    page = await on_page(desk, caller.store_id, body.page)
    async with desk.database.sessions.begin() as session:
        store = await stores.by_id(session, caller.store_id)
        if body.store is not None and body.store != store.slug:
            raise stores.UnknownStore(f"This key does not belong to a store named {body.store!r}.")
        profile = store.profile
        language = _language(body.locale, profile)
        customer = await customers.arrive(
            session,
            store.id,
            external_id=signed.customer if signed else who.id,
            name=signed.name or who.name if signed else who.name,
            locale=body.locale and language,
        )
        if signed:
            await customers.remember(session, customer.id, signed.facts)
        conversation, token = await thread.start(
            session, store_id=store.id, customer_id=customer.id, locale=language, page=page
        )
        if signed:
            await access.grant_customer(
                session, store.id, conversation.id, signed.customer, expires_at=signed.expires_at
            )
            await customers.remember_address(session, customer.id, signed.customer, signed.email)
    return ConversationOut(token=token, **await _begins(desk, conversation, profile, language))


@router.get("/conversations/{conversation_id}")
async def show_conversation(conversation_id: uuid.UUID, caller: Participant, desk: DeskPart) -> ConversationShown:
    """What a page shows of a conversation besides its messages: for who comes back by the link of a letter."""
    async with desk.database.sessions() as session:
        conversation = await thread.by_id(session, conversation_id, store_id=caller.store_id)
        profile = (await stores.by_id(session, caller.store_id)).profile
    language = conversation.locale or profile.locales[0]
    return ConversationShown(**await _begins(desk, conversation, profile, language))


@router.post("/conversations/{conversation_id}/messages", response_model=None)
async def post_message(
    conversation_id: uuid.UUID,
    body: MessageIn,
    caller: Participant,
    desk: DeskPart,
    limits: LimitsPart,
    accept: Annotated[str | None, Header()] = None,
) -> Response | dict[str, Any]:
    """Say something. As an event stream when asked for one, otherwise the ending as one JSON body.

    With a secret key the words are those of staff, who thereby take the conversation over.
    """
    if caller.kind == "secret":
        return await _staff_says(desk, caller, conversation_id, body.text)
    await _limit_messages(desk, limits, conversation_id)
    page = await on_page(desk, caller.store_id, body.page) if body.says_page else None
    turn = await stream.say(desk, conversation_id, body.text, idempotency_key=body.idempotency_key, page=page)
    if accept and "text/event-stream" in accept:
        return EventSourceResponse(stream.lines(turn), ping=15)
    async for kind, data in turn:
        if kind in ENDINGS:
            return {"kind": kind, **data}
    raise Unavailable("The answer takes too long. It will be there when it is done: read the messages again.")


@router.post("/conversations/{conversation_id}/seen", status_code=204)
async def mark_seen(conversation_id: uuid.UUID, body: SeenIn, caller: Participant, desk: DeskPart) -> None:
    """The customer has seen the messages up to a position; staff's words that are not seen may go to them by mail."""
    if caller.kind != "customer":
        raise Forbidden("Only the customer sees, with the token of the conversation.")
    async with desk.database.sessions.begin() as session:
        is_new = await thread.seen(session, conversation_id, body.position)
    if is_new:
        await announce(desk.broadcast, caller.store_id, conversation_id)


@router.post("/conversations/{conversation_id}/confirm")
async def confirm(conversation_id: uuid.UUID, body: ConfirmIn, caller: Participant, desk: DeskPart) -> dict[str, Any]:
    """The customer's yes or no to a change that waits; returns its state and the message that says how it ended.

    The same answer again returns the same message; another one, or one that comes too late, is a conflict.
    """
    if caller.kind != "customer":
        raise Forbidden("Only the customer confirms a change, with the token of the conversation.")
    told = await desk.confirmations.tapped(conversation_id, body.token, accept=body.accept)
    return {"state": told.state, **told.message}


@router.get("/conversations/{conversation_id}/messages")
async def list_messages(
    conversation_id: uuid.UUID,
    caller: Participant,
    desk: DeskPart,
    after: Annotated[int, Query(ge=0, le=2**31 - 1, description="Only messages after this position.")] = 0,
) -> list[dict[str, Any]]:
    """The messages so far, oldest first; the one whose change still waits for the customer carries it as `confirm`."""
    async with desk.database.sessions() as session:
        await thread.by_id(session, conversation_id, store_id=caller.store_id)
        found = await thread.messages(session, conversation_id, after=after)
        waits = await proposals.waiting(session, conversation_id) if caller.kind == "customer" else None
    return [shown(message) | still_open(message, waits) for message in found]


@router.get("/conversations/{conversation_id}/events", response_class=EventSourceResponse)
async def listen(
    conversation_id: uuid.UUID,
    caller: Participant,
    desk: DeskPart,
    last_event_id: Annotated[str | None, Header(pattern=r"^\d{1,9}$")] = None,
) -> EventSourceResponse:
    """Everything that happens in the conversation from now on; with Last-Event-ID, missed messages come first."""
    async with desk.database.sessions() as session:
        await thread.by_id(session, conversation_id, store_id=caller.store_id)
    last = int(last_event_id) if last_event_id else None
    return EventSourceResponse(heard(desk, conversation_id, last), ping=15)


@router.post("/conversations/{conversation_id}/handoff")
async def ask_for_person(
    conversation_id: uuid.UUID, caller: Participant, desk: DeskPart, body: HandoffIn | None = None
) -> HandoffOut:
    """A person will come; until then the assistant answers what is new, where the shop lets it."""
    async with desk.database.sessions.begin() as session:
        conversation = await thread.by_id(session, conversation_id, store_id=caller.store_id)
        handed = await hand_over(desk, session, conversation, body.reason if body else "asked")
    if handed.message:
        desk.turns.stop(conversation_id)
        told = live("message", shown(handed.message)), owner(conversation)
        await announce(desk.broadcast, caller.store_id, conversation_id, *told)
    ticket = {"ticket": handed.ticket.number, "ticket_url": handed.ticket.path} if handed.ticket else {}
    state = "staff" if conversation.taken_at else "waiting"
    return HandoffOut(owner=conversation.owner, state=state, text=handed.text, ahead=handed.ahead, **ticket)


@router.post("/conversations/{conversation_id}/handback")
async def hand_back(conversation_id: uuid.UUID, caller: Merchant, desk: DeskPart) -> HandoffOut:
    """The assistant answers again from here on (secret key)."""
    async with desk.database.sessions.begin() as session:
        conversation = await thread.by_id(session, conversation_id, store_id=caller.store_id)
        profile = (await stores.by_id(session, caller.store_id)).profile
        language = conversation.language or conversation.locale or profile.locales[0]
        text = phrase("staff_left", language)
        message = None
        if await handoff.hand_back(session, conversation_id):
            message = await thread.post(session, conversation_id, "system", text)
    if message:
        told = live("message", shown(message)), owner(conversation)
        await announce(desk.broadcast, caller.store_id, conversation_id, *told)
    return HandoffOut(owner="assistant", state="assistant", text=text)


@router.get("/conversations")
async def waiting(caller: Merchant, desk: DeskPart) -> list[WaitingOut]:
    """The conversations that wait for, or are with, staff (secret key)."""
    async with desk.database.sessions() as session:
        found = await handoff.called(session, caller.store_id)
    return [
        WaitingOut(
            id=each.id,
            state="staff" if each.taken_at else "waiting",
            reason=each.handoff_reason,
            since=each.handed_off_at,
            language=each.language,
        )
        for each in found
    ]


@router.post("/messages/{message_id}/feedback", status_code=204)
async def rate(message_id: uuid.UUID, body: FeedbackIn, caller: AnyCaller, desk: DeskPart) -> None:
    """The customer's rating of an answer."""
    if caller.conversation_id is None:
        raise thread.UnknownMessage("There is no such answer in this conversation.")
    score = SCORES[body.score] if isinstance(body.score, str) else body.score
    async with desk.database.sessions.begin() as session:
        await thread.rate(
            session, message_id, conversation_id=caller.conversation_id, score=score, comment=body.comment
        )


@router.post("/conversations/{conversation_id}/csat", status_code=204)
async def judge(conversation_id: uuid.UUID, body: JudgementIn, caller: Participant, desk: DeskPart) -> None:
    """The customer's judgement of the conversation, 1 (worst) to 5; a later one of the same stretch replaces it."""
    if caller.kind != "customer":
        raise Forbidden("Only the customer judges, with the token of the conversation.")
    async with desk.database.sessions.begin() as session:
        conversation = await thread.by_id(session, conversation_id, store_id=caller.store_id)
        given = body.model_dump()
        await satisfaction.give(session, conversation, **given)


async def _limit_messages(desk: Desk, limits: Limits, conversation_id: uuid.UUID) -> None:
    async with desk.database.sessions() as session:
        conversation = await session.get_one(Conversation, conversation_id)
    language = conversation.language or conversation.locale or "en"
    detail = phrase("rate_limited", language, seconds="{seconds}")
    await limits.take("messages", conversation.customer_id, desk.settings.messages_per_minute, detail)


async def _staff_says(desk: Desk, caller: Caller, conversation_id: uuid.UUID, text: str) -> dict[str, Any]:
    async with desk.database.sessions.begin() as session:
        conversation = await thread.by_id(session, conversation_id, store_id=caller.store_id)
        joined = await handoff.join(session, conversation_id)
        message = await thread.post(session, conversation_id, "staff", text)
        await follow_up(session, message)
    desk.turns.stop(conversation_id)
    told = [owner(conversation)] if joined else []
    await announce(desk.broadcast, caller.store_id, conversation_id, *told, live("message", shown(message)))
    return {"kind": "done", **shown(message), "route": "staff"}


async def _begins(desk: Desk, conversation: Conversation, profile: stores.Profile, language: str) -> dict[str, Any]:
    name = profile.name_in(language)
    return {
        "id": conversation.id,
        "greeting": profile.greeting.get(language) or phrase("greeting", language, shop=name),
        "disclosure": phrase("disclosure", language),
        "notice": await desk.notice(conversation.store_id, language),
        "suggestions": profile.opening_questions.get(language, []),
        "locale": language,
        "store": StoreOut(name=name, accent=profile.accent, logo_url=profile.logo_url),
        "owner": conversation.owner,
        "state": handoff.state_of(conversation),
    }


def _language(locale: str | None, profile: stores.Profile) -> str:
    return locale.replace("_", "-").partition("-")[0].lower() if locale else profile.locales[0]
