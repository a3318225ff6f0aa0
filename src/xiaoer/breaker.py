"""Leaves a broken part outside alone for a while, so that nobody waits for it in vain."""

import time
from collections.abc import Callable

Clock = Callable[[], float]


class Breaker:
    """Lets calls through (closed) until `failures` in a row, then none (open) for `rest_seconds`, then one (half open).

    The one call decides: when it succeeds the breaker closes, when it fails it opens again.
    """

    def __init__(self, *, failures: int = 3, rest_seconds: float = 20.0, clock: Clock = time.monotonic) -> None:
        self._limit = failures
        self._rest = rest_seconds
        self._clock = clock
        self._failed = 0
        self._opened_at: float | None = None
        self._trying = False

    @property
    def state(self) -> str:
        """`closed`, `open` or `half-open`."""
        if self._opened_at is None:
            return "closed"
        return "half-open" if self._clock() - self._opened_at >= self._rest else "open"

    def admits(self) -> bool:
        """Tell whether a call may be made now; a call that is admitted must report how it ended."""
        if self.state == "closed":
            return True
        if self.state == "open" or self._trying:
            return False
        self._trying = True
        return True

    def succeeded(self) -> None:
        self._failed = 0
        self._opened_at = None
        self._trying = False

    def failed(self) -> None:
        self._failed += 1
        self._trying = False
        if self._failed >= self._limit or self._opened_at is not None:
            self._opened_at = self._clock()

    def undecided(self) -> None:
        """The call ended without telling anything about the other side."""
        self._trying = False
