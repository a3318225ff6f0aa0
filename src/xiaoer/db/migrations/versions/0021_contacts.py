"""How a customer who does not stay is reached, and what they have seen of what was said to them."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    for name in ("contact_email", "contact_phone"):
        op.add_column("conversations", sa.Column(name, sa.Text))
    op.add_column("conversations", sa.Column("contact_asked_at", sa.DateTime(timezone=True)))
    for name in ("seen_position", "told_position"):
        op.add_column("conversations", sa.Column(name, sa.Integer, nullable=False, server_default="0"))
    op.add_column("tickets", sa.Column("phone", sa.Text))
    # Nobody is written to about what was said before.
    op.execute("UPDATE conversations SET seen_position = last_position")
