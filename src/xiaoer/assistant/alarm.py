"""Danger in a conversation that staff answer: the assistant says what cannot wait, and calls everybody."""

import uuid
from typing import Any

from xiaoer import stores
from xiaoer.assistant import safety
from xiaoer.assistant.events import store_topic
from xiaoer.assistant.ticketing import Ticketing
from xiaoer.assistant.understanding.danger import Danger, DangerDetector
from xiaoer.broadcast import Broadcast
from xiaoer.conversations import handoff, thread
from xiaoer.conversations.tables import Conversation, Message
from xiaoer.db.database import Sessions
from xiaoer.language.detect import detect
from xiaoer.language.phrases import joined


class Alarms:
    """Listens to what customers say to staff; to the assistant's own conversations the turn itself listens."""

    def __init__(
        self, sessions: Sessions, detector: DangerDetector, ticketing: Ticketing, broadcast: Broadcast
    ) -> None:
        self._sessions = sessions
        self._detector = detector
        self._ticketing = ticketing
        self._broadcast = broadcast

    async def look(self, conversation_id: uuid.UUID, text: str) -> Danger | None:
        """The danger in what a customer is about to say to staff; None where the assistant answers."""
        async with self._sessions() as session:
            conversation = await session.get(Conversation, conversation_id)
            if conversation is None or conversation.owner != "staff":
                return None
            profile = (await stores.by_id(session, conversation.store_id)).profile
        return await self._detector.find(text, profile.handoff_words_off)

    async def sound(self, session: Any, said: Message, danger: Danger) -> Message:
        """Tell the customer what to do, and have a ticket that alarms all staff; the caller tells whoever listens."""
        conversation = await thread.by_id(session, said.conversation_id, store_id=said.store_id)
        profile = (await stores.by_id(session, said.store_id)).profile
        language = detect(said.text, prior=conversation.language or conversation.locale).language
        text = safety.line(profile, language, danger.kind)
        evidence: dict[str, Any] = {"danger": danger.as_json()}
        if not danger.supposed:
            made = await self._ticketing.for_danger(session, conversation, profile, said, language, danger.kind)
            text = f"{joined(language, text, safety.alarmed(language))}\n{made.text}"
            evidence |= {"reason": handoff.DANGER, "ticket": made.as_json()}
            await handoff.wait(session, conversation.id, handoff.DANGER)
        message = await thread.post(session, conversation.id, "assistant", text)
        message.answers, message.language, message.route = said.id, language, "flow"
        message.outcome = "done" if danger.supposed else "handoff"
        message.confidence, message.evidence = 1.0, evidence
        await session.flush()
        return message

    async def call(self, store_id: uuid.UUID, conversation_id: uuid.UUID) -> None:
        """Alert every console of the store that is open."""
        await call(self._broadcast, store_id, conversation_id)


async def call(broadcast: Broadcast, store_id: uuid.UUID, conversation_id: uuid.UUID) -> None:
    """Alert every console of the store that is open."""
    await broadcast.publish(store_topic(store_id), {"kind": "danger", "conversation": str(conversation_id)})
