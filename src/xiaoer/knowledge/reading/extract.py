"""What is taken out of a file of a heavy format, as plain data that can cross a process border."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sheet:
    name: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Extract:
    """`markdown` is the running text, `sheets` the tables of a workbook, `pairs` questions with their answers.

    `notes` say what was left out, for the person who imports.
    """

    title: str | None = None
    markdown: str = ""
    sheets: tuple[Sheet, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
