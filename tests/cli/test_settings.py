"""Settings as an operator writes them: lists with commas, and a mistake told in words."""

import pytest

from xiaoer.cli.app import main
from xiaoer.settings import Settings


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://shop.example", ("https://shop.example",)),
        (" https://shop.example/, https://b.example:8443 ,", ("https://shop.example", "https://b.example:8443")),
        ('["https://a.example"]', ("https://a.example",)),
        ("*", ("*",)),
    ],
)
def test_sites_are_listed_with_commas_or_as_json(
    written: str, meant: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XIAOER_CORS_ORIGINS", written)
    monkeypatch.setenv("XIAOER_MODEL__FALLBACKS", "http://b/v1#qwen3,http://c/v1#glm")
    assert Settings().cors_origins == meant
    assert Settings().model.fallbacks == ("http://b/v1#qwen3", "http://c/v1#glm")


@pytest.mark.parametrize(
    ("name", "written", "told"),
    [
        ("CORS_ORIGINS", "shop.example", "“shop.example” is no site"),
        ("CORS_ORIGINS", "[https://a.example", "no JSON list"),
        ("MODEL__FALLBACKS", "http://b/v1 qwen3", "no server with a model"),
        ("MCP_COMMANDS", "erp-mcp -v", "is no valid JSON"),
    ],
)
def test_a_mistake_in_a_setting_is_told_in_words_and_is_bad_use(
    name: str, written: str, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(f"XIAOER_{name}", written)
    monkeypatch.setattr("sys.argv", ["xiaoer", "model", "list"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert said.startswith(f"xiaoer: setting XIAOER_{name}: ")
    assert told in said
