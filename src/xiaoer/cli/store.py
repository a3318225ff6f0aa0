"""`xiaoer store …`: all that a shop sets, shown and changed from a file, for who has many shops or no browser."""

import asyncio
import json
import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer

from xiaoer.cli.opening import opened
from xiaoer.desk import shopkeeping
from xiaoer.desk.desk import make_embedder
from xiaoer.errors import Invalid
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.settings import Settings

app = typer.Typer(help="What a shop sets: show it, change it from a file.", no_args_is_help=True)
StoreName = Annotated[str | None, typer.Option("--store", help="The store's name; the only one there is by default.")]


@app.command()
def show(*, store: StoreName = None) -> None:
    """All settings in force as JSON; what it prints can be given to `set` again."""

    async def work() -> None:
        async with opened(Settings(), store) as (_, shop):
            typer.echo(json.dumps(shop.profile.model_dump(mode="json"), ensure_ascii=False, indent=2))

    asyncio.run(work())


@app.command(name="set")
def change(
    file: Annotated[Path, typer.Argument(allow_dash=True, help="Settings as TOML or JSON; - reads JSON.")],
    *,
    store: StoreName = None,
) -> None:
    """Change the settings that the file names and keep all others; null takes one back to how it comes."""
    text = typer.get_text_stream("stdin").read() if str(file) == "-" else file.read_text(encoding="utf-8")
    asyncio.run(_change(read(text, file), store))


async def _change(settings: dict[str, Any], slug: str | None) -> None:
    operator = Settings()
    async with opened(operator, slug) as (database, shop):
        profile = await shopkeeping.patch(database, shop.id, settings)
        if "facts" in settings:
            knowledge = Knowledge(database, await asyncio.to_thread(make_embedder, operator.embedding))
            await knowledge.start()
            try:
                await shopkeeping.tell_facts(knowledge, shop.id, profile)
                await knowledge.settled(shop.id)
            finally:
                await knowledge.close()
    typer.echo(f"{shop.slug}: {', '.join(sorted(settings)) or 'nothing'} set; it counts from the next message on")


def read(text: str, file: Path) -> dict[str, Any]:
    """The settings that a file names; raises `Invalid`."""
    try:
        value = tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)
        value = json.loads(json.dumps(value, default=str))  # dates as texts, as the profile reads them
    except ValueError as error:
        raise Invalid(f"{file.name}: {str(error)[:200]}.") from error
    if not isinstance(value, dict):
        raise Invalid(f"{file.name}: must hold settings by name.")
    return value
