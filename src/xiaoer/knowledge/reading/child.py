"""The process that parses: started by `sandbox`, fed one file at a time, without secrets and within limits.

Each request is a line of JSON and the bytes of the file; each answer is one line of JSON. Run as a module.
"""

import contextlib
import dataclasses
import json
import logging
import os
import resource
import sys
import warnings
from typing import Any, BinaryIO

from xiaoer.knowledge.reading.characters import clean, decode
from xiaoer.knowledge.reading.extract import Extract
from xiaoer.knowledge.reading.kinds import Kind
from xiaoer.knowledge.reading.markup import unmarked
from xiaoer.knowledge.reading.office import word, workbook
from xiaoer.knowledge.reading.pages import page
from xiaoer.knowledge.reading.pdf import pdf
from xiaoer.knowledge.reading.problems import Limits, Unreadable

_DEEPEST = 3_000


def main() -> None:
    """Answer requests until the input ends. What libraries print goes nowhere."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    sys.setrecursionlimit(_DEEPEST)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, sys.stdout.fileno())
    os.dup2(silence, sys.stderr.fileno())
    requests = sys.stdin.buffer
    while line := requests.readline():
        request = json.loads(line)
        limits = Limits(**request["limits"])
        _confine(limits)
        answers.write(json.dumps(_answer(requests, request, limits)).encode() + b"\n")
        answers.flush()


def _confine(limits: Limits) -> None:
    """No files written, no core dumped, and no more memory than allowed (where the system knows such a limit)."""
    for what, amount in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (amount, amount))


def _answer(requests: BinaryIO, request: dict[str, Any], limits: Limits) -> dict[str, Any]:
    name = request["name"]
    data = requests.read(request["size"])
    try:
        extract = extracted(Kind(request["kind"]), data, name, limits)
    except Unreadable as problem:
        return {"reason": problem.reason, "remedy": problem.remedy}
    except MemoryError:
        return {"reason": "needs too much memory to read", "remedy": "Split it into smaller files"}
    except RecursionError:
        return {"reason": "is nested too deeply", "remedy": "Save it again in a simpler form, or as text"}
    except Exception:  # noqa: BLE001 - parsers of broken files raise anything at all; the file is what is wrong
        return {"reason": "is damaged: it cannot be read to its end", "remedy": "Save or export it again"}
    return {"extract": dataclasses.asdict(extract)}


def extracted(kind: Kind, data: bytes, name: str, limits: Limits) -> Extract:
    """The content of one file of a heavy kind."""
    match kind:
        case Kind.PDF:
            extract = pdf(data, name, limits)
        case Kind.WORD:
            extract = word(data, name)
        case Kind.SHEETS:
            extract = workbook(data, name, limits)
        case Kind.MARKUP:
            extract = Extract(texts=tuple(unmarked(text) for text in json.loads(data)))
        case Kind.HTML:
            is_address = name.startswith(("http://", "https://"))
            extract = page(decode(data) or "", name if is_address else None)
        case _:
            raise Unreadable(name, "is of a kind this process does not read", "Report this as a fault of Xiaoer")
    return Extract(
        title=clean(extract.title) if extract.title else None,
        markdown=clean(extract.markdown),
        sheets=tuple(sheet.clean(clean) for sheet in extract.sheets),
        pairs=tuple((clean(question), clean(answer)) for question, answer in extract.pairs),
        texts=tuple(clean(text) for text in extract.texts),
        notes=extract.notes,
    )


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        sys.exit(1)
