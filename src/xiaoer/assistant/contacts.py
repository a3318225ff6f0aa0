"""Where a customer is reached who does not stay: asked for once in a conversation, and kept with it.

What somebody types is good for their own conversation alone: the shop's number for a customer is a claim, and whoever
claims it must not change where another is written to.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from xiaoer.assistant.understanding.entities import entities_of
from xiaoer.conversations import inbox
from xiaoer.conversations.tables import Conversation
from xiaoer.conversations.thread import Answer
from xiaoer.customers import Customer
from xiaoer.db.record import now
from xiaoer.identity import access, codes
from xiaoer.language.contacts import Contact, contact_in
from xiaoer.language.phrases import phrase


def left_in(text: str, language: str, region: str) -> Contact | None:
    """The contact that a message leaves. An order's number is none, unless the message is nothing but that number."""
    found = contact_in(text, language, region)
    if found is None or not found.rest:
        return found
    for number in entities_of(text).orders:
        text = text.replace(number, " ")
    return contact_in(text, language, region)


def as_evidence(contact: Contact) -> dict[str, str | None]:
    """A contact as the evidence of the answer to it."""
    return {"email": contact.email, "phone": contact.phone, "shown": contact.shown}


def noted(answer: Answer, left: Contact) -> Answer:
    """The answer with that contact in its evidence, unless it holds one."""
    return replace(answer, evidence={"contact": as_evidence(left), **answer.evidence})


def read_back(evidence: Mapping[str, Any], language: str) -> str:
    """The words that tell a customer which contact was kept."""
    return phrase("contact_kept", language, contact=evidence["contact"]["shown"])


async def proved_address(session: Any, conversation: Conversation) -> str | None:
    """The customer's address as the shop's site vouched, or as a code proved here. A claim is no address."""
    signed = await access.signed_customer(session, conversation.id)
    customer = await session.get_one(Customer, conversation.customer_id)
    if signed is not None and customer.external_id in (None, signed) and "email" in customer.facts:
        return str(customer.facts["email"])
    said = [each for each in await inbox.latest(session, conversation.id) if each.author == "customer"]
    return await codes.proved(session, conversation.id, [one for each in said for one in entities_of(each.text).emails])


async def address_of(session: Any, conversation: Conversation) -> str | None:
    """Where the customer of a conversation is written to: what they left when they were asked, else what is proved."""
    return conversation.contact_email or await proved_address(session, conversation)


async def ask(session: Any, conversation: Conversation, language: str) -> str:
    """The words that ask where the customer is reached; empty where that is known, or was asked before."""
    if conversation.contact_asked_at is not None or conversation.contact_phone is not None:
        return ""
    if await address_of(session, conversation) is not None:
        return ""
    conversation.contact_asked_at = now()
    return phrase("contact_ask", language)


def keep(conversation: Conversation, given: Mapping[str, str | None]) -> None:
    """Keep what the customer of a locked conversation left; a later address or number takes the place of an earlier."""
    conversation.contact_email = given.get("email") or conversation.contact_email
    conversation.contact_phone = given.get("phone") or conversation.contact_phone
