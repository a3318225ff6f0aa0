"""Products and orders of shops that have no system to ask: tables go into our own."""

import asyncio
from dataclasses import dataclass
from typing import Literal

from xiaoer.commerce import filling, links
from xiaoer.commerce.links import Links
from xiaoer.commerce.uploads import BadUpload, Upload, read_table
from xiaoer.db.database import Database
from xiaoer.errors import Conflict
from xiaoer.knowledge.reading import rows
from xiaoer.knowledge.reading.problems import Limits
from xiaoer.stores import Store

UploadKind = Literal["products", "orders"]
SOURCE = "upload"


class LinkedElsewhere(Conflict):
    """The store asks another system: what is uploaded would never be read."""


@dataclass(frozen=True)
class Taken:
    """How many products and orders a file held. `notes` say which rows were left out, and why."""

    products: int
    orders: int
    notes: tuple[str, ...]


async def upload(
    database: Database,
    shops: Links,
    store: Store,
    data: bytes,
    *,
    name: str,
    kind: UploadKind | None = None,
    currency: str = "CNY",
    limits: Limits,
) -> Taken:
    """Save what a table holds. Products that an earlier table had and this has not go off sale.

    `kind` refuses a table of the other kind. Raises `BadUpload`, `LinkedElsewhere` and `Unreadable`.
    """
    linked = await shops.linked(store.id)
    if linked is not None and linked.kind != "stored":
        raise LinkedElsewhere(f"This store is linked to {linked.kind}. Unlink that first: `xiaoer commerce unlink`.")
    found = await asyncio.to_thread(_read, data, name, limits, currency, store)
    for each in found:
        if kind is not None and each.kind != kind:
            raise BadUpload(f"The table holds {each.kind}, not {kind}.")
    async with database.sessions.begin() as session:
        for each in found:
            await filling.fill(session, store.id, each.goods, SOURCE, merge=True)
        if linked is None:
            await links.keep_own(session, store.id, ())
    return Taken(
        products=sum(len(each.goods.products) for each in found),
        orders=sum(len(each.goods.orders) for each in found),
        notes=tuple(note for each in found for note in each.notes),
    )


def _read(data: bytes, name: str, limits: Limits, currency: str, store: Store) -> list[Upload]:
    """Every sheet that is understood; raises `BadUpload` where none is."""
    uploads: list[Upload] = []
    problem: BadUpload | None = None
    for table in rows.sheets(data, name, limits):
        try:
            uploads.append(
                read_table(
                    table.rows,
                    exact={(row, column): text for row, column, text in table.exact},
                    numbers=table.numbers,
                    currency=currency,
                    language=store.profile.locales[0],
                    timezone=store.profile.timezone,
                )
            )
        except BadUpload as error:
            problem = problem or error
    if not uploads:
        raise problem or BadUpload("The file holds no table.")
    return uploads
