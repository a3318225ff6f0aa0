"""The marks by which a writer cites what it was shown: `[1]`, `[2][3]`, `[1, 4]`, `【2】`."""

import re

from xiaoer.patterns import lazy

_MARK = lazy(
    r"[ \u00a0]?[\[【［]\^?(?:来源|资料|source|nguồn|แหล่ง)?\s?"
    r"(\d{1,2}(?:\s?[,，、;-]\s?\^?\d{1,2}){0,7})[\]】］](?!\()",
    re.IGNORECASE,
)
_NUMBER = lazy(r"\d+")
_MOST = 20
"""Passages that a span such as `[2-5]` may name."""


def parse(text: str) -> tuple[str, tuple[int, ...]]:
    """`text` without its marks, and the numbers they name, in order and each once."""
    numbers: dict[int, None] = {}
    for match in _MARK.finditer(text):
        named = [int(number) for number in _NUMBER.findall(match.group(1))]
        if "-" in match.group(1) and len(named) == 2 and 0 <= named[1] - named[0] < _MOST:  # noqa: PLR2004 - from and to
            named = list(range(named[0], named[1] + 1))
        numbers |= dict.fromkeys(named)
    return _MARK.sub("", text), tuple(numbers)
