"""What of a passage can be quoted to a customer: its sentences, and the rows of its tables told with their heads."""

import re

from xiaoer.language import sentences
from xiaoer.patterns import lazy

_RULE = lazy(r"^\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?$")
_ITEM = lazy(r"^[-*•]\s+")
_RECORD = lazy(r"^(?:[^：；:;]{1,16}[：:][^；;]+[；;]\s*)+[^：；:;]{1,16}[：:][^；;]+[；;]?")
_LONGEST_RECORD = 300
_BLANK_HEADS = {"项目", "名称", "参数", "值", "数值", "内容", "规格", "说明", "属性", "详情", "描述"}
_BLANK_HEADS |= {"item", "name", "value", "parameter", "specification", "details", "content", "property", "attribute"}
"""Heads that say no more than that there is a name and its value."""
_HAN = lazy(r"[\u3400-\u9fff]")


def quotable(text: str) -> list[str]:
    """The sentences of a passage in Markdown, without its marks.

    A row of a table becomes "first cell: head cell, head cell", since a row alone means nothing. A line of the form
    "name: value; name: value" is one record and stays whole.
    """
    found: list[str] = []
    heads: list[str] = []
    lines = text.splitlines()
    prose: list[str] = []
    for number, line in enumerate(lines):
        if not line.lstrip().startswith("|"):
            heads = []
            prose.append(_ITEM.sub("", line.strip()))
            if len(prose[-1]) <= _LONGEST_RECORD and _RECORD.fullmatch(prose[-1]):
                found += [*sentences.split("\n".join(prose[:-1])), prose[-1]]
                prose = []
            continue
        found += sentences.split("\n".join(prose))
        prose = []
        if _RULE.match(line.strip()):
            continue
        if not heads and number + 1 < len(lines) and _RULE.match(lines[number + 1].strip()):
            heads = _cells(line)
        else:
            found.append(_told(heads, _cells(line)))
    found += sentences.split("\n".join(prose))
    return [each for each in found if each]


def _cells(row: str) -> list[str]:
    return [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]


def _told(heads: list[str], cells: list[str]) -> str:
    wide = bool(_HAN.search("".join(cells + heads)))
    colon, comma = ("：", "，") if wide else (": ", ", ")
    first, *others = cells
    if not others:
        return first
    named = heads[1:] if len(heads) == len(cells) else [""] * len(others)
    named = ["" if head.lower() in _BLANK_HEADS else head for head in named]
    parts = [f"{head} {cell}".strip() for head, cell in zip(named, others, strict=True) if cell]
    return f"{first}{colon}{comma.join(parts)}" if first else comma.join(parts)
