"""Embedders: the bundled one, and the wire to a server."""

import base64
import json
from collections.abc import Callable

import httpx
import numpy as np
import pytest

from xiaoer.errors import Unavailable
from xiaoer.knowledge import vectors
from xiaoer.knowledge.embedding import BundledEmbedder, EmbedderUnavailable, HTTPEmbedder, unit


def server(answer: Callable[[dict], httpx.Response], **more) -> HTTPEmbedder:
    def handle(request: httpx.Request) -> httpx.Response:
        return answer(json.loads(request.content))

    client = httpx.AsyncClient(transport=httpx.MockTransport(handle))
    return HTTPEmbedder(
        base_url="http://embeddings/v1/", name=more.pop("name", "some-model"), http_client=client, **more
    )


def counting(seen: list[str]) -> Callable[[dict], httpx.Response]:
    """A server whose vector of a text is (its length, 1), in reversed order of rows."""

    def answer(body: dict) -> httpx.Response:
        seen.extend(body["input"])
        rows = [{"index": at, "embedding": [float(len(text)), 1.0]} for at, text in enumerate(body["input"])]
        return httpx.Response(200, json={"data": rows[::-1]})

    return answer


async def test_the_bundled_model_brings_a_question_near_its_answer_in_another_language(
    embedder: BundledEmbedder,
) -> None:
    question = await embedder.query("How long do I have to return an item?")
    answer, other = await embedder.passages(["签收后七天内可以退货。", "本店支持微信和支付宝付款。"])
    assert question @ answer > question @ other
    assert np.linalg.norm(question) == pytest.approx(1, abs=1e-3)


async def test_the_bundled_model_reads_odd_texts(embedder: BundledEmbedder) -> None:
    found = await embedder.passages(["", "a\x00b", "😀" * 50, "长" * 100_000])
    assert found.shape == (4, embedder.dimensions)
    assert np.isfinite(found).all()


async def test_a_server_is_asked_in_batches_and_its_rows_are_put_in_order() -> None:
    seen: list[str] = []
    rows = await server(counting(seen)).passages(["x" * length for length in range(1, 70)])
    assert len(seen) == 69
    assert rows[:, 0] / rows[:, 1] == pytest.approx(np.arange(1, 70))


async def test_prefixes_are_those_the_model_was_trained_with_unless_given() -> None:
    seen: list[str] = []
    known = server(counting(seen), name="intfloat/multilingual-e5-large")
    await known.query("a")
    await known.passages(["b"])
    await server(counting(seen), name="intfloat/e5-large", query_prefix="Q ").query("c")
    assert seen == ["query: a", "passage: b", "Q c"]


async def test_dimensions_and_floor_are_learnt_from_the_server() -> None:
    embedder = server(counting([]))
    await embedder.prepare()
    assert embedder.dimensions == 2
    assert 0 <= embedder.floor < 1
    assert embedder.language_gap >= 0


async def test_vectors_may_come_as_base64() -> None:
    numbers = base64.b64encode(np.array([3, 4], "<f4").tobytes()).decode()
    row = {"index": 0, "embedding": numbers}
    embedder = server(lambda _: httpx.Response(200, json={"data": [row]}))
    assert await embedder.query("a") == pytest.approx([0.6, 0.8])


def refuse(_: dict) -> httpx.Response:
    raise httpx.ConnectError("refused")


@pytest.mark.parametrize(
    "answer",
    [
        refuse,
        lambda _: httpx.Response(500, text="out of memory"),
        lambda _: httpx.Response(200, text="<html>"),
        lambda _: httpx.Response(200, json={"data": []}),
        lambda _: httpx.Response(200, json={"data": [{"index": 0, "embedding": ["x"]}]}),
        lambda _: httpx.Response(200, json={"data": [{"index": 0, "embedding": [1.0, 2.0, 3.0]}]}),
    ],
)
async def test_a_server_that_fails_is_unavailable_in_words(answer) -> None:
    with pytest.raises(Unavailable, match="embedding server") as failure:
        await server(answer, dimensions=2).query("a")
    assert isinstance(failure.value, EmbedderUnavailable)


def test_packed_vectors_keep_their_cosines() -> None:
    made = np.random.default_rng(1)
    rows = unit(made.normal(size=(50, 384)).astype(np.float32))
    rows[7] = 0
    question = unit(made.normal(size=384).astype(np.float32))
    assert vectors.cosines(vectors.pack(rows), question) == pytest.approx(rows @ question, abs=0.002)
