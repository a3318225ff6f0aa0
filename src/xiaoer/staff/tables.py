"""Staff, their signed-in browsers and the links that let them set a password."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from xiaoer.db.record import Record
from xiaoer.staff.roles import Role


class Staff(Record):
    """One person of one store. `email` is lower case; without `password_digest` nobody can sign in as them yet.

    `languages` are those they answer in, all if empty; `offered_at` is when the desk last offered them a conversation.
    With `totp_sealed` a second factor is asked for; `totp_step` is the last step used, `recovery` holds digests of
    codes that work once each.
    """

    __tablename__ = "staff"
    __table_args__ = (
        UniqueConstraint("store_id", "email"),
        CheckConstraint("role in ('owner', 'manager', 'staff', 'viewer')", name="role"),
    )

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(sa.Text)
    password_digest: Mapped[str | None]
    disabled_at: Mapped[datetime | None]
    languages: Mapped[list[str]] = mapped_column(sa.ARRAY(sa.Text), server_default="{}")
    offered_at: Mapped[datetime | None]
    totp_sealed: Mapped[str | None]
    totp_step: Mapped[int | None] = mapped_column(sa.BigInteger)
    recovery: Mapped[list[str]] = mapped_column(sa.ARRAY(sa.Text), server_default="{}")


class StaffSession(Record):
    """A browser that is signed in: `digest` is of the cookie, `csrf` must come with every change.

    `seen_at` is when its console last listened, `looking_at` the conversation that was open; `browser` is what
    it called itself when it signed in.
    """

    __tablename__ = "staff_sessions"

    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    csrf: Mapped[str]
    expires_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    looking_at: Mapped[uuid.UUID | None]
    browser: Mapped[str] = mapped_column(server_default="")


class StaffLink(Record):
    """A link, good once and for a while, with which somebody sets their password: an invitation or a reset."""

    __tablename__ = "staff_links"

    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
