"""The customer's own address of a ticket: whoever holds it may read what is public there, and answer."""

import uuid

from xiaoer.sealing import Seal, SealedLinks


class TicketLinks:
    """Makes and reads the links. `base` is the address customers see; without one there are no links to give out."""

    def __init__(self, seal: Seal, base: str) -> None:
        self._links = SealedLinks(seal, "ticket")
        self._base = base.rstrip("/")

    def of(self, ticket_id: uuid.UUID) -> str:
        """The whole address, or nothing while the desk does not know its own."""
        return f"{self._base}{self.path(ticket_id)}" if self._base else ""

    def path(self, ticket_id: uuid.UUID) -> str:
        return f"/ticket/{self._links.token(ticket_id)}"

    def ticket(self, token: str) -> uuid.UUID:
        """Whose link it is; raises `BadLink`."""
        return self._links.thing(token)
