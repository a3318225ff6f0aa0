"""Customers: who writes, and what is known of them for longer than a conversation."""

import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from xiaoer.db.record import Record
from xiaoer.db.storable import storable


class Customer(Record):
    """Somebody who writes. `external_id` is the shop's own number for them, as the shop's site claims it."""

    __tablename__ = "customers"
    __table_args__ = (UniqueConstraint("store_id", "external_id"),)

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"), index=True)
    external_id: Mapped[str | None]
    name: Mapped[str | None]
    locale: Mapped[str | None]
    facts: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


async def arrive(
    session: AsyncSession, store_id: uuid.UUID, *, external_id: str | None, name: str | None, locale: str | None
) -> Customer:
    """The customer of that number, made if new; without a number always a new, anonymous one."""
    external_id = storable(external_id or "").strip()
    if not external_id:
        customer = Customer(store_id=store_id, name=name, locale=locale)
        session.add(customer)
        await session.flush()  # the conversation that is made next refers to its id
        return customer
    statement = insert(Customer).values(
        id=uuid.uuid4(), store_id=store_id, external_id=external_id, name=name, locale=locale
    )
    statement = statement.on_conflict_do_update(
        index_elements=["store_id", "external_id"],
        set_={
            "name": sa.func.coalesce(statement.excluded.name, Customer.name),
            "locale": sa.func.coalesce(statement.excluded.locale, Customer.locale),
        },
    )
    return (await session.scalars(statement.returning(Customer))).one()


async def remember_address(session: AsyncSession, customer_id: uuid.UUID, signed: str, email: str | None) -> None:
    """Keep where a signed customer is written to, unless the row is of somebody else, or of a claim to be them."""
    customer = await session.get_one(Customer, customer_id)
    if email and customer.external_id in (None, signed):
        await remember(session, customer_id, {"email": email})


async def remember(session: AsyncSession, customer_id: uuid.UUID, facts: Mapping[str, Any]) -> None:
    """Keep facts the customer told, beyond the window of the conversation; later ones win."""
    await session.execute(
        sa.update(Customer).where(Customer.id == customer_id).values(facts=Customer.facts.concat(dict(facts)))
    )
