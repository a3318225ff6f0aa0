"""Desks that earlier versions left behind open, migrate and answer."""

import asyncio
import html
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
import sqlalchemy as sa

import kept_desk
from builders import Customer, publishable_key, repeat_material
from xiaoer.cli.backing import restore
from xiaoer.db.embedded import EmbeddedPostgres
from xiaoer.desk.desk import Desk, open_desk
from xiaoer.identity.tables import IdentityKey
from xiaoer.knowledge.embedding import BundledEmbedder
from xiaoer.llm.scripted import ScriptedModel
from xiaoer.settings import Settings
from xiaoer.web.server import create_app

KEPT = sorted(kept_desk.FOLDER.glob("desk_*.tar.gz"))


@pytest.fixture(params=KEPT, ids=lambda path: path.name.partition(".")[0])
def restored(
    request: pytest.FixtureRequest, postgres: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """The settings of a desk that was restored and not opened yet."""
    name = request.param.name.partition(".")[0]
    address = postgres.url().replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    monkeypatch.setenv("XIAOER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("XIAOER_DATABASE_URL", postgres.url(name))
    restore(request.param)
    yield Settings(_env_file=None)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def old_desk(restored: Settings, embedder: BundledEmbedder) -> AsyncIterator[Desk]:
    async with open_desk(restored, model=ScriptedModel(rule=repeat_material), embedder=embedder) as opened:
        yield opened


@pytest.fixture
async def browser(old_desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(old_desk))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk", timeout=60) as opened:
        yield opened


async def test_an_old_desk_answers_from_what_it_knew(browser: httpx.AsyncClient, old_desk: Desk) -> None:
    customer = await Customer.arrive(browser, await publishable_key(old_desk))
    assert "满 99 元包邮" in (await customer.ask("包邮吗"))["text"]
    told = await customer.ask("无理由退货的运费由谁承担")
    assert "退货运费由买家承担" in told["text"]
    assert told["sources"][0]["title"] == "退货政策"
    async with asyncio.timeout(60):
        await old_desk.knowledge.settled()


async def test_an_old_desk_knows_its_buyers_and_their_orders(browser: httpx.AsyncClient, old_desk: Desk) -> None:
    async with old_desk.database.sessions() as session:
        sealed = (await session.scalars(sa.select(IdentityKey.sealed))).one()
    token = kept_desk.vouched(old_desk.seal.open(sealed))
    buyer = await Customer.arrive(browser, await publishable_key(old_desk), customer={"token": token})
    assert kept_desk.ORDER in (await buyer.ask("我的订单"))["text"]


async def test_staff_of_an_old_desk_sign_in_and_find_the_thread_the_file_and_the_ticket(
    browser: httpx.AsyncClient, old_desk: Desk
) -> None:
    form = {"email": kept_desk.OWNER, "password": kept_desk.PASSWORD}
    assert (await browser.post("/console/sign-in", data=form)).status_code == 303
    inbox = (await browser.get("/console?queue=waiting")).text
    link = re.search(r'href="(/console\?[^"]*\bc=[^"]+)"', inbox)
    assert link
    thread = (await browser.get(html.unescape(link[1]))).text
    assert kept_desk.COMPLAINT in thread
    picture = re.search(r'<img[^>]* src="(/[^"]*files/[^"]+)"', thread)
    assert picture
    assert (await browser.get(html.unescape(picture[1]))).content == kept_desk.PICTURE
    assert "T-1001" in (await browser.get("/console/tickets")).text
