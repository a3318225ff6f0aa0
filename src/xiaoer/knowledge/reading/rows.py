"""The rows of a table file (CSV, Excel) as they stand in it, for whoever knows what they mean."""

from xiaoer.knowledge.reading import archives, kinds, tables
from xiaoer.knowledge.reading.characters import decode
from xiaoer.knowledge.reading.problems import DEFAULT_LIMITS, Limits, Unreadable, printable
from xiaoer.knowledge.reading.sandbox import Sandbox

Rows = list[list[str]]


def sheets(data: bytes, name: str, limits: Limits = DEFAULT_LIMITS) -> list[Rows]:
    """Every table of a file, none of them empty; raises `Unreadable`. Blocks: call it in a thread."""
    name = printable(name)
    if not data.strip(b"\x00 \t\r\n"):
        raise Unreadable(name, "is empty", "Check that the right file was chosen")
    if len(data) > limits.file_bytes:
        raise Unreadable(name, f"is larger than {limits.file_bytes:,} bytes", "Split it into smaller files")
    kind = kinds.of_bytes(data, name)
    if kind is kinds.Kind.SHEETS:
        archives.check(data, name, limits)
        with Sandbox(limits) as sandbox:
            found = [[list(row) for row in sheet.rows] for sheet in sandbox.extract(kind, data, name).sheets]
        return [rows for rows in found if rows]
    text = decode(data) if kind is None else None
    if text is None:
        raise Unreadable(name, "is no table", "Save it as CSV or Excel (.xlsx)")
    return [tables.parsed(text, name, limits)]
