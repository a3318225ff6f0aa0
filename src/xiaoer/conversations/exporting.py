"""One dialogue as data: every message with what its answer stood on."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.conversations import inbox, thread
from xiaoer.conversations.tables import Message, Note

MOST = 5000
"""Messages in one file; the first ones, and the file says when there are more."""


async def dialogue(session: AsyncSession, conversation_id: uuid.UUID, *, store_id: uuid.UUID) -> dict[str, Any]:
    """A conversation of the store with its messages and notes; raises `UnknownConversation`."""
    whole = await inbox.whole(session, conversation_id, store_id=store_id)
    messages = await thread.messages(session, conversation_id, limit=MOST + 1)
    conversation, customer = whole.conversation, whole.customer
    return {
        "id": str(conversation.id),
        "created_at": _moment(conversation.created_at),
        "closed_at": _moment(conversation.closed_at),
        "channel": conversation.channel,
        "locale": conversation.locale,
        "language": conversation.language,
        "state": whole.state,
        "assigned_to": whole.assigned,
        "handoff_reason": conversation.handoff_reason,
        "tags": conversation.tags,
        "customer": {
            "id": str(customer.id),
            "external_id": customer.external_id,
            "name": customer.name,
            "facts": customer.facts,
        },
        "messages": [_message(message) for message in messages[:MOST]],
        "more_messages": len(messages) > MOST,
        "notes": [_note(note) for note in whole.notes],
        "judgements": [
            {
                "created_at": _moment(each.created_at),
                "position": each.position,
                "score": each.score,
                "resolved": each.resolved,
                "reason": each.reason,
            }
            for each in whole.judgements
        ],
    }


def _message(message: Message) -> dict[str, Any]:
    told = {
        "id": str(message.id),
        "position": message.position,
        "created_at": _moment(message.created_at),
        "author": message.author,
        "author_name": message.author_name,
        "text": message.text,
        "language": message.language,
        "attachments": message.attachments,
    }
    if message.author != "assistant":
        return told
    return told | {
        "answers": str(message.answers) if message.answers else None,
        "route": message.route,
        "outcome": message.outcome,
        "confidence": message.confidence,
        "sources": message.sources,
        "suggestions": message.suggestions,
        "evidence": message.evidence,
        "feedback": {"score": message.feedback_score, "comment": message.feedback_comment},
    }


def _note(note: Note) -> dict[str, Any]:
    return {"created_at": _moment(note.created_at), "author_name": note.author_name, "text": note.text}


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
