"""What an earlier version has stored is carried over as it was meant."""

import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from xiaoer.conversations import handoff
from xiaoer.conversations.tables import Conversation
from xiaoer.db.database import MIGRATIONS, Database
from xiaoer.db.embedded import EmbeddedPostgres

STORE, CUSTOMER, PERSON = (uuid.uuid4() for _ in range(3))
OLD = [
    # owner, assigned, offered, staff wrote, closed -> state and owner
    ("assistant", False, False, False, False, ("assistant", "assistant")),
    ("staff", False, False, False, False, ("waiting", "assistant")),  # nobody there: the customer heard nothing
    ("staff", True, True, False, False, ("waiting", "assistant")),
    ("staff", True, False, False, False, ("staff", "staff")),
    ("staff", False, False, True, False, ("staff", "staff")),  # answered by the API
    ("assistant", False, False, False, True, ("closed", "assistant")),
]


@pytest.fixture
def before_waiting(postgres: EmbeddedPostgres) -> str:
    """A database of the version in which asking for a person made staff the owner at once."""
    name = f"older_{uuid.uuid4().hex[:8]}"
    admin = sa.create_engine(postgres.url(), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    admin.dispose()
    engine = sa.create_engine(postgres.url(name))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0018")
        for row in (
            f"stores (id, slug) VALUES ('{STORE}', 'old')",
            f"customers (id, store_id) VALUES ('{CUSTOMER}', '{STORE}')",
            f"staff (id, store_id, email, name, role) VALUES ('{PERSON}', '{STORE}', 'a@b.test', 'A', 'staff')",
        ):
            connection.execute(sa.text(f"INSERT INTO {row}"))
        for number, (owner, assigned, offered, wrote, closed, _) in enumerate(OLD, start=1):
            connection.execute(
                sa.text(
                    "INSERT INTO conversations (id, store_id, customer_id, token_digest, owner, assigned_to, "
                    "offered_at, closed_at, last_position, handed_off_at, handoff_reason) VALUES (:id, :store, "
                    ":customer, :digest, :owner, :assigned, "
                    "CASE WHEN :offered THEN now() END, CASE WHEN :closed THEN now() END, 1, "
                    "CASE WHEN :owner = 'staff' THEN now() END, CASE WHEN :owner = 'staff' THEN 'asked' END)"
                ),
                {"id": uuid.UUID(int=number), "store": STORE, "customer": CUSTOMER, "digest": str(number),
                 "owner": owner, "assigned": PERSON if assigned else None, "offered": offered, "closed": closed},
            )  # fmt: skip
            connection.execute(
                sa.text(
                    "INSERT INTO messages (id, store_id, conversation_id, position, author, text) "
                    "VALUES (gen_random_uuid(), :store, :id, 1, :author, '您好')"
                ),
                {"store": STORE, "id": uuid.UUID(int=number), "author": "staff" if wrote else "system"},
            )
        connection.commit()
    engine.dispose()
    return postgres.url(name)


async def test_a_conversation_that_staff_owned_while_nobody_was_there_waits_and_is_the_assistants(
    before_waiting: str,
) -> None:
    database = await Database.open(url=before_waiting, data_dir=Path())
    async with database.sessions() as session:
        found = list(await session.scalars(sa.select(Conversation).order_by(Conversation.token_digest)))
    await database.close()
    assert [(handoff.state_of(each), each.owner) for each in found] == [state for *_, state in OLD]
