"""How much of a question's wording a text has, in any script, with nothing known of the corpus but the texts found.

The rarity of a term is counted among the sentences that search brought: what all of them share does not tell them
apart, so a shop's name or the product everybody asks about weighs little by itself.
"""

import math
import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from xiaoer.language import concepts
from xiaoer.language.terms import terms
from xiaoer.patterns import lazy

_STANDS_ALONE = lazy("[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]")
_RUN = lazy(r"[\u3400-\u9fff]+|\d+|[^\W\d\u3400-\u9fff][^\W\u3400-\u9fff]+")
_HAN = lazy("[\u3400-\u9fff]")
_NUMERAL = "[零一二三四五六七八九十百千万两半]"
_UNIT = "个|天|块|元|年|月|日|号|小时|分|周|点|台|件|部|条|只|双|套|次|岁|期|积分|克|斤|米|人|位|%|％"
_AMOUNT = rf"(?:\d[\d,.]{{0,20}}|{_NUMERAL}{{1,12}})\s?(?:{_UNIT})|¥\s?\d[\d,.]*"
_GAP = "\n"
LETTERS_PER_HAN = 2.5
"""Letters that say as much as one character of Han."""
NUMBER = 2.0
"""What a number without a unit says, in characters of Han: it tells a product from the next one."""
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


@dataclass
class _Weighed:
    """How much of a question is explained, and how much is not, in characters of Han."""

    explained: float = 0.0
    missing: float = 0.0

    def count(self, word: str, times: int = 1, *, met: bool) -> None:
        size = NUMBER if word.isdigit() else len(word) / (1.0 if _STANDS_ALONE.match(word) else LETTERS_PER_HAN)
        size *= times
        if met:
            self.explained += size
        else:
            self.missing += size


def weight(question: str) -> float:
    """How much a question says beyond words that ask, point and join, in characters of Han."""
    weighed = _weigh(question, "")
    return weighed.explained + weighed.missing


def unexplained(question: str, text: str) -> float:
    """The share of what the question says, by length, that `text` neither says nor means: 0 to 1.

    Words that ask, point and join are left out, and so are amounts, which tell how things stand with the customer. An
    everyday matter of shops is explained by any of its names (`language.concepts`). What remains is what a question is
    about beyond that: a coin, a car or a country of which the shop says nothing.
    """
    weighed = _weigh(question, text)
    whole = weighed.explained + weighed.missing
    return weighed.missing / whole if whole else 0.0


def _weigh(question: str, text: str) -> _Weighed:
    weighed = _Weighed()
    said = concepts.folded(text)
    known = concepts.told(text)
    asks = _taken_apart(question)
    for (spoken, name), times in asks.matters.items():
        weighed.count(spoken, times, met=name in known)
    for (character, pairs), times in asks.characters.items():
        weighed.count(character, times, met=any(pair in said for pair in pairs))
    terms_said = counted(said)
    for term, times in asks.terms.items():
        weighed.count(term, times, met=term in terms_said)
    return weighed


class _Asks(NamedTuple):
    """What a question consists of, and how often: one question meets many texts."""

    matters: Counter[tuple[str, str]]
    """Words for an everyday matter, and its name."""
    characters: Counter[tuple[str, tuple[str, ...]]]
    """A character of Han and the pairs it stands in, one of which a text must have; alone in its run, itself."""
    terms: Counter[str]


@lru_cache(maxsize=64)
def _taken_apart(question: str) -> _Asks:
    asks = _Asks(Counter(), Counter(), Counter())
    rest = asked = concepts.folded(question)
    for begin, end, name in concepts.spans(asked):
        asks.matters[rest[begin:end].replace(_GAP, ""), name] += 1
        rest = rest[:begin] + _GAP * (end - begin) + rest[end:]
    pattern, small = _small_words()
    for word in _RUN.findall(pattern.sub(_GAP, rest)):
        if _HAN.match(word):
            for at, character in enumerate(word):
                pairs = dict.fromkeys([word[max(at - 1, 0) : at + 1], word[at : at + 2]])
                asks.characters[character, tuple(pair for pair in pairs if len(pair) == min(len(word), 2))] += 1
        elif word not in small:
            asks.terms.update(terms(word))
    return asks


@cache
def _small_words() -> tuple[re.Pattern[str], frozenset[str]]:
    """Words that say nothing of what is asked about: those of Chinese, and amounts, as a pattern; others as a set."""
    folder = files("xiaoer.language")
    chinese = tomllib.loads((folder / "small_words.toml").read_text(encoding="utf-8"))["zh"].split()
    others = tomllib.loads((folder / "detect_words.toml").read_text(encoding="utf-8"))
    longest_first = sorted(set(chinese), key=lambda word: (-len(word), word))
    return re.compile(rf"{_AMOUNT}|{'|'.join(longest_first)}"), frozenset(
        word for line in others.values() for word in line.split()
    )
