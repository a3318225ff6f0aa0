"""Files of any supported kind read into documents: `read` for one, `read_all` for many, each with its own outcome."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from xiaoer.knowledge.documents import Document
from xiaoer.knowledge.reading.problems import DEFAULT_LIMITS, Limits
from xiaoer.knowledge.reading.reader import DEFAULT_ZONE, File, Outcome, Reader


def read(
    data: bytes,
    name: str,
    *,
    mapping: Mapping[str, Any] | None = None,
    zone: str = DEFAULT_ZONE,
    limits: Limits = DEFAULT_LIMITS,
) -> list[Document]:
    """The documents of one file. Blocks: call it in a thread.

    `name` is a file name or an address; it goes into the keys. `mapping` says what the fields of records are
    (see docs/knowledge.md), `zone` is the time zone of dates in the file. Raises Unreadable with the name, the
    reason and what to do; of an archive, for the first file in it that cannot be read.
    """
    documents: list[Document] = []
    for outcome in read_all([(name, data)], mapping=mapping, zone=zone, limits=limits):
        if outcome.problem:
            raise outcome.problem
        documents += outcome.documents
    return documents


def read_all(
    files: Iterable[File],
    *,
    mapping: Mapping[str, Any] | None = None,
    zone: str = DEFAULT_ZONE,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Outcome]:
    """One outcome for each file, and for each file in an archive; a bad one does not keep the others back.

    A file is a path, or the name it is to be known by with its path or its bytes. Blocks: iterate in a thread.
    Raises BadMapping before the first outcome when the mapping is wrong.
    """
    with Reader(mapping=mapping, zone=zone, limits=limits) as reader:
        for file in files:
            yield from reader.outcomes(file)
