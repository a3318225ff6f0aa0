"""Messages that try to give the assistant orders; only a flag, for what may leave is decided by the gate.

Single words ("ignore", "system", "忽略") say nothing: people ask about them too. A hit is an order about instructions,
a change of role, or a request for what is hidden; two faint signs weigh as much as one hit.
"""

import re

from xiaoer.patterns import lazy, lazy_table, toml

_TABLE = toml("xiaoer.assistant.understanding", "injection.toml")
_READ = 20_000
_ENOUGH = 2


_KINDS = lazy_table(
    lambda: {key: [lazy(pattern, re.IGNORECASE) for pattern in patterns] for key, patterns in _TABLE.items()}
)


def is_suspicious(text: str) -> bool:
    """Whether `text` speaks to the machine's instructions and not to the shop."""
    head = " ".join(text[:_READ].split())
    if any(hit.search(head) for hit in _KINDS["hits"]):
        return True
    return sum(sign.search(head) is not None for sign in _KINDS["signs"]) >= _ENOUGH
