"""`xiaoer backup` and `xiaoer restore`: one file that holds all of a desk."""

import asyncio
import json
import shutil
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from xiaoer import telemetry
from xiaoer.db import dumping
from xiaoer.db.database import Database
from xiaoer.db.embedded import EmbeddedPostgres
from xiaoer.errors import Invalid
from xiaoer.settings import Settings

ABOUT, DUMP = "backup.json", "database.dump"
BESIDE = ("attachments", "secret.key")
"""What else of the data folder belongs to it. Models are fetched again; the database's own folder is in the dump."""
FORMAT = 1


class NoBackup(Invalid):
    """The file is none that `xiaoer backup` wrote."""


def backup(file: Annotated[Path, typer.Argument(help="The file to write, such as xiaoer.tar.gz.")]) -> None:
    """Write all of this desk into one file: database, customers' files and the key of stored secrets.

    The desk may go on serving. Whoever has the file can read everything: keep it like the desk itself.
    """
    if file.exists():
        raise dumping.NotEmpty(f"{file} exists already. Give another name.")
    asyncio.run(_backup(Settings(), file.absolute()))
    typer.echo(f"{file}: {file.stat().st_size / 1e6:.1f} MB")


def restore(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What `backup` wrote.")]) -> None:
    """Restore a backup into an empty data folder (and an empty database, where XIAOER_DATABASE_URL is set)."""
    settings = Settings()
    telemetry.configure_logging("warning", json_lines=False)
    taken = [name for name in (*BESIDE, "postgres") if (settings.data_dir / name).exists()]
    if taken:
        raise dumping.NotEmpty(
            f"{settings.data_dir} holds a desk already ({', '.join(taken)}). Set XIAOER_DATA_DIR to an empty folder."
        )
    asyncio.run(_restore(settings, file))
    typer.echo(f"{file} is restored into {settings.data_dir}. Start it with `xiaoer serve`.")


async def _backup(settings: Settings, file: Path) -> None:
    telemetry.configure_logging("warning", json_lines=False)
    url = settings.database_url.get_secret_value() if settings.database_url else None
    database = await Database.open(url=url, data_dir=settings.data_dir, pool_size=1)
    try:
        about = {
            "format": FORMAT,
            "revision": await dumping.revision(database),
            "made_at": datetime.now(UTC).isoformat(),
        }
        address = database.engine.url.render_as_string(hide_password=False)
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".xiaoer-backup-") as folder:
            dump = Path(folder) / DUMP
            await asyncio.to_thread(dumping.dump, address, dump)
            (Path(folder) / ABOUT).write_text(json.dumps(about))
            # The files after the database: each that it names is there, unless it was to be erased anyway.
            await asyncio.to_thread(_pack, Path(folder), settings.data_dir, file)
    finally:
        await database.close()


def _pack(folder: Path, data_dir: Path, file: Path) -> None:
    draft = folder / "whole"
    draft.touch(mode=0o600)
    with tarfile.open(draft, mode="w:gz", compresslevel=3) as archive:
        for name in (ABOUT, DUMP):
            archive.add(folder / name, name)
        for name in BESIDE:
            if (data_dir / name).exists():
                archive.add(data_dir / name, name)
    draft.rename(file)


async def _restore(settings: Settings, file: Path) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix=".restoring-") as name:
        folder = Path(name)
        about = await asyncio.to_thread(_unpack, file, folder)
        dumping.check_revision(str(about["revision"]))
        if settings.database_url:
            await asyncio.to_thread(dumping.load, settings.database_url.get_secret_value(), folder / DUMP)
        else:
            server = await asyncio.to_thread(EmbeddedPostgres, settings.data_dir / "postgres")
            try:
                await asyncio.to_thread(dumping.load, server.url(), folder / DUMP)
            except BaseException:
                await asyncio.to_thread(server.stop)
                shutil.rmtree(settings.data_dir / "postgres", ignore_errors=True)
                raise
            await asyncio.to_thread(server.stop)
        for each in BESIDE:
            if (folder / each).exists():
                (folder / each).rename(settings.data_dir / each)


def _unpack(file: Path, folder: Path) -> dict[str, Any]:
    """What a backup says of itself, its parts laid into a folder; raises `NoBackup`."""
    try:
        with tarfile.open(file) as archive:
            parts = [each for each in archive if each.name.partition("/")[0] in (ABOUT, DUMP, *BESIDE)]
            archive.extractall(folder, parts, filter="data")
        about = json.loads((folder / ABOUT).read_text())
        if about["format"] != FORMAT or not (folder / DUMP).is_file() or not about["revision"]:
            raise NoBackup(f"{file} is a backup of a form that this version does not know.")
    except (tarfile.TarError, EOFError, OSError, ValueError, KeyError, TypeError) as error:
        raise NoBackup(f"{file} is no whole backup of Xiaoer: {error}") from error
    return dict(about)
