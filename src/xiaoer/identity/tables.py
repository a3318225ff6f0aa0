"""What is stored of identities: the shop's signing key, what a conversation may see, and failed tries."""

import uuid
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from xiaoer.db.record import Record

AccessKind = Literal["customer", "order"]


class IdentityKey(Record):
    """The secret that a shop's own site signs its customers' identities with, sealed; one per store."""

    __tablename__ = "identity_keys"

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"), unique=True)
    sealed: Mapped[str]


class Access(Record):
    """What a conversation may see until `expires_at`: all of a customer's (signed), or one order (shown in chat)."""

    __tablename__ = "accesses"
    __table_args__ = (
        UniqueConstraint("conversation_id", "kind", "subject"),
        CheckConstraint("kind in ('customer', 'order')", name="kind"),
    )

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    kind: Mapped[AccessKind] = mapped_column(sa.Text)
    subject: Mapped[str]
    expires_at: Mapped[datetime]


class Attempt(Record):
    """One try to show who one is; written as failed before it is checked, so that no crash makes it free."""

    __tablename__ = "access_attempts"
    __table_args__ = (
        Index("ix_access_attempts_subject", "store_id", "subject", "created_at"),
        Index("ix_access_attempts_conversation", "conversation_id", "created_at"),
    )

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    subject: Mapped[str]
    succeeded: Mapped[bool] = mapped_column(server_default=sa.false())


class MailCode(Record):
    """A code asked for by e-mail, in one conversation, for one order; there is a row whether or not the two match.

    `number` and `code_digest` are there once a letter was on its way; the address itself is kept nowhere.
    """

    __tablename__ = "mail_codes"
    __table_args__ = (
        Index("ix_mail_codes_conversation", "conversation_id", "created_at"),
        Index("ix_mail_codes_subject", "store_id", "subject", "sent_at"),
        Index("ix_mail_codes_address", "store_id", "address_digest", "sent_at"),
    )

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    subject: Mapped[str]
    address_digest: Mapped[str]
    expires_at: Mapped[datetime]
    number: Mapped[str | None]
    code_digest: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
