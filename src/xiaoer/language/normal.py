"""Two questions are the same when their normal form, or their key, is: nothing vaguer may pick a curated answer.

`normal` undoes how a text was typed. `key` also leaves out politeness and question particles around the question, so
"请问包邮吗？" and "包邮吗" meet; what negates, counts, names or asks stays in both.
"""

import unicodedata

from xiaoer.language import normal_polite as polite
from xiaoer.language.normal_han import SIMPLER
from xiaoer.patterns import lazy

_INVISIBLE = lazy("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'", "—": "-", "–": "-", "−": "-", "‑": "-"})
_LONG_MARKS = lazy(r"[〜～~]+")
_WIDE = "\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
_SPACE_BY_WIDE = lazy(rf"(?<=[{_WIDE}]) (?=\S)|(?<=\S) (?=[{_WIDE}])")
_SPACE_BY_DIGIT = lazy(r"(?<=[^\W\d_]) (?=\d)|(?<=\d) (?=[^\W\d_])")
_KEPT = frozenset("%#@&*")


def normal(text: str) -> str:
    """`text` without the accidents of typing: width, case, white space, punctuation, invisible characters."""
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).lower().translate(_APOSTROPHES)
    folded = _LONG_MARKS.sub(" ", unicodedata.normalize("NFKC", folded))
    plain = "".join(
        " " if _is_loose_mark(folded, index, character) else character for index, character in enumerate(folded)
    )
    return _SPACE_BY_WIDE.sub("", " ".join(plain.split()))


def key(text: str) -> str:
    """What `text` asks, for look-ups that must be certain; never empty where `normal` is not."""
    whole = normal(text).translate(SIMPLER)
    words = " ".join("".join(" " if _is_picture(character) else character for character in whole).split())
    left = polite.without_politeness(words) or words or whole
    return _SPACE_BY_DIGIT.sub("", _SPACE_BY_WIDE.sub("", left))


def _is_loose_mark(text: str, index: int, character: str) -> bool:
    """Punctuation, unless it is part of a number, a code or a word (3.5, 10:30, a-b, don't, -5, 50%)."""
    if character.isalnum() or character.isspace() or character in _KEPT:
        return False
    category = unicodedata.category(character)
    if category[0] == "C":
        return True
    if category[0] != "P":
        return False
    before, after = text[index - 1 : index] if index else "", text[index + 1 : index + 2]
    if character in ".,:":
        return not (before.isdigit() and after.isdigit()) and not (character == "." and _is_code(before, after))
    if character == "-" and after.isdigit():
        return False
    return not (character in "-/_'+" and _is_code(before, after))


def _is_code(before: str, after: str) -> bool:
    return before.isalnum() and after.isalnum() and before.isascii() and after.isascii()


def _is_picture(character: str) -> bool:
    return unicodedata.category(character) == "So" or "\U0001f3fb" <= character <= "\U0001f3ff"
