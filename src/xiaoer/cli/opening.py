"""The database and the store that a command is about."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from xiaoer import stores, telemetry
from xiaoer.db.database import Database
from xiaoer.settings import Settings
from xiaoer.stores import Store


@asynccontextmanager
async def opened(settings: Settings, slug: str | None) -> AsyncIterator[tuple[Database, Store]]:
    """The database, and the store of that name or the only one. A running server uses what is saved here at once.

    Raises `UnknownStore` with the names there are.
    """
    telemetry.configure_logging("warning", json_lines=False)
    url = settings.database_url.get_secret_value() if settings.database_url else None
    database = await Database.open(url=url, data_dir=settings.data_dir, pool_size=3)
    try:
        async with database.sessions() as session:
            shop = await stores.meant(session, slug)
        yield database, shop
    finally:
        await database.close()
