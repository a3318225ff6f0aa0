"""What becomes of files, pages and whole sites when they are read for the knowledge, one outcome after another."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from xiaoer.errors import XiaoerError
from xiaoer.knowledge.fetching import ClientFactory, fetch_page, fetch_sitemap
from xiaoer.knowledge.reading.reader import File, Outcome, Reader


async def gather(
    reader: Reader,
    client: ClientFactory,
    *,
    files: Sequence[File],
    urls: Sequence[str],
    sitemap: str | None,
    limit: int,
) -> AsyncIterator[Outcome]:
    """What came of every file, page and site, in the order given; `limit` is of the pages of the sitemap."""
    for file in files:
        async for outcome in _read(reader, file):
            yield outcome
    for address in urls:
        async for outcome in _page(address, reader, client):
            yield outcome
    if sitemap:
        async for outcome in _site(sitemap, limit, reader, client):
            yield outcome


async def _page(address: str, reader: Reader, client: ClientFactory) -> AsyncIterator[Outcome]:
    try:
        page = await fetch_page(address, client=client)
    except XiaoerError as problem:
        yield Outcome(address, problem=problem)
        return
    async for outcome in _read(reader, (page.url, page.data)):
        yield outcome


async def _site(address: str, limit: int, reader: Reader, client: ClientFactory) -> AsyncIterator[Outcome]:
    try:
        async for visited in fetch_sitemap(address, limit, client=client):
            if visited.page is None:
                yield Outcome(visited.url, problem=visited.problem)
                continue
            async for outcome in _read(reader, (visited.page.url, visited.page.data)):
                yield outcome
    except XiaoerError as problem:
        yield Outcome(address, problem=problem)


async def _read(reader: Reader, file: File) -> AsyncIterator[Outcome]:
    outcomes = reader.outcomes(file)
    while outcome := await asyncio.to_thread(next, outcomes, None):
        yield outcome
