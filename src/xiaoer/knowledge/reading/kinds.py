"""Which kind of file it is, told by its content first and by its name second."""

import io
import json
import re
import zipfile
from enum import StrEnum
from pathlib import PurePosixPath

from xiaoer.knowledge.reading.problems import Unreadable
from xiaoer.patterns import lazy


class Kind(StrEnum):
    MARKDOWN = "markdown"
    TEXT = "text"
    HTML = "html"
    TABLE = "csv"
    JSON = "json"
    PDF = "pdf"
    WORD = "docx"
    SHEETS = "xlsx"
    ARCHIVE = "zip"
    MARKUP = "markup"
    """No file, but texts out of one, as a list in JSON."""


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_AS_PDF = "Save it as PDF, Word (.docx) or text, and import that"
_REFUSED: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG", "is a picture", "Import the text in it: pictures are not read"),
    (b"\xff\xd8\xff", "is a picture", "Import the text in it: pictures are not read"),
    (b"GIF8", "is a picture", "Import the text in it: pictures are not read"),
    (b"II*\x00", "is a picture", "Import the text in it: pictures are not read"),
    (b"MM\x00*", "is a picture", "Import the text in it: pictures are not read"),
    (b"RIFF", "is a picture, a sound or a film", "Import the text in it"),
    (b"\x1f\x8b", "is packed with gzip", "Unpack it, or pack the files as .zip"),
    (b"BZh", "is packed with bzip2", "Unpack it, or pack the files as .zip"),
    (b"\xfd7zXZ", "is packed with xz", "Unpack it, or pack the files as .zip"),
    (b"7z\xbc\xaf", "is a 7-Zip archive", "Unpack it, or pack the files as .zip"),
    (b"Rar!", "is a RAR archive", "Unpack it, or pack the files as .zip"),
    (b"{\\rtf", "is a rich-text file (.rtf)", _AS_PDF),
    (b"\x7fELF", "is a program", "Import documents only"),
    (b"MZ\x90", "is a program", "Import documents only"),
    (b"SQLite format 3", "is a database", "Export its tables as .csv and import those"),
)
_BY_SUFFIX = {
    ".md": Kind.MARKDOWN,
    ".markdown": Kind.MARKDOWN,
    ".htm": Kind.HTML,
    ".html": Kind.HTML,
    ".xhtml": Kind.HTML,
    ".csv": Kind.TABLE,
    ".tsv": Kind.TABLE,
    ".json": Kind.JSON,
    ".jsonl": Kind.JSON,
    ".ndjson": Kind.JSON,
}
_HTML_START = lazy(
    r"^\s*+(?:<\?xml[^>]*>\s*+)?(?:<!--.*?-->\s*+)*+<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_MARKUP = lazy(r"</(?:p|div|h[1-6]|table|ul|ol|body|section|article)>", re.IGNORECASE)
_MARKUP_ENOUGH = 2
_DECLARED = lazy(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)


def of_bytes(data: bytes, name: str) -> Kind | None:
    """The kind of a file that is not text; None: it may be text."""
    head = data[:1024]
    if head.lstrip().startswith(b"%PDF-") or (b"%PDF-" in head and b"startxref" in data[-2048:]):
        return Kind.PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _of_zip(data, name)
    if head.startswith(_OLE):
        raise _ole(data, name)
    for magic, reason, remedy in _REFUSED:
        if head.startswith(magic):
            raise Unreadable(name, reason, remedy)
    return None


def of_text(text: str, name: str) -> Kind:
    """The kind of a file that is text."""
    start = text[:4096]
    named = _BY_SUFFIX.get(suffix(name))
    if _HTML_START.match(start):
        return Kind.HTML
    if named is Kind.MARKDOWN:
        return named
    if named is Kind.JSON or (start.lstrip()[:1] in ("{", "[") and _is_json(text)):
        return Kind.JSON
    if start.lstrip().startswith("<?xml"):
        raise Unreadable(name, "is XML", "Export it as .csv, .json or .html, and import that")
    if named:
        return named
    is_page = name.startswith(("http://", "https://")) or len(_MARKUP.findall(start)) >= _MARKUP_ENOUGH
    return Kind.HTML if is_page and _MARKUP.search(text) else Kind.TEXT


def declared_encoding(data: bytes) -> str | None:
    """The encoding that a web page says it is in."""
    found = _DECLARED.search(data[:4096])
    return found[1].decode("ascii", errors="ignore") if found else None


def suffix(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/").split("?")[0]).suffix.lower()


def stem(name: str) -> str:
    """The name without its folders and its ending: a title of last resort."""
    return PurePosixPath(name.replace("\\", "/").split("?")[0].rstrip("/")).stem or name


def _is_json(text: str) -> bool:
    """Whether the whole, or the first of several lines, is JSON."""
    for candidate in (text.strip().split("\n", 1)[0], text):
        try:
            value = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict | list):
            return True
    return False


def _of_zip(data: bytes, name: str) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, OverflowError) as error:
        raise Unreadable(name, "is damaged: its packing cannot be opened", "Save or download it again") from error
    if "[Content_Types].xml" in names:
        for folder, kind in (("word/", Kind.WORD), ("xl/", Kind.SHEETS)):
            if any(entry.startswith(folder) for entry in names):
                return kind
        raise Unreadable(name, "is an office file of a kind not read here", _AS_PDF)
    if "mimetype" in names or "META-INF/container.xml" in names:
        raise Unreadable(name, "is an OpenDocument file or an e-book", _AS_PDF)
    return Kind.ARCHIVE


def _ole(data: bytes, name: str) -> Unreadable:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return Unreadable(name, "is protected by a password", "Save a copy without the password, and import that")
    return Unreadable(
        name, "is an office file of the old kind (.doc, .xls, .ppt)", "Save it as .docx, .xlsx or PDF, and import that"
    )
