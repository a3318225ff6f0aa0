"""Connections: as uvicorn keeps them, but nobody holds one open with a request they never finish."""

import asyncio
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from xiaoer.desk.desk import Desk
from xiaoer.web.server import create_app

TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Protocol(H11Protocol):
    """One connection. The head of a request has to come within `head_seconds`, however slowly it drips; its body may
    take its time, but not be silent for `silent_seconds`.
    """

    head_seconds = 10.0
    silent_seconds = 30.0
    _ending: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._end_in(self.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._go_on()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        super().handle_events()
        if self.conn.their_state is h11.SEND_BODY:
            self._go_on()
            self._end_in(self.silent_seconds)
        elif self.conn.their_state is not h11.IDLE or not self.conn.trailing_data[0]:
            self._go_on()  # a whole request is here, or uvicorn's own limit for idle connections holds
        elif self._ending is None:
            self._end_in(self.head_seconds)

    def _end_in(self, seconds: float) -> None:
        self._ending = self.loop.call_later(seconds, self._end)

    def _go_on(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None

    def _end(self) -> None:
        if self.conn.their_state is h11.SEND_BODY and self.flow.read_paused:  # it is we who are slow
            self._end_in(self.silent_seconds)
            return
        if self.conn.our_state is h11.IDLE:
            self.transport.write(TIMED_OUT)
        self.transport.close()


def served_by_uvicorn(desk: Desk, **more: Any) -> uvicorn.Config:
    """How uvicorn serves a desk."""
    return uvicorn.Config(create_app(desk), http=Protocol, ws="none", **more)
