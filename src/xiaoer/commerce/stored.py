"""Commerce that we keep ourselves: the demo store, and shops that upload their products and orders."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from xiaoer.commerce import changes, stored_writes
from xiaoer.commerce.changes import Asked
from xiaoer.commerce.commerce import Ability, Permit, StateForbids, UnknownBuyer, UnknownProduct
from xiaoer.commerce.finding import query_terms, ranked
from xiaoer.commerce.money import Money
from xiaoer.commerce.numbers import plain
from xiaoer.commerce.offers import Offer, ShippingRule, fee_to
from xiaoer.commerce.pricing import Promotion, Shipping
from xiaoer.commerce.remote import NothingOffered
from xiaoer.commerce.stored_rows import BUYER, OFFER, SHIPMENT, order_of, product_of
from xiaoer.commerce.tables import StoredBuyer, StoredOffer, StoredOrder, StoredProduct, StoredShipment
from xiaoer.commerce.values import (
    Address,
    Booking,
    Buyer,
    Coupon,
    InvoiceTitle,
    Order,
    Piece,
    Product,
    Shipment,
    Variant,
)
from xiaoer.db.database import Database
from xiaoer.db.record import now

CANDIDATES: Final = 300
"""Products that are compared with a question at most."""
UNDO_MINUTES: Final = 10


class StoredCommerce(NothingOffered):
    """`Commerce` over our own tables; every row read or written is the one store's."""

    name = "stored"
    abilities: frozenset[Ability] = frozenset(
        {
            "search_products", "product", "stock", "orders", "order", "shipments", "promotions", "coupons", "buyer",
            "shipping", "cancel_order", "change_address", "urge_shipment", "request_return", "request_exchange",
            "request_invoice", "undo", "book_service", "protect_price",
        }
    )  # fmt: skip

    def __init__(
        self,
        database: Database,
        store_id: uuid.UUID,
        *,
        shipping_rules: Sequence[ShippingRule] = (),
        undo_window: timedelta = timedelta(minutes=UNDO_MINUTES),
    ) -> None:
        self._database = database
        self._store_id = store_id
        self._shipping_rules = tuple(shipping_rules)
        self._undo_window = undo_window
        self.undo_minutes = int(undo_window.total_seconds() // 60)

    async def search_products(self, text: str, *, limit: int = 10) -> list[Product]:
        wanted = query_terms(text)
        if not wanted:
            return []
        shared = sa.func.cardinality(
            sa.func.array(
                sa.select(sa.func.unnest(StoredProduct.words))
                .intersect(sa.select(sa.func.unnest(sa.cast(wanted, ARRAY(sa.Text)))))
                .scalar_subquery()
            )
        )
        query = (
            sa.select(StoredProduct)
            .where(
                StoredProduct.store_id == self._store_id,
                StoredProduct.on_sale,
                StoredProduct.words.overlap(wanted),
            )
            .order_by(shared.desc(), StoredProduct.product_id)
            .limit(CANDIDATES)
        )
        at = now()
        async with self._database.sessions() as session:
            found = [product_of(row, at) for row in await session.scalars(query)]
        return ranked(text, found, limit)

    async def sells_anything(self) -> bool:
        listed = sa.exists().where(StoredProduct.store_id == self._store_id, StoredProduct.on_sale)
        async with self._database.sessions() as session:
            return bool(await session.scalar(sa.select(listed)))

    async def product(self, product_id: str) -> Product:
        named = sa.or_(StoredProduct.product_id == product_id, StoredProduct.skus.contains([product_id]))
        query = sa.select(StoredProduct).where(StoredProduct.store_id == self._store_id, named).limit(1)
        async with self._database.sessions() as session:
            row = await session.scalar(query)
        if row is None:
            raise UnknownProduct("There is no such product.")
        return product_of(row, now())

    async def stock(self, sku: str) -> Variant:
        product = await self.product(sku)
        variant = product.variant(sku)
        if variant is None or not product.on_sale:
            raise UnknownProduct("There is no such product, or it is not sold any more.")
        return variant

    async def orders(self, customer: str, *, limit: int = 20) -> list[Order]:
        query = (
            sa.select(StoredOrder)
            .where(StoredOrder.store_id == self._store_id, StoredOrder.customer == customer, StoredOrder.customer != "")
            .order_by(StoredOrder.placed_at.desc())
            .limit(limit)
        )
        at = now()
        async with self._database.sessions() as session:
            return [order_of(row, at) for row in await session.scalars(query)]

    async def order(self, number: str, *, customer: str | None) -> Order:
        async with self._database.sessions() as session:
            return order_of(await stored_writes.find(session, self._store_id, number, customer), now())

    async def shipments(self, order: Order) -> list[Shipment]:
        query = sa.select(StoredShipment.data).where(
            StoredShipment.store_id == self._store_id, StoredShipment.order_plain == plain(order.number)
        )
        async with self._database.sessions() as session:
            return [SHIPMENT.validate_python(data) for data in await session.scalars(query)]

    async def promotions(self, at: datetime, *, language: str = "zh") -> list[Promotion]:
        offers = [offer for offer in await self._offers() if not offer.coupon and not offer.requires]
        return [offer.promotion_in(language) for offer in offers if offer.promotion.holds(at)]

    async def coupons(self, customer: str, *, language: str = "zh") -> list[Coupon]:
        buyer = await self.buyer(customer)
        offers = [offer for offer in await self._offers() if offer.coupon and offer.is_for(buyer)]
        used = {
            discount.label: order.placed_at
            for order in await self.orders(customer, limit=200)
            for discount in order.amounts.discounts
        }
        return [
            Coupon(
                id=offer.promotion.id,
                promotion=offer.promotion_in(language),
                used_at=next((used[name] for name in offer.name.values() if name in used), None),
            )
            for offer in offers
        ]

    async def _offers(self) -> list[Offer]:
        query = sa.select(StoredOffer.data).where(StoredOffer.store_id == self._store_id)
        async with self._database.sessions() as session:
            return [OFFER.validate_python(data) for data in await session.scalars(query.order_by(StoredOffer.offer_id))]

    async def buyer(self, customer: str) -> Buyer:
        query = sa.select(StoredBuyer.data).where(
            StoredBuyer.store_id == self._store_id, StoredBuyer.reference == customer
        )
        async with self._database.sessions() as session:
            data = await session.scalar(query)
        if data is None:
            raise UnknownBuyer("The shop does not know this customer.")
        return BUYER.validate_python(data)

    async def shipping(self, country: str, region: str = "") -> Shipping | None:
        return fee_to(self._shipping_rules, country, region)

    async def cancel_order(self, number: str, permit: Permit, *, reason: str = "") -> Order:
        return await self._write(number, permit, changes.cancel(reason))

    async def change_address(self, number: str, permit: Permit, *, address: Address) -> Order:
        return await self._write(number, permit, changes.change_address(address))

    async def urge_shipment(self, number: str, permit: Permit) -> Order:
        return await self._write(number, permit, changes.urge())

    async def request_return(self, number: str, permit: Permit, *, pieces: Sequence[Piece], reason: str) -> Order:
        return await self._write(number, permit, changes.return_pieces(pieces, reason))

    async def request_exchange(
        self, number: str, permit: Permit, *, piece: Piece, wanted_sku: str, reason: str
    ) -> Order:
        wanted = await self.stock(wanted_sku)
        if wanted.stock is not None and wanted.stock < piece.quantity:
            raise StateForbids("What is wanted instead is not in stock.")
        return await self._write(number, permit, changes.exchange(piece, wanted_sku, reason))

    async def request_invoice(self, number: str, permit: Permit, *, title: InvoiceTitle) -> Order:
        return await self._write(number, permit, changes.invoice(title))

    async def book_service(self, number: str, permit: Permit, *, booking: Booking) -> Order:
        return await self._write(number, permit, changes.book(booking))

    async def protect_price(self, number: str, permit: Permit, *, amount: Money) -> Order:
        return await self._write(number, permit, changes.protect(amount))

    async def undo(self, number: str, permit: Permit, *, undone_key: str) -> Order:
        async with self._database.sessions.begin() as session:
            return await stored_writes.undo(
                session, self._store_id, number, permit, undone_key=undone_key, window=self._undo_window
            )

    async def _write(self, number: str, permit: Permit, asked: Asked) -> Order:
        async with self._database.sessions.begin() as session:
            return await stored_writes.write_once(session, self._store_id, number, permit, asked)
