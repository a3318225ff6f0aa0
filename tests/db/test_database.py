"""The database: migrations on start, alone and by several at once."""

import asyncio
import os
import signal
import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from xiaoer import customers, stores
from xiaoer.conversations import tables as _conversations  # noqa: F401  # its tables count too
from xiaoer.db.database import OUTAGES, Database, DatabaseUnavailable
from xiaoer.db.embedded import EmbeddedPostgres
from xiaoer.db.record import Record


async def test_several_processes_may_start_on_an_empty_database_at_once(postgres: EmbeddedPostgres) -> None:
    admin = await Database.open(url=postgres.url(), data_dir=Path())
    async with admin.engine.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(
            sa.text("CREATE DATABASE race")
        )
    opened = await asyncio.gather(*(Database.open(url=postgres.url("race"), data_dir=Path()) for _ in range(4)))
    async with opened[0].sessions.begin() as session:
        await stores.create(session, "one", {})
    async with opened[3].sessions() as session:
        assert (await stores.by_slug(session, "one")).slug == "one"
    for database in [*opened, admin]:
        await database.close()


async def test_the_migrations_make_exactly_what_the_records_say(database: Database) -> None:
    async with database.engine.connect() as connection:
        found = await connection.run_sync(
            lambda c: {
                table: {column["name"]: column["nullable"] for column in sa.inspect(c).get_columns(table)}
                for table in sa.inspect(c).get_table_names()
                if table != "alembic_version"
            }
        )
    expected = {
        table.name: {column.name: column.nullable for column in table.columns}
        for table in Record.metadata.sorted_tables
    }
    assert found == expected


async def test_what_postgresql_cannot_hold_is_left_out_wherever_it_stands(database: Database) -> None:
    wild = {"a\x00": ["b\x00c", {"d": "\ud800e"}], "f": "\\u0000", "g": "您好 \U0001f600"}
    async with database.sessions.begin() as session:
        store = await stores.create(session, "wild", {})
        customer = await customers.arrive(session, store.id, external_id="7\x00", name="A\x00\udfffda", locale=None)
        await customers.remember(session, customer.id, wild)
        nobody = await customers.arrive(session, store.id, external_id="\x00", name=None, locale=None)
        assert nobody.external_id is None
    async with database.sessions() as session:
        kept = await session.get_one(customers.Customer, customer.id)
        assert (kept.external_id, kept.name) == ("7", "Ada")
        assert kept.facts == {"a": ["bc", {"d": "e"}], "f": "\\u0000", "g": "您好 \U0001f600"}
        texts = sa.func.array_to_string(sa.cast(["x\x00", "y"], sa.ARRAY(sa.Text)), ",")
        assert await session.scalar(sa.select(texts)) == "x,y"


async def test_the_embedded_server_is_started_again_when_it_was_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xiaoer.db.database.LOOK_SECONDS", 0.1)
    with tempfile.TemporaryDirectory(prefix="xiaoer-test-") as folder:  # which the database's own user may enter
        database = await Database.open(url=None, data_dir=Path(folder))
        async with database.sessions.begin() as session:
            await stores.create(session, "kept", {})
        os.kill(int((Path(folder) / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        async with asyncio.timeout(60):
            while True:
                try:
                    await database.check()
                    async with database.sessions() as session:
                        assert (await stores.by_slug(session, "kept")).slug == "kept"
                except (*OUTAGES, DatabaseUnavailable):
                    await asyncio.sleep(0.1)
                    continue
                break
        await database.close()
        assert not (Path(folder) / "postgres" / "postmaster.pid").exists()
