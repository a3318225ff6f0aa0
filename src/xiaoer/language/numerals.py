"""Numbers in running text, of any script: digits, grouped digits, and words.

A figure can be read in two ways ('1.500' is fifteen hundred in Hanoi and one and a half in London), so a number holds
every value it may have. `strict` finds what a writer surely meant as a number; otherwise everything is found that could
be one, which is right for the side that is compared with.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from xiaoer.language.normal_han import SIMPLER
from xiaoer.language.numerals_words import HAN, IDIOMS, SCALES, WORDS, Words
from xiaoer.patterns import lazy

COMMA_DECIMAL = frozenset({"vi", "es", "pt", "fr", "de", "ru", "id"})
"""Languages that write 1.234,5."""

_FRACTIONS = {"½": "0.5", "¼": "0.25", "¾": "0.75", "⅓": "0.333", "⅔": "0.667"}
_FIGURE = lazy(
    r"(?<!\d)(?<!\d[.,])(?P<figure>\d+(?:[.,'’]\d+)*)(?P<fraction>[½¼¾⅓⅔])?|(?<!\d)(?P<alone>[½¼¾⅓⅔])",
)
_SPACED = lazy(r"(?<![\d.,])\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?(?![\d.,]*\d)")
_SCALE = lazy(
    "[ \u00a0]?("
    + "|".join(re.escape(word) for word in sorted(SCALES, key=len, reverse=True))
    + r")(?![A-Za-zÀ-ɏḀ-ỹа-яё])",
    re.IGNORECASE,
)
_HAN_RUN = lazy("[" + "".join([*HAN.add, *HAN.place, *HAN.big]) + "]+")
_SEPARATORS = lazy(r"[.,'’]")
_IDIOM = lazy("|".join(sorted(IDIOMS, key=len, reverse=True)))
_BETWEEN = lazy(r"\s?(?:-|–|~|至|到|to|and|đến|ถึง|から|에서|bis|до|a|à|hasta|até|hingga|sampai|إلى)\s?", re.IGNORECASE)
_MILLIONS = lazy(r"(m|bn|b)(?![A-Za-z])", re.IGNORECASE)
_WIDE_COMMA = lazy(r"(?<=\d)，(?=\d{3}(?!\d))")
_LISTED = lazy(r",(?!\d{3}(?!\d))")
_SIGNS = frozenset("¥$€£₫฿₩₽")
_GROUP = 3
_HUNDRED = 100
_SCREENS = frozenset({"2", "4", "8"})


@dataclass(frozen=True)
class Number:
    """A number at `start:end` of the text. `sure` is false where only a unit beside it makes it a number."""

    values: tuple[Decimal, ...]
    start: int
    end: int
    spelled: bool = False
    sure: bool = True
    scale: Decimal = Decimal(1)


def fold(text: str) -> str:
    """The text with full-width forms and other scripts' digits as ASCII, Han simplified, character for character."""
    return _WIDE_COMMA.sub(",", "".join(map(_folded, text)))


@cache
def _folded(character: str) -> str:
    if character.isascii():
        return character
    if "\uff01" <= character <= "\uff5e" and character not in "，；：！？（）":
        return chr(ord(character) - 0xFEE0)
    if character in _FOLDS:
        return _FOLDS[character]
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


_FOLDS = {
    "\u3000": " ",
    "٫": ".",
    "٬": ",",
    "٪": "%",
    "﹪": "%",
    "￥": "¥",
    "～": "~",
    "〜": "~",
    "∼": "~",
    "貳": "贰",
    "參": "叁",
    "滿": "满",
} | {chr(traditional): simple for traditional, simple in SIMPLER.items()}


def find(text: str, language: str, *, strict: bool) -> list[Number]:
    """The numbers of `text` (already folded) in the order they stand; they may overlap where not strict."""
    found = [*_figures(text, language, strict=strict)]
    if language in {"zh", "ja"} or not strict:
        found += _han(text, strict=strict)
    words = WORDS.get(language)
    if words is not None and words is not HAN:
        found += _spelled(text, language, words)
    taken: list[Number] = []
    for number in sorted(found, key=lambda one: (one.start, -one.end)):
        if not strict or not taken or number.start >= taken[-1].end:
            taken.append(number)
    return _ranged(text, taken)


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
    spans: list[tuple[int, int]] = []
    for match in _SPACED.finditer(text):
        wide = language in COMMA_DECIMAL or not match.group().isascii() or _beside_money(text, match)
        if wide or not strict:
            plain = re.sub(r"[ \u00a0\u202f]", "", match.group())
            yield _scaled(text, Number(_readings(plain, language, strict=strict), *match.span()))
            if strict:
                spans.append(match.span())
    for match in _FIGURE.finditer(text):
        if any(begin <= match.start() < end for begin, end in spans):
            continue
        figure = match.group("figure")
        extra = Decimal(_FRACTIONS.get(match.group("fraction") or match.group("alone") or "", "0"))
        if figure is None:
            yield Number((extra,), *match.span())
            continue
        values = _readings(figure, language, strict=strict)
        if values:
            yield _scaled(text, Number(tuple(value + extra for value in values), *match.span()))
        if not values or (not strict and _LISTED.search(figure)):
            yield from _parts(match.start(), figure)


def _beside_money(text: str, match: re.Match[str]) -> bool:
    return match.start() > 0 and text[: match.start()].rstrip()[-1:] in _SIGNS


def _parts(start: int, figure: str) -> Iterator[Number]:
    """The figures on their own: '1,2,3' and '3.2.1' are no single number."""
    if _SEPARATORS.search(figure):
        for part in re.finditer(r"\d+", figure):
            yield Number((Decimal(part.group()),), start + part.start(), start + part.end())


def _readings(figure: str, language: str, *, strict: bool) -> tuple[Decimal, ...]:
    """Every value `figure` may have; none where it is a list or a version."""
    pieces = _SEPARATORS.split(figure)
    signs = [character for character in figure if not character.isdigit()]
    joined = Decimal("".join(pieces))
    if not signs:
        return (joined,)
    grouped = (
        1 <= len(pieces[0]) <= _GROUP and not pieces[0].startswith("0") and all(len(p) == _GROUP for p in pieces[1:])
    )
    if len(signs) > 1 and len(set(signs)) == 1:
        return (joined,) if grouped else ()
    decimal = Decimal("".join(pieces[:-1]) + "." + pieces[-1])
    if len(signs) > 1:
        inner = all(len(piece) == _GROUP for piece in pieces[1:-1]) and signs[-1] in ".,"
        return (decimal,) if inner and len(set(signs[:-1])) == 1 else ()
    return _single(signs[0], joined, decimal, language, grouped=grouped, strict=strict)


def _single(
    sign: str, joined: Decimal, decimal: Decimal, language: str, *, grouped: bool, strict: bool
) -> tuple[Decimal, ...]:
    if sign in "'’":
        return (joined,) if grouped else ()
    if not grouped:
        lists = sign == "," and language not in COMMA_DECIMAL and strict
        return () if lists else (decimal,)
    if not strict:
        return (joined, decimal)
    if language in COMMA_DECIMAL:
        return (joined,) if sign == "." else (decimal, joined)
    return (joined,) if sign == "," else (decimal,)


def _scaled(text: str, number: Number) -> Number:
    """`number` with a following 万, k or million taken in, and a smaller one after that: 1万2千."""
    if text[: number.start].rstrip()[-1:] in _SIGNS and (money := _MILLIONS.match(text, number.end)):
        factor = Decimal(10**6 if money.group().lower() == "m" else 10**9)
        return replace(number, values=tuple(value * factor for value in number.values), end=money.end(), scale=factor)
    match = _SCALE.match(text, number.end)
    if match is None or (match.group() == "K" and text[number.start : number.end] in _SCREENS):
        return number
    scale = SCALES[match.group(1).lower()]
    values = tuple(value * scale for value in number.values)
    end = match.end()
    rest = re.compile(r" ?(\d+)").match(text, end)
    if rest and (smaller := _SCALE.match(text, rest.end())) and SCALES[smaller.group(1).lower()] < scale:
        add = Decimal(rest.group(1)) * SCALES[smaller.group(1).lower()]
        return Number(tuple(value + add for value in values), number.start, smaller.end())
    return replace(number, values=values, end=end, scale=scale)


def _han(text: str, *, strict: bool) -> Iterator[Number]:
    idioms = [match.span() for match in _IDIOM.finditer(text)] if strict else []
    for match in _HAN_RUN.finditer(text):
        run, start = match.group(), match.start()
        if any(begin <= start and match.end() <= end for begin, end in idioms):
            continue
        if start and (text[start - 1].isdigit() or (strict and text[start - 1] in "数几好")):
            continue
        values = _han_values(run)
        if values:
            sure = len(run) > 1 and not strict_doubt(run) and not text[match.end() :].startswith("分之")
            yield Number(values, start, match.end(), spelled=True, sure=sure)


def strict_doubt(run: str) -> bool:
    """Whether a run of numerals may as well be a word: 千万, 万千, 一二."""
    return not any(character in HAN.add for character in run) or all(character in HAN.add for character in run)


def _han_values(run: str) -> tuple[Decimal, ...]:
    if all(character in HAN.add for character in run):
        digits = [HAN.add[character] for character in run]
        if len(digits) == 1:
            return (digits[0],)
        joined = Decimal("".join(str(digit) for digit in digits))
        near = digits[1:] == [digits[0] + 1]
        return (joined, *digits) if near else (joined,)
    return (_composed(_tail(run)),)


def _tail(run: str) -> list[tuple[str, Decimal]]:
    """The tokens of a run; a digit at the very end counts a tenth of the place before it: 一千二 is 1200."""
    tokens = [_token(character, HAN) for character in run]
    if len(tokens) > 1 and tokens[-1][0] == "add" and tokens[-2][0] != "add":
        before = tokens[-2][1]
        if before >= _HUNDRED and tokens[-1][1]:
            tokens[-1] = ("add", tokens[-1][1] * before / 10)
    return tokens


def _token(word: str, words: Words) -> tuple[str, Decimal]:
    if word in words.place:
        return "place", words.place[word]
    if word in words.big:
        return "big", words.big[word]
    return "add", words.add[word]


def _composed(tokens: list[tuple[str, Decimal]]) -> Decimal:
    total = section = pending = Decimal(0)
    for kind, value in tokens:
        if kind == "add":
            pending += value
        elif kind == "place":
            leading = pending or Decimal(1)
            section, pending = section + leading * value, Decimal(0)
        elif not total and not section and not pending:
            total = value
        elif section or pending:
            total, section, pending = total + (section + pending) * value, Decimal(0), Decimal(0)
        else:
            total *= value
    return total + section + pending


@cache
def _pattern(language: str) -> re.Pattern[str]:
    words = WORDS[language]
    every = sorted({*words.add, *words.place, *words.big}, key=len, reverse=True)
    one = "(?:" + "|".join(re.escape(word) for word in every) + ")"
    if not words.spaced:
        return re.compile(rf"{one}+")
    link = "(?:" + "|".join(re.escape(word) for word in words.links) + ")" if words.links else "(?!)"
    return re.compile(rf"(?<![\w-]){one}(?![\w])(?:(?:[ \u00a0-]{link})?[ \u00a0-]{one}(?!\w))*", re.IGNORECASE)


@cache
def _single_word(language: str) -> re.Pattern[str]:
    words = WORDS[language]
    every = sorted({*words.add, *words.place, *words.big}, key=len, reverse=True)
    bound = r"(?!\w)" if words.spaced else ""
    return re.compile("(?:" + "|".join(re.escape(word) for word in every) + ")" + bound, re.IGNORECASE)


def _spelled(text: str, language: str, words: Words) -> Iterator[Number]:
    for match in _pattern(language).finditer(text):
        run = match.group()
        if language == "ko" and len(run) > 1 and run.endswith("일"):
            run = run[:-1]  # 삼십일 is thirty days far more often than thirty-one.
        if language == "vi" and run.lower().endswith((" năm", " nửa", " rưỡi")):
            run = run[: run.rindex(" ")]  # 'mười năm' is ten years, 'một nửa' a half.
        if language == "vi" and any(word[0].isupper() for word in run.split()[1:]):
            continue  # Ba Tư is Persia.
        found = [token.group().lower() for token in _single_word(language).finditer(run)]
        tokens = [_token(word, words) for word in found]
        if not tokens or (match.start() and text[match.start() - 1].isdigit()):
            continue
        alone = len(found) == 1 and (found[0] in words.weak or found[0] not in words.add)
        sure = words.spaced and not alone
        yield Number((_composed(tokens),), match.start(), match.start() + len(run), spelled=True, sure=sure)
