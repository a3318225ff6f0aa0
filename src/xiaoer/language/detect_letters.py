"""How likely a text is in a language by its letters, learnt from the fixed texts that customers of the shop read.

Every fixed text stands in all our languages, so each learns from as much, and from what is said in shops. The model is
that of Witten and Bell: the next letter after up to four, mixed with what shorter beginnings say.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping

from xiaoer.patterns import lazy, lazy_table, toml, toml_by_language

ORDER = 5
NAMES = -3.0
"""Nats a letter at which a text is as likely a row of names, or of a language that is not modelled."""
_ALPHABET = 60
_PLACEHOLDER = lazy(r"\{\w+\}")
_WORD = lazy(r"[^\W\d_]+")
_TAUGHT_BY = ("phrases_texts", "dialogue_texts")
_LATIN = ("en", "vi", "es", "pt", "fr", "de", "id", "ms")
_TEXTS = tuple(toml_by_language("xiaoer.language", folder) for folder in _TAUGHT_BY)
_LISTED: Mapping[str, str] = toml("xiaoer.language", "detect_words.toml")


class Letters:
    """What letters follow each other in the texts of one language."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._seen: Counter[str] = Counter()
        self._after: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        for text in texts:
            self._learn(f" {_plain(_PLACEHOLDER.sub(' ', text))} ")

    def _learn(self, letters: str) -> None:
        for at in range(1, len(letters)):
            for length in range(min(ORDER, at + 1)):
                before = letters[at - length : at]
                if not self._seen[before + letters[at]]:
                    self._kinds[before] += 1
                self._seen[before + letters[at]] += 1
                self._after[before] += 1

    def likelihood(self, text: str) -> float:
        """The natural logarithm of how likely the words of `text` are."""
        letters = f" {_plain(text)} "
        return sum(
            math.log(self._chance(letters[max(0, at - ORDER + 1) : at], letters[at])) for at in range(1, len(letters))
        )

    def _chance(self, before: str, letter: str) -> float:
        chance = 1 / _ALPHABET
        for length in range(len(before) + 1):
            known = before[len(before) - length :]
            times = self._after[known]
            if not times:
                break
            own = times / (times + self._kinds[known])
            chance = own * self._seen[known + letter] / times + (1 - own) * chance
        return chance


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


def _learnt() -> dict[str, Letters]:
    return {
        language: Letters(
            [*(text for texts in _TEXTS for text in texts[language].values()), *_LISTED[language].split()]
        )
        for language in _LATIN
    }


_MODELS = lazy_table(_learnt)


def likelihoods(text: str) -> dict[str, float]:
    """For each of our languages in Latin letters how likely the text is, in nats; "" stands for all that is none."""
    length = len(_plain(text)) + 1
    return {"": NAMES * length, **{language: model.likelihood(text) for language, model in _MODELS.items()}}
