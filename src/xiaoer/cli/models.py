"""`xiaoer model`: the language models kept on this machine."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Column, Table

from xiaoer.llm import store
from xiaoer.llm.catalogue import CATALOGUE, SMALL, Hub
from xiaoer.llm.hubs import HUBS
from xiaoer.llm.profiles import profile_of
from xiaoer.settings import Settings

STEP_PERCENT = 10
LEAST_WIDTH = 110
"""Of a listing: a narrower terminal wraps its lines, but nothing is cut off."""
COLUMNS = ("name", "does", "size", "memory", "context", "thinks", "licence", "here")
BAR = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
app = typer.Typer(help="The language models kept on this machine.", no_args_is_help=True)


@app.command(name="list")
def list_models() -> None:
    """List the models of the catalogue and those that are here; the one in use is marked with a star."""
    directory = models_directory()
    here = {model.path.name: model for model in store.installed(directory)}
    in_use = Path(store.chosen(directory))
    table = Table("", *(Column(title, no_wrap=True) for title in COLUMNS), box=None)
    for entry in CATALOGUE:
        table.add_row(
            "*" if in_use == directory / entry.file else "",
            entry.name,
            entry.kind,
            f"{entry.size_bytes / 1e9:.1f} GB",
            f"{entry.memory_bytes / 1e9:.1f} GB",
            f"{entry.context_tokens:,}",
            profile_of(entry.name).thinking if entry.kind == "chat" else "",
            entry.licence,
            "yes" if here.pop(entry.file, None) else "",
        )
    console = Console(highlight=False)
    console.width = max(console.width, LEAST_WIDTH)
    console.print(table)
    others = [model.path for model in here.values()]
    if in_use.is_file() and in_use.parent != directory:
        others.append(in_use)
    for path in others:
        console.print(f" {'*' if path == in_use else ' '}  {path}", soft_wrap=True)


@app.command()
def pull(
    name: Annotated[str, typer.Argument(help="A model of the catalogue; by default a small one for a CPU.")] = SMALL,
) -> None:
    """Bring a model to this machine, going on where an earlier try stopped; its SHA-256 is checked."""
    console = Console(highlight=False, soft_wrap=True)
    path = asyncio.run(_pulled(name, console))
    console.print(str(path))


@app.command()
def use(
    name: Annotated[str, typer.Argument(help="A model that is here, or the path of any GGUF file.")],
) -> None:
    """Choose the model that answers; `xiaoer run` and `xiaoer serve` take it from their next start on."""
    Console(highlight=False, soft_wrap=True).print(str(store.use(name, models_directory())))


def models_directory() -> Path:
    """Where models are kept."""
    return Settings().data_dir / "models"


def hub_addresses(environment: Mapping[str, str]) -> dict[Hub, str]:
    """Return the hubs' addresses; the variables that their own clients know move them."""
    moved: dict[Hub, str | None] = {
        "huggingface": environment.get("HF_ENDPOINT"),
        "modelscope": environment.get("MODELSCOPE_ENDPOINT"),
    }
    return {hub: (moved[hub] or address).rstrip("/") for hub, address in HUBS.items()}


async def _pulled(name: str, console: Console) -> Path:
    """Show a bar on a terminal, and a plain line for each tenth elsewhere."""
    places = store.Places(hubs=hub_addresses(os.environ))
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    told = -1
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(name, total=None)

        def show(done: int, whole: int) -> None:
            nonlocal told
            bar.update(task, completed=done, total=whole)
            percent = 100 * done // max(whole, 1) // STEP_PERCENT * STEP_PERCENT
            if not console.is_terminal and percent != told:
                told = percent
                console.print(f"{name}: {percent} % of {whole / 1e6:,.0f} MB")

        return await store.pull(name, models_directory(), on_progress=show, places=places)
