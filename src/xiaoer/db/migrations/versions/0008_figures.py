"""What figures are made from: judgements, final verdicts, and indexed parts of an answer's evidence."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

NUMBERS = {
    "first_ms": "(evidence #>> '{timings_ms,first_text}')::float8::int",
    "total_ms": "(evidence #>> '{timings_ms,total}')::float8::int",
    "withheld": (
        "CASE WHEN jsonb_typeof(evidence -> 'withheld') = 'array' THEN jsonb_array_length(evidence -> 'withheld') END"
    ),
    "prompt_tokens": "(evidence #>> '{tokens,prompt}')::float8::int",
    "completion_tokens": "(evidence #>> '{tokens,completion}')::float8::int",
}


def record() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    ]


def belongs(table: str) -> sa.Column[Any]:
    key = sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
    return sa.Column(f"{table.removesuffix('s')}_id", sa.Uuid, key, nullable=False)


def column(name: str, kind: Any, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=optional)


def upgrade() -> None:
    for name, expression in NUMBERS.items():
        op.add_column("messages", sa.Column(name, sa.Integer, sa.Computed(expression, persisted=True)))
    op.add_column(
        "messages", sa.Column("topic", sa.Text, sa.Computed("evidence #>> '{understood,topic}'", persisted=True))
    )
    op.create_index("ix_messages_time", "messages", ["store_id", "created_at"])
    op.create_index(
        "ix_messages_figures",
        "messages",
        ["store_id", "created_at"],
        postgresql_include=["route", "language", "feedback_score", "topic", *NUMBERS],
        postgresql_where=sa.text("author = 'assistant' and route is not null"),
    )
    judgements()
    verdicts()


def judgements() -> None:
    op.create_table(
        "satisfactions",
        *record(),
        belongs("stores"),
        belongs("conversations"),
        column("position", sa.Integer),
        column("score", sa.Integer),
        column("resolved", sa.Boolean, optional=True),
        column("reason", sa.Text, optional=True),
        sa.UniqueConstraint("conversation_id", "position"),
        sa.CheckConstraint("score between 1 and 5", name="score"),
    )
    op.create_index("ix_satisfactions_newest", "satisfactions", ["store_id", "created_at"])


def verdicts() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "visits",
        *record(),
        belongs("stores"),
        belongs("conversations"),
        column("position", sa.Integer),
        column("begins_at", moment),
        column("ends_at", moment),
        column("topic", sa.Text),
        column("language", sa.Text),
        column("channel", sa.Text),
        column("alone", sa.Boolean),
        column("reason", sa.Text, optional=True),
        column("why", sa.Text),
        column("resolved", sa.Boolean),
        column("first_contact", sa.Boolean),
        column("score", sa.Integer, optional=True),
        column("wait_seconds", sa.Float, optional=True),
        column("staff_seconds", sa.Float),
        sa.UniqueConstraint("conversation_id", "position"),
    )
    op.create_index("ix_visits_time", "visits", ["store_id", "begins_at"])
