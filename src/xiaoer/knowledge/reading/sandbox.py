"""Heavy files are parsed in a process of their own, so that a hostile one cannot take the server down.

The process gets no secrets (an empty environment), may not write files, has a memory limit, and is killed when a
file takes too long; the next file then gets a fresh process.
"""

import dataclasses
import json
import os
import subprocess
import sys
import threading
from collections.abc import Collection
from types import TracebackType
from typing import Any, Self

from xiaoer.knowledge.reading.extract import Extract, Sheet
from xiaoer.knowledge.reading.kinds import Kind
from xiaoer.knowledge.reading.problems import MEBIBYTE, Limits, Unreadable

_LONGEST_ANSWER = 256 * MEBIBYTE
# What Python itself may need to start; nothing else of our environment is handed down.
_HANDED_DOWN = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH")


class Sandbox:
    """A parsing process for one import; started when first needed, used for file after file. Not for two threads."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def extract(self, kind: Kind, data: bytes, name: str) -> Extract:
        """The content of one file. Raises Unreadable, also when reading takes too long or too much memory."""
        process = self._running()
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(self._limits.seconds, stop)
        timer.start()
        try:
            answer = _ask(process, kind, data, name, self._limits)
        finally:
            timer.cancel()
        if answer is None:
            self.close()
            if late.is_set():
                reason = f"takes longer than {self._limits.seconds:g} seconds to read"
            else:
                reason = "makes the reading process fail, most likely for want of memory"
            raise Unreadable(name, reason, "Split it into smaller files, or save it again")
        if "extract" not in answer:
            raise Unreadable(name, answer["reason"], answer["remedy"])
        return _extract(answer["extract"])

    def plain(self, texts: Collection[str], name: str) -> dict[str, str]:
        """What texts with HTML in them show, each by itself: cells of a table, fields of records. Raises Unreadable."""
        given = list(texts)
        if not given:
            return {}
        return dict(zip(given, self.extract(Kind.MARKUP, json.dumps(given).encode(), name).texts, strict=True))

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.communicate()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            environment = {key: os.environ[key] for key in _HANDED_DOWN if key in os.environ}
            self._process = subprocess.Popen(
                [sys.executable, "-m", "xiaoer.knowledge.reading.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment | {"PYTHONIOENCODING": "utf-8", "OMP_NUM_THREADS": "1"},
            )
        return self._process


def _ask(process: subprocess.Popen[bytes], kind: Kind, data: bytes, name: str, limits: Limits) -> dict[str, Any] | None:
    """What the process answers; None: it ended instead."""
    request = {"kind": kind, "name": name, "size": len(data), "limits": dataclasses.asdict(limits)}
    if process.stdin is None or process.stdout is None:
        return None
    try:
        process.stdin.write(json.dumps(request).encode() + b"\n" + data)
        process.stdin.flush()
        line = process.stdout.readline(_LONGEST_ANSWER)
    except BrokenPipeError:
        return None
    if not line.endswith(b"\n"):
        return None
    answer: dict[str, Any] = json.loads(line)
    return answer


def _extract(fields: dict[str, Any]) -> Extract:
    return Extract(
        title=fields["title"],
        markdown=fields["markdown"],
        sheets=tuple(Sheet.from_json(sheet) for sheet in fields["sheets"]),
        pairs=tuple((question, answer) for question, answer in fields["pairs"]),
        texts=tuple(fields["texts"]),
        notes=tuple(fields["notes"]),
    )
