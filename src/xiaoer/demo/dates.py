"""Dates of the demo relative to the day it is loaded, so that its offers run, end and begin on any day.

Texts hold `{{today}}`, `{{today+10d}}` or `{{today-3d}}`; `{{midyear}}` is the last 18 June that is well over, and
`{{newyear}}` the next 1 January that is not yet near. Both take days too: `{{newyear-4d}}`.
"""

from collections.abc import Callable
from datetime import date, timedelta

from xiaoer.patterns import lazy

_PLACE = lazy(r"\{\{(today|midyear|newyear)(?:([+-]\d{1,4})d)?\}\}")
_OVER = timedelta(days=5)
_AHEAD = timedelta(days=14)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def resolve(text: str, today: date, written: Callable[[date], str] = date.isoformat) -> str:
    """`text` with its placeholders as dates, each the way `written` writes it."""
    anchors = {"today": today, "midyear": midyear(today), "newyear": newyear(today)}
    return _PLACE.sub(lambda found: written(anchors[found[1]] + timedelta(days=int(found[2] or 0))), text)


def midyear(today: date) -> date:
    """The last 18 June at least five days before `today`."""
    this = date(today.year, 6, 18)
    return this if this + _OVER <= today else date(today.year - 1, 6, 18)


def newyear(today: date) -> date:
    """The next 1 January at least fourteen days after `today`."""
    following = date(today.year + 1, 1, 1)
    return following if following >= today + _AHEAD else date(today.year + 2, 1, 1)


def spoken(language: str) -> Callable[[date], str]:
    """How a date stands in a sentence of `language`."""
    return {"zh": _chinese, "en": _english}.get(language, _numbers)


def _chinese(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def _english(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _numbers(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"
