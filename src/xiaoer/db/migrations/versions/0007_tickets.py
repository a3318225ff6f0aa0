"""Later work; tickets with their history; webhooks and what they were told."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"


def record() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    ]


def link(name: str, table: str, *, optional: bool = False, index: bool = False, **more: Any) -> sa.Column[Any]:
    key = sa.ForeignKey(f"{table}.id", ondelete="SET NULL" if optional else "CASCADE")
    return sa.Column(name, sa.Uuid, key, nullable=optional, index=index, **more)


def moment(name: str, *, optional: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def text(name: str, *, optional: bool = False, default: str | None = None, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=optional, server_default=default, **more)


def flag(name: str, default: str = "false") -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean, nullable=False, server_default=default)


def json(name: str, default: str = "{}") -> sa.Column[Any]:
    return sa.Column(name, JSONB, nullable=False, server_default=default)


def upgrade() -> None:
    jobs()
    tickets()
    history()
    webhooks()


def jobs() -> None:
    op.create_table(
        "jobs",
        *record(),
        link("store_id", "stores", index=True),
        text("kind"),
        json("payload"),
        text("key", optional=True, unique=True),
        moment("run_at", optional=False),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        moment("lease_until"),
        moment("done_at"),
        flag("failed"),
        text("problem", optional=True),
    )
    op.create_index("ix_jobs_due", "jobs", ["run_at"], postgresql_where=sa.text("done_at is null"))
    op.create_index("ix_jobs_done", "jobs", ["done_at"], postgresql_where=sa.text("done_at is not null"))


def tickets() -> None:
    op.create_table(
        "tickets",
        *record(),
        link("store_id", "stores"),
        sa.Column("number", sa.Integer, nullable=False),
        text("kind"),
        text("priority"),
        text("state", default="open"),
        text("subject"),
        text("text", default=""),
        text("order_number", optional=True),
        link("conversation_id", "conversations", optional=True, index=True),
        link("customer_id", "customers", optional=True, index=True),
        text("email", optional=True),
        text("language"),
        text("made_by"),
        text("idempotency_key", optional=True),
        link("assigned_to", "staff", optional=True, index=True),
        moment("due_at"),
        moment("remind_at"),
        sa.Column("left_seconds", sa.Integer),
        flag("reminded"),
        flag("escalated"),
        moment("replied_at"),
        moment("solved_at"),
        moment("closed_at"),
        sa.Column("reopened", sa.Integer, nullable=False, server_default="0"),
        moment("updated_at", optional=False),
        sa.UniqueConstraint("store_id", "number"),
        sa.UniqueConstraint("store_id", "idempotency_key"),
        sa.CheckConstraint("state in ('open', 'in_progress', 'waiting', 'solved', 'closed')", name="state"),
        sa.CheckConstraint("priority in ('urgent', 'high', 'normal', 'low')", name="priority"),
    )
    op.create_index("ix_tickets_listed", "tickets", ["store_id", "state", "due_at"])
    op.create_index("ix_tickets_due", "tickets", ["due_at"], postgresql_where=sa.text("due_at is not null"))


def history() -> None:
    op.create_table(
        "ticket_counters",
        *record(),
        link("store_id", "stores", unique=True),
        sa.Column("last", sa.Integer, nullable=False),
    )
    op.create_table(
        "ticket_events",
        *record(),
        link("store_id", "stores"),
        link("ticket_id", "tickets", index=True),
        text("kind"),
        text("actor"),
        link("staff_id", "staff", optional=True),
        text("actor_name", optional=True),
        text("text", default=""),
        json("data"),
        json("before"),
        flag("public"),
        flag("undone"),
    )


def webhooks() -> None:
    op.create_table(
        "webhooks",
        *record(),
        link("store_id", "stores", index=True),
        text("url"),
        text("sealed"),
        flag("enabled", "true"),
    )
    op.create_table(
        "webhook_deliveries",
        *record(),
        link("store_id", "stores"),
        link("webhook_id", "webhooks"),
        text("event"),
        text("body"),
        text("state", default="pending"),
        json("tries", "[]"),
    )
    op.create_index("ix_webhook_deliveries_newest", "webhook_deliveries", ["webhook_id", "created_at"])
