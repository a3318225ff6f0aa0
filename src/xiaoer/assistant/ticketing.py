"""Tickets in the conversation: made where work is left over, told with number and promise, and found again.

A ticket is made when the customer asks for one, complains, or tells of goods that are broken, wrong or not paid back;
when a person is wanted and nobody is there; and when the shop's system fails. One conversation has one running ticket:
what is said further about it is added there.
"""

import re
import uuid
from dataclasses import dataclass, replace
from typing import Any

from xiaoer import stores
from xiaoer.assistant import contacts
from xiaoer.assistant.understanding.entities import entities_of
from xiaoer.assistant.understanding.intent import folded
from xiaoer.conversations import inbox, thread
from xiaoer.conversations.handoff import DANGER
from xiaoer.conversations.tables import Conversation, Message
from xiaoer.conversations.thread import LONGEST_MESSAGE, Answer
from xiaoer.db.database import Sessions
from xiaoer.identity import access
from xiaoer.language.phrases import phrase
from xiaoer.patterns import lazy, lazy_table, toml
from xiaoer.stores import Priority, Profile
from xiaoer.tickets import listing, promises, tickets
from xiaoer.tickets.links import TicketLinks
from xiaoer.tickets.states import Kind
from xiaoer.tickets.tables import Ticket
from xiaoer.tickets.tickets import By, New
from xiaoer.tools.tables import Proposal

ASSISTANT = By("assistant")
TOLD = 6
"""Messages of the customer that a ticket made on request begins with."""
_WENT_ON = {
    "zh": "顾客选择继续由 AI 解答，不再等待人工客服。",
    "en": "The customer goes on with the assistant and no longer waits for a person.",
}
_CALL = {
    "zh": "顾客已离开，还没看到下面的回复，请通过登记的联系方式转告：\n{text}",
    "en": "The customer has left and not seen this reply. Reach them where the ticket says, and tell them:\n{text}",
}
_TABLE = toml("xiaoer.assistant", "ticketing.toml")
_PATTERN = lazy_table(
    lambda: {name: lazy("|".join(f"(?:{one})" for one in patterns)) for name, patterns in _TABLE.items()}
)
_NUMBER = lazy(r"(?<![\w-])T-?(\d{4,9})(?![\w-])", re.IGNORECASE)
_SERIOUS: dict[str, tuple[Kind, Priority]] = {
    DANGER: ("danger", "urgent"),
    "sensitive": ("complaint", "urgent"),
    "angry": ("complaint", "high"),
    "fault": ("tool_failure", "high"),
    "system_down": ("tool_failure", "high"),
}
"""Reasons of a hand-over that are work in any case, also when people are there."""


@dataclass(frozen=True)
class Made:
    """A ticket as the customer is told of it, and the words that tell."""

    number: str
    text: str
    path: str

    def as_json(self) -> dict[str, str]:
        return {"number": self.number, "url": self.path}


def asks_for_status(text: str) -> bool:
    """Whether a message asks how a ticket stands."""
    words = folded(text)
    if _PATTERN["create"].search(words):
        return False
    return _PATTERN["status"].search(words) is not None or _NUMBER.fullmatch(text.strip()) is not None


def asks_for_ticket(text: str) -> bool:
    """Whether a message asks to have something registered."""
    return _PATTERN["create"].search(folded(text)) is not None


class Ticketing:
    """What the assistant does with tickets."""

    def __init__(self, sessions: Sessions, links: TicketLinks) -> None:
        self._sessions = sessions
        self._links = links

    async def answer(
        self,
        store_id: uuid.UUID,
        conversation_id: uuid.UUID,
        message_id: uuid.UUID,
        text: str,
        language: str,
        *,
        concern: str | None = None,
    ) -> tuple[str, Made | None] | None:
        """The reply to a message about tickets, and the ticket it made; None for every other message.

        `concern` is what the customer is, or was last, concerned about; it makes the ticket's kind.
        """
        if asks_for_status(text):
            return await self._status(store_id, conversation_id, text, language), None
        if not asks_for_ticket(text):
            return None
        async with self._sessions.begin() as session:
            conversation = await thread.by_id(session, conversation_id, store_id=store_id)
            whole = await _whole(session, conversation)
            kind = _kind_of(concern) or ("repair" if "修" in text or "ซ่อม" in text else "question")
            made = await self._make(
                session, conversation, await _profile(session, conversation), kind, whole, language, key=message_id
            )
        return made.text, made

    async def with_ticket(
        self, session: Any, question: Message, profile: Profile, answer: Answer, *, staffed: bool
    ) -> tuple[Answer, str]:
        """The answer with a ticket in it where work is left over, and the words that this added."""
        kind, priority = self._left_over(answer, staffed=staffed)
        if kind is None or "ticket" in answer.evidence:
            return answer, ""
        conversation = await thread.by_id(session, question.conversation_id, store_id=question.store_id)
        if answer.reason == DANGER:
            danger = answer.evidence["danger"]["kind"]
            made = await self.for_danger(session, conversation, profile, question, answer.language, danger)
        else:
            made = await self._make(
                session, conversation, profile, kind, question.text, answer.language, priority=priority, key=question.id
            )
        added = ("\n" if answer.text else "") + made.text
        evidence = {**answer.evidence, "ticket": made.as_json()}
        return replace(answer, text=answer.text + added, evidence=evidence), added

    async def for_person(self, session: Any, conversation: Conversation, profile: Profile, language: str) -> Made:
        """The ticket of somebody who asks for a person when nobody is there."""
        return await self._make(
            session, conversation, profile, "handover", await _whole(session, conversation), language
        )

    async def for_danger(
        self, session: Any, conversation: Conversation, profile: Profile, said: Message, language: str, danger: str
    ) -> Made:
        """The ticket of somebody in danger, most pressing from now on; all staff are alarmed, each time anew."""
        kind, priority = _SERIOUS[DANGER]
        running = await listing.running(session, conversation.id)
        if running is not None:
            ticket = await tickets.by_id(session, running.id, lock=True)
            await tickets.alarm(session, ticket, said.text, {"danger": danger})
            return self._told(promises.say("already", language, number=ticket.shown), ticket)
        made = await self._make(
            session, conversation, profile, kind, said.text, language, priority=priority, key=said.id
        )
        running = await listing.running(session, conversation.id)
        assert running is not None, "it has just been made"
        await tickets.alarm(session, await tickets.by_id(session, running.id, lock=True), "", {"danger": danger})
        return made

    async def for_change(self, session: Any, conversation: Conversation, profile: Profile, change: Proposal) -> Made:
        """The ticket of a change that the customer confirmed and the shop's system did not make."""
        kind, priority = _SERIOUS["system_down"]
        return await self._make(
            session, conversation, profile, kind, change.summary, change.language, priority=priority, key=change.id
        )

    async def for_contact(
        self, session: Any, conversation: Conversation, profile: Profile, language: str
    ) -> Made | None:
        """The running ticket of somebody who left where to reach them, or a new one for who has to be called."""
        email, phone = await contacts.address_of(session, conversation), conversation.contact_phone
        if (running := await listing.running(session, conversation.id)) is not None:
            ticket = await tickets.by_id(session, running.id, lock=True)
            await tickets.reach(session, ticket, ASSISTANT, email=email, phone=phone)
            return None
        if email is not None:
            return None
        return await self._make(
            session, conversation, profile, "callback", await _whole(session, conversation), language
        )

    async def for_call(
        self, session: Any, conversation: Conversation, profile: Profile, language: str, text: str
    ) -> None:
        """Have somebody tell a customer who has left, and whom no letter reaches, what staff wrote to them."""
        running = await listing.running(session, conversation.id)
        if running is None:
            said = await _whole(session, conversation)
            await self._make(session, conversation, profile, "callback", said, language)
            running = await listing.running(session, conversation.id)
        assert running is not None, "it was just made"
        ticket = await tickets.by_id(session, running.id, lock=True)
        note = _CALL["zh" if profile.locales[0].startswith("zh") else "en"].format(text=text)
        await tickets.comment(session, ticket, note[:LONGEST_MESSAGE], ASSISTANT, public=False)

    async def went_on(self, session: Any, conversation_id: uuid.UUID) -> None:
        """Whoever has the running ticket learns that the customer no longer waits for a person."""
        if (running := await listing.running(session, conversation_id)) is not None:
            ticket = await tickets.by_id(session, running.id, lock=True)
            language = (await stores.by_id(session, ticket.store_id)).profile.locales[0]
            text = _WENT_ON["zh" if language.startswith("zh") else "en"]
            await tickets.comment(session, ticket, text, ASSISTANT, public=False)

    def _left_over(self, answer: Answer, *, staffed: bool) -> tuple[Kind | None, Priority | None]:
        concern = _kind_of(answer.evidence.get("understood", {}).get("concern"))
        if answer.outcome == "handoff":
            if answer.reason in _SERIOUS:
                return _SERIOUS[answer.reason]
            return (concern if concern != "complaint" else None) or (None if staffed else "handover"), None
        is_settled = "remedied" in answer.evidence or (answer.route == "flow" and "for_staff" not in answer.evidence)
        return (None if answer.outcome != "done" or is_settled else concern), None

    async def _make(
        self,
        session: Any,
        conversation: Conversation,
        profile: Profile,
        kind: Kind,
        text: str,
        language: str,
        *,
        priority: Priority | None = None,
        key: uuid.UUID | None = None,
    ) -> Made:
        """The running ticket of the conversation with these words added, or a new one."""
        running = await listing.running(session, conversation.id)
        if running is not None:
            ticket = await tickets.by_id(session, running.id, lock=True)
            if text.strip():
                await tickets.comment(session, ticket, text, By("customer"), public=True)
            return self._told(promises.say("already", language, number=ticket.shown), ticket)
        orders = entities_of(text).orders
        email, phone = await contacts.address_of(session, conversation), conversation.contact_phone
        seen = await access.of(session, conversation.id)
        new = New(
            kind="callback" if kind == "handover" and phone and not email else kind,
            subject=text.partition("\n")[0],
            text=text,
            language=language,
            made_by="assistant",
            priority=priority,
            order_number=orders[0] if orders else next(iter(seen.orders), None) if len(seen.orders) == 1 else None,
            conversation_id=conversation.id,
            customer_id=conversation.customer_id,
            email=email,
            phone=phone,
            idempotency_key=f"message:{key}" if key else None,
        )
        ticket, _ = await tickets.create(session, conversation.store_id, new, ASSISTANT)
        due = promises.by_when(profile, ticket.due_at, language)
        text = "ticket_created" if due else "ticket_created_soon"
        return self._told(phrase(text, language, number=ticket.shown, when=due), ticket)

    def _told(self, text: str, ticket: Ticket) -> Made:
        return Made(ticket.shown, text, self._links.of(ticket.id) or self._links.path(ticket.id))

    async def _status(self, store_id: uuid.UUID, conversation_id: uuid.UUID, text: str, language: str) -> str:
        """How the customer's own tickets stand. Whose they are comes from the server, never from the message."""
        named = {int(number) for number in _NUMBER.findall(text)}
        async with self._sessions() as session:
            conversation = await thread.by_id(session, conversation_id, store_id=store_id)
            signed = (await access.of(session, conversation_id)).customer is not None
            own = await listing.own(session, store_id, conversation_id, conversation.customer_id if signed else None)
            profile = await _profile(session, conversation)
        if named:
            own = [ticket for ticket in own if ticket.number in named]
            missing = named - {ticket.number for ticket in own}
            lines = [promises.say("unknown", language, number=f"T-{number}") for number in sorted(missing)[:3]]
        else:
            lines = [] if own else [promises.say("none", language)]
        return "\n".join([*(_line(ticket, profile, language) for ticket in own), *lines])


def _kind_of(concern: str | None) -> Kind | None:
    """The kind of ticket that a concern makes."""
    kinds: tuple[Kind, ...] = ("complaint", "repair", "after_sales", "refund")
    return next((kind for kind in kinds if kind == concern), None)


async def _whole(session: Any, conversation: Conversation) -> str:
    """What the customer said last, as a ticket begins with it."""
    said = [each for each in await inbox.latest(session, conversation.id) if each.author == "customer"]
    return "\n".join(each.text for each in said[-TOLD:])[:LONGEST_MESSAGE]


def _line(ticket: Ticket, profile: Profile, language: str) -> str:
    state = promises.say(ticket.state, language)
    values = {"number": ticket.shown, "subject": ticket.subject[:40], "state": state}
    due = "" if listing.is_late(ticket) else promises.by_when(profile, ticket.due_at, language)
    return promises.say("line_due" if due else "line", language, **values, when=due)


async def _profile(session: Any, conversation: Conversation) -> Profile:
    return (await stores.by_id(session, conversation.store_id)).profile
