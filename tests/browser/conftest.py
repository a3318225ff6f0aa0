"""A real Chromium against the real application."""

import os
import shutil
from collections.abc import AsyncIterator
from typing import Any

import httpx
import psycopg
import pytest
from playwright.async_api import Browser, Page, Playwright, async_playwright, expect
from visiting import EMAIL, PASSWORD, PATIENCE_MS, Site, Visit, Visitor, signed_in

from builders import a_shop, publishable_key, secret_key
from xiaoer import stores
from xiaoer.db.embedded import EmbeddedPostgres
from xiaoer.desk.desk import Desk, open_desk
from xiaoer.knowledge.embedding import BundledEmbedder
from xiaoer.settings import ModelSettings, Settings
from xiaoer.staff import passwords, people
from xiaoer.web.client import served

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=LocalNetworkAccessChecks",
]  # Chromium as root, without calls home; a made-up shop page counts as public and may call this machine all the same

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a Chromium the tests that need one are left out, unless everything is asked for."""
    if shutil.which("chromium") or os.environ.get("XIAOER_REQUIRE_ALL"):
        return
    config.hook.pytest_deselected(items=[item for item in items if "browser" in item.keywords])
    items[:] = [item for item in items if "browser" not in item.keywords]


@pytest.fixture(scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as started:
        yield started


@pytest.fixture(scope="session")
async def chromium(playwright: Playwright) -> AsyncIterator[Browser]:
    browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
    yield browser
    await browser.close()


@pytest.fixture(scope="module")
async def site_desk(
    request: pytest.FixtureRequest,
    postgres: EmbeddedPostgres,
    template: str,
    embedder: BundledEmbedder,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Desk]:
    """`shop` of the builders; one for a module, each of whose tests has a customer of its own."""
    name = f"browsed_{request.module.__name__}"
    with psycopg.connect(postgres.url().replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path_factory.mktemp("desk"),
        database_url=postgres.url(name),
        model=ModelSettings(enabled=False),
        messages_per_minute=1000,
        conversations_per_minute=1000,
    )
    async with open_desk(settings, embedder=embedder) as desk:
        await a_shop(desk)
        yield desk


@pytest.fixture(scope="module")
async def site(site_desk: Desk) -> AsyncIterator[Site]:
    """The shop as browsers see it."""
    headers = {"Authorization": f"Bearer {await secret_key(site_desk)}"}
    async with served(site_desk) as address, httpx.AsyncClient(base_url=address, headers=headers) as merchant:
        yield Site(address, await publishable_key(site_desk), merchant)


@pytest.fixture
async def visit(chromium: Browser, site: Site) -> AsyncIterator[Visit]:
    """Makes visitors; at the end none of their pages may have complained."""
    visitors: list[Visitor] = []

    async def arrive(**settings: Any) -> Visitor:
        asked = {"locale": "zh-CN", "viewport": {"width": 1000, "height": 800}, "reduced_motion": "reduce", **settings}
        visitors.append(Visitor(await chromium.new_context(**asked), site))
        return visitors[-1]

    yield arrive
    for visitor in visitors:
        await visitor.context.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


@pytest.fixture
async def visitor(visit: Visit) -> Visitor:
    return await visit()


@pytest.fixture(scope="module")
async def account(site_desk: Desk) -> None:
    async with site_desk.database.sessions.begin() as session:
        store = await stores.by_slug(session, "shop")
        person = await people.add(session, store.id, email=EMAIL, name="小林", role="owner")
        person.password_digest = await passwords.digest_of(PASSWORD)


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    """Where the owner's session is kept: signing in for every test would be too often for the server."""
    return {}


@pytest.fixture
async def console(visit: Visit, site: Site, account: None, kept: dict[str, Any]) -> Page:
    """The console, with the owner signed in."""
    visitor = await visit(viewport={"width": 1440, "height": 900}, storage_state=kept.get("state"))
    page = await signed_in(visitor, site, already="state" in kept)
    kept["state"] = await visitor.context.storage_state()
    return page
