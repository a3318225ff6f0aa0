"""The bench of a restart starts a server, tells where the time went, and asks it."""

import os
from pathlib import Path

from xiaoer.bench import start
from xiaoer.desk.desk import Desk


async def test_a_restart_is_told_by_steps_and_by_what_the_first_message_waits(desk: Desk, tmp_path: Path) -> None:
    url = desk.settings.database_url
    assert url is not None
    settings = {
        "PORT": "0",
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": url.get_secret_value(),
        "MODEL__ENABLED": "false",
    }
    named = {f"XIAOER_{name}": value for name, value in settings.items()}
    figures = await start.measure({**os.environ, **named}, "shop")
    assert set(figures["seconds of it"]) == {"import", "database", "embedder", "preparing"}
    assert 0 < figures["start"]["listening_s"] <= figures["start"]["ready_s"]
    assert figures["start"]["cpu_until_ready_s"] > 0
    assert min(figures["a message"].values()) > 0
