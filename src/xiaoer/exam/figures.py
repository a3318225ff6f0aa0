"""What an exam came to: right answers by kind and language, forbidden statements apart, what needs no desk to reach."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from xiaoer.exam.judging import Reply, Verdict, judge
from xiaoer.exam.matching import Matcher
from xiaoer.exam.questions import Question
from xiaoer.language.phrases import phrase, spoken


@dataclass(frozen=True)
class Sitting:
    """One question as it was answered, the first time or a later one."""

    question: Question
    number: int
    reply: Reply
    verdict: Verdict


def rates(sittings: Sequence[Sitting], repeats: int) -> dict[str, dict[str, Any]]:
    """By kind, by language and over all."""
    groups: dict[str, list[Sitting]] = defaultdict(list)
    for one in sittings:
        groups[f"kind {one.question.kind}"].append(one)
    for one in sorted(sittings, key=lambda one: one.question.lang):
        groups[f"lang {one.question.lang}"].append(one)
    groups["all"] = list(sittings)
    return {name: _row(group, repeats) for name, group in groups.items()}


def _row(group: Sequence[Sitting], repeats: int) -> dict[str, Any]:
    tries: dict[str, list[bool]] = defaultdict(list)
    for one in group:
        tries[one.question.id].append(one.verdict.ok)
    right = sum(all(each) if len(each) == 1 else sum(each) / len(each) for each in tries.values())
    row: dict[str, Any] = {"questions": len(tries), "ok": round(right, 2), "ok %": _percent(right, len(tries))}
    if repeats > 1:
        row[f"pass^{repeats} %"] = _percent(sum(all(each) for each in tries.values()), len(tries))
    row["must_not hits"] = sum(bool(one.verdict.forbidden) for one in group)
    row["refused"] = sum(one.reply.refused or one.reply.handed_over for one in group)
    if hoped := [one for one in group if one.question.should is not None]:
        row["should %"] = _percent(sum(not one.verdict.missed for one in hoped), len(hoped))
    return row


async def floors(questions: Iterable[Question], matcher: Matcher) -> dict[str, int]:
    """How many questions one passes by saying the same to all."""
    passed = {"always refusing": 0, "always handing over": 0, "always asking back": 0, "always yes": 0}
    for question in questions:
        for name, reply in _same(question.lang).items():
            passed[name] += (await judge(question, reply, matcher)).ok
    return passed


def _same(language: str) -> Mapping[str, Reply]:
    return {
        "always refusing": Reply(phrase("refuse", language), "refuse", language=language),
        "always handing over": Reply(phrase("handoff_waiting", language), "flow", "handoff", language),
        "always asking back": Reply(phrase("greeting_reply", language), "flow", language=language),
        "always yes": Reply(_YES[spoken(language)], "model", language=language),
    }


_YES: Final = {
    "zh": "是的。", "en": "Yes.", "vi": "Dạ có.", "th": "ใช่ค่ะ", "ja": "はい。", "ko": "네.", "ru": "Да.", "es": "Sí.",
    "fr": "Oui.", "de": "Ja.", "pt": "Sim.", "id": "Ya.", "ms": "Ya.", "ar": "نعم.",
}  # fmt: skip


def _percent(part: float, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else math.nan
