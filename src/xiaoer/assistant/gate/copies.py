"""Whether a sentence is a copy of one of the texts' but for one literal, which stands only elsewhere."""

from collections import Counter
from collections.abc import Sequence

from xiaoer.assistant.gate import clauses
from xiaoer.assistant.gate.backing import Backing
from xiaoer.assistant.gate.claims import Meaning
from xiaoer.assistant.gate.matching import is_found
from xiaoer.assistant.gate.places import terms_of
from xiaoer.assistant.gate.placing import compare
from xiaoer.assistant.gate.sources import Source
from xiaoer.language.quantities import Reading
from xiaoer.patterns import lazy

_TELLING = 4
"""Fewest content terms by which a sentence can be told to be another one's copy."""
_NEARLY = 0.8
_AS_GOOD = 0.1
_DIGITS = lazy(r"\d+(?:\.\d+)?")


def elsewhere(meaning: Meaning, text: str, backing: Backing, language: str) -> bool:
    """Whether the sentence is one of the texts' sentences but for this literal, which stands only in others."""
    every_term = terms_of(text)
    own = frozenset(term for term in every_term if not term.startswith(clauses.FIGURE))
    if len(own) < _TELLING:
        return False
    every = [(sentence, one) for one in backing.speaking(language) for sentence in one.sentences]
    shares = [len(own & sentence.terms) / len(own) for sentence, _ in every]
    best = max(shares, default=0.0)
    if best < _NEARLY:
        return False
    likeliest = [pair for pair, share in zip(every, shares, strict=True) if share >= best - _AS_GOOD]
    if isinstance(meaning, Reading) and not any(_has_other(meaning, sentence) for sentence, _ in likeliest):
        return False
    known = is_found(meaning, [sentence for sentence, _ in likeliest]) or any(
        is_found(meaning, one.sentences[:1]) for _, one in likeliest if one.heading
    )
    return not known or _doubled(text, [sentence for sentence, _ in likeliest])


def _has_other(figure: Reading, sentence: Source) -> bool:
    """Whether a sentence has a figure in whose place this one may stand, or this one itself."""
    return any(compare(figure, one) is not None for one in sentence.facts.quantities)


def _doubled(text: str, likeliest: Sequence[Source]) -> bool:
    """Whether a near copy repeats one of the original's figures where the original has another."""
    mine = Counter(_DIGITS.findall(text))
    for sentence in likeliest:
        theirs = Counter(_DIGITS.findall(sentence.text))
        if not (set(mine - theirs) & set(theirs) and theirs - mine):
            return False
    return True
