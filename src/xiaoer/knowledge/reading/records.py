"""Records (of JSON, of a table) made into documents by a mapping, or by what their fields are called."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from xiaoer.knowledge.documents import Document, Kind, Status
from xiaoer.knowledge.reading import moments, names, values
from xiaoer.knowledge.reading.mapping import Fields, guess
from xiaoer.knowledge.reading.problems import Limits, Unreadable, words_of

_DRAFT = words_of(
    "草稿 下架 已下架 未上架 停用 禁用 隐藏 未发布 失效 作废 draft archived archive unpublished inactive "
    "disabled hidden false 0 no off"
)
_DEEPEST = 8
LONGEST_TITLE = 500
"""Characters of a title or of a wording of a question."""
_MANY = 500


_LANGUAGES = {
    name: code
    for code, names_of_it in {
        "zh": "中文 简体中文 繁体中文 繁體中文 汉语 cn chinese",
        "en": "英文 英语 english",
        "vi": "越南语 越南文 vn vietnamese",
        "th": "泰语 泰文 thai",
        "ja": "日语 日文 jp japanese",
        "ko": "韩语 韩文 kr korean",
    }.items()
    for name in names_of_it.split()
}


@dataclass
class Import:
    """What one file gives: its documents so far, and notes on what was left out."""

    name: str
    zone: tzinfo
    documents: list[Document] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


Record = tuple[str, Mapping[str, Any]]


def from_json(data: Any, into: Import, fields: Fields | None, limits: Limits) -> None:
    """Documents of what a JSON or JSONL file holds. Raises Unreadable where it holds no records we know."""
    if fields:
        records = list(_at_path(data, fields.records))
        if not records:
            reason = f"has no records at “{fields.records}”" if fields.records else "has no records at its top"
            raise Unreadable(into.name, reason, "Correct “records” in the mapping")
        _check_count(records, into.name, limits)
        make(records, into, fields)
        return
    groups = list(_recognised(data, 0))
    if not groups:
        raise Unreadable(
            into.name,
            "has no records whose fields are known by name",
            "Give a mapping that says which field is the title and which are the text",
        )
    for group in groups:
        _check_count(group, into.name, limits)
        _make_guessed(group, into)


def make(records: Sequence[Record], into: Import, fields: Fields) -> None:
    """Add a document for each record that has a title and a text; records without are counted in a note."""
    left_out: Counter[str] = Counter()
    for record_key, record in records:
        document = _document(record, record_key, into, fields)
        if isinstance(document, Document):
            into.documents.append(document)
        else:
            left_out[document] += 1
    into.notes += [f"{count} of {len(records)} records left out: {why}" for why, count in left_out.items()]


def _make_guessed(records: Sequence[Record], into: Import) -> None:
    columns = list(dict.fromkeys(str(name) for _, record in records[:_MANY] for name in record))
    fields = guess(columns)
    if fields is None:
        return
    used = set(_used(fields))
    if left_out := [column for column in columns if column not in used]:
        into.notes.append("fields left out: " + ", ".join(left_out))
    make(records, into, fields)


def _used(fields: Fields) -> Iterator[str]:
    yield from (fields.key, fields.title, fields.question, fields.answer, fields.locale, fields.url)
    yield from (fields.valid_from, fields.valid_to, fields.status)
    yield from (section.path for section in fields.text)
    yield from (*fields.questions, *fields.product_ids, *fields.tags)


def _document(record: Mapping[str, Any], record_key: str, into: Import, fields: Fields) -> Document | str:
    """The document of a record, or why there is none."""

    def value(path: str) -> Any:
        return values.at(record, path, record_key) if path else None

    kind: Kind = "question" if fields.question else "article"
    wordings = values.lines(value(fields.question)) if fields.question else [values.line(value(fields.title))]
    text = values.markdown(value(fields.answer)) if fields.question else _text(record, record_key, fields)
    title = wordings[0] if wordings else ""
    if not title or not text.strip():
        return "no title or no text"
    if len(title) > LONGEST_TITLE:
        return f"a title of more than {LONGEST_TITLE} characters"
    try:
        valid_from, valid_to = moments.period(
            values.line(value(fields.valid_from)), values.line(value(fields.valid_to)), into.zone
        )
    except ValueError:
        return "a period of validity that cannot be read"
    products = tuple(part for path in fields.product_ids for part in values.words(value(path)))
    others = [*wordings[1:], *(part for path in fields.questions for part in values.lines(value(path)))]
    given_key = values.line(value(fields.key)) or record_key
    key = given_key or (products[0] if kind == "article" and len(products) == 1 else digest(title, *products))
    return Document(
        key=f"{fields.source or into.name}:{key}",
        title=title,
        text=text,
        kind=kind,
        questions=tuple(dict.fromkeys(part for part in others if part != title and len(part) <= LONGEST_TITLE)),
        locale=language(values.line(value(fields.locale))),
        tags=tuple(part for path in fields.tags for part in values.words(value(path))),
        product_ids=products,
        valid_from=valid_from,
        valid_to=valid_to,
        status=status(values.line(value(fields.status))),
        url=address(values.line(value(fields.url))),
        source=into.name,
    )


def _text(record: Mapping[str, Any], record_key: str, fields: Fields) -> str:
    """One field: its text. Several: short ones as a list of names and values, long ones each under a heading."""
    parts: list[tuple[str, str]] = []
    for section in fields.text:
        text = values.markdown(values.at(record, section.path, record_key))
        if text.strip():
            parts.append((section.heading, text))
    if len(fields.text) == 1:
        return parts[0][1] if parts else ""
    short = [values.labelled(heading, text) for heading, text in parts if _is_line(text)]
    blocks = ["\n".join(f"- {row}" for row in short)] if short else []
    blocks += [f"## {heading}\n\n{text}" for heading, text in parts if not _is_line(text)]
    return "\n\n".join(blocks)


def _is_line(text: str) -> bool:
    return values.is_short(text) and not text.startswith(("- ", "#"))


def digest(*parts: str) -> str:
    """A short name for a text, the same at every import."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def status(written: str) -> Status:
    """Published, unless the record says in any of the usual words that it is not."""
    return "draft" if written.strip().casefold() in _DRAFT else "published"


def language(written: str) -> str | None:
    """The code of a language written as code, with a country or not, or by its usual name; None: to be detected."""
    known = _LANGUAGES.get(written.strip().casefold())
    code = re.fullmatch(r"([a-z]{2,3})(?:[-_][a-z0-9_-]+)?", written.strip().casefold())
    return known or (code[1] if code else None)


def address(written: str) -> str | None:
    return written if written.startswith(("http://", "https://")) else None


def parsed(text: str, name: str) -> Any:
    """What a JSON file holds, or the list of what the lines of a JSONL file hold. Raises Unreadable for neither."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise Unreadable(name, "is nested too deeply", "Export a flatter file") from error
    except ValueError as error:
        rows = [(number, row) for number, row in enumerate(text.split("\n"), start=1) if row.strip()]
        if len(rows) < 2 or not rows[0][1].lstrip().startswith("{") or not rows[0][1].rstrip().endswith("}"):  # noqa: PLR2004
            raise Unreadable(name, f"is not valid JSON ({error})", "Correct it, or export it again") from error
    records = []
    for number, row in rows:
        try:
            records.append(json.loads(row))
        except (ValueError, RecursionError) as error:
            raise Unreadable(name, f"is not valid JSON in line {number}", "Correct that line") from error
    return records


def _at_path(data: Any, path: str) -> Iterator[Record]:
    found: list[tuple[str, Any]] = [("", data)]
    for step in path.split(".") if path else []:
        found = [child for _, node in found for child in _children(node) if step in ("*", child[0])]
    for key, node in found:
        records = list(_as_records(node))
        if records:
            yield from records
        elif isinstance(node, dict) and node:
            yield key, node


def _children(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        yield from node.items()
    elif isinstance(node, list):
        yield from ((str(at), child) for at, child in enumerate(node))


def _as_records(node: Any) -> Iterator[Record]:
    """The records of a list of objects, or of an object of nothing but objects."""
    if isinstance(node, list):
        yield from (("", child) for child in node if isinstance(child, dict))
    elif isinstance(node, dict) and node and all(isinstance(child, dict) for child in node.values()):
        yield from node.items()


def _recognised(node: Any, depth: int) -> Iterator[list[Record]]:
    """The highest places where records stand whose fields are known by name."""
    records = list(_as_records(node))
    if records and guess([str(name) for _, record in records[:_MANY] for name in record]):
        yield records
        return
    if isinstance(node, dict) and depth == 0 and guess(list(node)):
        yield [("", node)]
        return
    if depth < _DEEPEST:
        for _, child in _children(node):
            if isinstance(child, dict | list):
                yield from _recognised(child, depth + 1)


def _check_count(records: Sequence[Record], name: str, limits: Limits) -> None:
    if len(records) > limits.rows:
        raise Unreadable(name, f"has more than {limits.rows} records", "Split it into smaller files")


def private_columns(columns: Sequence[str]) -> list[int]:
    """Positions of the columns that no customer may be quoted."""
    return [at for at, column in enumerate(columns) if names.is_private(column)]
