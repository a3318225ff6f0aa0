"""A model that scores how well texts answer a question, at a server of any kind that has one.

vLLM, Infinity, llama.cpp, Jina and Cohere (v1, v2) take `documents` at `…/rerank` and answer with `results`; TEI takes
`texts` and answers with a bare list. Which it is, and where, is found out once with a question of our own.
"""

import asyncio
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Literal, Protocol

import httpx

from xiaoer.llm.failures import in_our_words, refusal
from xiaoer.llm.model import Health, ModelGarbage, ModelTooSlow, ModelUnavailable, ModelUnreachable
from xiaoer.patterns import lazy

Shape = Literal["documents", "texts"]
LONGEST_TEXT: Final = 2000
"""Characters of a text that are scored: most rerankers read no more than 512 tokens, and all of them slowly."""
LONGEST_ANSWER: Final = 1_000_000
CONNECT_SECONDS: Final = 2.0
PROBE_SECONDS: Final = 10.0
PROBE: Final = ("怎么退货？", ("签收后 7 天内可以无理由退货。", "这副耳机充一次电能听三十小时。"))
"""Two texts, the first of which answers."""
_ENDS_IN_RERANK = lazy(r"/re-?rank(?:ing)?$")
_VERSIONED = lazy(r"/v\d[a-z0-9]*$")
_NOT_THERE: Final = frozenset({404, 405})
_NOT_UNDERSTOOD: Final = frozenset({400, 422})


class Reranker(Protocol):
    """Scores texts. Every failure is a `ModelUnavailable`."""

    @property
    def name(self) -> str:
        """The model's name, for logs and answers' records."""
        ...

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return how well each text answers the question: the higher the better, on the model's own scale."""
        ...

    async def check(self) -> Health:
        """Find out whether it answers, and whether it tells an answer from another text; it never raises."""
        ...


@dataclass(frozen=True)
class Door:
    """Where a server scores, and how it is asked."""

    url: str
    shape: Shape


class RerankServer:
    """A reranker at a server. `seconds` is how long scoring may take; `name` may be left out where it has only one.

    Raises `ModelUnreachable` for what is no address.
    """

    def __init__(
        self,
        *,
        base_url: str,
        name: str | None = None,
        api_key: str | None = None,
        seconds: float = 1.0,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        try:
            self._shown = _without_password(base_url)
        except httpx.InvalidURL as error:
            raise ModelUnreachable("The address of the rerank server is no address of the web.") from error
        self._base_url = base_url.rstrip("/")
        self._model = name
        self._seconds = seconds
        self._door: Door | None = None
        self._client = http_client or httpx.AsyncClient(
            timeout=httpx.Timeout(max(seconds, PROBE_SECONDS), connect=CONNECT_SECONDS)
        )
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}

    @property
    def name(self) -> str:
        return self._model or "reranker"

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        with in_our_words(self.name):
            try:
                async with asyncio.timeout(self._seconds):
                    door = self._door or await self._found()
                    return await self._asked(door, question, texts)
            except TimeoutError as error:
                raise ModelTooSlow(f"The model {self.name} did not answer in time.") from error

    async def check(self) -> Health:
        try:
            with in_our_words(self.name):
                async with asyncio.timeout(PROBE_SECONDS):
                    self._door = await self._found()
                    fitting, other = await self._asked(self._door, *PROBE)
        except TimeoutError:
            return Health(ok=False, detail=f"The model {self.name} did not answer in time. ({self._shown})")
        except ModelUnavailable as error:
            return Health(ok=False, detail=f"{error.detail} ({self._shown})")
        if fitting <= other:
            place = _without_password(self._door.url)
            detail = f"{place} scores a text that has nothing to do with a question above one that answers it."
            return Health(ok=False, detail=f"{detail} The model may be no reranker, or badly converted.")
        return Health(ok=True, detail=f"{_without_password(self._door.url)} answers with the model {self.name}.")

    async def _found(self) -> Door:
        """The first door behind which our own question is answered; raises what the last one said."""
        last: ModelUnavailable | None = None
        for url in _places(self._base_url):
            for shape in ("documents", "texts"):
                door = Door(url, shape)
                try:
                    await self._asked(door, *PROBE)
                except _Elsewhere as error:
                    last = error
                    if not error.may_be_worded_otherwise:
                        break
                else:
                    self._door = door
                    return door
        raise last or ModelUnreachable(f"The model {self.name} cannot be reached.")

    async def _asked(self, door: Door, question: str, texts: Sequence[str]) -> list[float]:
        shortened = [text[:LONGEST_TEXT] for text in texts]
        body: dict[str, Any] = {"query": question[:LONGEST_TEXT], door.shape: shortened}
        if door.shape == "texts":
            body["truncate"] = True
        elif self._model is not None:
            body["model"] = self._model
        async with self._client.stream("POST", door.url, json=body, headers=self._headers) as response:
            if not response.is_success:
                _refuse(self.name, response.status_code)
            told = b""
            async for part in response.aiter_bytes():
                told += part
                if len(told) > LONGEST_ANSWER:
                    raise ModelGarbage(f"The server of the model {self.name} answers what cannot be understood.")
        return read_scores(json.loads(told), len(texts))


class _Elsewhere(ModelGarbage):
    """Nothing that scores is behind this door; perhaps behind another."""

    def __init__(self, detail: str, *, may_be_worded_otherwise: bool = False) -> None:
        super().__init__(detail)
        self.may_be_worded_otherwise = may_be_worded_otherwise


def _refuse(name: str, status: int) -> None:
    if status == HTTPStatus.NOT_IMPLEMENTED:
        message = f"The server of the model {name} does not rerank; start llama.cpp with --reranking."
        raise _Elsewhere(message)
    if status in _NOT_THERE or status in _NOT_UNDERSTOOD:
        raise _Elsewhere(refusal(name, status).detail, may_be_worded_otherwise=status in _NOT_UNDERSTOOD)
    raise refusal(name, status)


def _without_password(url: str) -> str:
    return str(httpx.URL(url).copy_with(userinfo=b""))


def _places(base_url: str) -> list[str]:
    """Where under an address a server may score; the address itself, if it says so."""
    path = httpx.URL(base_url).path.rstrip("/")
    if _ENDS_IN_RERANK.search(path):
        return [base_url]
    places = [f"{base_url}/rerank"]
    return places if _VERSIONED.search(path) else [f"{base_url}/v1/rerank", *places]


def read_scores(told: Any, count: int) -> list[float]:
    """The score of each of `count` texts, in their order, from what a server told.

    Raises `ValueError`, or what reading a malformed answer raises: one without a finite number for each text.
    """
    rows = told if isinstance(told, list) else told["results"]
    found: dict[int, float] = {}
    for row in rows:
        score = float(row["relevance_score"] if "relevance_score" in row else row["score"])
        if isinstance(row["index"], bool) or not math.isfinite(score):
            message = "no score"
            raise ValueError(message)
        found[int(row["index"])] = score
    if len(rows) != count or set(found) != set(range(count)):
        message = f"{len(rows)} scores for {count} texts"
        raise ValueError(message)
    return [found[number] for number in range(count)]
