"""Live events by topic: in memory for one process, over Redis between several.

An event lost here loses nothing: whatever matters is stored first, and readers catch up from the database.
"""

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

Event = Mapping[str, Any]
QUEUE_LENGTH = 1000
log = structlog.get_logger(__name__)


class Broadcast(Protocol):
    """Publish to a topic; subscribers of that moment receive it, in order."""

    async def publish(self, topic: str, event: Event) -> None: ...

    def subscribe(self, topic: str) -> AbstractAsyncContextManager[AsyncIterator[Event]]: ...

    async def close(self) -> None: ...


class MemoryBroadcast:
    """Events within this process. A reader that falls 1,000 events behind is cut off and must catch up."""

    def __init__(self) -> None:
        self._queues: dict[str, set[asyncio.Queue[Event | None]]] = defaultdict(set)

    async def publish(self, topic: str, event: Event) -> None:
        for queue in list(self._queues.get(topic, ())):
            if queue.qsize() >= QUEUE_LENGTH:
                self._queues[topic].discard(queue)
                queue.put_nowait(None)
            else:
                queue.put_nowait(event)

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[AsyncIterator[Event]]:
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._queues[topic].add(queue)
        try:
            yield _drain(queue)
        finally:
            self._queues[topic].discard(queue)
            if not self._queues[topic]:
                del self._queues[topic]

    async def close(self) -> None:
        for queues in self._queues.values():
            for queue in queues:
                queue.put_nowait(None)


class RedisBroadcast:
    """Events between processes: each hears every topic over one connection and hands out locally."""

    CHANNEL = "xiaoer:events"

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url)
        self._local = MemoryBroadcast()
        self._listener: asyncio.Task[None] | None = None

    async def publish(self, topic: str, event: Event) -> None:
        self._listen()
        try:
            await self._redis.publish(self.CHANNEL, json.dumps([topic, dict(event)], default=str))
        except RedisError as error:
            log.warning("broadcast.redis_down", error=str(error))
            await self._local.publish(topic, event)  # readers of this process at least

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[AsyncIterator[Event]]:
        self._listen()
        async with self._local.subscribe(topic) as events:
            yield events

    async def close(self) -> None:
        if self._listener:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener
        await self._local.close()
        await self._redis.aclose()

    def _listen(self) -> None:
        if self._listener is None:
            self._listener = asyncio.create_task(self._hear())

    async def _hear(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as channel:
                    await channel.subscribe(self.CHANNEL)
                    async for heard in channel.listen():
                        if heard["type"] == "message":
                            topic, event = json.loads(heard["data"])
                            await self._local.publish(topic, event)
            except RedisError as error:
                log.warning("broadcast.redis_lost", error=str(error))
                await asyncio.sleep(1)


async def _drain(queue: "asyncio.Queue[Event | None]") -> AsyncIterator[Event]:
    while (event := await queue.get()) is not None:
        yield event
