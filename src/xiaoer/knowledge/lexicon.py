"""Each store's terms in this process, as fresh as the database: a revision per store says whether anything changed."""

import asyncio
import contextlib
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa
import structlog
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.db.database import Sessions
from xiaoer.knowledge import lexical, model_codes, tables
from xiaoer.knowledge.endings import end
from xiaoer.knowledge.lexical import Floats, LexicalIndex
from xiaoer.knowledge.product_pages import product_at
from xiaoer.knowledge.tables import Article, Passage
from xiaoer.language.names import Found, Names
from xiaoer.stores import Store

PATIENCE_SECONDS = 0.4
"""How long a search waits for an index that is being read; then it goes on with the older one, or by meaning alone."""

MOST_STORES = 500
HEAD = 1500
"""Characters of a product's text in which its model code is looked for."""
MANY_CHANGES = 2000
_PAGE = 5000
log = structlog.get_logger(__name__)
_ALWAYS = (-np.inf, np.inf)


class StoreIndex:
    """The terms of one store's public passages, with what decides whether a passage may be shown."""

    def __init__(self, revision: int) -> None:
        self.revision = revision
        self.lexical = LexicalIndex()
        self.products: dict[str, set[int]] = {}
        self.languages: Counter[str] = Counter()
        """How many passages were read in each language; those that went away count on until the next whole reading."""
        self.sentences = 0
        self._size = 0
        self._spelling: dict[str, str] = {}
        self._titles: dict[uuid.UUID, tuple[str, str]] = {}
        self._fields: dict[uuid.UUID, dict[str, str]] = {}
        self._names: Names | None = None
        self._ids: NDArray[np.void] = np.zeros(0, "V16")  # not objects: they would take more than the postings
        self._validity: NDArray[np.float64] = np.zeros((0, 2))
        self._scoped: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._of_article: dict[uuid.UUID, list[int]] = {}

    def __len__(self) -> int:
        return self._size

    @property
    def is_worn(self) -> bool:
        """Whether most of what it holds is dead."""
        return len(self._ids) > MANY_CHANGES and len(self._ids) > 2 * len(self)

    def add(self, rows: Sequence[sa.Row[Any]]) -> None:
        """Take in passages read by `_passages`."""
        packed = [(row, lexical.unpack(row.terms)) for row in rows]
        known = [(row, one) for row, one in packed if one is not None]
        self._size += len(known)
        numbers = self.lexical.add([one for _, one in known])
        self._validity = np.r_[self._validity, np.array([_moments(row) for row, _ in known]).reshape(-1, 2)]
        self._scoped = np.r_[self._scoped, np.array([bool(row.product_ids) for row, _ in known], np.bool_)]
        self._ids = np.r_[self._ids, np.array([row.id.bytes for row, _ in known], "V16")]
        for number, (row, _) in zip(numbers, known, strict=True):
            self.languages[row.language] += 1
            self.sentences += row.sentences or 0
            self._of_article.setdefault(row.article_id, []).append(number)
            for product in row.product_ids:
                self.products.setdefault(product.lower(), set()).add(number)
                self._spelling[product.lower()] = product
                self._names = None
            if row.title is not None:
                self._titles[row.article_id] = (row.product_ids[0], row.title)
                self._fields[row.article_id] = model_codes.fields(row.head)

    def remove(self, article_ids: Sequence[uuid.UUID]) -> None:
        """Drop all passages of these articles."""
        for article_id in article_ids:
            numbers = self._of_article.pop(article_id, [])
            self._size -= len(numbers)
            self._fields.pop(article_id, None)
            if self._titles.pop(article_id, None):
                self._names = None
            self.lexical.remove(numbers)
            for holders in self.products.values() if numbers else ():
                holders.difference_update(numbers)

    @property
    def names(self) -> Names:
        """The names of the products that articles are about: ids, model codes, titles of articles about one alone."""
        if self._names is None:
            titled = dict(sorted(self._titles.values()))
            ids = [product for key, product in self._spelling.items() if self.products[key]]
            fields = {self._titles[article][0]: found for article, found in self._fields.items()}
            titles = ((product, titled.get(product, product)) for product in ids)
            self._names = Names([*titles, *model_codes.codes(fields)])
        return self._names

    def product_of_page(self, product_id: str, url: str) -> str | None:
        """The product with this id, however its letters are written; else the one that the address is about."""
        known = {key: product for key, product in self._spelling.items() if self.products[key]}
        return known.get(product_id.strip().lower()) or (product_at(url, known, self.names) if url else None)

    def find_products(self, text: str) -> Found:
        """The products that a text names, also by a code that stands in their texts alone.

        What is left as unknown stands in none of the store's texts.
        """
        found = self.names.find(text, self._told_of)
        unknown = tuple(code for code in found.unknown if not self.lexical.holding(code))
        return replace(found, unknown=unknown)

    def _told_of(self, code: str) -> list[str]:
        """The products in whose passages a code stands; none where a text about no product has it too."""
        numbers = self.lexical.holding(code)
        if any(not self._scoped[number] for number in numbers):
            return []
        return [self._spelling[key] for key, holders in self.products.items() if not holders.isdisjoint(numbers)]

    @property
    def mean_sentence(self) -> float:
        """Terms of a sentence in the mean."""
        return max(1.0, self.lexical.terms / max(1, self.sentences))

    def scores(self, query: lexical.Query, *, at: datetime, product_ids: Sequence[str]) -> Floats:
        """The lexical score of each passage by its number; 0 where it may not be shown."""
        scores = self.lexical.score(query)
        scores *= (self._validity[:, 0] <= at.timestamp()) & (at.timestamp() < self._validity[:, 1])
        if product_ids:
            wanted = np.zeros(len(scores), np.bool_)
            for product in product_ids:
                wanted[list(self.products.get(product.lower(), ()))] = True
            scores *= wanted | ~self._scoped
        return scores

    def top(self, scores: Floats, most: int) -> list[uuid.UUID]:
        """The passages with the highest scores above 0, in no order."""
        numbers = np.argpartition(-scores, most)[:most] if len(scores) > most else np.arange(len(scores))
        return [uuid.UUID(bytes=self._ids[number].tobytes()) for number in numbers if scores[number] > 0]

    def number(self, article_id: uuid.UUID, passage_id: uuid.UUID) -> int | None:
        """The number of a passage; None if this index does not know it (yet, or any more)."""
        numbers = self._of_article.get(article_id, ())
        return next((number for number in numbers if self._ids[number].tobytes() == passage_id.bytes), None)


class Lexicon:
    """The indexes of the stores that were searched lately."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._stores: dict[uuid.UUID, StoreIndex] = {}
        self._reading: dict[uuid.UUID, asyncio.Task[None]] = {}

    async def fresh(self, store_id: uuid.UUID, revision: int) -> StoreIndex | None:
        """The store's index at `revision` or later; an older one, or None, while reading takes too long."""
        index = self._stores.pop(store_id, None)
        if index is not None:
            self._stores[store_id] = index  # as the last used
            if index.revision >= revision:
                return index
        task = self._reading.get(store_id)
        if task is None:
            task = asyncio.create_task(self._read(store_id, index))
            self._reading[store_id] = task
            task.add_done_callback(lambda done: self._read_through(store_id, done))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await asyncio.shield(task)
        return self._stores.get(store_id)

    async def close(self) -> None:
        for task in list(self._reading.values()):
            await end(task)

    def _read_through(self, store_id: uuid.UUID, task: asyncio.Task[None]) -> None:
        """A search that no longer waits for a reading is not told of its failure; the next one tries again."""
        self._reading.pop(store_id, None)
        if not task.cancelled() and (error := task.exception()):
            log.warning("lexicon.not_read", reason=str(error).partition("\n")[0])

    async def _read(self, store_id: uuid.UUID, index: StoreIndex | None) -> None:
        async with self._sessions() as session:
            revision = await session.scalar(sa.select(Store.knowledge_revision).where(Store.id == store_id)) or 0
            if index is None or index.is_worn or not await _follow(session, store_id, index, revision):
                index = await _whole(session, store_id, revision)
        self._stores[store_id] = index
        while len(self._stores) > MOST_STORES:
            self._stores.pop(next(iter(self._stores)))


async def _follow(session: AsyncSession, store_id: uuid.UUID, index: StoreIndex, revision: int) -> bool:
    """Take over what changed since the index was read; False if that cannot be told, or is too much."""
    table = tables.changes
    later = table.c.store_id == store_id, table.c.revision > index.revision, table.c.revision <= revision
    rows = (await session.execute(sa.select(table.c.revision, table.c.article_id).where(*later))).all()
    if len({row.revision for row in rows}) < revision - index.revision:
        return False
    changed = list({row.article_id for row in rows})
    query = _passages(store_id).where(Passage.article_id.in_(changed)).limit(MANY_CHANGES + 1)
    passages = (await session.execute(query)).all()
    if len(passages) > MANY_CHANGES:
        return False
    index.remove(changed)
    index.add(passages)
    index.revision = revision
    return True


async def _whole(session: AsyncSession, store_id: uuid.UUID, revision: int) -> StoreIndex:
    """The index read anew, outside the loop where it is long, and in the order of ids so that pages are cheap."""
    index = StoreIndex(revision)
    pages: list[sa.Row[Any]] = []
    last = uuid.UUID(int=0)
    while True:
        query = _passages(store_id).where(Passage.id > last).order_by(Passage.id).limit(_PAGE)
        page = (await session.execute(query)).all()
        pages += page
        if len(page) < _PAGE:
            break
        last = page[-1].id
    await asyncio.to_thread(index.add, pages)
    return index


def _passages(store_id: uuid.UUID) -> sa.Select[Any]:
    def of_article(column: Any, label: str) -> Any:
        """Of the article, where that is about one product alone."""
        about_one = sa.func.cardinality(Passage.product_ids) == 1
        own = Article.id == Passage.article_id
        return sa.select(column).where(own, Article.kind != "question", about_one).scalar_subquery().label(label)

    return sa.select(
        Passage.id,
        Passage.article_id,
        Passage.terms,
        Passage.product_ids,
        Passage.language,
        Passage.valid_from,
        Passage.valid_to,
        sa.func.cardinality(Passage.sentences).label("sentences"),
        of_article(Article.title, "title"),
        of_article(sa.func.left(Article.text, HEAD), "head"),
    ).where(Passage.store_id == store_id, Passage.published)


def _moments(row: sa.Row[Any]) -> tuple[float, float]:
    begin = row.valid_from.timestamp() if row.valid_from else _ALWAYS[0]
    return begin, row.valid_to.timestamp() if row.valid_to else _ALWAYS[1]
