"""Whose sign-in asks for a second factor, and whether what was given is one."""

import secrets
import uuid

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.db.record import now
from xiaoer.errors import Invalid
from xiaoer.sealing import Seal
from xiaoer.staff import totp
from xiaoer.staff.tables import Staff
from xiaoer.stores import digest

RECOVERY_CODES = 8


class WrongCode(Invalid):
    """The digits are of another secret, another time, or used already."""


async def needed(session: AsyncSession, staff_id: uuid.UUID) -> bool:
    """Whether this person has a second factor."""
    return (await session.scalar(sa.select(Staff.totp_sealed).where(Staff.id == staff_id))) is not None


async def passes(session: AsyncSession, seal: Seal, staff_id: uuid.UUID, code: str) -> bool:
    """Whether the code lets this person in; each code does once, those of the app and those for recovery alike."""
    person = await session.get_one(Staff, staff_id, with_for_update=True)
    if person.totp_sealed is None:
        return True
    step = totp.accepted_step(seal.open(person.totp_sealed), code, at=now(), after=person.totp_step)
    if step is not None:
        person.totp_step = step
        return True
    spent = digest(_plain(code))
    if spent not in person.recovery:
        return False
    person.recovery = [each for each in person.recovery if each != spent]
    return True


async def switch_on(session: AsyncSession, seal: Seal, staff_id: uuid.UUID, secret: str, code: str) -> list[str]:
    """Ask for a second factor from now on; returns the recovery codes, which are shown this once.

    Raises `WrongCode` unless the code proves that the app holds the secret.
    """
    step = totp.accepted_step(secret, code, at=now(), after=None)
    if step is None:
        raise WrongCode("These digits do not fit. Check the clock of your telephone and try the next ones.")
    person = await session.get_one(Staff, staff_id, with_for_update=True)
    codes = [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(RECOVERY_CODES)]
    person.totp_sealed, person.totp_step = seal.lock(secret), step
    person.recovery = [digest(_plain(each)) for each in codes]
    return codes


def switch_off(person: Staff) -> None:
    """Ask for the password alone from now on."""
    person.totp_sealed, person.totp_step, person.recovery = None, None, []


def _plain(code: str) -> str:
    return "".join(letter for letter in code.lower() if letter.isalnum())
