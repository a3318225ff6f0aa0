"""The gate in a stream: each sentence of the model leaves, or stays with its reasons."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from xiaoer.assistant.gate.backing import Backing, quotes, squeeze
from xiaoer.assistant.gate.check import check
from xiaoer.assistant.gate.claims import Claim
from xiaoer.assistant.gate.polish import clean, polish
from xiaoer.language.text import fold
from xiaoer.patterns import lazy

_LEAK = 8
"""Letters of a forbidden line that a sentence must hold, or be held by with half as many more, to count as a leak."""
_MEMORY = 300
"""Letters of what went before that are kept to see a leak spread over sentences."""
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
        self._backing = backing
        self._language = language
        secret = [line for line in forbidden if not any(quotes(fold(line), one) for one in backing.sources)]
        self._forbidden = tuple(line for line in map(squeeze, map(fold, secret)) if len(line) >= _LEAK)
        self._seen = ""
        self._sent: set[str] = set()
        self._under_withheld = False

    def admit(self, sentence: str, *, cosine: float | None = None) -> str:
        """What of `sentence` may be sent: the sentence, cleaned and in its language's punctuation, or nothing.

        `cosine` is for a sentence in another language than the backing: `needs_cosine` says when it would help.
        """
        text = clean(sentence)
        lead = text[: len(text) - len(text.lstrip())]
        words = text.strip()
        if not words or _BARE_MARK.match(words):
            return text if words else lead
        claims = self._objections(words, cosine)
        if claims:
            self._keep(words, claims)
            return ""
        self._under_withheld = False
        self._sent.add(squeeze(words))
        self._seen = (self._seen + squeeze(fold(words)))[-_MEMORY:]
        return lead + polish(words, self._language)

    def needs_cosine(self, sentence: str) -> bool:
        """Whether nothing but meaning can compare `sentence` with the backing, since their languages differ."""
        return bool(sentence.strip()) and bool(self._backing.sources) and not self._backing.mostly(self._language)

    def _objections(self, words: str, cosine: float | None) -> tuple[Claim, ...]:
        if self._leaks(words):
            return (_whole("forbidden", words, "a line of the prompt"),)
        if len(squeeze(words)) > _LEAK and squeeze(words) in self._sent:
            return (_whole("repeat", words, "already said"),)
        if self._under_withheld and _ROW.match(words):
            return (_whole("support", words, "a row under a withheld heading"),)
        return check(words, self._backing, self._language, cosine=cosine).unbacked

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
