"""What an article said before, and what it is proposed to say: one row per version, none ever changed in its words.

An article row is what customers are answered from. Beside it the newest version may be open: a draft somebody is
writing, or one that waits for somebody who may publish. Publishing puts its words into the article.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from xiaoer.db.record import Record
from xiaoer.errors import Conflict, NotFound
from xiaoer.knowledge.documents import Document, Kind
from xiaoer.knowledge.tables import Article
from xiaoer.staff.tables import Staff

VersionState = Literal["draft", "review", "published", "replaced"]
OPEN: tuple[VersionState, ...] = ("draft", "review")


class UnknownVersion(NotFound):
    """The article has no version of that number."""


class NothingOpen(Conflict):
    """There is no draft to decide about (any more)."""


@dataclass(frozen=True)
class By:
    """Who wrote a version: somebody of the staff, or the name of a source."""

    name: str
    staff_id: uuid.UUID | None = None


class Version(Record):
    """An article's words at one time. `number` counts from 1 within the article; `decided_by` published or replaced
    it; `note` is what was said on handing it in or back.
    """

    __tablename__ = "article_versions"
    __table_args__ = (
        UniqueConstraint("article_id", "number"),
        CheckConstraint("state in ('draft', 'review', 'published', 'replaced')", name="state"),
    )

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"), index=True)
    article_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    number: Mapped[int]
    state: Mapped[VersionState] = mapped_column(sa.Text)
    title: Mapped[str]
    text: Mapped[str]
    kind: Mapped[Kind] = mapped_column(sa.Text)
    questions: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    locale: Mapped[str]
    tags: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    product_ids: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    valid_from: Mapped[datetime | None]
    valid_to: Mapped[datetime | None]
    url: Mapped[str | None]
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey(Staff.id, ondelete="SET NULL"))
    by_name: Mapped[str]
    decided_by: Mapped[str | None]
    note: Mapped[str] = mapped_column(server_default="")


async def record(session: AsyncSession, article: Article, by: By) -> None:
    """Keep what the article says from now on; what was open is decided by this."""
    newest = await _newest(session, article.id)
    state: VersionState = "published" if article.status == "published" else "draft"
    if newest is not None and newest.state in OPEN:
        if _same(newest, article):
            newest.state, newest.decided_by = state, by.name
            return
        newest.state, newest.decided_by = "replaced", by.name
    session.add(
        Version(
            store_id=article.store_id,
            article_id=article.id,
            number=(newest.number if newest else 0) + 1,
            state=state,
            title=article.title,
            text=article.text,
            kind=article.kind,
            questions=article.questions,
            locale=article.locale,
            tags=article.tags,
            product_ids=article.product_ids,
            valid_from=article.valid_from,
            valid_to=article.valid_to,
            url=article.url,
            by_id=by.staff_id,
            by_name=by.name,
        )
    )
    await session.flush()


async def propose(
    session: AsyncSession, article: Article, wanted: Document, by: By, *, state: VersionState, note: str = ""
) -> Version:
    """Keep words that are not public: a draft, or one that is to be looked at. An earlier open one is replaced."""
    await session.execute(sa.select(Article.id).where(Article.id == article.id).with_for_update())
    newest = await _newest(session, article.id)
    if newest is not None and newest.state in OPEN:
        newest.state, newest.decided_by = "replaced", by.name
    version = Version(
        store_id=article.store_id,
        article_id=article.id,
        number=(newest.number if newest else 0) + 1,
        state=state,
        title=wanted.title,
        text=wanted.text,
        kind=wanted.kind,
        questions=list(wanted.questions),
        locale=wanted.locale or article.locale,
        tags=list(wanted.tags),
        product_ids=list(wanted.product_ids),
        valid_from=wanted.valid_from,
        valid_to=wanted.valid_to,
        url=wanted.url,
        by_id=by.staff_id,
        by_name=by.name,
        note=note[:1000],
    )
    session.add(version)
    await session.flush()
    return version


async def send_back(session: AsyncSession, store_id: uuid.UUID, article_id: uuid.UUID, by: By, note: str) -> None:
    """Make what waits for a look a draft again, saying why; raises `NothingOpen`."""
    version = await open_one(session, store_id, article_id)
    if version is None or version.state != "review":
        raise NothingOpen("There is nothing to look at here any more.")
    version.state, version.decided_by, version.note = "draft", by.name, note[:1000]


async def settle(session: AsyncSession, store_id: uuid.UUID, article_id: uuid.UUID, by: By) -> None:
    """What is open was published without changing a word of the article."""
    version = await open_one(session, store_id, article_id)
    if version is not None:
        version.state, version.decided_by = "published", by.name


async def every(session: AsyncSession, store_id: uuid.UUID, article_id: uuid.UUID) -> Sequence[Version]:
    """The versions of an article, the newest first."""
    query = sa.select(Version).where(Version.store_id == store_id, Version.article_id == article_id)
    return (await session.scalars(query.order_by(Version.number.desc()).limit(200))).all()


async def by_number(session: AsyncSession, store_id: uuid.UUID, article_id: uuid.UUID, number: int) -> Version:
    query = sa.select(Version).where(
        Version.store_id == store_id, Version.article_id == article_id, Version.number == number
    )
    version = await session.scalar(query)
    if version is None:
        raise UnknownVersion("There is no such version of this article.")
    return version


async def open_one(session: AsyncSession, store_id: uuid.UUID, article_id: uuid.UUID) -> Version | None:
    """The draft or the proposal beside an article, if the newest version is one."""
    version = await _newest(session, article_id)
    return version if version is not None and version.store_id == store_id and version.state in OPEN else None


async def _newest(session: AsyncSession, article_id: uuid.UUID) -> Version | None:
    query = sa.select(Version).where(Version.article_id == article_id)
    return await session.scalar(query.order_by(Version.number.desc()).limit(1))


def _same(version: Version, article: Article) -> bool:
    fields = ("title", "text", "kind", "questions", "locale", "tags", "product_ids", "valid_from", "valid_to", "url")
    return all(getattr(version, field) == getattr(article, field) for field in fields)
