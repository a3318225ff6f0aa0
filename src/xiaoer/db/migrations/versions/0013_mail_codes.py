"""Codes sent by e-mail to whoever asks about an order."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "mail_codes",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
        sa.Column("store_id", sa.Uuid, sa.ForeignKey("stores.id", ondelete="CASCADE"), nullable=False),
        sa.Column("conversation_id", sa.Uuid, sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("address_digest", sa.Text, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.Text),
        sa.Column("code_digest", sa.Text),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("used_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_mail_codes_conversation", "mail_codes", ["conversation_id", "created_at"])
    op.create_index("ix_mail_codes_subject", "mail_codes", ["store_id", "subject", "sent_at"])
    op.create_index("ix_mail_codes_address", "mail_codes", ["store_id", "address_digest", "sent_at"])
