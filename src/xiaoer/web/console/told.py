"""What other parts tell in English, such as why a file could not be read, in the words of whoever reads the console.

The API says it in English. Here a sentence is found again by its English words, whose places (`{n}`) hold anything, and
said in the reader's language; one that is not known stays as it is.
"""

import re

from xiaoer.patterns import lazy, lazy_table
from xiaoer.web.console.render import WORDS, Words

PREFIX = "told_"
PARTS = ("why", "place")
"""Places in a sentence that can hold something told as well."""
NUMBER = r"[\d.,]+"
PLACE = lazy(r"\\\{(\w+)\\\}")


def _source(text: str) -> str:
    """The pattern of a sentence; what stands in a place named n is a number."""
    places = PLACE.sub(lambda found: f"(?P<{found[1]}>{NUMBER if found[1] == 'n' else '.{1,400}?'})", re.escape(text))
    return f"^{places}"


def _patterns() -> dict[str, re.Pattern[str]]:
    known = sorted(
        ((name, text) for name, text in WORDS["en"].items() if name.startswith(PREFIX)),
        key=lambda each: (each[1].startswith("{"), -len(each[1])),
    )
    return {name: lazy(_source(text), re.DOTALL) for name, text in known}


_PATTERNS = lazy_table(_patterns)


def told(t: Words, *texts: str) -> str:
    """Sentences, each in the reader's language where it is known."""
    end, space = ("。", "") if t.language == "zh" else (".", " ")
    said = [_told(t, text) for text in texts]
    return said[0] if len(said) == 1 else space.join(each + end for each in said)


def _told(t: Words, text: str) -> str:
    for name, pattern in _PATTERNS.items():
        if found := pattern.fullmatch(text):
            values = found.groupdict()
            return t(name, **{key: _told(t, said) if key in PARTS else said for key, said in values.items()})
    first, parted, rest = text.partition("; ")
    return f"{_told(t, first)}{'；' if t.language == 'zh' else '; '}{_told(t, rest)}" if parted else text
