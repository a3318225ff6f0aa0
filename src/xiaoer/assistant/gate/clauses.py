"""Clauses: the words that carry a sentence's content, and whether the clause denies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from xiaoer.assistant.gate import clauses_words as lists
from xiaoer.assistant.gate import dates, figures, tokens
from xiaoer.assistant.gate.topics import TWO_SIDED, Mention, mentions
from xiaoer.language.quantities import Reading
from xiaoer.patterns import lazy


@dataclass(frozen=True)
class Clause:
    """One clause: its content terms without the words of denial, and how often it denies.

    `opposed` counts words that are themselves the opposite of another ('sold out'); they deny as well, but only their
    own idea.
    """

    text: str
    start: int
    terms: frozenset[str]
    denials: int
    mentions: tuple[Mention, ...]
    opposed: int = 0
    excepting: bool = False
    """Whether the clause names an exception, whose sign is the opposite of what stands around it."""
    label: bool = False
    """Whether the clause only says what is spoken of next: 【保修】, 'Warranty:'."""

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def denied(self) -> bool:
        return (self.denials + self.opposed) % 2 == 1

    def signs(self) -> frozenset[tuple[str, int]]:
        """The ideas named, each with the sign the clause gives it."""
        turn = -1 if self.denials % 2 else 1
        return frozenset((mention.topic, mention.sign * turn) for mention in self.mentions)


_WIDE_RUN = lazy(r"[\u0e01-\u0e5b\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff々]+")
_WORD = lazy(r"[^\W\d_\u0e01-\u0e5b\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]{2,}(?:['’][^\W\d_]+)?")
_LETTER = lazy(r"(?<![^\W\u0e01-\u0e5b\u3041-\u9fff\uac00-\ud7a3])(?:[B-HJ-Z]|[AI](?![ '’]?[a-z]))(?![A-Za-z0-9'’])")
"""A capital by itself, as sizes have: no article, no pronoun."""
_SPACES = lazy(r"[\s_-]+")
FIGURE = "\x03"
"""What terms that stand for figures begin with, followed by their dimension."""
_FIGURE_WEIGHT = 3
"""How many letters' terms a figure is worth when two texts are compared."""
BARE = f"{FIGURE}number "
_COLONS = frozenset(":：")
_STEM = 6
_SHORT = 3
_HAN = 2
_THAI = 3
"""Characters taken together as a term; Thai spends several on a syllable."""


def figure_term(kind: str, amount: Decimal) -> str:
    """The term that stands for an amount, however it is written: 17.6 cm and 176 mm are one."""
    return f"{FIGURE}{kind} {amount.normalize():f}"


def share(own: frozenset[str], theirs: frozenset[str]) -> float:
    """The share of `own` terms that `theirs` hold too; figures weigh more than letters."""
    whole = sum(_FIGURE_WEIGHT if term.startswith(FIGURE) else 1 for term in own)
    both = sum(_FIGURE_WEIGHT if term.startswith(FIGURE) else 1 for term in own & theirs)
    return both / whole if whole else 1.0


def terms(text: str) -> frozenset[str]:
    """Content terms: characters and pairs for scripts without spaces, short stems of words for others."""
    found: set[str] = set()
    for pattern, word in lists.SAME:
        text = pattern.sub(word, text)
    for run in _WIDE_RUN.findall(lists.EMPTY_WIDE.sub(" ", text)):
        is_thai = run[0] <= "\u0e5b"
        width = _THAI if is_thai else _HAN
        found.update(run[index : index + width] for index in range(len(run) - width + 1))
        if not is_thai:
            found.update(run)
    found.update(match.group().casefold() for match in _LETTER.finditer(text))
    words = (word.casefold() for word in _WORD.findall(text))
    found.update(
        word[:_STEM].rstrip("s") if len(word) > _SHORT else word for word in words if word not in lists.EMPTY_WORDS
    )
    return frozenset(found)


@lru_cache(maxsize=4096)
def split(text: str) -> tuple[Clause, ...]:
    """The clauses of a folded text, in order; empty ones are left out."""
    ideas = mentions(text)
    days: list[dates.Date | dates.Moment] = [*dates.find_dates(text, "zh"), *dates.find_moments(text, "zh")]
    literals = tokens.find(_blanked(text, days))
    found = figures.told(_blanked(text, [*days, *literals]))
    keys = _keys(found, literals, days)
    content = "".join(" " if letter.isdigit() else letter for letter in _blanked(text, [*found, *literals, *days]))
    clauses: list[Clause] = []
    begin = 0
    heading: Clause | None = None
    for end, following in (*_breaks(text, ideas), (len(text), len(text))):
        words = text[begin:end]
        if words.strip():
            inside = tuple(idea for idea in ideas if begin <= idea.start < end)
            own = frozenset(key for at, key in keys if begin <= at < end)
            clause = _clause(words, content[begin:end], begin, inside, own)
            is_row = _in_row(text, begin)
            mark = text[end:following].strip()
            clause = replace(clause, label=mark in _COLONS or mark == "】")
            clauses.append(_under(clause, heading) if heading and is_row else clause)
            heading = heading if is_row else clause if mark in _COLONS else None
        begin = end if text[end:following].strip(" ，。！？；：;!?\n\r|….,:-–—（）()【】、") else following
    return tuple(clauses)


def join(one: Clause, other: Clause) -> Clause:
    """Two clauses of a sentence taken as one."""
    return Clause(
        f"{one.text} {other.text}",
        one.start,
        one.terms | other.terms,
        one.denials + other.denials,
        one.mentions + other.mentions,
        one.opposed + other.opposed,
        one.excepting or other.excepting,
    )


def _in_row(text: str, begin: int) -> bool:
    """Whether a clause lies in a row of a list."""
    return bool(_ROW.match(text, text.rfind("\n", 0, begin + 1) + 1))


def _under(clause: Clause, heading: Clause) -> Clause:
    """A row says what stands over it too: '不保修：' denies each of its rows."""
    ideas = tuple(idea for idea in heading.mentions if idea.topic not in {own.topic for own in clause.mentions})
    return replace(
        clause,
        terms=clause.terms | heading.terms,
        denials=clause.denials + heading.denials % 2,
        mentions=clause.mentions + ideas,
    )


_ROW = lazy(r"[ \t]{0,40}(?:[-*•·+]|\d{1,2}[.、)）])\s*+(?=\S)")


def _breaks(text: str, ideas: tuple[Mention, ...]) -> list[tuple[int, int]]:
    """Where clauses end and the next begin; never inside the words of one idea ('khi nhận hàng')."""
    spans = [match.span() for match in lists.BREAK.finditer(text)]
    return [(begin, end) for begin, end in spans if not any(idea.start < end and begin < idea.end for idea in ideas)]


def _keys(
    found: Sequence[Reading], literals: list[tokens.Token], days: list[dates.Date | dates.Moment]
) -> list[tuple[int, str]]:
    """Terms for figures, codes and dates by what they mean, with where they stand: 九十九元 and ¥99 are one term."""
    keys = [
        (figure.start, figure_term(unit.dimension, value * unit.factor))
        for figure in found
        for unit in figure.units
        for value in figure.values
    ]
    keys += [(figure.start, figure_term("number", value)) for figure in found for value in figure.values]
    keys += [(token.start, f"{FIGURE}{token.kind} {_SPACES.sub('', token.key.casefold())}") for token in literals]
    for day in days:
        meant = (day.month, day.day) if isinstance(day, dates.Date) else (day.kind, day.values[0])
        keys.append((day.start, f"{FIGURE}day {meant}"))
    return keys


def _blanked(text: str, spans: Iterable[Reading | tokens.Token | dates.Date | dates.Moment]) -> str:
    """`text` with figures, codes and dates blanked out: they are compared by value, not by letter."""
    characters = list(text)
    for span in spans:
        characters[span.start : span.end] = " " * (span.end - span.start)
    return "".join(characters)


def _clause(words: str, content: str, start: int, ideas: tuple[Mention, ...], keys: frozenset[str]) -> Clause:
    sided = [idea for idea in ideas if idea.topic in TWO_SIDED]
    kept = list(words)
    for idea in sided:
        kept[idea.start - start : idea.end - start] = " " * (idea.end - idea.start)
    masked = lists.NOT_DENIAL.sub(lambda match: "\x00" * len(match.group()), "".join(kept))
    blanked = lists.DENIAL.sub(lambda match: " " * len(match.group()), masked)
    bare = "".join(
        letter if mark == "\x00" else " " if mark == " " else letter
        for letter, mark in zip(content, blanked.ljust(len(content)), strict=True)
    )
    own = terms(bare) | keys | {"\x02" + idea.topic for idea in sided}
    return Clause(
        words,
        start,
        own,
        _denials(masked),
        ideas,
        sum(idea.sign < 0 for idea in sided),
        bool(lists.EXCEPTION.search(words)),
    )


@lru_cache(maxsize=8192)
def affirmed(text: str) -> str:
    """A folded text without its words of denial."""
    masked = lists.NOT_DENIAL.sub(lambda match: "\x00" * len(match.group()), text)
    kept = list(text)
    for match in lists.DENIAL.finditer(masked):
        kept[match.start() : match.end()] = " " * (match.end() - match.start())
    return " ".join("".join(kept).split())


def _denials(kept: str) -> int:
    """How often a clause denies; doubled forms of one denial ('ne … pas') count once outside Chinese."""
    found = [match.group().casefold() for match in lists.DENIAL.finditer(kept)]
    han = [word for word in found if "\u4e00" <= word[0] <= "\u9fff"]
    over = [word for word in found if word in _BEYOND]
    other = len(found) - len(han) - len(over)
    twice = sum(1 for _ in lists.TWICE.finditer(kept))
    return len(han) - twice + min(other, 1) + min(len(over), 1)


_BEYOND = frozenset(
    {
        "under",
        "below",
        "less than",
        "fewer than",
        "dưới",
        "ต่ำกว่า",
        "น้อยกว่า",
        "more than",
        "beyond",
        "over",
        "after",
        "hơn",
        "trên",
        "quá",
        "sau",
        "เกิน",
    }
)
