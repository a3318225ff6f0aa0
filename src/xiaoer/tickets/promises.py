"""By when the customer hears from us, and how that is said in their language and the shop's time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from xiaoer.patterns import toml
from xiaoer.staff.hours import calendar_of, zone_of
from xiaoer.stores import Priority, Profile
from xiaoer.tickets.states import MINUTES

TABLES: Mapping[str, Mapping[str, str]] = toml("xiaoer.tickets", "words.toml")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Promise:
    """When the customer hears from us, and when we should be reminded of it."""

    due_at: datetime
    remind_at: datetime


def minutes_of(profile: Profile, priority: Priority) -> int:
    """Open minutes within which a ticket of that priority is answered."""
    return profile.ticket_minutes.get(priority, MINUTES[priority])


def promise(profile: Profile, priority: Priority, since: datetime) -> Promise:
    """What is promised at `since`, by the shop's hours, days and time zone."""
    return _within(profile, since, timedelta(minutes=minutes_of(profile, priority)))


def left(profile: Profile, at: datetime, due_at: datetime) -> int:
    """Seconds of open time left until `due_at`; less than none when it is over."""
    return round(calendar_of(profile).between(at, due_at).total_seconds())


def resumed(profile: Profile, at: datetime, left_seconds: int) -> Promise:
    """What is due when the clock goes on with so many seconds of open time left."""
    if left_seconds <= 0:
        late = at + timedelta(seconds=left_seconds)
        return Promise(late, late)
    return _within(profile, at, timedelta(seconds=left_seconds))


def _within(profile: Profile, since: datetime, length: timedelta) -> Promise:
    calendar = calendar_of(profile)
    return Promise(calendar.after(since, length), calendar.after(since, length * 3 / 4))


def say(key: str, language: str, **values: object) -> str:
    """The text of `key` in `language`, or in English."""
    return TABLES.get(language.replace("_", "-").partition("-")[0].lower(), TABLES["en"])[key].format_map(values)


def when(at: datetime, language: str, timezone: str, *, clock: bool = True) -> str:
    """A moment to the minute in the shop's zone, which is named for everybody who may live in another.

    Without `clock` it is the day alone.
    """
    local = at.astimezone(zone_of(timezone))
    time = local.strftime("%H:%M")
    if language.startswith("zh"):
        zone = "" if timezone == "Asia/Shanghai" else f"（{_offset(local)}）"
        return f"{local.month} 月 {local.day} 日" + (f" {time}{zone}" if clock else "")
    if language.startswith("en"):
        return f"{local.day} {_MONTHS[local.month - 1]}" + (f", {time} ({_offset(local)})" if clock else "")
    return f"{local.day}/{local.month}/{local.year}" + (f" {time} ({_offset(local)})" if clock else "")


def by_when(profile: Profile, at: datetime | None, language: str) -> str:
    """`at` as a customer may be promised it; empty where there is nothing to promise.

    A shop that has set no hours has nobody who is sure to be there at any minute.
    """
    if at is None or calendar_of(profile).begins is None:
        return ""
    return when(at, language, profile.timezone)


def _offset(local: datetime) -> str:
    written = local.strftime("%z")
    return f"UTC{written[:3]}:{written[3:5]}"
