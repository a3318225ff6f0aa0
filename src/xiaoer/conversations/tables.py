"""Conversations and messages as stored."""

import uuid
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from xiaoer.db.record import Record
from xiaoer.staff.tables import Staff

Owner = Literal["assistant", "staff"]
Author = Literal["customer", "assistant", "staff", "system"]
EXAM = "exam"
"""The channel of conversations that try the desk: they are no customer's, and nobody is called to them."""
AnswerState = Literal["owed", "answered", "staff"]
"""Of a customer's message: an answer is owed by the assistant, was given, or is for staff to give."""
Outcome = Literal["done", "handoff", "failed"]


def _computed(expression: str) -> Any:
    """A column that the database fills from the evidence, so that figures need not open it row by row."""
    return mapped_column(sa.Computed(expression, persisted=True), deferred=True)


class Conversation(Record):
    """One thread of messages between a customer and a store.

    `handed_off_at`, `taken_at` and `closed_at` are its state, see `handoff.state_of`: a person is wanted since the
    first and has come with the second. `owner` is who answers the next message. `boundary` is the position up to which
    what was said cannot cause a hand-over any more. `offered_at` is set while the desk chose `assigned_to`, who has not
    answered yet; `escalated_at`: nobody had answered for too long. `contact_email` and `contact_phone` are what the
    customer left to be reached by; they were asked for it at `contact_asked_at`. They have seen what stands up to
    `seen_position`; what staff said up to `told_position` went to them by letter, or is somebody's task to tell.
    `lease_holder` runs the one turn that may run at a time, until `lease_until`; a killed process loses it by time.
    `product_page` is the product on whose page the customer is.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        CheckConstraint("owner in ('assistant', 'staff')", name="owner"),
        Index(
            "ix_conversations_called",
            "store_id",
            "handed_off_at",
            postgresql_where=sa.text("handed_off_at is not null"),
        ),
    )

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"), index=True)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[str] = mapped_column(server_default="web")
    locale: Mapped[str | None]
    language: Mapped[str | None]
    product_page: Mapped[str | None]
    owner: Mapped[Owner] = mapped_column(sa.Text, server_default="assistant")
    handoff_reason: Mapped[str | None]
    handed_off_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    assigned_to: Mapped[uuid.UUID | None] = mapped_column(ForeignKey(Staff.id, ondelete="SET NULL"), index=True)
    closed_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    offered_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    boundary: Mapped[int] = mapped_column(server_default="0")
    contact_email: Mapped[str | None]
    contact_phone: Mapped[str | None]
    contact_asked_at: Mapped[datetime | None]
    seen_position: Mapped[int] = mapped_column(server_default="0")
    told_position: Mapped[int] = mapped_column(server_default="0")
    tags: Mapped[list[str]] = mapped_column(sa.ARRAY(sa.Text), server_default="{}")
    last_position: Mapped[int] = mapped_column(server_default="0")
    lease_holder: Mapped[uuid.UUID | None]
    lease_until: Mapped[datetime | None]


class Message(Record):
    """One message; `position` orders a conversation without gaps or ties.

    `answers` of an assistant's message names the customer's message it ends the turn of: at most one each.
    `attachments` are {url, name, type, size} each.
    `evidence` keeps what the answer stood on: what was understood, found, withheld, and the times (ms); of a customer's
    message, the product on whose `page` it was written.
    `question_key` names the `CachedAnswer` that the message told, or became.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "position"),
        UniqueConstraint("conversation_id", "idempotency_key"),
        UniqueConstraint("answers"),
        CheckConstraint("author in ('customer', 'assistant', 'staff', 'system')", name="author"),
        CheckConstraint("answer_state in ('owed', 'answered', 'staff')", name="answer_state"),
        CheckConstraint("(author = 'customer') = (answer_state is not null)", name="only_customers_are_owed"),
        Index("ix_messages_time", "store_id", "created_at"),
        Index("ix_messages_staff", "store_id", "created_at", postgresql_where=sa.text("author = 'staff'")),
        Index("ix_messages_owed", "conversation_id", "position", postgresql_where=sa.text("answer_state = 'owed'")),
        Index(
            "ix_messages_key", "store_id", "idempotency_key", postgresql_where=sa.text("idempotency_key is not null")
        ),
    )

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    position: Mapped[int]
    author: Mapped[Author] = mapped_column(sa.Text)
    author_name: Mapped[str | None]
    text: Mapped[str]
    language: Mapped[str | None]
    idempotency_key: Mapped[str | None]
    answer_state: Mapped[AnswerState | None] = mapped_column(sa.Text)
    answers: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    outcome: Mapped[Outcome | None] = mapped_column(sa.Text)
    route: Mapped[str | None]
    sources: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    suggestions: Mapped[list[str]] = mapped_column(sa.ARRAY(sa.Text), server_default="{}")
    confidence: Mapped[float | None]
    evidence: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    question_key: Mapped[str | None]
    feedback_score: Mapped[int | None]
    feedback_comment: Mapped[str | None]
    first_ms: Mapped[int | None] = _computed("(evidence #>> '{timings_ms,first_text}')::float8::int")
    total_ms: Mapped[int | None] = _computed("(evidence #>> '{timings_ms,total}')::float8::int")
    withheld: Mapped[int | None] = _computed(
        "CASE WHEN jsonb_typeof(evidence -> 'withheld') = 'array' THEN jsonb_array_length(evidence -> 'withheld') END"
    )
    prompt_tokens: Mapped[int | None] = _computed("(evidence #>> '{tokens,prompt}')::float8::int")
    completion_tokens: Mapped[int | None] = _computed("(evidence #>> '{tokens,completion}')::float8::int")
    topic: Mapped[str | None] = _computed("evidence #>> '{understood,topic}'")
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")


class CachedAnswer(Record):
    """An answer that may be given again, until `expires_at`, to whoever asks what has the same key.

    It holds what the shop's knowledge says and nothing else: no ticket, no name, no order of whoever asked first.
    """

    __tablename__ = "cached_answers"
    __table_args__ = (UniqueConstraint("store_id", "key"),)

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    key: Mapped[str]
    text: Mapped[str]
    sources: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    confidence: Mapped[float]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Note(Record):
    """What staff write about a conversation for each other. No customer ever reads this table."""

    __tablename__ = "notes"

    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey(Staff.id, ondelete="SET NULL"))
    author_name: Mapped[str]
    text: Mapped[str]
    mentions: Mapped[list[uuid.UUID]] = mapped_column(sa.ARRAY(sa.Uuid), server_default="{}")


class CannedReply(Record):
    """A text that staff send often; {name}, {shop} and {agent} are filled in."""

    __tablename__ = "canned_replies"

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    text: Mapped[str]
