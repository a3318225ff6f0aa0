"""Snoozing, offers and escalation; attachments, mentions, presence."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0011"
down_revision = "0010"


def moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True))


def upgrade() -> None:
    for name in ("snoozed_until", "offered_at", "escalated_at"):
        op.add_column("conversations", moment(name))
    op.add_column("notes", sa.Column("mentions", ARRAY(sa.Uuid), nullable=False, server_default="{}"))
    op.add_column("messages", sa.Column("attachments", JSONB, nullable=False, server_default="[]"))
    op.add_column("staff", sa.Column("languages", ARRAY(sa.Text), nullable=False, server_default="{}"))
    op.add_column("staff", moment("offered_at"))
    op.add_column("staff_sessions", moment("seen_at"))
    op.add_column("staff_sessions", sa.Column("looking_at", sa.Uuid))
    files()


def files() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
        sa.Column("store_id", sa.Uuid, sa.ForeignKey("stores.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column(
            "conversation_id",
            sa.Uuid,
            sa.ForeignKey("conversations.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
    )
