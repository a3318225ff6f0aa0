"""What a customer who asked for a person is told: somebody comes, or when people are there again."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from xiaoer.conversations import thread
from xiaoer.language.phrases import phrase
from xiaoer.staff import presence
from xiaoer.staff.hours import calendar_of
from xiaoer.stores import Profile
from xiaoer.tickets import promises

SPOKE_LATELY = timedelta(minutes=30)
"""Staff who write by the API, without a console, count as there for so long after their last words."""


async def is_staffed(session: Any, store_id: uuid.UUID, profile: Profile, at: datetime) -> bool:
    """Whether a customer who is handed over may be told that somebody comes: the shop is open, and somebody is there.

    Hours alone promise nobody: a shop may have set none, or have nobody at a console.
    """
    if not calendar_of(profile).is_open(at):
        return False
    return await presence.was_there_lately(session, store_id) or await thread.staff_spoke(
        session, store_id, since=at - SPOKE_LATELY
    )


def waiting_text(profile: Profile, language: str, at: datetime, *, staffed: bool) -> str:
    """The text at a hand-over; out of the shop's hours it says when people are there again."""
    if staffed:
        return phrase("handoff_waiting", language)
    calendar = calendar_of(profile)
    opens = next((opens for opens, _ in calendar.spans(at)), None)
    if opens is None or opens <= at:
        return phrase("handoff_away", language)
    when = promises.when(opens, language, profile.timezone, clock=calendar.begins is not None)
    return phrase("handoff_offline", language, when=when)
