"""Tickets, what happened to them, and whom the shop's own systems are told by."""

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from xiaoer.db.record import Record
from xiaoer.stores import Priority
from xiaoer.tickets.states import Actor, Kind, Maker, State


class Ticket(Record):
    """One piece of work for a customer.

    `due_at`: by when the customer hears from us, as promised; none while we wait for them (`left_seconds` of open time
    were left then, fewer than none when it was late) and when it is done. `remind_at` is when three quarters of the
    time are over; `reminded` and `escalated` hold until the promise is renewed.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("store_id", "number"),
        UniqueConstraint("store_id", "idempotency_key"),
        CheckConstraint("state in ('open', 'in_progress', 'waiting', 'solved', 'closed')", name="state"),
        CheckConstraint("priority in ('urgent', 'high', 'normal', 'low')", name="priority"),
        Index("ix_tickets_listed", "store_id", "state", "due_at"),
        Index("ix_tickets_due", "due_at", postgresql_where=sa.text("due_at is not null")),
    )

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    number: Mapped[int]
    kind: Mapped[Kind] = mapped_column(sa.Text)
    priority: Mapped[Priority] = mapped_column(sa.Text)
    state: Mapped[State] = mapped_column(sa.Text, server_default="open")
    subject: Mapped[str]
    text: Mapped[str] = mapped_column(server_default="")
    order_number: Mapped[str | None]
    conversation_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("conversations.id", ondelete="SET NULL"), index=True
    )
    customer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("customers.id", ondelete="SET NULL"), index=True)
    email: Mapped[str | None]
    phone: Mapped[str | None]
    language: Mapped[str]
    made_by: Mapped[Maker] = mapped_column(sa.Text)
    idempotency_key: Mapped[str | None]
    assigned_to: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
    due_at: Mapped[datetime | None]
    remind_at: Mapped[datetime | None]
    left_seconds: Mapped[int | None]
    reminded: Mapped[bool] = mapped_column(server_default="false")
    escalated: Mapped[bool] = mapped_column(server_default="false")
    replied_at: Mapped[datetime | None]
    solved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reopened: Mapped[int] = mapped_column(server_default="0")
    updated_at: Mapped[datetime]

    @property
    def shown(self) -> str:
        """The number as people say it."""
        return f"T-{self.number}"


class TicketCounter(Record):
    """The last number given in a store; a row of its own, so that making tickets waits for nothing else."""

    __tablename__ = "ticket_counters"

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"), unique=True)
    last: Mapped[int]


class TicketEvent(Record):
    """One line of a ticket's history. `public` lines are read by the customer; `before` is what an undo restores."""

    __tablename__ = "ticket_events"

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    ticket_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    actor: Mapped[Actor] = mapped_column(sa.Text)
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    actor_name: Mapped[str | None]
    text: Mapped[str] = mapped_column(server_default="")
    data: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    before: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    public: Mapped[bool] = mapped_column(server_default="false")
    undone: Mapped[bool] = mapped_column(server_default="false")


class Webhook(Record):
    """An address of the shop's that is told what happens to tickets; `sealed` is the secret that signs."""

    __tablename__ = "webhooks"

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"), index=True)
    url: Mapped[str]
    sealed: Mapped[str]
    enabled: Mapped[bool] = mapped_column(server_default="true")


class Delivery(Record):
    """One telling of one event to one webhook, with every try: `{at, status, problem, ms}`."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (Index("ix_webhook_deliveries_newest", "webhook_id", "created_at"),)

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    webhook_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    event: Mapped[str]
    body: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="pending")
    tries: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
