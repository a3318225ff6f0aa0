"""Stand-ins for rerank servers, each in the documented form of one of them, and broken in every way seen."""

import asyncio
import inspect
import json
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from xiaoer.llm.rerank import RerankServer

Handler = Callable[[httpx.Request], Any]


def likeness(question: str, text: str) -> float:
    """What the stand-ins find: the share of the question's characters that a text has."""
    asked = set(question)
    return len(asked & set(text)) / len(asked)


def _ranked(body: dict[str, Any], texts: list[str]) -> list[tuple[int, float]]:
    scored = [(number, likeness(body["query"], text)) for number, text in enumerate(texts)]
    return sorted(scored, key=lambda pair: -pair[1])[: body.get("top_n") or None]


def _unknown(body: dict[str, Any], known: set[str]) -> httpx.Response | None:
    extra = set(body) - known
    return httpx.Response(422, json={"detail": f"unknown: {extra}"}) if extra else None


def vllm(request: httpx.Request) -> httpx.Response:
    """`/rerank`, `/v1/rerank` and `/v2/rerank` of vLLM."""
    if request.url.path not in ("/rerank", "/v1/rerank", "/v2/rerank"):
        return httpx.Response(404, json={"detail": "Not Found"})
    body = json.loads(request.content)
    if body.get("model", "bge") != "bge":
        return httpx.Response(404, json={"object": "error", "message": "The model does not exist.", "code": 404})
    rows = [
        {"index": at, "document": {"text": body["documents"][at]}, "relevance_score": score}
        for at, score in _ranked(body, body["documents"])
    ]
    return httpx.Response(200, json={"id": "rerank-1", "model": "bge", "usage": {"total_tokens": 56}, "results": rows})


def tei(request: httpx.Request) -> httpx.Response:
    """`/rerank` of Text Embeddings Inference: `texts` in, a bare list out."""
    if request.url.path != "/rerank":
        return httpx.Response(404)
    body = json.loads(request.content)
    if "texts" not in body:
        return httpx.Response(422, text="Failed to deserialize the JSON body: missing field `texts`")
    return httpx.Response(200, json=[{"index": at, "score": score} for at, score in _ranked(body, body["texts"])])


def infinity(request: httpx.Request) -> httpx.Response:
    """`/rerank` of Infinity, which has no version in its path and returns no documents unless asked."""
    if request.url.path != "/rerank":
        return httpx.Response(404, json={"detail": "Not Found"})
    body = json.loads(request.content)
    rows = [{"relevance_score": score, "index": at, "document": None} for at, score in _ranked(body, body["documents"])]
    told = {"object": "rerank", "results": rows, "model": "bge", "usage": {"prompt_tokens": 9, "total_tokens": 9}}
    return httpx.Response(200, json={**told, "id": "infinity-1", "created": 1})


def llamacpp(request: httpx.Request) -> httpx.Response:
    """llama-server with `--reranking`: raw scores, in the order of the documents."""
    if request.url.path not in ("/rerank", "/reranking", "/v1/rerank", "/v1/reranking"):
        return httpx.Response(404, json={"error": {"code": 404, "message": "File Not Found"}})
    body = json.loads(request.content)
    rows = [
        {"index": at, "relevance_score": 12 * likeness(body["query"], text) - 10}
        for at, text in enumerate(body["documents"])
    ]
    return httpx.Response(200, json={"model": "x", "object": "list", "usage": {"total_tokens": 5}, "results": rows})


def llamacpp_without_reranking(request: httpx.Request) -> httpx.Response:
    """llama-server that was not told to rerank."""
    message = "This server does not support reranking. Start it with `--reranking`"
    return httpx.Response(501, json={"error": {"code": 501, "message": message, "type": "not_supported_error"}})


def jina(request: httpx.Request) -> httpx.Response:
    """`https://api.jina.ai/v1/rerank`, which wants a key and a model."""
    body = json.loads(request.content)
    if request.url.path != "/v1/rerank" or request.headers.get("authorization") != "Bearer jina_key":
        return httpx.Response(401, json={"detail": "Invalid API key"})
    if bad := _unknown(body, {"model", "query", "documents", "top_n", "return_documents"}):
        return bad
    rows = [
        {"index": at, "relevance_score": score, "document": {"text": body["documents"][at]}}
        for at, score in _ranked(body, body["documents"])
    ]
    return httpx.Response(200, json={"model": body["model"], "usage": {"total_tokens": 815}, "results": rows})


def cohere(version: int) -> Handler:
    """`https://api.cohere.com/v1/rerank` or `/v2/rerank`."""
    known = {"model", "query", "documents", "top_n"}
    known |= {"return_documents", "max_chunks_per_doc", "rank_fields"} if version == 1 else {"max_tokens_per_doc"}

    def answer(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        if request.url.path != f"/v{version}/rerank":
            return httpx.Response(404, json={"message": "not found"})
        if bad := _unknown(body, known):
            return bad
        if version == 2 and "model" not in body:
            return httpx.Response(400, json={"message": "model is required"})
        rows = [{"index": at, "relevance_score": score} for at, score in _ranked(body, body["documents"])]
        return httpx.Response(200, json={"id": "07734bd2", "results": rows, "meta": {"api_version": {"version": "2"}}})

    return answer


Rows = list[dict[str, Any]]


async def _hang(_: Rows) -> httpx.Response:
    await asyncio.sleep(60)
    raise AssertionError("nobody waits so long")


async def _gone(_: Rows) -> httpx.Response:
    raise httpx.ConnectError("no such host")


def _with(**changed: Any) -> Callable[[Rows], Any]:
    return lambda rows: {"results": [{**rows[0], **changed}, *rows[1:]]}


BREAKS: dict[str, Callable[[Rows], Any]] = {
    "nan": _with(relevance_score=math.nan),
    "null": _with(relevance_score=None),
    "few": lambda rows: {"results": rows[1:]},
    "twice": lambda rows: {"results": [rows[-1], *rows[1:]]},
    "beyond": lambda rows: {"results": [{**rows[0], "index": len(rows)}, *rows[1:]]},
    "html": lambda _: httpx.Response(200, text="<html>Welcome to nginx!</html>"),
    "huge": lambda _: httpx.Response(200, content=b"[" + b" " * 2_000_000 + b"]"),
    "other": lambda _: {"scores": [1, 2]},
    "busy": lambda _: httpx.Response(429, json={"error": "overloaded"}, headers={"Retry-After": "60"}),
    "ill": lambda _: httpx.Response(500, text="CUDA out of memory"),
    "hangs": _hang,
    "gone": _gone,
}
"""What a broken server answers instead of the rows it should, by what is wrong with it."""


def broken(how: str) -> Handler:
    """A server in vLLM's form, broken in one way from its first answer on; "equal": it finds all texts as good."""

    async def answer(request: httpx.Request) -> httpx.Response:
        texts = json.loads(request.content)["documents"]
        rows = [{"index": at, "relevance_score": 0.5} for at in range(len(texts))]
        told = BREAKS[how](rows) if how in BREAKS else {"results": rows}
        told = await told if inspect.iscoroutine(told) else told
        return told if isinstance(told, httpx.Response) else httpx.Response(200, content=json.dumps(told))

    return answer


class Counted:
    """A stand-in that knows how often it was asked."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.asked: list[dict[str, Any]] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(json.loads(request.content))
        told = self.handler(request)
        answer: httpx.Response = await told if inspect.iscoroutine(told) else told
        return answer


def server(handler: Any, *, base_url: str = "http://gpu:8001", seconds: float = 5.0, **options: Any) -> RerankServer:
    """A reranker at a stand-in."""
    client = httpx.AsyncClient(transport=httpx.MockTransport(handler))
    return RerankServer(base_url=base_url, seconds=seconds, http_client=client, **options)


@contextmanager
def listening(handler: Callable[[httpx.Request], httpx.Response]) -> Iterator[str]:
    """The stand-in on a port of this machine; its address."""

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            told = handler(httpx.Request("POST", f"http://here{self.path}", content=body))
            self.send_response(told.status_code)
            self.send_header("content-length", str(len(told.content)))
            self.end_headers()
            self.wfile.write(told.content)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as standin:
        threading.Thread(target=standin.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{standin.server_port}"
        standin.shutdown()
