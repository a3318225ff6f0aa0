"""Articles and the sources they are imported from: what a source gives again, and what it no longer has.

What staff changed or withdrew here stays as they left it until the source itself says something else; then the
source's words count, what staff wrote stays in the history, and the import says so. What the source no longer has
becomes a draft.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.knowledge import articles, history
from xiaoer.knowledge.articles import Prepared
from xiaoer.knowledge.documents import Document, Origin
from xiaoer.knowledge.history import By
from xiaoer.knowledge.tables import Article
from xiaoer.stores import Store

GONE = "gone"
"""In place of a hash: the source has it no more, so whatever it gives next is news."""

What = Literal["withdrawn", "kept", "replaced", "hidden", "orphaned"]


@dataclass(frozen=True)
class Notice:
    """What an import did with an article that whoever imports should know.

    withdrawn: the source no longer has it. kept: it was changed or withdrawn here, and the source says what it said.
    replaced: it was changed here and the source says something new; the history has what it said. hidden: it was
    withdrawn here, has the source's new words and stays a draft. orphaned: the source no longer has it, but it was
    written anew here and stays.
    """

    what: What
    key: str
    title: str


@dataclass(frozen=True)
class Known:
    """What is stored under a key."""

    content_hash: str
    given_hash: str
    origin: str
    place: str
    edited_at: datetime | None


@dataclass(frozen=True)
class Stale:
    """An article that a source may no longer have."""

    article_id: uuid.UUID
    key: str
    title: str
    source: str
    origin: str
    place: str


async def known(session: AsyncSession, store_id: uuid.UUID, keys: Collection[str]) -> dict[str, Known]:
    """What is stored under these keys."""
    columns = (
        Article.key,
        Article.content_hash,
        Article.given_hash,
        Article.origin,
        Article.place,
        Article.edited_at,
    )
    wanted = sa.any_(sa.cast(list(keys), ARRAY(sa.Text)))
    query = sa.select(*columns).where(Article.store_id == store_id, Article.key == wanted)
    return {row.key: Known(*row[1:]) for row in await session.execute(query)}


def is_news(document: Document, stored: Known | None, origin: Origin) -> bool:
    """Whether there is anything to do about a document that a source gives."""
    return (
        stored is None
        or stored.edited_at is not None
        or stored.origin != (origin.name or stored.origin)
        or stored.place != (origin.place or stored.place)
        or stored.given_hash != articles.given_hash(document)
        or stored.content_hash != articles.content_hash(document)
    )


async def hold(session: AsyncSession, store_id: uuid.UUID) -> None:
    """Let nobody else change the store's articles until the end of the transaction."""
    await session.execute(sa.select(Store.id).where(Store.id == store_id).with_for_update(key_share=True))


async def take(
    session: AsyncSession, store_id: uuid.UUID, prepared: Prepared, origin: Origin
) -> tuple[bool, Notice | None]:
    """Store what a source gives; returns whether the article changed, and what should be known about it."""
    query = sa.select(Article).where(Article.store_id == store_id, Article.key == prepared.document.key)
    article = await session.scalar(query)
    is_edited = article is not None and article.edited_at is not None
    if article is not None and is_edited and article.given_hash in ("", prepared.given_hash):
        _mark(article, prepared, origin)
        return False, Notice("kept", article.key, article.title)
    hides = is_edited and article is not None and article.status == "draft"
    opened = await history.open_one(session, store_id, article.id) if article is not None else None
    if hides:
        prepared = replace(prepared, document=replace(prepared.document, status="draft"))
    _, changed = await articles.save(session, store_id, prepared, imported=True)
    article = (await session.execute(query)).scalar_one()
    _mark(article, prepared, origin)
    if hides:
        return changed, Notice("hidden", article.key, article.title)
    article.edited_at = None
    is_lost = is_edited or (opened is not None and opened.by_id is not None)
    return changed, Notice("replaced", article.key, article.title) if changed and is_lost else None


async def of_origin(session: AsyncSession, store_id: uuid.UUID, origin: Origin) -> Sequence[Stale]:
    """What is public of an origin.

    The same name in two folders is two origins. What was sent by itself has no folder: it is taken for the one file of
    that name that is known, and for none of them where several are.
    """
    found = await _public(session, store_id, Article.origin == origin.name)
    places = {each.place for each in found if each.place}
    if origin.place:
        places = {origin.place}
    elif len(places) > 1:
        places = set()
    return [each for each in found if each.place in places or not each.place]


async def of_place(session: AsyncSession, store_id: uuid.UUID, place: str, present: Collection[str]) -> Sequence[Stale]:
    """What is public of a place and comes from none of the origins present there."""
    found = await _public(session, store_id, Article.place == place)
    return [each for each in found if each.origin not in present and each.source not in present]


async def retire(session: AsyncSession, store_id: uuid.UUID, article_id: uuid.UUID) -> Notice | None:
    """Make what a source no longer has a draft, unless somebody here has made it their own."""
    article = await articles.by_id(session, store_id, article_id)
    if article.status != "published":
        return None
    if article.edited_at is not None:
        return Notice("orphaned", article.key, article.title)
    await articles.publish(session, store_id, article_id, "draft", By(article.source or article.key), imported=True)
    article.given_hash = GONE
    return Notice("withdrawn", article.key, article.title)


async def _public(session: AsyncSession, store_id: uuid.UUID, *conditions: Any) -> Sequence[Stale]:
    columns = (Article.id, Article.key, Article.title, Article.source, Article.origin, Article.place)
    mine = (Article.store_id == store_id, Article.status == "published")
    rows = await session.execute(sa.select(*columns).where(*mine, *conditions).order_by(Article.key))
    return [Stale(*row) for row in rows]


def _mark(article: Article, prepared: Prepared, origin: Origin) -> None:
    article.given_hash = prepared.given_hash
    article.origin = origin.name or article.origin
    article.place = origin.place or article.place
