"""When an answer of the assistant is not enough and a person should go on."""

from dataclasses import replace

from xiaoer.assistant.asked import Asked
from xiaoer.assistant.waiting import waiting_text
from xiaoer.conversations.thread import Answer
from xiaoer.db.record import now

FURIOUS = -0.75
"""Sentiment from which one message is enough."""
UPSET = -0.5
"""Sentiment for which one apologises first."""
ANGRY = -0.4
"""Sentiment that is enough when there is no answer either."""


def reason_for(asked: Asked, answer: Answer) -> str | None:
    """Why a person should go on, if one should: nothing backed an answer twice in a row, or anger, or complaints.

    Looks no further back than the last hand-back, so that an old matter does not come up again by itself. What cannot
    be answered yet, while the shop's texts are being read in, counts as not answered, but not for the next time.
    """
    if answer.outcome != "done":
        return None
    understood = answer.evidence.get("understood", {})
    mood = understood.get("sentiment", 0.0)
    refused = answer.route in ("refuse", "reading")
    complains_again = understood.get("concern") == "complaint" and asked.complained_before
    if mood <= FURIOUS or (refused and mood <= ANGRY) or complains_again:
        return "angry"
    return "unanswered" if refused and asked.refused_before else None


def hands_over(asked: Asked, mood: float) -> bool:
    """Whether a refusal of this message brings a person, or leaves it to the one who is waited for."""
    return asked.waiting is not None or asked.refused_before or mood <= ANGRY


def escalated(asked: Asked, answer: Answer) -> tuple[Answer, str]:
    """The answer, with the hand-over in it when one is due, and the words that this added."""
    reason = reason_for(asked, answer)
    if reason is None:
        return answer, ""
    added = "\n" + waiting_text(asked.profile, answer.language, now(), staffed=asked.staffed)
    evidence = {**answer.evidence, "reason": reason}
    return replace(
        answer, text=answer.text + added, outcome="handoff", reason=reason, evidence=evidence, suggestions=()
    ), added
