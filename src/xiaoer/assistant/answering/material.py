"""What a writer is shown: numbered passages with the headings they stand under, as many as it reads in good time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xiaoer.knowledge.hits import Hit
from xiaoer.language.name_pieces import fold
from xiaoer.language.terms import terms

MOST_TOKENS = 3000
LEAST_TOKENS = 600
"""Shown to the slowest server too: three passages."""
LETTERS_PER_TOKEN = 3.6
HAN_PER_TOKEN = 1.4
"""About what tokenisers of the Qwen family make of text; a server's own count comes after the fact."""
OWN_SHARE = 0.75
"""Of the room, for the products in focus; the rest is for texts about no product."""


@dataclass(frozen=True)
class Shown:
    """One passage as it is shown, under its number."""

    number: int
    hit: Hit

    @property
    def text(self) -> str:
        """With the headings above it, by which a reader knows what it is about."""
        return f"{self.hit.heading}\n{self.hit.text}"


def tokens_of(text: str) -> int:
    """About how many tokens a text has."""
    wide = sum(character > "\u2e7f" for character in text)
    return round(wide / HAN_PER_TOKEN + (len(text) - wide) / LETTERS_PER_TOKEN) + 1


def material(own: Sequence[Sequence[Hit]], general: Iterable[Hit], *, budget: int) -> list[Shown]:
    """Passages within a budget of tokens, numbered from 1: of each product in focus in turn, then general ones."""
    chosen: list[Hit] = []
    left = float(budget) * (OWN_SHARE if own else 1.0)
    for rank in range(max((len(hits) for hits in own), default=0)):
        for hits in own:
            if rank < len(hits):
                left = _take(hits[rank], chosen, left)
    left += float(budget) * (1 - OWN_SHARE) if own else 0.0
    for hit in general:
        left = _take(hit, chosen, left)
    return [Shown(number, hit) for number, hit in enumerate(chosen, start=1)]


def _take(hit: Hit, chosen: list[Hit], left: float) -> float:
    cost = tokens_of(f"{hit.heading}\n{hit.text}")
    known = any(each.passage_id == hit.passage_id for each in chosen)
    if known or (cost > left and chosen):
        return left
    chosen.append(hit)
    return left - cost


def quoted_from(hit: Hit, said: str, question: str) -> str:
    """The sentence of a passage that has most in common with what was said, and with what was asked."""
    spoken, asked = set(terms(fold(said))), set(terms(fold(question)))

    def shared(text: str) -> float:
        own = set(terms(fold(text)))
        return len(own & spoken) / max(len(own), 1) + len(own & asked) / max(len(asked), 1)

    return max([sentence.text for sentence in hit.sentences] or [hit.text], key=shared)
