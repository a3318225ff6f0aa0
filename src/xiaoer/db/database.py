"""Connections, sessions, migrations on start."""

import asyncio
import contextlib
from pathlib import Path
from typing import Self

import sqlalchemy as sa
import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from xiaoer.db.embedded import DatabaseNotStarted, EmbeddedPostgres
from xiaoer.db.storable import adapt
from xiaoer.errors import Unavailable

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 7_203_114  # any number, the same in every process
LOOK_SECONDS = 2.0
"""Between looks at the embedded server's process: so long it may be dead before it is started again."""
log = structlog.get_logger(__name__)


class DatabaseUnavailable(Unavailable):
    """The database does not answer at the moment."""


class Database:
    """An open database: `sessions.begin()` is one transaction, committed at its end."""

    def __init__(self, engine: AsyncEngine, server: EmbeddedPostgres | None = None) -> None:
        self.engine = engine
        self.sessions = async_sessionmaker(engine, expire_on_commit=False)
        self._server = server
        self._keeper: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, *, url: str | None, data_dir: Path, pool_size: int = 10) -> Self:
        """Start or reach the database and bring its schema up to date.

        `url`: a PostgreSQL address; without one the embedded server runs in `data_dir`.
        Raises `DatabaseUnavailable` or `DatabaseNotStarted` with what to do.
        """
        server = None if url else await asyncio.to_thread(EmbeddedPostgres, data_dir / "postgres")
        address = make_url(url) if url else make_url(server.url())  # type: ignore[union-attr]
        engine = create_async_engine(
            address.set(drivername="postgresql+psycopg"),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
        )
        sa.event.listen(engine.sync_engine, "connect", lambda opened, _: adapt(opened.driver_connection))
        database = cls(engine, server)
        try:
            await database.migrate()
        except (SQLAlchemyError, OSError) as error:
            await database.close()
            place = address.render_as_string(hide_password=True)
            message = f"The database at {place} cannot be used: {_first_line(error)}"
            raise DatabaseUnavailable(message) from error
        if server:
            database._keeper = asyncio.create_task(_keep(server))
        return database

    async def migrate(self) -> None:
        """Bring the schema up to date; several processes may start at once, one migrates and the others wait."""
        async with self.engine.connect() as connection:
            await connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
            await connection.commit()
            try:
                await connection.run_sync(_upgrade)
                await connection.commit()
            finally:
                await connection.rollback()
                await connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
                await connection.commit()

    async def check(self) -> None:
        """Ask the database for a sign of life; raises `DatabaseUnavailable`."""
        try:
            async with self.engine.connect() as connection:
                await connection.execute(sa.text("SELECT 1"))
        except (SQLAlchemyError, OSError) as error:
            raise DatabaseUnavailable("The database does not answer. Please try again in a moment.") from error

    async def close(self) -> None:
        if self._keeper:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        await self.engine.dispose()
        if self._server:
            await asyncio.to_thread(self._server.stop)


async def _keep(server: EmbeddedPostgres) -> None:
    """Start the embedded server again when it has died: nobody else looks after it."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if server.is_running():
            continue
        log.warning("database.died")
        try:
            await asyncio.to_thread(server.start_again)
        except DatabaseNotStarted as error:
            log.warning("database.not_started", reason=error.detail)
        else:
            log.info("database.started_again")


Failure = DBAPIError
"""What a statement raises that the database refused or could not be asked."""

OUTAGES = (SQLAlchemyError, OSError)
"""What is raised while the database is away."""


def is_outage(error: BaseException) -> bool:
    """Whether `error` says that the database is gone, rather than that a statement was wrong."""
    return isinstance(error, DBAPIError) and (
        error.connection_invalidated or isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError)
    )


def _upgrade(connection: sa.Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]


Sessions = async_sessionmaker[AsyncSession]
