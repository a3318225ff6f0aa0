"""`xiaoer run` refuses in words what it cannot do, and leaves nothing behind."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from xiaoer import stores
from xiaoer.db.database import Database
from xiaoer.stores import Store


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
        "check", XIAOER_DATA_DIR=str(tmp_path), XIAOER_MODEL__BASE_URL="http://127.0.0.1:9/v1", XIAOER_MODEL__NAME="m",
        XIAOER_RERANK__BASE_URL="http://127.0.0.1:7/v1", XIAOER_RERANK__NAME="r",
    )  # fmt: skip
    assert done.returncode == 1
    assert "127.0.0.1:9" in done.stdout
    assert "127.0.0.1:7" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that the database's own user may enter, as it may not enter pytest's."""
    with tempfile.TemporaryDirectory(prefix="xiaoer-test-") as made:
        yield Path(made)


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_closes_everything_and_leaves_no_database_running(told: signal.Signals, folder: Path) -> None:
    settings = {"XIAOER_PORT": "0", "XIAOER_DATA_DIR": str(folder), "XIAOER_MODEL__ENABLED": "false"}
    with subprocess.Popen(
        [sys.executable, "-m", "xiaoer.cli", "serve", "--json"],
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as serving:
        assert serving.stdout is not None
        announced = serving.stdout.readline()
        assert announced, serving.communicate(timeout=30)[1]
        address = json.loads(announced)["chat"].removeprefix("http://").partition("/")[0]
        host, _, port = address.partition(":")
        with socket.create_connection((host, int(port)), timeout=30) as browser:
            browser.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            assert b"200" in browser.recv(100)
        assert (folder / "postgres" / "postmaster.pid").exists()
        serving.send_signal(told)
        said = serving.communicate(timeout=30)[1]
    assert serving.returncode == 0, said
    assert "Traceback" not in said
    assert not (folder / "postgres" / "postmaster.pid").exists()


async def test_each_store_that_nobody_looks_after_gets_an_owner(
    database: Database, database_url: str, store: Store, tmp_path: Path
) -> None:
    async with database.sessions.begin() as session:
        await stores.create(session, "second", {"name": {"en": "Second"}})
    settings = {"XIAOER_PORT": "0", "XIAOER_DATA_DIR": str(tmp_path), "XIAOER_MODEL__ENABLED": "false"}
    serving = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "xiaoer.cli", "serve", "--json"),
        env={**os.environ, **settings, "XIAOER_DATABASE_URL": database_url},
        stdout=subprocess.PIPE,
    )
    assert serving.stdout is not None
    announced = json.loads(await serving.stdout.readline())
    serving.send_signal(signal.SIGTERM)
    await asyncio.wait_for(serving.communicate(), 30)
    assert set(announced["owners"]) == {store.slug, "second"}
    assert announced["owners"]["second"]["email"] == "owner@second.local"
    assert len(announced["owners"]["second"]["password"]) >= 12
