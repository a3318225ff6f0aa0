"""Which products a sentence tells of: those it names, of the products whose passages were shown."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from xiaoer.assistant.gate import figures, tokens
from xiaoer.assistant.gate.backing import Backing
from xiaoer.assistant.gate.sources import squeeze
from xiaoer.language.quantities import Reading
from xiaoer.language.text import fold
from xiaoer.patterns import lazy

Products = frozenset[str]

_LONGEST_NAME = 40
"""Characters of a title up to which its words are a name; longer ones list what the product can do."""
_WORD = lazy(r"[^\W\d_\u0e01-\u0e5b\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]{4,}")
_WIDE = lazy(r"[\u0e01-\u0e5b]{6,}|[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]{3,}")
_SEGMENTS = lazy(r"[-_/]")
_SHORTEST_CODE = 2


@dataclass(frozen=True)
class Named:
    """Words at `start:end` that name one of `products`."""

    start: int
    end: int
    products: Products


@dataclass(frozen=True)
class Names:
    """What the products shown are called: codes, and words that only one of them has in its name."""

    codes: dict[str, Products]
    words: dict[str, Products]

    def find(self, text: str) -> list[Named]:
        """The products that a folded text names, in order."""
        found = [
            Named(token.start, token.end, products)
            for token in tokens.find(text)
            if token.kind == "code" and (products := self._coded(token.key))
        ]
        lowered = text.casefold()
        for word, products in self.words.items():
            at = lowered.find(word)
            while at >= 0:
                end = at + len(word)
                if not any(one.start < end and at < one.end for one in found):
                    found.append(Named(at, end, products))
                at = lowered.find(word, end)
        return sorted(found, key=lambda one: one.start)

    def _coded(self, code: str) -> Products:
        for part in _parts(code):
            if part in self.codes:
                return self.codes[part]
        return frozenset()


@lru_cache(maxsize=256)
def names_of(shown: tuple[tuple[str, Products], ...]) -> Names:
    """The names of the products that these titles are of."""
    codes: dict[str, set[str]] = defaultdict(set)
    words: dict[str, set[str]] = defaultdict(set)
    for title, products in shown:
        folded = fold(title)
        for token in tokens.find(folded):
            if token.kind == "code":
                for part in _parts(token.key):
                    codes[part] |= products
        for product in products:
            codes[squeeze(product)] |= {product}
        if len(folded) <= _LONGEST_NAME:
            for word in _words(folded):
                words[word] |= products
    every = frozenset().union(*(products for _, products in shown))
    return Names(
        {code: frozenset(products) for code, products in codes.items() if len(code) >= _SHORTEST_CODE},
        {word: frozenset(products) for word, products in words.items() if len(products) == 1 < len(every)},
    )


def _parts(code: str) -> Iterator[str]:
    """A code and its parts, the longest first: JSQ30-M9 Pro, M9 Pro."""
    yield squeeze(code)
    pieces = _SEGMENTS.split(code)
    for begin in range(1, len(pieces)):
        part = squeeze("-".join(pieces[begin:]))
        if any(letter.isdigit() for letter in part) and any(letter.isalpha() for letter in part):
            yield part


def _words(name: str) -> Iterator[str]:
    for match in _WORD.finditer(name):
        yield match.group().casefold()
    for match in _WIDE.finditer(name):
        run, width = match.group(), 6 if match.group()[0] <= "\u0e5b" else 3
        yield from (run[at : at + width] for at in range(len(run) - width + 1))


def named_in(text: str, backing: Backing) -> list[Named]:
    """The products shown that a folded sentence names, in order."""
    shown = tuple(dict.fromkeys((one.title, one.products) for one in backing.passages if one.products))
    return names_of(shown).find(text) if shown else []


def owners(wanted: Reading, text: str, named: Sequence[Named]) -> tuple[Products, ...]:
    """The products that the sentence tells a figure of, each of which must have it; none where it names none.

    A figure belongs to what is named last before it. After two names, as many figures belong to one each, in order;
    one figure belongs to both.
    """
    counted = [one for one in figures.told(text) if not _inside(one, named)]
    group = _group(wanted, named, counted)
    if len(group) < 2:  # noqa: PLR2004 - two names share their figures, one does not
        return tuple(one.products for one in group)
    after = group[-1].end
    until = min((one.start for one in named if one.start >= after), default=len(text))
    kind = {unit.dimension for unit in wanted.units}
    alike = [one.start for one in counted if after <= one.start < until and {u.dimension for u in one.units} == kind]
    if len(alike) == len(group) and wanted.start in alike:
        return (group[alike.index(wanted.start)].products,)
    return tuple(one.products for one in group)


def _inside(figure: Reading, named: Sequence[Named]) -> bool:
    return any(one.start <= figure.start < one.end for one in named)


def _group(wanted: Reading, named: Sequence[Named], counted: Sequence[Reading]) -> list[Named]:
    """The names that the figure follows, with no figure between them; the first ones where it stands before all."""
    groups: list[list[Named]] = []
    for one in named:
        before = groups[-1][-1].end if groups else 0
        if groups and not any(before <= figure.start < one.start for figure in counted):
            groups[-1].append(one)
        else:
            groups.append([one])
    leading = [group for group in groups if group[0].start <= wanted.start]
    return (leading or groups or [[]])[-1 if leading else 0]
