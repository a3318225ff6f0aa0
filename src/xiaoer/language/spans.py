"""What the recognisers of this package return: a piece of a text, what kind of thing it is, and its value."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Span:
    """`text` stands at `start:end` of what was read; `value` is what it says, of a type that goes with `kind`."""

    start: int
    end: int
    kind: str
    value: Any
    text: str
