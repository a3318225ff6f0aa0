"""Ending background tasks for certain."""

import asyncio

AGAIN_SECONDS = 0.5


async def end(task: asyncio.Task[None]) -> None:
    """Cancel a task until it is over.

    Once may not be enough: Python 3.11's `asyncio.wait_for`, on which psycopg waits, forgets a cancellation that comes
    in the moment its answer is there (https://github.com/python/cpython/issues/86296).
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=AGAIN_SECONDS)
