"""Numbers with what they count or measure: money, pieces, durations, percentages, discounts, measures.

`find` gives the likeliest reading of each as a `Span`: of kind "money", "quantity", or "pack" where the number only
tells how many pieces a pack holds (a six-pack). `readings` hold every value and unit that the writing may mean, which
is what claims are compared by.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise, zip_longest
from typing import Final

from xiaoer.language import number_words, numbers, units
from xiaoer.language.numbers import Number
from xiaoer.language.spans import Span
from xiaoer.language.text import fold, lowered
from xiaoer.language.units import DISCOUNT, OF_PRICE, Unit
from xiaoer.patterns import lazy, lazy_table

MONEY: Final = "money"
QUANTITY: Final = "quantity"
PACK: Final = "pack"
_TENTHS: Final = 10
_ZHE = lazy(r"\s?折(?!叠|旧|射|断|扣|算|合|腾|返)")
_PERCENT_BEFORE = lazy(r"百分之\s?$|% ?$")
_SHARE = lazy(r"百分之\s?$")
_HALF = lazy(
    r"(?<![一二两三四五六七八九十\d个年月天\w])半(?=个?(?:小时|天|年|月|日|钟头))|(?<=[^\d一-九年月天个])半(?=个?(?:小时|天|年|月|日|钟头))"
)
_HALF_PRICE = lazy(
    r"半价|half[ -]price|half off|对折|ครึ่งราคา|nửa giá|半額|반값|полцены|mitad de precio|moitié prix|halbe[nrm]? preis"
)
_OFF = lazy(
    r"\boff\b|discount|优惠|立减|减免|减|折扣|补贴|便宜|返现|giảm|khuyến mãi|ưu đãi|ลด|ส่วนลด|割引|オフ|引き|할인|скидк|descuento|"  # noqa: E501 - a row of words
    r"rebaja|desconto|remise|réduction|rabatt|nachlass|diskon|potongan|خصم|تخفيض"
)
_NEXT_AMOUNT = lazy(r" (?:CNY|USD|EUR|RMB|THB|VND|MYR|SGD|HKD|JPY|KRW|GBP|RM|Rp) ?\d")
"""In 'Nova 8 CNY 599' the currency belongs to what follows."""
_LISTING = lazy(r"(?:种|类|方面|点(?!钟|半|整|到|至)|步|项|大类|部分|方式)")
"""What a sentence counts by itself when it lists what the texts list: 两种颜色."""
_RANGE = lazy(
    r"\s?(?:-|–|—|~|至|到|to|đến|tới|ถึง|から|부터|a|à|bis|до|hasta|até|hingga|sampai|إلى|或|or|hoặc|หรือ|oder|ou|или)\s?"
)
_LIST_MARK = lazy(
    r"(?m)^\s{0,8}(?:[-*•]\s{0,4})?(?:\d{1,2}(?:[.)、](?!\d)|）)|[(（]\d{1,2}[)）])|[\[【]\^?\d{1,2}[\]】]|(?m:^#+ )"
)
_ARTICLE = lazy(r"\b(?:an?|per|each|every|the) (hour|day|week|month|year)\b")
_WHOLE = lazy(r"within an? (day|week|month|year)\b")
_COINS = lazy(r"(?P<digits>\d{1,2})(?![\d.,折%万千])|(?P<word>[一二三四五六七八九])(?![十百千万折]|分之)")
_COIN_WORDS = "一二三四五六七八九"
_TENTH = lazy(r"(?:毛|角)(?!色|度|落|衣|巾|绒|线)钱?")
_DIVIDED = {"CNY": ("元", "块", "块钱"), "meter": ("米",)}
"""Spellings of units behind which tenths are said without a unit of their own: 12块5, 1米8."""
_BEFORE_PACK = 24
_TIMES = lazy(r" ?[x×*]? ?")
_GROUPED = lazy(r"\d{1,3}[.,]\d{3}")


@dataclass(frozen=True)
class Quantity:
    """So many of a unit: "piece", "liter", "day", "percent" … as CLDR names them, or the code of a currency."""

    amount: Decimal
    unit: str


@dataclass(frozen=True)
class Reading:
    """One number with its unit; several values or units where the writing can be read in several ways."""

    values: tuple[Decimal, ...]
    units: tuple[Unit, ...]
    start: int
    end: int
    figure: str

    @property
    def money(self) -> bool:
        return any(unit.dimension == "money" for unit in self.units)


def readings(text: str, language: str, *, strict: bool) -> list[Reading]:
    """The quantities of a folded text. Strict leaves out list marks and numbers that may be mere words."""
    marks = {at for match in _LIST_MARK.finditer(text) for at in range(*match.span())} if strict else set()
    found = [
        one
        for number in numbers.readings(text, language, strict=strict)
        if number.start not in marks
        for one in _quantities(text, number, language, strict=strict)
    ]
    found = _inherited(text, sorted([*found, *_worded(text, strict=strict)], key=lambda one: one.start))
    return [*found[:1], *(one for before, one in pairwise(found) if not (strict and _is_part(one, before)))]


def _is_part(one: Reading, before: Reading) -> bool:
    """Whether a bare number was read already as the tenths of the one before it."""
    return not one.units and bool(before.units) and one.end <= before.end


def find(text: str, language: str | None = None) -> list[Span]:
    """The quantities that a text surely names, none inside another, each with its likeliest reading."""
    folded = fold(text)
    own = (language or "").partition("-")[0]
    found = [
        one
        for number in numbers.likely(folded, language)
        for one in _quantities(folded, number, own, strict=True, likeliest=True)
    ]
    inherited = _inherited(folded, sorted([*found, *_worded(folded, strict=True)], key=lambda each: each.start))
    spans: list[Span] = []
    for one in _counting_packs(folded, inherited):
        if one.units and (not spans or one.start >= spans[-1].end):
            quantity = _likeliest(one, own)
            kind = MONEY if one.money else PACK if _is_pack(folded, one) else QUANTITY
            spans.append(Span(one.start, one.end, kind, quantity, text[one.start : one.end]))
    return spans


def _counting_packs(folded: str, found: Sequence[Reading]) -> Iterator[Reading]:
    """With what counts packs counting pieces: two six-packs."""
    for one, following in zip_longest(found, found[1:]):
        beside = following is not None and _TIMES.fullmatch(folded, one.end, following.start)
        if not one.units and beside and _is_pack(folded, following):
            yield replace(one, units=(units.named("piece"),))
        else:
            yield one


def _likeliest(one: Reading, language: str) -> Quantity:
    unit = one.units[1] if language == "ja" and len(one.units) > 1 else one.units[0]
    value = one.values[0]
    if one.money and _GROUPED.fullmatch(one.figure):  # no price has three decimals
        value = Decimal(re.sub(r"[.,]", "", one.figure))
    return Quantity(value, unit.name)


def _is_pack(folded: str, one: Reading) -> bool:
    """Whether the number tells how much a pack holds, or what a thing is made of: six-pack, 三件套, box of 12."""
    if not one.units or one.units[0].name != "piece":
        return False
    end = one.start + len(one.figure)
    hyphen = folded[end : end + 1] == "-"
    low = lowered(folded[max(one.start - _BEFORE_PACK, 0) : end + _BEFORE_PACK])
    at = min(one.start, _BEFORE_PACK)
    behind = at + len(one.figure)
    behind += low[behind : behind + 2] in (" 件", " 个")
    return hyphen or bool(_PACK_BEHIND.match(low, behind) or _PACK_BEFORE.search(low[:at]))


_PACK_BEHIND = lazy(lambda: "|".join(units.TABLE["packs"]["behind"]))
_PACK_BEFORE = lazy(lambda: f"(?:{'|'.join(units.TABLE['packs']['before'])}) ?$")


def _quantities(
    text: str, number: Number, language: str, *, strict: bool, likeliest: bool = False
) -> Iterator[Reading]:
    """What a number counts. `likeliest`: also one piece in a word, and money by no other word than 500k."""
    if strict and number.spelled and _LISTING.match(text, number.end):
        return
    if text[number.start - 1 : number.start] == "第" and (likeliest or (strict and number.spelled)):
        return
    figure = text[number.start : number.end]
    plain = Reading(number.values, (), number.start, number.end, figure)
    if (share := _share(text, plain, number, strict=strict)) is not None:
        yield from share
        return
    complete = number.counting and figure in number_words.COMPLETE  # 하나 주세요 is no week
    following = None if complete or _NEXT_AMOUNT.match(text, number.end) else units.after(text, number.end, language)
    sign = units.before(text, number.start)
    if following is not None and (sign is None or following[0].dimension == "money"):
        unit, end, extra = following
        found = replace(plain, values=tuple(value + extra for value in number.values), units=(unit,), end=end)
        whole = _with_coins(text, found, language)
        if number.sure or unit.hard or number.values[0] > 1 or likeliest or not strict or whole.end > end:
            yield _percent(text, found) if unit.name == "percent" else whole
    elif sign is not None:
        yield replace(plain, units=sign[0], start=sign[1])
    elif (tenth := _TENTH.match(text, number.end)) is not None:
        tenths = tuple(value / 10 for value in number.values)
        yield replace(plain, values=tenths, units=(units.named("CNY"),), end=tenth.end())
    elif (meant := _understood(number, language if likeliest else "")) is not None:
        yield replace(plain, units=(meant,))
    elif number.sure or not strict:
        yield plain


def _share(text: str, plain: Reading, number: Number, *, strict: bool) -> Sequence[Reading] | None:
    """What 折 or a sign of percent in front makes of a number; None where there is neither."""
    if (zhe := _ZHE.match(text, number.end)) is not None:
        return [*_zhe(plain, zhe.end(), strict=strict)]
    pattern = _PERCENT_BEFORE if number.spelled else _SHARE
    share = pattern.search(text, max(number.start - 5, 0), number.start)
    if share is None:
        return None
    start = number.start if number.spelled else share.start()
    return [_percent(text, replace(plain, start=start, units=(units.named("percent"),)))]


def _understood(number: Number, language: str) -> Unit | None:
    """What a number counts that names no unit: a dozen is of pieces, 500k in Hanoi of money."""
    if number.counting and number.sure:
        return units.named("piece")
    rules = number_words.TABLE["scales"]["of_money"].get(language)
    if rules is not None and number.scaled_by in rules["words"].split():
        return units.named(rules["currency"])
    return None


def _with_coins(text: str, found: Reading, language: str) -> Reading:
    """With the tenths that are said behind a unit, unless they count something else: 12块5, not 12块5个."""
    if not text[found.start : found.end].endswith(_DIVIDED.get(found.units[0].name, ())):
        return found
    coins = _COINS.match(text, found.end)
    if coins is None:
        return found
    tenth = _TENTH.match(text, coins.end())
    if tenth is None and units.after(text, coins.end(), language) is not None:
        return found
    part, end = _coin(coins), coins.end()
    if tenth is not None or coins.group("word"):
        end = tenth.end() if tenth is not None else end
        if (more := _COINS.match(text, end)) and units.after(text, more.end(), language) is None:
            part, end = part + _coin(more) / 10, more.end()
    return replace(found, values=tuple(value + part for value in found.values), end=end)


def _coin(match: re.Match[str]) -> Decimal:
    digits = match.group("digits")
    return Decimal(f"0.{digits}") if digits else Decimal(_COIN_WORDS.index(match.group("word")) + 1) / 10


def _zhe(plain: Reading, end: int, *, strict: bool) -> Iterator[Reading]:
    """八折 leaves 80% of the price, which is 20% off; 85折 is 8.5折."""
    for value in plain.values[:1]:
        paid = value * 10 if value < _TENTHS else value
        yield replace(plain, values=(100 - paid,), units=(DISCOUNT,), end=end)
        if not strict:
            yield replace(plain, values=(paid,), units=(OF_PRICE,), end=end)


def _percent(text: str, found: Reading) -> Reading:
    """A percentage that words of reduction stand beside is a discount."""
    around = text[max(found.start - 12, 0) : found.start] + " " + text[found.end : found.end + 14]
    return replace(found, units=(DISCOUNT,)) if _OFF.search(lowered(around)) else found


def _worded(text: str, *, strict: bool) -> Iterator[Reading]:
    """Amounts that are words of their own: half price, a fortnight, يومين."""
    low = lowered(text)
    for match in _HALF_PRICE.finditer(low):
        yield _worded_as(match, Decimal(50), DISCOUNT)
    for match in _HALF.finditer(text):
        following = units.after(text, match.end(), "zh")
        if following is not None:
            yield Reading((Decimal("0.5"),), (following[0],), match.start(), following[1], "半")
    for match in (*_WHOLE.finditer(low), *(() if strict else _ARTICLE.finditer(low))):
        yield _worded_as(match, Decimal(1), units.named(match.group(1)))
    for match in _AMOUNT.finditer(low):
        yield _worded_as(match, *_AMOUNTS[match.group()])


def _worded_as(match: re.Match[str], value: Decimal, unit: Unit) -> Reading:
    return Reading((value,), (unit,), match.start(), match.end(), match.group())


def _amounts() -> dict[str, tuple[Decimal, Unit]]:
    meanings: dict[str, tuple[Decimal, Unit]] = {}
    for entry in units.TABLE["amounts"]["words"].split():
        word, value, unit = re.split("[=*]", entry)
        meanings[lowered(fold(word))] = (Decimal(value), units.named(unit))
    return meanings


_AMOUNTS = lazy_table(_amounts)
_AMOUNT = lazy(
    lambda: (
        rf"(?<![{number_words.LETTERS}])(?:{'|'.join(map(re.escape, sorted(_AMOUNTS, key=len, reverse=True)))})"
        rf"(?![{number_words.LETTERS}])"
    )
)


def _inherited(text: str, found: Sequence[Reading]) -> list[Reading]:
    """In '7-15天' and 'from 3 to 5 days' the first number counts the same as the second."""
    result: list[Reading] = []
    with_units = [one for one in found if one.units]
    following = 0
    for quantity in found:
        while following < len(with_units) and with_units[following].start < quantity.end:
            following += 1
        later = with_units[following] if following < len(with_units) else None
        if not quantity.units and later and _RANGE.fullmatch(text, quantity.end, later.start):
            result.append(replace(quantity, units=later.units))
        else:
            result.append(quantity)
    return _spread(text, result)


def _spread(text: str, found: list[Reading]) -> list[Reading]:
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
