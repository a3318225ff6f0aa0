import pytest
from typer.testing import CliRunner

from xiaoer.cli.models import app, hub_addresses
from xiaoer.errors import NotFound
from xiaoer.llm.catalogue import CATALOGUE


@pytest.fixture
def directory(tmp_path, monkeypatch):
    monkeypatch.setenv("XIAOER_DATA_DIR", str(tmp_path))
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


def ran(*words):
    result = CliRunner().invoke(app, list(words))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def model_file(folder, name=CATALOGUE[2].file):
    file = folder / name
    file.write_bytes(b"GGUF and more")
    return file


def line_of(text, word):
    return next(line for line in text.splitlines() if word in line)


def test_the_list_names_every_model_and_marks_the_one_in_use(directory):
    model_file(directory)
    listed = ran("list").output
    assert all(entry.name in listed for entry in CATALOGUE)
    assert line_of(listed, CATALOGUE[2].name).split()[0] == "*"
    assert line_of(listed, CATALOGUE[2].name).split()[-1] == "yes"
    assert "*" not in line_of(listed, CATALOGUE[0].name)


def test_a_file_from_elsewhere_can_be_used_and_is_listed(directory, tmp_path):
    file = model_file(tmp_path, "mine.gguf")
    assert str(file) in ran("use", str(file)).output
    assert line_of(ran("list").output, "mine.gguf").split()[0] == "*"


def test_what_is_here_is_pulled_at_once(directory):
    file = model_file(directory)
    assert ran("pull", CATALOGUE[2].name).output.strip() == str(file)


def test_an_unknown_model_is_told(directory):
    with pytest.raises(NotFound, match="qwen3-14b"):
        ran("use", "gpt-17")


def test_the_hubs_can_be_moved_by_their_own_variables():
    moved = hub_addresses({"HF_ENDPOINT": "https://nearer.test/"})
    assert moved["huggingface"] == "https://nearer.test"
    assert moved["modelscope"].startswith("https://")
