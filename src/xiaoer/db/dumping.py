"""All that the database holds, as one consistent file, and back again, with PostgreSQL's own programs."""

import os
import subprocess
from pathlib import Path

import psycopg
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy.engine import make_url

from xiaoer.db.database import MIGRATIONS, Database, DatabaseUnavailable
from xiaoer.db.embedded import PROGRAMS
from xiaoer.errors import Conflict, Invalid, Unavailable


class NotDumped(Unavailable):
    """PostgreSQL's program for it failed; the detail is what it said."""


class NotEmpty(Conflict):
    """There is something already where it would be restored to."""


class TooNew(Invalid):
    """A dump of a later version of Xiaoer than this."""


async def revision(database: Database) -> str:
    """Which migration the database stands at."""
    async with database.engine.connect() as connection:
        return str(await connection.scalar(sa.text("SELECT version_num FROM alembic_version")))


def check_revision(name: str) -> None:
    """Raise `TooNew` if this version of Xiaoer has no such migration."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    try:
        ScriptDirectory.from_config(config).get_revision(name)
    except CommandError as error:
        raise TooNew(f"The backup was made by a newer Xiaoer (database {name}). Install that, then restore.") from error


def dump(url: str, file: Path) -> None:
    """Write all of a database, as it is at one moment; raises `NotDumped`. Blocks: call it in a thread."""
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", "--no-comments", f"--file={file}")


def load(url: str, file: Path) -> None:
    """Fill an empty database, wholly or not at all; raises `NotEmpty`, `NotDumped`. Blocks: call it in a thread."""
    address = _address(url)
    try:
        with psycopg.connect(address) as connection:
            found = connection.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1").fetchone()
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable("The database does not answer.") from error
    if found:
        raise NotEmpty("The database holds tables already. Restore into an empty one.")
    _run("pg_restore", url, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(file))


def _address(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _run(program: str, url: str, *arguments: str) -> None:
    parts = conninfo_to_dict(_address(url))
    password = parts.pop("password", None)
    place = {name: str(value) for name, value in parts.items() if value is not None}
    # By the environment: whoever lists the machine's processes must not read it.
    environment = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    command = [str(PROGRAMS / program), f"--dbname={make_conninfo('', **place)}", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = " ".join(done.stderr.split())[:500]
        raise NotDumped(f"{program} failed: {said}")
