"""The list of commands, and that each is loaded when it is called."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from xiaoer.cli.app import COMMANDS, app, summary

HELP = """
import json, sys
from typer.testing import CliRunner
from xiaoer.cli.app import app
told = CliRunner().invoke(app, sys.argv[1:])
print(json.dumps({"told": told.output, "modules": [name for name in sys.modules if name.startswith("xiaoer.")]}))
"""


def test_help_names_every_command_and_loads_none() -> None:
    ran = subprocess.run([sys.executable, "-c", HELP, "--help"], capture_output=True, text=True, check=True)
    seen = json.loads(ran.stdout)
    assert all(f" {name} " in seen["told"] for name in COMMANDS)
    assert set(seen["modules"]) == {"xiaoer.cli", "xiaoer.cli.app", "xiaoer.errors", "xiaoer.patterns"}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_says_of_itself_what_the_list_says(command: str) -> None:
    told = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "1000", "TERMINAL_WIDTH": "1000"})
    assert told.exit_code == 0
    assert summary(*COMMANDS[command]).splitlines()[0] in told.output


def test_a_mistyped_command_is_answered_with_the_one_meant() -> None:
    told = CliRunner().invoke(app, ["rum"])
    assert told.exit_code == 2
    assert "Did you mean 'run'?" in told.output


def test_a_listed_command_has_to_be_in_its_module() -> None:
    with pytest.raises(LookupError):
        summary("serving", "dance")


def test_without_a_command_the_list_is_shown() -> None:
    assert "COMMAND" in CliRunner().invoke(app, []).output
