"""When the bytes of a file were erased."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("attachments", sa.Column("erased_at", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_attachments_kept",
        "attachments",
        ["store_id", "conversation_id"],
        postgresql_where=sa.text("erased_at is null"),
    )
