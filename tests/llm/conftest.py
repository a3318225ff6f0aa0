"""Finds the small model for tests marked `model`."""

import os
from pathlib import Path

import pytest

from xiaoer.settings import default_data_dir

NAME = "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"


@pytest.fixture(scope="session")
def real_model():
    """The 0.5B model's file: named by XIAOER_TEST_MODEL, or where `xiaoer model pull` keeps it."""
    named = os.environ.get("XIAOER_TEST_MODEL")
    places = (
        [Path(named)] if named else [default_data_dir() / "models" / NAME, Path.home() / ".cache/xiaoer-models" / NAME]
    )
    found = next((place for place in places if place.is_file()), None)
    assert found is not None, "no model: run `xiaoer model pull qwen2.5-coder-0.5b`, or name one by XIAOER_TEST_MODEL"
    return found
