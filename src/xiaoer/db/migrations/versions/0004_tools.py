"""Identities, proposals, tool calls, dialogues."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"


def record() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    ]


def belongs(table: str, *, optional: bool = False, unique: bool = False) -> sa.Column[Any]:
    key = sa.ForeignKey(f"{table}.id", ondelete="SET NULL" if optional else "CASCADE")
    return sa.Column(f"{table.removesuffix('s')}_id", sa.Uuid, key, nullable=optional, unique=unique)


def moment(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def text(name: str, *, optional: bool = False, unique: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=optional, unique=unique)


def upgrade() -> None:
    identities()
    proposals()
    calls()


def identities() -> None:
    op.create_table("identity_keys", *record(), belongs("stores", unique=True), text("sealed"))
    op.create_table(
        "accesses",
        *record(),
        belongs("stores"),
        belongs("conversations"),
        text("kind"),
        text("subject"),
        moment("expires_at"),
        sa.UniqueConstraint("conversation_id", "kind", "subject"),
        sa.CheckConstraint("kind in ('customer', 'order')", name="kind"),
    )
    op.create_table(
        "access_attempts",
        *record(),
        belongs("stores"),
        belongs("conversations"),
        text("subject"),
        sa.Column("succeeded", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_index("ix_access_attempts_subject", "access_attempts", ["store_id", "subject", "created_at"])
    op.create_index("ix_access_attempts_conversation", "access_attempts", ["conversation_id", "created_at"])


def proposals() -> None:
    op.create_table(
        "proposals",
        *record(),
        belongs("stores"),
        belongs("conversations"),
        text("token_digest", unique=True),
        text("tool"),
        text("subject"),
        text("customer", optional=True),
        sa.Column("arguments", JSONB, nullable=False),
        sa.Column("expected", JSONB, nullable=False),
        text("summary"),
        text("language"),
        sa.Column("state", sa.Text, nullable=False, server_default="open"),
        moment("expires_at"),
        sa.Column("decided_by", sa.Uuid),
        sa.Column("told_by", sa.Uuid),
        moment("accepted_at", optional=True),
        moment("lease_until", optional=True),
        moment("finished_at", optional=True),
        sa.Column("result", JSONB, nullable=False, server_default="{}"),
        sa.CheckConstraint("state in ('open', 'accepted', 'executed', 'declined', 'expired', 'failed')", name="state"),
    )
    op.create_index(
        "uq_proposals_open", "proposals", ["conversation_id"], unique=True, postgresql_where=sa.text("state = 'open'")
    )
    op.create_index(
        "ix_proposals_accepted", "proposals", ["accepted_at"], postgresql_where=sa.text("state = 'accepted'")
    )
    op.create_index("ix_proposals_decided_by", "proposals", ["decided_by"])
    op.create_table(
        "dialogues",
        *record(),
        belongs("conversations", unique=True),
        sa.Column("message_id", sa.Uuid, nullable=False),
        sa.Column("state", JSONB, nullable=False),
        sa.Column("previous", JSONB, nullable=False),
        moment("updated_at"),
    )


def calls() -> None:
    op.create_table(
        "tool_calls",
        *record(),
        belongs("stores"),
        belongs("conversations", optional=True),
        belongs("proposals", optional=True),
        text("tool"),
        text("permission"),
        text("customer", optional=True),
        text("subject", optional=True),
        sa.Column("arguments", JSONB, nullable=False),
        text("outcome"),
        text("detail", optional=True),
        sa.Column("milliseconds", sa.Integer, nullable=False),
        sa.CheckConstraint("permission in ('read-public', 'read-own', 'write-own')", name="permission"),
        sa.CheckConstraint("outcome in ('succeeded', 'refused', 'failed')", name="outcome"),
    )
    op.create_index("ix_tool_calls_store", "tool_calls", ["store_id", "tool", "created_at"])
    op.create_index("ix_tool_calls_conversation", "tool_calls", ["conversation_id", "created_at"])
