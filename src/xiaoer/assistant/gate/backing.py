"""What stands behind an answer: cited passages, tool results, the shop's own facts, and what the customer said."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate

from xiaoer.assistant.gate import clauses, tokens
from xiaoer.assistant.gate.claims import Facts, read
from xiaoer.assistant.gate.clauses import Clause
from xiaoer.assistant.gate.dates import Date, Moment
from xiaoer.assistant.gate.tokens import Token
from xiaoer.language import units
from xiaoer.language.detect import detect
from xiaoer.language.quantities import Reading
from xiaoer.language.sentences import split
from xiaoer.language.text import fold
from xiaoer.language.units import Unit
from xiaoer.patterns import lazy

_LATIN = frozenset({"en", "vi", "es", "pt", "fr", "de", "id", "ms"})
_LETTERS_ONLY = lazy(r"[^\w\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]+|_+")
_EDGE = lazy(
    r"(?<![a-zA-Z0-9À-ỹ])[^\w\s]+|[^\w\s'’_-]+|\n|(?<=[\u0e00-\u0e7f])\s|\s(?=[\u0e00-\u0e7f])|(?<=[\u3400-\u9fff])\s|\ufeff"
)
_MONEY_WORDS = lazy(
    r"价格?|售价|金额|费用?|满\s?\d|减\s?\d|省\s?\d|返\s?\d|抵\s?\d|送\s?\d|券|price|cost|fee|total|amount|giá|phí|ราคา|ค่า|価格|料金|가격|요금|цена|"
    r"стоимость|precio|preço|prix|preis|harga|السعر|subtotal|discount|refund|paid",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Source:
    """One backing text, read: what it says and in which language."""

    text: str
    language: str
    facts: Facts
    clauses: tuple[Clause, ...]
    squeezed: str
    edges: frozenset[int]
    """Positions in `squeezed` where a clause begins or ends."""

    @cached_property
    def sentences(self) -> tuple["Source", ...]:
        """The sentences of the text, each read on its own; a table's row is one, with the head's words in it."""
        pieces = split(with_heads(self.text))
        return (self,) if len(pieces) <= 1 else tuple(source(piece, self.language) for piece in pieces)

    @cached_property
    def terms(self) -> frozenset[str]:
        """Every content term of the text."""
        return frozenset().union(*(clause.terms for clause in self.clauses))


@lru_cache(maxsize=4096)
def source(text: str, language: str | None = None) -> Source:
    """`text` read for comparing with; reading is kept, since the same passages are cited again and again."""
    folded = fold(text)
    tongue = language or detect(folded).language
    pieces = [squeeze(piece) for piece in _EDGE.split(folded)]
    edges = frozenset(accumulate(map(len, pieces), initial=0))
    return Source(folded, tongue, read(folded, tongue, strict=False), clauses.split(folded), "".join(pieces), edges)


def with_heads(text: str) -> str:
    """`text` with the rows of its tables as 'head cell head cell', so that a cell keeps what it means."""
    head: list[str] = []
    lines: list[str] = []
    for line in text.split("\n"):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.lstrip().startswith("|") or len(cells) == 1:
            head = []
        elif not head:
            head = cells
            continue
        elif set(line) <= _RULE:
            continue
        elif len(cells) == len(head):
            line = "  ".join(f"{name} {cell}" for name, cell in zip(head, cells, strict=True))  # noqa: PLW2901
        lines.append(line)
    return "\n".join(lines)


_RULE = frozenset("|-: ")


def squeeze(text: str) -> str:
    """Letters and figures only, lower case, for comparing whole sentences."""
    return _LETTERS_ONLY.sub("", text.casefold())


def quotes(text: str, one: Source) -> bool:
    """Whether `text` stands in `one` as it is, from the edge of a clause to the edge of one."""
    wanted = squeeze(text)
    at = one.squeezed.find(wanted) if len(wanted) > 1 else -1
    while at >= 0:
        if at in one.edges and at + len(wanted) in one.edges:
            return True
        at = one.squeezed.find(wanted, at + 1)
    return False


@dataclass(frozen=True)
class Backing:
    """The texts an answer may rest on. `done` names the actions really done in this turn ('cancel', 'refund' …).

    `customer` is what the customer wrote, the newest last: it backs only harmless repeats. `locale` is the passages'
    language where it is known; it is detected per text otherwise.
    """

    passages: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    shop: tuple[str, ...] = ()
    customer: tuple[str, ...] = ()
    done: frozenset[str] = frozenset()
    locale: str | None = None

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """Everything that may be relied on, read."""
        return tuple(source(text, self.locale) for text in (*self.passages, *self.tools, *self.shop))

    @cached_property
    def said(self) -> tuple[Source, ...]:
        """The customer's own messages, read."""
        return tuple(source(text) for text in self.customer)

    @cached_property
    def results(self) -> tuple[Source, ...]:
        """What tools answered, read."""
        return tuple(source(text) for text in self.tools)

    def speaking(self, language: str) -> tuple[Source, ...]:
        """The texts in `language`, with which words can be compared."""
        return tuple(one for one in self.sources if akin(one.language, language))

    def mostly(self, language: str) -> bool:
        """Whether what was cited is in `language`: then words decide. The shop's own facts do not count for it."""
        cited = self.sources[: len(self.passages) + len(self.tools)] or self.sources
        return 2 * sum(akin(one.language, language) for one in cited) >= len(cited) > 0

    @cached_property
    def terms(self) -> frozenset[str]:
        """Every content term of the texts."""
        return frozenset().union(*(clause.terms for one in self.sources for clause in one.clauses))

    @cached_property
    def signs(self) -> frozenset[tuple[str, int]]:
        """The ideas the texts name, with their signs."""
        return frozenset().union(*(clause.signs() for one in self.sources for clause in one.clauses))

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The hosts that links may lead to."""
        return frozenset(token.key for one in self.sources for token in one.facts.tokens if token.kind == "link")


def backing(
    passages: Iterable[str] = (),
    *,
    tools: Iterable[str] = (),
    shop: Iterable[str] = (),
    customer: Iterable[str] = (),
    done: Iterable[str] = (),
    locale: str | None = None,
) -> Backing:
    """A `Backing` of any iterables."""
    return Backing(tuple(passages), tuple(tools), tuple(shop), tuple(customer), frozenset(done), locale)


def akin(one: str, other: str) -> bool:
    """Whether two languages share their words."""
    return one == other or {one, other} <= {"id", "ms"}


def has_quantity(wanted: Reading, sources: Sequence[Source]) -> bool:
    """Whether one of `sources` holds the same value with a unit that means the same."""
    return any(_same(wanted, found, one) for one in sources for found in one.facts.quantities) or (
        not wanted.units and _is_year(wanted, sources)
    )


def _is_year(wanted: Reading, sources: Sequence[Source]) -> bool:
    return any(date.year == wanted.values[0] for one in sources for date in one.facts.dates)


def _same(wanted: Reading, found: Reading, one: Source) -> bool:
    if not wanted.units:
        return bool(set(wanted.values) & set(found.values))
    if not found.units:
        return bool(set(wanted.values) & set(found.values)) and _may_be(wanted.units, found, one)
    return any(
        comparable(mine, theirs)
        and {value * mine.factor for value in wanted.values} & {value * theirs.factor for value in found.values}
        for mine in wanted.units
        for theirs in found.units
    )


def comparable(mine: Unit, theirs: Unit) -> bool:
    """Whether a claim in `mine` can rest on a figure in `theirs`."""
    if mine.dimension == "discount":
        return theirs.dimension in {"discount", "percent"}
    if mine.dimension in {"percent", "of_price"}:
        return theirs.dimension in {"percent", "discount", "of_price"} and (
            mine.dimension == "percent" or theirs.dimension == "of_price"
        )
    return units.same(mine, theirs)


def _may_be(wanted: tuple[Unit, ...], found: Reading, one: Source) -> bool:
    """Whether a figure without a unit can be meant in the wanted one: the words of its line say so."""
    if not any(unit.hard for unit in wanted):
        return True
    begin = max(one.text.rfind(sign, 0, found.start) for sign in "\n。；;") + 1
    line = one.text[begin : found.start] + one.text[found.end : found.end + 12].split("\n", 1)[0]
    named = _named(line)
    return any(unit.dimension in named for unit in wanted)


@lru_cache(maxsize=4096)
def _named(line: str) -> frozenset[str]:
    return units.dimensions(line) | (frozenset({"money"}) if _MONEY_WORDS.search(line) else frozenset())


def has_date(wanted: Date, sources: Sequence[Source]) -> bool:
    """Whether the date is written in `sources`; its year may stand elsewhere in them."""
    every = [date for one in sources for date in one.facts.dates]
    if any(wanted.within(date) for date in every):
        return True
    lone = wanted.year if wanted.month is None and wanted.day is None else None if wanted.marked else wanted.day
    if lone is not None and any(lone in found.values for one in sources for found in one.facts.quantities):
        return True
    years = {date.year for date in every} | {
        int(value)
        for one in sources
        for found in one.facts.quantities
        if not found.units
        for value in found.values
        if value == int(value) and _FIRST_YEAR < value < _LAST_YEAR
    }
    bare = Date(None, wanted.month, wanted.day, wanted.start, wanted.end)
    return bool(wanted.month) and wanted.year in years and any(bare.within(date) and not date.year for date in every)


def has_moment(wanted: Moment, sources: Sequence[Source]) -> bool:
    """Whether the time of day, weekday or near day is written in `sources`."""
    found = [moment for one in sources for moment in one.facts.moments if moment.kind == wanted.kind]
    return any(set(wanted.values) & set(moment.values) for moment in found)


def has_token(wanted: Token, sources: Sequence[Source]) -> bool:
    """Whether the literal is written in `sources`, as a whole."""
    if wanted.kind == "link":
        return any(token.kind == "link" and token.key == wanted.key for one in sources for token in one.facts.tokens)
    if wanted.kind == "contact":
        if not wanted.key.isdigit():
            return any(wanted.key in one.text.casefold() for one in sources)
        return any(_dialled(wanted.key, token.key) for one in sources for token in one.facts.tokens) or any(
            re.search(rf"(?<!\d){wanted.key}(?!\d)", one.text) for one in sources
        )
    return any(tokens.matcher(wanted.key).search(one.text) for one in sources)


def _dialled(wanted: str, written: str) -> bool:
    """The same telephone number; one may carry the country's prefix."""
    longer, shorter = (wanted, written) if len(wanted) > len(written) else (written, wanted)
    core = shorter.removeprefix("0")
    prefixed = written.isdigit() and len(core) >= _NATIONAL and len(shorter) < len(longer) <= len(core) + _PREFIX
    return wanted == written or (prefixed and longer.endswith(core))


_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_NATIONAL = 8
_PREFIX = 3
"""Fewest digits of a national number, and most digits of a country's prefix."""
