"""Keeping articles: saved by key, cut into passages, and live in search as soon as they are stored."""

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.db.record import now
from xiaoer.errors import Invalid, NotFound
from xiaoer.knowledge import history, lexical, tables
from xiaoer.knowledge.documents import Document, Status
from xiaoer.knowledge.history import By
from xiaoer.knowledge.quotable import quotable
from xiaoer.knowledge.splitting import split
from xiaoer.knowledge.tables import Article, Passage, Question
from xiaoer.language import normal
from xiaoer.language.detect import detect
from xiaoer.stores import Store, UnknownStore

LEAST_LETTERS = 6
"""Letters and digits a sentence needs to be searched by itself. One of Han counts as one and a half: "周日不发货" tells
enough."""

HEADING_SEPARATOR = " › "
MOST_WORDINGS = 32
"""Wordings of one question that take part in the search for its answer; all of them count in `exact`."""

_DETECTED = 2000


class UnknownArticle(NotFound):
    """No such article in this store."""


@dataclass(frozen=True)
class Cut:
    """A passage before it is stored."""

    heading: str
    text: str
    sentences: tuple[str, ...]
    digest: str
    terms: bytes


@dataclass(frozen=True)
class Prepared:
    """A document with all that is worked out from it before any transaction begins."""

    document: Document
    locale: str
    content_hash: str
    given_hash: str
    cuts: tuple[Cut, ...]


def prepare(document: Document) -> Prepared:
    """Clean and cut a document. It takes milliseconds per page of text: call it in a thread. Raises `Invalid`."""
    clean = _clean(document)
    if not clean.key or not (clean.title or clean.text):
        raise Invalid("An article needs a key and a title or a text.")
    if clean.valid_from and clean.valid_to and clean.valid_to <= clean.valid_from:
        raise Invalid("valid_to: must be later than valid_from.")
    language = clean.locale or detect(f"{clean.title}\n{clean.text[:_DETECTED]}").language
    wordings = wordings_of(clean.kind, clean.title, clean.questions)[:MOST_WORDINGS]
    cuts = []
    for piece in split(clean.text):
        heading = HEADING_SEPARATOR.join((clean.title, *piece.heading))
        told = "\n".join([heading, piece.text, *wordings])
        digest = hashlib.sha256(told.encode()).hexdigest()
        cuts.append(Cut(heading, piece.text, tuple(quotable(piece.text)), digest, lexical.pack(told)))
    return Prepared(clean, language, content_hash(document), given_hash(document), tuple(cuts))


def content_hash(document: Document) -> str:
    """Equal for documents that would be stored the same."""
    text = json.dumps([lexical.VERSION, asdict(document)], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def given_hash(document: Document) -> str:
    """Equal for documents in which a source says the same, whatever we make of it."""
    return hashlib.sha256(json.dumps(asdict(document), sort_keys=True, default=str).encode()).hexdigest()


def key_of(document: Document) -> str:
    """The key a document is stored under."""
    return _plain(document.key).strip()


def language_of(locale: str) -> str:
    """The language of a locale: "zh" of "zh-Hant"."""
    return locale.replace("_", "-").partition("-")[0].lower()


def wordings_of(kind: str, title: str, questions: Sequence[str]) -> list[str]:
    """How a curated question may be put; an ordinary article has none."""
    return list(dict.fromkeys([title, *questions])) if kind == "question" else []


def told(heading: str, text: str) -> str:
    """What of a passage is embedded."""
    return f"{heading}\n{text}"


def single(sentences: Sequence[str], kind: str, title: str, questions: Sequence[str]) -> list[str]:
    """What of a passage is embedded besides, each by itself: its sentences, then the wordings of its question."""
    return [*sentences, *wordings_of(kind, title, questions)[:MOST_WORDINGS]]


def tells(text: str) -> bool:
    """Whether a sentence says enough to be searched by itself: "[1]" or "Yes!" would be near to everything."""
    return sum(1.5 if "\u3400" <= each <= "\u9fff" else 1.0 for each in text if each.isalnum()) >= LEAST_LETTERS


async def id_of(session: AsyncSession, store_id: uuid.UUID, key: str) -> uuid.UUID | None:
    """The id of the store's article of that key."""
    return await session.scalar(sa.select(Article.id).where(Article.store_id == store_id, Article.key == key))


async def product_of_url(session: AsyncSession, store_id: uuid.UUID, url: str, at: datetime) -> str | None:
    """The one product that the store's articles with this address are about."""
    plain = url.partition("#")[0]
    written = {url, plain, plain.partition("?")[0]}
    query = sa.select(Article.product_ids).where(Article.store_id == store_id, Article.url.in_(written), *holds(at))
    found = {tuple(each) for each in await session.scalars(query)}
    return next((ids[0] for ids in found if len(found) == len(ids) == 1), None)


async def save(
    session: AsyncSession, store_id: uuid.UUID, prepared: Prepared, by: By | None = None, *, imported: bool = False
) -> tuple[uuid.UUID, bool]:
    """Store a document under its key; returns the article's id and whether anything changed.

    Passages whose words stay the same keep their id and their vectors. Saved by other means than an import, an
    imported article counts as edited here.
    """
    document = prepared.document
    query = sa.select(Article).where(Article.store_id == store_id, Article.key == document.key)
    article = await session.scalar(query)
    if article is not None and article.content_hash == prepared.content_hash:
        return article.id, False
    # Counting up locks the store's row: saves of one store follow each other, and revisions appear in their order.
    revision = await _next_revision(session, store_id)
    article = await session.scalar(query.execution_options(populate_existing=True))
    if article is None:
        article = Article(id=uuid.uuid4(), store_id=store_id, key=document.key)
        session.add(article)
    _fill(article, prepared)
    if not imported:
        _mark_edited(article)
    await session.flush()
    await _cut(session, article, prepared.cuts)
    await _reword(session, article)
    await history.record(session, article, by or By(document.source or document.key))
    await _tell(session, store_id, revision, article.id)
    return article.id, True


async def delete(session: AsyncSession, store_id: uuid.UUID, article_id: uuid.UUID) -> None:
    """Delete an article with its passages and questions."""
    revision = await _next_revision(session, store_id)
    statement = sa.delete(Article).where(Article.store_id == store_id, Article.id == article_id)
    if (await session.scalar(statement.returning(Article.id))) is None:
        raise UnknownArticle("There is no such article in this store.")
    await _tell(session, store_id, revision, article_id)


async def publish(
    session: AsyncSession,
    store_id: uuid.UUID,
    article_id: uuid.UUID,
    status: Status,
    by: By | None = None,
    *,
    imported: bool = False,
) -> None:
    """Make an article public, or a draft again; its vectors stay."""
    revision = await _next_revision(session, store_id)
    article = await by_id(session, store_id, article_id)
    article.status = status
    article.updated_at = now()
    article.content_hash = ""  # it is not what it was made from any more
    if not imported:
        _mark_edited(article)
    published = status == "published"
    await session.execute(sa.update(Passage).where(Passage.article_id == article_id).values(published=published))
    await history.record(session, article, by or By(article.source or article.key))
    await _tell(session, store_id, revision, article_id)


async def by_id(session: AsyncSession, store_id: uuid.UUID, article_id: uuid.UUID) -> Article:
    article = await session.scalar(sa.select(Article).where(Article.store_id == store_id, Article.id == article_id))
    if article is None:
        raise UnknownArticle("There is no such article in this store.")
    return article


async def every(
    session: AsyncSession, store_id: uuid.UUID, *, containing: str = "", limit: int = 50, offset: int = 0
) -> list[Article]:
    """The store's articles, the last changed first; those whose title or text holds `containing`."""
    query = sa.select(Article).where(Article.store_id == store_id)
    if containing:
        wanted = containing.replace("\x00", "")
        query = query.where(
            Article.title.icontains(wanted, autoescape=True) | Article.text.icontains(wanted, autoescape=True)
        )
    ordered = query.order_by(Article.updated_at.desc(), Article.id).limit(limit).offset(offset)
    return list(await session.scalars(ordered))


def holds(at: datetime) -> list[sa.ColumnElement[bool]]:
    """What an article must be to be given out at a moment: published, and valid then."""
    return [
        Article.status == "published",
        sa.or_(Article.valid_from.is_(None), Article.valid_from <= at),
        sa.or_(Article.valid_to.is_(None), Article.valid_to > at),
    ]


async def next_change(session: AsyncSession, store_id: uuid.UUID, after: datetime) -> datetime | None:
    """When the next of the store's published articles begins or ceases to hold."""
    dates = [
        sa.select(sa.func.min(date)).where(Article.store_id == store_id, Article.status == "published", date > after)
        for date in (Article.valid_from, Article.valid_to)
    ]
    return await session.scalar(sa.select(sa.func.least(*(each.scalar_subquery() for each in dates))))


async def _next_revision(session: AsyncSession, store_id: uuid.UUID) -> int:
    count = Store.knowledge_revision + 1
    statement = sa.update(Store).where(Store.id == store_id).values(knowledge_revision=count)
    revision = await session.scalar(
        statement.returning(Store.knowledge_revision).execution_options(synchronize_session=False)
    )
    if revision is None:
        raise UnknownStore("This store does not exist.")
    return revision


async def _tell(session: AsyncSession, store_id: uuid.UUID, revision: int, article_id: uuid.UUID) -> None:
    row = {"store_id": store_id, "revision": revision, "article_id": article_id}
    await session.execute(sa.insert(tables.changes).values(row))


def _fill(article: Article, prepared: Prepared) -> None:
    document = prepared.document
    article.title = document.title
    article.text = document.text
    article.kind = document.kind
    article.status = document.status
    article.locale = prepared.locale
    article.questions = list(document.questions)
    article.tags = list(document.tags)
    article.product_ids = list(document.product_ids)
    article.valid_from = document.valid_from
    article.valid_to = document.valid_to
    article.url = document.url
    article.source = document.source
    article.content_hash = prepared.content_hash
    article.updated_at = now()


def _mark_edited(article: Article) -> None:
    if article.origin or article.given_hash:
        article.edited_at = now()


async def _cut(session: AsyncSession, article: Article, cuts: Sequence[Cut]) -> None:
    kept: dict[str, list[Passage]] = {}
    for passage in await session.scalars(sa.select(Passage).where(Passage.article_id == article.id)):
        kept.setdefault(passage.digest, []).append(passage)
    for position, cut in enumerate(cuts):
        if same := kept.get(cut.digest):
            passage = same.pop()
        else:
            passage = Passage(store_id=article.store_id, article_id=article.id, digest=cut.digest)
            passage.heading, passage.text, passage.sentences = cut.heading, cut.text, list(cut.sentences)
            session.add(passage)
        passage.position, passage.terms = position, cut.terms
        passage.language, passage.published = language_of(article.locale), article.status == "published"
        passage.tags, passage.product_ids = article.tags, article.product_ids
        passage.valid_from, passage.valid_to = article.valid_from, article.valid_to
    for gone in kept.values():
        for passage in gone:
            await session.delete(passage)
    await session.flush()


async def _reword(session: AsyncSession, article: Article) -> None:
    """Make the stored wordings those of the article, keeping the ones that stay."""
    wanted = wordings_of(article.kind, article.title, article.questions)
    stored = list(await session.scalars(sa.select(Question).where(Question.article_id == article.id)))
    for question in stored:
        if question.wording in wanted:
            wanted.remove(question.wording)
        else:
            await session.delete(question)
    for wording in wanted:
        asked = normal.key(wording)
        session.add(Question(store_id=article.store_id, article_id=article.id, wording=wording, key=asked))


def _clean(document: Document) -> Document:
    """The document without what PostgreSQL cannot store: NUL characters and halves of surrogate pairs."""
    url = document.url and _plain(document.url)
    return replace(
        document,
        key=key_of(document),
        title=_plain(document.title).strip(),
        text=_plain(document.text),
        questions=tuple(clean for text in document.questions if (clean := _plain(text).strip())),
        tags=tuple(_plain(tag) for tag in document.tags),
        product_ids=tuple(_plain(each) for each in document.product_ids),
        url=url,
        source=_plain(document.source),
    )


def _plain(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")
