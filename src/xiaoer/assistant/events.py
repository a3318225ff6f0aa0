"""What happens in a turn, as told to whoever listens.

text     {delta}                                  words of the answer, already gated
tool     {name, status}                           a tool runs
confirm  {token, summary, expires_at}             a change waits for the customer's yes
then exactly one of
done     {message_id, text, language, route, sources, confidence, suggestions, timings_ms, nearest?, choices?}
handoff  {reason, queue, ahead?, ticket?}         a person will come, or is there; so many wait before this customer
failed   {error, detail}                          nobody could; the text says what to do
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from xiaoer.broadcast import Broadcast
from xiaoer.conversations.handoff import state_of
from xiaoer.conversations.tables import Conversation

ENDINGS = frozenset({"done", "handoff", "failed"})


@dataclass(frozen=True)
class Text:
    """Words of the answer that may be sent now."""

    delta: str


@dataclass(frozen=True)
class ToolUse:
    """A tool that runs (`started`) or has run (`succeeded`, `failed`)."""

    name: str
    status: str


@dataclass(frozen=True)
class Confirm:
    """A change that waits for the customer's yes; `token` decides it once, until `expires_at`."""

    token: str
    summary: str
    expires_at: datetime

    def as_json(self) -> dict[str, str]:
        expires_at = self.expires_at.isoformat().replace("+00:00", "Z")
        return {"token": self.token, "summary": self.summary, "expires_at": expires_at}


def topic(conversation_id: object) -> str:
    """Where the events of a conversation are broadcast."""
    return f"conversation:{conversation_id}"


def live(kind: str, data: dict[str, Any], *, turn: object = None) -> dict[str, Any]:
    """An event as broadcast; `turn` is the id of the customer's message that it belongs to."""
    return {"kind": kind, "turn": str(turn) if turn else None, "data": data}


def owner(conversation: Conversation) -> dict[str, Any]:
    """Who answers the customer's next message, and where the conversation stands, as broadcast."""
    return live("owner", {"owner": conversation.owner, "state": state_of(conversation)})


def store_topic(store_id: object) -> str:
    """Where it is said that something happened in a conversation of the store, without the words of it."""
    return f"store:{store_id}"


async def announce(broadcast: Broadcast, store_id: object, conversation_id: object, *events: dict[str, Any]) -> None:
    """Tell the conversation's listeners what happened, and the store's that something did."""
    for event in events:
        await broadcast.publish(topic(conversation_id), event)
    moved = {"kind": "moved", "conversation": str(conversation_id)}
    await broadcast.publish(store_topic(store_id), moved)
