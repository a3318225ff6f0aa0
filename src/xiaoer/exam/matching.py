"""Regular expressions of a shop's file, searched in a process of their own.

Python's engine can take hours over a pattern that somebody wrote without care, and nothing in its own process can stop
it: so another process searches, and is ended when it takes too long.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Self, TypeAlias

from xiaoer.errors import Invalid

Span: TypeAlias = tuple[int, int]
SECONDS = 5.0
STARTING_SECONDS = 60.0


class PatternTooSlow(Invalid):
    """A pattern of the file takes too long to search."""


class Matcher:
    """Searches patterns, as they stand in `matching_child`, one request after another."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    async def find(self, patterns: Sequence[str], text: str) -> list[list[Span]]:
        """Where each pattern stands in the text; raises `PatternTooSlow` naming the one that takes too long."""
        process = await self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"patterns": list(patterns), "text": text}).encode() + b"\n")
        await process.stdin.drain()
        found: list[list[Span]] = []
        for pattern in patterns:
            try:
                async with asyncio.timeout(self._seconds):
                    line = await process.stdout.readline()
            except TimeoutError:
                line = b""
            if not line:
                await self._end()
                raise PatternTooSlow(f"This pattern takes too long to search, write it more simply: {pattern[:300]}")
            found.append([(begin, end) for begin, end in json.loads(line)])
        return found

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            pipe = asyncio.subprocess.PIPE
            command = (sys.executable, "-m", "xiaoer.exam.matching_child")
            self._process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=2**24)
            assert self._process.stdout is not None
            async with asyncio.timeout(STARTING_SECONDS):
                await self._process.stdout.readline()
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.communicate()
