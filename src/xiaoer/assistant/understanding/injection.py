"""Messages that try to give the assistant orders; only a flag, for what may leave is decided by the gate.

Single words ("ignore", "system", "忽略") say nothing: people ask about them too. A hit is an order about instructions,
a change of role, or a request for what is hidden; two faint signs weigh as much as one hit.
"""

import re
import tomllib
from importlib.resources import files

from xiaoer.patterns import lazy

_TABLE = tomllib.loads((files("xiaoer.assistant.understanding") / "injection.toml").read_text(encoding="utf-8"))
_READ = 20_000
_ENOUGH = 2


def _patterns(key: str) -> list[re.Pattern[str]]:
    return [lazy(pattern, re.IGNORECASE) for pattern in _TABLE[key]]


_HITS, _SIGNS = _patterns("hits"), _patterns("signs")


def is_suspicious(text: str) -> bool:
    """Whether `text` speaks to the machine's instructions and not to the shop."""
    head = " ".join(text[:_READ].split())
    if any(hit.search(head) for hit in _HITS):
        return True
    return sum(sign.search(head) is not None for sign in _SIGNS) >= _ENOUGH
