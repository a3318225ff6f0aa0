"""One reader for many files: it finds out what each is, has it parsed, and makes documents of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from xiaoer.errors import Invalid, XiaoerError
from xiaoer.knowledge.documents import Document, Kind, Origin
from xiaoer.knowledge.reading import archives, cells, kinds, moments, records, rows, tables, text, values
from xiaoer.knowledge.reading.characters import decode
from xiaoer.knowledge.reading.extract import Extract
from xiaoer.knowledge.reading.mapping import parse
from xiaoer.knowledge.reading.problems import DEFAULT_LIMITS, MEBIBYTE, Limits, Unreadable, printable, shown
from xiaoer.knowledge.reading.records import Import
from xiaoer.knowledge.reading.sandbox import Sandbox

File = Path | tuple[str, bytes | Path]
"""A path, or the name a file is to be known by with its path or its bytes."""
DEFAULT_ZONE = "Asia/Shanghai"
_LONGEST_ANSWER = 1_200
_LONGEST_KEY = 300


@dataclass(frozen=True)
class Outcome:
    """What became of one file: its documents, or the problem; `notes` say what was left out of it.

    `origin` is what was given to read: of a file in an archive, the archive. `mapped` is the source that a mapping
    names for its documents.
    """

    name: str
    documents: tuple[Document, ...] = ()
    problem: XiaoerError | None = None
    notes: tuple[str, ...] = ()
    origin: Origin = field(default_factory=Origin)
    mapped: str = ""


class Reader:
    """Reads file after file, the heavy ones in one process of their own, which ends with the reader."""

    def __init__(
        self, *, mapping: Mapping[str, Any] | None = None, zone: str = DEFAULT_ZONE, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        self._fields = parse(mapping) if mapping else None
        self._zone = _zone(zone)
        self._limits = limits
        self._sandbox = Sandbox(limits)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sandbox.close()

    @property
    def mapped(self) -> str:
        """The source that the mapping names; empty: none."""
        return self._fields.source if self._fields else ""

    def outcomes(self, file: File) -> Iterator[Outcome]:
        """What becomes of one file, or of each file in an archive. Blocks: iterate in a thread."""
        name, content = (file.name, file) if isinstance(file, Path) else file
        name = printable(name)
        try:
            data = _loaded(content, name, self._limits) if isinstance(content, Path) else content
        except Unreadable as problem:
            yield Outcome(shown(name), problem=problem)
            return
        yield from self._outcomes(data, name, nested=False)

    def _outcomes(self, data: bytes, name: str, *, nested: bool) -> Iterator[Outcome]:
        try:
            kind = self._checked_kind(data, name, nested=nested)
            if kind is kinds.Kind.ARCHIVE:
                inner = archives.files(data, name, self._limits)
            else:
                yield self._outcome(data, name, kind)
                return
        except Unreadable as problem:
            yield Outcome(shown(name), problem=problem)
            return
        yield from self._unpacked(inner, name)

    def _unpacked(self, inner: Iterator[tuple[str, bytes | Unreadable]], name: str) -> Iterator[Outcome]:
        count = 0
        try:
            for inner_name, content in inner:
                count += 1
                whole = f"{name}/{inner_name}"
                if isinstance(content, Unreadable):
                    yield Outcome(shown(whole), problem=content)
                else:
                    yield from self._outcomes(content, whole, nested=True)
        except Unreadable as problem:
            yield Outcome(shown(name), problem=problem)
            return
        if not count:
            yield Outcome(shown(name), problem=Unreadable(name, "holds no files", "Check what was packed"))

    def _checked_kind(self, data: bytes, name: str, *, nested: bool) -> kinds.Kind | None:
        if not data.strip(b"\x00 \t\r\n"):
            raise Unreadable(name, "is empty", "Check that the right file was chosen")
        if len(data) > self._limits.file_bytes:
            raise _too_large(name, self._limits)
        kind = kinds.of_bytes(data, name)
        if kind is kinds.Kind.ARCHIVE and nested:
            raise Unreadable(name, "is an archive inside an archive", "Unpack it first")
        if kind in (kinds.Kind.WORD, kinds.Kind.SHEETS):
            archives.check(data, name, self._limits)
        return kind

    def _outcome(self, data: bytes, name: str, kind: kinds.Kind | None) -> Outcome:
        into = Import(name, self._zone)
        if kind is None:
            content = decode(data, declared=kinds.declared_encoding(data))
            if content is None:
                raise Unreadable(name, "is not a document: its content is not text", "Import documents only")
            self._text(content, name, into)
        else:
            self._extracted(self._sandbox.extract(kind, data, name), into)
        if not into.documents:
            reason = "; ".join(["has no text to learn from", *into.notes])
            raise Unreadable(name, reason, "Check that the right file was chosen")
        documents = tuple(_distinct(into.documents))
        is_mapped = self.mapped and all(each.key.startswith(f"{self.mapped}:") for each in documents)
        return Outcome(shown(name), documents, notes=tuple(into.notes), mapped=self.mapped if is_mapped else "")

    def _text(self, content: str, name: str, into: Import) -> None:
        if not content.strip():
            raise Unreadable(name, "is empty", "Check that the right file was chosen")
        kind = kinds.of_text(content, name)
        if kind is kinds.Kind.HTML:
            self._extracted(self._sandbox.extract(kind, content.encode(), name), into)
        elif kind is kinds.Kind.JSON:
            data = records.parsed(content, name)
            texts = [each.strip() for each in values.texts(data)]
            into.notes += cells.problems(cells.findings(texts))
            shown_as = self._sandbox.plain(cells.tagged(texts), name)
            records.from_json(values.plain(data, shown_as), into, self._fields, self._limits)
        elif kind is kinds.Kind.TABLE or (kind is kinds.Kind.TEXT and tables.looks_like_table(content)):
            sheet = rows.csv_sheet(content, name, self._limits, self._sandbox, into.notes)
            tables.documents(sheet, kinds.stem(name), "", into, self._fields)
        elif kind is kinds.Kind.MARKDOWN:
            _article(_tidied(text.front_matter(content, name)), into)
        else:
            front = text.front_matter(content, name)
            _article(_tidied(text.FrontMatter(front.fields, text.promoted(front.body))), into)

    def _extracted(self, extract: Extract, into: Import) -> None:
        into.notes += extract.notes
        for sheet in extract.sheets:
            part = sheet.name if len(extract.sheets) > 1 else ""
            tables.documents(sheet, kinds.stem(into.name), part, into, self._fields)
        into.documents += [_question(question, answer, into) for question, answer in extract.pairs if question]
        if extract.markdown.strip() and not extract.sheets:
            _article(text.FrontMatter({"title": extract.title or ""}, text.promoted(extract.markdown)), into)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Invalid(f"“{name}” is not a time zone. Write one such as Asia/Shanghai") from error


def _loaded(path: Path, name: str, limits: Limits) -> bytes:
    try:
        if not path.is_file():
            raise Unreadable(name, "cannot be opened: it is no file", "Check the name")
        with path.open("rb") as file:
            data = file.read(limits.file_bytes + 1)
    except OSError as error:
        raise Unreadable(name, "cannot be opened", "Check that it exists and may be read") from error
    if len(data) > limits.file_bytes:
        raise _too_large(name, limits)
    return data


def _too_large(name: str, limits: Limits) -> Unreadable:
    return Unreadable(name, f"is larger than {limits.file_bytes / MEBIBYTE:g} MB", "Split it into smaller files")


def _tidied(front: text.FrontMatter) -> text.FrontMatter:
    return replace(front, body=text.tidy(front.body))


def _article(front: text.FrontMatter, into: Import) -> None:
    """One article of a running text, or its questions where it is nothing but questions with answers."""
    body = front.body.strip()
    found = text.pairs(body)
    if found:
        into.documents += [_question(question, answer, into) for question, answer in found]
        return

    def one(field: str) -> str:
        return values.line(front.fields.get(field))

    heading, rest = text.titled(body)
    most = records.LONGEST_TITLE
    title = next(name for name in (one("title"), heading, kinds.stem(into.name)[:most]) if name and len(name) <= most)
    if heading and heading == title:
        body = rest
    if not body.strip():
        return
    try:
        valid_from, valid_to = moments.period(one("valid_from"), one("valid_to"), into.zone)
    except ValueError as error:
        reason = f"has a period of validity that cannot be read: {shown(one('valid_from'))} to {shown(one('valid_to'))}"
        raise Unreadable(into.name, reason, "Write dates like 2026-11-30, the earlier one as valid_from") from error
    questions = tuple(values.lines(front.fields.get("questions")))
    curated = one("kind") == "question" or (questions and "\n#" not in f"\n{body}" and len(body) <= _LONGEST_ANSWER)
    kind: Kind = "question" if curated and one("kind") != "article" else "article"
    into.documents.append(
        Document(
            key=one("key") or into.name,
            title=title,
            text=body,
            kind=kind,
            questions=questions,
            locale=records.language(one("locale") or one("lang")),
            tags=tuple(values.words(front.fields.get("tags"))),
            product_ids=tuple(values.words(front.fields.get("products") or front.fields.get("product_ids"))),
            valid_from=valid_from,
            valid_to=valid_to,
            status=records.status(one("status")),
            url=records.address(one("url")) or records.address(into.name),
            source=into.name,
        )
    )


def _question(question: str, answer: str, into: Import) -> Document:
    return Document(
        key=f"{into.name}:{records.digest(question)}",
        title=question,
        text=answer,
        kind="question",
        url=records.address(into.name),
        source=into.name,
    )


def _distinct(documents: list[Document]) -> Iterator[Document]:
    """The documents with keys made unique and short: a second one of the same key gets a number."""
    seen: dict[str, int] = {}
    for document in documents:
        key = document.key
        if len(key) > _LONGEST_KEY:
            key = f"{key[:_LONGEST_KEY]}~{records.digest(key)}"
        count = seen[key] = seen.get(key, 0) + 1
        yield replace(document, key=key if count == 1 else f"{key}-{count}")
