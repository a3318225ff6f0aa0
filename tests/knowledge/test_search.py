"""Finding passages through the door, with the bundled embedder and a real database."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xiaoer import stores
from xiaoer.db.database import Database
from xiaoer.db.record import now
from xiaoer.knowledge.documents import Document
from xiaoer.knowledge.embedding import BundledEmbedder
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.knowledge.tables import passage_vectors
from xiaoer.stores import Store

RETURNS = Document("returns", "退货政策", "签收之日起七天内可以无理由退货。退货运费由买家承担。", locale="zh")
SHIPPING = Document("shipping", "配送说明", "下单后四十八小时内发货。偏远地区需要五到七天送达。", locale="zh")
INVOICE = Document(
    "invoice", "Invoices", "We send an electronic invoice by e-mail after you confirm receipt.", locale="en"
)


@pytest.fixture
async def knowledge(database: Database, embedder: BundledEmbedder) -> AsyncIterator[Knowledge]:
    opened = Knowledge(database, embedder)
    await opened.start()
    yield opened
    await opened.close()


async def keys(knowledge: Knowledge, store: Store, query: str, **more) -> list[str]:
    hits = await knowledge.search(store.id, query, **more)
    return [(await knowledge.article(store.id, hit.article_id)).key for hit in hits]


async def test_a_question_finds_its_passage_in_its_own_language_and_in_another(knowledge, store):
    await knowledge.save_all(store.id, [RETURNS, SHIPPING, INVOICE])
    await knowledge.settled()
    assert (await keys(knowledge, store, "多久可以退货"))[0] == "returns"
    assert (await keys(knowledge, store, "How many days until you ship my order?"))[0] == "shipping"


async def test_a_passage_without_a_vector_is_found_by_its_words_at_once(database, embedder, store):
    idle = Knowledge(database, embedder)  # never started: nothing is embedded
    await idle.save_all(store.id, [RETURNS, SHIPPING])
    assert (await keys(idle, store, "退货运费"))[0] == "returns"
    assert (await idle.search(store.id, "退货运费"))[0].scores.cosine is None


async def test_an_edit_is_live_at_once_here_and_in_another_process(database, embedder, knowledge, store):
    other = Knowledge(database, embedder)
    article_id = await knowledge.save(store.id, RETURNS)
    assert await other.search(store.id, "退货")
    await knowledge.save(store.id, Document("returns", "退货政策", "签收之日起三十天内可以退货。", locale="zh"))
    found = await other.search(store.id, "退货")
    assert ["三十天" in hit.text for hit in found] == [True]
    await knowledge.delete(store.id, article_id)
    assert await other.search(store.id, "退货") == []
    assert await knowledge.search(store.id, "退货") == []


async def test_what_has_ended_or_not_begun_or_is_a_draft_is_not_found(knowledge, store):
    moment = now()
    hour = timedelta(hours=1)
    await knowledge.save_all(
        store.id,
        [
            Document("ended", "优惠", "满三百减五十，已经结束的优惠。", valid_to=moment - hour),
            Document("later", "优惠", "满三百减五十，还没开始的优惠。", valid_from=moment + hour),
            Document("draft", "优惠", "满三百减五十，草稿里的优惠。", status="draft"),
            Document("open", "优惠", "满三百减五十，现在的优惠。", valid_from=moment - hour, valid_to=moment + hour),
        ],
    )
    await knowledge.settled()
    assert await keys(knowledge, store, "满三百减五十的优惠") == ["open"]
    assert "ended" in await keys(knowledge, store, "满三百减五十的优惠", at=moment - 2 * hour)
    draft = next(each for each in await knowledge.articles(store.id) if each.key == "draft")
    await knowledge.publish(store.id, draft.id)
    assert set(await keys(knowledge, store, "满三百减五十的优惠")) == {"open", "draft"}


async def test_passages_about_other_products_are_left_out(knowledge, store):
    await knowledge.save_all(
        store.id,
        [
            Document("a", "保修", "热水器 F6033 整机保修三年。", product_ids=("F6033",)),
            Document("b", "保修", "洗碗机 W500 整机保修两年。", product_ids=("W500",)),
            Document("c", "保修", "所有商品都凭发票保修。"),
        ],
    )
    await knowledge.settled()
    assert await keys(knowledge, store, "保修多久", product_ids=["W500"]) == ["b", "c"]
    assert await keys(knowledge, store, "商品w500保修多久") == ["b", "c"]
    assert set(await keys(knowledge, store, "保修多久")) == {"a", "b", "c"}


async def test_of_translations_the_wished_language_comes_first(knowledge, store):
    await knowledge.save_all(
        store.id,
        [
            Document("zh", "退货", "七天内可以无理由退货。", locale="zh"),
            Document("en", "Returns", "You may return goods within seven days, no reason needed.", locale="en"),
            Document("vi", "Trả hàng", "Bạn có thể trả hàng trong bảy ngày mà không cần lý do.", locale="vi"),
        ],
    )
    await knowledge.settled()
    questions = {"zh": "可以退货吗", "en": "Can I return goods?", "vi": "Tôi có thể trả hàng không?"}
    for locale, question in questions.items():
        assert (await keys(knowledge, store, question, locale=locale))[0] == locale


async def test_the_search_of_one_store_never_shows_another(knowledge, database, store):
    async with database.sessions.begin() as session:
        other = await stores.create(session, "other", {})
    await knowledge.save(other.id, RETURNS)
    await knowledge.settled()
    assert await knowledge.search(store.id, "退货") == []
    assert await knowledge.similar_questions(store.id, "退货") == []


async def test_a_hit_says_why_and_carries_its_sentences(knowledge, store):
    await knowledge.save(store.id, RETURNS)
    await knowledge.settled()
    hit = (await knowledge.search(store.id, "退货运费谁承担", locale="zh"))[0]
    assert hit.score == pytest.approx(hit.scores.dense + hit.scores.lexical + hit.scores.boost)
    assert 0 < hit.scores.lexical <= 1
    assert {"dense", "lexical", "cosine", "best_sentence"} <= hit.scores.explained().keys()
    best = max(hit.sentences, key=lambda sentence: sentence.score)
    assert best.text == "退货运费由买家承担。"
    assert best.cosine == pytest.approx(hit.scores.best, abs=0.01)


async def test_until_sentences_have_vectors_each_is_as_near_as_its_passage(database, knowledge, store):
    await knowledge.save(store.id, RETURNS)
    await knowledge.settled()
    await knowledge._indexer.close()  # which would make them again
    async with database.sessions.begin() as session:
        await session.execute(sa.update(passage_vectors).values(sentences=None))
    hit = (await knowledge.search(store.id, "退货运费谁承担", locale="zh"))[0]
    assert {sentence.cosine for sentence in hit.sentences} == {hit.scores.cosine}
    assert max(hit.sentences, key=lambda sentence: sentence.score).text == "退货运费由买家承担。"


async def test_tags_narrow_the_search(knowledge, store):
    await knowledge.save_all(
        store.id, [Document("a", "甲", "退货说明一。", tags=("app",)), Document("b", "乙", "退货说明二。")]
    )
    assert await keys(knowledge, store, "退货说明", tags=["app"]) == ["a"]


@pytest.mark.parametrize(
    "query", ["", " ", "😀😀", "\x00", "退货\x00", "？！", "'; DROP TABLE passages; --", "%s :ids {near}"]
)
async def test_odd_queries_do_no_harm(knowledge, store, query):
    assert await knowledge.search(store.id, query) == []
    await knowledge.save(store.id, RETURNS)
    assert len(await knowledge.search(store.id, query)) <= 1


async def test_a_huge_query_is_cut_and_answered(knowledge, store):
    await knowledge.save(store.id, RETURNS)
    await knowledge.settled()
    async with asyncio.timeout(60):  # whole, it would take minutes
        assert await knowledge.search(store.id, "退货怎么办，" * 20_000)


async def test_a_store_without_passages_has_no_hits(knowledge, store):
    assert await knowledge.search(store.id, "退货") == []


async def test_text_with_nul_and_broken_characters_is_stored_without_them(knowledge, store):
    article_id = await knowledge.save(store.id, Document("k\x00", "退\x00货", "七天\ud800内\x00退货。"))
    assert (await knowledge.article(store.id, article_id)).text == "七天内退货。"


async def test_repeated_text_is_shown_once(knowledge, store):
    await knowledge.save_all(store.id, [Document(key, "运费", "满九十九元包邮。") for key in "abc"])
    assert len(await knowledge.search(store.id, "包邮")) == 1


@given(st.text(max_size=300))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_text_can_be_searched(knowledge, store, query):
    await knowledge.save(store.id, RETURNS)
    assert len(await knowledge.search(store.id, query)) <= 1


async def test_the_only_answer_is_found_though_it_stands_among_texts_in_the_customers_own_language(knowledge, store):
    await knowledge.save_all(store.id, [RETURNS, SHIPPING, INVOICE])
    await knowledge.settled()
    assert (await keys(knowledge, store, "电子发票什么时候发到邮箱"))[0] == "invoice"
