"""Models that know the answers of an exam: what the desk makes of right words, and of wrong ones.

`truth` says each question's reference, citing the passage that holds it; what it says and the customer does not read is
lost on the way. `liar` says it with every figure changed, `sibling` says the reference of a question about another
product; what of theirs the customer reads came through. They are taken for capable models by their name.
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from typing import Final, Literal, get_args

from xiaoer.exam.judging import squeezed
from xiaoer.exam.questions import Question
from xiaoer.language import sentences
from xiaoer.llm.messages import Message, ToolRequest
from xiaoer.llm.scripted import Reply, ScriptedModel
from xiaoer.patterns import lazy

Speaker = Literal["truth", "liar", "sibling"]
SPEAKERS: Final[tuple[Speaker, ...]] = get_args(Speaker)
_SEARCH = "search_knowledge"
_LONGEST_QUERY = 300
_MATERIAL = lazy(r"^\[(\d{1,3})\][ \t]*(.*?)(?=^\[\d{1,3}\]|\Z)", re.MULTILINE | re.DOTALL)
_FIGURE = lazy(r"(?<![A-Za-z\d])(?<![A-Za-z]-)(?<!\d[.,])\d+(?:[.,]\d+)*")
"""A figure, and no part of a code such as M9S."""
_OTHER = str.maketrans("0123456789", "3456789512")
_UNIT = 2
"""Letters behind a figure that say what it is a figure of."""
_SENTENCE = 6
"""Letters from which a sentence tells something."""
_CITATION = lazy(r"\[\d{1,3}\]")
_END = lazy(r"([。！？.!?]?\s{0,9})$")


def named(name: str | None) -> Speaker | None:
    """The speaker of that name, if it is one."""
    return next((each for each in SPEAKERS if each == name), None)


def speaker(name: Speaker) -> ScriptedModel:
    """A model that says what `tell` tells it to, by whose name a desk takes it for one that words answers itself."""
    model = ScriptedModel(name=f"qwen3-14b-{name}")
    tell(model, None)
    return model


def tell(model: ScriptedModel, said: str | None, why: str = "") -> None:
    """Let the model say this from now on; None: the first sentence of its material, as for a question of no row.

    Where tools are offered it searches first, with all that the customer has said, as a capable model would.
    """

    def rule(messages: Sequence[Message]) -> str | Reply:
        generation = model.asked[-1].generation
        offered = {each.name for each in generation.tools} if generation else set()
        if _SEARCH in offered and messages[-1].role == "user":
            asked = " ".join(each.content for each in messages if each.role == "user")[-_LONGEST_QUERY:]
            query = json.dumps({"query": asked}, ensure_ascii=False)
            return Reply(requests=(ToolRequest("1", _SEARCH, query),))
        if said is None:
            return _first_material(messages)
        number = _holding(messages, said, why)
        return cited(said, number) if number else said

    model.rule = rule


def changed(text: str) -> str:
    """The text with every figure changed: 25 kg becomes 58 kg."""
    return _FIGURE.sub(lambda match: match.group().translate(_OTHER), text)


def siblings(question: Question, questions: Sequence[Question]) -> list[Question]:
    """Answered questions about other products in the same language, the most alike in words first."""
    if question.product_id is None:
        return []
    own = _pairs(question.text)
    others = [
        each
        for each in questions
        if each.product_id not in (None, question.product_id)
        and each.lang == question.lang
        and each.expect == "answer"
        and each.reference
    ]
    return sorted(others, key=lambda each: (each.kind != question.kind, -len(own & _pairs(each.text))))


def lie_told(lie: str, question: Question, answer: str, cited: Sequence[str]) -> bool:
    """Whether a changed figure stands in the answer, and with its unit neither in what is cited nor in the question."""
    known = [squeezed(each) for each in (*cited, question.text, *question.context)]
    figures = {squeezed(lie[match.start() : match.end() + _UNIT]) for match in _FIGURE.finditer(lie)}
    told = squeezed(answer)
    return any(each in told and not any(each in text for text in known) for each in figures)


def sentences_told(said: str, answer: str) -> list[str]:
    """The whole sentences of what was said that stand in the answer, marks aside."""
    told = _letters(answer)
    return [each for each in sentences.split(said) if len(own := _letters(each)) >= _SENTENCE and own in told]


def has_figure_beyond(said: Sequence[str], own: Sequence[str]) -> bool:
    """Whether a figure of these sentences stands, as a bare figure, in none of a product's own texts."""
    known = {match.group() for text in own for match in _FIGURE.finditer(unicodedata.normalize("NFKC", text))}
    return any(match.group() not in known for each in said for match in _FIGURE.finditer(each))


def cited(text: str, number: int) -> str:
    """The text with `[n]` before the end of each sentence."""
    return "".join(_END.sub(rf" [{number}]\1", each, count=1) for each in sentences.split(text))


def _holding(messages: Sequence[Message], said: str, why: str) -> int:
    """The number of the passage shown that holds most of what is said; 0 where none is shown."""
    shown = _shown(messages)
    wanted = _pairs(f"{said}{why}")
    return max(shown, key=lambda number: len(wanted & _pairs(shown[number])), default=0)


def _first_material(messages: Sequence[Message]) -> str:
    first = sentences.split(next(iter(_shown(messages).values()), ""))[:1]
    return cited(first[0], 1) if first else ""


def _shown(messages: Sequence[Message]) -> dict[int, str]:
    """The numbered material, in the last message that has any: a request to mend an answer follows it."""
    found = (_MATERIAL.findall(each.content) for each in reversed(messages) if each.role == "user")
    return {int(number): text for number, text in next((each for each in found if each), ())}


def _letters(text: str) -> str:
    return "".join(letter for letter in squeezed(_CITATION.sub("", text)) if letter.isalnum())


def _pairs(text: str) -> set[str]:
    said = squeezed(text)
    return {said[place : place + 2] for place in range(len(said) - 1)}
