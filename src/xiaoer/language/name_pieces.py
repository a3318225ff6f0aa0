"""Names of goods and what customers write of them, taken apart: codes with their segments, measures, words, letters."""

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from xiaoer.language.normal_han import SIMPLER
from xiaoer.patterns import lazy

_HAN = "\u2e80-\u2fff\u3005-\u3007\u3400-\u9fff\uf900-\ufaff"
_UNSPACED = _HAN + "\u3040-\u30ff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_TOKEN = lazy(rf"(?P<wide>[{_UNSPACED}]+)|(?P<word>[^\W_{_UNSPACED}]+(?:[-.+/‑–][^\W_{_UNSPACED}]+)*)")
_SEGMENT = lazy(r"[^-.+/‑–]+")
_DECIMAL = lazy(r"(?<!\d)\d++[.]\d++")
_MEASURE = lazy(r"(\d+(?:[.]\d+)?)([a-z\u00b0\u2033\"]{1,4}|)")
_SPOKEN = lazy(r"(?<![\d.])(\d{1,3})(公斤|米|升|斤)(\d{1,2})(?![\d.])")
"""1米6, as 1.6 米 is said."""
_RUNS = lazy(r"[a-z]++|\d++")
_UNITS = {
    "升": "l", "公升": "l", "毫升": "ml", "公斤": "kg", "千克": "kg", "克": "g", "斤": "jin", "寸": "inch",
    "英寸": "inch", "厘米": "cm", "公分": "cm", "毫米": "mm", "米": "m", "瓦": "w", "码": "size", "号": "size",
    "匹": "hp", "吋": "inch", "in": "inch",
}  # fmt: skip
"""How units are written in names of goods, beside their usual letters."""
JOINT = lazy(r"[-.+/_‑–]")


@dataclass(frozen=True)
class Piece:
    """A part of a text or a name at `start:end`; `kind` is code, measure, number, word or letters."""

    text: str
    kind: str
    start: int
    end: int
    word: int = -1
    """Where the word begins that it is a segment of."""


def fold(text: str) -> str:
    """A text as names are compared: one width, one case, simplified Chinese."""
    return unicodedata.normalize("NFKC", text).casefold().translate(SIMPLER)


def pieces_of(folded: str) -> list[Piece]:
    """The pieces of a folded text, in order."""
    found: list[Piece] = []
    words: list[re.Match[str]] = []
    for match in _TOKEN.finditer(folded):
        if match.lastgroup == "wide":
            found += _letters(match.group(), match.start())
            continue
        words.append(match)
        found += _of_word(match.group(), match.start(), folded[match.end() : match.end() + 3])
    for match in _SPOKEN.finditer(folded):
        figure = _figure(f"{match[1]}.{match[3]}")
        found.append(Piece(f"{figure} {_UNITS[match[2]]}", "measure", *match.span()))
    for one, other in pairwise(words):
        if folded[one.end() : other.start()].strip(" -"):
            continue
        last, first = _SEGMENT.findall(one.group())[-1], _SEGMENT.findall(other.group())[0]
        if is_code(f"{last}{first}"):
            found.append(Piece(f"{last}{first}", "code", one.end() - len(last), other.start() + len(first)))
    return found


def _letters(run: str, start: int) -> list[Piece]:
    return [Piece(run[at : at + 2], "letters", start + at, start + at + 2) for at in range(len(run) - 1)]


def _of_word(word: str, start: int, after: str) -> list[Piece]:
    end = start + len(word)
    measure = _MEASURE.fullmatch(word)
    if measure:
        unit = measure.group(2) or next((after[:size] for size in (2, 1) if after[:size] in _UNITS), "")
        unit_end = end if measure.group(2) else end + len(unit)
        pieces = [Piece(_figure(measure.group(1)), "number", start, end)]
        if unit:
            pieces.append(Piece(f"{_figure(measure.group(1))} {_UNITS.get(unit, unit)}", "measure", start, unit_end))
        return pieces
    found = {}
    compact = JOINT.sub("", word)
    found[compact] = (start, end)
    for segment in _SEGMENT.finditer(word):
        found.setdefault(segment.group(), (start + segment.start(), start + segment.end()))
        at = start + segment.start()
        for begin, stop in _parts(segment.group()):
            found.setdefault(segment.group()[begin:stop], (at + begin, at + stop))
    for part in _DECIMAL.finditer(word):
        found.setdefault(part.group(), (start + part.start(), start + part.end()))
    return [Piece(text, _kind(text), *span, start) for text, span in found.items()]


def _parts(segment: str) -> list[tuple[int, int]]:
    """What of a segment is a name of its own: "m9" and "ultra" in "m9ultra", "ln3" in "16ln3"; not "x20" in "x20s"."""
    runs = [(match.group(), *match.span()) for match in _RUNS.finditer(segment)]
    found = []
    for (text, begin, _), (_, middle, end), after in zip(runs, runs[1:], [*runs[2:], None], strict=False):
        if text[0].isalpha() and after is not None and after is runs[-1] and len(after[0]) > 1:
            found.append((begin, end))
        if text[0].isdigit() and after is None and end - middle > 1:
            found.append((middle, end))
        if text[0].isdigit() and after is not None:
            found.append((middle, len(segment)))
    return found


def is_code(text: str) -> bool:
    """Whether a text of letters and digits has both."""
    return text.isascii() and text.isalnum() and not text.isalpha() and not text.isdigit()


def _kind(text: str) -> str:
    if text.replace(".", "").isdigit():
        return "number"
    return "code" if is_code(text) else "word"


def _figure(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
