"""Putting products, orders and the rest into our own tables, again and again from the same source."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.commerce.numbers import plain
from xiaoer.commerce.offers import Offer
from xiaoer.commerce.stored_rows import BUYER, OFFER, ORDER, SHIPMENT, order_columns, product_columns
from xiaoer.commerce.tables import StoredBuyer, StoredOffer, StoredOrder, StoredProduct, StoredShipment
from xiaoer.commerce.values import Buyer, Order, OrderState, Product, Shipment
from xiaoer.db.record import Record, now

BATCH: Final = 500


@dataclass(frozen=True, kw_only=True)
class Goods:
    """All a source knows of a shop."""

    products: Sequence[Product] = ()
    orders: Sequence[Order] = ()
    shipments: Sequence[Shipment] = ()
    offers: Sequence[Offer] = ()
    buyers: Sequence[Buyer] = ()


async def fill(session: AsyncSession, store_id: uuid.UUID, goods: Goods, source: str, *, merge: bool = False) -> None:
    """Save what `source` says. An order that a customer has changed here stays as the customer changed it.

    `merge`: the source is the shop's own record, so what it says moves such orders on (`merged`).

    Products that the source gave before and does not give any more go off sale: orders may still name them.
    """
    at = now()
    products = [product_columns(store_id, product, source, at) for product in goods.products]
    await _upsert(session, StoredProduct, products, ("store_id", "product_id"))
    if products:
        gone = sa.update(StoredProduct).where(
            StoredProduct.store_id == store_id, StoredProduct.source == source, StoredProduct.saved_at < at
        )
        await session.execute(gone.values(on_sale=False))
    orders = [order_columns(store_id, order, source, at) for order in goods.orders]
    await _upsert(session, StoredOrder, orders, ("store_id", "number_plain"), where=StoredOrder.version == 1)
    if merge:
        await _move_on(session, store_id, goods.orders)
    await _upsert(
        session,
        StoredShipment,
        await _parcels(session, store_id, goods, merge=merge),
        ("store_id", "order_plain", "number"),
    )
    offers = [
        {**_own(store_id), "offer_id": each.promotion.id, "data": OFFER.dump_python(each, mode="json")}
        for each in goods.offers
    ]
    await _upsert(session, StoredOffer, offers, ("store_id", "offer_id"))
    buyers = [
        {**_own(store_id), "reference": each.id, "data": BUYER.dump_python(each, mode="json")} for each in goods.buyers
    ]
    await _upsert(session, StoredBuyer, buyers, ("store_id", "reference"))


RANKS: Final[Mapping[OrderState, int]] = {
    "pending": 0, "paid": 1, "packed": 2, "shipped": 3, "delivered": 4, "completed": 5, "returning": 6,
    "returned": 7, "cancelled": 8,
}  # fmt: skip
"""How far an order has come; the shop's record is behind while it says less than what a customer did here."""


def merged(kept: Order, given: Order) -> Order:
    """An order that a customer changed here, with what the shop's record says since.

    Requests and invoices asked for here stay. The state only moves on: a cancellation made here is not undone by an
    export from before it. The address of the record counts once the parcel has left.
    """
    behind = RANKS[given.state] <= RANKS[kept.state]
    left = given.state not in ("pending", "paid", "packed")
    return replace(
        given,
        state=kept.state if behind else given.state,
        address=given.address if left and given.address else kept.address,
        phone=given.phone if left and given.phone else kept.phone,
        requests=kept.requests,
        invoice=kept.invoice,
        history=kept.history,
    )


async def _move_on(session: AsyncSession, store_id: uuid.UUID, orders: Sequence[Order]) -> None:
    given = {plain(order.number): order for order in orders}
    query = sa.select(StoredOrder).where(StoredOrder.store_id == store_id, StoredOrder.version > 1)
    for row in await session.scalars(query.with_for_update()):
        if row.number_plain in given:
            order = merged(ORDER.validate_python(row.data), given[row.number_plain])
            data = ORDER.dump_python(order, mode="json")
            if data != row.data:
                row.version += 1
                row.data, row.state = data, order.state


async def _parcels(session: AsyncSession, store_id: uuid.UUID, goods: Goods, *, merge: bool) -> list[dict[str, Any]]:
    """The parcels, but for those of orders a customer has changed: their dates belong to the order as it was."""
    query = sa.select(StoredOrder.number_plain).where(StoredOrder.store_id == store_id, StoredOrder.version > 1)
    changed: set[str] = set() if merge else set(await session.scalars(query))
    return [
        {**_own(store_id), "order_plain": order, "number": each.number, "data": SHIPMENT.dump_python(each, mode="json")}
        for each in goods.shipments
        if (order := plain(each.order_number)) not in changed
    ]


def _own(store_id: uuid.UUID) -> dict[str, Any]:
    return {"id": uuid.uuid4(), "store_id": store_id}


async def _upsert(
    session: AsyncSession,
    table: type[Record],
    rows: Sequence[dict[str, Any]],
    key: tuple[str, ...],
    *,
    where: sa.ColumnElement[bool] | None = None,
) -> None:
    unique = list({tuple(row[name] for name in key): row for row in rows}.values())
    for start in range(0, len(unique), BATCH):
        statement = insert(table).values(unique[start : start + BATCH])
        kept = {name: statement.excluded[name] for name in unique[0] if name != "id" and name not in key}
        await session.execute(statement.on_conflict_do_update(index_elements=key, set_=kept, where=where))
