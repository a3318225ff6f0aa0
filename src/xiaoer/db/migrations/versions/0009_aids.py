"""Help for staff: what was offered, and what became of it."""

import uuid

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"


def key(name: str, target: str, *, on_delete: str = "CASCADE", optional: bool = False) -> sa.Column[uuid.UUID]:
    return sa.Column(name, sa.Uuid, sa.ForeignKey(f"{target}.id", ondelete=on_delete), nullable=optional)


def upgrade() -> None:
    op.create_table(
        "aids",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
        key("store_id", "stores"),
        key("conversation_id", "conversations"),
        key("message_id", "messages", optional=True),
        key("staff_id", "staff", on_delete="SET NULL", optional=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("sources", JSONB, nullable=False, server_default="[]"),
        sa.Column("outcome", sa.Text),
        sa.Column("sent", sa.Text),
        sa.CheckConstraint("kind in ('reply', 'rewrite', 'translation', 'summary')", name="kind"),
        sa.CheckConstraint("outcome in ('accepted', 'edited', 'rejected')", name="outcome"),
    )
    op.create_index("ix_aids_time", "aids", ["store_id", "created_at"])
    op.create_index("ix_aids_conversation_id", "aids", ["conversation_id"])
    op.create_index(
        "ix_messages_staff", "messages", ["store_id", "created_at"], postgresql_where=sa.text("author = 'staff'")
    )
