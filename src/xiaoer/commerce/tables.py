"""What we keep ourselves for shops without a system of their own, and how we reach the systems of the others."""

import uuid
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from xiaoer.db.record import Record

LinkKind = Literal["stored", "http", "woocommerce", "shopify", "mcp"]
WriteState = Literal["sent", "done"]


class Kept(Record):
    """A row of one store."""

    __abstract__ = True

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))


class StoredProduct(Kept):
    """A `values.Product` in `data`; `words` are its search terms, `source` says what put it here."""

    __tablename__ = "commerce_products"
    __table_args__ = (
        UniqueConstraint("store_id", "product_id"),
        Index("ix_commerce_products_skus", "skus", postgresql_using="gin"),
        Index("ix_commerce_products_words", "words", postgresql_using="gin"),
    )

    product_id: Mapped[str]
    skus: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))
    on_sale: Mapped[bool]
    words: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))
    data: Mapped[dict[str, Any]]
    source: Mapped[str]
    saved_at: Mapped[datetime]


class StoredOrder(Kept):
    """A `values.Order` in `data`; `version` 1 is as it was put here, each change by a customer adds one."""

    __tablename__ = "commerce_orders"
    __table_args__ = (
        UniqueConstraint("store_id", "number_plain"),
        Index("ix_commerce_orders_number_alike", "store_id", "number_alike"),
        Index("ix_commerce_orders_customer", "store_id", "customer", "placed_at"),
    )

    number_plain: Mapped[str]
    number_alike: Mapped[str]
    customer: Mapped[str]
    state: Mapped[str]
    placed_at: Mapped[datetime]
    version: Mapped[int]
    data: Mapped[dict[str, Any]]
    source: Mapped[str]
    saved_at: Mapped[datetime]


class StoredShipment(Kept):
    """A `values.Shipment` in `data`."""

    __tablename__ = "commerce_shipments"
    __table_args__ = (UniqueConstraint("store_id", "order_plain", "number"),)

    order_plain: Mapped[str]
    number: Mapped[str]
    data: Mapped[dict[str, Any]]


class StoredWrite(Kept):
    """A change made once: its key, a digest of what was asked, the order before it and the version it led to.

    `sent`: it is under way at another system, or nobody knows what became of it. Only orders kept here have versions.
    """

    __tablename__ = "commerce_writes"
    __table_args__ = (UniqueConstraint("store_id", "key"), CheckConstraint("state in ('sent', 'done')", name="state"))

    key: Mapped[str]
    number_plain: Mapped[str]
    action: Mapped[str]
    digest: Mapped[str]
    state: Mapped[WriteState] = mapped_column(sa.Text)
    before: Mapped[dict[str, Any]]
    version: Mapped[int]
    undone_at: Mapped[datetime | None]


class StoredOffer(Kept):
    """An `offers.Offer` in `data`."""

    __tablename__ = "commerce_offers"
    __table_args__ = (UniqueConstraint("store_id", "offer_id"),)

    offer_id: Mapped[str]
    data: Mapped[dict[str, Any]]


class StoredBuyer(Kept):
    """A `values.Buyer` in `data`."""

    __tablename__ = "commerce_buyers"
    __table_args__ = (UniqueConstraint("store_id", "reference"),)

    reference: Mapped[str]
    data: Mapped[dict[str, Any]]


class Link(Kept):
    """How a store's commerce is reached. `sealed_secret` is encrypted; it is never read back to anybody."""

    __tablename__ = "commerce_links"
    __table_args__ = (UniqueConstraint("store_id"),)

    kind: Mapped[LinkKind] = mapped_column(sa.Text)
    settings: Mapped[dict[str, Any]]
    sealed_secret: Mapped[str | None]
    changed_at: Mapped[datetime]
