"""Reaching a customer who has left: staff's words go to them by mail with a link back, or somebody has to call.

Whether they have left is known some minutes after the words were said: by then who is there has seen them.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from xiaoer import jobs, stores
from xiaoer.assistant import contacts
from xiaoer.assistant.asked import Asked
from xiaoer.assistant.ticketing import Ticketing
from xiaoer.conversations import thread
from xiaoer.conversations.tables import Conversation, Message
from xiaoer.conversations.thread import Answer
from xiaoer.db.database import Sessions
from xiaoer.db.record import now
from xiaoer.identity import access
from xiaoer.identity.return_links import GOOD_FOR, ReturnLinks
from xiaoer.jobs import Work
from xiaoer.language.contacts import Contact
from xiaoer.language.phrases import phrase
from xiaoer.mail import BadAddress, Letter, Mailer, NotSent
from xiaoer.stores import Profile

FOLLOW_UP: Final = "conversation.follow_up"
LEFT_AFTER: Final = timedelta(minutes=2)
"""Whoever has not seen staff's words after this time has left."""


@dataclass(frozen=True)
class _Left:
    """A customer who has left, and what staff said to them since."""

    conversation: Conversation
    profile: Profile
    store: str
    language: str
    address: str | None
    proved: bool
    said: tuple[Message, ...]

    @property
    def text(self) -> str:
        lines = (f"{each.author_name}: {each.text}" if each.author_name else each.text for each in self.said)
        return "\n\n".join(lines)


async def follow_up(session: Any, message: Message) -> None:
    """Have it looked after that the customer learns what staff have just said, should they have left."""
    payload = {"message": str(message.id)}
    key = f"follow-up:{message.id}"
    await jobs.put(session, message.store_id, FOLLOW_UP, payload, key=key, at=now() + LEFT_AFTER)


async def completed(
    session: Any, ticketing: Ticketing, question: Message, asked: Asked, answer: Answer, left: Contact | None
) -> tuple[Answer, str]:
    """The answer with what is left over after it, and the words that this added: a ticket, and how to be reached.

    `left` is the contact that the message holds. It is kept where a person comes; where only a ticket is made, the
    number to call is kept, and no letter goes to an address that nobody asked for.
    """
    conversation = await thread.locked(session, question.conversation_id)
    if left is not None and answer.outcome == "handoff":
        answer = contacts.noted(answer, left)
    if "contact" in answer.evidence:
        contacts.keep(conversation, answer.evidence["contact"])
    answer, told = await ticketing.with_ticket(session, question, asked.profile, answer, staffed=asked.staffed)
    if left is not None and left.phone is not None and "ticket" in answer.evidence:
        answer = contacts.noted(answer, replace(left, email=None))
        contacts.keep(conversation, answer.evidence["contact"])
    made, line = None, ""
    if "contact" in answer.evidence:
        made = await ticketing.for_contact(session, conversation, asked.profile, answer.language)
        line = contacts.read_back(answer.evidence, answer.language)
    elif answer.outcome == "handoff" and not asked.staffed:
        line = await contacts.ask(session, conversation, answer.language)
    if made is not None:
        answer = replace(answer, evidence={**answer.evidence, "ticket": made.as_json()})
    added = "".join(f"\n{part}" for part in (made.text if made else "", line) if part and part not in answer.text)
    return replace(answer, text=answer.text + added), told + added


class Reaching:
    """Tells customers who have left what staff said to them."""

    def __init__(self, sessions: Sessions, mailer: Mailer | None, links: ReturnLinks, ticketing: Ticketing) -> None:
        self._sessions = sessions
        self._mailer = mailer
        self._links = links
        self._ticketing = ticketing

    async def tell(self, work: Work) -> None:
        """One letter holds all that was said since the customer left; where no letter goes, somebody has to call."""
        async with self._sessions() as session:
            left = await _left(session, uuid.UUID(work.payload["message"]))
        if left is None:
            return
        written = False
        if self._mailer is not None and left.address is not None:
            try:
                await self._mailer.send(self._letter(left, left.address))
                written = True
            except BadAddress:
                pass
            except NotSent:
                if not work.last:
                    raise
        async with self._sessions.begin() as session:
            conversation = await thread.locked(session, left.conversation.id)
            conversation.told_position = max(conversation.told_position, left.said[-1].position)
            if written and not left.proved:
                # Whoever comes by the letter is whoever reads that mail, and need not be who showed orders here.
                await access.end(session, conversation.id)
            if not written:
                await self._ticketing.for_call(session, conversation, left.profile, left.language, left.text)

    def _letter(self, left: _Left, address: str) -> Letter:
        shop = left.profile.name_in(left.language)
        link = self._links.of(left.conversation.id, store=left.store, language=left.language)
        back = phrase("letter_link", left.language, link=link, days=GOOD_FOR.days) if link else ""
        text = "\n\n".join(part for part in (left.text, back, shop) if part)
        return Letter([address], phrase("letter_subject", left.language, shop=shop), text)


async def _left(session: Any, message_id: uuid.UUID) -> _Left | None:
    """The customer to whom a message of staff was said, if they have left; None also where nothing leads to them."""
    message = await session.get(Message, message_id)
    if message is None:
        return None
    conversation = await session.get_one(Conversation, message.conversation_id)
    said = tuple(await thread.unseen(session, conversation))
    if not said or said[-1].id != message_id:
        return None  # seen, told, or followed by more that is looked after with all of it
    store = await stores.by_id(session, message.store_id)
    proved = await contacts.proved_address(session, conversation)
    address = conversation.contact_email or proved
    if address is None and conversation.contact_phone is None:
        return None
    language = conversation.language or conversation.locale or store.profile.locales[0]
    return _Left(conversation, store.profile, store.slug, language, address, address == proved, said)
