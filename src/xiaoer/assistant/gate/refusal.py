"""Whether an answer says nothing but that the material does not hold the answer."""

import re

from xiaoer.assistant.gate import frames
from xiaoer.language.sentences import split
from xiaoer.language.text import fold
from xiaoer.patterns import lazy

MARK = "[none]"
"""What a writer is told to answer, and nothing else, where the material does not hold the answer."""
_MARKED = lazy(
    r"^[\s\"'“‘`*]*(?:[\[【［(（<]\s*(?:none|无|null|n/a)\s*[\]】］)）>]|none)[\s.。!！\"'”’`*]*$", re.IGNORECASE
)


def is_marked(text: str) -> bool:
    """Whether a text is the mark, in one of the ways in which models write it."""
    return bool(_MARKED.match(text))


def is_refusal(answer: str) -> bool:
    """Whether a whole answer refuses: by the mark, or since it asserts nothing and says that something is not known.

    Courtesies, questions back and what staff can find out assert nothing.
    """
    told = [fold(one) for one in split(answer) if not is_marked(one)]
    if any(map(asserts, told)):
        return False
    return any(map(is_marked, split(answer))) or any(map(frames.admits_not_knowing, told))


def asserts(sentence: str) -> bool:
    """Whether a folded sentence states something of the shop, besides that staff can find it out."""
    return bool(frames.assertions(frames.without_offers(sentence)))
