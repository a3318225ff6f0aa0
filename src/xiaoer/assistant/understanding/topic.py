"""Which desk a message belongs to: before a sale, about an order on its way, or after it arrived."""

import tomllib
from importlib.resources import files
from typing import Literal

from xiaoer.assistant.understanding.intent import folded
from xiaoer.patterns import lazy

Topic = Literal["consultation", "transaction", "after_sales"]

_TABLE = tomllib.loads((files("xiaoer.assistant.understanding") / "topic.toml").read_text(encoding="utf-8"))
_AFTER = lazy("|".join(_TABLE["after_sales"]))
_DURING = lazy("|".join(_TABLE["transaction"]))


def topic_of(text: str) -> Topic:
    """The desk that a message about the shop is for; what names none is a consultation."""
    words = folded(text)
    if _AFTER.search(words):
        return "after_sales"
    return "transaction" if _DURING.search(words) else "consultation"
