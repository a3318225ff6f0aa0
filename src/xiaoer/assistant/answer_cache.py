"""Answers from the shop's knowledge, given again to whoever asks the same, and worked out once when many ask at once.

An answer enters the cache as it came from the knowledge, before a ticket, a place in the queue or a hand-over is added
to it, and only if nothing said earlier in the conversation can have shaped it. Its key holds all that it depended on.
"""

import hashlib
import json
from datetime import timedelta

from xiaoer.assistant.answering import prompts
from xiaoer.assistant.asked import Turn
from xiaoer.assistant.flight import Flight, Flights
from xiaoer.conversations import cached
from xiaoer.conversations.cached import Cached
from xiaoer.conversations.thread import Answer
from xiaoer.db.database import Sessions
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.language import normal
from xiaoer.llm.model import Model

AGE = timedelta(minutes=15)


def key_of(turn: Turn, model: str | None) -> str:
    """Equal for questions that have one answer.

    That is the case for the same normal form, language, knowledge, model and prompt with the shop's settings, and the
    same values in `turn.depends`. The words themselves cannot be read from it.
    """
    asked = turn.asked
    parts = {
        "question": normal.key(asked.text),
        "language": turn.language,
        "knowledge": asked.knowledge_revision,
        "model": model,
        "prompt": prompts.version(asked.profile, turn.language),
        "depends": turn.depends,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


class AnswerCache:
    """The cache of all stores. Answers that are asked for at once are joined within this process."""

    def __init__(self, sessions: Sessions, knowledge: Knowledge) -> None:
        self._sessions = sessions
        self._knowledge = knowledge
        self._flights = Flights[Cached]()

    async def answer(self, turn: Turn, model: Model | None) -> Answer | None:
        """The answer kept for this question, or being worked out for it at this moment.

        Where there is none the turn gets a `flight`, which has to end when its answer is known or given up; but not
        where another turn has just found that there is nothing to share.
        """
        is_trial = turn.asked.conversation_id is None
        if turn.seen.follows_up or is_trial or turn.policy:  # what is wrong with somebody's goods is for them alone
            return None
        turn.question_key = key_of(turn, model.name if model else None)
        found = await self._find(turn, turn.question_key)
        if found is None:
            return None
        key = turn.question_key
        return turn.ended(found.text, "cache", confidence=found.confidence, sources=found.sources, question_key=key)

    async def keep(self, turn: Turn, answer: Answer) -> None:
        """Give this answer to others for a while: until the shop's knowledge changes by itself at the latest."""
        if turn.question_key is None:
            return
        store_id = turn.asked.store_id
        change = await self._knowledge.next_change(store_id, turn.at)
        expires = turn.at + AGE if change is None else min(turn.at + AGE, change)
        kept = Cached(answer.text, answer.sources, answer.confidence, expires)
        async with self._sessions.begin() as session:
            await cached.keep(session, store_id, turn.question_key, kept)
        if turn.flight is not None:
            turn.flight.land(kept)

    async def _find(self, turn: Turn, key: str) -> Cached | None:
        joined = await self._flights.join((turn.asked.store_id, key))
        if not isinstance(joined, Flight):
            return joined if joined is not None and joined.expires_at > turn.at else None
        turn.flight = joined
        async with self._sessions() as session:
            found = await cached.find(session, turn.asked.store_id, key, at=turn.at)
        if found is not None:
            joined.land(found)
        return found
