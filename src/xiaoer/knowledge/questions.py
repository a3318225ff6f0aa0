"""Curated questions: the same one, which is certain, and ones that look alike, which is not."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.knowledge import articles
from xiaoer.knowledge.search import Dense
from xiaoer.knowledge.tables import Article, Question
from xiaoer.language import normal

MOST_ALIKE = 10


async def exact(
    session: AsyncSession,
    store_id: uuid.UUID,
    text: str,
    *,
    locale: str | None,
    product_ids: Sequence[str],
    at: datetime,
) -> Article | None:
    """The curated answer to exactly this question: one in the customer's language first, then the last changed.

    Where a product is asked about, an answer about others does not count. Where none is known, a wording that belongs
    to the answers of several products is not certain, and gets none.
    """
    asked = normal.key(text.replace("\x00", ""))
    if not asked:
        return None
    conditions = [Question.store_id == store_id, Question.key == asked, Article.status == "published"]
    if product_ids:
        named = Article.product_ids.overlap(sa.cast(list(product_ids), sa.ARRAY(sa.Text)))
        conditions.append(named | (sa.func.cardinality(Article.product_ids) == 0))
    query = (
        sa.select(Article)
        .join(Question, Question.article_id == Article.id)
        .where(*conditions, *articles.holds(at))
        .order_by(
            (Article.locale == locale).desc(),
            (sa.func.cardinality(Article.product_ids) > 0).is_(bool(product_ids)).desc(),
            Article.updated_at.desc(),
        )
        .limit(MOST_ALIKE)
    )
    found = (await session.scalars(query)).all()
    rivals = {article.id for article in found if article.locale == found[0].locale and article.product_ids}
    if not found or (not product_ids and found[0].product_ids and len(rivals) > 1):
        return None
    return found[0]


async def similar(
    session: AsyncSession, store_id: uuid.UUID, dense: Dense, *, locale: str | None, k: int, at: datetime
) -> list[tuple[str, uuid.UUID, float]]:
    """The curated questions nearest in meaning, one wording of each article: wording, article, cosine.

    All of the store's wordings are compared: they are written by hand, so that there are some thousands at most.
    """
    kind = f"halfvec({len(dense.vector)})"
    query = sa.text(
        f"""
        SELECT title, id, cosine FROM (
            SELECT DISTINCT ON (a.id) a.id, q.wording AS title,
                1 - (CAST(v.embedding AS {kind}) <=> CAST(:vector AS {kind})) AS cosine
            FROM question_vectors v JOIN questions q ON q.id = v.question_id JOIN articles a ON a.id = q.article_id
            WHERE v.store_id = :store AND v.embedder = {int(dense.number)} AND a.status = 'published'
                AND (a.valid_from IS NULL OR a.valid_from <= :at) AND (a.valid_to IS NULL OR a.valid_to > :at)
                AND (CAST(:locale AS text) IS NULL OR a.locale = :locale)
            ORDER BY a.id, cosine DESC
        ) best ORDER BY cosine DESC LIMIT :k
        """  # noqa: S608 -- a number and a type of ours
    )
    vector = "[" + ",".join(f"{value:.5f}" for value in dense.vector) + "]"
    parameters = {"vector": vector, "store": store_id, "at": at, "locale": locale, "k": k}
    rows = await session.execute(query, parameters)
    return [(title, article_id, float(cosine)) for title, article_id, cosine in rows]
