"""A fresh, migrated database for every test, cut from a template on one embedded PostgreSQL."""

import itertools
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from builders import Customer, a_shop, publishable_key, repeat_material
from xiaoer import stores
from xiaoer.db.database import Database
from xiaoer.db.embedded import EmbeddedPostgres
from xiaoer.desk.desk import Desk, open_desk
from xiaoer.knowledge.embedding import BundledEmbedder
from xiaoer.llm.scripted import ScriptedModel
from xiaoer.settings import Settings
from xiaoer.stores import Store
from xiaoer.web.client import served as served_desk
from xiaoer.web.server import create_app

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    with tempfile.TemporaryDirectory(prefix="xiaoer-test-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        # Nothing here outlives the tests, so nothing waits for the disk: a database costs 50 ms and not 500.
        for unneeded in ("fsync", "full_page_writes", "synchronous_commit"):
            _execute(server, f"ALTER SYSTEM SET {unneeded} = off")
        _execute(server, "SELECT pg_reload_conf()")
        yield server
        server.stop()


def _execute(postgres: EmbeddedPostgres, statement: str) -> None:
    with psycopg.connect(postgres.url().replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture(scope="session")
async def template(postgres: EmbeddedPostgres) -> str:
    _execute(postgres, "CREATE DATABASE template_xiaoer")
    database = await Database.open(url=postgres.url("template_xiaoer"), data_dir=Path())
    await database.close()
    return "template_xiaoer"


@pytest.fixture(scope="session")
async def shop_template(
    postgres: EmbeddedPostgres, template: str, embedder: BundledEmbedder, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """A database with a small shop in it, its texts embedded once for all tests."""
    _execute(postgres, f"CREATE DATABASE template_shop TEMPLATE {template}")
    folder = tmp_path_factory.mktemp("shop")
    settings = Settings(_env_file=None, data_dir=folder, database_url=postgres.url("template_shop"))
    async with open_desk(settings, model=ScriptedModel(), embedder=embedder) as desk:
        await a_shop(desk)
    return "template_shop"


@contextmanager
def _copy(postgres: EmbeddedPostgres, template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    _execute(postgres, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield postgres.url(name)
    _execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database_url(postgres: EmbeddedPostgres, template: str) -> Iterator[str]:
    """The address of an empty database of this test's own."""
    with _copy(postgres, template) as url:
        yield url


@pytest.fixture
def shop_url(postgres: EmbeddedPostgres, shop_template: str) -> Iterator[str]:
    """The address of a database of this test's own, with the small shop in it."""
    with _copy(postgres, shop_template) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(url=database_url, data_dir=Path(), pool_size=5)
    yield database
    await database.close()


@pytest.fixture
async def store(database: Database) -> Store:
    """A store named `shop`."""
    async with database.sessions.begin() as session:
        return await stores.create(session, "shop", {"name": {"zh": "小店", "en": "The shop"}, "locales": ["zh", "en"]})


@pytest.fixture
def model() -> ScriptedModel:
    """The desk's model: it repeats the first piece of material it is given."""
    return ScriptedModel(rule=repeat_material)


@pytest.fixture
async def desk(shop_url: str, tmp_path: Path, model: ScriptedModel, embedder: BundledEmbedder) -> AsyncIterator[Desk]:
    """A whole desk with a small shop in it, on a database of its own."""
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path,
        database_url=shop_url,
        messages_per_minute=1000,
        conversations_per_minute=1000,
    )
    async with open_desk(settings, model=model, embedder=embedder) as opened:
        yield opened


@pytest.fixture(scope="session")
def embedder() -> BundledEmbedder:
    return BundledEmbedder()


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """A browser-like client without a key, over the application in this process."""
    transport = httpx.ASGITransport(create_app(desk), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk", timeout=60) as opened:
        yield opened


@pytest.fixture
async def customer(client: httpx.AsyncClient, desk: Desk) -> Customer:
    """A customer who has just opened a conversation."""
    return await Customer.arrive(client, await publishable_key(desk))


@pytest.fixture
async def served(desk: Desk) -> AsyncIterator[str]:
    """The address of a real server over the desk, for open streams and browsers."""
    async with served_desk(desk) as address:
        yield address
