"""The gate in a stream: each sentence of the model leaves, or stays with its reasons."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from xiaoer.assistant.gate import citations, frames, refusal
from xiaoer.assistant.gate.backing import Backing
from xiaoer.assistant.gate.case import Case, Context
from xiaoer.assistant.gate.check import check
from xiaoer.assistant.gate.claims import Claim, read
from xiaoer.assistant.gate.nearness import Comparison, Likeness, Nearness, comparison, nearness
from xiaoer.assistant.gate.polish import clean, polish
from xiaoer.assistant.gate.sources import quotes, squeeze
from xiaoer.language.phrases import joined
from xiaoer.language.text import fold
from xiaoer.patterns import lazy

Compare = Callable[[Sequence[str], Sequence[str]], Awaitable[Likeness | None]]
"""How alike each of some texts is in meaning to each of others; None: unknown."""
_LEAK = 8
"""Letters of a forbidden line that a sentence must hold, or be held by with half as many more, to count as a leak."""
_MEMORY = 300
"""Letters of what went before that are kept to see a leak spread over sentences."""
_FIGURES = 12
"""Figures told before that a result may be made of."""
_HEADING = lazy(r"[:：]\s*$")
_ROW = lazy(r"^\s*(?:[-*•·]|\d{1,2}[.、)）]|[(（]\d{1,2}[)）]|[①-⑳])")
_BARE_MARK = lazy(r"^\s*+(?:[-*•·#>]+|\d{1,2}[.、)）])?\s*+$")


@dataclass(frozen=True)
class Withheld:
    """A sentence that did not leave, and why."""

    text: str
    claims: tuple[Claim, ...]


class Gate:
    """Holds back what is not backed, sentence by sentence, for one answer.

    `forbidden` are lines that may never be repeated to a customer: the fixed part of the prompt, canaries. A line that
    the backing says as well (the shop's hours) is no secret.
    """

    def __init__(self, backing: Backing, language: str, *, forbidden: Iterable[str] = ()) -> None:
        self.withheld: list[Withheld] = []
        self.counts: Counter[str] = Counter()
        self.cited: list[int] = []
        self._marked = False
        self._asserted = False
        self._unknown = False
        self._regrets: list[str] = []
        self._backing = backing
        self._language = language
        secret = [line for line in forbidden if not any(quotes(fold(line), one) for one in backing.sources)]
        self._forbidden = tuple(line for line in map(squeeze, map(fold, secret)) if len(line) >= _LEAK)
        self._seen = ""
        self._before = Context()
        self._sent: set[str] = set()
        self._under_withheld = False
        self._is_read = False

    def admit(self, sentence: str, *, likeness: Likeness | None = None) -> str:
        """What of `sentence` may be sent: the sentence, cleaned and in its language's punctuation, or nothing.

        `likeness` answers what `comparison` asks.
        """
        text, numbers = citations.parse(clean(sentence))
        if refusal.is_marked(text):
            self._marked = self._marked or not self._asserted
        if self._marked or refusal.is_marked(text):
            return ""
        lead = text[: len(text) - len(text.lstrip())]
        words = text.strip()
        if not words or _BARE_MARK.match(words):
            return text if words else lead
        compared = self.comparison(sentence) if likeness is not None else None
        near = nearness(compared, likeness) if compared and likeness is not None else None
        if not self._asserted and ((unknown := refusal.is_refusal(words)) or frames.is_apology(fold(words))):
            self._regrets.append(words)
            self._unknown = self._unknown or unknown
            return ""
        claims = self._objections(words, near)
        if claims:
            self._keep(words, claims)
            return ""
        self._under_withheld = False
        self._sent.add(squeeze(words))
        self._remember(words, numbers)
        if not refusal.asserts(fold(words)):
            return lead + polish(words, self._language)
        first, self._asserted = not self._asserted, True
        known = [*self._regrets, words] if first else [words]
        return lead + joined(self._language, *(polish(one, self._language) for one in known))

    @property
    def refused(self) -> bool:
        """Whether the answer so far says nothing but that the material does not hold the answer.

        The desk refuses in its own words then. What is not known is told only beside something that is.
        """
        return self._marked or (self._unknown and not self._asserted)

    async def admitted(self, sentence: str, compare: Compare | None = None) -> str:
        """The same; the texts are read beside the event loop the first time, and `compare` is asked where it helps."""
        if not self._is_read:
            await asyncio.to_thread(self._read)
        asked = self.comparison(sentence) if compare is not None else None
        likeness = await compare(asked.own, asked.theirs) if compare is not None and asked is not None else None
        return self.admit(sentence, likeness=likeness)

    def _read(self) -> None:
        for one in self._backing.sources:
            assert one.places is not None  # worked out and kept
            assert one.joined is not None
        self._is_read = True

    def comparison(self, sentence: str) -> Comparison | None:
        """What only meaning can compare in `sentence`, where texts are in another language; None: nothing."""
        text = fold(citations.parse(clean(sentence))[0]).strip()
        foreign = Case(text, self._language, self._backing, before=self._before).backing.foreign(self._language)
        if not text or not foreign:
            return None
        facts = read(text, self._language, strict=True)
        times = [one for one in facts.moments if one.kind == "time"]
        said = self._backing.said
        return comparison(text, foreign, [*facts.quantities, *times], said[-1].text if said else "")

    def _remember(self, words: str, numbers: Sequence[int]) -> None:
        """What later sentences may go on from."""
        text = fold(words)
        self._seen = (self._seen + squeeze(text))[-_MEMORY:]
        self.cited += [number for number in numbers if 0 < number <= len(self._backing.passages)]
        case = Case(text, self._language, self._backing, before=self._before)
        told = (*self._before.figures, *read(text, self._language, strict=True).quantities)
        named = frozenset().union(*(one.products for one in case.named))
        self._before = Context(told[-_FIGURES:], named or self._before.products)

    def _objections(self, words: str, near: Nearness | None) -> tuple[Claim, ...]:
        if self._leaks(words):
            return (_whole("forbidden", words, "a line of the prompt"),)
        if len(squeeze(words)) > _LEAK and squeeze(words) in self._sent:
            return (_whole("repeat", words, "already said"),)
        if self._under_withheld and _ROW.match(words):
            return (_whole("support", words, "a row under a withheld heading"),)
        return check(words, self._backing, self._language, nearness=near, before=self._before).unbacked

    def _keep(self, words: str, claims: tuple[Claim, ...]) -> None:
        self.withheld.append(Withheld(words, claims))
        self.counts.update({claim.kind for claim in claims})
        self._under_withheld = bool(_HEADING.search(words)) or (self._under_withheld and bool(_ROW.match(words)))

    def _leaks(self, words: str) -> bool:
        """Whether a forbidden line comes out here, or is completed by what came out before."""
        own = squeeze(fold(words))
        if any(line in self._seen + own for line in self._forbidden):
            return True
        piece = len(own) >= _LEAK * 3 // 2 and any(own in line for line in self._forbidden)
        return piece and not any(quotes(fold(words), one) for one in self._backing.sources)


def _whole(kind: str, text: str, reason: str) -> Claim:
    return Claim(kind, text, "", None, 0, len(text), reason)
