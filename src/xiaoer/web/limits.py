"""Limits per minute, in memory for one process or in Redis for several."""

import math
import time

from limits import RateLimitItemPerMinute
from limits.aio.strategies import MovingWindowRateLimiter
from limits.storage import storage_from_string

from xiaoer import telemetry


class TooManyRequests(Exception):
    """A limit was reached: answered with 429 and Retry-After (seconds)."""

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after = retry_after


class Limits:
    """Requests per minute by name and holder."""

    def __init__(self, redis_url: str | None) -> None:
        address = f"async+{redis_url}" if redis_url else "async+memory://"
        self._windows = MovingWindowRateLimiter(storage_from_string(address, implementation="redispy"))

    async def take(self, limit: str, holder: object, per_minute: int, detail: str = "") -> None:
        """Count one request; raises `TooManyRequests` when the minute is full. `detail` may name {seconds}."""
        item = RateLimitItemPerMinute(per_minute)
        if await self._windows.hit(item, limit, str(holder)):
            return
        telemetry.LIMITED.labels(limit).inc()
        stats = await self._windows.get_window_stats(item, limit, str(holder))
        seconds = max(1, math.ceil(stats.reset_time - time.time()))
        text = detail or "Too many requests in a minute; please wait {seconds} seconds."
        raise TooManyRequests(text.format(seconds=seconds), seconds)
