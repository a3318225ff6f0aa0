"""Translation both ways, by the model the desk has: names of the shop's glossary, codes, numbers and addresses stay.

They are put out of the model's reach before, and a translation in which one of them is missing or another number stands
is not taken. Without a translation the names are still told, beside the shop's own nearest text in that language.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from xiaoer.assistant.answering import prompts
from xiaoer.assistant.helping.asking import ask, same_facts
from xiaoer.assistant.untrusted import speaks_to_machine
from xiaoer.language.detect import detect
from xiaoer.llm.model import Model
from xiaoer.patterns import lazy

TRIES = 2
_KEPT = lazy(
    r"https?://[^\s，。；！？）)]+|(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![A-Za-z0-9])(?=[A-Za-z0-9-]{0,40}\d)(?=[0-9-]{0,40}[A-Za-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?![A-Za-z0-9])"
)
_MARK = lazy(r"\[#(\d+)\]")
_INSTRUCTION = (
    "Translate the message into {language}. It is between a customer and the customer service of a shop. Copy every "
    "mark such as [#1] and every number unchanged. Do not answer it, explain nothing, give only the translation."
)
Glossary = Mapping[str, Mapping[str, str]]
"""Names of the shop, each with what it is called in other languages; a name without one stays as it is."""


@dataclass(frozen=True)
class Translated:
    """`by` is the model's name, or "names" when only names could be told. `names` are pairs found in the text."""

    text: str
    language: str
    by: str
    names: tuple[tuple[str, str], ...]

    @property
    def is_whole(self) -> bool:
        return self.by != "names"


async def translated(model: Model | None, glossary: Glossary, text: str, *, language: str) -> Translated:
    """`text` in `language`, or with its names alone in it when no model gives a translation that holds."""
    masked, kept = _masked(text, glossary, language)
    names = tuple((name, told) for name, told in kept if name in glossary)
    if detect(text).language == language and detect(text).certain:
        return Translated(text, language, "same", names)
    instruction = _INSTRUCTION.format(language=prompts.NAMES.get(language, language))
    for _ in range(TRIES if model is not None else 0):
        said = await ask(model, instruction, masked, max_tokens=len(text) * 3 + 60)
        if said and (whole := _restored(said, masked, kept)) and model is not None:
            return Translated(whole, language, model.name, names)
    return Translated(_MARK.sub(lambda mark: kept[int(mark.group(1)) - 1][1], masked), language, "names", names)


def _masked(text: str, glossary: Glossary, language: str) -> tuple[str, list[tuple[str, str]]]:
    """The text with a mark for everything that must stay, and what each mark stands for: as written, as told."""
    kept: list[tuple[str, str]] = []

    def mark(written: str, told: str) -> str:
        kept.append((written, told))
        return f"[#{len(kept)}]"

    by_name = {name.casefold(): name for name in glossary}
    longest = sorted((re.escape(name) for name in glossary if name.strip()), key=len, reverse=True)
    names = re.compile("|".join(longest), re.IGNORECASE) if longest else None

    def named(match: re.Match[str]) -> str:
        name = by_name.get(match.group().casefold(), match.group())
        return mark(name, glossary.get(name, {}).get(language) or name)

    pattern = re.compile(
        f"(?P<name>{names.pattern})|(?P<kept>{_KEPT.pattern})" if names else f"(?P<kept>{_KEPT.pattern})", re.IGNORECASE
    )
    masked = pattern.sub(lambda m: named(m) if m.lastgroup == "name" else mark(m.group(), m.group()), text)
    return masked, kept


def _restored(said: str, masked: str, kept: list[tuple[str, str]]) -> str | None:
    """The translation with what was put away in it again; None if anything is missing or was added."""
    marks = [int(number) for number in _MARK.findall(said)]
    if sorted(marks) != list(range(1, len(kept) + 1)):
        return None
    if not same_facts(masked, said) or (speaks_to_machine(said) and not speaks_to_machine(masked)):
        return None
    return _MARK.sub(lambda mark: kept[int(mark.group(1)) - 1][1], said)
