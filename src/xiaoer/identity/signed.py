"""Identity signed by the shop's own site: a JSON web token, HMAC-SHA256 with the store's key."""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.errors import Invalid
from xiaoer.identity.tables import IdentityKey
from xiaoer.mail import ADDRESS
from xiaoer.sealing import Seal

AUDIENCE = "xiaoer"
LONGEST_LIFE = timedelta(hours=24)
LEEWAY = timedelta(seconds=30)
"""Clocks of two machines may differ by this much."""
LONGEST_SUBJECT = 200
LONGEST_ADDRESS = 250
MOST_FACTS, LONGEST_FACT = 20, 40


class BadIdentity(Invalid):
    """The signed identity cannot be believed; the same words whatever is wrong with it."""


@dataclass(frozen=True)
class Signed:
    """A customer as the shop's site vouches for: `customer` is the shop's own number, `email` where to write to."""

    customer: str
    expires_at: datetime
    name: str | None = None
    email: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


async def renew_key(session: AsyncSession, store_id: uuid.UUID, seal: Seal) -> str:
    """Make the store's signing key, or replace it: what the old one signed is worth nothing from then on.

    It can be read this once only; what is stored is sealed.
    """
    secret = secrets.token_urlsafe(48)
    statement = insert(IdentityKey).values(id=uuid.uuid4(), store_id=store_id, sealed=seal.lock(secret))
    await session.execute(
        statement.on_conflict_do_update(index_elements=["store_id"], set_={"sealed": statement.excluded.sealed})
    )
    return secret


async def believed(session: AsyncSession, store_id: uuid.UUID, seal: Seal, token: str, *, at: datetime) -> Signed:
    """The customer that a token of this store's site vouches for; raises `BadIdentity`."""
    sealed = await session.scalar(sa.select(IdentityKey.sealed).where(IdentityKey.store_id == store_id))
    return read(token, seal.open(sealed) if sealed else None, at=at)


def read(token: str, secret: str | None, *, at: datetime) -> Signed:
    """The customer a token vouches for; raises `BadIdentity`.

    Only HS256 with `sub`, `aud` "xiaoer" and `exp` at most a day ahead is taken (RFC 7519, RFC 8725).
    """
    refused = BadIdentity(
        "customer.token is not valid: it must be a JWT signed with HS256 by this store's identity key, "
        f"with sub, aud={AUDIENCE!r} and an exp at most 24 hours ahead."
    )
    if secret is None:
        raise refused
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            audience=AUDIENCE,
            leeway=LEEWAY,
            options={"require": ["sub", "aud", "exp"]},
        )
    except jwt.InvalidTokenError as error:
        raise refused from error
    subject, name, email = claims["sub"], claims.get("name"), claims.get("email")
    expires_at = datetime.fromtimestamp(claims["exp"], tz=at.tzinfo)
    if (
        not isinstance(subject, str)
        or not 0 < len(subject) <= LONGEST_SUBJECT
        or not subject.isprintable()  # two numbers that differ in what nobody sees are not to become one
        or expires_at > at + LONGEST_LIFE + LEEWAY
    ):
        raise refused
    return Signed(
        subject,
        expires_at,
        name[:LONGEST_SUBJECT] if isinstance(name, str) else None,
        email if isinstance(email, str) and len(email) <= LONGEST_ADDRESS and ADDRESS.fullmatch(email) else None,
        _facts(claims.get("facts")),
    )


def _facts(claimed: Any) -> dict[str, str]:
    """What the site says of the customer, as short texts by name; what is no such thing is left out."""
    if not isinstance(claimed, dict):
        return {}
    plain = {str(name)[:LONGEST_FACT]: str(value) for name, value in claimed.items() if isinstance(value, str | int)}
    return dict([(name, value[:LONGEST_SUBJECT]) for name, value in plain.items() if name][:MOST_FACTS])
