"""Staff and their sessions; who has a conversation, notes, tags, canned replies."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def record() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    ]


def of(table: str, *, index: bool = True) -> sa.Column[Any]:
    name = "staff_id" if table == "staff" else f"{table.removesuffix('s')}_id"
    return sa.Column(name, sa.Uuid, sa.ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=False, index=index)


def moment(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    staff_tables()
    conversation_tables()


def staff_tables() -> None:
    op.create_table(
        "staff",
        *record(),
        of("stores", index=False),
        sa.Column("email", sa.Text, nullable=False, index=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("password_digest", sa.Text),
        moment("disabled_at"),
        sa.UniqueConstraint("store_id", "email"),
        sa.CheckConstraint("role in ('owner', 'manager', 'staff', 'viewer')", name="role"),
    )
    op.create_table(
        "staff_sessions",
        *record(),
        of("staff"),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        sa.Column("csrf", sa.Text, nullable=False),
        moment("expires_at", nullable=False),
    )
    op.create_table(
        "staff_links",
        *record(),
        of("staff"),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        moment("expires_at", nullable=False),
        moment("used_at"),
    )


def conversation_tables() -> None:
    assigned = sa.ForeignKey("staff.id", ondelete="SET NULL")
    op.add_column("conversations", sa.Column("assigned_to", sa.Uuid, assigned, index=True))
    op.add_column("conversations", moment("closed_at"))
    op.add_column("conversations", sa.Column("boundary", sa.Integer, nullable=False, server_default="0"))
    op.add_column("conversations", sa.Column("tags", sa.ARRAY(sa.Text), nullable=False, server_default="{}"))
    op.create_index(
        "ix_conversations_open",
        "conversations",
        ["store_id", "owner", "assigned_to"],
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_table(
        "notes",
        *record(),
        of("conversations"),
        sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id", ondelete="SET NULL")),
        sa.Column("author_name", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "canned_replies",
        *record(),
        of("stores"),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
