"""HTTP to a merchant's system, which may be slow, busy, broken or lying: JSON comes back, or a `ShopUnavailable` kind.

Reads are repeated with growing pauses, within a budget of time. Writes are sent once; only where the other side knows
idempotency keys may one be sent again. A system that keeps failing is left alone for a while.
"""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, Final, NoReturn
from urllib.parse import quote

import httpx
import structlog

from xiaoer.addresses import AddressRefused, GuardedTransport, NameUnknown, Resolve, resolve
from xiaoer.breaker import Breaker
from xiaoer.commerce.commerce import (
    OutcomeUnknown,
    ShopBusy,
    ShopGarbled,
    ShopRefused,
    ShopTimedOut,
    ShopUnavailable,
)
from xiaoer.errors import Invalid

TRIES: Final = 3
PAUSE_SECONDS: Final = 0.3
LONGEST_ANSWER: Final = 8_000_000
"""Bytes of one answer."""
DOWN: Final = "The shop's system does not answer at the moment. Please try again in a few minutes."
SLOW: Final = "The shop's system takes too long at the moment. Please try again in a few minutes."
BUSY: Final = "The shop's system is very busy at the moment. Please try again in a minute."
REFUSED: Final = "The shop's system does not let us in. The shop has to mend the connection."
GARBLED: Final = "The shop's system gives no usable answer at the moment. Please try again in a few minutes."
UNKNOWN: Final = "The shop's system did not say whether the change was made. A person will check before anything else."
_TELLING = frozenset({400, 404, 409, 410, 412, 422})
"""Statuses that say something about the request, which the connector understands."""
_NOT_SENT = (
    httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, AddressRefused, NameUnknown,
)  # fmt: skip
_log = structlog.get_logger(__name__)


class BadEndpoint(Invalid):
    """The address of a merchant's system cannot be used."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a merchant's system is and how it lets us in. Times are in seconds."""

    name: str
    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float = 8.0
    budget: float = 15.0
    """All tries of one read together."""


@dataclass(frozen=True)
class Answer:
    """What came back: JSON with decimals, never floats."""

    status: int
    data: Any
    headers: httpx.Headers

    @property
    def ok(self) -> bool:
        return self.status < 300  # noqa: PLR2004  # HTTP


class Wire:
    """One merchant's system over HTTP."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        allow_private: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
        resolve: Resolve = resolve,
        breaker: Breaker | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`allow_private`: the operator lets shops' systems be in the own network. Raises `BadEndpoint`."""
        check_address(endpoint.base_url, allow_private=allow_private)
        self.endpoint = endpoint
        self._sleep, self._clock = sleep, clock
        self._breaker = breaker or Breaker(failures=5, rest_seconds=20.0)
        guarded = GuardedTransport(allow_private=allow_private, resolve=resolve, connections=10, kept=5)
        self._client = httpx.AsyncClient(
            base_url=endpoint.base_url.rstrip("/") + "/",
            transport=transport or guarded,
            headers={"Accept": "application/json", "User-Agent": "Xiaoer", **endpoint.headers},
            timeout=httpx.Timeout(endpoint.timeout, connect=min(5.0, endpoint.timeout)),
            follow_redirects=False,
            trust_env=False,
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def read(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        method: str = "GET",
        body: Any = None,
        judge: Callable[[Answer], None] | None = None,
    ) -> Answer:
        """Ask something that changes nothing; tried up to three times.

        `method` and `body` are for systems that are asked by POST, such as GraphQL. `judge` looks at an answer that
        came with a good status and raises a `ShopUnavailable` kind where it says that it is none.
        """
        ends = self._clock() + self.endpoint.budget
        for attempt in range(TRIES):
            try:
                answer = await self._once(method, path, params, body, {}, changes=False)
                if judge is not None:
                    judge(answer)
            except ShopUnavailable as error:
                pause = PAUSE_SECONDS * 3**attempt * (0.5 + random.random())  # noqa: S311  # spreads tries
                if isinstance(error, ShopBusy) and error.retry_after is not None:
                    pause = error.retry_after
                last = attempt == TRIES - 1 or isinstance(error, (ShopRefused, ShopGarbled))
                if last or self._clock() + pause >= ends:
                    raise
                await self._sleep(pause)
            else:
                return answer
        raise AssertionError  # the last attempt returns or raises

    async def write(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
    ) -> Answer:
        """Change something, once; raises `OutcomeUnknown` where it may have happened.

        `repeatable`: the other side knows the key in the request, so a lost one is sent again.
        """
        try:
            return await self._once(method, path, params, body, headers or {}, changes=True)
        except OutcomeUnknown:
            if not repeatable:
                raise
        await self._sleep(PAUSE_SECONDS)
        return await self._once(method, path, params, body, headers or {}, changes=True)

    async def _once(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        body: Any,
        headers: Mapping[str, str],
        *,
        changes: bool,
    ) -> Answer:
        if not self._breaker.admits():
            raise ShopUnavailable(DOWN)
        try:
            answer = await self._exchange(method, path, params, body, headers, changes=changes)
        except (ShopBusy, ShopRefused):
            self._breaker.undecided()
            raise
        except ShopUnavailable:
            self._breaker.failed()
            raise
        except BaseException:
            self._breaker.undecided()
            raise
        self._breaker.succeeded()
        return answer

    async def _exchange(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        body: Any,
        headers: Mapping[str, str],
        *,
        changes: bool,
    ) -> Answer:
        given = {name: value for name, value in (params or {}).items() if value is not None}
        request = self._client.build_request(
            method, path.lstrip("/"), params=given or None, json=body, headers=dict(headers)
        )
        try:
            async with asyncio.timeout(self.endpoint.timeout):  # a drip of bytes never runs into httpx's own limits
                response = await self._client.send(request, stream=True)
                try:
                    content = await _limited(response)
                finally:
                    await response.aclose()
        except _NOT_SENT as error:
            self._fail(ShopUnavailable(DOWN), error)
        except (TimeoutError, httpx.TimeoutException) as error:
            self._fail(OutcomeUnknown(UNKNOWN) if changes else ShopTimedOut(SLOW), error)
        except (httpx.HTTPError, httpx.StreamError, _TooLong) as error:
            self._fail(OutcomeUnknown(UNKNOWN) if changes else ShopGarbled(GARBLED), error)
        return self._understood(response, content, changes=changes)

    def _understood(self, response: httpx.Response, content: bytes, *, changes: bool) -> Answer:
        status = response.status_code
        if status in (401, 403):
            self._fail(ShopRefused(REFUSED), status)
        if status == 429 or (status == 503 and not (changes and "retry-after" not in response.headers)):  # noqa: PLR2004
            self._fail(ShopBusy(BUSY, retry_after(response.headers)), status)
        if status >= 500:  # noqa: PLR2004  # HTTP
            self._fail(OutcomeUnknown(UNKNOWN) if changes else ShopUnavailable(DOWN), status)
        if status >= 300 and status not in _TELLING:  # noqa: PLR2004  # HTTP
            self._fail(ShopGarbled(GARBLED), f"{status} to {response.headers.get('location', 'nowhere')}"[:200])
        if not content.strip():
            return Answer(status, None, response.headers)
        try:
            data = parsed(content)
        except ValueError as error:
            if status in _TELLING and not content.lstrip().startswith(b"<"):  # a page says nothing about our request
                return Answer(status, None, response.headers)
            self._fail(OutcomeUnknown(UNKNOWN) if changes and status < 300 else ShopGarbled(GARBLED), error)  # noqa: PLR2004
        return Answer(status, data, response.headers)

    def _fail(self, failure: ShopUnavailable, why: object) -> NoReturn:
        """Raise it, and tell the operator what a customer need not know."""
        _log.warning("shop_failed", shop=self.endpoint.name, kind=type(failure).__name__, why=str(why)[:200])
        raise failure from (why if isinstance(why, BaseException) else None)


class _TooLong(Exception):
    """More bytes than an answer may have."""


async def _limited(response: httpx.Response) -> bytes:
    content = bytearray()
    async for piece in response.aiter_bytes():
        content += piece
        if len(content) > LONGEST_ANSWER:
            raise _TooLong(f"more than {LONGEST_ANSWER} bytes")
    return bytes(content)


def parsed(content: bytes) -> Any:
    """JSON with decimals for fractions; raises ValueError for HTML, NaN, bad UTF-8 and what is nested without end."""

    def refuse(name: str) -> NoReturn:
        raise ValueError(name)

    try:
        return json.loads(content, parse_float=Decimal, parse_constant=refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def retry_after(headers: httpx.Headers) -> float | None:
    """The seconds a `Retry-After` header asks for, written as seconds or as a date."""
    written = headers.get("retry-after", "").strip()
    try:
        return max(0.0, float(written)) if written else None
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(written)
    except ValueError:
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def segment(value: str) -> str:
    """A value as one segment of a path: it can lead nowhere else."""
    if value in (".", "..", ""):
        raise BadEndpoint("This is no number or name that a shop's system could know.")
    return quote(value, safe="")


def check_address(base_url: str, *, allow_private: bool) -> None:
    """Raises `BadEndpoint` for what is no address of a web service, or would send keys over the net in the open."""
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL as error:
        raise BadEndpoint(f"{base_url!r} is no web address such as https://shop.example/api.") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise BadEndpoint(f"{base_url!r} is no web address such as https://shop.example/api.")
    if url.userinfo or url.query or url.fragment:
        raise BadEndpoint("The address must hold no name, password, query or fragment. Enter keys in their own field.")
    if url.scheme == "http" and not allow_private:
        raise BadEndpoint("The address must begin with https: keys and orders would be readable on the way.")
