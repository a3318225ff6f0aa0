"""The link that leads a customer back into a conversation, as it stands in a letter to them.

What it holds is good in place of the conversation's own token, for some days. It stands behind the `#` of the chat
page's address, which browsers send to nobody.
"""

import uuid
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from xiaoer.sealing import Seal, SealedLinks

PREFIX: Final = "cl_"
GOOD_FOR: Final = timedelta(days=7)


class ReturnLinks:
    """Makes and reads the links. `base` is the address customers see; without one there are no links to give out."""

    def __init__(self, seal: Seal, base: str) -> None:
        self._links = SealedLinks(seal, "conversation", within=GOOD_FOR)
        self._base = base.rstrip("/")

    def of(self, conversation_id: uuid.UUID, *, store: str, language: str) -> str:
        """The whole address, or nothing while the desk does not know its own."""
        if not self._base:
            return ""
        query = urlencode({"store": store, "locale": language})
        return f"{self._base}/chat?{query}#back={conversation_id}.{self.token(conversation_id)}"

    def token(self, conversation_id: uuid.UUID) -> str:
        return PREFIX + self._links.token(conversation_id)

    def conversation(self, token: str) -> uuid.UUID:
        """Whose token it is; raises `BadLink`."""
        return self._links.thing(token.removeprefix(PREFIX))
