"""Whether a message says yes or no to a change that waits; plain words only, everything else is neither."""

from functools import cache

from xiaoer.assistant.understanding.intent import folded
from xiaoer.patterns import lazy, toml

_TABLE = toml("xiaoer.assistant.flows", "yes_no.toml")
_LONGEST = 40


@cache
def _listed(*keys: str) -> tuple[str, ...]:
    """The words of these lists, longest first."""
    words = {folded(word) for key in keys for word in _TABLE[key].replace("\n", "").split("|")}
    return tuple(sorted(words - {""}, key=len, reverse=True))


_ASKS = lazy(r"[?？؟]\s*$|(?:吗|么|呢)\W*$|(.)不\1|可不可以|能不能")
_CLAUSES = lazy(r"[,，.。!！;；、~～\n]+")
_LETTER = lazy(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff\u0400-\u04ff\u0600-\u06ff]$")


def yes_or_no(text: str, *, cancels: bool = False) -> bool | None:
    """True for a plain yes, False for a plain no, None for anything else; a question is neither.

    A yes and a no together are a no. `cancels`: the change is itself a cancellation, so that 确认取消 is a yes
    to it; 取消 alone stays a no.
    """
    if len(text) > _LONGEST or _ASKS.search(text):
        return None
    said: list[str] = []
    for clause in _CLAUSES.split(text):
        words = _cut(folded(clause))
        if words is None:
            return None
        said += words
    if cancels and any(word in _listed("surely") for word in said):
        said = [word for word in said if word not in _listed("cancel")]
    if any(word in _listed("no") for word in said):
        return False
    return True if any(word in _listed("yes") for word in said) else None


def _cut(words: str) -> list[str] | None:
    """The known words that `words` wholly consist of, longest first; None when something else is in it."""
    found = []
    while words:
        known = next((one for one in _listed("yes", "no", "softeners") if _begins(words, one)), None)
        if known is None:
            return None
        found.append(known)
        words = words[len(known) :].strip()
    return found


def _begins(words: str, one: str) -> bool:
    after = words[len(one) : len(one) + 1]
    return words.startswith(one) and not (after and _LETTER.match(one[-1]) and (_LETTER.match(after) or after == "'"))
