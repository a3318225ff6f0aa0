"""How many dangers are noticed, and how often harmless questions alarm; and the fitting of what notices them."""

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Final

from xiaoer.assistant.understanding import danger_learnt
from xiaoer.assistant.understanding.danger import EXAMPLES, DangerDetector, examples
from xiaoer.bench.machine import interval
from xiaoer.errors import Invalid
from xiaoer.knowledge.embedding import Embedder

NONE: Final = "none"


async def measure(path: Path, embedder: Embedder, *, missed: bool = False) -> dict[str, Any]:
    """Ask each row of a JSONL file {text, language, kind, split}; `kind` is "none" where nothing should alarm.

    What is only supposed does not alarm. With `missed` what was judged wrongly is told too, train rows alone: held-out
    ones are for counting.
    """
    detector = DangerDetector(embedder)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    wrong: list[str] = []
    for row in _rows(path):
        found = await detector.find(row["text"])
        alarms, dangerous = found is not None and not found.supposed, row["kind"] != NONE
        for group in (row["split"], f"{row['split']} {row['language']}"):
            counts[group]["dangers" if dangerous else "harmless"] += 1
            counts[group]["noticed" if dangerous else "false alarms"] += alarms
            counts[group]["kind right"] += dangerous and found is not None and found.kind == row["kind"]
        if missed and alarms != dangerous and row["split"] == "train":
            wrong.append(row["text"])
    figures: dict[str, Any] = {group: _figures(count) for group, count in sorted(counts.items())}
    return figures | ({"judged wrongly": wrong} if missed else {})


async def fit(embedder: Embedder) -> dict[str, Any]:
    """Learn from the examples of the package and write down what was learnt, to come with the package."""
    learnt = await danger_learnt.learn(embedder, examples(), danger_learnt.digest(EXAMPLES))
    learnt.save(Path(str(danger_learnt.FILE)))
    return {"examples": sum(map(len, examples().values())), "threshold": round(learnt.threshold, 3)}


def _rows(path: Path) -> list[dict[str, str]]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    if not rows or any({"text", "language", "kind", "split"} - row.keys() for row in rows):
        raise Invalid(f"{path.name}: every line needs text, language, kind and split.")
    return rows


def _figures(count: Counter[str]) -> dict[str, Any]:
    return {
        "dangers": count["dangers"],
        "noticed": _rate(count["noticed"], count["dangers"]),
        "kind right": count["kind right"],
        "harmless": count["harmless"],
        "false alarms": _rate(count["false alarms"], count["harmless"]),
    }


def _rate(hits: int, tries: int) -> str:
    low, high = interval(hits, tries)
    return f"{hits}, {100 * hits / max(tries, 1):.1f} [{100 * low:.1f}, {100 * high:.1f}]"
