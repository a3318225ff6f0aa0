"""Files and pictures in a conversation: told apart by their bytes, and kept where no web server serves them by path.

A file is known by a long random key that only the conversation's own messages carry. Its kind is what its bytes say,
never what its sender says, and only kinds on the list are taken at all.
"""

import re
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ForeignKey, Index
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from xiaoer.conversations.tables import Conversation, Message
from xiaoer.db.record import Record, now
from xiaoer.errors import Invalid, NotFound
from xiaoer.stores import digest

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"RIFF", "image/webp"),
    (b"%PDF-", "application/pdf"),
)
OFFICE: Mapping[bytes, str] = {
    b"word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    b"xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LONGEST_NAME = 120
SNIFFED = 4096
AT_ONCE = 200
"""Files that are erased in one go."""


class FileRefused(Invalid):
    """A file of a kind, or a size, that is not taken."""


class FileTooLarge(FileRefused):
    """A file of more bytes than the desk takes."""


class FileKindRefused(FileRefused):
    """A file that is neither picture, PDF, Word, Excel nor text."""


class UnknownFile(NotFound):
    """No file of that key."""


class FileErased(NotFound):
    """There was such a file; its bytes were erased."""


class Attachment(Record):
    """A file of a conversation; `digest` is of the key by which it is fetched, its bytes lie under its id.

    At `erased_at` the bytes were erased; what the message carries of the file then says so too.
    """

    __tablename__ = "attachments"
    __table_args__ = (
        Index("ix_attachments_kept", "store_id", "conversation_id", postgresql_where=sa.text("erased_at is null")),
    )

    store_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    size: Mapped[int] = mapped_column(sa.BigInteger)
    erased_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Taken:
    """A file that may be kept: its clean name, its kind by its bytes, and the bytes."""

    name: str
    kind: str
    data: bytes


def taken(name: str, data: bytes, *, most_bytes: int) -> Taken:
    """Check a file; raises `FileRefused`."""
    if not data:
        raise FileRefused("The file is empty.")
    if len(data) > most_bytes:
        raise FileTooLarge(f"The file is larger than {most_bytes // 1_000_000} MB. Please send a smaller one.")
    kind = kind_of(data)
    if kind is None:
        raise FileKindRefused("Only pictures (PNG, JPEG, GIF, WebP), PDF, Word, Excel and plain text are taken.")
    return Taken(clean_name(name), kind, data)


def kind_of(data: bytes) -> str | None:
    """The media type by the bytes alone; None for what is not taken."""
    head = data[:SNIFFED]
    for begins, kind in SIGNATURES:
        if head.startswith(begins) and (kind != "image/webp" or head[8:12] == b"WEBP"):
            return kind
    if head.startswith(b"PK\x03\x04"):
        return next((kind for folder, kind in OFFICE.items() if folder in data), None)
    return "text/plain" if _is_text(data) else None


def clean_name(name: str) -> str:
    """A file name to show: no path, nothing that cannot be printed, not endless."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(letter for letter in last if letter.isprintable()).strip(" .")
    return shown[-LONGEST_NAME:] or "file"


def write(folder: Path, attachment_id: uuid.UUID, data: bytes) -> None:
    """Keep the bytes; call it in a thread. The file can be read by this user only, and run by nobody."""
    path = path_of(folder, attachment_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_bytes(data)


def remove(folder: Path, attachment_id: uuid.UUID) -> None:
    """Forget the bytes of a file; call it in a thread."""
    path_of(folder, attachment_id).unlink(missing_ok=True)


def path_of(folder: Path, attachment_id: uuid.UUID) -> Path:
    """Where the bytes of a file lie below the data folder."""
    return folder / "attachments" / attachment_id.hex[:2] / attachment_id.hex


def keep(session: AsyncSession, conversation: Conversation, attachment_id: uuid.UUID, file: Taken) -> dict[str, Any]:
    """Keep what is known of a file whose bytes are written; returns what its message carries."""
    key = secrets.token_urlsafe(24)
    session.add(
        Attachment(
            id=attachment_id,
            store_id=conversation.store_id,
            conversation_id=conversation.id,
            digest=digest(key),
            name=file.name,
            kind=file.kind,
            size=len(file.data),
        )
    )
    return {"url": f"/files/{key}", "name": file.name, "type": file.kind, "size": len(file.data)}


async def by_key(session: AsyncSession, key: str) -> Attachment:
    """A file whose bytes are there; raises `UnknownFile` and `FileErased`."""
    found = await session.scalar(sa.select(Attachment).where(Attachment.digest == digest(key)))
    if found is None:
        raise UnknownFile("There is no such file.")
    if found.erased_at is not None:
        raise FileErased(f"This file was erased on {found.erased_at.date().isoformat()}.")
    return found


async def outlived(
    session: AsyncSession, store_id: uuid.UUID, *, closed_before: datetime
) -> Mapping[uuid.UUID, Sequence[Attachment]]:
    """Files of a store whose bytes are there and whose conversation was closed before a moment, by conversation."""
    query = (
        sa.select(Attachment)
        .join(Conversation, Conversation.id == Attachment.conversation_id)
        .where(Attachment.store_id == store_id, Attachment.erased_at.is_(None), Conversation.closed_at < closed_before)
        .order_by(Attachment.conversation_id)
        .limit(AT_ONCE)
    )
    found: dict[uuid.UUID, list[Attachment]] = {}
    for each in await session.scalars(query):
        found.setdefault(each.conversation_id, []).append(each)
    return found


async def mark_erased(session: AsyncSession, conversation_id: uuid.UUID, files: Sequence[Attachment]) -> None:
    """Say of files, and in the messages that carry them, that their bytes are gone; call it when they are."""
    moment, digests = now(), {each.digest for each in files}
    ids = [each.id for each in files]
    await session.execute(sa.update(Attachment).where(Attachment.id.in_(ids)).values(erased_at=moment))
    carrying = sa.select(Message).where(
        Message.conversation_id == conversation_id, sa.func.jsonb_array_length(Message.attachments) > 0
    )
    for message in await session.scalars(carrying.with_for_update()):
        message.attachments = [
            each | {"erased_at": moment.isoformat().replace("+00:00", "Z")}
            if digest(each["url"].removeprefix("/files/")) in digests
            else each
            for each in message.attachments
        ]


def _is_text(data: bytes) -> bool:
    if b"\x00" in data:
        return False
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter in "\r\n\t\ufeff" for letter in text[:SNIFFED])
