"""Brings one file from a web address, goes on where it stopped, and leaves nothing half-made."""

import asyncio
import errno
import hashlib
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO, Final

import httpx

from xiaoer.errors import Unavailable

CHUNK_BYTES: Final = 1 << 20
TRIES: Final = 5
"""New connections for one file; a try that brought something does not count."""

OnBytes = Callable[[int], None]
"""Told how many bytes of the file are there."""


class DownloadFailed(Unavailable):
    """A source did not give the file; another may."""


class SourceUnreachable(DownloadFailed):
    """Nothing answers there; other files of this source need not be tried."""


class WrongDigest(DownloadFailed):
    """The file is not the one it should be; it was thrown away."""


class OutOfSpace(Unavailable):
    """The disk is full; what was begun was taken away."""


async def download(client: httpx.AsyncClient, url: str, part: Path, *, size: int, on_bytes: OnBytes) -> None:
    """Bring `size` bytes from the address into `part`, going on from what it holds.

    Raises:
        DownloadFailed: the source does not answer, or not with this file; `part` is kept for the next try.
        OutOfSpace: `part` is gone.

    """
    tries, furthest = 0, present_bytes(part, at_most=size)
    while (had := present_bytes(part, at_most=size)) < size:
        if tries == TRIES:
            raise DownloadFailed(f"The connection broke {TRIES} times.")
        tries += 1
        try:
            await _download_once(client, url, part, had=had, size=size, on_bytes=on_bytes)
        except httpx.ConnectError as error:
            raise SourceUnreachable("It cannot be reached.") from error
        except httpx.HTTPError:
            await asyncio.sleep(0)
        if (reached := present_bytes(part, at_most=size)) > furthest:
            tries, furthest = 0, reached
    on_bytes(size)


async def _download_once(
    client: httpx.AsyncClient, url: str, part: Path, *, had: int, size: int, on_bytes: OnBytes
) -> None:
    async with _answered(client, url, had) as response:
        resumes = response.headers.get("content-range", "").startswith(f"bytes {had}-")
        with room_on_disk(part), part.open("ab" if resumes else "wb") as file:
            done = had if resumes else 0
            async for chunk in response.aiter_bytes():
                done += len(chunk)
                if done > size:
                    file.truncate(0)
                    raise DownloadFailed("It sends more than the file should have.")
                file.write(chunk)
                on_bytes(done)


@asynccontextmanager
async def _answered(client: httpx.AsyncClient, url: str, had: int) -> AsyncIterator[httpx.Response]:
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={had}-"} if had else {})
    async with client.stream("GET", url, headers=headers) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE or not response.is_success:
            raise DownloadFailed(f"It answers with status {response.status_code}.")
        yield response


def present_bytes(part: Path, *, at_most: int) -> int:
    """Return how much of a file is there; what is too long is thrown away."""
    had = part.stat().st_size if part.exists() else 0
    if had > at_most:
        part.unlink()
        return 0
    return had


def check_digest(path: Path, sha256: str) -> None:
    """Raise `WrongDigest`, with the file gone, unless its SHA-256 is this one; a large file takes seconds."""
    found = digest_of(path)
    if found != sha256.lower():
        path.unlink()
        raise WrongDigest(f"Its SHA-256 is {found[:12]}…, not {sha256[:12]}…; it was thrown away.")


def digest_of(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def room_on_disk(part: Path) -> Iterator[None]:
    """Turn a full disk into `OutOfSpace`, with the part gone."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        part.unlink(missing_ok=True)
        raise OutOfSpace(f"The disk of {part.parent} is full; make room and try again.") from error


def check_room(directory: Path, wanted: int) -> None:
    """Raise `OutOfSpace` unless so many bytes fit into the directory."""
    free = shutil.disk_usage(directory).free
    if free < wanted:
        needed, there = f"{wanted / 1e6:,.0f} MB", f"{free / 1e6:,.0f} MB"
        raise OutOfSpace(f"The model needs {needed} in {directory}, where {there} are free; make room first.")


def copy(stream: IO[bytes], file: IO[bytes], *, at_most: int) -> int:
    """Copy a stream to its end and return how long it was; raise `DownloadFailed` when it is longer than it may be."""
    done = 0
    while chunk := stream.read(CHUNK_BYTES):
        done += len(chunk)
        if done > at_most:
            raise DownloadFailed("A part is longer than it should be.")
        file.write(chunk)
    return done
