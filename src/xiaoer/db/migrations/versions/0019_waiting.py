"""A conversation waits from when a person is wanted until one has come; until then the assistant goes on answering."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("conversations", sa.Column("taken_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE conversations SET handed_off_at = now() WHERE owner = 'staff' AND handed_off_at IS NULL")
    # Somebody has come where the conversation has a name that was not only offered it, or staff have written.
    op.execute(
        """UPDATE conversations c SET taken_at = handed_off_at WHERE owner = 'staff' AND (
            (assigned_to IS NOT NULL AND offered_at IS NULL)
            OR EXISTS (SELECT FROM messages m WHERE m.conversation_id = c.id AND m.author = 'staff'
                AND m.position > c.boundary))"""
    )
    op.execute("UPDATE conversations SET owner = 'assistant' WHERE owner = 'staff' AND taken_at IS NULL")
    op.drop_index("ix_conversations_open", "conversations")
    op.create_index(
        "ix_conversations_called",
        "conversations",
        ["store_id", "handed_off_at"],
        postgresql_where=sa.text("handed_off_at is not null"),
    )
