"""Numbers in running text, of any script: digits, grouped digits, and words.

A figure can be read in two ways ('1.500' is fifteen hundred in Hanoi and one and a half in London), so `readings` hold
every value a number may have; `find` gives the likeliest.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Final

from babel.core import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol

from xiaoer.language import number_words as words
from xiaoer.language import units
from xiaoer.language.spans import Span
from xiaoer.language.text import fold, lowered
from xiaoer.patterns import lazy, lazy_table

KIND: Final = "number"
_FRACTIONS = {"½": "0.5", "¼": "0.25", "¾": "0.75", "⅓": "0.333", "⅔": "0.667"}
_FIGURE = lazy(
    r"(?<!\d)(?<!\d[.,])(?P<figure>\d+(?:[.,'’]\d+)*)(?P<fraction>[½¼¾⅓⅔])?|(?<!\d)(?P<alone>[½¼¾⅓⅔])",
)
_SPACED = lazy(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?:[.,]\d{1,2})?(?![\d.,]{0,30}\d)")
_SEPARATORS = lazy(r"[.,'’]")
_BETWEEN = lazy(r"\s?(?:-|–|~|至|到|to|and|đến|ถึง|から|에서|bis|до|a|à|hasta|até|hingga|sampai|إلى)\s?", re.IGNORECASE)
_MILLIONS = lazy(r"(?:m|bn|b)(?![A-Za-z])", re.IGNORECASE)
_LISTED = lazy(r",(?!\d{3}(?!\d))")
_DIGITS = lazy(r" ?(\d+)")
_GOES_ON = lazy(r"\d{1,3}(?![\d.,]{0,30}\d)")
_SIGNS = frozenset("¥$€£₫฿₩₽")
_SCREENS = frozenset({"2", "4", "8"})
_GROUP: Final = 3
_DOZEN: Final = 12
_INDIAN_GROUP: Final = 2
_SCRIPTS = (
    ("ja", lazy("[\u3041-\u30fa]")),
    ("zh", lazy("[\u3400-\u9fff]")),
    ("ko", lazy("[\uac00-\ud7a3]")),
    ("th", lazy("[\u0e00-\u0e7f]")),
    ("ru", lazy("[а-яё]")),
    ("ar", lazy("[\u0620-\u064a]")),
)
_LATIN_LETTER = lazy("[a-z]")
_LATIN: Final = ("en", "vi", "es", "pt", "fr", "de", "id", "ms")


@dataclass(frozen=True)
class Number:
    """A number at `start:end` of the text. `sure` is false where only a unit beside it makes it a number.

    `scale` is what the word `scaled_by` behind the figure multiplies it by, as in 3万. `counting`: it says by itself
    that pieces are counted, as a dozen does.
    """

    values: tuple[Decimal, ...]
    start: int
    end: int
    spelled: bool = False
    sure: bool = True
    scale: Decimal = Decimal(1)
    scaled_by: str = ""
    counting: bool = False


def find(text: str, language: str | None = None) -> list[Span]:
    """The numbers that a text surely holds, in figures or words, each with its likeliest value as a `Decimal`.

    A word such as 'one' or 两 is a number where what it counts follows. Without a language all are looked for.
    """
    folded = fold(text)
    return [
        Span(one.start, one.end, KIND, one.values[0], text[one.start : one.end])
        for one in likely(folded, language)
        if one.sure or units.after(folded, one.end, language or "") is not None
    ]


def likely(folded: str, language: str | None) -> list[Number]:
    """Every number that a folded text may hold, none inside another, with words of whatever language it may be in."""
    found = [*_figures(folded, language or "", strict=True)]
    for tongue, certain in _tongues(lowered(folded), (language or "").partition("-")[0]):
        found += [one if certain else replace(one, sure=False) for one in _spelled(folded, tongue)]
    taken: list[Number] = []
    for one in sorted(found, key=lambda each: (each.start, -each.end, not each.sure)):
        if not taken or one.start >= taken[-1].end:
            taken.append(one)
        elif one.end - one.start > taken[-1].end - taken[-1].start:
            taken[-1] = one
    return _ranged(folded, taken)


def _tongues(low: str, own: str) -> Iterator[tuple[str, bool]]:
    """The languages whose number words are looked for, and whether they are numbers without what they count."""
    if own:
        yield own, True
    written = [name for name, letters in _SCRIPTS if letters.search(low)]
    for name in written:
        if name != own and not (name == "zh" and ("ja" in (own, *written))):
            yield name, True
    if _LATIN_LETTER.search(low):
        for name in ("en",) if own else _LATIN[:-1]:
            if name != own:
                yield name, name == "en" and own not in _LATIN


def readings(text: str, language: str, *, strict: bool) -> list[Number]:
    """The numbers of a folded text in one language, with every value they may have, in the order they stand.

    `strict` finds what a writer surely meant as a number; otherwise everything is found that could be one, also one
    inside of another, which is right for the side that is compared with.
    """
    found = [*_figures(text, language, strict=strict)]
    if language in {"zh", "ja"} or not strict:
        found += _spelled(text, "ja" if language == "ja" else "zh")
    if language not in {"zh", "ja"}:
        found += _spelled(text, language)
    taken: list[Number] = []
    for number in sorted(found, key=lambda one: (one.start, -one.end)):
        if not strict or not taken or number.start >= taken[-1].end:
            taken.append(number)
    return _ranged(text, taken)


def _spelled(text: str, language: str) -> Iterator[Number]:
    for one in words.find(text, language):
        yield Number(one.values, one.start, one.end, spelled=True, sure=one.sure, counting=one.counting)


def _ranged(text: str, found: list[Number]) -> list[Number]:
    """In '3到5万' the first figure may count ten thousands as well."""
    for index in range(len(found) - 1):
        here, following = found[index], found[index + 1]
        scaled = following.scale > 1 and here.scale == 1 and max(here.values) < following.scale
        if scaled and _BETWEEN.fullmatch(text, here.end, following.start):
            more = tuple(value * following.scale for value in here.values)
            found[index] = replace(here, values=here.values + more)
    return found


def _figures(text: str, language: str, *, strict: bool) -> Iterator[Number]:
    spaced = [
        match
        for match in _SPACED.finditer(text)
        if not strict or _is_comma_decimal(language) or _beside_money(text, match.start()) or not language
    ]
    for match in spaced:
        values = _readings(match.group().replace(" ", ""), language, strict=strict)
        yield _scaled(text, Number(values, *match.span()), language)
    within = iter(spaced if strict else ())
    hidden = next(within, None)
    for match in _FIGURE.finditer(text):
        while hidden is not None and hidden.end() <= match.start():
            hidden = next(within, None)
        if hidden is not None and hidden.start() <= match.start():
            continue
        yield from _of_figure(text, match, language, strict=strict)


def _of_figure(text: str, match: re.Match[str], language: str, *, strict: bool) -> Iterator[Number]:
    figure = match.group("figure")
    extra = Decimal(_FRACTIONS.get(match.group("fraction") or match.group("alone") or "", "0"))
    if figure is None:
        yield Number((extra,), *match.span())
        return
    values = _readings(figure, language, strict=strict)
    if values:
        number = Number(tuple(value + extra for value in values), *match.span())
        yield _scaled(text, number, language)
    if not values or (not strict and _LISTED.search(figure)):
        yield from _parts(match.start(), figure)


def _beside_money(text: str, position: int) -> bool:
    return text[max(position - 2, 0) : position].strip()[-1:] in _SIGNS


def _parts(start: int, figure: str) -> Iterator[Number]:
    """The figures on their own: '1,2,3' and '3.2.1' are no single number."""
    if _SEPARATORS.search(figure):
        for part in re.finditer(r"\d+", figure):
            yield Number((Decimal(part.group()),), start + part.start(), start + part.end())


@cache
def _is_comma_decimal(language: str) -> bool:
    """Whether 1.234,5 is how the language writes numbers."""
    try:
        return get_decimal_symbol(Locale.parse(language.partition("-")[0])) == ","
    except (UnknownLocaleError, ValueError):
        return False


def _readings(figure: str, language: str, *, strict: bool) -> tuple[Decimal, ...]:
    """Every value `figure` may have; none where it is a list or a version."""
    pieces = _SEPARATORS.split(figure)
    signs = [character for character in figure if not character.isdigit()]
    joined = Decimal("".join(pieces))
    if not signs:
        return (joined,)
    leading = 1 <= len(pieces[0]) <= _GROUP and not pieces[0].startswith("0")
    grouped = leading and all(len(piece) == _GROUP for piece in pieces[1:])
    if len(signs) > 1 and len(set(signs)) == 1:
        return (joined,) if grouped or (leading and _is_indian(pieces)) else ()
    decimal = Decimal("".join(pieces[:-1]) + "." + pieces[-1])
    if len(signs) > 1:
        inner = all(len(piece) == _GROUP for piece in pieces[1:-1]) or _is_indian(pieces[:-1])
        return (decimal,) if inner and signs[-1] in ".," and len(set(signs[:-1])) == 1 else ()
    return _single(signs[0], joined, decimal, language, grouped=grouped, strict=strict)


def _is_indian(pieces: Sequence[str]) -> bool:
    """Whether these are groups as in 12,34,567."""
    return len(pieces[-1]) == _GROUP and all(len(piece) == _INDIAN_GROUP for piece in pieces[1:-1])


def _single(
    sign: str, joined: Decimal, decimal: Decimal, language: str, *, grouped: bool, strict: bool
) -> tuple[Decimal, ...]:
    commas = _is_comma_decimal(language)
    if sign in "'’":
        return (joined,) if grouped else ()
    if not grouped:
        lists = sign == "," and not commas and strict
        return () if lists else (decimal,)
    if not strict:
        return (joined, decimal)
    if commas:
        return (joined,) if sign == "." else (decimal, joined)
    return (joined,) if sign == "," else (decimal,)


_SCALES = lazy_table(lambda: dict(words.pairs(words.TABLE["scales"]["words"])))


def _scale_at(text: str, position: int) -> tuple[str, int] | None:
    """The word at `position`, after at most one space, that multiplies the figure before it, and where it ends."""
    at = position + text.startswith(" ", position)
    piece = lowered(text[at : at + _longest_scale()])
    for length in range(len(piece), 0, -1):
        if piece[:length] in _SCALES:
            spaced = re.match(f"[{words.LETTERS}]", piece[length - 1])
            if not (spaced and re.match(f"[{words.LETTERS}]", text[at + length : at + length + 1])):
                return piece[:length], at + length
    return None


@cache
def _longest_scale() -> int:
    return max(map(len, _SCALES))


def _scaled(text: str, number: Number, language: str) -> Number:
    """`number` with a following 万, k or million taken in, and a smaller one after that: 1万2千, 3万5."""
    if _beside_money(text, number.start) and (money := _MILLIONS.match(text, number.end)):
        factor = Decimal(10**6 if money.group().lower() == "m" else 10**9)
        return replace(number, values=tuple(value * factor for value in number.values), end=money.end(), scale=factor)
    found = _scale_at(text, number.end)
    if found is None or (text[number.end : found[1]] == "K" and text[number.start : number.end] in _SCREENS):
        return number
    word, end = found
    scale = _SCALES[word]
    values = tuple(value * scale for value in number.values)
    rest = _DIGITS.match(text, end)
    if rest and (smaller := _scale_at(text, rest.end())) and _SCALES[smaller[0]] < scale:
        add = Decimal(rest.group(1)) * _SCALES[smaller[0]]
        return Number(tuple(value + add for value in values), number.start, smaller[1], scaled_by=word)
    goes_on = word in words.TABLE["scales"]["going_on"].split() or (word == "k" and language == "vi")
    if goes_on and (more := _GOES_ON.match(text, end)) and units.after(text, more.end(), language) is None:
        add = Decimal(more.group()) * scale / 10 ** len(more.group())
        return Number(tuple(value + add for value in values), number.start, more.end(), scaled_by=word)
    half = _half_at(text, end, language)
    if half is not None:
        values, end = tuple(value + scale / 2 for value in values), half
    return replace(number, values=values, end=end, scale=scale, scaled_by=word, counting=scale == _DOZEN)


def _half_at(text: str, position: int, language: str) -> int | None:
    """Where a word for a half ends that follows a scale: 2 triệu rưỡi."""
    known = words.vocabulary(language)
    for word, (token, *_) in (known.words if known else {}).items():
        if token.kind == "behind" and text.startswith((word, f" {word}"), position):
            return position + len(word) + text.startswith(" ", position)
    return None
