"""Models that know the answers of an exam: what the desk makes of right words, and of wrong ones.

`truth` says each question's reference, citing the passage that holds it; what it says and the customer does not read is
lost on the way. `liar` says it with every figure changed, `sibling` says the reference of a question about another
product; what of theirs the customer reads came through. They are taken for capable models by their name.
"""

import re
from collections.abc import Sequence
from typing import Final, Literal, get_args

from xiaoer.exam.judging import squeezed
from xiaoer.exam.questions import Question
from xiaoer.language import sentences
from xiaoer.llm.messages import Message
from xiaoer.llm.scripted import ScriptedModel
from xiaoer.patterns import lazy

Speaker = Literal["truth", "liar", "sibling"]
SPEAKERS: Final[tuple[Speaker, ...]] = get_args(Speaker)
_MATERIAL = lazy(r"^\[(\d{1,3})\][ \t]*(.*?)(?=^\[\d{1,3}\]|\Z)", re.MULTILINE | re.DOTALL)
_FIGURE = lazy(r"(?<![A-Za-z\d])(?<![A-Za-z]-)(?<!\d[.,])\d+(?:[.,]\d+)*")
"""A figure, and no part of a code such as M9S."""
_END = lazy(r"([。！？.!?]?\s*)$")


def named(name: str | None) -> Speaker | None:
    """The speaker of that name, if it is one."""
    return next((each for each in SPEAKERS if each == name), None)


def speaker(name: Speaker) -> ScriptedModel:
    """A model that says what `prompted` tells it to; a size in its name tells that it words answers itself."""
    return ScriptedModel(name=f"{name}-14b", rule=_first_material)


def tell(model: ScriptedModel, said: str | None, why: str = "") -> None:
    """Let the model say this from now on; None: the first sentence of its material, as for a question of no row."""
    if said is None:
        model.rule = _first_material
        return

    def rule(messages: Sequence[Message]) -> str:
        return cited(said, number) if (number := _holding(messages, said, why)) else said

    model.rule = rule


def words_of(name: Speaker, question: Question, questions: Sequence[Question]) -> str:
    """What a speaker says to a question; empty where it has nothing to say."""
    if name == "truth":
        return question.reference
    if name == "liar":
        return changed(question.reference)
    other = sibling_of(question, questions)
    return other.reference if other else ""


def changed(text: str) -> str:
    """The text with every figure changed: 25 kg becomes 38 kg."""
    return _FIGURE.sub(lambda match: "".join(_CHANGED.get(letter, letter) for letter in match.group()), text)


_CHANGED: Final = dict(zip("0123456789", "3456789512", strict=True))


def lies(said: str, told: str) -> bool:
    """Whether a changed figure stands in what was told, with what stands beside it."""
    own = {match.group() for match in _FIGURE.finditer(said)}
    return any(_beside(match, said) in squeezed(told) for match in _FIGURE.finditer(said) if match.group() in own)


def _beside(match: re.Match[str], text: str) -> str:
    return squeezed(text[match.start() : match.end() + 2])


def sibling_of(question: Question, questions: Sequence[Question]) -> Question | None:
    """The question most alike in words that is about another product and has another answer."""
    if question.product_id is None:
        return None
    others = [
        each
        for each in questions
        if each.product_id not in (None, question.product_id)
        and each.lang == question.lang
        and each.expect == "answer"
        and each.reference
    ]
    own = _pairs(question.text)
    return max(others, key=lambda each: (each.kind == question.kind, len(own & _pairs(each.text))), default=None)


def cited(text: str, number: int) -> str:
    """The text with `[n]` before the end of each sentence."""
    return "".join(_END.sub(rf" [{number}]\1", each, count=1) for each in sentences.split(text))


def _holding(messages: Sequence[Message], said: str, why: str) -> int:
    """The number of the passage shown that holds most of what is said; 0 where none is shown."""
    shown = {int(number): text for number, text in _MATERIAL.findall(messages[-1].content)}
    wanted = _pairs(f"{said}{why}")
    return max(shown, key=lambda number: len(wanted & _pairs(shown[number])), default=0)


def _first_material(messages: Sequence[Message]) -> str:
    found = _MATERIAL.search(messages[-1].content) if messages else None
    first = sentences.split(found.group(2))[:1] if found else []
    return cited(first[0], 1) if first else ""


def _pairs(text: str) -> set[str]:
    said = squeezed(text)
    return {said[place : place + 2] for place in range(len(said) - 1)}
