"""Product names in a text: whole, in part, mistyped, or by a size or colour that only one product has.

A name is taken apart into pieces: codes with their segments ("F6033-UD3" has "f6033" and "ud3"), measures ("60升",
"60 L"), words, and pairs of letters in scripts without spaces. What a text shares with a name counts by how rare the
piece is among the shop's names, so that nothing has to be known of the trade. A piece of the text belongs to one
product; what is left may name another.
"""

import difflib
import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from xiaoer.language.function_words import function_words
from xiaoer.language.name_pieces import JOINT, Piece, fold, is_code, pieces_of
from xiaoer.patterns import lazy

MOST_ALIKE = 8
"""Products that bear what was said, up to which it still names them; a name that more bear is a series or a kind."""
CERTAIN = 2.2
"""Weight (see `_weight`) from which shared pieces without a code name a product for certain."""
LIKELY = 1.2
RARE = 1.2
"""Rarity from which letters alone are part of a name wherever they stand."""
CLOSE_SPELLING = 0.8
"""Likeness (`difflib`) of a mistyped code to the one that was meant."""
SHORTEST_TYPO = 4
SHORTEST_ALIAS = 5
LONGEST_LABEL = 24
PLAINLY_SHORTER = 1.3
"""How many times longer all other names that bear what was said must be, for the shortest to be meant."""
COMMON = 0.5
"""Factor of a word that says what kind of thing a product is, and not its name."""
BY_ID = 99.0
"""Weight of an id, which is no matter of likeness."""

_ID = lazy(r"[a-z0-9][a-z0-9_-]{3,60}")
_LETTERS = lazy(r"[^\W\d_]+")
_WORDS_OF_TITLE = lazy(r"[A-Za-z0-9]+(?:[-./‑][A-Za-z0-9]+)*")
_MODEL_WORDS = lazy(r"(?:[ \u00a0][A-Z][A-Za-z]{1,8}){1,2}")
_SEPARATES = lazy(
    r"[,，、;；。！!？?\n|]|\s(?:vs\.?|and|or|và|hay|hoặc|กับ|หรือ)\s|(?:还是|或者|以及|对比|相比|换成|换到|升级到|[和跟与比或])"
)
"""What stands between two names."""


@dataclass(frozen=True)
class Mention:
    """One or several products that the same words name, and where they stand; several: it is open which is meant."""

    ids: tuple[str, ...]
    weight: float
    is_certain: bool
    spans: tuple[tuple[int, int], ...]
    is_coded: bool = False
    """Whether a code of theirs was said, and not only words."""
    is_guess: bool = False
    """Whether the words had to be corrected to be a name."""


@dataclass(frozen=True)
class Found:
    """What a text names, in order; `rest` is the folded text without the names, `unknown` are codes nobody bears."""

    mentions: tuple[Mention, ...]
    rest: str
    unknown: tuple[str, ...] = ()


_FACTORS = {"code": 1.5, "measure": 1.0, "word": 1.0, "letters": 0.5, "number": 0.4}


class Names:
    """The names of a shop's products, made once and asked with every message."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        """Take (id, name) pairs; one product may have several names. The id itself is a name as well."""
        self._bearers: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._models: dict[str, set[str]] = defaultdict(set)
        """The codes and spaced words of each name."""
        self._ids: dict[str, str] = {}
        self._titles: dict[str, str] = {}
        self._common: set[str] = set()
        """Words that stand in small letters in names that have capitals: "earbuds" in "Pebble Pro earbuds"."""
        self._proper: set[str] = set()
        for product, name in names:
            self._ids.setdefault(fold(product), product)
            self._titles.setdefault(product, name)
            small = _small_words(name)
            for piece in pieces_of(fold(name)):
                if piece.text in function_words("en") or (piece.text in small and piece.text in function_words()):
                    continue
                self._bearers[piece.text, piece.kind].add(product)
                (self._common if piece.text in small else self._proper).add(piece.text)
                if piece.kind in ("code", "word"):
                    self._models[product].add(piece.text)
        self._common -= self._proper
        self._size = len(self._titles)
        self._codes = sorted({text for text, family in self._bearers if family == "code"})

    def __len__(self) -> int:
        return self._size

    def title(self, product: str) -> str:
        """A product's first name; the id where there is none."""
        return self._titles.get(product, product)

    def label(self, product: str) -> str:
        """A name short enough for a button: the title, or of a long one the words around its rarest code."""
        title = self.title(product)
        if len(title) <= LONGEST_LABEL:
            return title
        words = [match for match in _WORDS_OF_TITLE.finditer(title) if is_code(JOINT.sub("", fold(match.group())))]
        if not words:
            return self._shortened(title)
        rarest = min(words, key=lambda match: self._borne(match.group()))
        after = _MODEL_WORDS.match(title, rarest.end())
        return title[rarest.start() : after.end() if after else rarest.end()].strip()

    def _shortened(self, title: str) -> str:
        """A title without the words that most names have."""
        words = title.split()
        while len(words) > 1 and len(" ".join(words)) > LONGEST_LABEL:
            common = [
                max((len(self._bearers[p.text, p.kind]) for p in pieces_of(fold(each))), default=0) for each in words
            ]
            del words[common.index(max(common))]
        short = " ".join(words)
        return short if len(short) <= LONGEST_LABEL else f"{short[: LONGEST_LABEL - 1].rstrip()}…"

    def _commonness(self, word: str) -> int:
        return max((len(self._bearers.get((each.text, each.kind), ())) for each in pieces_of(fold(word))), default=0)

    def _borne(self, word: str) -> tuple[int, int]:
        bearers = self._bearers.get((JOINT.sub("", fold(word)), "code"), set())
        return len(bearers) or self._size, -len(word)

    def find(self, text: str, told_of: Callable[[str], Collection[str]] = lambda _: ()) -> Found:
        """The products that `text` names.

        `told_of` gives the products in whose texts alone a code stands: what a shop calls a thing in its descriptions
        is a name as well.
        """
        folded = fold(text)
        pieces = pieces_of(folded)
        mentions = [*self._by_id(folded), *self._by_texts(folded, told_of)]
        taken = [span for mention in mentions for span in mention.spans]
        left = [piece for piece in pieces if not _overlaps(piece, taken)]
        for begin, end in _clauses(folded):
            inside = [piece for piece in left if begin <= piece.start and piece.end <= end]
            mentions += self._named(inside)
        mentions = _sure_ones(self._narrowed(_once(mentions)))
        unknown = self._unknown(left, mentions)
        if not mentions and unknown:
            mentions = self._mistyped(left)
        spans = [span for mention in mentions for span in mention.spans]
        return Found(tuple(mentions), _without(folded, spans), unknown)

    def _by_id(self, folded: str) -> list[Mention]:
        return [
            Mention((product,), BY_ID, is_certain=True, spans=(match.span(),))
            for match in _ID.finditer(folded)
            if (product := self._ids.get(match.group())) is not None
        ]

    def _by_texts(self, folded: str, told_of: Callable[[str], Collection[str]]) -> list[Mention]:
        """Those in whose texts alone a long code stands that no name has."""
        found = []
        for match in _ID.finditer(folded):
            word = match.group().strip("-_")
            compact = JOINT.sub("", word)
            if len(compact) < SHORTEST_ALIAS or not is_code(compact) or (compact, "code") in self._bearers:
                continue
            products = tuple(product for product in told_of(word) if product in self._titles)
            if 0 < len(products) <= MOST_ALIKE:
                found.append(Mention(products, BY_ID, is_certain=True, spans=(match.span(),), is_coded=True))
        return found

    def _named(self, pieces: Sequence[Piece]) -> list[Mention]:
        """The products that the pieces of a clause name, the surest first; what one takes no other gets."""
        found: list[Mention] = []
        left = list(pieces)
        while left and (mention := self._best(left)) is not None:
            found.append(mention)
            left = [piece for piece in left if not _overlaps(piece, mention.spans)]
        return found

    def _best(self, pieces: Sequence[Piece]) -> Mention | None:
        """The products that share most with the pieces."""
        shared: dict[str, dict[tuple[str, str], Piece]] = defaultdict(dict)
        for piece in pieces:
            for product in self._bearers.get((piece.text, piece.kind), ()):
                shared[product].setdefault((piece.text, piece.kind), piece)
        if not shared:
            return None
        weights = {product: self._total(found) for product, found in shared.items()}
        best = max(weights.values())
        ids = tuple(product for product, weight in weights.items() if weight > best - 0.05)
        own = shared[ids[0]]
        coded = any(piece.kind == "code" for piece in own.values())
        if len(ids) > MOST_ALIKE or all(piece.kind == "number" for piece in own.values()):
            return None
        if best < LIKELY and (not coded or len(ids) == self._size > 1):
            return None
        if len(ids) > 1 and (plain := self._plainest(ids, own)) and (coded or self._is_told(plain, own, best)):
            ids = plain
        if len(ids) > 1 and best < CERTAIN and not coded:
            return None
        spans = self._spans(list(own.values()))
        torn = any(self._is_torn(piece, ids[0], own.values()) for piece in pieces)
        certain = (coded or best >= CERTAIN) and not torn
        return Mention(ids, best, is_certain=certain, spans=spans, is_coded=coded, is_guess=torn)

    def _is_torn(self, piece: Piece, product: str, own: Iterable[Piece]) -> bool:
        """Whether a segment of a code is none of the product's: F6033-UD8 where there is F6033-UD3 alone."""
        if piece.word < 0 or piece.kind not in ("code", "word") or piece.text in self._models[product]:
            return False
        beside = [other for other in own if other.word == piece.word]
        return any(other.end <= piece.start or piece.end <= other.start for other in beside)

    def _plainest(self, ids: tuple[str, ...], said: Mapping[tuple[str, str], Piece]) -> tuple[str, ...]:
        """The one whose name says least besides: X20S and not X20S Max; 晨穗 8, the phone, and not its case.

        Of names that say as much, the one that begins with what was said: Pebble Pro earbuds, and not hooks for them.
        """
        unsaid = sorted((len(self._models[product] - {text for text, _ in said}), product) for product in ids)
        if unsaid[0][0] < unsaid[1][0]:
            return (unsaid[0][1],)
        before = sorted((self._before(product, said), product) for product in ids)
        if before[0][0] + LIKELY < before[1][0]:
            return (before[0][1],)
        lengths = sorted((len(fold(self._titles[product])), product) for product in ids)
        return (lengths[0][1],) if PLAINLY_SHORTER * lengths[0][0] <= lengths[1][0] else ids

    def _is_told(self, ids: tuple[str, ...], said: Collection[tuple[str, str]], weight: float) -> bool:
        """Whether what was said, of that weight, is most of a name, and not the word for a kind of goods in it."""
        unsaid = {(p.text, p.kind): p for p in pieces_of(fold(self._titles[ids[0]])) if (p.text, p.kind) not in said}
        return len(ids) == 1 and self._total({k: p for k, p in unsaid.items() if k in self._bearers}) <= weight

    def _before(self, product: str, said: Collection[tuple[str, str]]) -> float:
        """What a name says before the first of the pieces that were said, by how rare it is."""
        pieces = pieces_of(fold(self._titles[product]))
        first = min((piece.start for piece in pieces if (piece.text, piece.kind) in said), default=0)
        keys = {(piece.text, piece.kind) for piece in pieces if piece.end <= first}
        return sum(self._rarity(key) for key in keys if key in self._bearers)

    def _spans(self, pieces: Sequence[Piece]) -> tuple[tuple[int, int], ...]:
        """Where a name stands: letters that many names share are part of it only beside the rest of it.

        In 那款12升出热水慢 the water is no part of the heater's name, though its letters are.
        """
        firm = [piece for piece in pieces if piece.kind != "letters" or self._rarity((piece.text, "letters")) >= RARE]
        spans = _joined([(piece.start, piece.end) for piece in firm or pieces])
        loose = sorted((p for p in pieces if p not in firm), key=lambda piece: piece.start)
        for piece in [*loose, *reversed(loose)]:
            if any(piece.start <= end + 1 and start <= piece.end + 1 for start, end in spans):
                spans = _joined([*spans, (piece.start, piece.end)])
        return tuple(spans)

    def _total(self, found: dict[tuple[str, str], Piece]) -> float:
        weight = 0.0
        for key, piece in found.items():
            factor = COMMON if piece.text in self._common else _FACTORS[piece.kind]
            weight += factor * self._rarity(key)
        return weight

    def _rarity(self, key: tuple[str, str]) -> float:
        return math.log((self._size + 1) / (len(self._bearers[key]) + 0.5))

    def _narrowed(self, mentions: list[Mention]) -> list[Mention]:
        """Where one mention leaves it open and another says which of them, the other is meant."""
        sure = {mention.ids[0] for mention in mentions if len(mention.ids) == 1}
        kept: list[Mention] = []
        for mention in mentions:
            if len(mention.ids) > 1 and (same := sure.intersection(mention.ids)):
                at = next(i for i, one in enumerate(mentions) if one.ids[0] in same and len(one.ids) == 1)
                other = mentions[at]
                if other in kept:
                    kept[kept.index(other)] = Mention(
                        other.ids, other.weight, is_certain=True, spans=(*other.spans, *mention.spans)
                    )
                continue
            kept.append(mention)
        return kept

    def _unknown(self, pieces: Sequence[Piece], mentions: Sequence[Mention]) -> tuple[str, ...]:
        taken = [span for mention in mentions for span in mention.spans]
        return tuple(
            dict.fromkeys(
                piece.text
                for piece in pieces
                if piece.kind == "code" and not _overlaps(piece, taken) and (piece.text, "code") not in self._bearers
            )
        )

    def _mistyped(self, pieces: Sequence[Piece]) -> list[Mention]:
        for piece in pieces:
            if piece.kind != "code" or len(piece.text) < SHORTEST_TYPO:
                continue
            near = difflib.get_close_matches(piece.text, self._codes, n=3, cutoff=CLOSE_SPELLING)
            ids = tuple(dict.fromkeys(product for code in near for product in sorted(self._bearers[code, "code"])))
            if ids and len(ids) <= MOST_ALIKE:
                return [Mention(ids, LIKELY, is_certain=False, spans=((piece.start, piece.end),), is_guess=True)]
        return []


def _small_words(name: str) -> frozenset[str]:
    """The words in small letters of a name that has capitals, which are no part of its own name."""
    words: list[str] = _LETTERS.findall(name)
    if not any(word[0].isupper() for word in words):
        return frozenset()
    return frozenset(fold(word) for word in words if word.islower())


def _clauses(folded: str) -> list[tuple[int, int]]:
    spans, at = [], 0
    for match in _SEPARATES.finditer(folded):
        spans.append((at, match.start()))
        at = match.end()
    return [*spans, (at, len(folded))]


def _once(mentions: Sequence[Mention]) -> list[Mention]:
    found: dict[tuple[str, ...], Mention] = {}
    for mention in mentions:
        before = found.get(mention.ids)
        if before is None:
            found[mention.ids] = mention
        else:
            spans = (*before.spans, *mention.spans)
            found[mention.ids] = Mention(
                mention.ids,
                max(before.weight, mention.weight),
                is_certain=before.is_certain or mention.is_certain,
                spans=spans,
            )
    return list(found.values())


def _sure_ones(mentions: list[Mention]) -> list[Mention]:
    """Without what only words point to, where a code says it: of a heater's box the fan is no fan of the shop's."""
    coded = [mention for mention in mentions if mention.is_coded or mention.weight >= BY_ID]
    return coded or mentions


def _overlaps(piece: Piece, spans: Iterable[tuple[int, int]]) -> bool:
    return any(piece.start < end and start < piece.end for start, end in spans)


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Overlapping and touching spans as one each."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def without_codes(text: str, title: str) -> str:
    """The folded text without the codes of a title, which say nothing of the product beyond that it is meant."""
    codes = {piece.text for piece in pieces_of(fold(title)) if piece.kind == "code"}
    folded = fold(text)
    spans = [(piece.start, piece.end) for piece in pieces_of(folded) if piece.kind == "code" and piece.text in codes]
    return _without(folded, spans) or text if spans else text


def _without(folded: str, spans: Iterable[tuple[int, int]]) -> str:
    rest, at = [], 0
    for start, end in _joined(list(spans)):
        rest.append(folded[at:start])
        at = end
    rest.append(folded[at:])
    return " ".join(" ".join(rest).split()).strip(" -()/·的")
