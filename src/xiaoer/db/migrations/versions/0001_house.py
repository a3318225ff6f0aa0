"""Stores, keys, customers, conversations, messages."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None


def record() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    ]


def belongs(table: str, *, index: bool = True) -> sa.Column[Any]:
    name = f"{table.removesuffix('s')}_id"
    return sa.Column(name, sa.Uuid, sa.ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=False, index=index)


def upgrade() -> None:
    _make_stores()
    _make_store_keys()
    _make_customers()
    _make_conversations()
    _make_messages()


def _make_stores() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS vector")
    op.create_table(
        "stores",
        *record(),
        sa.Column("slug", sa.Text, nullable=False, unique=True),
        sa.Column("settings", JSONB, nullable=False, server_default="{}"),
        sa.Column("knowledge_revision", sa.Integer, nullable=False, server_default="0"),
    )


def _make_store_keys() -> None:
    op.create_table(
        "store_keys",
        *record(),
        belongs("stores"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        sa.Column("shown", sa.Text, nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("kind in ('publishable', 'secret')", name="kind"),
    )


def _make_customers() -> None:
    op.create_table(
        "customers",
        *record(),
        belongs("stores"),
        sa.Column("external_id", sa.Text),
        sa.Column("name", sa.Text),
        sa.Column("locale", sa.Text),
        sa.Column("facts", JSONB, nullable=False, server_default="{}"),
        sa.UniqueConstraint("store_id", "external_id"),
    )


def _make_conversations() -> None:
    op.create_table(
        "conversations",
        *record(),
        belongs("stores"),
        belongs("customers"),
        sa.Column("token_digest", sa.Text, nullable=False, unique=True),
        sa.Column("channel", sa.Text, nullable=False, server_default="web"),
        sa.Column("locale", sa.Text),
        sa.Column("language", sa.Text),
        sa.Column("owner", sa.Text, nullable=False, server_default="assistant"),
        sa.Column("handoff_reason", sa.Text),
        sa.Column("handed_off_at", sa.DateTime(timezone=True)),
        sa.Column("last_position", sa.Integer, nullable=False, server_default="0"),
        sa.Column("lease_holder", sa.Uuid),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.CheckConstraint("owner in ('assistant', 'staff')", name="owner"),
    )


def _make_messages() -> None:
    op.create_table(
        "messages",
        *record(),
        belongs("stores", index=False),
        belongs("conversations", index=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("author_name", sa.Text),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("language", sa.Text),
        sa.Column("idempotency_key", sa.Text),
        sa.Column("answer_state", sa.Text),
        sa.Column("answers", sa.Uuid, sa.ForeignKey("messages.id", ondelete="CASCADE"), unique=True),
        sa.Column("outcome", sa.Text),
        sa.Column("route", sa.Text),
        sa.Column("sources", JSONB, nullable=False, server_default="[]"),
        sa.Column("suggestions", sa.ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("confidence", sa.Float),
        sa.Column("evidence", JSONB, nullable=False, server_default="{}"),
        sa.Column("question_key", sa.Text),
        sa.Column("feedback_score", sa.Integer),
        sa.Column("feedback_comment", sa.Text),
        sa.UniqueConstraint("conversation_id", "position"),
        sa.UniqueConstraint("conversation_id", "idempotency_key"),
        sa.CheckConstraint("author in ('customer', 'assistant', 'staff', 'system')", name="author"),
        sa.CheckConstraint("answer_state in ('owed', 'answered', 'staff')", name="answer_state"),
        sa.CheckConstraint("(author = 'customer') = (answer_state is not null)", name="only_customers_are_owed"),
    )
    op.create_index(
        "ix_messages_owed",
        "messages",
        ["conversation_id", "position"],
        postgresql_where=sa.text("answer_state = 'owed'"),
    )
    op.create_index(
        "ix_messages_cache",
        "messages",
        ["store_id", "question_key", "created_at"],
        postgresql_where=sa.text("question_key is not null"),
    )
