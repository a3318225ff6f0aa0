"""What the model was told and how it generated, version by version."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "prompt_versions",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
        sa.Column("store_id", sa.Uuid, sa.ForeignKey("stores.id", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("settings", JSONB, nullable=False),
        sa.Column("staff_id", sa.Uuid, sa.ForeignKey("staff.id", ondelete="SET NULL")),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        sa.UniqueConstraint("store_id", "number"),
    )
