"""What a customer who asked for a person is told: somebody comes, or when people are there again."""

from datetime import datetime

from xiaoer.language.phrases import phrase
from xiaoer.staff.hours import calendar_of
from xiaoer.stores import Profile


def waiting_text(profile: Profile, language: str, at: datetime) -> str:
    """The text at a hand-over; out of the shop's hours it says the hours."""
    if calendar_of(profile).is_open(at):
        return phrase("handoff_waiting", language)
    return phrase("handoff_offline", language, hours=profile.hours)
