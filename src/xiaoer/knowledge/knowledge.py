"""The door to what the shop knows: save, delete, find."""

import asyncio
import time
import uuid
from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
import structlog

from xiaoer.db.database import Database
from xiaoer.db.record import now
from xiaoer.errors import Unavailable
from xiaoer.knowledge import articles, listing, questions, search, sources
from xiaoer.knowledge.documents import Document, Origin
from xiaoer.knowledge.embedding import LONGEST_QUERY, Embedder
from xiaoer.knowledge.history import By
from xiaoer.knowledge.hits import Hit, Scores, Sentence
from xiaoer.knowledge.indexing import Indexer, register
from xiaoer.knowledge.lexicon import Lexicon, StoreIndex
from xiaoer.knowledge.likeness import Likenesses
from xiaoer.knowledge.listing import Shown
from xiaoer.knowledge.readiness import Progress
from xiaoer.knowledge.search import Dense, Own, Wanted, Words
from xiaoer.knowledge.sources import Notice, Stale
from xiaoer.knowledge.tables import Article
from xiaoer.language.detect import detect
from xiaoer.language.names import Found

__all__ = ["Article", "Hit", "Knowledge", "Scores", "Sentence"]

SETTLE_SECONDS = 0.05
SAVED_AT_ONCE = 50
REMEMBERED_QUERIES = 256
LOOK_SECONDS = 5.0
PAUSE_SECONDS = 10.0
"""How long an embedder that failed is left alone, so that no customer waits for it again and again."""

log = structlog.get_logger(__name__)


class Knowledge:
    """The knowledge of all stores of one database, with the embedder that makes its vectors.

    `previous` is the embedder used before, if it can still be asked: it serves a store until the new one's vectors have
    caught up with its own. Without vectors, or while the embedder does not answer, passages are found by their words.
    """

    def __init__(self, database: Database, embedder: Embedder, *, previous: Embedder | None = None) -> None:
        self._database = database
        self._sessions = database.sessions
        self._embedder = embedder
        self._previous = previous
        self._previous_number: int | None = None
        self._caught_up: set[uuid.UUID] = set()
        self._asked: dict[uuid.UUID, float] = {}
        self._lexicon = Lexicon(database.sessions)
        self._likenesses = Likenesses(embedder)
        self._indexer = Indexer(database, embedder)
        self._vectors: OrderedDict[tuple[int, str], Dense] = OrderedDict()
        self._paused_until = 0.0
        self.withheld: frozenset[uuid.UUID] = frozenset()
        """Passages, and curated questions, that are as if they were not there: to try what is then refused."""

    @property
    def embedder(self) -> Embedder:
        """What turns texts into vectors here."""
        return self._embedder

    async def start(self) -> None:
        """Begin to embed what waits. An embedder that does not answer yet is asked again in the background."""
        self._indexer.number = await self._registered(self._embedder)
        if self._previous is not None:
            self._previous_number = await self._registered(self._previous)
        self._indexer.start()

    async def close(self) -> None:
        await self._indexer.close()
        await self._lexicon.close()

    async def save(self, store_id: uuid.UUID, document: Document, *, by: By | None = None) -> uuid.UUID:
        """Store a document; found by its words at once, by its meaning when its vectors are made. Returns its id."""
        prepared = await asyncio.to_thread(articles.prepare, document)
        async with self._sessions.begin() as session:
            article_id, changed = await articles.save(session, store_id, prepared, by)
        if changed:
            self._indexer.notice(store_id)
        return article_id

    async def save_all(self, store_id: uuid.UUID, documents: Iterable[Document]) -> int:
        """Store many, some at a time; returns how many of them were new or changed."""
        return (await self.take(store_id, documents, Origin()))[0]

    async def take(
        self, store_id: uuid.UUID, documents: Iterable[Document], origin: Origin
    ) -> tuple[int, list[Notice]]:
        """Store what a source gives, some at a time; returns how many were new or changed, and what should be known.

        What staff changed or withdrew stays as it is while the source says what it said before.
        """
        given = list(documents)
        async with self._sessions() as session:
            stored = await sources.known(session, store_id, [articles.key_of(each) for each in given])
        changed, notices = 0, list[Notice]()
        fresh = (each for each in given if sources.is_news(each, stored.get(articles.key_of(each)), origin))
        while group := list(islice(fresh, SAVED_AT_ONCE)):
            prepared = await asyncio.to_thread(_prepared, group)
            async with self._sessions.begin() as session:
                await sources.hold(session, store_id)
                for one in prepared:
                    has_changed, notice = await sources.take(session, store_id, one, origin)
                    changed += has_changed
                    notices += [notice] if notice else []
        if changed:
            self._indexer.notice(store_id)
        return changed, notices

    async def public_of(self, store_id: uuid.UUID, origin: Origin) -> Sequence[Stale]:
        """What is public of what was imported from there."""
        async with self._sessions() as session:
            return await sources.of_origin(session, store_id, origin)

    async def public_of_place(self, store_id: uuid.UUID, place: str, present: Collection[str]) -> Sequence[Stale]:
        """What is public of a folder or a site, but for the files or pages that are present there."""
        async with self._sessions() as session:
            return await sources.of_place(session, store_id, place, present)

    async def retire(self, store_id: uuid.UUID, stale: Iterable[Stale]) -> list[Notice]:
        """Make drafts of what a source no longer has, some at a time; what was edited here stays."""
        notices = list[Notice]()
        left = iter(stale)
        while group := list(islice(left, SAVED_AT_ONCE)):
            async with self._sessions.begin() as session:
                await sources.hold(session, store_id)
                told = [await sources.retire(session, store_id, each.article_id) for each in group]
            notices += [notice for notice in told if notice]
        return notices

    async def delete(self, store_id: uuid.UUID, article_id: uuid.UUID) -> None:
        """Delete an article; raises `UnknownArticle`."""
        async with self._sessions.begin() as session:
            await articles.delete(session, store_id, article_id)

    async def withdraw(self, store_id: uuid.UUID, key: str) -> None:
        """Delete the article of that key, if there is one."""
        async with self._sessions.begin() as session:
            if (article_id := await articles.id_of(session, store_id, key)) is not None:
                await articles.delete(session, store_id, article_id)

    async def publish(
        self, store_id: uuid.UUID, article_id: uuid.UUID, *, published: bool = True, by: By | None = None
    ) -> None:
        """Show an article to customers, or make it a draft; raises `UnknownArticle`."""
        async with self._sessions.begin() as session:
            await articles.publish(session, store_id, article_id, "published" if published else "draft", by)

    async def article(self, store_id: uuid.UUID, article_id: uuid.UUID) -> Article:
        """The store's article of that id; raises `UnknownArticle`."""
        async with self._sessions() as session:
            return await articles.by_id(session, store_id, article_id)

    async def articles(
        self, store_id: uuid.UUID, *, containing: str = "", limit: int = 50, offset: int = 0
    ) -> list[Article]:
        """The store's articles, the last changed first; those whose title or text holds `containing`."""
        async with self._sessions() as session:
            return await articles.every(session, store_id, containing=containing, limit=limit, offset=offset)

    async def exact(
        self,
        store_id: uuid.UUID,
        text: str,
        *,
        locale: str | None = None,
        product_ids: Sequence[str] = (),
        at: datetime | None = None,
    ) -> Article | None:
        """The curated answer to exactly this question, one in the customer's language first."""
        async with self._sessions() as session:
            found = await questions.exact(
                session, store_id, text, locale=locale, product_ids=product_ids, at=at or now()
            )
        return found if found is None or found.id not in self.withheld else None

    async def similar_questions(
        self, store_id: uuid.UUID, text: str, *, locale: str | None = None, k: int = 3, at: datetime | None = None
    ) -> list[tuple[str, uuid.UUID, float]]:
        """Curated questions that look alike: wording, article and cosine, nearest first; none without an embedder."""
        dense = await self._dense(store_id, text)
        if dense is None:
            return []
        async with self._sessions() as session:
            found = await questions.similar(session, store_id, dense, locale=locale, k=k, at=at or now())
        return [each for each in found if each[1] not in self.withheld]

    async def passages(self, store_id: uuid.UUID) -> list[Shown]:
        """All passages of a store that may be shown now."""
        async with self._sessions() as session:
            return await listing.passages(session, store_id, now())

    async def article_of(self, store_id: uuid.UUID, passage_id: uuid.UUID, *, at: datetime | None = None) -> list[Hit]:
        """The passages of the article that a passage is of, in their order; none where it is not public (any more)."""
        async with self._sessions() as session:
            found = await listing.article_of(session, store_id, passage_id, at or now())
        return [hit for hit in found if not self.withheld & {hit.passage_id, hit.article_id}]

    async def search(
        self,
        store_id: uuid.UUID,
        query: str,
        *,
        k: int = 8,
        locale: str | None = None,
        product_ids: Sequence[str] = (),
        tags: Sequence[str] = (),
        at: datetime | None = None,
        abroad: bool = False,
    ) -> list[Hit]:
        """The passages that hold at a moment (now), best first.

        With `product_ids`, or where the query names a product, passages about other products are left out.
        `locale` is the language of a query that does not show one; `tags` asks for articles with one of them.
        `abroad` leaves out passages in the query's own language.
        """
        text = query[:LONGEST_QUERY].replace("\x00", " ")
        language = _language(text, locale)
        wanted = Wanted(store_id, text, at or now(), k, language, tuple(product_ids), tags=tuple(tags), abroad=abroad)
        # The words are looked up while the vector is made, which takes longest.
        told, dense = await asyncio.gather(self._told(wanted), self._dense(store_id, text))
        if told is None:
            return []
        wanted, words, own = told
        async with self._sessions.begin() as session:
            await search.begin(session)
            rows = await search.candidates(session, wanted, dense, words)
        return await asyncio.to_thread(search.ranked, wanted, self._there(rows), dense, words, own)

    def _there(self, rows: Iterable[sa.Row[Any]]) -> list[sa.Row[Any]]:
        return [row for row in rows if row.id not in self.withheld and row.article_id not in self.withheld]

    async def about(
        self,
        store_id: uuid.UUID,
        product_ids: Sequence[str],
        question: str,
        *,
        locale: str | None = None,
        at: datetime | None = None,
    ) -> list[Hit]:
        """All passages about some products, best first; `question` is what is asked of them, without their names."""
        text = question[:LONGEST_QUERY].replace("\x00", " ")
        products = tuple(product_ids)
        dense = await self._dense(store_id, text)
        wanted = Wanted(
            store_id, text, at or now(), search.MOST_OF_PRODUCTS, _language(text, locale), products, products, text
        )
        async with self._sessions.begin() as session:
            rows = await search.of_products(session, wanted, dense)
        return [replace(hit, in_focus=True) for hit in search.ranked(wanted, self._there(rows), dense, None)]

    async def find_products(self, store_id: uuid.UUID, text: str) -> Found:
        """The products that a text names, as articles about them are titled; nothing where no index is ready."""
        index = await self._index(store_id)
        return index.find_products(text[:LONGEST_QUERY]) if index else Found((), text)

    async def product_of_page(self, store_id: uuid.UUID, *, product_id: str = "", url: str = "") -> str | None:
        """The product that a page is about, by its id or by the page's address; None where the store has none."""
        index = await self._index(store_id)
        if index is None:
            return None
        if (found := index.product_of_page(product_id, url)) is None and url:
            storable = url.replace("\x00", "").encode(errors="ignore").decode()
            async with self._sessions() as session:
                found = await articles.product_of_url(session, store_id, storable, now())
        return found

    async def product_titles(self, store_id: uuid.UUID, product_ids: Iterable[str]) -> dict[str, str]:
        """What the products are called: the title of the article about each alone, else its id."""
        index = await self._index(store_id)
        return {product: index.names.title(product) if index else product for product in product_ids}

    async def product_labels(self, store_id: uuid.UUID, product_ids: Iterable[str]) -> dict[str, str]:
        """What the products are called in short, each so that the label names it alone where that is possible."""
        index = await self._index(store_id)
        return {product: index.names.label(product) if index else product for product in product_ids}

    async def _index(self, store_id: uuid.UUID) -> StoreIndex | None:
        """The terms and names of a store; None where there is none, or none is ready."""
        async with self._sessions() as session:
            revision = await search.revision(session, store_id)
        return None if revision is None else await self._lexicon.fresh(store_id, revision)

    async def _told(self, wanted: Wanted) -> tuple[Wanted, Words | None, Own | None] | None:
        """What words tell: what is wanted, narrowed to the products named, and both its sides; None: no such store."""
        async with self._sessions() as session:
            revision = await search.revision(session, wanted.store_id)
        if revision is None:
            return None
        index = await self._lexicon.fresh(wanted.store_id, revision)
        wanted = search.scoped(wanted, index)
        if index is None:
            return wanted, None, None
        dense = await self._dense(wanted.store_id, wanted.rest)
        return wanted, search.worded(wanted, index), search.own(wanted, index, dense) if wanted.rest else None

    async def next_change(self, store_id: uuid.UUID, after: datetime) -> datetime | None:
        """When what the store knows next changes by itself, as the validity of an article begins or ends."""
        async with self._sessions() as session:
            return await articles.next_change(session, store_id, after)

    async def likeness(self, texts: Sequence[str], others: Sequence[str]) -> list[list[float]] | None:
        """How alike each text is in meaning to each of others, in any languages; None if it cannot be told."""
        return await self._likenesses.of(texts, others)

    async def progress(self, store_id: uuid.UUID | None = None) -> Progress:
        """How far the vectors of the present embedder are, of one store or of all."""
        return await self._indexer.progress(store_id)

    async def settled(self, store_id: uuid.UUID | None = None) -> None:
        """Wait until everything saved so far, by this store or by any, has its vectors."""
        while await self._indexer.is_missing(store_id):  # noqa: ASYNC110 -- another process may be the one that embeds
            await asyncio.sleep(SETTLE_SECONDS)

    async def is_read_in(self, store_id: uuid.UUID) -> bool:
        """Whether all that a store knows can be found by its meaning; what was saved a moment ago does not count."""
        return not await self._indexer.unread(store_id)

    async def unread(self) -> list[uuid.UUID]:
        """The stores that are not read in."""
        return await self._indexer.unread()

    async def _registered(self, embedder: Embedder) -> int | None:
        try:
            return await register(self._database, embedder)
        except Unavailable as error:
            log.warning("embedder.unavailable", reason=error.detail)
            return None

    async def _dense(self, store_id: uuid.UUID, text: str) -> Dense | None:
        """The question's vector by the embedder that serves this store; None while there is none."""
        embedder, number = self._embedder, self._indexer.number
        if self._previous and self._previous_number and not await self._has_caught_up(store_id, self._previous_number):
            embedder, number = self._previous, self._previous_number
        if number is None or time.monotonic() < self._paused_until or not text.strip():
            return None
        remembered = self._vectors.get((number, text))
        if remembered is None:
            try:
                vector = await embedder.query(text)
            except Unavailable as error:
                log.warning("embedder.unavailable", reason=error.detail)
                self._paused_until = time.monotonic() + PAUSE_SECONDS
                return None
            remembered = Dense(vector, number, embedder.floor, embedder.language_gap)
            while len(self._vectors) >= REMEMBERED_QUERIES:
                self._vectors.popitem(last=False)
        self._vectors[number, text] = remembered
        self._vectors.move_to_end((number, text))
        return remembered

    async def _has_caught_up(self, store_id: uuid.UUID, previous: int) -> bool:
        """Whether a store needs the previous embedder no more; asked now and then until it is so."""
        asked = self._asked.get(store_id, -LOOK_SECONDS)
        if store_id not in self._caught_up and time.monotonic() - asked >= LOOK_SECONDS:
            self._asked[store_id] = time.monotonic()
            if await self._indexer.has_caught_up(store_id, previous):
                self._caught_up.add(store_id)
        return store_id in self._caught_up


def _language(text: str, locale: str | None) -> str | None:
    """The language of a query: its own where it shows one, else the one given."""
    prior = articles.language_of(locale) if locale else None
    seen = detect(text, prior=prior)
    return seen.language if seen.certain else prior


def _prepared(documents: Iterable[Document]) -> list[articles.Prepared]:
    return [articles.prepare(document) for document in documents]
