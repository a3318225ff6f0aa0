"""When people answer: the shop's hours, such as 09:00-21:00, in its time zone."""

import re
from datetime import datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SPAN = re.compile(r"^\s*(\d{1,2}):(\d{2})\s*[-–—~至]\s*(\d{1,2}):(\d{2})\s*$")


def is_open(hours: str, timezone: str, at: datetime) -> bool:
    """Whether people answer at a moment. Hours that are empty or cannot be read never turn a customer away."""
    found = SPAN.match(hours)
    if found is None:
        return True
    numbers = [int(part) for part in found.groups()]
    try:
        zone = ZoneInfo(timezone)
        opens, closes = time(numbers[0] % 24, numbers[1]), time(numbers[2] % 24, numbers[3])
    except (ZoneInfoNotFoundError, ValueError):
        return True
    clock = at.astimezone(zone).time()
    if opens == closes:
        return True
    if opens < closes:
        return opens <= clock < closes
    return clock >= opens or clock < closes
