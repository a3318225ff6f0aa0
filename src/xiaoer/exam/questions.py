"""A file of questions: JSON lines, one question with what its answer has to be (docs/exam.md)."""

import json
import re
import warnings
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from xiaoer.errors import Invalid

REGULAR = "re:"
"""How a pattern begins that is a regular expression and no plain text."""
Expect = Literal["answer", "refuse", "handoff", "ask", "any"]


class BadExam(Invalid):
    """The file is not of its form; the message names the line."""


def _pattern(text: str) -> str:
    if not text.removeprefix(REGULAR).strip():
        raise ValueError("a pattern must not be empty")
    if text.startswith(REGULAR):
        try:
            with warnings.catch_warnings(action="ignore"):
                re.compile(text.removeprefix(REGULAR), re.IGNORECASE)
        except (re.error, RecursionError, OverflowError) as error:
            raise ValueError(f"{text!r} is no regular expression: {error}") from error
    return text


Pattern = Annotated[str, Field(max_length=4000), AfterValidator(_pattern)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Expected(_Part):
    """What an answer has to be.

    Each inner list of `must` needs one hit, `must_not` none; `route` is one of the ways an answer may come about,
    `language` the one it is said to be in.
    """

    must: Annotated[list[Annotated[list[Pattern], Field(min_length=1)]], Field(max_length=50)] = []
    must_not: Annotated[list[Pattern], Field(max_length=50)] = []
    expect: Expect = "any"
    route: list[str] = []
    language: str | None = None


class Question(Expected):
    """One question of a customer, with what was said before it, oldest first.

    `should` counts towards a rate of its own. `product_id` is what the truth is about, and is told to nobody who
    answers; `reference` is one full right answer, `why` says where that stands.
    """

    id: Annotated[str, Field(min_length=1, max_length=100)]
    lang: Annotated[str, Field(min_length=2, max_length=35)]
    kind: Annotated[str, Field(min_length=1, max_length=60)]
    text: Annotated[str, Field(min_length=1, max_length=4000)]
    context: list[str] = []
    product_id: str | None = None
    should: Expected | None = None
    reference: str = ""
    why: str = ""


def read(text: str) -> list[Question]:
    """The questions of a file in their order; raises `BadExam` naming the first line that is wrong."""
    found: list[Question] = []
    lines: dict[str, int] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if not line.strip():
            continue
        question = _question(line, number)
        if question.id in lines:
            raise BadExam(f"Line {number}: the id {question.id!r} stands in line {lines[question.id]} already.")
        lines[question.id] = number
        found.append(question)
    if not found:
        raise BadExam("The file holds no questions.")
    return found


def _question(line: str, number: int) -> Question:
    try:
        values: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadExam(f"Line {number}: this is not JSON: {error}.") from error
    try:
        return Question.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        name = values.get("id") if isinstance(values, dict) else None
        which = f" ({name})" if isinstance(name, str) else ""
        raise BadExam(f"Line {number}{which}: {f'{where}: ' if where else ''}{said}.") from error
