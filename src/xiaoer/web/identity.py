"""Identity signed by the shop's own site: the key it signs with, and signing in during a conversation."""

import uuid

from fastapi import APIRouter
from pydantic import BaseModel, Field

from xiaoer import customers
from xiaoer.conversations import thread
from xiaoer.db.record import now
from xiaoer.desk.desk import Desk
from xiaoer.errors import Conflict
from xiaoer.identity import access, signed
from xiaoer.identity.signed import Signed
from xiaoer.web.access import DeskPart, Merchant, Participant

router = APIRouter(prefix="/api/v1", tags=["identity"])


class AnotherCustomer(Conflict):
    """The conversation is another customer's: nobody may read what somebody else wrote."""


class KeyOut(BaseModel):
    key: str = Field(description="Sign customers' tokens with it on your server; it cannot be read again.")


class IdentityIn(BaseModel):
    token: str = Field(min_length=1, max_length=4000, description="JWT (HS256) of the shop's site.")


class IdentityOut(BaseModel):
    customer: str


@router.post("/identity/key", status_code=201)
async def renew_key(caller: Merchant, desk: DeskPart) -> KeyOut:
    """Make the key your site signs customers' identities with, or replace it (secret key)."""
    async with desk.database.sessions.begin() as session:
        return KeyOut(key=await signed.renew_key(session, caller.store_id, desk.seal))


@router.post("/conversations/{conversation_id}/identity")
async def sign_in(conversation_id: uuid.UUID, body: IdentityIn, caller: Participant, desk: DeskPart) -> IdentityOut:
    """The customer has signed in at the shop, or their token was renewed, during the conversation."""
    who = await signed_by_site(desk, caller.store_id, body.token)
    async with desk.database.sessions.begin() as session:
        conversation = await thread.by_id(session, conversation_id, store_id=caller.store_id)
        before = await access.signed_customer(session, conversation_id)
        if before is not None and before != who.customer:
            raise AnotherCustomer("This conversation belongs to another customer. Please open a new one.")
        await customers.remember(session, conversation.customer_id, who.facts)
        await access.grant_customer(session, caller.store_id, conversation_id, who.customer, expires_at=who.expires_at)
        await customers.remember_address(session, conversation.customer_id, who.customer, who.email)
    return IdentityOut(customer=who.customer)


async def signed_by_site(desk: Desk, store_id: uuid.UUID, token: str) -> Signed:
    """The customer a token vouches for; raises `BadIdentity`."""
    async with desk.database.sessions() as session:
        return await signed.believed(session, store_id, desk.seal, token, at=now())
