"""The customer's own address of a ticket: whoever holds it may read what is public there, and answer."""

import uuid

from xiaoer.errors import NotFound, Unavailable
from xiaoer.sealing import Seal

_PREFIX = "ticket:"
LONGEST = 400


class BadLink(NotFound):
    """The link was not made here, or with a key that is gone."""


class TicketLinks:
    """Makes and reads the links. `base` is the address customers see; without one there are no links to give out."""

    def __init__(self, seal: Seal, base: str) -> None:
        self._seal = seal
        self._base = base.rstrip("/")

    def of(self, ticket_id: uuid.UUID) -> str:
        """The whole address, or nothing while the desk does not know its own."""
        return f"{self._base}{self.path(ticket_id)}" if self._base else ""

    def path(self, ticket_id: uuid.UUID) -> str:
        return f"/ticket/{self._seal.lock(_PREFIX + str(ticket_id)).rstrip('=')}"

    def ticket(self, token: str) -> uuid.UUID:
        """Whose link it is; raises `BadLink`."""
        try:
            opened = self._seal.open(token + "=" * (-len(token) % 4)) if len(token) <= LONGEST else ""
        except (Unavailable, ValueError) as error:
            raise BadLink("This link is not valid (any more).") from error
        if not opened.startswith(_PREFIX):
            raise BadLink("This link is not valid (any more).")
        return uuid.UUID(opened.removeprefix(_PREFIX))
