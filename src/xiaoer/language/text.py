"""The folded form that recognisers read: character for character, so that what is found there is found in the text."""

import unicodedata

from xiaoer.language.normal_han import SIMPLER
from xiaoer.patterns import lazy

_WIDE_COMMA = lazy(r"(?<=\d)，(?=\d{3}(?!\d))")
_KEPT_WIDE = "，；：！？（）"
_ALIKE = {
    "\u3000": " ",
    "\u00a0": " ",
    "\u202f": " ",
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
    "弐": "贰",
}


class _Folds(dict[int, str]):
    """For `str.translate`: what each character becomes, worked out when it is first met."""

    def __missing__(self, point: int) -> str:
        self[point] = folded = _folded(chr(point))
        return folded


class _Lower(dict[int, str]):
    """The same for lower case; 'İ', which becomes two characters elsewhere, stays one."""

    def __missing__(self, point: int) -> str:
        low = chr(point).lower()
        self[point] = low = low if len(low) == 1 else chr(point)
        return low


_FOLDS, _LOWER = _Folds(), _Lower()


def fold(text: str) -> str:
    """The text with full-width forms and other scripts' digits as ASCII, Han simplified, character for character."""
    return _WIDE_COMMA.sub(",", text.translate(_FOLDS))


def lowered(text: str) -> str:
    """The text in lower case, character for character."""
    return text.translate(_LOWER)


def _folded(character: str) -> str:
    if character.isascii():
        return character
    if "\uff01" <= character <= "\uff5e" and character not in _KEPT_WIDE:
        return chr(ord(character) - 0xFEE0)
    if character in _ALIKE:
        return _ALIKE[character]
    if ord(character) in SIMPLER:
        return SIMPLER[ord(character)]
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)
