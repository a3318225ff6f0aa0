"""Rows of Markdown tables, told so that a cell keeps what it means."""

from xiaoer.patterns import lazy

JOINT = "\u2003"
"""Between the cells of a row."""
_RULE = frozenset("|-: ")
_UNIT_IN_HEAD = lazy(r"^(?P<name>[^()（）\[\]]+?)\s?[(（\[](?P<unit>[^()（）\[\]\s]{1,8})[)）\]]$")
_BARE_FIGURES = lazy(r"^[\d.,]+(?:\s?[-–—~×x*]\s?[\d.,]+)*$")


def with_heads(text: str) -> str:
    """`text` with each row of its tables as 'head cell, head cell'; the unit of a head goes to its bare figures."""
    head: list[str] = []
    lines: list[str] = []
    for line in text.split("\n"):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.lstrip().startswith("|") or len(cells) == 1:
            head = []
        elif not head:
            head = cells
            continue
        elif set(line) <= _RULE:
            continue
        elif len(cells) == len(head):
            line = JOINT.join(map(_told, head, cells))  # noqa: PLW2901
        lines.append(line)
    return "\n".join(lines)


def _told(head: str, cell: str) -> str:
    unit = _UNIT_IN_HEAD.match(head)
    if unit is not None and _BARE_FIGURES.match(cell):
        return f"{unit['name']} {cell}{unit['unit']}"
    return f"{head} {cell}"
