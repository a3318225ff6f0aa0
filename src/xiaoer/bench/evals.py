"""Asks a file of questions and compares the answers with what they have to be; the file says its own form.

What `must` hold has to hold every time; what `should` hold counts towards a rate.
"""

import asyncio
import unicodedata
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from xiaoer.errors import Invalid


class BadCases(Invalid):
    """The file of questions is not of its form."""


@dataclass(frozen=True)
class Reply:
    """How one question was answered; `route` and `language` as the turn's ending event says them."""

    text: str
    route: str
    language: str = ""
    handed_over: bool = False

    @property
    def refused(self) -> bool:
        return self.route == "refuse" or self.handed_over


History = tuple[tuple[str, Reply], ...]
"""The questions asked before in this conversation, each with how it was answered."""
Ask = Callable[[str, History], Awaitable[Reply]]
Expectation = Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """One question with what its answer must and should be."""

    ask: str
    must: Expectation
    should: Expectation


@dataclass(frozen=True)
class Case:
    """A conversation of one or more questions."""

    id: str
    kind: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Judged:
    """One question as it was answered, with what is wrong with the answer."""

    case: str
    kind: str
    ask: str
    reply: Reply
    broken: tuple[str, ...]
    missed: tuple[str, ...]
    should: bool


@dataclass(frozen=True)
class Report:
    """All answers of a run."""

    judged: tuple[Judged, ...]

    @property
    def passed(self) -> bool:
        """Whether every `must` held."""
        return not any(one.broken for one in self.judged)

    def rates(self) -> dict[str, dict[str, float]]:
        """By kind and over all: how many questions, the share whose `must` held, and whose `should` held."""
        groups: dict[str, list[Judged]] = defaultdict(list)
        for one in self.judged:
            groups[one.kind].append(one)
            groups["all"].append(one)
        return {kind: _rates(groups[kind]) for kind in [*sorted(groups.keys() - {"all"}), *(groups.keys() & {"all"})]}


async def run(path: Path, ask: Ask, *, runs: int = 1) -> Report:
    """Ask every question of the file `runs` times, one after another; raises `BadCases` naming what is wrong in it."""
    cases = read(await asyncio.to_thread(path.read_text, encoding="utf-8"))
    return Report(tuple([judged for _ in range(runs) for case in cases for judged in await _asked(case, ask)]))


def read(text: str) -> list[Case]:
    """The cases of a file; raises `BadCases`."""
    try:
        loaded = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadCases(f"This is not YAML: {' '.join(str(error).split())}.") from error
    if not isinstance(loaded, dict) or not isinstance(loaded.get("cases"), list):
        raise BadCases("A file of questions begins with `cases:` and a list.")
    cases = [_case(entry, number) for number, entry in enumerate(loaded["cases"], start=1)]
    names = [case.id for case in cases]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadCases(f"These ids stand twice: {', '.join(twice)}.")
    return cases


def unmet(expected: Expectation, reply: Reply) -> list[str]:
    """What of `expected` the reply does not fulfil, in words."""
    said = _folded(reply.text)
    found = []
    for name, wanted in expected.items():
        texts = [_folded(str(text)) for text in wanted] if isinstance(wanted, list) else []
        met = {
            "route": reply.route in texts,
            "contains": any(text in said for text in texts),
            "contains_all": all(text in said for text in texts),
            "not_contains": not any(text in said for text in texts),
            "refused": reply.refused == wanted,
            "handed_over": reply.handed_over == wanted,
            "language": reply.language == wanted,
        }[name]
        if not met:
            found.append(f"{name}: {wanted}")
    return found


async def _asked(case: Case, ask: Ask) -> list[Judged]:
    history: History = ()
    judged = []
    for question in case.questions:
        reply = await ask(question.ask, history)
        history = (*history, (question.ask, reply))
        broken, missed = unmet(question.must, reply), unmet(question.should, reply)
        one = Judged(case.id, case.kind, question.ask, reply, tuple(broken), tuple(missed), bool(question.should))
        judged.append(one)
    return judged


def _rates(judged: Sequence[Judged]) -> dict[str, float]:
    row = {"questions": float(len(judged)), "must": sum(not one.broken for one in judged) / len(judged)}
    hoped = [one for one in judged if one.should]
    if hoped:
        row["should"] = sum(not one.missed for one in hoped) / len(hoped)
    return row


_LISTS = ("route", "contains", "contains_all", "not_contains")
_KINDS: dict[str, type] = {**dict.fromkeys(_LISTS, list), "refused": bool, "handed_over": bool, "language": str}


def _case(entry: Any, number: int) -> Case:
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        raise BadCases(f"Case {number} needs an id.")
    name = entry["id"]
    allowed = {"id", "kind", "turns"} if "turns" in entry else {"id", "kind", "ask", "must", "should"}
    if wrong := sorted(entry.keys() - allowed):
        raise BadCases(f"Case {name}: {', '.join(wrong)} cannot stand here.")
    turns = entry.get("turns", [entry])
    if not isinstance(turns, list) or not turns:
        raise BadCases(f"Case {name}: turns is a list of questions.")
    return Case(name, str(entry.get("kind", "other")), tuple(_question(turn, name) for turn in turns))


def _question(entry: Any, name: str) -> Question:
    if not isinstance(entry, dict) or not isinstance(entry.get("ask"), str):
        raise BadCases(f"Case {name}: a question needs `ask` with a text.")
    for part in ("must", "should"):
        expected = entry.get(part, {})
        if not isinstance(expected, dict):
            raise BadCases(f"Case {name}: {part} holds names with values.")
        for key, value in expected.items():
            if not isinstance(value, _KINDS.get(key, ())):
                raise BadCases(f"Case {name}: {part} cannot hold {key}: {value}.")
    return Question(entry["ask"], entry.get("must", {}), entry.get("should", {}))


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
