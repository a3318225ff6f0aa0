"""What was learnt of when something answers: weights in files that `xiaoer bench fit` writes, one for each embedder.

A file tells what it was learnt from, and on which part. An embedder without a file of its own gets `default.json`:
nearness is on a scale that holds for any (0 for texts that have nothing to do with each other, 1 for equal ones).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

FOLDER = files("xiaoer.assistant.retrieval") / "weights"
DEFAULT = "default"


@dataclass(frozen=True)
class Doubt:
    """How much a model's surprise to have to say "none" counts beside the evidence, in log-odds, and the usual one."""

    weight: float
    usual: float


@dataclass(frozen=True)
class Weights:
    """Of one embedder: the log-odds that something answers, for each group of candidates, by its features."""

    groups: Mapping[str, Mapping[str, float]]
    doubts: Mapping[str, Doubt]

    def log_odds(self, group: str, features: Mapping[str, float]) -> float:
        """How surely a candidate of this group answers."""
        weights = self.groups[group]
        return weights["bias"] + sum(weights.get(name, 0.0) * value for name, value in features.items())


@cache
def weights_of(embedder: str) -> Weights:
    """The weights for an embedder, by its name."""
    own = FOLDER / f"{embedder}.json"
    kept: dict[str, Any] = json.loads(
        (own if own.is_file() else FOLDER / f"{DEFAULT}.json").read_text(encoding="utf-8")
    )
    doubts = {tier: Doubt(**values) for tier, values in kept["doubts"].items()}
    return Weights({name: group["weights"] for name, group in kept["groups"].items()}, doubts)
