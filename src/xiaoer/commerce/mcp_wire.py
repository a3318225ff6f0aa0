"""Tools of an MCP server in the place of HTTP operations: the same choices, the same care with writes.

A server is reached over streamable HTTP, or is a program that the operator (never a shop) has named, over its standard
input and output. One connection is kept open by a task of its own and made anew when it breaks.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import Any, Final

import httpx
import httpx2
import structlog
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from xiaoer.addresses import GuardedTransport, resolve
from xiaoer.breaker import Breaker
from xiaoer.commerce.commerce import OutcomeUnknown, ShopTimedOut, ShopUnavailable
from xiaoer.commerce.openapi import ApiDocument, BadDocument, Operation, read_document
from xiaoer.commerce.wire import DOWN, SLOW, UNKNOWN, Answer, Endpoint, check_address, parsed

MOST_TOOLS: Final = 500
_log = structlog.get_logger(__name__)


class McpWire:
    """One MCP server. `read` and `write` are those of `wire.Wire`; the path of an operation is its tool's name."""

    def __init__(
        self, server: StdioServerParameters | Endpoint, *, timeout: float = 8.0, allow_private: bool = False
    ) -> None:
        if isinstance(server, Endpoint):
            check_address(server.base_url, allow_private=allow_private)
        self._server = server
        self._timeout = timeout
        self._allow_private = allow_private
        self._breaker = Breaker(failures=5, rest_seconds=20.0)
        self._lock = asyncio.Lock()
        self._client: Client | None = None
        self._owner: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()

    async def close(self) -> None:
        owner, self._owner, self._client = self._owner, None, None
        self._stop.set()
        if owner is not None:
            with suppress(Exception):
                await owner

    async def document(self) -> ApiDocument:
        """The server's tools as operations; raises `BadDocument` naming the tool whose arguments make no sense."""
        operations: dict[str, Operation] = {}
        cursor: str | None = None
        while len(operations) <= MOST_TOOLS:
            page = await self._asked(partial(_list_tools, cursor), changes=False)
            for tool in page.tools:
                operations[tool.name] = _operation(tool.name, tool.description or "", tool.input_schema)
            if not page.next_cursor or page.next_cursor == cursor:
                return ApiDocument(title="MCP", servers=(), operations=operations)
            cursor = page.next_cursor
        raise BadDocument(f"The server has more than {MOST_TOOLS} tools.")

    async def read(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,  # noqa: ARG002  # tools take all in the body
        *,
        method: str = "POST",  # noqa: ARG002
        body: Any = None,
        judge: Callable[[Answer], None] | None = None,  # noqa: ARG002
    ) -> Answer:
        try:
            return await self._called(path, body, changes=False)
        except ShopTimedOut:
            raise
        except ShopUnavailable:  # once more, over a new connection
            return await self._called(path, body, changes=False)

    async def write(
        self,
        method: str,  # noqa: ARG002  # one for all tools
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, Any] | None = None,  # noqa: ARG002
        headers: Mapping[str, str] | None = None,  # noqa: ARG002
        repeatable: bool = False,  # noqa: ARG002  # the ledger sends it again, not we
    ) -> Answer:
        return await self._called(path, body, changes=True)

    async def _called(self, path: str, body: Any, *, changes: bool) -> Answer:
        given = dict(body or {})
        result = await self._asked(lambda client: client.call_tool(path.strip("/"), given), changes=changes)
        said = "\n".join(part.text for part in result.content if part.type == "text")
        if result.is_error:
            return Answer(422, {"error": said[:500]}, httpx.Headers())
        if result.structured_content is not None:
            return Answer(200, parsed(json.dumps(result.structured_content).encode()), httpx.Headers())
        try:
            return Answer(200, parsed(said.encode()), httpx.Headers())
        except ValueError:
            return Answer(200, {"text": said}, httpx.Headers())

    async def _asked(self, ask: Callable[[Client], Any], *, changes: bool) -> Any:
        if not self._breaker.admits():
            raise ShopUnavailable(DOWN)
        sent = False
        try:
            async with asyncio.timeout(self._timeout):
                client = await self._connected()
                sent = True
                answer = await ask(client)
        except asyncio.CancelledError:
            self._breaker.undecided()
            raise
        except Exception as error:
            self._breaker.failed()
            kind = type(error).__name__
            _log.warning("shop_failed", shop="mcp", kind=kind, why=str(error)[:200])
            if not isinstance(error, MCPError):
                await self.close()
            if changes and sent:
                raise OutcomeUnknown(UNKNOWN) from error
            raise (ShopTimedOut(SLOW) if isinstance(error, TimeoutError) else ShopUnavailable(DOWN)) from error
        self._breaker.succeeded()
        return answer

    async def _connected(self) -> Client:
        async with self._lock:
            if self._client is None or self._owner is None or self._owner.done():
                self._stop = asyncio.Event()
                ready: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
                self._owner = asyncio.create_task(self._held_open(ready, self._stop))
                self._client = await ready
            return self._client

    async def _held_open(self, ready: asyncio.Future[Client], stop: asyncio.Event) -> None:
        """Own the connection: it must be closed by the task that opened it."""
        try:
            async with AsyncExitStack() as stack:
                transport = await self._transport(stack)
                client = await stack.enter_async_context(Client(transport, read_timeout_seconds=self._timeout))
                ready.set_result(client)
                await stop.wait()
        except Exception as error:  # noqa: BLE001  # told to whoever waits for the connection
            if not ready.done():
                ready.set_exception(ShopUnavailable(DOWN))
            _log.warning("shop_failed", shop="mcp", kind="connection", why=str(error)[:200])

    async def _transport(self, stack: AsyncExitStack) -> Any:
        if isinstance(self._server, StdioServerParameters):
            return self._server
        guarded = GuardedTransport(allow_private=self._allow_private, resolve=resolve, connections=10, kept=5)
        client = httpx2.AsyncClient(
            transport=_Bridge(guarded), headers=dict(self._server.headers), timeout=self._timeout, trust_env=False
        )
        await stack.enter_async_context(client)
        return streamable_http_client(self._server.base_url, http_client=client)


async def _list_tools(cursor: str | None, client: Client) -> Any:
    return await client.list_tools(cursor=cursor)


def _operation(name: str, description: str, schema: Mapping[str, Any]) -> Operation:
    body = {"content": {"application/json": {"schema": schema}}}
    root = {
        "openapi": "3.1.0",
        "paths": {f"/{name}": {"post": {"operationId": name, "summary": description, "requestBody": body}}},
        "$defs": schema.get("$defs", {}),
    }
    return read_document(json.dumps(root).encode()).operations[name]


class _Stream(httpx2.AsyncByteStream):
    """The bytes of an answer, handed on as they come."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._inner:
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Bridge(httpx2.AsyncBaseTransport):
    """The library speaks httpx2; addresses are checked by a transport of httpx."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        asked = httpx.Request(
            request.method, str(request.url), headers=request.headers.multi_items(), content=await request.aread(),
            extensions=dict(request.extensions),
        )  # fmt: skip
        try:
            answer = await self._inner.handle_async_request(asked)
        except httpx.TransportError as error:
            raise httpx2.ConnectError(str(error), request=request) from error
        return httpx2.Response(
            answer.status_code, headers=answer.headers.multi_items(), stream=_Stream(answer.stream), request=request
        )

    async def aclose(self) -> None:
        await self._inner.aclose()
