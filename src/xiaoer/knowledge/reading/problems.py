"""What can go wrong with a file, and how much of one we take."""

from dataclasses import dataclass

from xiaoer.errors import Invalid

MEBIBYTE = 1024 * 1024
LONGEST_NAME = 160


class Unreadable(Invalid):
    """A file that could not be read: which one, why, and what to do about it."""

    def __init__(self, name: str, reason: str, remedy: str) -> None:
        self.name, self.reason, self.remedy = shown(name), reason, remedy
        super().__init__(f"{self.name}: {reason}. {remedy}")


def printable(name: str) -> str:
    """A name without characters that cannot be shown or stored."""
    return "".join(character for character in name if character.isprintable()) or "(no name)"


def shown(name: str) -> str:
    """A file name fit to be shown: printable, one line, not endless."""
    return printable(name)[-LONGEST_NAME:]


def words_of(text: str) -> frozenset[str]:
    """The words of a text, for tables of names that read better as text."""
    return frozenset(text.split())


@dataclass(frozen=True)
class Limits:
    """How much of one file is taken. Sizes in bytes, `seconds` of wall-clock time for one file.

    `ratio` is unpacked size over packed size, of a whole zip; office files are zips too. `memory_bytes` is
    address space of the process that parses, `pages` counts pages of a PDF, `rows` those of a table or of JSON
    records, `entries` the files in a zip.
    """

    file_bytes: int = 20 * MEBIBYTE
    unpacked_bytes: int = 200 * MEBIBYTE
    ratio: int = 200
    entries: int = 2_000
    pages: int = 1_000
    rows: int = 100_000
    seconds: float = 60.0
    memory_bytes: int = 1536 * MEBIBYTE


DEFAULT_LIMITS = Limits()
