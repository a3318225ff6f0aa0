"""Messages are found by their key, whatever the conversation."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_index(
        "ix_messages_key",
        "messages",
        ["store_id", "idempotency_key"],
        postgresql_where=sa.text("idempotency_key is not null"),
    )
