"""Words that point at one of several things spoken of before: the other one, the second, the cheaper one."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from xiaoer.language.name_pieces import fold

Pointer = Literal["other", "first", "second", "third", "cheaper", "dearer", "bigger", "smaller"]


def pointer_in(text: str) -> Pointer | None:
    """The pointing word of a text; the last one where there are several, since it decides: 太贵了，要便宜那台."""
    found = list(_pattern().finditer(fold(text)))
    return _kinds()[found[-1].group()] if found else None


@cache
def _kinds() -> dict[str, Pointer]:
    table: dict[Pointer, str] = tomllib.loads(
        (files("xiaoer.language") / "data/pointing.toml").read_text(encoding="utf-8")
    )  # type: ignore[assignment]
    return {fold(word): kind for kind, words in table.items() for word in words.split("|")}


@cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(_kinds(), key=lambda word: (-len(word), word))
    return re.compile(
        "|".join(
            rf"(?<!\w){re.escape(word)}(?!\w)" if word[0] < "\u0600" and " " not in word else re.escape(word)
            for word in longest_first
        )
    )
