"""Articles, passages, curated questions and their vectors."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC

revision = "0002"
down_revision = "0001"


def record() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    ]


def belongs(table: str, *, index: bool = False, primary_key: bool = False) -> sa.Column[Any]:
    name = f"{table.removesuffix('s')}_id"
    key = sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
    return sa.Column(name, sa.Uuid, key, nullable=False, index=index, primary_key=primary_key)


def texts(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.ARRAY(sa.Text), nullable=False, server_default="{}")


def moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True))


def embedder() -> sa.Column[Any]:
    key = sa.ForeignKey("embedders.number", ondelete="CASCADE")
    return sa.Column("embedder", sa.SmallInteger, key, primary_key=True)


def upgrade() -> None:
    _make_articles()
    _make_passages()
    _make_questions()
    _make_embedders()
    _make_passage_vectors()
    _make_question_vectors()
    _make_knowledge_changes()


def _make_articles() -> None:
    op.create_table(
        "articles",
        *record(),
        belongs("stores"),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        texts("questions"),
        sa.Column("locale", sa.Text, nullable=False),
        texts("tags"),
        texts("product_ids"),
        moment("valid_from"),
        moment("valid_to"),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("url", sa.Text),
        sa.Column("source", sa.Text, nullable=False, server_default=""),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("store_id", "key"),
        sa.CheckConstraint("kind in ('article', 'question')", name="kind"),
        sa.CheckConstraint("status in ('published', 'draft')", name="status"),
        sa.CheckConstraint("valid_to > valid_from", name="validity"),
    )


def _make_passages() -> None:
    op.create_table(
        "passages",
        *record(),
        belongs("stores"),
        belongs("articles", index=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("heading", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        texts("sentences"),
        sa.Column("language", sa.Text, nullable=False),
        texts("tags"),
        texts("product_ids"),
        moment("valid_from"),
        moment("valid_to"),
        sa.Column("published", sa.Boolean, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("terms", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_passages_store_id_language", "passages", ["store_id", "language"])
    op.create_index("ix_passages_product_ids", "passages", ["product_ids"], postgresql_using="gin")


def _make_questions() -> None:
    op.create_table(
        "questions",
        *record(),
        belongs("stores"),
        belongs("articles", index=True),
        sa.Column("wording", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
    )
    op.create_index("ix_questions_store_id_key", "questions", ["store_id", "key"])


def _make_embedders() -> None:
    op.create_table(
        "embedders",
        *record(),
        sa.Column("number", sa.SmallInteger, sa.Identity(always=True), nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("dimensions", sa.Integer, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("name", "dimensions"),
    )


def _make_passage_vectors() -> None:
    op.create_table(
        "passage_vectors",
        belongs("passages", primary_key=True),
        embedder(),
        belongs("stores"),
        sa.Column("embedding", HALFVEC, nullable=False),
        sa.Column("sentences", sa.LargeBinary),
    )
    op.create_index("ix_passage_vectors_store_id_embedder", "passage_vectors", ["store_id", "embedder"])
    op.create_index(
        "ix_passage_vectors_plain", "passage_vectors", ["embedder"], postgresql_where=sa.text("sentences is null")
    )


def _make_question_vectors() -> None:
    op.create_table(
        "question_vectors",
        belongs("questions", primary_key=True),
        embedder(),
        belongs("stores"),
        sa.Column("embedding", HALFVEC, nullable=False),
    )
    op.create_index("ix_question_vectors_store_id_embedder", "question_vectors", ["store_id", "embedder"])


def _make_knowledge_changes() -> None:
    op.create_table(
        "knowledge_changes",
        belongs("stores", primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("article_id", sa.Uuid, primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    )
