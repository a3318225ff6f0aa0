"""Who calls: a page with a publishable key, a merchant with a secret key, or the customer of one conversation."""

import uuid
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from xiaoer import stores
from xiaoer.conversations import thread
from xiaoer.conversations.tables import Conversation
from xiaoer.desk.desk import Desk
from xiaoer.errors import Forbidden
from xiaoer.identity.return_links import PREFIX
from xiaoer.sealing import BadLink
from xiaoer.web.limits import Limits


class Unauthenticated(Exception):
    """No usable bearer token: answered with 401."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True)
class Caller:
    """Whoever holds the bearer token; a customer's token opens one conversation only."""

    kind: Literal["publishable", "secret", "customer"]
    store_id: uuid.UUID
    conversation_id: uuid.UUID | None = None


bearer = HTTPBearer(
    auto_error=False, description="A key of the store (pk_…, sk_…) or a conversation's token (ct_…, cl_…)."
)


def the_desk(request: Request) -> Desk:
    """The desk that serves this request."""
    desk: Desk = request.app.state.desk
    return desk


def the_limits(request: Request) -> Limits:
    """The limits of this server."""
    limits: Limits = request.app.state.limits
    return limits


async def the_caller(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    desk: Annotated[Desk, Depends(the_desk)],
) -> Caller:
    """The caller behind the bearer token; 401 when there is none."""
    if credentials is None:
        raise Unauthenticated("Send a key or a conversation token: Authorization: Bearer …")
    token = credentials.credentials
    async with desk.database.sessions() as session:
        if token.startswith(("ct_", PREFIX)):
            conversation = await _conversation(session, desk, token)
            if conversation is not None:
                return Caller("customer", conversation.store_id, conversation.id)
        elif (key := await stores.key_of(session, token)) is not None:
            return Caller(key.kind, key.store_id)
    raise Unauthenticated("This key or token is not valid (any more).")


async def _conversation(session: Any, desk: Desk, token: str) -> Conversation | None:
    """The conversation that a token opens: its own, or the one in a letter that leads back into it."""
    if not token.startswith(PREFIX):
        return await thread.by_token(session, token)
    try:
        found: Conversation | None = await session.get(Conversation, desk.return_links.conversation(token))
    except BadLink:
        return None
    return found


DeskPart = Annotated[Desk, Depends(the_desk)]
LimitsPart = Annotated[Limits, Depends(the_limits)]
AnyCaller = Annotated[Caller, Depends(the_caller)]


def merchant(caller: AnyCaller) -> Caller:
    """A caller with a secret key."""
    if caller.kind != "secret":
        raise Forbidden("This needs a secret key of the store (sk_…).")
    return caller


def key_holder(caller: AnyCaller) -> Caller:
    """A caller with any key of the store, not a single customer."""
    if caller.kind == "customer":
        raise Forbidden("This needs a key of the store (pk_… or sk_…), not a conversation token.")
    return caller


def participant(conversation_id: uuid.UUID, caller: AnyCaller) -> Caller:
    """The customer of this very conversation, or the merchant."""
    if caller.kind == "secret" or caller.conversation_id == conversation_id:
        return caller
    # The same words whether it exists or not: nobody may probe for conversations.
    raise thread.UnknownConversation("This conversation does not exist.")


Merchant = Annotated[Caller, Depends(merchant)]
KeyHolder = Annotated[Caller, Depends(key_holder)]
Participant = Annotated[Caller, Depends(participant)]
