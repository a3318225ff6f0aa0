"""`xiaoer export`: rated dialogues as JSONL for fine-tuning, personal data masked."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated, TextIO

import typer

from xiaoer import stores
from xiaoer.db.database import Database
from xiaoer.reports import training
from xiaoer.settings import Settings

app = typer.Typer(help="Export rated dialogues for fine-tuning, personal data masked.", no_args_is_help=True)
Out = Annotated[Path | None, typer.Option(help="The file to write; standard output without one.")]
Slug = Annotated[str | None, typer.Option("--store", help="Name of the store; may be left out when there is one.")]


@app.command()
def sft(*, out: Out = None, store: Slug = None) -> None:
    """Good answers with what was said before them: {"messages": [{"role", "content"}, …]} a line."""
    _export("sft", out, store)


@app.command()
def dpo(*, out: Out = None, store: Slug = None) -> None:
    """Bad answers beside better ones: {"prompt": […], "chosen": […], "rejected": […]} a line."""
    _export("dpo", out, store)


def _export(shape: training.Shape, out: Path | None, slug: str | None) -> None:
    if out is None:
        count = asyncio.run(_write(shape, slug, sys.stdout))
    else:
        with out.open("w", encoding="utf-8") as file:
            count = asyncio.run(_write(shape, slug, file))
    sys.stderr.write(f"{count} rows\n")


async def _write(shape: training.Shape, slug: str | None, file: TextIO) -> int:
    settings = Settings()
    url = settings.database_url.get_secret_value() if settings.database_url else None
    database = await Database.open(url=url, data_dir=settings.data_dir)
    count = 0
    try:
        async with database.sessions() as session:
            store = await stores.meant(session, slug)
            async for row in training.rows(session, store.id, shape):
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
                count += 1
    finally:
        await database.close()
    return count
