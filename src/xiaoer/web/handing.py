"""Handing a conversation to staff because the customer pressed a button or sent a file, and not in a turn."""

from dataclasses import dataclass
from typing import Any

from xiaoer import stores
from xiaoer.assistant.ticketing import Made
from xiaoer.assistant.waiting import is_staffed, waiting_text
from xiaoer.conversations import handoff, thread
from xiaoer.conversations.tables import Conversation, Message
from xiaoer.db.record import now
from xiaoer.desk.desk import Desk
from xiaoer.language.phrases import phrase


@dataclass(frozen=True)
class Handed:
    """What the customer is told; `message` is None where staff had the conversation already."""

    text: str
    message: Message | None
    ticket: Made | None


async def hand_over(desk: Desk, session: Any, conversation: Conversation, reason: str) -> Handed:
    """Give the conversation to staff and say so in the thread; the caller tells whoever listens."""
    profile = (await stores.by_id(session, conversation.store_id)).profile
    language = conversation.language or conversation.locale or profile.locales[0]
    if not await handoff.hand_to_staff(session, conversation.id, reason):
        return Handed(phrase("handoff_already", language), None, None)
    staffed = await is_staffed(session, conversation.store_id, profile, now())
    text = waiting_text(profile, language, now(), staffed=staffed)
    made = None if staffed else await desk.ticketing.for_person(session, conversation, profile, language)
    text = f"{text}\n{made.text}" if made else text
    message = await thread.post(session, conversation.id, "system", text)
    message.outcome = "handoff"
    message.evidence = {"reason": reason} | ({"ticket": made.as_json()} if made else {})  # counted by `reports`
    await session.flush()
    return Handed(text, message, made)
