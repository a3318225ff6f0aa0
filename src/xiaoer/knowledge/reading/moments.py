"""Dates and times as people write them in files."""

import re
from datetime import datetime, time, timedelta, tzinfo

from xiaoer.patterns import lazy

_DATE = lazy(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:[T\s]*(\d{1,2})[:：时](\d{2})(?:[:：分](\d{2}))?(?:\.\d+)?分?秒?)?\s*(Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)


def start(written: str, zone: tzinfo) -> datetime | None:
    """The moment from which something holds; a day begins at midnight of the shop. None: not a date."""
    return _moment(written, zone, ends=False)


def end(written: str, zone: tzinfo) -> datetime | None:
    """The first moment at which something no longer holds: a last day counts to its end. None: not a date."""
    return _moment(written, zone, ends=True)


def period(first: str, last: str, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    """From when until just before when something holds; empty texts are open ends.

    Raises ValueError for what is no date and for an end before the beginning: a period that cannot be read must
    not turn into one that never ends.
    """
    begins, ends = start(first, zone), end(last, zone)
    if (first and begins is None) or (last and ends is None):
        raise ValueError
    if begins and ends and ends <= begins:
        raise ValueError
    return begins, ends


def _moment(written: str, zone: tzinfo, *, ends: bool) -> datetime | None:
    found = _DATE.fullmatch(written.strip())
    if not found:
        return None
    year, month, day, hour, minute, second, offset = found.groups()
    try:
        if hour is None:
            moment = datetime.combine(datetime(int(year), int(month), int(day), tzinfo=zone), time(), zone)
            return moment + timedelta(days=1) if ends else moment
        if offset:
            shift = "+00:00" if offset in ("Z", "z") else offset
            return datetime.strptime(
                f"{year}-{month}-{day} {hour}:{minute}:{second or '00'} {shift}", "%Y-%m-%d %H:%M:%S %z"
            )
        return datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=zone)
    except (ValueError, OverflowError):
        return None
