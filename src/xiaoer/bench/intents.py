"""How well a few examples per intent tell what later messages are for, and which are for nothing that is known."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from xiaoer.assistant.classifier import SURE, Classifier, Matrix
from xiaoer.bench.machine import interval
from xiaoer.errors import Invalid
from xiaoer.knowledge.embedding import Embedder

OUTSIDE: Final = "oos"
PUBLISHED: Final[Mapping[str, str]] = {
    "clinc150": "BERT 96.2 / 52.3",
    "hint3_curekart": "Haptik 60.4 / 86.8, BERT 80.3 / 52.3",
}
"""In-scope accuracy / out-of-scope recall, as the data sets' own papers give them."""


async def measure(folder: Path, embedder: Embedder) -> dict[str, Any]:
    """Learn from every NAME_train.jsonl of `folder`, ask NAME_test or NAME_val (text, intent, oos); one threshold.

    Out-of-scope rows of a training file are left out: the threshold is all that tells them. In-scope accuracy counts a
    message as wrong when it is rejected.
    """
    sets = {path.stem.removesuffix("_train"): path for path in sorted(folder.glob("*_train.jsonl"))}  # noqa: ASYNC240
    figures: dict[str, Any] = {}
    for name, train in sets.items():
        asked = next((path for part in ("test", "val") if (path := folder / f"{name}_{part}.jsonl").exists()), None)
        if asked is not None:
            figures[name] = await _figures(name, _rows(train), _rows(asked), embedder)
    if not figures:
        raise Invalid(f"{folder} has no NAME_train.jsonl with a NAME_test.jsonl or NAME_val.jsonl beside it.")
    return {"threshold": SURE, "embedding": embedder.name, **figures}


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


async def _figures(
    name: str, train: Sequence[Mapping[str, Any]], asked: Sequence[Mapping[str, Any]], embedder: Embedder
) -> dict[str, Any]:
    examples = [row for row in train if not row.get(OUTSIDE)]
    texts = [str(row["text"]) for row in examples]
    classifier = Classifier.learn(texts, [str(row["intent"]) for row in examples], await _vectors(embedder, texts))
    questions = [str(row["text"]) for row in asked]
    guesses = classifier.guess(questions, await _vectors(embedder, questions))
    inside = [(guess, row) for guess, row in zip(guesses, asked, strict=True) if not row.get(OUTSIDE)]
    outside = [guess for guess, row in zip(guesses, asked, strict=True) if row.get(OUTSIDE)]
    right = sum(guess.is_sure and guess.label == row["intent"] for guess, row in inside)
    best = sum(guess.label == row["intent"] for guess, row in inside)
    rejected = sum(not guess.is_sure for guess in outside)
    return {
        "intents": len(classifier.labels),
        "examples": len(texts),
        "in scope": len(inside),
        "accuracy": _rate(right, len(inside)),
        "without threshold": _rate(best, len(inside)),
        "out of scope": len(outside),
        "recall": _rate(rejected, len(outside)),
        "published": PUBLISHED.get(name, ""),
    }


async def _vectors(embedder: Embedder, texts: Sequence[str]) -> Matrix:
    return np.stack([await embedder.query(text) for text in texts])


def _rate(hits: int, tries: int) -> str:
    low, high = interval(hits, tries)
    return f"{100 * hits / max(tries, 1):.1f} [{100 * low:.1f}, {100 * high:.1f}]"
