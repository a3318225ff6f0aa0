"""Run as a program: tells which patterns of the package take more than their share of time on texts made to hurt them.

A text is made for every part of a pattern that may repeat without end: what stands before it and what it repeats, over
and over, then something that fits nothing. Twice such a text may take three times the time, and no more.
"""

import ast
import importlib
import json
import pkgutil
import re
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from re import _constants as kinds
from re import _parser as parser
from typing import Any

import xiaoer
from xiaoer import patterns

LENGTHS = (100, 1000)
"""Characters of a first try and of a second, for what is not slow at once."""
SECONDS = 0.001
"""A try that is over sooner is not looked at again: what grows with the square takes ten times as long."""
MOST_GROWTH = 3.0
TRIES = 3
ENDLESS = 200
"""Repeats up to so many are a constant."""
NOTHING = "\x00"
REPEATS = (kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT)
PLAIN = (
    *(
        "1",
        "1,",
        "1.",
        "1 ",
        "1-",
        " ",
        "\n",
        " \n",
        "a",
        "a ",
        "a.",
        "a-",
        "a@",
        "A",
        "中",
        "中 ",
        "一",
        "ก",
        "あ",
        "я",
    ),
    *("<", "<loc> ", "(", "[", "http://", "/", "*", "|", "| ", "-", "#", "`", ":", "。", "，"),
)


def everything() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """The patterns of all modules, those made when first used and those written where they are used."""
    for module in pkgutil.walk_packages(xiaoer.__path__, "xiaoer."):
        if not module.name.endswith("__main__") and ".migrations." not in module.name:
            importlib.import_module(module.name)
    for pattern in patterns.all_made():
        yield "lazy", pattern
    root = Path(xiaoer.__path__[0])
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="re"), attr=name),
                    args=[ast.Constant(value=str() | bytes() as source), *_],
                ) if name != "escape":
                    yield f"{path.relative_to(root)}:{node.lineno}", re.compile(source)


def sample(nodes: Sequence[Any], *, least: int = 1) -> str:
    """A text that the nodes match, as well as can be told from them alone."""
    return "".join(_sample(kind, value, least) for kind, value in nodes)


def _sample(kind: Any, value: Any, least: int) -> str:
    found = ""
    if kind is kinds.LITERAL:
        found = chr(value)
    elif kind is kinds.IN:
        found = _one_of(value)
    elif kind in REPEATS:
        low, high, inner = value
        found = sample(inner, least=least) * max(low, min(least, high))
    elif kind is kinds.SUBPATTERN:
        found = sample(value[-1], least=least)
    elif kind is kinds.BRANCH:
        found = sample(value[1][0], least=least)
    elif kind is kinds.ATOMIC_GROUP:
        found = sample(value, least=least)
    elif kind is kinds.ASSERT and value[0] < 0:
        found = sample(value[1], least=least)
    elif kind in (kinds.ANY, kinds.NOT_LITERAL):
        found = "x"
    return found


def _one_of(members: Sequence[Any]) -> str:
    if members[0][0] is kinds.NEGATE:
        pattern = re.compile("[" + "".join(_class(*each) for each in members[1:]) + "]")
        return next((each for each in "xX1 .中,<" if not pattern.match(each)), NOTHING)
    kind, value = members[-1]
    if kind is kinds.RANGE:
        return chr(value[0])
    if kind is kinds.CATEGORY:
        return {kinds.CATEGORY_DIGIT: "1", kinds.CATEGORY_SPACE: " "}.get(value, "x")
    return chr(value)


def _class(kind: Any, value: Any) -> str:
    if kind is kinds.RANGE:
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    if kind is kinds.CATEGORY:
        names = {
            "DIGIT": r"\d",
            "NOT_DIGIT": r"\D",
            "SPACE": r"\s",
            "NOT_SPACE": r"\S",
            "WORD": r"\w",
            "NOT_WORD": r"\W",
        }
        return names[str(value).removeprefix("CATEGORY_")]
    return re.escape(chr(value))


def pumps(nodes: Sequence[Any], before: str = "") -> Iterator[tuple[str, str]]:
    """What stands before a part that repeats without end, and what it repeats."""
    for kind, value in nodes:
        if kind in REPEATS:
            _, high, inner = value
            if high > ENDLESS:
                yield from ((before, unit) for unit in _units(inner))
            yield from pumps(inner, before)
        elif kind is kinds.SUBPATTERN:
            yield from pumps(value[-1], before)
        elif kind is kinds.BRANCH:
            for branch in value[1]:
                yield from pumps(branch, before)
        elif kind is kinds.ATOMIC_GROUP:
            yield from pumps(value, before)
        elif kind in (kinds.ASSERT, kinds.ASSERT_NOT):
            yield from pumps(value[1], before)
        before += _sample(kind, value, 0)


def _units(inner: Sequence[Any]) -> set[str]:
    units = {sample(inner)}
    if len(inner) == 1 and inner[0][0] is kinds.IN and inner[0][1][0][0] is not kinds.NEGATE:
        units |= {_one_of([each]) for each in inner[0][1]}
    if len(inner) == 1 and inner[0][0] is kinds.BRANCH:
        units |= {sample(branch) for branch in inner[0][1][1]}
    return units - {""}


def hostile(pattern: re.Pattern[Any]) -> dict[tuple[str, str], None]:
    """Beginnings, and pieces of which a long row after them may hurt."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    made: dict[tuple[str, str], None] = {("", unit): None for unit in PLAIN}
    for before, unit in pumps(parser.parse(source, pattern.flags & ~re.ASCII | re.UNICODE)):
        made |= dict.fromkeys([(before, unit), ("", unit), ("", before + unit), ("", before), (before, before + unit)])
    return {text: None for text in made if text[1]}


def seconds(pattern: re.Pattern[Any], before: str, unit: str, length: int) -> float:
    """Of the processor, to look for the pattern everywhere in such a text."""
    text: Any = before + unit * (length // len(unit)) + NOTHING
    if isinstance(pattern.pattern, bytes):
        text = text.encode("latin-1", "replace")
    started = time.process_time()
    for _ in pattern.finditer(text):
        pass
    return time.process_time() - started


def grows(pattern: re.Pattern[Any], before: str, unit: str) -> float:
    """The least growth seen between a text and one of twice its length; 0 where it is over at once."""
    length = next((each for each in LENGTHS if seconds(pattern, before, unit, each) >= SECONDS), None)
    if length is None:
        return 0.0
    least = float("inf")
    for _ in range(TRIES):
        short = min(seconds(pattern, before, unit, length) for _ in range(2))
        long = min(seconds(pattern, before, unit, 2 * length) for _ in range(2))
        least = min(least, long / max(short, 1e-9))
        if least <= MOST_GROWTH:
            break
        length = length * 3 // 2
    return least


def main(given: Sequence[str]) -> None:
    """Tell of each pattern that it is tried, and what it takes too long for; of all there are, or of those given."""
    seen: set[Any] = set()
    for place, pattern in ((each, re.compile(each)) for each in given) if given else everything():
        key = (pattern.pattern, pattern.flags)
        if key in seen:
            continue
        seen.add(key)
        tell(trying=str(pattern.pattern), place=place)
        for before, unit in hostile(pattern):
            growth = grows(pattern, before, unit)
            if growth > MOST_GROWTH:
                tell(slow=str(pattern.pattern), place=place, text=[before, unit], growth=round(growth, 1))
                break
    tell(patterns=len(seen))


def tell(**told: Any) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
