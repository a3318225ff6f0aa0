"""What becomes of files, pages and whole sites when they are read for the knowledge, one outcome after another."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from xiaoer.errors import XiaoerError
from xiaoer.knowledge.documents import Origin
from xiaoer.knowledge.fetching import ClientFactory, fetch_page, fetch_sitemap
from xiaoer.knowledge.reading.problems import printable
from xiaoer.knowledge.reading.reader import File, Outcome, Reader


@dataclass(frozen=True)
class Wanted:
    """What is to be imported. `limit` is of the pages of the sitemap; `folders` are those whose files are all given.

    With `keep`, what the sources no longer have stays public.
    """

    files: Sequence[File] = ()
    urls: Sequence[str] = ()
    sitemap: str | None = None
    limit: int = 0
    folders: Sequence[Path] = ()
    keep: bool = False


def place_of(folder: Path) -> str:
    """The name of a folder as a place of files."""
    return os.path.abspath(folder)  # noqa: PTH100 -- links stay: the name is what the operator calls it


def site_of(sitemap: str) -> str:
    """The name of a site as a place of pages."""
    return sitemap.rstrip("/")


async def gather(reader: Reader, client: ClientFactory, wanted: Wanted) -> AsyncIterator[Outcome]:
    """What came of every file, page and site, in the order given; the origin of a site's own problem is the site."""
    for file in wanted.files:
        async for outcome in _read(reader, file, _origin(file)):
            yield outcome
    for address in wanted.urls:
        async for outcome in _page(address, reader, client):
            yield outcome
    if wanted.sitemap:
        async for outcome in _site(wanted.sitemap, wanted.limit, reader, client):
            yield outcome


def _origin(file: File) -> Origin:
    name, content = (file.name, file) if isinstance(file, Path) else file
    place = place_of(content).removesuffix(name).rstrip("/\\") if isinstance(content, Path) else ""
    return Origin(printable(name), place)


async def _page(address: str, reader: Reader, client: ClientFactory) -> AsyncIterator[Outcome]:
    origin = Origin(address)
    try:
        page = await fetch_page(address, client=client)
    except XiaoerError as problem:
        yield Outcome(address, problem=problem, origin=origin)
        return
    async for outcome in _read(reader, (page.url, page.data), origin):
        yield outcome


async def _site(address: str, limit: int, reader: Reader, client: ClientFactory) -> AsyncIterator[Outcome]:
    place = site_of(address)
    try:
        async for visited in fetch_sitemap(address, limit, client=client):
            origin = Origin(visited.url, place)
            if visited.page is None:
                yield Outcome(visited.url, problem=visited.problem, origin=origin)
                continue
            async for outcome in _read(reader, (visited.page.url, visited.page.data), origin):
                yield outcome
    except XiaoerError as problem:
        yield Outcome(address, problem=problem, origin=Origin(place, place))


async def _read(reader: Reader, file: File, origin: Origin) -> AsyncIterator[Outcome]:
    outcomes = reader.outcomes(file)
    while outcome := await asyncio.to_thread(next, outcomes, None):
        yield replace(outcome, origin=origin)
