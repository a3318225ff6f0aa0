"""The vectors of the demo store's texts, made beforehand, so that its first customer is answered at once.

`make vectors` writes them anew; a test tells when that is due.
"""

from datetime import date
from importlib.resources import files

from xiaoer.demo import load
from xiaoer.knowledge import articles

FILE = files("xiaoer.demo") / "vectors.npz"
_DAYS = (date(2026, 1, 1), date(2027, 8, 17))
"""Two days that have no part in common: a text that is the same on both names no day."""


def texts() -> list[str]:
    """All texts of the demo store that are embedded and are the same on every day."""
    first, second = (_embedded(day) for day in _DAYS)
    return [text for text in first if text in second]


def _embedded(today: date) -> dict[str, None]:
    found: dict[str, None] = {}
    for document in load.documents(today):
        title, questions = document.title, document.questions
        for wording in articles.wordings_of(document.kind, title, questions):
            found[wording] = None
        for cut in articles.prepare(document).cuts:
            found[articles.told(cut.heading, cut.text)] = None
            single = articles.single(cut.sentences, document.kind, title, questions)
            found |= dict.fromkeys(filter(articles.tells, single))
    return found
