"""Which field of a record becomes what in a document: given by the merchant, or guessed from the names."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from xiaoer.errors import Invalid
from xiaoer.knowledge.reading import names

RECORD_KEY = "@key"
_SEVERAL = ("text", "questions", "product_ids", "tags")


class BadMapping(Invalid):
    """A mapping that names things wrongly; the message says which."""


@dataclass(frozen=True)
class Section:
    """A field that becomes text, under a heading when it has company."""

    path: str
    heading: str


@dataclass(frozen=True)
class Fields:
    """For each part of a document the path of the field it comes from.

    A path is names with dots between them (`detail.care`); `@key` is the name under which the record stands in its
    parent; `=zh` is the text “zh” itself. `records` leads to the records, `*` stands for any name
    (`data.*.products`). `source` goes before the key, in place of the file name.
    """

    records: str = ""
    source: str = ""
    key: str = ""
    title: str = ""
    text: tuple[Section, ...] = ()
    question: str = ""
    answer: str = ""
    questions: tuple[str, ...] = ()
    product_ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    locale: str = ""
    url: str = ""
    valid_from: str = ""
    valid_to: str = ""
    status: str = ""


_KNOWN = tuple(field.name for field in fields(Fields))


def parse(mapping: Mapping[str, Any]) -> Fields:
    """Check a mapping as written in a JSON file. Raises BadMapping with what is wrong."""
    unknown = [name for name in mapping if name not in _KNOWN]
    if unknown:
        raise BadMapping(f"mapping: “{unknown[0]}” is not known. Known are: {', '.join(_KNOWN)}")
    values: dict[str, Any] = {}
    for name, value in mapping.items():
        if name == "text":
            values[name] = tuple(_sections(value))
        elif name in _SEVERAL:
            values[name] = tuple(_paths(name, value))
        elif isinstance(value, str):
            values[name] = value
        else:
            raise BadMapping(f"mapping: “{name}” must be one field name, written as text")
    found = Fields(**values)
    if not (found.title and found.text) and not (found.question and found.answer):
        raise BadMapping("mapping: give “title” and “text”, or “question” and “answer”")
    return found


def load(data: bytes) -> dict[str, Any]:
    """A mapping from the bytes of a JSON file. Raises BadMapping."""
    try:
        mapping = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadMapping("mapping: the file is not JSON") from error
    if not isinstance(mapping, dict):
        raise BadMapping("mapping: the file must hold one JSON object of names and fields")
    parse(mapping)
    return mapping


def guess(columns: Sequence[str]) -> Fields | None:
    """What the names of fields say by themselves; None where they do not make an article or a question."""
    by_role: dict[str, list[str]] = {}
    for column in columns:
        role = names.role(column)
        if role:
            by_role.setdefault(role, []).append(column)
    first = {role: paths[0] for role, paths in by_role.items()}
    # {"questions": […], "answer": …}: the first wording stands for the question.
    question = first.get("question") or ("" if first.get("title") else first.get("questions", ""))
    title = first.get("title", "")
    answer = first.get("answer", "")
    if answer and not question:
        question = title
    if not (question and answer) and not (title and by_role.get("text")):
        return None
    product_ids = by_role.get("product_ids", [])
    others = by_role.get("question", [])[1:]
    return Fields(
        key=first.get("key", ""),
        title=title,
        text=() if question and answer else tuple(Section(path, heading(path)) for path in by_role["text"]),
        question=question if answer else "",
        answer=answer,
        questions=tuple(path for path in [*by_role.get("questions", []), *others] if path != question),
        product_ids=tuple(product_ids[:1]),
        tags=tuple(by_role.get("tags", [])),
        locale=first.get("locale", ""),
        url=first.get("url", ""),
        valid_from=first.get("valid_from", ""),
        valid_to=first.get("valid_to", ""),
        status=first.get("status", ""),
    )


def heading(path: str) -> str:
    """A heading for the text of a field: its own name."""
    return path.rsplit(".", 1)[-1].replace("_", " ").strip()


def _sections(value: Any) -> Iterator[Section]:
    for part in [value] if isinstance(value, str | dict) else value if isinstance(value, list) else []:
        if isinstance(part, str):
            yield Section(part, heading(part))
        elif isinstance(part, dict) and all(isinstance(path, str) for path in part.values()):
            for title, path in part.items():
                yield Section(path, str(title))
        else:
            raise BadMapping("mapping: “text” must be a field name, or a list of names or of {heading: name}")


def _paths(name: str, value: Any) -> list[str]:
    paths = [value] if isinstance(value, str) else value
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
        raise BadMapping(f"mapping: “{name}” must be a field name or a list of field names")
    return paths
