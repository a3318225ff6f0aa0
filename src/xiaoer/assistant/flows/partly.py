"""Which goods are meant by a part of their name, or by their kind: 铁观音 of 安溪铁观音 清香, the desk lamp.

All that is said must be in a thing's name, so that one letter more or another number points to nothing. Where the last
word that is said is what some of the names end with, those are meant: 手表 is a watch, and no 手表充电线.
"""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from xiaoer.assistant.flows.kinds import is_of, kind_alone
from xiaoer.commerce.values import Product
from xiaoer.language.naming import Names
from xiaoer.language.normal import normal
from xiaoer.language.normal_han import SIMPLER
from xiaoer.language.terms import terms, without_marks
from xiaoer.patterns import lazy

MOST: Final = 8
"""What more goods bear is no name for them."""
_HAN: Final = "\u4e00-\u9fff"
_ROWS: Final = "\u0e00-\u0eff"
_PIECE: Final = lazy(rf"[{_HAN}]+|[{_ROWS}]+|[^\W_{_HAN}{_ROWS}]+")
_SHORTEST_PART: Final = 2
_SHORTEST_IN_ROWS: Final = 3
_SHORTEST_WORD: Final = 3
_GRADES: Final = frozenset(
    {"pro", "max", "plus", "ultra", "lite", "mini", "se", "air", "fe", "nfc", "s", "e", "x", "promax"}
)
"""What makes another model of one: a thing of such a name is not meant by the name without it."""
_LITTLE: Final = frozenset({"the", "a", "an", "of", "for", "with", "and", "in", "to", "my", "your"})
_NEAR_LEAST: Final = 3
"""Characters of a name at least in which one may be mistyped."""


def meant(said: str, products: Sequence[Product]) -> list[Product]:
    """The goods that bear what is said in their name, or are of the kind that it is."""
    kind = kind_alone(said)
    found = [each for each in products if kind is not None and _is_of(each, kind)]
    return found or _heads(said, [each for each in products if any(_bears(n, said, each) for n in each.name.values())])


def near(said: str, products: Sequence[Product]) -> list[Product]:
    """The goods with a name that begins as what is said does but for one mistyped letter; figures must be the same."""
    words = _tight(said)
    if len(words) < _NEAR_LEAST:
        return []
    meant_so = [whole for each in products for name in each.name.values() if (whole := _mistyped(words, name))]
    if not meant_so:
        return []
    named = Names((each.id, name) for each in products for name in each.name.values()).named_in(meant_so[0])
    return [each for each in products if each.id in named.meant] if named is not None else meant(meant_so[0], products)


def _mistyped(words: str, name: str) -> str | None:
    """How the name begins, where that is what is said but for one letter that is no figure."""
    whole = _tight(name)[: len(words)]
    apart = [(one, other) for one, other in zip(words, whole, strict=False) if one != other]
    if len(whole) != len(words) or len(apart) != 1 or any(letter.isdigit() for letter in "".join(apart[0])):
        return None
    return None if _graded(_pieces(name), whole) else whole


def named_among(text: str, names: Mapping[str, Iterable[str]]) -> list[str]:
    """The keys of those names of which a text says a whole word or a longer part, however much else it says."""
    words = _tight(text)
    plain = set(terms(text))
    found = []
    for key, own in names.items():
        if any(_says_part(words, plain, normal(name).translate(SIMPLER)) for name in own):
            found.append(key)
    return found


def _is_of(product: Product, kind: str) -> bool:
    return any(is_of(name, kind) for name in product.name.values())


def _tight(text: str) -> str:
    return normal(text).translate(SIMPLER).replace(" ", "")


def _pieces(text: str) -> list[str]:
    return _PIECE.findall(normal(text).translate(SIMPLER))


def _bears(name: str, said: str, product: Product) -> bool:
    """Whether everything that is said stands in the name; a single letter of Han may be told of the thing else."""
    whole = normal(name).translate(SIMPLER)
    tight, own = whole.replace(" ", ""), frozenset(terms(whole))
    told = "".join((product.category, *product.description.values()))
    pieces = [piece for piece in _pieces(said) if piece not in _LITTLE]
    if not any(_is_name(piece) for piece in pieces) or _graded(_pieces(name), _tight(said)):
        return False
    return all(_borne(piece, tight, own, told) for piece in pieces)


def _is_name(piece: str) -> bool:
    """Whether a piece says enough by itself: no bare figure, no single letter."""
    if re.match(f"[{_HAN}]", piece):
        return len(piece) >= _SHORTEST_PART
    return len(piece) >= _SHORTEST_WORD and not piece.isdigit()


def _borne(piece: str, tight: str, own: frozenset[str], told: str) -> bool:
    if re.match(f"[{_HAN}]", piece):
        return _covered(piece, tight, told)
    if re.match(f"[{_ROWS}]", piece):
        return len(piece) >= _SHORTEST_IN_ROWS and piece in tight
    first = terms(piece)[0]
    return first in own or without_marks(first) in own


def _covered(piece: str, tight: str, told: str) -> bool:
    """Whether a row of Han is made of parts of the name, each of two letters or more, and of one told of it else."""
    reached = {0: False}  # how far it is covered, and whether with a letter from elsewhere
    for end in range(1, len(piece) + 1):
        ways = []
        for start in (at for at in reached if at < end):
            part = piece[start:end]
            if len(part) >= _SHORTEST_PART and part in tight:
                ways.append(reached[start])
            elif len(part) == 1 and start and not reached[start] and part in told:
                ways.append(True)
        if ways:
            reached[end] = min(ways)
    return len(piece) in reached


def _graded(name: Sequence[str], said: str) -> bool:
    """Whether the name goes on after a figure that is said with a grade that is not: 8 does not mean the 8 Pro."""
    for before, after in itertools.pairwise(name):
        figured = any(letter.isdigit() for letter in before)
        if figured and after in _GRADES and before in said and before + after not in said:
            return True
    return False


def _heads(said: str, found: list[Product]) -> list[Product]:
    """Of the goods that bear what is said those whose name, or a word of it, ends with it."""
    last = (_pieces(said) or [""])[-1]
    ends = [each for each in found if any(_ends(name, last) for name in each.name.values())]
    return ends or found


def _ends(name: str, last: str) -> bool:
    if re.match(f"[{_HAN}]", last):
        return any(piece.endswith(last[-2:]) for piece in _pieces(name))
    words = [piece for piece in _pieces(name) if piece.isalpha()]
    return bool(words) and terms(words[-1])[0] == terms(last)[0]


def _says_part(words: str, plain: set[str], name: str) -> bool:
    for piece in _PIECE.findall(name):
        if re.match(f"[{_HAN}]", piece):
            longest = _SHORTEST_PART + 1
            if any(piece[at : at + longest] in words for at in range(len(piece) - longest + 1)):
                return True
            if len(piece) == _SHORTEST_PART and piece in words:
                return True
        elif piece.isalpha() and len(piece) > _SHORTEST_WORD and terms(piece)[0] in plain:
            return True
    return False
