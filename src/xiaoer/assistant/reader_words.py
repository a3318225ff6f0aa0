"""How much of a question's wording a text has, in any script, with nothing known of the corpus but the texts found.

The rarity of a term is counted among the sentences that search brought: what all of them share does not tell them
apart, so a shop's name or the product everybody asks about weighs little by itself.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence

from xiaoer.language.terms import terms

_STANDS_ALONE = re.compile("[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]")
SATURATION = 1.2
LENGTH_SHARE = 0.75
"""The usual constants of BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009)."""


def counted(text: str) -> Counter[str]:
    """How often each search term occurs in `text`."""
    return Counter(terms(text))


class Rarity:
    """Weights of a question's terms, learnt from the texts that compete to answer it."""

    def __init__(self, question: str, texts: Sequence[Counter[str]]) -> None:
        many = len(texts)
        spread = {term: sum(term in text for text in texts) for term in set(terms(question))}
        self._weights = {term: math.log(1 + (many - count + 0.5) / (count + 0.5)) for term, count in spread.items()}
        self._most = sum(self._weights.values())
        self._mean_length = sum(text.total() for text in texts) / many if many else 1.0

    def score(self, text: Counter[str]) -> float:
        """BM25 of a sentence, as a share of the highest that the question allows: 0 to 1."""
        if not self._most:
            return 0.0
        norm = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * text.total() / max(self._mean_length, 1.0))
        gained = sum(
            weight * text[term] / (text[term] + norm) for term, weight in self._weights.items() if term in text
        )
        return gained / self._most

    def share(self, text: Counter[str]) -> float:
        """The share of the question's weight that the text has at all: 0 to 1."""
        if not self._most:
            return 0.0
        return sum(weight for term, weight in self._weights.items() if term in text) / self._most


def coverage(question: str, text: Counter[str]) -> float:
    """The share of the question, by length, whose words or pairs of characters stand in the text: 0 to 1.

    Single characters of Han and the like are left out: they meet by chance. Long words count more than short ones,
    which serves as their weight in languages where articles and particles are short.
    """
    asked = {term for term in terms(question) if len(term) > 1 or not _STANDS_ALONE.fullmatch(term)}
    whole = sum(map(len, asked))
    return sum(len(term) for term in asked if term in text) / whole if whole else 0.0
