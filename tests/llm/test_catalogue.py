"""The catalogue of models: names, digests, sources."""

import pytest

from xiaoer.llm import catalogue, store
from xiaoer.llm.catalogue import CATALOGUE, HubFile, IndexParts, UnknownModel, WrongKind


def test_a_catalogue_name_may_be_shortened_while_it_is_clear():
    assert catalogue.find("qwen3-4b").name == "qwen3-4b-instruct-2507"
    assert catalogue.find("Qwen3-14B-Q4_K_M.gguf").name == "qwen3-14b"
    with pytest.raises(UnknownModel):
        catalogue.find("qwen")


def test_a_reranker_is_not_taken_for_a_model_that_writes_nor_the_other_way_round(tmp_path):
    assert catalogue.of_kind("bge-reranker", "rerank").name == "bge-reranker-v2-m3"
    for name, kind in (("qwen3-reranker-0.6b", "chat"), ("qwen3-14b", "rerank")):
        with pytest.raises(WrongKind, match="qwen3"):
            catalogue.of_kind(name, kind)
    with pytest.raises(WrongKind):
        store.use("bge-reranker-v2-m3", tmp_path)
    (tmp_path / "bge-reranker-v2-m3-Q8_0.gguf").write_bytes(b"GGUF")
    assert store.chosen(tmp_path) == catalogue.SMALL


def test_the_catalogue_is_sound():
    assert len({one.name for one in CATALOGUE}) == len({one.file for one in CATALOGUE}) == len(CATALOGUE)
    for one in CATALOGUE:
        assert isinstance(one.sources[0], HubFile)
        assert one.sha256 is not None or not any(isinstance(source, IndexParts) for source in one.sources)
        assert one.sha256 is None or len(bytes.fromhex(one.sha256)) == 32
    assert all(catalogue.find(name) for name in catalogue.DEFAULTS)
