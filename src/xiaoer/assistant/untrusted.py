"""What comes from outside (passages, the merchant's system) is material: sentences in it that speak to the machine are
taken out before any model or customer sees them. The gate stays behind it: this is the first of several walls.
"""

import re
from dataclasses import replace
from functools import lru_cache

from xiaoer.assistant.understanding.injection import is_suspicious
from xiaoer.knowledge.hits import Hit
from xiaoer.language.sentences import split
from xiaoer.patterns import lazy, toml

_TABLE = toml("xiaoer.assistant", "untrusted.toml")
_ORDERS = lazy(lambda: "|".join(f"(?:{pattern})" for pattern in _TABLE["orders"]), re.IGNORECASE)
_MARKS = lazy(lambda: "|".join(f"(?:{pattern})" for pattern in _TABLE["marks"]), re.IGNORECASE)
_HIDDEN = lazy("[\u200b-\u200f\u2060-\u2064\ufeff\u00ad\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
_COMMENT = lazy(r"<!--.*?(?:-->|$)", re.DOTALL)


def visible(text: str) -> str:
    """`text` without characters nobody sees and without comments of HTML."""
    return _COMMENT.sub(" ", _HIDDEN.sub("", text))


def speaks_to_machine(sentence: str) -> bool:
    """Whether a sentence of material orders the reader about instead of telling something about the shop."""
    plain = " ".join(visible(sentence).split())
    return _ORDERS.search(plain) is not None or is_suspicious(plain)


def trusted(hit: Hit) -> Hit:
    """A passage less what in it speaks to the machine."""
    text, dropped = without_orders(hit.text)
    if not dropped and text == hit.text:
        return hit
    return replace(hit, text=text, sentences=tuple(each for each in hit.sentences if each.text in text))


@lru_cache(maxsize=4096)
def without_orders(text: str) -> tuple[str, int]:
    """`text` less its sentences that speak to the machine, and how many those were.

    A mark of a chat template ends the material: what follows one was never written for a reader.
    """
    shown = visible(text)
    cut = _MARKS.search(shown)
    head = shown[: cut.start()] if cut else shown
    dropped = int(cut is not None) + len(_COMMENT.findall(text))
    if not _ORDERS.search(" ".join(head.split())) and not is_suspicious(head):
        return head.rstrip() if cut else shown, dropped
    kept: list[str] = []
    for line in head.splitlines():
        pieces = split(line)
        good = [piece for piece in pieces if not speaks_to_machine(piece)]
        dropped += len(pieces) - len(good)
        if good or not pieces:
            kept.append(" ".join(good) if len(good) < len(pieces) else line)
    rest = "\n".join(kept).strip()
    if speaks_to_machine(rest):  # an order spread over sentences: nothing of this text is to be trusted
        return "", dropped + 1
    return rest, dropped
