"""What is taken out of a file of a heavy format, as plain data that can cross a process border."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

from xiaoer.knowledge.reading.cells import Table


@dataclass(frozen=True)
class Sheet:
    """One table of a file; `rows`, `head`, `numbers` and `exact` are those of a `cells.Table`."""

    name: str
    rows: tuple[tuple[str, ...], ...]
    head: int = 0
    numbers: tuple[int, ...] = ()
    exact: tuple[tuple[int, int, str], ...] = ()

    @classmethod
    def of(cls, name: str, table: Table) -> Self:
        rows = tuple(tuple(row) for row in table.rows)
        exact = tuple((row, column, text) for (row, column), text in table.exact.items())
        return cls(name, rows, table.head, tuple(table.numbers), exact)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Self:
        """The sheet that came as JSON, in which all tuples are lists."""
        rows = tuple(tuple(row) for row in fields["rows"])
        exact = tuple((row, column, text) for row, column, text in fields["exact"])
        return cls(fields["name"], rows, fields["head"], tuple(fields["numbers"]), exact)

    def clean(self, clean: Callable[[str], str]) -> Self:
        """The same with all its texts cleaned."""
        return replace(self, name=clean(self.name), rows=tuple(tuple(clean(cell) for cell in row) for row in self.rows))


@dataclass(frozen=True)
class Extract:
    """`markdown` is the running text, `sheets` the tables of a workbook, `pairs` questions with their answers,
    `texts` what texts with HTML in them show.

    `notes` say what was left out, for the person who imports.
    """

    title: str | None = None
    markdown: str = ""
    sheets: tuple[Sheet, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    texts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
