"""Whether a figure belongs to the model that the sentence names, and whether that model is known at all."""

import re
from functools import lru_cache

from xiaoer.assistant.gate import figures, tokens
from xiaoer.assistant.gate.backing import Backing
from xiaoer.assistant.gate.matching import is_found
from xiaoer.assistant.gate.sources import Source
from xiaoer.language.quantities import Reading
from xiaoer.patterns import lazy


def of_another_model(wanted: Reading, text: str, backing: Backing) -> bool:
    """Whether the sentence names a model and the figure stands only where other models are spoken of."""
    named = _models(text)
    about: list[Source] = []
    known = False
    for one in backing.sources:
        here = _models(one.text)
        known = known or bool(named & here)
        if not here or named & _models(one.heading):
            about.append(one)
        elif named & here:
            about += [sentence for sentence in one.sentences if not (own := _models(sentence.text)) or own & named]
    return bool(named) and known and bool(wanted.units) and not is_found(wanted, about)


@lru_cache(maxsize=4096)
def _models(text: str) -> frozenset[str]:
    """The model codes a text names, in one spelling."""
    return frozenset(_SPACING.sub("", token.key.casefold()) for token in tokens.find(text) if token.kind == "code")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SPACING = lazy(r"[\s_-]+")
_NAMED = lazy(r"(?<![A-Za-z])(?=[A-Za-z]*[A-Z][A-Za-z]{2})([A-Za-z]{3,}+) ?(\d{1,4})(?![\d.,:%])")
_NO_NAME = _words(
    """
    within cny rmb usd eur thb vnd myr sgd over under about after before from only up the and for than least most at
    in on by to or until order step page section top figure part level chapter item no number line january february
    march april may june july august september october november december
    """,
)


def renumbered(text: str, backing: Backing) -> re.Match[str] | None:
    """A name with a number that the texts know only with other numbers: the Nova 9 where there is a Nova 8."""
    counted = [one for one in figures.told(text) if one.units]
    for match in _NAMED.finditer(text):
        name = match.group(1)
        if name.casefold() in _NO_NAME or any(one.start <= match.start(2) < one.end for one in counted):
            continue
        known = re.compile(rf"(?<![A-Za-z]){name} ?(\d+)(?!\d)", re.IGNORECASE)
        numbers = {number for one in backing.sources for number in known.findall(one.text)}
        if numbers and match.group(2) not in numbers:
            return match
    return None
