"""Numbers and dates of a sheet as the sheet shows them, by the number format of the cell (ECMA-376, 18.8.30 and .31).

What a format says of colours and widths is passed over. Formats whose look depends on the computer that shows them,
such as the short date, are written year first, so that nobody takes the day for the month.
"""

import re
from calendar import day_name, month_name
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import takewhile
from typing import NamedTuple

from xiaoer.patterns import lazy

WINDOWS_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - sheets know no time zones
BUILT_IN = {
    14: "yyyy-mm-dd", 22: "yyyy-mm-dd hh:mm",
    27: 'yyyy"年"m"月"', 28: 'm"月"d"日"', 29: 'm"月"d"日"', 30: "yyyy-mm-dd", 31: 'yyyy"年"m"月"d"日"',
    32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"', 34: '上午/下午h"时"mm"分"', 35: '上午/下午h"时"mm"分"ss"秒"',
    36: 'yyyy"年"m"月"', 50: 'yyyy"年"m"月"', 51: 'm"月"d"日"', 52: 'yyyy"年"m"月"', 53: 'm"月"d"日"', 54: 'm"月"d"日"',
    55: '上午/下午h"时"mm"分"', 56: '上午/下午h"时"mm"分"ss"秒"', 57: 'yyyy"年"m"月"', 58: 'm"月"d"日"',
}  # fmt: skip
"""Formats known by number alone, their text not in the file: the short date, and those of Chinese Excel."""

_TOKEN = lazy(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|[_*](?P<width>.)|\[\$(?P<currency>[^\[\]-]*)(?:-(?P<locale>[^\[\]]*))?\]'
    r"|\[(?P<elapsed>h{1,9}|m{1,9}|s{1,9})\]|\[(?P<condition>[<>=]{1,2}\s*-?[\d.]{1,30})\]|\[[^\[\]]*\]"
    r"|(?P<general>General|G/通用格式)|(?P<noon>AM/PM|A/P|上午/下午)|(?P<exponent>E[+-])"
    r"|(?P<date>y{1,9}|e{1,9}|b{1,9}|m{1,9}|d{1,9}|a{3,4}|h{1,9}|s{1,9}(?:\.0{1,9})?)|(?P<digits>[0#?]|[.,%/@])|(?P<plain>.)",
    re.IGNORECASE | re.DOTALL,
)
_PARTS = lazy(r'"[^"]*"?|\\.|\[[^\[\]]*\]|;|[^";\\\[]+|\[', re.DOTALL)
_CONDITION = lazy(r"([<>=]{1,2})\s*(-?\d{1,20}(?:\.\d{0,20})?)")
_LOCALE = lazy("[0-9A-Fa-f]{1,8}")
_PLAIN = lazy(r"-?[¥￥$€£]?-?\d[\d,]*(?:\.\d+)?")
_NO_FIGURE = lazy(r"[^\d.-]")
_HAN_DAYS = "一二三四五六日"
_HAN_LOCALES = frozenset({0x04, 0x11})
_BUDDHIST_CALENDAR = 7
_MOST_PLACES = 30
_LEAST, _MOST = Decimal("1e-30"), Decimal("1e21")
"""Numbers beyond are shown without a format: nobody sells by them, and all their digits fill pages."""
_WHOLE = Decimal("1e15")
_ENOUGH = Context(prec=100, rounding=ROUND_HALF_UP)
_SECONDS = {"h": 3600, "m": 60, "s": 1}
_NOON = 12


class Token(NamedTuple):
    """A piece of a format: `kind` is the name of the group it matched, or `text`."""

    kind: str
    text: str


_GENERAL, _TEXT = Token("general", "General"), Token("digits", "@")
_PERCENT, _SLASH, _ZERO = Token("digits", "%"), Token("digits", "/"), Token("digits", "0")
_DATED = frozenset({"date", "elapsed", "noon"})


@dataclass(frozen=True)
class Section:
    """One part of a format, for numbers of one kind. `locale` is the number Windows gives a language."""

    tokens: tuple[Token, ...]
    condition: tuple[str, Decimal] | None = None
    locale: int = 0

    @cached_property
    def kinds(self) -> frozenset[str]:
        return frozenset(token.kind for token in self.tokens)

    @cached_property
    def is_for_text(self) -> bool:
        return _TEXT in self.tokens

    @cached_property
    def figures(self) -> "Figures":
        return _figures(self.tokens)


@dataclass(frozen=True)
class Figures:
    """How a section writes a number: places of digits before and after the point, and what is done to it before."""

    whole: tuple[int, ...]
    decimals: tuple[int, ...]
    point: int | None
    power: int
    """By which power of ten the number is multiplied: percent and thousands."""
    is_grouped: bool


class Format:
    """A number format: its sections, each for numbers of one sign or under a condition of its own."""

    def __init__(self, code: str) -> None:
        parts = [""]
        for part in _PARTS.findall(code[:1000]):
            if part == ";":
                parts.append("")
            else:
                parts[-1] += part
        sections = [_section(part) for part in parts[:4]]
        self.numeric = [part for part in sections[:3] if not part.is_for_text]
        texts = [part for part in (*sections[3:], *sections) if part.is_for_text]
        self.text = texts[0] if texts else None
        self.is_general = not code or (len(sections) == 1 and (not self.numeric or sections[0].tokens == (_GENERAL,)))
        self._has_conditions = any(part.condition for part in self.numeric)

    def section(self, number: Decimal) -> tuple[Section, bool]:
        """The section for a number, and whether a minus is to be written."""
        numeric = self.numeric or [Section((_GENERAL,))]
        if self._has_conditions:
            met = (part for part in numeric if part.condition is None or _meets(number, *part.condition))
            return next(met, numeric[-1]), number < 0
        if number < 0 and len(numeric) > 1:
            return numeric[1], False
        if number == 0 and len(numeric) > 2:  # noqa: PLR2004 - the third is for zero
            return numeric[2], False
        return numeric[0], number < 0


def shown(value: float, code: str, epoch: datetime = WINDOWS_EPOCH) -> str | None:
    """What the sheet shows for a number; None: nothing but ####, for a date that no calendar has."""
    number = _decimal(value)
    form = _format(code)
    if form.is_general or (number and not _LEAST <= abs(number) < _MOST):
        return general(number)
    section, signed = form.section(number)
    if "general" in section.kinds:
        text = general(number if signed else abs(number))
        return "".join(text if token.kind == "general" else _literal(token) for token in section.tokens)
    if section.kinds & _DATED:
        return _date(value, section, epoch)
    return _number(number, section, signed=signed)


def text_shown(text: str, code: str) -> str:
    """What the sheet shows for a text: a format can put words around it."""
    section = _format(code).text
    if section is None:
        return text
    return "".join(text if token == _TEXT else _literal(token) for token in section.tokens)


def moment(value: float, code: str, epoch: datetime = WINDOWS_EPOCH) -> str:
    """The exact day, and the time where there is one, of a number that the format shows as a date; else empty."""
    form = _format(code)
    if form.is_general or value < 1:
        return ""
    section, _ = form.section(_decimal(value))
    at = _moment(value, epoch) if "date" in section.kinds and "elapsed" not in section.kinds else None
    if at is None:
        return ""
    return at.strftime("%Y-%m-%d" if _is_midnight(at) else "%Y-%m-%d %H:%M:%S")


def general(number: Decimal) -> str:
    """A number without a format: all digits of a whole one, at most ten of a fraction."""
    if abs(number) < _WHOLE and number == int(number):
        return str(int(number))
    return f"{float(number):.10G}"


def exact(value: float, text: str) -> str:
    """All digits of a number, as a program would read them; empty where the text that is shown has them."""
    number = _decimal(value)
    if _PLAIN.fullmatch(text) and Decimal(_NO_FIGURE.sub("", text)) == number:
        return ""
    if number and not _LEAST <= abs(number) < _MOST:
        return str(number)
    digits = format(number, "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _decimal(value: float) -> Decimal:
    return Decimal(f"{value:.15g}" if isinstance(value, float) else value)


@lru_cache(maxsize=512)
def _format(code: str) -> Format:
    return Format(code)


def _section(part: str) -> Section:
    tokens: list[Token] = []
    condition: tuple[str, Decimal] | None = None
    locale = 0
    for found in _TOKEN.finditer(part):
        kind, text = found.lastgroup or "", found[0]
        if kind in ("quoted", "escaped", "plain"):
            tokens.append(Token("text", found[kind]))
        elif kind in ("currency", "locale"):
            tokens.append(Token("text", found["currency"] or ""))
            locale = int(found["locale"], 16) if _LOCALE.fullmatch(found["locale"] or "") else locale
        elif kind == "condition":
            parsed = _CONDITION.fullmatch(found[kind])
            condition = (parsed[1], Decimal(parsed[2])) if parsed else None
        elif kind and kind != "width":
            tokens.append(Token(kind, found[kind].lower() if kind in ("date", "elapsed") else text))
    return Section(tuple(_with_minutes(tokens)), condition, locale)


def _with_minutes(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with each m that stands for minutes named so: it follows hours, or goes before seconds."""
    times = [at for at, token in enumerate(tokens) if token.kind in ("date", "elapsed")]
    named = list(tokens)
    for place, at in enumerate(times):
        if tokens[at].kind != "date" or tokens[at].text not in ("m", "mm"):
            continue
        before = tokens[times[place - 1]].text[0] if place else ""
        after = tokens[times[place + 1]].text[0] if place + 1 < len(times) else ""
        if before == "h" or after == "s":
            named[at] = Token("date", "n" * len(tokens[at].text))
    return named


def _meets(number: Decimal, sign: str, limit: Decimal) -> bool:
    return {
        "<": number < limit, "<=": number <= limit, ">": number > limit, ">=": number >= limit, "=": number == limit,
        "<>": number != limit,
    }.get(sign, False)  # fmt: skip


def _literal(token: Token) -> str:
    return token.text if token.kind == "text" else ""


def _figures(tokens: Sequence[Token]) -> Figures:
    places = [at for at, token in enumerate(tokens) if token.kind == "digits" and token.text in "0#?"]
    marks = {at: token.text for at, token in enumerate(tokens) if token.kind == "digits" and token.text not in "0#?"}
    point = next((at for at, mark in marks.items() if mark == "."), None)
    end = len(tokens) if point is None else point
    last = places[-1] if places else 0
    thousands = len(list(takewhile(lambda at: marks.get(at) == ",", range(last + 1, len(tokens)))))
    whole = tuple(at for at in places if at < end)
    return Figures(
        whole=whole,
        decimals=tuple(at for at in places if at > end)[:_MOST_PLACES],
        point=point,
        power=2 * list(marks.values()).count("%") - 3 * thousands,
        is_grouped=any(marks.get(at) == "," for at in range(whole[0], whole[-1])) if whole else False,
    )


def _number(number: Decimal, section: Section, *, signed: bool) -> str:
    tokens, form = section.tokens, section.figures
    minus = "-" if signed else ""
    if not (form.whole or form.decimals):
        return "".join(_literal(token) for token in tokens).strip()
    number = _ENOUGH.scaleb(abs(number), form.power)
    if "exponent" in section.kinds:
        return minus + _scientific(number, tokens)
    if _SLASH in tokens and form.whole and form.whole[0] < tokens.index(_SLASH):
        return minus + _fraction(number, tokens, tokens.index(_SLASH))
    number = _ENOUGH.quantize(number, Decimal(1).scaleb(-len(form.decimals)))
    whole, _, part = format(number, "f").partition(".")
    figures = _whole_figures(whole, tokens, form) | _decimal_figures(part, tokens, form.decimals)
    if form.point is not None:
        figures[form.point] = "." if any(figures[at] for at in form.decimals) else ""
        if not form.whole:
            figures[form.point] = (whole if whole != "0" else "") + figures[form.point]
    text = "".join([figures.get(at, "%" if token == _PERCENT else _literal(token)) for at, token in enumerate(tokens)])
    return (minus if number else "") + text.strip()


def _whole_figures(whole: str, tokens: Sequence[Token], form: Figures) -> dict[int, str]:
    """The digits before the point, from the right; the first place takes all that are left."""
    digits = "" if whole == "0" else whole
    figures: dict[int, str] = {}
    written = 0
    for at in reversed(form.whole):
        taken, digits = (digits, "") if at == form.whole[0] else (digits[-1:], digits[:-1])
        text = ""
        for digit in reversed(taken or ("0" if tokens[at].text == "0" else "")):
            text = digit + ("," if form.is_grouped and written and written % 3 == 0 else "") + text
            written += 1
        figures[at] = text
    return figures


def _decimal_figures(part: str, tokens: Sequence[Token], places: Sequence[int]) -> dict[int, str]:
    """The digits after the point; zeros at the end only where the format asks for them."""
    needed = max((place for place, at in enumerate(places, start=1) if tokens[at].text == "0"), default=0)
    kept = part.rstrip("0").ljust(needed, "0")
    return {at: kept[place : place + 1] for place, at in enumerate(places)}


def _scientific(number: Decimal, tokens: Sequence[Token]) -> str:
    mark = next(at for at, token in enumerate(tokens) if token.kind == "exponent")
    point = next((at for at in range(mark) if tokens[at] == Token("digits", ".")), mark)
    digits = sum(tokens[at].kind == "digits" and tokens[at].text in "0#?" for at in range(point, mark))
    least = sum(token == _ZERO for token in tokens[mark:])
    mantissa, _, power = f"{number:.{digits}e}".partition("e")
    sign = "-" if power.startswith("-") else "+" if tokens[mark].text.endswith("+") else ""
    before = "".join(_literal(token) for token in tokens[:mark])
    return f"{before}{mantissa}E{sign}{power.lstrip('+-').zfill(least)}"


def _fraction(number: Decimal, tokens: Sequence[Token], slash: int) -> str:
    below = "".join(
        token.text for token in takewhile(lambda each: each.text.isdigit() or each.text in "?#", tokens[slash + 1 :])
    )
    whole, rest = divmod(number, 1)
    if below.strip("0") and below.isdigit():
        part = (int(_ENOUGH.quantize(rest * int(below), Decimal(1))), int(below))
    else:
        near = Fraction(rest).limit_denominator(10 ** min(len(below) or 1, 6) - 1)
        part = (near.numerator, near.denominator)
    if part[0] == part[1]:
        whole, part = whole + 1, (0, 1)
    has_whole = any(token.text == " " for token in tokens[:slash])
    if not has_whole:
        return f"{int(whole) * part[1] + part[0]}/{part[1]}"
    shown_part = f"{part[0]}/{part[1]}" if part[0] else ""
    return " ".join(each for each in (str(int(whole)) if whole or not part[0] else "", shown_part) if each)


def _moment(value: float, epoch: datetime) -> datetime | None:
    """The moment that a number of days stands for; sheets believe in a 29 February 1900."""
    days = value + 1 if epoch == WINDOWS_EPOCH and 0 < value < 60 else value  # noqa: PLR2004
    try:
        return epoch + timedelta(milliseconds=round(days * 86_400_000)) if value >= 0 else None
    except OverflowError:
        return None


def _is_midnight(at: datetime) -> bool:
    return not (at.hour or at.minute or at.second or at.microsecond)


def _date(value: float, section: Section, epoch: datetime) -> str | None:
    at = _moment(value, epoch)
    if at is None:
        return None
    tokens = list(section.tokens)
    times = [place for place, token in enumerate(tokens) if _is_time(token)]
    days = [place for place, token in enumerate(tokens) if token.kind == "date" and not _is_time(token)]
    if days and times and _is_midnight(at) and max(days) < min(times):
        tokens = tokens[: max(days) + 1]  # midnight beside a date is how programs write a day
    if not any(token.kind == "date" and token.text.startswith("s") and "." in token.text for token in tokens):
        at += timedelta(microseconds=500_000)
    seconds = round(value * 86_400)
    half = any(token.kind == "noon" for token in tokens)
    parts = []
    for token in tokens:
        if token.kind == "elapsed":
            parts.append(str(seconds // _SECONDS[token.text[0]]).zfill(len(token.text)))
        elif token.kind == "noon":
            parts.append(_noon(token.text, at))
        elif token.kind == "date":
            parts.append(_date_part(token.text, at, section.locale, half=half))
        else:
            parts.append(token.text if token.kind == "text" or token.text in ("/", ".", ",") else "")
    return "".join(parts).strip()


def _is_time(token: Token) -> bool:
    return token.kind in ("noon", "elapsed") or (token.kind == "date" and token.text[0] in "hns")


def _noon(text: str, at: datetime) -> str:
    names = text.split("/")
    return names[at.hour >= _NOON]


def _date_part(text: str, at: datetime, locale: int, *, half: bool) -> str:
    count = len(text)
    match text[0]:
        case "y" | "e" | "b":
            is_buddhist = (locale >> 16) & 0xFF == _BUDDHIST_CALENDAR or text[0] == "b"
            year = at.year + (543 if is_buddhist else 0)
            return f"{year:04d}" if count > 2 or text[0] == "e" else f"{year % 100:02d}"  # noqa: PLR2004
        case "m" | "d" | "a" if count > 2:  # noqa: PLR2004
            return _named(text[0], count, at, is_han=locale & 0xFF in _HAN_LOCALES)
        case "s":
            whole, _, part = text.partition(".")
            fraction = f".{at.microsecond:06d}"[: len(part) + 1] if part else ""
            return str(at.second).zfill(min(len(whole), 2)) + fraction
        case _:
            hour = (at.hour + 11) % 12 + 1 if half else at.hour
            number = {"h": hour, "n": at.minute, "m": at.month, "d": at.day}[text[0]]
            return str(number).zfill(min(count, 2))


def _named(what: str, count: int, at: datetime, *, is_han: bool) -> str:
    """A month or a day of the week by its name, as short as the format has it."""
    if what == "m":
        name = month_name[at.month]
        return f"{at.month}月" if is_han else {3: name[:3], 5: name[:1]}.get(count, name)
    if what == "a" or is_han:
        return ("" if what == "a" and count == 3 else "星期") + _HAN_DAYS[at.weekday()]  # noqa: PLR2004
    name = day_name[at.weekday()]
    return name[:3] if count == 3 else name  # noqa: PLR2004
