"""Numbers with what they count: money, durations, percentages, discounts, measures."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from xiaoer.assistant.gate import units
from xiaoer.assistant.gate.units import DISCOUNT, OF_PRICE, UNITS, Unit
from xiaoer.language import numerals
from xiaoer.language.numerals import Number
from xiaoer.patterns import lazy


@dataclass(frozen=True)
class Quantity:
    """One number with its unit; several values or units where the writing can be read in several ways."""

    values: tuple[Decimal, ...]
    units: tuple[Unit, ...]
    start: int
    end: int
    figure: str

    @property
    def money(self) -> bool:
        return any(unit.dimension == "money" for unit in self.units)


_TENTHS = 10
_ZHE = lazy(r"\s?折(?!叠|旧|射|断|扣|算|合|腾|返)")
_PERCENT_BEFORE = lazy(r"百分之\s?$|% ?$")
_HALF = lazy(
    r"(?<![一二两三四五六七八九十\d个年月天\w])半(?=个?(?:小时|天|年|月|日|钟头))|(?<=[^\d一-九年月天个])半(?=个?(?:小时|天|年|月|日|钟头))"
)
_HALF_PRICE = lazy(
    r"半价|half[ -]price|half off|对折|ครึ่งราคา|nửa giá|半額|반값|полцены|mitad de precio|moitié prix|halbe[nrm]? Preis"
)
_OFF = lazy(
    r"\boff\b|discount|优惠|立减|减免|减|折扣|补贴|便宜|返现|giảm|khuyến mãi|ưu đãi|ลด|ส่วนลด|割引|オフ|引き|할인|скидк|descuento|"  # noqa: E501 - a row of words
    r"rebaja|desconto|remise|réduction|rabatt|nachlass|diskon|potongan|خصم|تخفيض",
    re.IGNORECASE,
)
_NEXT_AMOUNT = lazy(r" (?:CNY|USD|EUR|RMB|THB|VND|MYR|SGD|HKD|JPY|KRW|GBP|RM|Rp) ?\d")
"""In 'Nova 8 CNY 599' the currency belongs to what follows."""
_LISTING = lazy(r"(?:种|类|方面|点(?!钟|半|整|到|至)|步|项|大类|部分|方式)")
"""What a sentence counts by itself when it lists what the texts list: 两种颜色."""
_RANGE = lazy(
    r"\s?(?:-|–|—|~|至|到|to|đến|tới|ถึง|から|부터|a|à|bis|до|hasta|até|hingga|sampai|إلى|或|or|hoặc|หรือ|oder|ou|или)\s?"
)
_LIST_MARK = lazy(
    r"(?m)^\s*(?:[-*•]\s*)?(?:\d{1,2}(?:[.)、](?!\d)|）)|[(（]\d{1,2}[)）])|[\[【]\^?\d{1,2}[\]】]|(?m:^#+ )"
)
_ARTICLE = lazy(r"\b(?:an?|per|each|every|the) (hour|day|week|month|year)\b", re.IGNORECASE)
_WHOLE = (
    (
        lazy(r"within an? (day|week|month|year)\b|\b(fortnight)\b", re.IGNORECASE),
        {"fortnight": (Decimal(2), "week")},
    ),
    (
        lazy(r"\bse(hari|minggu|bulan|tahun|jam|menit)\b", re.IGNORECASE),
        {
            "hari": (Decimal(1), "day"),
            "minggu": (Decimal(1), "week"),
            "bulan": (Decimal(1), "month"),
            "tahun": (Decimal(1), "year"),
            "jam": (Decimal(1), "hour"),
            "menit": (Decimal(1), "minute"),
        },
    ),
    (
        lazy(r"(하루|이틀|사흘|сутки|суток|يومين|يومان|شهرين|شهران|سنتين|سنتان|عامين|أسبوعين|أسبوعان|ساعتين)"),
        {
            "하루": (Decimal(1), "day"),
            "이틀": (Decimal(2), "day"),
            "사흘": (Decimal(3), "day"),
            "сутки": (Decimal(1), "day"),
            "суток": (Decimal(1), "day"),
            **dict.fromkeys(("يومين", "يومان"), (Decimal(2), "day")),
            **dict.fromkeys(("شهرين", "شهران"), (Decimal(2), "month")),
            **dict.fromkeys(("سنتين", "سنتان", "عامين"), (Decimal(2), "year")),
            **dict.fromkeys(("أسبوعين", "أسبوعان"), (Decimal(2), "week")),
            "ساعتين": (Decimal(2), "hour"),
        },
    ),
)


def find(text: str, language: str, *, strict: bool) -> list[Quantity]:
    """The quantities of a folded text. Strict leaves out list marks and numbers that may be mere words."""
    marks = [match.span() for match in _LIST_MARK.finditer(text)] if strict else []
    numbers = [
        number
        for number in numerals.find(text, language, strict=strict)
        if not any(begin <= number.start < end for begin, end in marks)
    ]
    found = [quantity for number in numbers for quantity in _quantities(text, number, language, strict=strict)]
    found += _worded(text, strict=strict)
    return _inherited(text, sorted(found, key=lambda one: one.start))


def _quantities(text: str, number: Number, language: str, *, strict: bool) -> Iterator[Quantity]:
    if strict and _is_ordinal(text, number):
        return
    if strict and number.spelled and _LISTING.match(text, number.end):
        return
    figure = text[number.start : number.end]
    plain = Quantity(number.values, (), number.start, number.end, figure)
    if (zhe := _ZHE.match(text, number.end)) is not None:
        yield from _zhe(plain, zhe.end(), strict=strict)
        return
    if number.spelled and _PERCENT_BEFORE.search(text, max(number.start - 5, 0), number.start):
        yield _percent(text, replace(plain, units=(UNITS["percent"],)))
        return
    if not number.spelled and (percent := re.search(r"百分之\s?$", text[: number.start])):
        yield _percent(text, replace(plain, start=percent.start(), units=(UNITS["percent"],)))
        return
    following = None if _NEXT_AMOUNT.match(text, number.end) else units.after(text, number.end, language)
    sign = units.before(text, number.start)
    if following is not None and (sign is None or following[0].dimension == "money"):
        unit, end, extra = following
        if not number.sure and not (unit.hard or number.values[0] > 1 or not strict):
            return
        values = tuple(value + extra for value in number.values)
        found = replace(plain, values=values, units=(unit,), end=end)
        yield _percent(text, found) if unit.name == "percent" else found
    elif sign is not None:
        yield replace(plain, units=sign[0], start=sign[1])
    elif number.sure or not strict:
        yield plain


def _is_ordinal(text: str, number: Number) -> bool:
    return number.spelled and text[: number.start].endswith("第")


def _zhe(plain: Quantity, end: int, *, strict: bool) -> Iterator[Quantity]:
    """八折 leaves 80% of the price, which is 20% off; 85折 is 8.5折."""
    for value in plain.values[:1]:
        paid = value * 10 if value < _TENTHS else value
        yield replace(plain, values=(100 - paid,), units=(DISCOUNT,), end=end)
        if not strict:
            yield replace(plain, values=(paid,), units=(OF_PRICE,), end=end)


def _percent(text: str, found: Quantity) -> Quantity:
    """A percentage that words of reduction stand beside is a discount."""
    around = text[max(found.start - 12, 0) : found.start] + " " + text[found.end : found.end + 14]
    return replace(found, units=(DISCOUNT,)) if _OFF.search(around) else found


def _worded(text: str, *, strict: bool) -> Iterator[Quantity]:
    for match in _HALF_PRICE.finditer(text):
        yield Quantity((Decimal(50),), (DISCOUNT,), *match.span(), match.group())
    for match in _HALF.finditer(text):
        following = units.after(text, match.end(), "zh")
        month = re.compile(r"个月").match(text, match.end())
        if month is not None:
            yield Quantity((Decimal("0.5"),), (UNITS["month"],), match.start(), month.end(), "半")
        elif following is not None:
            yield Quantity((Decimal("0.5"),), (following[0],), match.start(), following[1], "半")
    for match in () if strict else _ARTICLE.finditer(text):
        yield Quantity((Decimal(1),), (UNITS[match.group(1).lower()],), *match.span(), match.group())
    for pattern, meanings in _WHOLE:
        for match in pattern.finditer(text):
            word = next(group for group in match.groups() if group).lower()
            value, name = meanings.get(word) or (Decimal(1), word)
            yield Quantity((value,), (UNITS[name],), *match.span(), match.group())


def _inherited(text: str, found: list[Quantity]) -> list[Quantity]:
    """In '7-15天' and 'from 3 to 5 days' the first number counts the same as the second."""
    result: list[Quantity] = []
    for index, quantity in enumerate(found):
        following = next((other for other in found[index + 1 :] if other.start >= quantity.end and other.units), None)
        if not quantity.units and following and _RANGE.fullmatch(text, quantity.end, following.start):
            result.append(replace(quantity, units=following.units))
        elif quantity.units and index and (before := result[-1]).money and not quantity.units:
            result.append(replace(quantity, units=before.units))
        else:
            result.append(quantity)
    return _spread(text, result)


def _spread(text: str, found: list[Quantity]) -> list[Quantity]:
    """'¥100-200': the sign in front counts for both."""
    for index in range(1, len(found)):
        before, here = found[index - 1], found[index]
        if (
            before.money
            and not here.units
            and before.end <= here.start
            and _RANGE.fullmatch(text, before.end, here.start)
        ):
            found[index] = replace(here, units=before.units)
    return found
