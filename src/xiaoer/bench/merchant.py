"""A merchant's HTTP API on this machine, for measuring and for tests: real sockets, any answer one likes."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Call:
    """One request as it came; `data` is its body read as JSON, or its query where it has none."""

    method: str
    path: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Given:
    """What is answered: JSON, or a text as it is."""

    body: Any
    status: int = 200
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


Answering = Callable[[Call], Given]


@contextmanager
def serving(answer: Answering) -> Iterator[str]:
    """Serve on a free port of the loopback until the end of the block; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: in two they wait for each other

        def handle_one(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            data = json.loads(body) if body else dict(parse_qsl(parts.query))
            given = answer(Call(self.command, parts.path, data))
            text = given.body if isinstance(given.body, str) else json.dumps(given.body, ensure_ascii=False)
            written = text.encode()
            self.send_response(given.status)
            self.send_header("Content-Type", given.content_type)
            self.send_header("Content-Length", str(len(written)))
            for name, value in given.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(written)

        do_GET = do_POST = do_PUT = do_DELETE = handle_one  # noqa: N815  # the names the library calls

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the library's name
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
