"""Known names in a text, looked up place by place: a pattern of thousands of names takes seconds to compile."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from xiaoer.patterns import lazy

SPACED = r"[^\W\d_\u0e00-\u0e7f\u2e80-\u9fff\uac00-\ud7af]"
"""A letter of a script that puts spaces between words."""
_SPACED = lazy(SPACED)


class Found(NamedTuple):
    """A name, and where it stands."""

    name: str
    start: int
    end: int


class Lexicon:
    """Finds names; where several begin, the longest that `fits` where it stands."""

    def __init__(self, names: Iterable[str], fits: Callable[[str, int, int], bool]) -> None:
        self._names = frozenset(names)
        self._fits = fits
        lengths: dict[str, set[int]] = {}
        for name in self._names:
            lengths.setdefault(name[0], set()).add(len(name))
        self._lengths = {first: sorted(each, reverse=True) for first, each in lengths.items()}

    def find(self, text: str) -> Iterator[Found]:
        """The names in `text`, in its order; they do not overlap."""
        at = 0
        while at < len(text):
            found = self._at(text, at)
            if found:
                yield found
            at = found.end if found else at + 1

    def _at(self, text: str, at: int) -> Found | None:
        for length in self._lengths.get(text[at], ()):
            name = text[at : at + length]
            if name in self._names and self._fits(text, at, at + length):
                return Found(name, at, at + length)
        return None


def is_spaced(text: str, at: int) -> bool:
    """Whether there is a letter at `at` and it is of a script that puts spaces between words."""
    return 0 <= at < len(text) and _SPACED.match(text, at) is not None
