"""Zip files, opened with care: how much they unpack to is checked before anything is unpacked."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from xiaoer.knowledge.reading.problems import MEBIBYTE, Limits, Unreadable

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_SMALL = MEBIBYTE
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
_IGNORED = ("__MACOSX/", ".git/")
_IGNORED_NAMES = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


def check(data: bytes, name: str, limits: Limits) -> list[zipfile.ZipInfo]:
    """The entries of a zip that is safe to unpack. Raises Unreadable for a bomb, a locked or a damaged one."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, OverflowError) as error:
        raise Unreadable(name, "is damaged: its packing cannot be opened", "Save or download it again") from error
    if len(entries) > limits.entries:
        raise Unreadable(name, f"holds more than {limits.entries} files", "Split it into smaller archives")
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise Unreadable(name, "is protected by a password", "Pack it again without a password")
    total = sum(entry.file_size for entry in entries)
    if total > limits.unpacked_bytes:
        most = limits.unpacked_bytes // MEBIBYTE
        raise Unreadable(name, f"unpacks to more than {most} MB", "Split it into smaller files")
    if total > _SMALL and total > limits.ratio * max(1, len(data)):
        raise Unreadable(name, f"unpacks to more than {limits.ratio} times its size, as attacks do", "Pack it again")
    if any(entry.compress_type not in _METHODS for entry in entries):
        raise Unreadable(name, "is packed in an unusual way", "Pack it again as an ordinary .zip")
    return entries


def files(data: bytes, name: str, limits: Limits) -> Iterator[tuple[str, bytes | Unreadable]]:
    """The files of an archive with their names inside it; one that cannot be unpacked is a problem of its own.

    Names only serve as names: nothing is written to disk, so a path that climbs out of its folder goes nowhere.
    Such entries, and what operating systems leave in archives, are passed over.
    """
    entries = check(data, name, limits)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in entries:
            inner = _entry_name(entry)
            if entry.is_dir() or inner is None:
                continue
            if entry.file_size > limits.file_bytes:
                most = limits.file_bytes // MEBIBYTE
                yield inner, Unreadable(f"{name}/{inner}", f"is larger than {most} MB", "Split it into smaller files")
                continue
            try:
                yield inner, archive.read(entry)
            except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError):
                yield inner, Unreadable(f"{name}/{inner}", "is damaged inside the archive", "Pack it again")


def _entry_name(entry: zipfile.ZipInfo) -> str | None:
    """The name of an entry, None for one to pass over. Chinese Windows packs names in GB18030 without saying so."""
    inner = entry.filename
    if not entry.flag_bits & _UTF8_NAME:
        raw = inner.encode("cp437", errors="replace")
        for encoding in ("ascii", "utf-8", "gb18030"):
            try:
                inner = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    path = PurePosixPath(inner.replace("\\", "/"))
    climbs = path.is_absolute() or ".." in path.parts or any(":" in part for part in path.parts[:1])
    ignored = inner.startswith(_IGNORED) or path.name in _IGNORED_NAMES or path.name.startswith("~$")
    return None if climbs or ignored or not path.name else str(path)
