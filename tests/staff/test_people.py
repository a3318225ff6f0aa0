"""People, passwords and sessions, below the web."""

import itertools
from datetime import timedelta

import pytest
import sqlalchemy as sa

from xiaoer.db.database import Database
from xiaoer.db.record import now
from xiaoer.errors import Invalid
from xiaoer.staff import passwords, people, sessions
from xiaoer.staff.roles import ROLES, NotAllowed, require
from xiaoer.staff.tables import StaffLink, StaffSession
from xiaoer.stores import Store


async def test_the_first_owner_is_made_once_and_can_sign_in(database: Database, store: Store) -> None:
    async with database.sessions.begin() as session:
        made = await people.first_owner(session, store)
        assert await people.first_owner(session, store) is None
    assert made
    email, password = made
    async with database.sessions.begin() as session:
        who = await sessions.recognised(await sessions.candidates(session, email.upper()), password)
        assert who
        token = await sessions.open_for(session, who)
        found = await sessions.behind(session, token)
    assert found
    assert (found.role, found.store_id) == ("owner", store.id)


async def test_nothing_that_opens_a_door_is_stored_as_it_is(database: Database, store: Store) -> None:
    async with database.sessions.begin() as session:
        person = await people.add(session, store.id, email="a@b.c", name="A", role="staff")
        person.password_digest = await passwords.digest_of("correct horse battery")
        link = await people.make_link(session, person)
        cookie = await sessions.open_for(session, person.id)
    async with database.sessions() as session:
        rows = str((await session.execute(sa.text("SELECT * FROM staff, staff_links, staff_sessions"))).all())
    assert "$argon2id$" in rows
    assert all(secret not in rows for secret in ("correct horse", link, cookie))


async def test_sessions_and_links_run_out(database: Database, store: Store) -> None:
    async with database.sessions.begin() as session:
        person = await people.add(session, store.id, email="a@b.c", name="A", role="staff")
        link = await people.make_link(session, person)
        token = await sessions.open_for(session, person.id)
    async with database.sessions.begin() as session:
        await session.execute(sa.update(StaffSession).values(expires_at=now() - timedelta(seconds=1)))
        await session.execute(sa.update(StaffLink).values(expires_at=now() - timedelta(seconds=1)))
    async with database.sessions() as session:
        assert await sessions.behind(session, token) is None
        with pytest.raises(people.BadLink):
            await people.behind_link(session, link)


async def test_the_same_address_may_work_for_two_shops(database: Database, store: Store) -> None:
    async with database.sessions.begin() as session:
        other = Store(slug="other", settings={"locales": ["en"], "name": {"en": "Other"}})
        session.add(other)
        await session.flush()
        for shop, password in ((store, "password of the one"), (other, "password of the other")):
            person = await people.add(session, shop.id, email="both@b.c", name="B", role="staff")
            person.password_digest = await passwords.digest_of(password)
        who = await sessions.candidates(session, "both@b.c")
        assert await sessions.recognised(who, "password of the other") == person.id
        assert await sessions.recognised(who, "password of nobody") is None


@pytest.mark.parametrize("name", ["", " \n ", "x" * 41, "\u202e\u0000"])
def test_a_name_that_customers_see_can_be_read(name: str) -> None:
    with pytest.raises(Invalid):
        people.cleaned_name(name)


def test_each_role_may_what_the_one_below_may() -> None:
    order = ["viewer", "staff", "manager", "owner"]
    assert all(ROLES[low] < ROLES[high] for low, high in itertools.pairwise(order))
    with pytest.raises(NotAllowed):
        require("staff", "people")


def test_generated_passwords_are_long_and_never_the_same() -> None:
    made = {passwords.generated() for _ in range(50)}
    assert len(made) == 50
    assert all(len(each) == 19 for each in made)
