"""`xiaoer run` refuses in words what it cannot do."""

import os
import socket
import subprocess
import sys
from pathlib import Path


def xiaoer(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "xiaoer.cli", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_port_in_use_is_told_at_once_with_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = xiaoer("run", XIAOER_PORT=port, XIAOER_DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert port in done.stderr
    assert "XIAOER_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    done = xiaoer("check", XIAOER_PORT="many", XIAOER_DATA_DIR=str(tmp_path))
    assert done.returncode == 2
    assert "XIAOER_PORT" in done.stderr


def test_bad_use_is_exit_code_2() -> None:
    assert xiaoer("nonsense").returncode == 2
    assert xiaoer("ask").returncode == 2


def test_the_doctor_says_what_is_wrong_in_words(tmp_path: Path) -> None:
    done = xiaoer(
        "check", XIAOER_DATA_DIR=str(tmp_path), XIAOER_MODEL__BASE_URL="http://127.0.0.1:9/v1", XIAOER_MODEL__NAME="m"
    )
    assert done.returncode == 1
    assert "127.0.0.1:9" in done.stdout
    assert "Traceback" not in done.stderr
