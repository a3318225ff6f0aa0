"""Fixed replies to what asks nothing: greetings, thanks, faces and the like."""

from typing import Final

from xiaoer.assistant.asked import Turn
from xiaoer.conversations.thread import Answer
from xiaoer.language.phrases import phrase

REPLIES: Final = {
    "greeting": "greeting_reply",
    "thanks": "thanks_reply",
    "goodbye": "goodbye",
    "chitchat": "chitchat_reply",
    "emoji": "emoji_reply",
    "empty": "empty_message",
    "affirm": "affirm_reply",
    "deny": "deny_reply",
}
"""The key of the text that answers each social intent."""


async def social_reply(turn: Turn) -> Answer | None:
    """The reply to a message that is only social, and not angry."""
    key = REPLIES.get(turn.seen.intent)
    if key is None or turn.concern is not None:
        return None
    shop = turn.asked.profile.name_in(turn.language)
    suggestions = tuple(turn.asked.profile.opening_questions.get(turn.language, ()))
    return turn.ended(phrase(key, turn.language, shop=shop), "curated", confidence=1.0, suggestions=suggestions)
