"""What PostgreSQL cannot hold is left out on the way in: NUL characters, and halves of surrogate pairs.

They come in what customers send, in what models write and in what other systems answer. None of them is anything that
anybody reads, so no request fails for them.
"""

import json
from typing import Any

from psycopg import AsyncConnection
from psycopg.abc import Buffer
from psycopg.types.json import set_json_dumps
from psycopg.types.string import StrBinaryDumper, StrDumper, StrDumperUnknown

NUL = "\x00"


def storable(text: str) -> str:
    """`text` as PostgreSQL can hold it."""
    return text.replace(NUL, "").encode("utf-8", "ignore").decode("utf-8")


def storable_json(value: Any) -> str:
    """`value` as JSON that PostgreSQL can hold."""
    text = json.dumps(value, ensure_ascii=False)
    if "\\u0000" in text:  # an escaped backslash before u0000 looks like it; cleaning then changes nothing
        text = json.dumps(_without(value), ensure_ascii=False)
    return storable(text)


def adapt(connection: AsyncConnection) -> None:
    """Make every statement of a connection send only what can be held."""
    for dumper in (_Binary, _Text, _Unknown):  # the last one is for values whose type the statement leaves open
        connection.adapters.register_dumper(str, dumper)
    set_json_dumps(storable_json, connection)


class _Binary(StrBinaryDumper):
    def dump(self, obj: str) -> Buffer | None:
        return super().dump(storable(obj))


class _Text(StrDumper):
    def dump(self, obj: str) -> Buffer | None:
        return super().dump(storable(obj))


class _Unknown(StrDumperUnknown):
    def dump(self, obj: str) -> Buffer | None:
        return super().dump(storable(obj))


def _without(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace(NUL, "")
    if isinstance(value, dict):
        return {key.replace(NUL, "") if isinstance(key, str) else key: _without(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without(each) for each in value]
    return value
