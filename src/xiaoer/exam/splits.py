"""Which questions one may tune on and which are kept aside, as a file of ids.

The file is made once, before anybody tunes. Each kind and language is halved by the hash of the ids, so that nobody
chooses; a file holds ids only, and no text of anybody's questions.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence

from xiaoer.errors import Invalid
from xiaoer.exam.questions import Question

PARTS = ("tune", "test")


class BadSplit(Invalid):
    """The file of ids is not of its form, or does not fit the questions."""


def halved(questions: Sequence[Question]) -> dict[str, list[str]]:
    """The ids of each part."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for question in questions:
        groups[question.kind, question.lang].append(question.id)
    parts: dict[str, list[str]] = {part: [] for part in PARTS}
    turn = 0
    for _, ids in sorted(groups.items()):
        for each in sorted(ids, key=lambda name: hashlib.sha256(name.encode()).hexdigest()):
            parts[PARTS[turn % len(PARTS)]].append(each)
            turn += 1  # goes on from group to group: an odd one out does not always fall to the same part
    return {part: sorted(ids) for part, ids in parts.items()}


def chosen(questions: Sequence[Question], text: str, part: str) -> list[Question]:
    """The questions of one part of a file of ids; raises `BadSplit`."""
    try:
        parts = json.loads(text)
    except ValueError as error:
        raise BadSplit(f"The split is not JSON: {error}.") from error
    if not isinstance(parts, dict) or not all(isinstance(ids, list) for ids in parts.values()):
        raise BadSplit("The split holds its parts by name, each with a list of ids.")
    if part not in parts:
        raise BadSplit(f"The split has no part {part!r}, but {', '.join(parts)}.")
    wanted = set(map(str, parts[part]))
    if unknown := sorted(wanted - {question.id for question in questions}):
        raise BadSplit(f"The split names questions that the file does not hold: {', '.join(unknown[:5])}.")
    return [question for question in questions if question.id in wanted]
