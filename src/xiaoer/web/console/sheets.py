"""Files for spreadsheets: CSV that Excel reads as UTF-8, in which no cell is taken for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from fastapi import Response

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def cell(value: object) -> object:
    """A value as it may stand in a sheet: text that a spreadsheet would compute is marked as text."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def sheet(name: str, rows: Iterable[Sequence[object]]) -> Response:
    """The rows as a file to be saved under `name`."""
    out = io.StringIO()
    lines = csv.writer(out)
    for row in rows:
        lines.writerow([cell(value) for value in row])
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response("\ufeff" + out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)
