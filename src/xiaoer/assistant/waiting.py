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
    return _text(("handoff_waiting", "handoff_offline", "handoff_away"), profile, language, at, staffed=staffed)


def still_waiting(profile: Profile, language: str, at: datetime, *, staffed: bool) -> str:
    """How it stands for a customer who has been handed over before."""
    return _text(("still_waiting", "still_offline", "still_away"), profile, language, at, staffed=staffed)


def _text(keys: tuple[str, str, str], profile: Profile, language: str, at: datetime, *, staffed: bool) -> str:
    """The first text where somebody comes, the second where it is known when the shop opens, else the third."""
    comes, opening, away = keys
    if staffed:
        return phrase(comes, language)
    calendar = calendar_of(profile)
    opens = next((opens for opens, _ in calendar.spans(at)), None)
    if opens is None or opens <= at:
        return phrase(away, language)
    when = promises.when(opens, language, profile.timezone, clock=calendar.begins is not None)
    return phrase(opening, language, when=when)
