"""What the database keeps of the knowledge.

An article is cut into passages; filters are copied onto the passages so that a search needs no join to apply them.
Vectors live in tables of their own, one row per passage and embedder, so that a new embedder can be filled in beside
the one that still serves. `knowledge_changes` says which articles changed at which revision of the store: every
process follows it to keep its index of terms fresh.
"""

import uuid
from datetime import datetime

import sqlalchemy as sa
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from xiaoer.db.record import Record
from xiaoer.knowledge.documents import Kind, Status


def _store() -> Mapped[uuid.UUID]:
    return mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))


class Article(Record):
    """One article, or one curated question with its answer. `questions` are other wordings of the title.

    An imported one knows its `documents.Origin` as `origin` and `place`; `given_hash` is of the words the source gave
    last (GONE: the source has it no more), `edited_at` is when somebody here has changed or withdrawn it since.
    """

    __tablename__ = "articles"
    __table_args__ = (
        UniqueConstraint("store_id", "key"),
        CheckConstraint("kind in ('article', 'question')", name="kind"),
        CheckConstraint("status in ('published', 'draft')", name="status"),
        CheckConstraint("valid_to > valid_from", name="validity"),
        sa.Index("ix_articles_origin", "store_id", "origin"),
    )

    store_id: Mapped[uuid.UUID] = _store()
    key: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    kind: Mapped[Kind] = mapped_column(sa.Text)
    questions: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    locale: Mapped[str]
    tags: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    product_ids: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]
    status: Mapped[Status] = mapped_column(sa.Text)
    url: Mapped[str | None]
    source: Mapped[str] = mapped_column(server_default="")
    content_hash: Mapped[str]
    updated_at: Mapped[datetime]
    origin: Mapped[str] = mapped_column(server_default="")
    place: Mapped[str] = mapped_column(server_default="")
    given_hash: Mapped[str] = mapped_column(server_default="")
    edited_at: Mapped[datetime | None]


class Passage(Record):
    """A piece of an article: what is searched, and cited.

    `heading` is the article's title and the headings above; `language` is the first part of its locale. `digest` is
    over all that is embedded, so that an edit elsewhere in the article keeps the row and its vectors; `terms` is
    packed by `lexical.pack`.
    """

    __tablename__ = "passages"
    __table_args__ = (
        sa.Index(None, "store_id", "language"),
        sa.Index("ix_passages_product_ids", "product_ids", postgresql_using="gin"),
    )

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    article_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    heading: Mapped[str]
    text: Mapped[str]
    sentences: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    language: Mapped[str]
    tags: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    product_ids: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]
    published: Mapped[bool]
    digest: Mapped[str]
    terms: Mapped[bytes]


class Question(Record):
    """One wording of a question whose answer is an article of kind `question`; `key` is `language.normal.key` of it."""

    __tablename__ = "questions"
    __table_args__ = (sa.Index(None, "store_id", "key"),)

    store_id: Mapped[uuid.UUID] = _store()
    article_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), index=True)
    wording: Mapped[str]
    key: Mapped[str]


class EmbedderSet(Record):
    """An embedder whose vectors are kept; `seen_at` is when a process last used it."""

    __tablename__ = "embedders"
    __table_args__ = (UniqueConstraint("name", "dimensions"),)

    number: Mapped[int] = mapped_column(sa.SmallInteger, sa.Identity(always=True), unique=True)
    name: Mapped[str]
    dimensions: Mapped[int]
    seen_at: Mapped[datetime]


passage_vectors = sa.Table(
    "passage_vectors",
    Record.metadata,
    sa.Column("passage_id", sa.Uuid, ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("embedder", sa.SmallInteger, ForeignKey("embedders.number", ondelete="CASCADE"), primary_key=True),
    sa.Column("store_id", sa.Uuid, ForeignKey("stores.id", ondelete="CASCADE"), nullable=False),
    sa.Column("embedding", HALFVEC, nullable=False),
    sa.Column("sentences", sa.LargeBinary),
    sa.Index(None, "store_id", "embedder"),
    sa.Index("ix_passage_vectors_plain", "embedder", postgresql_where=sa.text("sentences is null")),
)
"""`sentences` is packed by `vectors.pack`: one vector per sentence of the passage, then per wording of its question."""

question_vectors = sa.Table(
    "question_vectors",
    Record.metadata,
    sa.Column("question_id", sa.Uuid, ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("embedder", sa.SmallInteger, ForeignKey("embedders.number", ondelete="CASCADE"), primary_key=True),
    sa.Column("store_id", sa.Uuid, ForeignKey("stores.id", ondelete="CASCADE"), nullable=False),
    sa.Column("embedding", HALFVEC, nullable=False),
    sa.Index(None, "store_id", "embedder"),
)

changes = sa.Table(
    "knowledge_changes",
    Record.metadata,
    sa.Column("store_id", sa.Uuid, ForeignKey("stores.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("article_id", sa.Uuid, primary_key=True),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
)
