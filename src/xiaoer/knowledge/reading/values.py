"""Values of records written out: as one line, as many, or as Markdown that reads well when quoted."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from xiaoer.knowledge.blocks import width
from xiaoer.knowledge.reading import cells
from xiaoer.knowledge.reading.characters import clean
from xiaoer.patterns import lazy

_MANY = lazy(r"[\n;；|]+")
_WITH_UNIT = lazy(r"([^()（）\[\]]{1,60})[(（\[]([^()（）\[\]\d\s]{1,8})[)）\]]")
_FIGURES = lazy(r"[\d.,]+(?:\s?[-~–×xX*/]\s?[\d.,]+){0,4}")
_HAN = lazy(r"[\u3400-\u9fff]")
_NUMBERED = lazy(r"(?<=[：:；;。，,.\s])\s{0,9}(\d{1,2})[.、．)）](?!\d)\s*")
_LABEL = lazy(r"(?<=[。；;])\s*(?=[^。；;：:，,\n]{2,16}[：:]\n)")
_SHORT = 60
_FEWEST_NUMBERED = 2
_DEEPEST = 12
_DEEPEST_RECORD = 100


def at(record: Any, path: str, record_key: str = "") -> Any:
    """The value at a path of a record, None where there is none. A name with dots in it also counts as one name."""
    if path.startswith("="):
        return path[1:]
    if path == "@key":
        return record_key
    if isinstance(record, dict):
        if path in record:
            return record[path]
        first, _, rest = path.partition(".")
        return at(record[first], rest) if rest and first in record else None
    if isinstance(record, list) and path:
        return [value for value in (at(part, path) for part in record) if value is not None]
    return None


def texts(value: Any) -> Iterator[str]:
    """All texts of a record, however deep."""
    left = [value]
    while left:
        part = left.pop()
        if isinstance(part, dict | list):
            left += part.values() if isinstance(part, dict) else part
        elif isinstance(part, str):
            yield part


def plain(value: Any, shown: Mapping[str, str], depth: int = 0) -> Any:
    """A record with what its texts show: without HTML, and empty where a spreadsheet left no value."""
    if isinstance(value, str):
        text = cells.unescaped(value.strip())
        return "" if cells.missing_of(text) else shown.get(text, text)
    if depth > _DEEPEST_RECORD:
        return None  # nobody reads that deep
    if isinstance(value, dict):
        return {name: plain(part, shown, depth + 1) for name, part in value.items()}
    return [plain(part, shown, depth + 1) for part in value] if isinstance(value, list) else value


def line(value: Any) -> str:
    """A value as one line of text; what has no plain text (a nested object) is empty."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:.15g}" if isinstance(value, float) else str(value)
    return cells.one_line(clean(value)) if isinstance(value, str) else ""


def lines(value: Any) -> list[str]:
    """Many values: a list, or one text with line ends, semicolons or bars between them."""
    parts = value if isinstance(value, list) else _MANY.split(value) if isinstance(value, str) else [value]
    found = (line(part) for part in parts)
    return list(dict.fromkeys(part for part in found if part))


def words(value: Any) -> list[str]:
    """Many short values such as tags and product numbers: commas part them too."""
    if isinstance(value, str):
        value = re.split(r"[,，、;；|\n]+", value)
    return lines(value)


def markdown(value: Any, depth: int = 0) -> str:
    """A value as Markdown: text stays, lists become lists, objects become “name: value”."""
    if isinstance(value, str):
        return enumerated(clean(value).strip())
    if depth > _DEEPEST:
        return line(value)
    if isinstance(value, list):
        rows = [markdown(part, depth + 1).replace("\n", "\n  ") for part in value]
        return "\n".join(f"- {row}" for row in rows if row)
    if isinstance(value, dict):
        return _object(value, depth)
    return line(value)


def labelled(label: str, text: str) -> str:
    """“Label: text”, with the colon of the label's script; a unit in the label's brackets goes to its figure."""
    if (named := _WITH_UNIT.fullmatch(label)) and _FIGURES.fullmatch(text):
        label, unit = named[1].strip(), named[2].strip()
        text = f"{text}{unit}" if _HAN.search(unit) or not unit[0].isalpha() else f"{text} {unit}"
    return f"{label}：{text}" if _HAN.search(label) else f"{label}: {text}"


def is_short(text: str) -> bool:
    return "\n" not in text and width(text) <= _SHORT


def enumerated(text: str) -> str:
    """Text whose “1.… 2.… 3.…” run on in one line, with a line for each; nothing but line ends is changed."""
    runs: list[list[tuple[int, int]]] = [[]]
    for found in _NUMBERED.finditer(text):
        number, place = int(found[1]), (found.start(), found.start(1))
        if number == 1:
            runs.append([place])
        elif runs[-1] and number == len(runs[-1]) + 1:
            runs[-1].append(place)
    breaks: list[tuple[int, int]] = []
    for run in runs:
        if len(run) < _FEWEST_NUMBERED:
            continue
        breaks += run
        # The last of them ends with its sentence; what follows is no longer part of it.
        end = text.find("。", run[-1][1]) + 1
        if end and end < len(text):
            breaks.append((end, end))
    for start, end in sorted(set(breaks), reverse=True):
        text = text[:start].rstrip() + "\n" + text[end:].lstrip()
    return _LABEL.sub("\n", text) if breaks else text


def _object(value: dict[str, Any], depth: int) -> str:
    """Two fields, the first of them short, are a name and what is said of it; more are all named."""
    parts = [(str(name), markdown(part, depth + 1)) for name, part in value.items()]
    parts = [(name, part) for name, part in parts if part]
    if len(parts) == 2 and all(isinstance(part, str) for part in value.values()) and is_short(parts[0][1]):  # noqa: PLR2004
        return labelled(parts[0][1], parts[1][1])
    if all("\n" not in part for _, part in parts):
        han = any(_HAN.search(name) for name, _ in parts)
        return ("；" if han else "; ").join(labelled(name, part) for name, part in parts)
    return "\n".join(labelled(name, ("\n" if "\n" in part else "") + part) for name, part in parts)
