"""How quick the figures page stays on a year of a busy shop: made up, written straight into the tables."""

import time
import uuid
from datetime import timedelta

import sqlalchemy as sa

from xiaoer import stores
from xiaoer.bench.machine import percentile
from xiaoer.db.database import Database
from xiaoer.db.record import now
from xiaoer.reports import visits
from xiaoer.reports.figures import figures

ROUNDS = 5
TALK = 5
"""Messages of a made-up conversation: question, answer, question, answer, and sometimes a person."""
_CONVERSATIONS = """
INSERT INTO conversations (id, store_id, customer_id, token_digest, channel, language, last_position, created_at)
SELECT md5(:store || 'c' || n)::uuid, CAST(:store AS uuid), md5(:store || 'p' || n % :people)::uuid, :store || n,
    (ARRAY['web', 'web', 'wechat', 'api'])[1 + n % 4], (ARRAY['zh', 'zh', 'zh', 'en', 'vi', 'th'])[1 + n % 6], 5,
    :until - n * (interval '365 days' / :count)
FROM generate_series(1, :count) n
"""
_PEOPLE = """
INSERT INTO customers (id, store_id) SELECT md5(:store || 'p' || n)::uuid, CAST(:store AS uuid)
FROM generate_series(0, :people) n
"""
_MESSAGES = """
INSERT INTO messages (id, store_id, conversation_id, position, author, text, language, answer_state, answers, outcome,
    route, evidence, feedback_score, created_at)
SELECT md5(c.id::text || k)::uuid, c.store_id, c.id, k,
    CASE WHEN k IN (1, 3) THEN 'customer' WHEN k IN (2, 4) THEN 'assistant'
        WHEN h % 8 = 0 THEN 'staff' ELSE 'system' END,
    CASE WHEN k IN (1, 3) THEN '问题 ' || (h / 7 + k) % 900 || ' 怎么办？' ELSE '答复的文字，长短如平常一句话。' END,
    c.language, CASE WHEN k IN (1, 3) THEN 'answered' END,
    CASE WHEN k IN (2, 4) THEN md5(c.id::text || (k - 1))::uuid END,
    CASE WHEN k = 4 AND h % 8 = 0 THEN 'handoff' WHEN k IN (2, 4) THEN 'done' END,
    CASE WHEN k IN (2, 4) THEN (ARRAY['curated', 'cache', 'flow', 'model', 'extract', 'refuse'])[1 + (h + k) % 6] END,
    CASE WHEN k IN (2, 4) THEN jsonb_build_object(
        'reason', 'asked', 'withheld', '[]'::jsonb, 'tokens', '{"prompt": 310, "completion": 42}'::jsonb,
        'understood', jsonb_build_object('topic', (ARRAY['consultation', 'transaction', 'after_sales'])[1 + h % 3]),
        'timings_ms', jsonb_build_object('total', 5 + h % 1900, 'first_text', 2 + h % 700)) ELSE '{}'::jsonb END,
    CASE WHEN k = 2 AND h % 11 = 0 THEN 1 + h % 5 END, c.created_at + k * interval '20 seconds'
FROM (SELECT *, abs(hashtext(id::text)) AS h FROM conversations WHERE store_id = CAST(:store AS uuid)) c,
    generate_series(1, 5) k
"""


async def measure(database: Database, *, messages: int) -> dict[str, dict[str, float]]:
    """Fill a store with so many messages over a year, settle it, and ask for the figures; milliseconds and seconds."""
    async with database.sessions.begin() as session:
        store = await stores.create(session, f"figures-{uuid.uuid4().hex[:8]}", {})
    count = messages // TALK
    values = {
        "store": str(store.id),
        "count": count,
        "people": max(1, count // 3),
        "until": now() - timedelta(minutes=5),
    }
    started = time.perf_counter()
    async with database.sessions.begin() as session:
        for statement in (_PEOPLE, _CONVERSATIONS, _MESSAGES):
            await session.execute(sa.text(statement), values)
    filled = time.perf_counter() - started
    started = time.perf_counter()
    async with database.sessions.begin() as session:
        await visits.settle(session, store.id, now())
    settled = time.perf_counter() - started
    autocommit = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    async with autocommit.connect() as connection:
        await connection.execute(sa.text("VACUUM ANALYZE messages, conversations, visits"))
    rows = {f"{days} days": await _asked(database, store.id, days) for days in (7, 30, 90, 365)}
    started = time.perf_counter()
    async with database.sessions.begin() as session:
        await visits.settle(session, store.id, now())
    again = time.perf_counter() - started
    return {
        **rows,
        "the store": {"filled_s": round(filled, 1), "settled_s": round(settled, 1), "again_s": round(again, 2)},
    }


async def _asked(database: Database, store_id: uuid.UUID, days: int) -> dict[str, float]:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        found = await figures(database.sessions, store_id, timezone="Asia/Shanghai", days=days, at=now())
        times.append((time.perf_counter() - started) * 1000)
    return {
        "p50_ms": round(percentile(times, 50)),
        "max_ms": round(max(times)),
        "answers": found.count,
        "visits": found.matters.visits,
    }
