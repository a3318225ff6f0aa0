"""Messages that lean on the one before ("那运费呢", "the black one?"), made to stand alone by rule.

What is carried along are the words of the customer's earlier questions that name something; the new words come last,
and replace an earlier word of their kind (a colour, a size, a model of the same family).
"""

import re
from collections.abc import Sequence

from xiaoer.assistant.understanding.intent import folded, without_social
from xiaoer.patterns import lazy, lazy_table, toml

_TABLE = toml("xiaoer.assistant.understanding", "followup.toml")


def _pattern(key: str) -> re.Pattern[str]:
    return lazy(lambda: "|".join(f"(?:{pattern})" for pattern in _TABLE[key]))


_LEADS, _BARE, _INSIDE, _EMPTY = map(_pattern, ("leads", "bare", "inside", "empty_words"))
_GROUPS = lazy_table(lambda: {name: lazy(pattern) for name, pattern in _TABLE["groups"].items()})
_OPENERS = lazy(r"^(?:请问一?下?|麻烦问一?下?|想?问一?下|please |excuse me |sorry )")
_HAN = lazy("[\u4e00-\u9fff]")
_BY_WORDS = lazy("[\u4e00-\u9fffA-Za-z]")
_SHORT_HAN, _SHORT_WORDS = 14, 8
_CARRIED = 60
"""Characters carried along at most."""

_LOOKED_BACK = 6
_ASKS_PRICE = lazy(r"多少钱|\bhow much\b")
"""Names nothing, and yet without it the question is another one."""
_MODEL = lazy(r"([^\W\d_]{2,20})\d{1,6}")
"""小米手环9 takes the place of 小米手环8: the same letters, another number."""


def leans_back(text: str) -> bool:
    """Whether `text` cannot be understood without what was said before."""
    words = _OPENERS.sub("", without_social(folded(text)))
    if _BARE.search(words) or _BARE.search(words.rstrip("啊呀哦呢 ")):
        return True
    if not _is_short(words):
        return False
    return _LEADS.search(words) is not None or _INSIDE.search(words) is not None


def standalone(text: str, earlier: Sequence[str]) -> str:
    """`text` with the words it leans on, from the customer's `earlier` questions (oldest first); else as it is."""
    if not earlier or not leans_back(text):
        return text
    topic = ""
    for question in earlier[-_LOOKED_BACK:]:
        words = naming(question)
        topic = _merged(topic, words) if topic and leans_back(question) else words or topic
    price = _ASKS_PRICE.search(folded(text))
    return _merged(topic, naming(text) or (price.group() if price else "")) or text


def naming(text: str) -> str:
    """The words of `text` that name something, in their order."""
    words = without_social(folded(text))
    return " ".join(_EMPTY.sub(" ", words).split()) if _BY_WORDS.search(words) else words


def _is_short(words: str) -> bool:
    if _HAN.search(words):
        return len(words) <= _SHORT_HAN
    return words.count(" ") < _SHORT_WORDS if " " in words else len(words) <= _SHORT_HAN * 2


def _merged(topic: str, words: str) -> str:
    for group in _GROUPS.values():
        if group.search(words):
            topic = group.sub(" ", topic)
    new = words.split()
    for one in new:
        if (model := _MODEL.fullmatch(one)) is not None:
            topic = re.sub(rf"{re.escape(model.group(1))}\d+", " ", topic)
    kept = [one for one in topic.split() if one not in new]
    return " ".join([*" ".join(kept)[:_CARRIED].split(), *new])
