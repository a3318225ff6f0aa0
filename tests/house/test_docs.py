"""The documents say what is so: settings, commands, versions, links, decisions."""

import re
import tomllib
from pathlib import Path

import pytest

from xiaoer.cli.app import COMMANDS
from xiaoer.cli.settings_page import page

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")


def test_every_setting_is_told_as_it_is() -> None:
    assert (ROOT / "docs" / "settings.md").read_text() == page(), "run `make docs`"


def test_changelog_and_package_are_of_one_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_our_pages_lead_somewhere(path: Path) -> None:
    missing = [link for link in LINK.findall(path.read_text()) if not (path.parent / link).exists()]
    assert missing == []


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text()
    assert [each.name for each in folder.glob("0*.md") if each.name not in index] == []


def test_every_command_is_in_the_documents() -> None:
    written = "\n".join(path.read_text() for path in PAGES)
    assert [name for name in COMMANDS if f"xiaoer {name}" not in written] == []


def test_both_readmes_name_the_same_commands_and_pages() -> None:
    english, chinese = ((ROOT / name).read_text() for name in ("README.md", "README.zh-CN.md"))
    for pattern in (r"\]\((docs/[^)]+)\)", r"(?m)^xiaoer (\w+)", r"(?m)^make (\w+)"):
        assert set(re.findall(pattern, english)) == set(re.findall(pattern, chinese))


def test_no_download_address_and_no_path_of_one_machine_is_written_anywhere() -> None:
    texts = [path for path in ROOT.glob("requirements*") if path.is_file()]
    found = [
        path.name for path in texts if re.search(r"-{2}(?:extra-)?index-url|-{2}find-links|https?://", path.read_text())
    ]
    assert found == []
