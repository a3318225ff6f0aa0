"""Which of a shop's things a text names.

Nobody writes a product's whole name. Said for it are its model (晨穗 8 Pro for 晨穗 8 Pro 手机), the model without the
brand (Watch SE 2), the end of a name in Han (宠物项圈 for 寻禾宠物项圈) and its code (F6033-JE6). The longest that is
said wins, so that 晨穗 8 Pro does not name the 晨穗 8; where several things bear what is said, as cases bear the name
of the phone they fit, the one whose kind is said too is meant, else the one with the shortest name.
"""

import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from xiaoer.language.normal import key
from xiaoer.language.normal_han import SIMPLER
from xiaoer.patterns import lazy

MOST_BEARERS = 8
"""A name that more things bear is a brand's or a kind's, and names none of them."""
SHORTEST = 3
SHORTEST_UNBRANDED = 4
SHORTEST_CODE = 5
KIND = 2
"""Characters at the end of a name that must be said to mean a thing by its kind: 保护壳, 手机."""

_FIGURE = lazy(r"[a-z0-9]")
_MODEL = lazy(r"^(?=.*[a-z])(?=.*\d)")
_CODE = lazy(r"[A-Za-z0-9][A-Za-z0-9/-]{3,}[A-Za-z0-9]")
_MEASURE = lazy(r"^\d+[a-z]{1,3}")
_HAN = lazy(r"[\u4e00-\u9fff]+")
_PROPER = lazy(r"[A-Z0-9]")
_GAP = r"[\s‐-—-]*"


@dataclass(frozen=True)
class Named:
    """What a text names.

    `meant`: the ids of the things meant, `allied`: of all that bear a name that was said, those meant among them.
    `rest`: the text without the names, `gapped`: the same with a line break in place of each.
    """

    meant: tuple[str, ...]
    allied: tuple[str, ...]
    rest: str
    gapped: str = ""


@dataclass(frozen=True)
class _Bearer:
    id: str
    kind: str
    length: int


class Names:
    """The names of a shop's things, made once and asked with every question."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        """Take (id, name) pairs; one thing may have several names."""
        self._bearers: dict[str, list[_Bearer]] = defaultdict(list)
        for thing, name in names:
            words = name.split()
            if not words:
                continue
            bearer = _Bearer(thing, compact(words[-1]), len(compact(name)))
            for said in {thing.lower(), *_said_for(name, words)}:
                self._bearers[said].append(bearer)

    def named_in(self, text: str) -> Named | None:
        """What `text` names; None if nothing."""
        tight = compact(text)
        said = [name for name in self._bearers if name in tight]
        meant: dict[str, None] = {}
        allied: dict[str, None] = {}
        rest = unicodedata.normalize("NFKC", text).translate(SIMPLER)
        for name in sorted(said, key=lambda each: (-len(each), each)):
            bearers = self._bearers[name]
            if len({each.id for each in bearers}) > MOST_BEARERS:
                continue
            rest, times = _spelt(name).subn("\n", rest)
            if times:
                meant.update(dict.fromkeys(_meant(bearers, compact(rest))))
                allied.update(dict.fromkeys(each.id for each in bearers))
        return Named(tuple(meant), tuple({**meant, **allied}), " ".join(rest.split()), rest) if meant else None


def compact(text: str) -> str:
    """A text as names are compared: without case, width, spaces and marks."""
    return key(text).replace(" ", "")


def _said_for(name: str, words: list[str]) -> Iterator[str]:
    whole = compact(name)
    if _HAN.fullmatch(whole):  # a short one is a common word, such as 保修, and no name
        yield from (whole[start:] for start in range(len(whole) - SHORTEST_UNBRANDED + 1))
        return
    yield whole
    for model in (words, words[:-1], _proper(words)):
        core, unbranded = compact(" ".join(model)), compact(" ".join(model[1:]))
        if len(core) >= SHORTEST and _FIGURE.search(core) and len(model) > 1:
            yield core
        if len(unbranded) >= SHORTEST_UNBRANDED and _MODEL.match(unbranded):
            yield unbranded
    for code in _CODE.findall(name):
        short = compact(code)
        if len(short) >= SHORTEST_CODE and _MODEL.match(short) and not _MEASURE.fullmatch(short):
            yield short


def _proper(words: list[str]) -> list[str]:
    """The words in front that are written large or are numbers: Tinghe Studio, Chensui 8 Pro."""
    return list(itertools.takewhile(_PROPER.match, words))


def _meant(bearers: Sequence[_Bearer], left: str) -> Iterator[str]:
    """Those whose kind is said beside the name, else those with the shortest name."""
    said = [_kind_said(one, left) for one in bearers]
    shortest = min(one.length for one in bearers)
    for one, size in zip(bearers, said, strict=True):
        if size == max(said) if any(said) else one.length == shortest:
            yield one.id


def _kind_said(one: _Bearer, left: str) -> int:
    """How much of the thing's kind is said; of a word in letters all or nothing."""
    if one.kind.isascii():
        return len(one.kind) if one.kind in left else 0
    return max((size for size in range(KIND, len(one.kind) + 1) if one.kind[-size:] in left), default=0)


@lru_cache(maxsize=4096)
def _spelt(name: str) -> re.Pattern[str]:
    """The name as a whole, however spaced: 晨穗8 is not said in 晨穗8pro, nor Watch 4 in Watch 40."""
    before = r"(?<![a-z\d])" if name[0].isascii() else ""
    after = r"(?![a-z\d])" if name[-1].isdigit() else r"(?![a-z])" if name[-1].isascii() else ""
    return re.compile(before + _GAP.join(map(re.escape, name)) + after, re.IGNORECASE)
