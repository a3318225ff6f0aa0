"""The rows of a table file (CSV, Excel) as they stand in it, for whoever knows what they mean."""

from xiaoer.knowledge.reading import archives, cells, kinds, tables
from xiaoer.knowledge.reading.characters import decode
from xiaoer.knowledge.reading.extract import Sheet
from xiaoer.knowledge.reading.problems import DEFAULT_LIMITS, Limits, Unreadable, printable
from xiaoer.knowledge.reading.sandbox import Sandbox


def sheets(data: bytes, name: str, limits: Limits = DEFAULT_LIMITS) -> list[Sheet]:
    """Every table of a file, none of them empty; raises `Unreadable`. Blocks: call it in a thread."""
    name = printable(name)
    if not data.strip(b"\x00 \t\r\n"):
        raise Unreadable(name, "is empty", "Check that the right file was chosen")
    if len(data) > limits.file_bytes:
        raise Unreadable(name, f"is larger than {limits.file_bytes:,} bytes", "Split it into smaller files")
    kind = kinds.of_bytes(data, name)
    with Sandbox(limits) as sandbox:
        if kind is kinds.Kind.SHEETS:
            archives.check(data, name, limits)
            return list(sandbox.extract(kind, data, name).sheets)
        text = decode(data) if kind is None else None
        if text is None:
            raise Unreadable(name, "is no table", "Save it as CSV or Excel (.xlsx)")
        return [csv_sheet(text, name, limits, sandbox, [])]


def csv_sheet(text: str, name: str, limits: Limits, sandbox: Sandbox, problems: list[str]) -> Sheet:
    """The table of a CSV file; what of it could not be read is added to `problems`."""
    rows = tables.parsed(text, name, limits)
    shown = sandbox.plain(cells.tagged(cell for row in rows for cell in row), name)
    made = cells.of_texts(rows, lambda cell: shown.get(text := cells.unescaped(cell), text))
    problems += made.problems
    return Sheet.of("", made)
