"""What of a store's texts holds the answer to a question, and whether the turn had it before it."""

import unicodedata
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from xiaoer.exam.judging import Reply, find, squeezed
from xiaoer.exam.matching import Matcher
from xiaoer.exam.questions import Question
from xiaoer.knowledge.listing import Shown
from xiaoer.patterns import lazy

Holding: TypeAlias = tuple[frozenset[uuid.UUID], ...]
"""For each thing that an answer needs, the passages in which it stands."""
_QUOTED = lazy(r"“([^”]{1,400})”")


class Material:
    """The passages of a store."""

    def __init__(self, passages: Sequence[Shown]) -> None:
        self.passages = {each.id: each for each in passages}
        self._plain = {each.id: squeezed(f"{each.heading}\n{each.text}") for each in passages}

    async def holding(self, question: Question, matcher: Matcher) -> Holding:
        """Where the words stand that `why` quotes; else, where what `must` wants is found.

        Only passages about the question's product count, where one is given and any are.
        """
        among = self._about(question)
        quoted = [self._with_all(words, among) for words in _QUOTED.findall(question.why)]
        if any(quoted):
            return tuple(each for each in quoted if each)
        return tuple(each for each in await self._wanted(question, among, matcher) if each)

    async def to_withhold(self, question: Question, matcher: Matcher) -> frozenset[uuid.UUID]:
        """All that has to be away for the answer to stand nowhere; a curated question with its article's id.

        Of a question about a product, every passage of that product with anything that `must` wants; what the shop says
        of other products stays, so that one can see whether it is told instead.
        """
        found = {place for each in await self.holding(question, matcher) for place in each}
        if question.product_id is not None:
            found |= {p for each in await self._wanted(question, self._about(question), matcher) for p in each}
        curated = {self.passages[place].article_id for place in found if self.passages[place].curated}
        return frozenset(found | curated)

    def of_others(self, reply: Reply, product_id: str) -> bool:
        """Whether all that an answer cites is about other products."""
        cited = [self.passages[place] for place in ids(reply.sources) if place in self.passages]
        return bool(cited) and all(each.product_ids and product_id not in each.product_ids for each in cited)

    def texts_about(self, question: Question) -> list[str]:
        """What the shop says of the question's product."""
        return [f"{each.heading}\n{each.text}" for each in self._about(question)]

    def _about(self, question: Question) -> list[Shown]:
        every = list(self.passages.values())
        own = [each for each in every if question.product_id in each.product_ids]
        return own or every

    def _with_all(self, words: str, among: Iterable[Shown]) -> frozenset[uuid.UUID]:
        """The passages with all these words, which may stand in a list with others between them."""
        parts = [squeezed(part) for part in words.split()]
        return frozenset(each.id for each in among if all(part in self._plain[each.id] for part in parts))

    async def _wanted(self, question: Question, among: Sequence[Shown], matcher: Matcher) -> list[frozenset[uuid.UUID]]:
        patterns = [pattern for group in question.must for pattern in group]
        found: dict[str, set[uuid.UUID]] = {pattern: set() for pattern in patterns}
        for each in among if patterns else ():
            said = unicodedata.normalize("NFKC", f"{each.heading}\n{each.text}")
            for pattern, spans in (await find(said, patterns, matcher)).items():
                if spans:
                    found[pattern].add(each.id)
        return [frozenset(place for pattern in group for place in found[pattern]) for group in question.must]


def shown(reply: Reply) -> frozenset[uuid.UUID]:
    """The passages that the turn had before it: `evidence.shown`, or else all it has `found`, and what it cites."""
    evidence = reply.evidence
    return frozenset([*ids(evidence.get("shown") or evidence.get("found") or ()), *ids(reply.sources)])


def focused(reply: Reply) -> frozenset[str] | None:
    """The products that the turn took the question to be about, `evidence.focus`; None where it does not say."""
    focus = reply.evidence.get("focus")
    if focus is None:
        return None
    entries = focus.get("products", ()) if isinstance(focus, Mapping) else focus
    return frozenset(str(each["product_id"] if isinstance(each, Mapping) else each) for each in entries)


def ids(entries: Iterable[Any]) -> list[uuid.UUID]:
    found = []
    for each in entries:
        text = each.get("passage_id") if isinstance(each, Mapping) else each
        try:
            found.append(uuid.UUID(str(text)))
        except ValueError:  # the source of an order or of goods
            continue
    return found
