"""One at a time works out what many want at once; the others wait for it and take it."""

import asyncio
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Flight(Generic[T]):
    """Something being worked out while others wait for it. Whoever holds one has to end it, in one way or the other."""

    def __init__(self, outcome: asyncio.Future[T | None]) -> None:
        self._outcome = outcome

    def land(self, found: T | None = None) -> None:
        """Let the others go on with this; where there is nothing to share, all of them at once, each for itself."""
        if not self._outcome.done():
            self._outcome.set_result(found)

    def cut_off(self) -> None:
        """Let one of the others work it out instead; without effect after it has landed."""
        if not self._outcome.done():
            self._outcome.cancel()


class Flights(Generic[T]):
    """What is being worked out in this process, by key."""

    def __init__(self) -> None:
        self._outcomes: dict[Hashable, asyncio.Future[T | None]] = {}

    async def join(self, key: Hashable) -> "Flight[T] | T | None":
        """A flight of one's own where nobody is at it; else what another found, once they have, or None."""
        while (outcome := self._outcomes.get(key)) is not None:
            await asyncio.wait([outcome])
            if not outcome.cancelled():
                return outcome.result()
        mine: asyncio.Future[T | None] = asyncio.get_running_loop().create_future()
        self._outcomes[key] = mine
        mine.add_done_callback(lambda _: self._outcomes.pop(key, None))
        return Flight(mine)
