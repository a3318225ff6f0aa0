"""Secrets of others, such as a shop's API keys, as they are stored: encrypted with a key that is not in the database.

Fernet (AES-128-CBC with HMAC-SHA-256): https://github.com/fernet/spec/blob/master/Spec.md
"""

import os
import uuid
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final, Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from xiaoer.errors import Invalid, NotFound, Unavailable

KEY_FILE: Final = "secret.key"
LONGEST_LINK: Final = 400


class BadKey(Invalid):
    """The key for stored secrets is no key."""


class SealBroken(Unavailable):
    """A stored secret cannot be read with the key there is."""


class Seal:
    """Locks and opens secrets. Of several keys the first locks and all open, so that keys can be changed."""

    def __init__(self, keys: str) -> None:
        """`keys`: one or more Fernet keys, separated by commas; raises `BadKey`."""
        try:
            self._fernet = MultiFernet([Fernet(key.strip()) for key in keys.split(",")])
        except (ValueError, TypeError) as error:
            message = "The key for stored secrets must be 32 random bytes, as `openssl rand -base64 32` prints them."
            raise BadKey(message) from error

    @classmethod
    def kept_in(cls, data_dir: Path) -> Self:
        """The seal whose key is a file in `data_dir`, made at the first time and readable by its owner only."""
        path = data_dir / KEY_FILE
        if not path.exists():
            draft = data_dir / f"{KEY_FILE}.{os.getpid()}"
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(Fernet.generate_key())
            with suppress(FileExistsError):  # another process was first: its key is the one
                os.link(draft, path)
            draft.unlink()
        return cls(path.read_text(encoding="ascii"))

    def lock(self, secret: str) -> str:
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str, *, within: timedelta | None = None) -> str:
        """The secret; raises `SealBroken` if it was locked with a key that is gone, tampered with, or too old."""
        try:
            return self._fernet.decrypt(sealed.encode(), int(within.total_seconds()) if within else None).decode()
        except InvalidToken as error:
            message = "A stored key cannot be read: it was locked with another XIAOER_SECRET_KEY. Enter it again."
            raise SealBroken(message) from error


class BadLink(NotFound):
    """The link was not made here, with a key that is gone, or too long ago."""


class SealedLinks:
    """Makes and reads the part of a link that only we could have made: it names one thing of one kind by its id."""

    def __init__(self, seal: Seal, kind: str, *, within: timedelta | None = None) -> None:
        """`within`: how long a link is good for."""
        self._seal = seal
        self._prefix = f"{kind}:"
        self._within = within

    def token(self, thing: uuid.UUID) -> str:
        return self._seal.lock(self._prefix + str(thing)).rstrip("=")

    def thing(self, token: str) -> uuid.UUID:
        """What the link leads to; raises `BadLink`."""
        refused = BadLink("This link is not valid (any more).")
        try:
            padded = token + "=" * (-len(token) % 4) if len(token) <= LONGEST_LINK else ""
            opened = self._seal.open(padded, within=self._within)
        except (SealBroken, ValueError) as error:
            raise refused from error
        if not opened.startswith(self._prefix):
            raise refused
        return uuid.UUID(opened.removeprefix(self._prefix))
