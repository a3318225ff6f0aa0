"""Which source an article was imported from, what that gave last, and whether staff has changed it since."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("articles", sa.Column("origin", sa.Text, nullable=False, server_default=""))
    op.add_column("articles", sa.Column("place", sa.Text, nullable=False, server_default=""))
    op.add_column("articles", sa.Column("given_hash", sa.Text, nullable=False, server_default=""))
    op.add_column("articles", sa.Column("edited_at", sa.DateTime(timezone=True)))
    # Of what staff edited, the first version knows where it came from; an archive is one source.
    op.execute(
        r"""UPDATE articles SET origin = regexp_replace(found.name, '^(.*?\.zip)/.*$', '\1', 'i')
        FROM (
            SELECT a.id, CASE WHEN a.source = 'console' AND v.by_id IS NULL THEN coalesce(v.by_name, '')
                WHEN a.source = 'console' THEN '' ELSE a.source END AS name
            FROM articles a LEFT JOIN article_versions v ON v.article_id = a.id AND v.number = 1
        ) found
        WHERE found.id = articles.id AND found.name NOT IN ('', 'api')
            AND articles.key NOT LIKE 'console:%' AND articles.key NOT LIKE 'api:%'"""
    )
    op.execute(
        "UPDATE articles SET edited_at = updated_at WHERE origin <> '' AND (source = 'console' OR content_hash = '')"
    )
    op.create_index("ix_articles_origin", "articles", ["store_id", "origin"])
