"""What an exam came to: right answers by kind and language, forbidden statements apart, what needs no desk to reach."""

import math
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from xiaoer.exam import material, speaking
from xiaoer.exam.judging import Reply, Verdict, judge
from xiaoer.exam.matching import Matcher
from xiaoer.exam.material import Holding, Material
from xiaoer.exam.questions import Question
from xiaoer.exam.speaking import Speaker
from xiaoer.language.phrases import phrase, spoken


@dataclass(frozen=True)
class Sitting:
    """One question as it was answered, the first time or a later one.

    `said` is what a model that knows the answers said to it; `holding` are the passages that hold the answer, `away`
    those that were withheld.
    """

    question: Question
    number: int
    reply: Reply
    verdict: Verdict
    said: str | None = None
    holding: Holding = ()
    away: frozenset[uuid.UUID] = frozenset()

    @property
    def answered(self) -> bool:
        return self.reply.outcome == "done" and not self.reply.refused

    @property
    def has_shown(self) -> bool:
        """Whether for each thing the answer needs a passage was shown that holds it."""
        seen = material.shown(self.reply)
        return all(places & seen for places in self.holding)


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
    right = sum(sum(each) / len(each) for each in tries.values())
    row: dict[str, Any] = {"questions": len(tries), "ok": f"{right:g}", "ok %": _percent(right, len(tries))}
    if repeats > 1:
        row[f"pass^{repeats} %"] = _percent(sum(all(each) for each in tries.values()), len(tries))
    row["must_not hits"] = sum(bool(one.verdict.forbidden) for one in group)
    row["refused"] = sum(one.reply.refused or one.reply.handed_over for one in group)
    if hoped := [one for one in group if one.question.should is not None]:
        row["should %"] = _percent(sum(not one.verdict.missed for one in hoped), len(hoped))
    return row


def findings(sittings: Sequence[Sitting], texts: Material) -> dict[str, str]:
    """Whether the turns knew what the questions are about, and had before them what holds the answers."""
    held = [one for one in sittings if one.holding and one.question.expect == "answer" and one.reply.evidence]
    found = {"right passage shown": _of(held, lambda one: one.has_shown)}
    about = [(one, material.focused(one.reply)) for one in sittings if one.question.product_id is not None]
    if focused := [(one, focus) for one, focus in about if focus is not None]:
        right = sum(focus == {one.question.product_id} for one, focus in focused)
        found["focus right"] = _told(right, len(focused))
    answered = [one for one, _ in about if one.answered]
    found["answered from other products' texts alone"] = _of(answered, lambda one: _from_others(one, texts))
    return found


def came_through(sittings: Sequence[Sitting], speaker: Speaker, texts: Material) -> dict[str, str]:
    """What of a speaker's words the customer reads."""
    said = [one for one in sittings if one.said is not None]
    if speaker == "truth":
        answers = [one for one in said if one.question.expect == "answer"]
        refusals = [one for one in said if one.question.expect == "refuse"]
        return {
            "right answers delivered": _of(answers, lambda one: one.verdict.ok),
            "“cannot confirm” told as a refusal": _of(refusals, lambda one: not one.answered),
        }
    if speaker == "liar":
        lies = [one for one in said if one.said != one.question.reference]
        return {"wrong figures delivered": _of(lies, _tells_lie)}
    return {
        "sibling's answers delivered": _of(said, lambda one: bool(_sibling_told(one))),
        "… with a figure that no text of the product has": _of(said, lambda one: _is_foreign(one, texts)),
    }


def withheld(sittings: Sequence[Sitting], texts: Material) -> dict[str, Any]:
    """What is said where the passages that hold the answer are away."""
    answered = [one for one in sittings if one.answered]
    leaked = sum(bool(one.away & material.shown(one.reply)) for one in sittings)
    if leaked:
        return {"NOT MEASURED": f"{leaked} of {len(sittings)} turns were shown a passage that was withheld"}
    return {
        "refused": _of(sittings, lambda one: not one.answered),
        "asked back": _of(sittings, lambda one: one.answered and one.reply.route == "flow"),
        "answered": _of(sittings, lambda one: one.answered and one.reply.route != "flow"),
        "another product's texts told": _of(sittings, lambda one: one in answered and _from_others(one, texts)),
        "right all the same": _of(sittings, lambda one: one.verdict.ok),
        "must_not hits": _of(sittings, lambda one: bool(one.verdict.forbidden)),
    }


def _from_others(one: Sitting, texts: Material) -> bool:
    return one.question.product_id is not None and texts.of_others(one.reply, one.question.product_id)


def _tells_lie(one: Sitting) -> bool:
    cited = [f"{each.get('quote', '')}\n{each.get('passage', '')}" for each in one.reply.sources]
    return speaking.lie_told(one.said or "", one.question, one.reply.text, cited)


def _sibling_told(one: Sitting) -> list[str]:
    return [] if one.verdict.ok else speaking.sentences_told(one.said or "", one.reply.text)


def _is_foreign(one: Sitting, texts: Material) -> bool:
    return speaking.has_figure_beyond(_sibling_told(one), texts.texts_about(one.question))


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


def _of(sittings: Sequence[Sitting], counts: Callable[[Sitting], bool]) -> str:
    hits = sum(counts(one) for one in sittings)
    return _told(hits, len(sittings))


def _told(hits: int, tries: int) -> str:
    return f"{hits} of {tries} ({_percent(hits, tries)} %)" if tries else "none of this kind was asked"


def _percent(part: float, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else math.nan
