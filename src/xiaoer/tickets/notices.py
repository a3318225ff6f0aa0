"""Who is told what happened to a ticket, or that a conversation waits too long: the shop's webhooks, the people in
charge, and the customer by mail.

Nothing is sent here: what is due is put as jobs in the transaction of the event itself, so that nothing is told that
did not happen, and nothing that happened is left untold.
"""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer import jobs, stores
from xiaoer.staff import people
from xiaoer.staff.roles import ROLES, may
from xiaoer.staff.tables import Staff
from xiaoer.tickets import promises
from xiaoer.tickets.tables import Delivery, Ticket, TicketEvent, Webhook

WEBHOOK, STAFF_MAIL, CUSTOMER_MAIL = "ticket.webhook", "ticket.staff_mail", "ticket.customer_mail"
WAITING_MAIL = "conversation.staff_mail"
LEADERS = ("owner", "manager")
HELPERS = tuple(role for role in ROLES if may(role, "converse"))
MOST_LEADERS = 20
ALARMED_FOR = timedelta(minutes=5)
"""Within this time a customer who goes on about the danger they are in causes no further letter."""


async def tell(session: AsyncSession, ticket: Ticket, event: TicketEvent) -> None:
    """Put down what has to be sent because of an event of the ticket."""
    await _post(session, ticket.store_id, f"ticket.{event.kind}", told(ticket, event))
    if _is_for_staff(ticket, event):
        for address in await _concerned(session, ticket, event):
            payload = {"ticket": str(ticket.id), "event": str(event.id), "to": address}
            await jobs.put(session, ticket.store_id, STAFF_MAIL, payload, key=f"mail:{_once(event)}:{address}")
    solved = event.kind == "state" and event.data.get("to") == "solved"
    by_us = event.actor in ("staff", "api")
    if ticket.email and (event.kind == "created" or (event.kind == "comment" and event.public and by_us) or solved):
        payload = {"ticket": str(ticket.id), "event": str(event.id)}
        await jobs.put(session, ticket.store_id, CUSTOMER_MAIL, payload, key=f"customer-mail:{event.id}")


async def tell_of_waiting(session: AsyncSession, store_id: uuid.UUID, conversation_id: uuid.UUID, at: datetime) -> None:
    """Put down what has to be sent because nobody has answered a customer for too long: consoles may all be shut."""
    data = {"at": moment(at), "conversation": str(conversation_id)}
    await _post(session, store_id, "conversation.escalated", data)
    leaders = sa.select(Staff.email).where(_reachable(store_id), Staff.role.in_(LEADERS))
    for address in await session.scalars(leaders.order_by(Staff.email).limit(MOST_LEADERS)):
        payload = {"conversation": str(conversation_id), "to": address}
        key = f"waiting:{conversation_id}:{moment(at)}:{address}"
        await jobs.put(session, store_id, WAITING_MAIL, payload, key=key)


async def _post(session: AsyncSession, store_id: uuid.UUID, event: str, data: dict[str, Any]) -> None:
    """A delivery of the event to each webhook of the shop."""
    hooks = await session.scalars(sa.select(Webhook.id).where(Webhook.store_id == store_id, Webhook.enabled.is_(True)))
    for hook in hooks.all():
        made = uuid.uuid4()
        body = json.dumps({"id": str(made), "event": event, **data}, ensure_ascii=False)
        session.add(
            Delivery(id=made, store_id=store_id, webhook_id=hook, event=event, body=body, state="pending", tries=[])
        )
        await session.flush()
        await jobs.put(session, store_id, WEBHOOK, {"delivery": str(made)}, key=f"webhook:{made}")


def _is_for_staff(ticket: Ticket, event: TicketEvent) -> bool:
    if event.kind == "created":
        return ticket.kind != "danger"  # an alarm follows
    return event.kind in ("assigned", "reminded", "escalated") or event.actor == "customer"


def _once(event: TicketEvent) -> str:
    """What one letter is written about: each event, and of the alarms of a ticket one in some minutes."""
    if event.kind != "alarm":
        return str(event.id)
    return f"alarm:{event.ticket_id}:{event.created_at.timestamp() // ALARMED_FOR.total_seconds():.0f}"


async def _concerned(session: AsyncSession, ticket: Ticket, event: TicketEvent) -> list[str]:
    """The addresses to write to: whoever has the ticket, else (and when a promise was broken) all who lead; all who
    may answer customers at an alarm.
    """
    mine = Staff.id == ticket.assigned_to
    leads = Staff.role.in_(LEADERS)
    who = sa.or_(mine, leads) if event.kind == "escalated" else mine if ticket.assigned_to else leads
    if event.kind == "alarm":
        who = Staff.role.in_(HELPERS)
    query = sa.select(Staff.email).where(_reachable(ticket.store_id), who)
    if event.staff_id:
        query = query.where(Staff.id != event.staff_id)  # nobody is written to about what they did themselves
    return list(await session.scalars(query.order_by(Staff.email).limit(MOST_LEADERS)))


def _reachable(store_id: uuid.UUID) -> sa.ColumnElement[bool]:
    can_sign_in = sa.and_(Staff.disabled_at.is_(None), Staff.password_digest.is_not(None))
    return sa.and_(Staff.store_id == store_id, can_sign_in, people.has_mailbox())


def told(ticket: Ticket, event: TicketEvent) -> dict[str, Any]:
    """An event with the ticket as it is now, as the shop's own systems are told."""
    data = {"at": moment(event.created_at), "by": event.actor, "by_name": event.actor_name, "public": event.public}
    return {**data, "text": event.text, "data": event.data, "ticket": described(ticket)}


def described(ticket: Ticket) -> dict[str, Any]:
    """A ticket as the API shows it."""
    return {
        "number": ticket.shown,
        "kind": ticket.kind,
        "priority": ticket.priority,
        "state": ticket.state,
        "subject": ticket.subject,
        "text": ticket.text,
        "order": ticket.order_number,
        "email": ticket.email,
        "phone": ticket.phone,
        "conversation": str(ticket.conversation_id) if ticket.conversation_id else None,
        "language": ticket.language,
        "made_by": ticket.made_by,
        "assigned_to": str(ticket.assigned_to) if ticket.assigned_to else None,
        "due_at": moment(ticket.due_at),
        "created_at": moment(ticket.created_at),
        "updated_at": moment(ticket.updated_at),
        "solved_at": moment(ticket.solved_at),
        "closed_at": moment(ticket.closed_at),
        "reopened": ticket.reopened,
    }


def moment(at: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    return at.isoformat().replace("+00:00", "Z") if at else None


async def told_to_customer(session: AsyncSession, ticket: Ticket, event: TicketEvent, link: str) -> tuple[str, str]:
    """Subject and text of the letter to the customer."""
    profile = (await stores.by_id(session, ticket.store_id)).profile
    language, number = ticket.language, ticket.shown
    if event.kind == "comment":
        text = event.text
    elif event.kind == "state":
        text = promises.say("solved_notice", language, number=number)
    else:
        state = promises.say(ticket.state, language)
        due = promises.by_when(profile, ticket.due_at, language)
        values = {"number": number, "subject": ticket.subject, "state": state, "when": due}
        text = promises.say("line_due" if due else "line", language, **values)
    parts = [text, promises.say("link", language, link=link) if link else "", profile.name_in(language)]
    return promises.say("mail_subject", language, number=number), "\n\n".join(part for part in parts if part)
