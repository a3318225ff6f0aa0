"""When people answer: the shop's hours, such as 09:00-21:00, in its time zone, on which days, and how long that is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from xiaoer.patterns import lazy
from xiaoer.stores import WEEKDAYS, Profile

SPAN = lazy(r"^\s*(\d{1,2}):(\d{2})\s*[-–—~至]\s*(\d{1,2}):(\d{2})\s*$")
FURTHEST = 400
"""Days that are looked ahead; a shop that is closed for longer than this has no hours to speak of."""


@dataclass(frozen=True)
class Calendar:
    """The open hours of a shop. `begins` and `ends` are clock times in `zone`; none of both: always open.

    A span that ends before it begins goes over midnight, and belongs to the day on which it begins. Lengths are real
    time, so that a night in which the clock is put on or back has as many hours as it really has.
    """

    zone: ZoneInfo
    begins: time | None = None
    ends: time | None = None
    weekdays: frozenset[int] = frozenset(range(7))
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    def works_on(self, day: date) -> bool:
        """Whether people answer on that day; a workday named by its date wins over weekend and holiday."""
        if day in self.workdays:
            return True
        return day.weekday() in self.weekdays and day not in self.holidays

    def spans(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The spans in which people answer, in UTC and in order, that end after `since`."""
        first = since.astimezone(self.zone).date() - timedelta(days=1)
        for offset in range(FURTHEST):
            day = first + timedelta(days=offset)
            if not self.works_on(day):
                continue
            if self.begins is None or self.ends is None or self.begins == self.ends:  # around the clock
                opens, closes = self._moment(day, time()), self._moment(day + timedelta(days=1), time())
            else:
                opens = self._moment(day, self.begins)
                closes = self._moment(day + timedelta(days=self.ends < self.begins), self.ends)
            if closes > since:
                yield opens, closes

    def is_open(self, at: datetime) -> bool:
        """Whether people answer at a moment."""
        span = next(self.spans(at), None)
        return span is not None and span[0] <= at

    def after(self, since: datetime, length: timedelta) -> datetime:
        """The moment by which `length` of open time has passed since `since`.

        A shop that is never open in the next year is taken to be open always: a promise needs a moment.
        """
        left = length
        for opens, closes in self.spans(since):
            begin = max(opens, since)
            if closes - begin >= left:
                return begin + left
            left -= closes - begin
        return since.astimezone(UTC) + length

    def between(self, since: datetime, until: datetime) -> timedelta:
        """How much open time lies between two moments; negative when `until` is the earlier one."""
        if until < since:
            return -self.between(until, since)
        passed = timedelta()
        for opens, closes in self.spans(since):
            if opens >= until:
                break
            passed += min(closes, until) - max(opens, since)
        return passed

    def _moment(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)


def zone_of(timezone: str) -> ZoneInfo:
    """The zone of that name, UTC where there is none."""
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def calendar_of(profile: Profile) -> Calendar:
    """The calendar a shopkeeper has set. Hours that are empty or cannot be read never turn a customer away."""
    begins, ends = _clock(profile.hours)
    return Calendar(
        zone=zone_of(profile.timezone),
        begins=begins,
        ends=ends,
        weekdays=frozenset(WEEKDAYS.index(day) for day in profile.weekdays),
        holidays=frozenset(profile.holidays),
        workdays=frozenset(profile.workdays),
    )


def is_span(hours: str) -> bool:
    """Whether hours as a shopkeeper writes them can be read."""
    return None not in _clock(hours)


def is_open(hours: str, timezone: str, at: datetime) -> bool:
    """Whether people answer at a moment by hours alone, whatever day it is."""
    begins, ends = _clock(hours)
    return Calendar(zone_of(timezone), begins, ends).is_open(at)


def _clock(hours: str) -> tuple[time | None, time | None]:
    found = SPAN.match(hours)
    if found is None:
        return None, None
    numbers = [int(part) for part in found.groups()]
    try:
        return time(numbers[0] % 24, numbers[1]), time(numbers[2] % 24, numbers[3])
    except ValueError:
        return None, None
