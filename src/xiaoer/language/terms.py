"""Texts cut into search terms: how words are compared when nothing is understood.

Scripts without spaces give characters and pairs of them (for Chinese these find more than a dictionary's words do);
Thai, whose letters say little alone, gives pairs and triples. Other scripts give words. Codes and numbers stay whole
("F6033-UD3"), with their parts beside them.
"""

import unicodedata
from dataclasses import dataclass

from xiaoer.patterns import lazy

_HAN = "\u2e80-\u2fff\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTERS_AS_WORDS = _HAN + "\u3040-\u30ff\uac00-\ud7a3"
_LETTERS_IN_ROWS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_WIDE = _LETTERS_AS_WORDS + _LETTERS_IN_ROWS
_TOKEN = lazy(
    rf"(?P<wide>[{_LETTERS_AS_WORDS}]+)|(?P<rows>[{_LETTERS_IN_ROWS}]+)"
    rf"|(?P<word>(?:[^\W_{_WIDE}]|[\u0300-\u036f])+(?:[-./'’](?:[^\W_{_WIDE}])+)*)"
)
_JOINT = lazy(r"[-./'’]")
_MIXED = lazy(r"\d+|[^\W\d_]+")
_LATIN_START = lazy("[a-z\u00c0-\u024f\u1e00-\u1eff]")
_LEAST_PLURAL = 4


@dataclass(frozen=True)
class Term:
    """`is_code`: a number, or a token with a digit or an inner capital: it means the same in every language."""

    text: str
    is_code: bool


def terms(text: str) -> list[str]:
    """The search terms of a text that is to be found, repeated as often as they occur.

    Words with marks on their letters are there without them too: Vietnamese is often typed so ("bao hanh").
    """
    found = [term.text for term in marked(text)]
    return found + [plain for term in found if (plain := without_marks(term)) != term]


def marked(text: str) -> list[Term]:
    """The search terms of a query as typed, in order, telling codes from words."""
    found: list[Term] = []
    for match in _TOKEN.finditer(unicodedata.normalize("NFKC", text)):
        token = match.group()
        if match.lastgroup == "wide":
            found += [Term(character, is_code=False) for character in token]
            found += [Term(token[at : at + 2], is_code=False) for at in range(len(token) - 1)]
        elif match.lastgroup == "rows":
            found += [Term(token[at : at + 2], is_code=False) for at in range(max(1, len(token) - 1))]
            found += [Term(token[at : at + 3], is_code=False) for at in range(len(token) - 2)]
        else:
            found += _word(token)
    return found


def is_latin(text: str) -> bool:
    """Whether words in Latin letters carry the text: not fewer of them than letters of other scripts."""
    latin = other = 0
    for match in _TOKEN.finditer(unicodedata.normalize("NFKC", text)):
        if match.lastgroup == "word":
            first = match.group()[0]
            latin += first.isalpha() and "LATIN" in unicodedata.name(first, "")
            other += first.isalpha() and "LATIN" not in unicodedata.name(first, "")
        else:
            other += len(match.group())
    return latin >= other and latin > 0


def _word(token: str) -> list[Term]:
    code = any(character.isdigit() for character in token) or any(character.isupper() for character in token[1:])
    lowered = token.lower()
    parts = [part for part in _JOINT.split(lowered) if part]
    whole = _singular(parts[0]) if len(parts) == 1 else lowered
    found = [Term(whole, code)]
    if len(parts) > 1:
        found += [Term(_singular(part), code) for part in parts]
    if code:
        for part in parts:
            pieces = _MIXED.findall(part)
            found += [Term(piece, piece.isdigit()) for piece in pieces if len(pieces) > 1]
    return found


def without_marks(word: str) -> str:
    """A word of Latin letters without the marks on them; any other as it is."""
    if word.isascii() or not _LATIN_START.match(word):
        return word
    letters = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _singular(word: str) -> str:
    """The English plural's s taken off, on both sides alike, so that it may be wrong without harm."""
    plural = len(word) >= _LEAST_PLURAL and word.isascii() and word.isalpha() and word.endswith("s")
    return word[:-1] if plural and not word.endswith("ss") else word
