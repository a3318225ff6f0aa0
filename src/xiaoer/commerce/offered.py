"""The offers and coupons that a shop keeps with us: listed, saved and taken away."""

import uuid

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.commerce.offers import Offer
from xiaoer.commerce.stored_rows import OFFER
from xiaoer.commerce.tables import StoredOffer
from xiaoer.errors import NotFound


class UnknownOffer(NotFound):
    """The shop has no offer of this id."""


async def every(session: AsyncSession, store_id: uuid.UUID) -> list[Offer]:
    """All of a shop's offers, also those that do not hold now, by their ids."""
    query = sa.select(StoredOffer.data).where(StoredOffer.store_id == store_id).order_by(StoredOffer.offer_id)
    return [OFFER.validate_python(data) for data in await session.scalars(query)]


async def one(session: AsyncSession, store_id: uuid.UUID, offer_id: str) -> Offer:
    """Raises `UnknownOffer`."""
    query = sa.select(StoredOffer.data).where(StoredOffer.store_id == store_id, StoredOffer.offer_id == offer_id)
    data = await session.scalar(query)
    if data is None:
        raise UnknownOffer("There is no offer of this id.")
    return OFFER.validate_python(data)


async def keep(session: AsyncSession, store_id: uuid.UUID, offer: Offer) -> None:
    """Save an offer in place of the one with its id, if there is one."""
    data = OFFER.dump_python(offer, mode="json")
    statement = insert(StoredOffer).values(id=uuid.uuid4(), store_id=store_id, offer_id=offer.promotion.id, data=data)
    await session.execute(statement.on_conflict_do_update(index_elements=["store_id", "offer_id"], set_={"data": data}))


async def remove(session: AsyncSession, store_id: uuid.UUID, offer_id: str) -> None:
    """Raises `UnknownOffer`."""
    statement = sa.delete(StoredOffer).where(StoredOffer.store_id == store_id, StoredOffer.offer_id == offer_id)
    if (await session.scalar(statement.returning(StoredOffer.id))) is None:
        raise UnknownOffer("There is no offer of this id.")
