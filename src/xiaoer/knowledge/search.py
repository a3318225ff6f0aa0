"""Finding passages: by meaning and by words, in one score that holds across languages.

score = 1/2 · near(question, passage) + 1/2 · near(question, its best sentence) + lexical + boost
near(cosine) = (cosine − floor) / (1 − floor), where `floor` is what unrelated texts of the embedder score; to a passage
in another language than the question's the cosine is taken higher by the embedder's gap between languages
lexical = BM25 over characters, their pairs, words and codes, as a share of the highest the question could have

Measured in docs/decisions/0007-one-score-for-search.md. Candidates come from both sides, so that neither hides what
the other finds; where languages differ only codes and numbers count as words, so that the lexical side cannot spoil
what the vectors find across languages.
"""

import statistics
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.knowledge import lexical, vectors
from xiaoer.knowledge.embedding import Vectors
from xiaoer.knowledge.hits import Hit, Scores, Sentence
from xiaoer.knowledge.lexicon import StoreIndex
from xiaoer.stores import Store

CANDIDATES = 40
"""Passages taken from each side."""

SMALL_STORE = 5000
"""Passages up to which all vectors of a store are compared: exact, some milliseconds, and not slowed by other stores,
through whose vectors the common index would have to wade."""

FOREIGN_SHARE = 4
"""One in so many hits may be in another language than the question, where its own language has enough."""

MOST_OF_PRODUCTS = 120
"""Passages of the products in focus that are compared, the beginnings of their articles first."""

SAME_PRODUCT = 0.1
"""What a passage about the very product gains over one about all products."""


@dataclass(frozen=True)
class Dense:
    """A question's vector, the set of vectors it is compared with, and what unrelated texts score (see `Embedder`)."""

    vector: Vectors
    number: int
    floor: float
    gap: float

    def near(self, cosine: float) -> float:
        """A cosine on the scale where unrelated texts score 0 and equal ones 1."""
        return (cosine - self.floor) / (1 - self.floor)


@dataclass(frozen=True)
class Wanted:
    """What is searched."""

    store_id: uuid.UUID
    query: str
    at: datetime
    k: int
    language: str | None = None
    product_ids: tuple[str, ...] = ()
    """Passages about other products are left out."""
    meant: tuple[str, ...] = ()
    """Of these, the products meant: a passage about one of them is looked for first, and need not say its name."""
    rest: str = ""
    """The query without the names of products, if it has any."""
    tags: tuple[str, ...] = ()
    abroad: bool = False
    """Only passages in other languages than the query's."""

    def means(self, row: sa.Row[Any]) -> bool:
        """Whether a passage is about a product meant."""
        return not set(self.meant).isdisjoint(row.product_ids)


@dataclass(frozen=True)
class Words:
    """The lexical side of a search: the store's index, the query as terms, and the score of every passage."""

    index: StoreIndex
    query: lexical.Query
    scores: lexical.Floats
    weights: lexical.Floats

    def score(self, row: sa.Row[Any]) -> float:
        number = self.index.number(row.article_id, row.id)
        return 0.0 if number is None else float(self.scores[number])


@dataclass(frozen=True)
class Own:
    """What is asked of the products meant, without their names: its vector and its words."""

    dense: Dense | None
    query: lexical.Query
    weights: lexical.Floats


async def revision(session: AsyncSession, store_id: uuid.UUID) -> int | None:
    """The revision of a store's knowledge; None if there is no such store."""
    return await session.scalar(sa.select(Store.knowledge_revision).where(Store.id == store_id))


async def begin(session: AsyncSession) -> None:
    """Prepare the transaction for a search."""
    await session.execute(
        sa.text(
            "SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true), "
            "set_config('hnsw.ef_search', '80', true), set_config('jit', 'off', true)"
        )
    )


def scoped(wanted: Wanted, index: StoreIndex | None) -> Wanted:
    """What is wanted, narrowed to the products that the query names."""
    if wanted.product_ids or index is None:
        return replace(wanted, meant=wanted.product_ids)
    found = index.find_products(wanted.query)
    named = tuple(dict.fromkeys(each for mention in found.mentions if mention.is_certain for each in mention.ids))
    return replace(wanted, product_ids=named, meant=named, rest=found.rest if named else "")


def worded(wanted: Wanted, index: StoreIndex) -> Words:
    """The lexical side of what is wanted."""
    asked = lexical.read_query(wanted.query)
    scores = index.scores(asked, at=wanted.at, product_ids=wanted.product_ids)
    return Words(index, asked, scores, index.lexical.weights(asked))


def own(wanted: Wanted, index: StoreIndex, dense: Dense | None) -> Own:
    """What is asked of the products meant; `dense` is the vector of `wanted.rest`."""
    asked = lexical.read_query(wanted.rest)
    return Own(dense, asked, index.lexical.weights(asked))


async def candidates(
    session: AsyncSession, wanted: Wanted, dense: Dense | None, words: Words | None
) -> Sequence[sa.Row[Any]]:
    """The rows of the passages nearest in meaning and of those with most of the words, as far as they may be shown."""
    ids = words.index.top(words.scores, CANDIDATES) if words else []
    parameters: dict[str, Any] = {
        "store": wanted.store_id,
        "at": wanted.at,
        "ids": ids,
        "products": list(wanted.product_ids),
        "tags": list(wanted.tags),
        "language": wanted.language,
        "most": CANDIDATES,
    }
    may = _may(wanted)
    if dense is None:
        query = _QUERY.format(near="", cosine="NULL", sentences="NULL", vectors="", may=may)
        return (await session.execute(_statement(query), parameters)).all()
    parameters["vector"] = "[" + ",".join(f"{value:.5f}" for value in dense.vector) + "]"
    kind = f"halfvec({len(dense.vector)})"
    distance = f"CAST(v.embedding AS {kind}) <=> CAST(:vector AS {kind})"
    near = "".join(
        # Adding 0 hides the order from the index: all vectors of the part are compared.
        _NEAR.format(number=dense.number, part=part, may=may, order=f"({distance}) + 0" if exact else distance)
        for part, exact in _parts(wanted, words.index if words else None)
    )
    joined = f"LEFT JOIN passage_vectors v ON v.passage_id = p.id AND v.embedder = {dense.number}"
    query = _QUERY.format(near=near, cosine=f"1 - ({distance})", sentences="v.sentences", vectors=joined, may=may)
    return (await session.execute(_statement(query), parameters)).all()


async def of_products(
    session: AsyncSession, wanted: Wanted, dense: Dense | None, *, most: int = MOST_OF_PRODUCTS
) -> Sequence[sa.Row[Any]]:
    """The rows of all passages about the products wanted, as far as they may be shown."""
    number = dense.number if dense else 0
    joined = f"LEFT JOIN passage_vectors v ON v.passage_id = p.id AND v.embedder = {int(number)}"
    parameters: dict[str, Any] = {"store": wanted.store_id, "at": wanted.at, "products": list(wanted.product_ids)}
    cosine = "NULL"
    if dense is not None:
        kind = f"halfvec({len(dense.vector)})"
        cosine = f"1 - (CAST(v.embedding AS {kind}) <=> CAST(:vector AS {kind}))"
        parameters["vector"] = "[" + ",".join(f"{value:.5f}" for value in dense.vector) + "]"
    own = _OF_PRODUCTS.format(may=_may(wanted), most=int(most))
    query = _QUERY.format(near="", cosine=cosine, sentences="v.sentences", vectors=joined, may=_may(wanted))
    query = query.replace("SELECT unnest(CAST(:ids AS uuid[]))", own)
    return (await session.execute(_statement(query), parameters)).all()


_OF_PRODUCTS = """SELECT p.id FROM passages p WHERE p.store_id = :store
    AND p.product_ids && CAST(:products AS text[]) AND {may} ORDER BY p.position LIMIT {most}"""


@lru_cache
def _statement(query: str) -> sa.TextClause:
    """A statement is parsed once; there are a few for each embedder."""
    return sa.text(query)


def _may(wanted: Wanted) -> str:
    """What a passage must be to be shown, as a condition on `p`."""
    may = "p.published AND (p.valid_from IS NULL OR p.valid_from <= :at) AND (p.valid_to IS NULL OR p.valid_to > :at)"
    if wanted.product_ids:
        may += " AND (p.product_ids = '{}' OR p.product_ids && CAST(:products AS text[]))"
    if wanted.tags:
        may += " AND p.tags && CAST(:tags AS text[])"
    if wanted.abroad:
        may += " AND p.language <> :language"
    return may


def _parts(wanted: Wanted, index: StoreIndex | None) -> list[tuple[str, bool]]:
    """The parts of the store whose nearest passages are looked for, and whether all of a part is compared.

    Texts in the question's own language are always nearer; so those in others are looked for apart, or a store's only
    answer, written in another language, would never become a candidate. So it is with the products asked about.
    """
    if index is None:
        return [("true", False)]
    own = index.languages[wanted.language or ""]
    others = index.languages.total() - own
    parts = [("true", len(index) <= SMALL_STORE)]
    if own and others:
        parts = [("p.language = :language", own <= SMALL_STORE), ("p.language <> :language", others <= SMALL_STORE)]
    if wanted.product_ids and len(index) > SMALL_STORE:
        parts.append(("p.product_ids && CAST(:products AS text[])", True))
    return parts


_NEAR = """
    (SELECT v.passage_id FROM passage_vectors v JOIN passages p ON p.id = v.passage_id
     WHERE v.embedder = {number} AND v.store_id = :store AND {part} AND {may} ORDER BY {order} LIMIT :most)
    UNION"""

_QUERY = """
WITH found (id) AS ({near} SELECT unnest(CAST(:ids AS uuid[])))
SELECT p.id, p.article_id, a.key, a.title, a.questions, p.heading, p.text, p.sentences, a.kind, a.locale, p.language,
    a.url, p.product_ids, p.valid_to, {cosine} AS cosine, {sentences} AS vectors
FROM found JOIN passages p ON p.id = found.id JOIN articles a ON a.id = p.article_id {vectors}
WHERE p.store_id = :store AND {may}"""


def ranked(
    wanted: Wanted, rows: Sequence[sa.Row[Any]], dense: Dense | None, words: Words | None, own: Own | None = None
) -> list[Hit]:
    """The best `k` rows as hits. Among passages of the same text the first alone is kept."""
    asked = {row.id: _asked(wanted, row, dense, own) for row in rows}
    nearness = {row.id: near for row in rows if dense and (near := _nearness(row, dense, asked[row.id] or dense))}
    usual = statistics.median(near[0] for near in nearness.values()) if nearness else 0.0
    gap = dense.gap / (1 - dense.floor) if dense and wanted.language else 0.0
    scored = sorted(
        ((_scores(wanted, row, nearness.get(row.id), (usual, gap), words), row) for row in rows),
        key=lambda pair: (-pair[0].total, pair[1].id),
    )
    return [_hit(wanted, row, scores, asked[row.id], words, own) for scores, row in _spread(wanted, scored)]


def _asked(wanted: Wanted, row: sa.Row[Any], dense: Dense | None, own: Own | None) -> Dense | None:
    """What the sentences of a passage are compared with.

    Where the question names products: of a passage about one of them, the rest of the question; of any other, the mean
    of the rest and the whole, or a text that has nothing but the name in common would be near.
    """
    if dense is None or own is None or own.dense is None:
        return dense
    return (
        own.dense
        if wanted.means(row)
        else replace(dense, vector=np.mean([dense.vector, own.dense.vector], axis=0, dtype=np.float32))
    )


def _spread(wanted: Wanted, scored: Sequence[tuple[Scores, sa.Row[Any]]]) -> list[tuple[Scores, sa.Row[Any]]]:
    """The best `k`, of equal texts the first; a quarter in other languages if its own has enough for the others."""
    once = list({row.text: (scores, row) for scores, row in reversed(scored)}.values())[::-1]
    if wanted.language is None:
        return once[: wanted.k]
    own = [pair for pair in once if pair[1].language == wanted.language][: wanted.k]
    others = [pair for pair in once if pair[1].language != wanted.language]
    most = max(wanted.k // FOREIGN_SHARE, wanted.k - len(own))
    chosen = sorted([*own, *others[:most]], key=lambda pair: -pair[0].total)
    return chosen[: wanted.k]


def _nearness(row: sa.Row[Any], dense: Dense, asked: Dense) -> tuple[float, float, float, float] | None:
    """(nearness, cosine, cosine and nearness of the best sentence) of a passage that has a vector."""
    if row.cosine is None:
        return None
    cosine = float(row.cosine)
    best = float(vectors.cosines(row.vectors, asked.vector).max()) if row.vectors else cosine
    return dense.near((cosine + best) / 2), cosine, best, dense.near(best)


def _scores(
    wanted: Wanted,
    row: sa.Row[Any],
    near: tuple[float, float, float, float] | None,
    given: tuple[float, float],
    words: Words | None,
) -> Scores:
    """The scores of a passage.

    `given` is what one without a vector and one in another language get: the nearness of the usual candidate, so that
    it is neither lost nor preferred, and the gap between languages.
    """
    boost = SAME_PRODUCT if wanted.means(row) else 0.0
    lexical_share = words.score(row) if words else 0.0
    if near is None:
        return Scores(given[0], lexical_share, boost)
    if wanted.language and row.language != wanted.language:
        boost += given[1]
    return Scores(near[0], lexical_share, boost, cosine=near[1], best=near[2], nearest=near[3])


def _hit(
    wanted: Wanted, row: sa.Row[Any], scores: Scores, dense: Dense | None, words: Words | None, own: Own | None
) -> Hit:
    named = bool(own) and wanted.means(row)
    return Hit(
        passage_id=row.id,
        article_id=row.article_id,
        title=row.title,
        heading=row.heading,
        text=row.text,
        kind=row.kind,
        locale=row.locale,
        url=row.url,
        product_ids=tuple(row.product_ids),
        valid_to=row.valid_to,
        score=scores.total,
        scores=scores,
        sentences=tuple(_sentences(row, dense, words, own if named else None)),
        key=row.key,
        named=named,
        wordings=tuple(row.questions),
    )


def _sentences(row: sa.Row[Any], dense: Dense | None, words: Words | None, own: Own | None) -> list[Sentence]:
    texts = row.sentences
    # Until its sentences have vectors of their own, each is taken to be as near as their passage.
    cosines = [float(row.cosine or 0.0)] * len(texts)
    if dense and row.vectors:
        cosines = [float(cosine) for cosine in vectors.cosines(row.vectors, dense.vector)[: len(texts)]]
    shares = [0.0] * len(texts)
    if words:
        mean = words.index.mean_sentence
        query, weights = (own.query, own.weights) if own else (words.query, words.weights)
        shares = lexical.sentence_scores(query, weights, texts, mean_length=mean)
    return [
        Sentence(text, cosine, share, (dense.near(cosine) if dense and cosine else 0.0) + share)
        for text, cosine, share in zip(texts, cosines, shares, strict=True)
    ]
