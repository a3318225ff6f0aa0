"""Fast or thinking, for each message: by the shop's own rules first, then by ours, with reasons that one can read.

Most questions are answered from one sentence: thinking about them only takes time. What is worth it: sums, comparisons,
conditions of a policy, several questions at once, and what could not be answered a moment ago.
"""

from typing import Final

from xiaoer.assistant.asked import Mode, Turn
from xiaoer.assistant.understanding.intent import folded
from xiaoer.assistant.understanding.result import Understanding
from xiaoer.llm.model import Model
from xiaoer.llm.profiles import profile_of
from xiaoer.patterns import lazy, lazy_table, toml
from xiaoer.stores import Thinking

_TABLE = toml("xiaoer.assistant", "router.toml")
_WORDS: Final = lazy_table(
    lambda: {name: lazy("|".join(f"(?:{one})" for one in patterns)) for name, patterns in _TABLE["words"].items()}
)
_FIGURE = lazy(r"\d+(?:[.,]\d+)?")
SEVERAL: Final = 3
"""Questions in one message."""
FIGURES: Final = 2
"""Figures beside which a word of reckoning makes a sum."""


def decide(text: str, seen: Understanding, rules: Thinking, *, refused_before: bool, model: str) -> Mode:
    """The mode of one message for this model; one that cannot think is fast, one that always does is given the time."""
    wanted, reasons = _wanted(text, seen, rules, refused_before=refused_before)
    habit = profile_of(model).thinking
    thinking = habit == "always" or (habit == "hybrid" and wanted)
    if thinking != wanted:
        reasons = (*reasons, f"model: {model} {'always thinks' if thinking else 'does not think'}")
    seconds = rules.thinking_seconds if thinking else rules.fast_seconds
    return Mode(thinking, reasons, seconds, rules.thinking_tokens)


def decide_for(turn: Turn, model: Model | None) -> Mode | None:
    """The mode of a turn's message, kept in its evidence; None without a model."""
    if model is None:
        return None
    asked = turn.asked
    mode = decide(asked.text, turn.seen, asked.profile.thinking, refused_before=asked.refused_before, model=model.name)
    turn.evidence["mode"] = mode.as_json()
    return mode


def _wanted(text: str, seen: Understanding, rules: Thinking, *, refused_before: bool) -> tuple[bool, tuple[str, ...]]:
    if rules.mode != "auto":
        return rules.mode == "thinking", (f"shop: always {rules.mode}",)
    words = folded(text)
    for rule in rules.rules:
        found = next((word for word in rule.words if word.strip() and folded(word) in words), None)
        if found is not None:
            note = f" ({rule.note})" if rule.note else ""
            return rule.mode == "thinking", (f"shop: {found}{note}",)
    reasons = _reasons(text, words, seen, rules, refused_before=refused_before)
    return bool(reasons), reasons or ("common: nothing in it asks for thinking",)


def _reasons(text: str, words: str, seen: Understanding, rules: Thinking, *, refused_before: bool) -> tuple[str, ...]:
    found = {name: match.group(0) for name, pattern in _WORDS.items() if (match := pattern.search(words))}
    if len(_FIGURE.findall(text)) < FIGURES:
        found.pop("sum", None)
    reasons = [f"{name}: {word}" for name, word in found.items()]
    if len(seen.parts) >= SEVERAL:
        reasons.append(f"several: {len(seen.parts)} questions")
    if len(text) > rules.longest_fast:
        reasons.append(f"long: {len(text)} characters")
    if refused_before and seen.intent in ("question", "complaint"):
        reasons.append("again: the last question was not answered")
    return tuple(reasons)
