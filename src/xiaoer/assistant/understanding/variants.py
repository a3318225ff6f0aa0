"""From how people type to how help pages are written: slips and chat style become standard words before a search."""

import re

from xiaoer.patterns import lazy, lazy_table, toml

_TABLE = toml("xiaoer.assistant.understanding", "variants.toml")
_RULES = lazy_table(
    lambda: {
        language: [(lazy(pattern, re.IGNORECASE), replacement) for pattern, replacement in rules]
        for language, rules in _TABLE.items()
    }
)
_LONGEST = 600
"""Longer messages are written, not typed in haste, and stay as they are."""


def expand(text: str, language: str) -> str:
    """`text` with the common slips and short forms of `language` written out; for searching, not for showing."""
    if len(text) > _LONGEST:
        return text
    for pattern, replacement in _RULES.get(language, ()):
        text = pattern.sub(replacement, text)
    return text
