"""Commerce: products, orders and what belongs to them, and the connections to merchants' systems."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"


def record() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
        sa.Column("store_id", sa.Uuid, sa.ForeignKey("stores.id", ondelete="CASCADE"), nullable=False),
    ]


def moment(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=nullable)


def upgrade() -> None:
    _make_commerce_products()
    _make_commerce_orders()
    _make_commerce_shipments()
    _make_commerce_writes()
    _make_commerce_offers()
    _make_commerce_buyers()
    _make_commerce_links()


def _make_commerce_products() -> None:
    op.create_table(
        "commerce_products",
        *record(),
        text("product_id"),
        sa.Column("skus", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("on_sale", sa.Boolean, nullable=False),
        sa.Column("words", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("data", JSONB, nullable=False),
        text("source"),
        moment("saved_at", nullable=False),
        sa.UniqueConstraint("store_id", "product_id"),
    )
    for column in ("skus", "words"):
        op.create_index(f"ix_commerce_products_{column}", "commerce_products", [column], postgresql_using="gin")


def _make_commerce_orders() -> None:
    op.create_table(
        "commerce_orders",
        *record(),
        text("number_plain"),
        text("number_alike"),
        text("customer"),
        text("state"),
        moment("placed_at", nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("data", JSONB, nullable=False),
        text("source"),
        moment("saved_at", nullable=False),
        sa.UniqueConstraint("store_id", "number_plain"),
    )
    op.create_index("ix_commerce_orders_number_alike", "commerce_orders", ["store_id", "number_alike"])
    op.create_index("ix_commerce_orders_customer", "commerce_orders", ["store_id", "customer", "placed_at"])


def _make_commerce_shipments() -> None:
    op.create_table(
        "commerce_shipments",
        *record(),
        text("order_plain"),
        text("number"),
        sa.Column("data", JSONB, nullable=False),
        sa.UniqueConstraint("store_id", "order_plain", "number"),
    )


def _make_commerce_writes() -> None:
    op.create_table(
        "commerce_writes",
        *record(),
        text("key"),
        text("number_plain"),
        text("action"),
        text("digest"),
        text("state"),
        sa.Column("before", JSONB, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        moment("undone_at"),
        sa.CheckConstraint("state in ('sent', 'done')", name="state"),
        sa.UniqueConstraint("store_id", "key"),
    )


def _make_commerce_offers() -> None:
    op.create_table(
        "commerce_offers",
        *record(),
        text("offer_id"),
        sa.Column("data", JSONB, nullable=False),
        sa.UniqueConstraint("store_id", "offer_id"),
    )


def _make_commerce_buyers() -> None:
    op.create_table(
        "commerce_buyers",
        *record(),
        text("reference"),
        sa.Column("data", JSONB, nullable=False),
        sa.UniqueConstraint("store_id", "reference"),
    )


def _make_commerce_links() -> None:
    op.create_table(
        "commerce_links",
        *record(),
        text("kind"),
        sa.Column("settings", JSONB, nullable=False),
        text("sealed_secret", nullable=True),
        moment("changed_at", nullable=False),
        sa.UniqueConstraint("store_id"),
    )
