"""What articles said before, and what they are proposed to say."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "article_versions",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
        sa.Column("store_id", sa.Uuid, sa.ForeignKey("stores.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("article_id", sa.Uuid, sa.ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("questions", ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("tags", ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("product_ids", ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("valid_from", sa.DateTime(timezone=True)),
        sa.Column("valid_to", sa.DateTime(timezone=True)),
        sa.Column("url", sa.Text),
        sa.Column("by_id", sa.Uuid, sa.ForeignKey("staff.id", ondelete="SET NULL")),
        sa.Column("by_name", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        sa.UniqueConstraint("article_id", "number"),
        sa.CheckConstraint("state in ('draft', 'review', 'published', 'replaced')", name="state"),
    )
    op.execute(
        """INSERT INTO article_versions (id, created_at, store_id, article_id, number, state, title, text, kind,
            questions, locale, tags, product_ids, valid_from, valid_to, url, by_name)
        SELECT gen_random_uuid(), updated_at, store_id, id, 1, status, title, text, kind,
            questions, locale, tags, product_ids, valid_from, valid_to, url, source FROM articles"""
    )
