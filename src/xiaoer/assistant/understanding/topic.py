"""Which desk a message belongs to: before a sale, about an order on its way, or after it arrived."""

from typing import Literal

from xiaoer.assistant.understanding.intent import folded
from xiaoer.patterns import lazy, toml

Topic = Literal["consultation", "transaction", "after_sales"]

_TABLE = toml("xiaoer.assistant.understanding", "topic.toml")
_AFTER = lazy(lambda: "|".join(_TABLE["after_sales"]))
_DURING = lazy(lambda: "|".join(_TABLE["transaction"]))


def topic_of(text: str) -> Topic:
    """The desk that a message about the shop is for; what names none is a consultation."""
    words = folded(text)
    if _AFTER.search(words):
        return "after_sales"
    return "transaction" if _DURING.search(words) else "consultation"
