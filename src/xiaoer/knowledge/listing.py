"""The articles as those who keep them look for them: by words, state, language and whether they hold now."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.knowledge import articles
from xiaoer.knowledge.history import OPEN, Version, VersionState
from xiaoer.knowledge.hits import Hit, Scores, Sentence
from xiaoer.knowledge.tables import Article, Passage, Question
from xiaoer.language import normal

Standing = Literal["published", "draft", "review", "expired", "ending", "coming"]
STANDINGS: tuple[Standing, ...] = ("published", "review", "draft", "ending", "expired", "coming")
Order = Literal["updated", "title", "ends"]
SOON = timedelta(days=14)
"""An article that ends within this time is said to be ending."""


@dataclass(frozen=True)
class Wanted:
    """What is looked for; empty fields do not narrow."""

    text: str = ""
    standing: Standing | None = None
    locale: str = ""
    kind: str = ""
    order: Order = "updated"
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True)
class Row:
    """An article in the list: what is open beside it, and where it stands at this moment."""

    article: Article
    open: VersionState | None
    standing: Standing


@dataclass(frozen=True)
class Shown:
    """A passage that may be shown to customers. `curated`: it is the answer to a question that the shop wrote down."""

    id: uuid.UUID
    article_id: uuid.UUID
    product_ids: tuple[str, ...]
    heading: str
    text: str
    curated: bool


async def passages(session: AsyncSession, store_id: uuid.UUID, at: datetime) -> list[Shown]:
    """All passages of a store that may be shown at a moment."""
    query = (
        sa.select(Passage, Article.kind)
        .join(Article, Article.id == Passage.article_id)
        .where(Passage.store_id == store_id, *articles.holds(at))
        .order_by(Article.id, Passage.position)
    )
    return [
        Shown(each.id, each.article_id, tuple(each.product_ids), each.heading, each.text, kind == "question")
        for each, kind in await session.execute(query)
    ]


async def article_of(session: AsyncSession, store_id: uuid.UUID, passage_id: uuid.UUID, at: datetime) -> list[Hit]:
    """The passages of the article that a passage is of, in their order; none where it may not be shown at a moment."""
    of = sa.select(Passage.article_id).where(Passage.store_id == store_id, Passage.id == passage_id)
    query = (
        sa.select(Passage, Article)
        .join(Article, Article.id == Passage.article_id)
        .where(Passage.article_id == of.scalar_subquery(), *articles.holds(at))
        .order_by(Passage.position)
    )
    return [
        Hit(
            passage_id=passage.id,
            article_id=article.id,
            title=article.title,
            heading=passage.heading,
            text=passage.text,
            kind=article.kind,
            locale=article.locale,
            url=article.url,
            product_ids=tuple(passage.product_ids),
            valid_to=article.valid_to,
            score=0.0,
            scores=Scores(0.0, 0.0),
            sentences=tuple(Sentence(text, 0.0, 0.0) for text in passage.sentences),
            key=article.key,
        )
        for passage, article in await session.execute(query)
    ]


def standing_of(article: Article, at: datetime) -> Standing:
    """Where an article stands at a moment, by its own words."""
    if article.status == "draft":
        return "draft"
    if article.valid_to is not None and article.valid_to <= at:
        return "expired"
    if article.valid_from is not None and article.valid_from > at:
        return "coming"
    return "ending" if article.valid_to is not None and article.valid_to <= at + SOON else "published"


async def rows(session: AsyncSession, store_id: uuid.UUID, wanted: Wanted, at: datetime) -> tuple[list[Row], int]:
    """The articles wanted, and how many there are in all."""
    newest = _newest_state()
    conditions = _conditions(store_id, wanted, at, newest)
    total = await session.scalar(sa.select(sa.func.count()).select_from(Article).where(*conditions)) or 0
    orders: dict[str, Any] = {
        "updated": Article.updated_at.desc(),
        "title": Article.title,
        "ends": Article.valid_to.asc().nulls_last(),
    }
    query = sa.select(Article, newest).where(*conditions).order_by(orders[wanted.order], Article.id)
    found = await session.execute(query.limit(wanted.limit).offset(wanted.offset))
    return [Row(article, state if state in OPEN else None, standing_of(article, at)) for article, state in found], total


async def counts(session: AsyncSession, store_id: uuid.UUID, at: datetime) -> dict[Standing, int]:
    """How many articles stand where."""
    newest = _newest_state()
    columns = [sa.func.count().filter(_stands(each, at, newest)) for each in STANDINGS]
    row = (await session.execute(sa.select(*columns).where(Article.store_id == store_id))).one()
    return dict(zip(STANDINGS, row, strict=True))


async def locales(session: AsyncSession, store_id: uuid.UUID) -> Sequence[str]:
    query = sa.select(Article.locale).where(Article.store_id == store_id).distinct().order_by(Article.locale)
    return (await session.scalars(query)).all()


async def answered_by_hand(session: AsyncSession, store_id: uuid.UUID, asked: Sequence[str]) -> set[str]:
    """Which of these questions somebody has written an answer to, draft or not."""
    keys = {normal.key(text.replace("\x00", "")): text for text in asked}
    query = sa.select(Question.key).where(Question.store_id == store_id, Question.key.in_(keys)).distinct()
    return {keys[key] for key in await session.scalars(query)}


def _newest_state() -> sa.ScalarSelect[VersionState]:
    query = sa.select(Version.state).where(Version.article_id == Article.id)
    return query.order_by(Version.number.desc()).limit(1).correlate(Article).scalar_subquery()


def _conditions(
    store_id: uuid.UUID, wanted: Wanted, at: datetime, newest: sa.ScalarSelect[VersionState]
) -> list[sa.ColumnElement[bool]]:
    conditions = [Article.store_id == store_id]
    if text := wanted.text.replace("\x00", "").strip():
        inside = [each.icontains(text, autoescape=True) for each in (Article.title, Article.text)]
        wordings = sa.func.array_to_string(Article.questions, " ").icontains(text, autoescape=True)
        conditions.append(sa.or_(*inside, wordings))
    if wanted.standing:
        conditions.append(_stands(wanted.standing, at, newest))
    if wanted.locale:
        conditions.append(Article.locale == wanted.locale)
    if wanted.kind:
        conditions.append(Article.kind == wanted.kind)
    return conditions


def _stands(standing: Standing, at: datetime, newest: sa.ScalarSelect[VersionState]) -> sa.ColumnElement[bool]:
    public = Article.status == "published"
    match standing:
        case "published":
            return public
        case "draft":
            return sa.or_(Article.status == "draft", newest == "draft")
        case "review":
            return newest == "review"
        case "expired":
            return sa.and_(public, Article.valid_to <= at)
        case "ending":
            return sa.and_(public, Article.valid_to > at, Article.valid_to <= at + SOON)
        case "coming":
            return sa.and_(public, Article.valid_from > at)
