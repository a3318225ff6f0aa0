"""Rerankers: every documented form of server is understood, and a broken one says in which way it is."""

import pytest

from rerankers import (
    BREAKS,
    Counted,
    broken,
    cohere,
    infinity,
    jina,
    llamacpp,
    llamacpp_without_reranking,
    server,
    tei,
    vllm,
)
from xiaoer.llm.model import ModelRefused, ModelTooSlow, ModelUnavailable, ModelUnreachable
from xiaoer.llm.rerank import read_scores

QUESTION = "退货运费谁承担"
TEXTS = ("现货 48 小时内发货。", "退货运费由买家承担。", "退货请联系客服。")
SERVERS = [
    (vllm, "http://gpu:8001", None),
    (vllm, "http://gpu:8001/v1", "bge"),
    (vllm, "http://gpu:8001/v2/", "bge"),
    (vllm, "http://gpu:8001/rerank", None),
    (tei, "http://tei:8080", None),
    (tei, "http://tei:8080/rerank", "bge"),
    (infinity, "http://infinity:7997", "bge"),
    (llamacpp, "http://127.0.0.1:8080/v1", None),
    (llamacpp, "http://127.0.0.1:8080/v1/reranking", None),
    (cohere(1), "https://api.cohere.com/v1", "rerank-v3.5"),
    (cohere(2), "https://api.cohere.com/v2", "rerank-v3.5"),
    (jina, "https://api.jina.ai/v1", "jina-reranker-v2-base-multilingual"),
]


@pytest.mark.parametrize(("handler", "base_url", "name"), SERVERS)
async def test_each_documented_form_is_found_out_and_read(handler, base_url, name):
    reranker = server(handler, base_url=base_url, name=name, api_key="jina_key")
    health = await reranker.check()
    assert health.ok, health.detail
    scores = await reranker.scores(QUESTION, TEXTS)
    assert sorted(range(3), key=lambda at: -scores[at]) == [1, 2, 0]


async def test_what_a_server_is_like_is_asked_once():
    counted = Counted(tei)
    reranker = server(counted)
    for _ in range(3):
        await reranker.scores(QUESTION, TEXTS)
    assert len(counted.asked) - 3 == 3  # /v1/rerank is not there; documents are not understood; texts are
    assert counted.asked[-1]["texts"] == list(TEXTS)


async def test_long_texts_are_cut_to_what_a_reranker_reads():
    counted = Counted(vllm)
    await server(counted).scores(QUESTION, ["长" * 5000, "短"])
    assert [len(text) for text in counted.asked[-1]["documents"]] == [2000, 1]


@pytest.mark.parametrize("how", BREAKS)
async def test_a_broken_server_is_a_model_that_cannot_be_had(how):
    reranker = server(broken(how), seconds=0.2)
    with pytest.raises(ModelUnavailable):
        await reranker.scores(QUESTION, TEXTS)
    if how == "hangs":
        with pytest.raises(ModelTooSlow):
            await reranker.scores(QUESTION, TEXTS)
    else:
        health = await reranker.check()
        assert not health.ok
        assert "http://gpu:8001" in health.detail


async def test_what_to_do_is_said_of_a_wrong_key_and_of_a_server_that_does_not_rerank():
    wrong = server(jina, base_url="https://api.jina.ai/v1", name="jina", api_key="other")
    with pytest.raises(ModelRefused, match="API key"):
        await wrong.scores(QUESTION, TEXTS)
    health = await server(llamacpp_without_reranking).check()
    assert not health.ok
    assert "--reranking" in health.detail


async def test_a_server_that_finds_anything_as_good_as_an_answer_is_told_from_a_reranker():
    health = await server(broken("equal")).check()
    assert not health.ok
    assert "no reranker" in health.detail


async def test_what_is_no_address_is_told_at_once_and_a_password_in_one_never():
    with pytest.raises(ModelUnreachable):
        server(vllm, base_url="http://gpu:port")
    for handler in (vllm, broken("equal"), broken("gone")):
        health = await server(handler, base_url="http://me:secret@gpu:8001/v1").check()
        assert "gpu:8001" in health.detail
        assert "secret" not in health.detail


@pytest.mark.parametrize(
    "told",
    [
        {"results": [{"index": True, "relevance_score": 1}, {"index": 0, "relevance_score": 1}]},
        {"results": [{"index": 0, "relevance_score": float("inf")}, {"index": 1, "relevance_score": 1}]},
        [{"index": 0, "score": 1}, {"index": 0, "score": 2}],
        [[0, 1], [1, 2]],
        {"results": "ab"},
        None,
    ],
)
def test_an_answer_without_a_score_for_each_text_is_none(told):
    with pytest.raises((ValueError, TypeError, KeyError)):
        read_scores(told, 2)
