"""Order numbers as people type them: with spaces, full-width, read off a photo."""

import unicodedata
from typing import Final

from xiaoer.patterns import lazy

LONGEST: Final = 64
_OTHER = lazy(r"[^0-9A-Z]")
_ALIKE = str.maketrans("OQDILSZB", "00011528")
"""Letters that a reader of photos takes for digits, and the other way round."""


def plain(number: str) -> str:
    """Without width, case and separators: `ＸＨ 8800-0001` is `XH88000001`."""
    return _OTHER.sub("", unicodedata.normalize("NFKC", number).upper())[:LONGEST]


def alike(number: str) -> str:
    """As `plain`, with letters and digits of the same look folded: for finding what OCR misread."""
    return plain(number).translate(_ALIKE)
