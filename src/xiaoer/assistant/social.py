"""Replies to what asks nothing: greetings, thanks, faces, a word to fill the pause and the like."""

from typing import Final

from xiaoer.assistant.answering.asking import what_is_wanted
from xiaoer.assistant.asked import Turn
from xiaoer.assistant.understanding.small_talk import SmallTalk
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
    return None if turn.concern is not None else _reply(turn, turn.seen.intent)


async def small_talk_reply(turn: Turn, small_talk: SmallTalk) -> Answer | None:
    """The reply to what is only social in words of the customer's own.

    A filler, and word that the last answer missed the question, are met by asking what is wanted.
    """
    asks = turn.seen.intent != "question" or turn.concern is not None or turn.otherwise is not None
    if asks or turn.focus.choices or turn.focus.source == "message":
        return None
    kind = await small_talk.find(turn.asked.text)
    turn.evidence["understood"]["small_talk"] = kind
    if kind in ("filler", "misread"):
        return what_is_wanted(turn)
    return _reply(turn, kind) if kind is not None else None


def _reply(turn: Turn, intent: str) -> Answer | None:
    if (key := REPLIES.get(intent)) is None:
        return None
    shop = turn.asked.profile.name_in(turn.language)
    suggestions = tuple(turn.asked.profile.opening_questions.get(turn.language, ()))
    return turn.ended(phrase(key, turn.language, shop=shop), "curated", confidence=1.0, suggestions=suggestions)
