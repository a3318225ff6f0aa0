"""How often the language of short texts is told right, by language and kind of text."""

import json
from collections import defaultdict
from pathlib import Path

from xiaoer.language.detect import LANGUAGES, detect

_ANSWERED_AS = {"yue": "zh", "zh-TW": "zh"}
"""Labels of languages that are answered in another's texts."""


def measure(folder: Path) -> dict[str, dict[str, float]]:
    """Accuracy (0 to 1) by kind of text, then by language, from the `*.jsonl` in `folder` (text, lang, kind).

    "ours" is the mean over the languages with fixed texts of their own, each language weighing the same.
    """
    right: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            label = _ANSWERED_AS.get(row["lang"], row["lang"])
            right[row["kind"], label].append(detect(row["text"]).language == label)
    figures: dict[str, dict[str, float]] = defaultdict(dict)
    for (kind, label), hits in sorted(right.items()):
        figures[kind][label] = sum(hits) / len(hits)
    for by_language in figures.values():
        ours = [accuracy for label, accuracy in by_language.items() if label in LANGUAGES]
        by_language["ours"] = sum(ours) / max(len(ours), 1)
    return dict(figures)
