"""The plain pages: health, metrics, the chat page; and the database gone for a while."""

import tempfile
from pathlib import Path

import httpx
import pytest

from builders import Customer, a_shop, publishable_key, repeat_material
from xiaoer.db.embedded import EmbeddedPostgres
from xiaoer.desk.desk import Desk, open_desk
from xiaoer.knowledge.embedding import BundledEmbedder
from xiaoer.llm.scripted import ScriptedModel
from xiaoer.settings import Settings
from xiaoer.web.server import create_app


async def test_health_readiness_and_metrics_answer(client: httpx.AsyncClient, customer: Customer) -> None:
    assert (await client.get("/healthz")).json()["status"] == "ok"
    assert "scripted" in (await client.get("/readyz")).json()["model"]
    await customer.ask("包邮吗")
    text = (await client.get("/metrics")).text
    assert 'xiaoer_turns_total{language="zh",outcome="done",route="curated"}' in text
    assert "xiaoer_first_text_seconds_bucket" in text


async def test_it_is_not_ready_before_what_the_first_customers_would_wait_for_is_done(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    desk.is_preparing = True  # as `xiaoer serve` says before it listens
    early = await client.get("/readyz")
    assert (early.status_code, early.json()["status"]) == (503, "starting")
    assert int(early.headers["Retry-After"]) >= 1
    await desk.prepare()
    assert (await client.get("/readyz")).json()["status"] == "ok"


@pytest.mark.parametrize(("locale", "words"), [("zh", "小店"), ("en", "The shop")])
async def test_the_chat_page_is_usable_before_any_script_runs(
    client: httpx.AsyncClient, locale: str, words: str
) -> None:
    page = await client.get("/chat", params={"locale": locale})
    assert page.status_code == 200
    assert words in page.text
    assert "<form" in page.text
    assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"].partition("script-src")[2]


async def test_an_unknown_store_is_a_clear_404(client: httpx.AsyncClient) -> None:
    answer = await client.get("/chat", params={"store": "nowhere"})
    assert (answer.status_code, answer.json()["error"]) == (404, "UnknownStore")


async def test_the_database_gone_for_a_while_is_503_and_recovers_by_itself(
    tmp_path: Path, embedder: BundledEmbedder
) -> None:
    with tempfile.TemporaryDirectory(prefix="xiaoer-outage-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        settings = Settings(_env_file=None, data_dir=tmp_path, database_url=server.url())
        async with open_desk(settings, model=ScriptedModel(rule=repeat_material), embedder=embedder) as desk:
            await a_shop(desk)
            transport = httpx.ASGITransport(create_app(desk), raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://desk", timeout=60) as client:
                customer = await Customer.arrive(client, await publishable_key(desk))
                server.stop()
                away = await customer.send("包邮吗")
                assert away.status_code == 503
                assert int(away.headers["Retry-After"]) >= 1
                assert set(away.json()) == {"error", "detail"}
                assert (await client.get("/readyz")).status_code == 503
                assert (await client.get("/healthz")).status_code == 200
                server = EmbeddedPostgres(Path(folder) / "postgres")
                assert (await customer.ask("包邮吗"))["route"] == "curated"
        server.stop()
