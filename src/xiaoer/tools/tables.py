"""What is stored of tools: every call, every change that waited for a yes, and where a dialogue stands."""

import uuid
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from xiaoer.db.record import Record

Permission = Literal["read-public", "read-own", "write-own"]
CallOutcome = Literal["succeeded", "refused", "failed"]
ProposalState = Literal["open", "accepted", "executed", "declined", "expired", "failed"]


class ToolCall(Record):
    """The audit of one call: who asked for what, and how it ended. `subject` is the order it was about."""

    __tablename__ = "tool_calls"
    __table_args__ = (
        CheckConstraint("permission in ('read-public', 'read-own', 'write-own')", name="permission"),
        CheckConstraint("outcome in ('succeeded', 'refused', 'failed')", name="outcome"),
        Index("ix_tool_calls_store", "store_id", "tool", "created_at"),
        Index("ix_tool_calls_conversation", "conversation_id", "created_at"),
    )

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    conversation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("conversations.id", ondelete="SET NULL"))
    proposal_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("proposals.id", ondelete="SET NULL"))
    tool: Mapped[str]
    permission: Mapped[Permission] = mapped_column(sa.Text)
    customer: Mapped[str | None]
    subject: Mapped[str | None]
    arguments: Mapped[dict[str, Any]]
    outcome: Mapped[CallOutcome] = mapped_column(sa.Text)
    detail: Mapped[str | None]
    milliseconds: Mapped[int]


class Proposal(Record):
    """A change as rendered for the customer: open → accepted → executed or failed; or declined, or expired.

    `expected` is the state of the order the change was rendered from: the change is made to that or not at all.
    `decided_by` is the customer's message that decided it in words.
    """

    __tablename__ = "proposals"
    __table_args__ = (
        CheckConstraint("state in ('open', 'accepted', 'executed', 'declined', 'expired', 'failed')", name="state"),
        Index("uq_proposals_open", "conversation_id", unique=True, postgresql_where=sa.text("state = 'open'")),
        Index("ix_proposals_accepted", "accepted_at", postgresql_where=sa.text("state = 'accepted'")),
        Index("ix_proposals_decided_by", "decided_by"),
    )

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    token_digest: Mapped[str] = mapped_column(unique=True)
    tool: Mapped[str]
    subject: Mapped[str]
    customer: Mapped[str | None]
    arguments: Mapped[dict[str, Any]]
    expected: Mapped[dict[str, Any]]
    summary: Mapped[str]
    language: Mapped[str]
    state: Mapped[ProposalState] = mapped_column(sa.Text, server_default="open")
    expires_at: Mapped[datetime]
    decided_by: Mapped[uuid.UUID | None]
    told_by: Mapped[uuid.UUID | None]
    accepted_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


class Dialogue(Record):
    """Where a conversation's dialogue stands after `message_id`; `previous` is where it stood before that message.

    A turn that is run again, after a crash, starts from `previous`.
    """

    __tablename__ = "dialogues"

    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), unique=True)
    message_id: Mapped[uuid.UUID]
    state: Mapped[dict[str, Any]]
    previous: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]
