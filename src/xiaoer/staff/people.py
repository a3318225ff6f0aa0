"""The people of a store: made, invited, given a role, switched off."""

import secrets
import uuid
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.db.record import now
from xiaoer.errors import Conflict, Invalid, NotFound
from xiaoer.patterns import lazy
from xiaoer.staff import factors, passwords
from xiaoer.staff.roles import Role
from xiaoer.staff.tables import Staff, StaffLink, StaffSession
from xiaoer.stores import Store, digest

LINK_DAYS = 3
PLACEHOLDER = ("owner@", ".local")
"""Around the store's name: the first owner's address where none was given."""
EMAIL = lazy(r"[^@\s<>\"']{1,64}@[^@\s<>\"']{1,190}")


class UnknownStaff(NotFound):
    """Nobody of that id in this store."""


class BadLink(NotFound):
    """The link is unknown, used or too old."""


class AlreadyStaff(Conflict):
    """Somebody of the store has this address."""


class LastOwner(Conflict):
    """The store would be left without an owner."""


async def add(session: AsyncSession, store_id: uuid.UUID, *, email: str, name: str, role: Role) -> Staff:
    """Add a person who cannot sign in yet; raises `Invalid`, `AlreadyStaff`."""
    name = cleaned_name(name)
    email = await _free_address(session, store_id, email)
    person = Staff(store_id=store_id, email=email, name=name, role=role)
    session.add(person)
    await session.flush()
    return person


def cleaned_name(name: str) -> str:
    """A name fit to be shown to customers; raises `Invalid`."""
    name = " ".join("".join(letter for letter in name if letter.isprintable()).split())
    if not 1 <= len(name) <= 40:  # noqa: PLR2004  # what fits beside a message
        raise Invalid("A name needs 1 to 40 characters; customers see it.")
    return name


_OWNERS = {"zh": "店长", "vi": "Chủ cửa hàng", "th": "เจ้าของร้าน"}


async def rename(session: AsyncSession, person: Staff, *, email: str, name: str) -> None:
    """Another name, which customers see, and another address to sign in with; raises `Invalid`, `AlreadyStaff`."""
    person.name = cleaned_name(name)
    if email.strip().lower() != person.email:
        person.email = await _free_address(session, person.store_id, email)


def is_placeholder(email: str) -> bool:
    """Whether an address only serves to sign in: the first owner has it until they give their own."""
    return email.startswith(PLACEHOLDER[0]) and email.endswith(PLACEHOLDER[1])


def has_mailbox() -> sa.ColumnElement[bool]:
    """Whether letters to a person arrive anywhere."""
    return Staff.email.not_like("%".join(PLACEHOLDER))


async def first_owner(
    session: AsyncSession, store: Store, *, email: str | None = None, name: str | None = None
) -> tuple[str, str] | None:
    """Make an owner with a generated password if the store has no staff; returns address and password, once.

    Without an `email` they sign in with one that gets no letters, until they give their own.
    """
    if await session.scalar(sa.select(Staff.id).where(Staff.store_id == store.id).limit(1)):
        return None
    password = passwords.generated()
    name = name or _OWNERS.get(store.profile.locales[0], "Shop owner")
    email = email or store.slug.join(PLACEHOLDER)
    person = await add(session, store.id, email=email, name=name, role="owner")
    person.password_digest = await passwords.digest_of(password)
    return person.email, password


async def every(session: AsyncSession, store_id: uuid.UUID) -> Sequence[Staff]:
    return (await session.scalars(sa.select(Staff).where(Staff.store_id == store_id).order_by(Staff.created_at))).all()


async def by_id(session: AsyncSession, staff_id: uuid.UUID, *, store_id: uuid.UUID) -> Staff:
    person = await session.scalar(sa.select(Staff).where(Staff.id == staff_id, Staff.store_id == store_id))
    if person is None:
        raise UnknownStaff("There is nobody like that here.")
    return person


async def change_role(session: AsyncSession, person: Staff, role: Role) -> None:
    """Takes effect with their next click; raises `LastOwner`."""
    if person.role == "owner" and role != "owner":
        await _another_owner(session, person)
    person.role = role


async def switch_off(session: AsyncSession, person: Staff) -> None:
    """Nobody is signed in as them any more, nor can be; raises `LastOwner`."""
    if person.role == "owner":
        await _another_owner(session, person)
    person.disabled_at = now()
    await sign_out_everywhere(session, person.id)


async def sign_out_everywhere(session: AsyncSession, staff_id: uuid.UUID) -> None:
    await session.execute(sa.delete(StaffSession).where(StaffSession.staff_id == staff_id))


async def make_link(session: AsyncSession, person: Staff) -> str:
    """A token with which this person sets a password, once, within three days; earlier ones die."""
    await session.execute(sa.delete(StaffLink).where(StaffLink.staff_id == person.id))
    token = secrets.token_urlsafe(24)
    session.add(StaffLink(staff_id=person.id, digest=digest(token), expires_at=now() + timedelta(days=LINK_DAYS)))
    return token


async def behind_link(session: AsyncSession, token: str) -> Staff:
    """Whose link it is; raises `BadLink`."""
    query = (
        sa.select(Staff)
        .join(StaffLink, StaffLink.staff_id == Staff.id)
        .where(StaffLink.digest == digest(token), StaffLink.used_at.is_(None), StaffLink.expires_at > now())
    )
    person = await session.scalar(query)
    if person is None:
        raise BadLink("This link is no longer valid. Ask the owner of the shop for a new one.")
    return person


async def use_link(session: AsyncSession, token: str, password_digest: str) -> Staff:
    """Set the password of whose link it is, once, and sign them out elsewhere; raises `BadLink`."""
    person = await behind_link(session, token)
    used = sa.update(StaffLink).where(StaffLink.digest == digest(token), StaffLink.used_at.is_(None))
    if (await session.scalar(used.values(used_at=now()).returning(StaffLink.id))) is None:
        raise BadLink("This link has been used already.")
    await set_password(session, person, password_digest)
    factors.switch_off(person)  # who lost their telephone asks the owner for a link
    person.disabled_at = None
    return person


async def set_password(session: AsyncSession, person: Staff, password_digest: str) -> None:
    """Set a password; whoever was signed in as this person is signed out."""
    person.password_digest = password_digest
    await sign_out_everywhere(session, person.id)


async def _free_address(session: AsyncSession, store_id: uuid.UUID, email: str) -> str:
    email = email.strip().lower()
    if not EMAIL.fullmatch(email):
        raise Invalid("This is not an e-mail address.")
    if await session.scalar(sa.select(Staff.id).where(Staff.store_id == store_id, Staff.email == email)):
        raise AlreadyStaff("Somebody with this e-mail address is there already.")
    return email


async def _another_owner(session: AsyncSession, person: Staff) -> None:
    query = sa.select(Staff.id).where(
        Staff.store_id == person.store_id,
        Staff.role == "owner",
        Staff.id != person.id,
        Staff.disabled_at.is_(None),
        Staff.password_digest.is_not(None),
    )
    if (await session.scalar(query.limit(1).with_for_update())) is None:
        raise LastOwner("The shop needs an owner who can sign in. Make somebody else an owner first.")
