"""Having a person come because the customer pressed a button or sent a file, and not in a turn."""

from dataclasses import dataclass
from typing import Any

from xiaoer import stores
from xiaoer.assistant import contacts
from xiaoer.assistant.meanwhile import choices
from xiaoer.assistant.ticketing import Made
from xiaoer.assistant.waiting import is_staffed, waiting_text
from xiaoer.conversations import handoff, thread
from xiaoer.conversations.tables import Conversation, Message
from xiaoer.db.record import now
from xiaoer.desk.desk import Desk
from xiaoer.language.phrases import phrase


@dataclass(frozen=True)
class Handed:
    """What the customer is told; `message` is None where a person was wanted, or there, already."""

    text: str
    message: Message | None
    ticket: Made | None
    ahead: int | None = None
    """How many wait before them, where somebody is there to come."""


async def hand_over(desk: Desk, session: Any, conversation: Conversation, reason: str) -> Handed:
    """Have a person come and say so in the thread; the caller stops what is being written, and tells who listens."""
    profile = (await stores.by_id(session, conversation.store_id)).profile
    language = conversation.language or conversation.locale or profile.locales[0]
    handed = await handoff.wait(session, conversation.id, reason, interrupting=True)
    await session.refresh(conversation)
    if not handed:
        return Handed(phrase("handoff_already", language), None, None, await place_of(session, conversation))
    staffed = await is_staffed(session, conversation.store_id, profile, now())
    text = waiting_text(profile, language, now(), staffed=staffed)
    made = None if staffed else await desk.ticketing.for_person(session, conversation, profile, language)
    line = "" if staffed else await contacts.ask(session, conversation, language)
    text = "\n".join(part for part in (text, made.text if made else "", line) if part)
    message = await thread.post(session, conversation.id, "system", text)
    message.language, message.suggestions = language, list(choices(profile, language))
    message.outcome = "handoff"
    message.evidence = {"reason": reason} | ({"ticket": made.as_json()} if made else {})  # counted by `reports`
    await session.flush()
    return Handed(text, message, made, await place_of(session, conversation))


async def place_of(session: Any, conversation: Conversation) -> int | None:
    """How many wait before this customer; None while nobody is waited for, or nobody is there to come."""
    ahead = await handoff.ahead_of(session, conversation)
    if ahead is None:
        return None
    profile = (await stores.by_id(session, conversation.store_id)).profile
    return ahead if await is_staffed(session, conversation.store_id, profile, now()) else None
