"""What the model hubs say of a file: its address, its length, its digest."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

import httpx

from xiaoer.llm.catalogue import Hub, HubFile
from xiaoer.llm.downloads import DownloadFailed, SourceUnreachable

HUBS: Final[Mapping[Hub, str]] = MappingProxyType(
    {"huggingface": "https://huggingface.co", "modelscope": "https://modelscope.cn"}
)
CONNECT_SECONDS: Final = 4.0
"""A hub that cannot be reached is given up quickly: another source follows."""
READ_SECONDS: Final = 30.0


@dataclass(frozen=True)
class Located:
    """A file as its hub describes it."""

    url: str
    size_bytes: int
    sha256: str


def hub_client() -> httpx.AsyncClient:
    """Return a client that follows a hub to its storage."""
    return httpx.AsyncClient(follow_redirects=True, timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS))


async def locate(client: httpx.AsyncClient, file: HubFile, endpoint: str) -> Located:
    """Ask a hub for a file; raise `DownloadFailed` when it does not answer or does not have it."""
    try:
        if file.hub == "huggingface":
            return await _at_huggingface(client, file, endpoint)
        return await _at_modelscope(client, file, endpoint)
    except httpx.HTTPStatusError as error:
        raise DownloadFailed(f"It answers with status {error.response.status_code}.") from error
    except httpx.HTTPError as error:
        raise SourceUnreachable("It cannot be reached.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DownloadFailed(f"It does not describe {file.path}.") from error


async def _at_huggingface(client: httpx.AsyncClient, file: HubFile, endpoint: str) -> Located:
    listed = await _asked(client, f"{endpoint}/api/models/{file.repository}/tree/main")
    found = _of_path(listed, "path", file.path)
    return Located(
        url=f"{endpoint}/{file.repository}/resolve/main/{quote(file.path)}",
        size_bytes=int(found["lfs"]["size"]),
        sha256=_digest(found["lfs"]["oid"]),
    )


async def _at_modelscope(client: httpx.AsyncClient, file: HubFile, endpoint: str) -> Located:
    repository = f"{endpoint}/api/v1/models/{file.repository}/repo"
    listed = await _asked(client, f"{repository}/files?Revision=master&Recursive=true")
    found = _of_path(listed["Data"]["Files"], "Path", file.path)
    return Located(
        url=f"{repository}?Revision=master&FilePath={quote(file.path, safe='')}",
        size_bytes=int(found["Size"]),
        sha256=_digest(found["Sha256"]),
    )


def _of_path(listed: Any, field: str, path: str) -> Any:
    found = [described for described in listed if described[field] == path]
    if not found:
        raise KeyError(path)
    return found[0]


async def _asked(client: httpx.AsyncClient, url: str) -> Any:
    response = await client.get(url)
    return response.raise_for_status().json()


def _digest(value: Any) -> str:
    text = str(value).lower()
    bytes.fromhex(text)
    if len(text) != len("0" * 64):
        message = "no SHA-256"
        raise ValueError(message)
    return text
