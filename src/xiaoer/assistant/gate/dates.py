"""Dates, times of day, weekdays and words like 'tomorrow', in the ways shops write them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from xiaoer.assistant.gate.dates_words import APM, MONTHS, PERIODS, RELATIVE, WEEKDAYS
from xiaoer.language import number_words
from xiaoer.patterns import lazy


@dataclass(frozen=True)
class Date:
    """A date of which only some parts may be written. `marked` is false where it may as well be a plain fraction."""

    year: int | None
    month: int | None
    day: int | None
    start: int
    end: int
    marked: bool = True

    def within(self, other: "Date") -> bool:
        """Whether every part written here is written there, and the same."""
        pairs = ((self.year, other.year), (self.month, other.month), (self.day, other.day))
        return all(mine is None or mine == theirs for mine, theirs in pairs)


@dataclass(frozen=True)
class Moment:
    """A time of day: the minutes since midnight it may mean, or a weekday, or a word such as 'tomorrow'."""

    kind: str
    values: tuple[int | str, ...]
    start: int
    end: int


_MONTH_NAMES = "|".join(sorted(map(re.escape, MONTHS), key=len, reverse=True))
_Y = r"(?P<year>(?:1\d|20|25)\d\d)"
_M = r"(?P<month>1[0-2]|0?[1-9])"
_D = r"(?P<day>3[01]|[12]\d|0?[1-9])"
_DATE_PATTERNS = tuple(
    lazy(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d){_Y}\s?[年년]\s?(?:{_M}\s?[月월](?:份)?(?:\s?{_D}\s?[日号일])?)?",
        rf"(?<![\d.]){_M}\s?[月월](?!经|租|供|均)(?:份)?(?:\s?{_D}\s?[日号일]?)?",
        rf"(?<!\d){_Y}[-/.]{_M}[-/.]{_D}(?![\d])",
        rf"(?<!\d){_Y}[-/]{_M}(?![\d/-])",
        rf"(?<![\d/.-]){_D}[/.-]{_M}[/.-]{_Y}(?!\d)",
        rf"(?<![\d/.-]){_M}[/.-]{_D}[/.-]{_Y}(?!\d)",
        rf"(?:ngày\s)?(?<![\d.,])(?P<day>\d\d?) tháng {_M}(?:(?:,? năm |[/-]|,? ){_Y})?",
        rf"(?<!\d )tháng {_M}(?:(?:,? năm |[/-]){_Y})?",
        rf"(?<!\w)(?P<name>{_MONTH_NAMES})\.? {_D}(?:st|nd|rd|th)?(?!\w)(?:,? {_Y})?",
        rf"(?<![\d.,]){_D}(?:st|nd|rd|th|er|º|\.)?(?: of| de|-го|\s?ที่)? ?(?P<name>{_MONTH_NAMES})(?!\w)\.?(?:(?:,| de(?:l)?| พ\.ศ\.)? {_Y})?",  # noqa: E501 - a row of words
        rf"(?<!\w)(?P<name>{_MONTH_NAMES})\.?(?: de|,)? {_Y}(?!\d)",
        r"(?:năm|en|since|in|im Jahr|año|ปี|พ\.ศ\.|tahun|en l'an|в) (?P<year>(?:1\d|20|25)\d\d)(?![\d.,]{0,30}\d)(?! ?(?:万|元|个|đồng|đ\b|บาท|€|\$|USD|руб))",  # noqa: E501 - a row of words
        rf"(?<!\w)(?:in|by|until|since|during|from) (?P<name>{_MONTH_NAMES})(?!\w)(?! (?:be|have|not|I|we|you)\b)",
        r"(?P<century>\d\d)\s?世纪\s?(?P<decade>\d)0\s?年代",
        r"(?P<last>上)(?:个)?世纪\s?(?P<decade>\d)0\s?年代",
        r"(?<!\d)(?P<year>(?:1[5-9]|20)\d0)(?:'?s\b|\s?年代|년대)",
        rf"(?<![\d.]){_M}\.{_D}(?=(?:大促|活动|期间|年中|当天|[-~至到]))",
    )
)
_SHORT = lazy(r"(?<![A-Za-z0-9/.,-])(?P<one>3[01]|[12]\d|0?[1-9])[/](?P<two>3[01]|[12]\d|0?[1-9])(?![A-Za-z0-9/%-])")
_ISO_SHORT = lazy(r"(?<![A-Za-z0-9:-])(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])(?![A-Za-z0-9:-])")
_LATER_DAY = lazy(rf"\s?(?:-|–|~|至|到|まで|から|부터)\s?{_D}\s?[日号일]")
_LONE_DAY = lazy(rf"(?<![\d.月월]){_D}\s?[日号](?!以内|之内|内|间|无理由|后|本|线)")
_HOUR = r"(?P<hour>2[0-4]|1\d|0?\d)"
_PERIOD = "(?P<period>" + "|".join(sorted(map(re.escape, PERIODS), key=len, reverse=True)) + ")?"
_CLOCK = tuple(
    lazy(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_PERIOD}\s?(?<![\d.:]){_HOUR}[:：](?P<minute>[0-5]\d)(?::[0-5]\d)?(?!\d)\s?(?:{APM})?",
        rf"{_PERIOD}\s?(?<![\d.:]){_HOUR}\s?(?:点|时(?!间|长|效|间)|시(?!간))(?:整)?(?:(?P<minute>[0-5]?\d)\s?분?|(?P<half>半|반))?(?!\d)",
        rf"{_PERIOD}\s?(?<![\d.:,]){_HOUR}(?:\.(?P<minute>[0-5]\d))?\s?{APM}",
        rf"(?<![\d.:,]){_HOUR}[hH](?P<minute>[0-5]\d)(?!\d)",
        rf"(?<![\d.:,]){_HOUR}\.(?P<minute>[0-5]\d)\s?น\.",
        rf"(?<![\d.:,]){_HOUR}\s?น\.",
        (
            r"(?<![\d.:,])(?<!trong )(?<!vòng )(?<!khoảng )(?<!sau )(?<!hơn )(?<!tối đa )"
            rf"{_HOUR} (?:giờ|Uhr)(?! làm)(?: (?P<minute>[0-5]\d)(?! phút?\w))?(?: {_PERIOD.rstrip('?')})?"
        ),
        rf"(?<!\w)(?:jam|pukul|a las|às) {_HOUR}(?:[.:h](?P<minute>[0-5]\d))?(?!\d|[.,]\d)",
        rf"(?<!\w)(?:à|dès) {_HOUR} ?h(?![\dA-Za-z])",
        r"(?P<word>noon|midnight|正午|中午十二点|giữa trưa|เที่ยงวัน|เที่ยงคืน|à midi|à minuit|mediodía|medianoche|meio-dia)\b",  # noqa: E501 - a row of words
    )
)
_HAN_CLOCK = lazy(
    rf"{_PERIOD}(?P<han>[一二两三四五六七八九十]{{1,3}})[点时](?P<half>半|钟)?(?!间|击|餐|单|评|赞|儿|心|滴|光|火|火|燃)"
)
_HAN_DATE = lazy(r"(?P<month>[一二三四五六七八九十]{1,2})月(?P<day>[一二三四五六七八九十廿]{1,3})[日号]")
_WEEKDAY = lazy("|".join(f"(?:{pattern})" for pattern in WEEKDAYS), re.IGNORECASE)
_RELATIVE = lazy("|".join(f"(?P<{name}>{pattern})" for name, pattern in RELATIVE.items()), re.IGNORECASE)
_BUDDHIST = 543
_BUDDHIST_FROM = 2500
_MONTHS_A_YEAR = 12
_NOON = 12


def find_dates(text: str, language: str) -> list[Date]:
    """The dates of a folded text, longest reading first, none inside another."""
    found: list[Date] = []
    for pattern in _DATE_PATTERNS:
        found += [_date(match, pattern) for match in pattern.finditer(text)]
    for match in _HAN_DATE.finditer(text):
        found.append(Date(None, _value(match["month"]), _value(match["day"]), *match.span()))
    found = _longest(found)
    found += _continued(text, found)
    taken = [(date.start, date.end) for date in found]
    found += [date for date in _short(text, language) if not _inside(date.start, taken)]
    taken = [(date.start, date.end) for date in found]
    for match in _LONE_DAY.finditer(text):
        lone = language in {"zh", "ja"} and not _inside(match.start(), taken) and match.group()[-1] == "号"
        if lone:
            found.append(Date(None, None, int(match["day"]), *match.span(), marked=False))
    return sorted(found, key=lambda date: date.start)


def _date(match: re.Match[str], pattern: re.Pattern[str]) -> Date:
    groups = {name: match.group(name) for name in pattern.groupindex}
    year = int(groups["year"]) if groups.get("year") else None
    if groups.get("decade"):
        century = int(groups["century"] or 20) if groups.get("century") else 20
        year = (century - 1) * 100 + int(groups["decade"] or 0) * 10
    if year is not None and year >= _BUDDHIST_FROM:
        year -= _BUDDHIST
    name = groups.get("name")
    month = MONTHS[name.lower()] if name else int(groups["month"]) if groups.get("month") else None
    day = int(groups["day"]) if groups.get("day") else None
    return Date(year, month, day, match.start(), match.end())


def _longest(found: list[Date]) -> list[Date]:
    kept: list[Date] = []
    for date in sorted(found, key=lambda one: (one.start - one.end, one.start)):
        clash = [other for other in kept if other.start < date.end and date.start < other.end]
        if not clash or all((other.start, other.end) == (date.start, date.end) for other in clash):
            kept.append(date)
    return kept


def _continued(text: str, found: list[Date]) -> Iterator[Date]:
    """In 6月1日至18日 the second day is of the same month."""
    for date in found:
        match = _LATER_DAY.match(text, date.end) if date.month and date.day else None
        if match is not None:
            yield Date(date.year, date.month, int(match["day"]), match.start("day"), match.end())


def _short(text: str, language: str) -> Iterator[Date]:
    for match in _SHORT.finditer(text):
        one, two = int(match["one"]), int(match["two"])
        marked = language not in {"zh", "ja", "ko", "en"}
        if two <= _MONTHS_A_YEAR and language not in {"zh", "ja", "ko"}:
            yield Date(None, two, one, *match.span(), marked=marked)
        if one <= _MONTHS_A_YEAR and (two > _MONTHS_A_YEAR or language in {"zh", "ja", "ko", "en"}):
            yield Date(None, one, two, *match.span(), marked=False)
    for match in _ISO_SHORT.finditer(text):
        yield Date(None, int(match["month"]), int(match["day"]), *match.span(), marked=False)


def _inside(position: int, spans: list[tuple[int, int]]) -> bool:
    return any(begin <= position < end for begin, end in spans)


def _value(numeral: str) -> int:
    """The value of a Chinese numeral."""
    return int(next(number_words.find(numeral, "zh")).values[-1])


def find_moments(text: str, language: str) -> list[Moment]:
    """Clock times, weekdays and relative days of a folded text."""
    found: list[Moment] = []
    for pattern in _CLOCK:
        for match in pattern.finditer(text):
            if not any(one.start < match.end() and match.start() < one.end for one in found):
                found.append(Moment("time", _minutes(match, pattern), *match.span()))
    if language in {"zh", "ja"}:
        found += [
            Moment("time", _han_minutes(match), *match.span())
            for match in _HAN_CLOCK.finditer(text)
            if match["period"] or match["half"] == "钟" or (len(match["han"]) > 1 or match["han"] not in "一两")
        ]
    for match in _WEEKDAY.finditer(text):
        day = next(index for index, group in enumerate(match.groups()) if group)
        found.append(Moment("weekday", (day,), *match.span()))
    for match in _RELATIVE.finditer(text):
        found.append(Moment("relative", (match.lastgroup or "",), *match.span()))
    return found


def _minutes(match: re.Match[str], pattern: re.Pattern[str]) -> tuple[int, ...]:
    groups = {name: match.group(name) for name in pattern.groupindex}
    if groups.get("word"):
        at_night = re.search(r"midnight|คืน|minuit|medianoche", match.group(), re.IGNORECASE)
        return (0, 24 * 60) if at_night else (12 * 60,)
    minute = 30 if groups.get("half") else int(groups.get("minute") or 0)
    return _within_day(int(groups["hour"] or 0), minute, groups, ":" in match.group())


def _within_day(hour: int, minute: int, groups: dict[str, str | None], colon: bool) -> tuple[int, ...]:
    period = PERIODS.get((groups.get("period") or "").lower(), "")
    apm = (groups.get("apm") or "").lower().replace(".", "").replace(" ", "")
    if period == "pm" or apm == "pm":
        return ((hour % 12 + 12) * 60 + minute,)
    if period == "am" or apm == "am":
        return (hour % 12 * 60 + minute,)
    if hour > _NOON or colon or hour == 0:
        return (hour * 60 + minute,)
    return (hour * 60 + minute, (hour + 12) * 60 + minute)


def _han_minutes(match: re.Match[str]) -> tuple[int, ...]:
    minute = 30 if match["half"] == "半" else 0
    return _within_day(_value(match["han"]), minute, {"period": match["period"]}, colon=False)
