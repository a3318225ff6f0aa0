"""Passwords as argon2id digests; hashing is slow on purpose, so it runs in a thread."""

import asyncio
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from xiaoer.errors import Invalid

SHORTEST, LONGEST = 10, 200
_hasher = PasswordHasher()


class WeakPassword(Invalid):
    """Too short or too long."""


def generated() -> str:
    """A new password that can be read aloud: four groups of four letters and digits, 76 bits."""
    letters = "abcdefghijkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


async def digest_of(password: str) -> str:
    """The digest to store; raises `WeakPassword`."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"A password needs {SHORTEST} to {LONGEST} characters. Several words in a row are good.")
    return await asyncio.to_thread(_hasher.hash, password)


async def matches(password: str, digest: str | None) -> bool:
    """Whether the password is the one of the digest; takes the same time when there is no digest."""
    right = await asyncio.to_thread(_verified, password[:LONGEST], digest)
    return right and digest is not None


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe(16))


def _verified(password: str, digest: str | None) -> bool:
    try:
        return _hasher.verify(digest or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
