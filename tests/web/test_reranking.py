"""What a reranker finds decides which passage is read first; whatever goes wrong with it, nothing else changes."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from builders import Customer, publishable_key
from rerankers import BREAKS, Counted, broken, listening, llamacpp_without_reranking, server, tei
from xiaoer.conversations.tables import CachedAnswer
from xiaoer.desk.checks import Finding, check_everything
from xiaoer.desk.desk import Desk
from xiaoer.desk.reranker import RerankKeeper
from xiaoer.llm.rerank import Reranker
from xiaoer.llm.scripted import ScriptedModel
from xiaoer.settings import ModelSettings, RerankSettings, Settings
from xiaoer.telemetry import metrics_text

NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/none"
QUESTION = "退货运费谁出"
RERANKED = re.compile(r'xiaoer_reranks_total\{outcome="(\w+)"\} (\d+)')


def prefers(word: str) -> Callable[[httpx.Request], httpx.Response]:
    """A server in vLLM's form that finds every text with this word the best."""

    def answer(request: httpx.Request) -> httpx.Response:
        texts = httpx.Response(200, content=request.content).json()["documents"]
        rows = [{"index": at, "relevance_score": float(word in text)} for at, text in enumerate(texts)]
        return httpx.Response(200, json={"results": rows})

    return answer


def reranked() -> dict[str, int]:
    return {outcome: int(count) for outcome, count in RERANKED.findall(metrics_text().decode())}


async def first_shown(desk: Desk, client: httpx.AsyncClient) -> str:
    """The first passage that a writer is shown for a question."""
    model = ScriptedModel(default="[none]", name="writer-14b")
    desk.assistant.use(model)
    await (await Customer.arrive(client, await publishable_key(desk))).ask(QUESTION)
    found = re.search(r"^\[1\] (.*)$", model.asked[0].prompt, re.MULTILINE)
    assert found is not None
    return found.group(1)


async def test_the_passage_that_a_reranker_finds_best_is_read_first(desk: Desk, client: httpx.AsyncClient) -> None:
    assert await first_shown(desk, client) == "退货政策"
    desk.assistant.rerank_with(server(prefers("顺丰快递")))
    assert await first_shown(desk, client) == "发货与物流"


async def test_without_a_model_too_what_a_reranker_finds_counts(desk: Desk, client: httpx.AsyncClient) -> None:
    desk.assistant.use(None)
    counted = Counted(prefers("退货"))
    desk.assistant.rerank_with(server(counted))
    ended = await (await Customer.arrive(client, await publishable_key(desk))).ask(QUESTION)
    assert "退货运费由买家承担" in ended["text"]
    assert counted.asked[-1]["query"] == QUESTION
    assert any(text.startswith("退货政策\n") for text in counted.asked[-1]["documents"])


@pytest.mark.parametrize("how", BREAKS)
async def test_a_reranker_that_is_broken_changes_nothing_but_a_figure(
    desk: Desk, client: httpx.AsyncClient, how: str
) -> None:
    desk.assistant.use(None)
    before: dict[str, Any] = await (await Customer.arrive(client, await publishable_key(desk))).ask(QUESTION)
    async with desk.database.sessions.begin() as session:
        await session.execute(sa.delete(CachedAnswer))
    counts = reranked()
    desk.assistant.rerank_with(server(broken(how), seconds=0.2))
    ended = await (await Customer.arrive(client, await publishable_key(desk))).ask(QUESTION)
    for name in ("text", "route", "confidence"):
        assert ended[name] == before[name]
    failed = {name: count for name, count in reranked().items() if count > counts.get(name, 0)}
    assert len(failed) == 1
    assert "reordered" not in failed


async def test_a_reranker_that_fails_again_and_again_is_left_alone(desk: Desk, client: httpx.AsyncClient) -> None:
    counted = Counted(broken("ill"))
    desk.assistant.use(None)
    desk.assistant.rerank_with(server(counted))
    customer = await Customer.arrive(client, await publishable_key(desk))
    for question in (QUESTION, "几天发货", "保修多久", "默认什么快递", "手机电池保修几个月"):
        await customer.ask(question)
    asked = len(counted.asked)
    await customer.ask("人为损坏保修吗")
    assert len(counted.asked) == asked
    assert reranked()["left_alone"] > 0


@pytest.mark.parametrize(("handler", "works"), [(tei, True), (llamacpp_without_reranking, False)])
async def test_the_reranker_that_is_set_is_asked_at_the_start_what_it_is_like(
    tmp_path: Path, handler: Callable[[httpx.Request], httpx.Response], *, works: bool
) -> None:
    used: list[Reranker] = []
    with listening(handler) as address:
        settings = Settings(_env_file=None, data_dir=tmp_path, rerank=RerankSettings(base_url=address, name="bge"))
        keeper = RerankKeeper(settings, use=used.append)
        keeper.start()
        async with asyncio.timeout(10):
            while keeper.state == "starting":  # noqa: ASYNC110 -- no event tells of it
                await asyncio.sleep(0.02)
        assert ("not available" in keeper.state) is not works
        assert address in keeper.state
        assert [each.name for each in used] == ["bge"]
        finding = await _reranker_found(settings)
        assert finding.ok is works
        assert address in finding.detail
        await keeper.close()


async def test_a_name_that_is_no_rerankers_is_told_with_those_that_are(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path, rerank=RerankSettings(name="qwen3-14b"))
    keeper = RerankKeeper(settings, use=lambda _: None)
    keeper.start()
    await asyncio.sleep(0.05)
    assert "bge-reranker-v2-m3" in keeper.state
    await keeper.close()


async def _reranker_found(settings: Settings) -> Finding:
    """What the doctor says of the reranker, with nothing else to look at that takes long."""
    quick = settings.model_copy(update={"model": ModelSettings(enabled=False), "database_url": SecretStr(NOWHERE)})
    return next(each for each in await check_everything(quick) if each.part == "reranker")
