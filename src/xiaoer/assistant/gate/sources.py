"""A text that backs an answer, read once: its figures and literals, its clauses, and where each figure stands."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise

from xiaoer.assistant.gate import clauses, frames, places
from xiaoer.assistant.gate.claims import Facts, read
from xiaoer.assistant.gate.clauses import Clause
from xiaoer.assistant.gate.places import Place
from xiaoer.assistant.gate.tables import with_heads
from xiaoer.language.detect import detect
from xiaoer.language.sentences import split
from xiaoer.language.text import fold
from xiaoer.patterns import lazy

_LETTERS_ONLY = lazy(r"[^\w\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]+|_+")
_EDGE = lazy(
    r"(?<![a-zA-Z0-9À-ỹ])[^\w\s]+|[^\w\s'’_-]+|\n|(?<=[\u0e00-\u0e7f])\s|\s(?=[\u0e00-\u0e7f])|(?<=[\u3400-\u9fff])\s|\ufeff"
)


@dataclass(frozen=True)
class Source:
    """One backing text, read: what it says and in which language. Its heading is part of it; rows of tables are told
    with their heads.
    """

    text: str
    heading: str
    language: str
    facts: Facts
    clauses: tuple[Clause, ...]
    squeezed: str
    edges: frozenset[int]
    """Positions in `squeezed` where a clause begins or ends."""

    @cached_property
    def sentences(self) -> tuple["Source", ...]:
        """The sentences of the text, each read on its own; a table's row is one, with the head's words in it."""
        pieces = [piece for line in self._lines for piece in split(line)]
        if not self.heading and len(pieces) <= 1:
            return (self,)
        return tuple(
            source(piece, self.language) for piece in ((self.heading,) if self.heading else ()) + tuple(pieces)
        )

    @cached_property
    def _lines(self) -> tuple[str, ...]:
        body = self.text[len(self.heading) :].lstrip("\n")
        return tuple(line for line in body.split("\n") if line.strip())

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Where the figures of the text stand."""
        found = list(places.of(self.heading, source(self.heading, self.language).facts)) if self.heading else []
        for line in self._lines:
            around = places.terms_of(line)
            for piece in split(line):
                one = source(piece, self.language)
                found += places.of(one.text, one.facts, line=around, heading=self.heading)
        return tuple(found)

    @cached_property
    def joined(self) -> tuple[Clause, ...]:
        """Conditions with what they are for, since both may be told in one."""
        return tuple(
            clauses.join(before, after)
            for sentence in self.sentences
            for before, after in pairwise(sentence.clauses)
            if frames.is_condition(sentence.text, before.start)
        )

    @cached_property
    def mixed(self) -> tuple[tuple[Clause, Clause], ...]:
        """Neighbours in a sentence of which one denies: both may be told in one clause."""
        pairs = (pair for sentence in self.sentences for pair in pairwise(sentence.clauses))
        return tuple(pair for pair in pairs if (pair[0].denials - pair[1].denials) % 2)

    @cached_property
    def told(self) -> tuple[Clause, ...]:
        """The clauses that say something: a heading affirms nothing."""
        return tuple(clause for clause in self.clauses if clause.denied or clause.start >= len(self.heading))

    @cached_property
    def terms(self) -> frozenset[str]:
        """Every content term of the text."""
        return frozenset().union(*(clause.terms for clause in self.clauses))


@lru_cache(maxsize=8192)
def source(text: str, language: str | None = None, heading: str = "") -> Source:
    """`text` read for comparing with; reading is kept, since the same passages are cited again and again."""
    above = fold(heading).strip()
    folded = fold(text)
    written = f"{above}\n{folded}" if above else folded
    whole = f"{above}\n{with_heads(folded)}" if above else with_heads(folded)
    tongue = language or detect(folded).language
    pieces = [squeeze(piece) for piece in _EDGE.split(written)]
    edges = frozenset(accumulate(map(len, pieces), initial=0))
    return Source(whole, above, tongue, read(whole, tongue, strict=False), clauses.split(whole), "".join(pieces), edges)


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
