"""Saving, certain questions, and vectors in the background."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
import sqlalchemy as sa

from xiaoer import stores
from xiaoer.db.database import Database
from xiaoer.db.record import now
from xiaoer.errors import Invalid, NotFound
from xiaoer.knowledge import indexing, tables
from xiaoer.knowledge.articles import UnknownArticle
from xiaoer.knowledge.documents import Document
from xiaoer.knowledge.embedding import EmbedderUnavailable, Vectors, unit
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.knowledge.tables import EmbedderSet, Passage
from xiaoer.stores import Store

LONG = Document("long", "手册", "# 安装\n\n先关水。\n\n# 保养\n\n每年除垢一次。", locale="zh")
ASKED = Document("ship", "包邮吗", "满九十九元包邮。", kind="question", questions=("运费多少", "要邮费吗"), locale="zh")


class Letters:
    """An embedder for tests: a text's vector counts its characters. It can be switched off, and it keeps a list."""

    floor = 0.0
    language_gap = 0.0

    def __init__(self, name: str = "letters", dimensions: int = 64) -> None:
        self.name = name
        self.dimensions = dimensions
        self.seen: list[str] = []
        self.is_down = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def prepare(self) -> None:
        if self.is_down:
            raise EmbedderUnavailable("The embedding server does not answer.")

    async def query(self, text: str) -> Vectors:
        await self.prepare()
        return self._vector(text)

    async def passages(self, texts: Sequence[str]) -> Vectors:
        await self.gate.wait()
        await self.prepare()
        self.seen += texts
        return np.stack([self._vector(text) for text in texts])

    async def close(self) -> None:
        pass

    def _vector(self, text: str) -> Vectors:
        vector = np.zeros(self.dimensions, np.float32)
        for character in text:
            vector[ord(character) % self.dimensions] += 1
        return unit(vector)


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
async def knowledge(database: Database, letters: Letters) -> AsyncIterator[Knowledge]:
    opened = Knowledge(database, letters)
    await opened.start()
    yield opened
    await opened.close()


async def test_saving_the_same_again_changes_nothing(knowledge, letters, store):
    first = await knowledge.save(store.id, LONG)
    await knowledge.settled()
    seen = list(letters.seen)
    assert await knowledge.save(store.id, LONG) == first
    assert await knowledge.save_all(store.id, [LONG]) == 0
    await knowledge.settled()
    assert letters.seen == seen


async def test_an_edit_embeds_only_the_passages_that_changed(knowledge, letters, store):
    await knowledge.save(store.id, LONG)
    await knowledge.settled()
    letters.seen.clear()
    await knowledge.save(store.id, replace(LONG, text=LONG.text.replace("每年", "每半年")))
    await knowledge.settled()
    assert letters.seen
    assert not any("关水" in text for text in letters.seen)


async def test_a_change_of_dates_embeds_nothing_and_holds_at_once(knowledge, letters, store):
    await knowledge.save(store.id, LONG)
    await knowledge.settled()
    letters.seen.clear()
    await knowledge.save(store.id, replace(LONG, valid_to=now() - timedelta(days=1)))
    await knowledge.settled()
    assert letters.seen == []
    assert await knowledge.search(store.id, "除垢") == []


async def test_of_two_saves_of_one_key_at_once_one_article_is_left(knowledge, store):
    versions = [replace(LONG, text=f"第{number}版。") for number in range(8)]
    ids = await asyncio.gather(*(knowledge.save(store.id, version) for version in versions))
    assert len(set(ids)) == 1
    assert len(await knowledge.search(store.id, "版")) == 1


async def test_what_cannot_be_an_article_is_refused(knowledge, store):
    moment = now()
    for wrong in (Document("", "a", "b"), Document("k", "a", "b", valid_from=moment, valid_to=moment)):
        with pytest.raises(Invalid):
            await knowledge.save(store.id, wrong)


async def test_a_deleted_article_is_unknown_and_another_stores_too(knowledge, store):
    article_id = await knowledge.save(store.id, LONG)
    with pytest.raises(NotFound):
        await knowledge.delete(article_id, article_id)
    await knowledge.delete(store.id, article_id)
    with pytest.raises(UnknownArticle):
        await knowledge.article(store.id, article_id)


async def test_articles_are_listed_and_filtered(knowledge, store):
    await knowledge.save_all(store.id, [LONG, ASKED])
    assert {article.key for article in await knowledge.articles(store.id)} == {"long", "ship"}
    assert [article.key for article in await knowledge.articles(store.id, containing="除垢")] == ["long"]
    assert await knowledge.articles(store.id, containing="100%_\x00") == []


@pytest.mark.parametrize("text", ["包邮吗", "请问包邮吗？", "运费多少", "要邮费吗!", " 包 邮 吗\x00"])
async def test_the_same_question_or_a_listed_wording_is_certain(knowledge, store, text):
    await knowledge.save(store.id, ASKED)
    found = await knowledge.exact(store.id, text)
    assert found is not None
    assert found.key == "ship"


@pytest.mark.parametrize("text", ["不包邮吗", "包邮多少", "", "\x00", "😀"])
async def test_what_only_looks_alike_is_not_certain(knowledge, store, text):
    await knowledge.save(store.id, ASKED)
    assert await knowledge.exact(store.id, text) is None


async def test_certain_answers_are_published_hold_now_and_fit_product_and_language(knowledge, store):
    await knowledge.save(store.id, replace(ASKED, status="draft"))
    assert await knowledge.exact(store.id, "包邮吗") is None
    await knowledge.save(store.id, replace(ASKED, valid_to=now() - timedelta(days=1)))
    assert await knowledge.exact(store.id, "包邮吗") is None
    await knowledge.save(store.id, replace(ASKED, product_ids=("W500",)))
    assert await knowledge.exact(store.id, "包邮吗", product_ids=["X1"]) is None
    assert await knowledge.exact(store.id, "包邮吗", product_ids=["W500"]) is not None
    await knowledge.save(store.id, ASKED)
    await knowledge.save(store.id, replace(ASKED, key="ship-en", locale="en", text="Free from 99."))
    found = await knowledge.exact(store.id, "包邮吗", locale="en")
    assert found is not None
    assert found.key == "ship-en"


async def test_a_wording_of_two_products_is_certain_only_when_the_product_is_known(knowledge, store):
    await knowledge.save(store.id, replace(ASKED, product_ids=("W500",)))
    assert await knowledge.exact(store.id, "包邮吗") is not None
    await knowledge.save(store.id, replace(ASKED, key="other", product_ids=("X1",), text="不包邮。"))
    assert await knowledge.exact(store.id, "包邮吗") is None
    found = await knowledge.exact(store.id, "包邮吗", product_ids=["X1"])
    assert found is not None
    assert found.key == "other"


async def test_a_wording_taken_out_is_no_longer_certain(knowledge, store):
    await knowledge.save(store.id, ASKED)
    await knowledge.save(store.id, replace(ASKED, questions=("要邮费吗",)))
    assert await knowledge.exact(store.id, "运费多少") is None
    assert await knowledge.exact(store.id, "要邮费吗") is not None


async def test_questions_that_look_alike_are_offered_nearest_first(knowledge, store):
    await knowledge.save_all(store.id, [ASKED, Document("pay", "怎么付款", "支持微信。", kind="question", locale="zh")])
    await knowledge.settled()
    found = await knowledge.similar_questions(store.id, "运费是多少", locale="zh")
    assert [wording for wording, _, _ in found] == ["运费多少", "怎么付款"]
    assert await knowledge.similar_questions(store.id, "运费是多少", locale="en") == []


async def test_while_the_embedder_is_down_words_are_searched_and_vectors_follow_later(database, store, monkeypatch):
    monkeypatch.setattr(indexing, "RETRY_SECONDS", 0.05)
    letters = Letters()
    letters.is_down = True
    knowledge = Knowledge(database, letters)
    await knowledge.start()
    await knowledge.save(store.id, LONG)
    assert [hit.key for hit in await knowledge.search(store.id, "除垢")] == ["long"]
    letters.is_down = False
    async with asyncio.timeout(10):
        await knowledge.settled()
    assert (await knowledge.search(store.id, "除垢"))[0].scores.cosine is not None
    await knowledge.close()


async def test_a_new_embedder_takes_over_without_a_gap(database, store):
    old, new = Letters("old"), Letters("new", dimensions=32)
    before = Knowledge(database, old)
    await before.start()
    await before.save(store.id, LONG)
    await before.settled()
    await before.close()
    new.gate.clear()
    after = Knowledge(database, new, previous=old)
    await after.start()
    assert (await after.search(store.id, "除垢"))[0].scores.cosine is not None
    assert (await after.progress()).embedded == 0
    new.gate.set()
    async with asyncio.timeout(10):
        await after.settled()
    progress = await after.progress()
    assert progress.passages == progress.embedded == progress.refined == 2
    old.is_down = True
    after._asked.clear()
    assert (await after.search(store.id, "保养"))[0].scores.cosine is not None
    await after.close()


async def test_vectors_nobody_has_used_for_long_are_deleted(database, knowledge, store):
    unused = await indexing.register(database, Letters("unused"))
    async with database.sessions.begin() as session:
        long_ago = now() - indexing.KEPT_UNUSED - timedelta(hours=1)
        await session.execute(sa.update(EmbedderSet).where(EmbedderSet.number == unused).values(seen_at=long_ago))
    await knowledge.save(store.id, LONG)
    await knowledge.settled()
    async with asyncio.timeout(5), database.sessions() as session:
        while await session.scalar(sa.select(EmbedderSet.number).where(EmbedderSet.number == unused)):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_deleting_a_store_takes_its_knowledge_along(database, knowledge, store):
    await knowledge.save_all(store.id, [LONG, ASKED])
    await knowledge.settled()
    async with database.sessions.begin() as session:
        await session.delete(await session.get(Store, store.id))
    async with database.sessions() as session:
        for column in (Passage.id, tables.passage_vectors.c.passage_id, tables.question_vectors.c.question_id):
            assert await session.scalar(sa.select(sa.func.count(column))) == 0


async def test_a_small_shop_does_not_wait_for_the_import_of_a_large_one(
    database, knowledge, letters, store, monkeypatch
):
    monkeypatch.setattr(indexing, "LOOK_AHEAD", 8)
    async with database.sessions.begin() as session:
        large = await stores.create(session, "large", {})
    letters.gate.clear()
    await knowledge.save_all(large.id, [replace(LONG, key=f"{at}", title=f"手册 {at}") for at in range(60)])
    await knowledge.save_all(store.id, [LONG, ASKED])
    letters.gate.set()
    async with asyncio.timeout(20):
        await knowledge.settled(store.id)
    seen = await knowledge.progress(store.id)
    assert seen.passages == seen.embedded == seen.refined == 3
    assert (await knowledge.progress(large.id)).refined < 120
    async with asyncio.timeout(60):
        await knowledge.settled()
    assert (await knowledge.progress()).refined == 123
