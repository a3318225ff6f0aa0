"""`xiaoer bench …`: figures, with the machine and the model they belong to."""

import asyncio
import json
import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from xiaoer import stores, telemetry
from xiaoer.bench import (
    answers,
    danger,
    figures,
    injections,
    intents,
    langid,
    learning,
    live,
    retrieval,
    scale,
    start,
    tasks,
    turn,
)
from xiaoer.bench.machine import machine
from xiaoer.cli.fitting import fit_weights
from xiaoer.db.database import Database
from xiaoer.demo import seed as demo
from xiaoer.desk.desk import Desk, make_embedder, open_desk
from xiaoer.exam import questions, splits
from xiaoer.knowledge.embedding import BundledEmbedder, Embedder
from xiaoer.llm import store
from xiaoer.settings import Settings
from xiaoer.web.client import served

MODEL_SECONDS = 900.0
NO_LIMIT = 1_000_000
app = typer.Typer(help="Measure this machine: retrieval, answers, turns, languages.", no_args_is_help=True)
app.command("fit")(fit_weights)
JSONFlag = Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")]
Folder = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="A folder of test data.")]
ModelName = Annotated[
    str | None,
    typer.Option("--model", help="A model of the catalogue, a GGUF file, or none; the one in use by default."),
]


@app.command("turn")
def bench_turn(
    *,
    model: ModelName = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often each question is asked.")] = 1,
    as_json: JSONFlag = False,
) -> None:
    """First text and whole answer of a turn, per route, on the demo store."""
    show("Turns on the demo store", asyncio.run(_turn(model, rounds)), as_json=as_json)


@app.command("answers")
def bench_answers(
    folder: Folder,
    *,
    model: ModelName = None,
    locale: Annotated[str, typer.Option(help="Language of the questions.")] = "zh",
    texts: Annotated[str, typer.Option(help="Language of the passages.")] = "zh",
    sample: Annotated[int | None, typer.Option(min=1, help="Ask so many questions only, always the same.")] = None,
    as_json: JSONFlag = False,
) -> None:
    """How often the turn answers right, and refuses where the right passage is withheld."""
    figures = asyncio.run(_answers(folder, model, locale=locale, texts=texts, sample=sample))
    show("Answers", figures, as_json=as_json)


@app.command("split")
def bench_split(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Questions as for `xiaoer eval`.")],
    into: Annotated[Path, typer.Argument(help="A new file for the ids of each part.")],
) -> None:
    """Part the questions of an exam in two by the hash of their ids: one to tune on, one to test with."""
    parts = splits.halved(questions.read(file.read_text(encoding="utf-8")))
    with into.open("x", encoding="utf-8") as written:  # a split that is there has been tuned on
        json.dump(parts, written, indent=1)
    typer.echo(", ".join(f"{part} {len(ids)}" for part, ids in parts.items()))


@app.command("injections")
def bench_injections(folder: Folder, *, model: ModelName = None, as_json: JSONFlag = False) -> None:
    """Attacks in passages and tool results, each in the real turn (agent_tool_injections.jsonl, prompts.jsonl)."""
    show("Orders to the machine in material", asyncio.run(_injections(folder, model)), as_json=as_json)


@app.command("intents")
def bench_intents(folder: Folder, *, as_json: JSONFlag = False) -> None:
    """In-scope accuracy and out-of-scope recall of the small classifier (NAME_train.jsonl, NAME_test|val.jsonl)."""
    show("Intents, % [95 % interval]", asyncio.run(_intents(folder)), as_json=as_json)


@app.command("danger")
def bench_danger(
    files: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help="Rows of {text, language, kind, split}.")
    ],
    *,
    fit: Annotated[bool, typer.Option("--fit", help="Learn anew from the examples of the package before.")] = False,
    missed: Annotated[bool, typer.Option("--missed", help="Tell which train rows were judged wrongly.")] = False,
    as_json: JSONFlag = False,
) -> None:
    """How many dangers are noticed and how often harmless questions alarm, by split and language."""
    figures = asyncio.run(_danger(files, fit=fit, missed=missed))
    show("Danger, count and % [95 % interval]", figures, as_json=as_json)


@app.command("learn")
def bench_learn() -> None:
    """Learn what classifiers need from their examples, and keep it with the package; after any change of examples."""
    for path in asyncio.run(learning.learn_all(BundledEmbedder())):
        typer.echo(path)


@app.command("langid")
def bench_langid(folder: Folder, *, as_json: JSONFlag = False) -> None:
    """How often the language of a short text is told right (*.jsonl with text, lang, kind)."""
    rows = {
        kind: {label: round(100 * share, 1) for label, share in by_language.items()}
        for kind, by_language in langid.measure(folder).items()
    }
    show("Language of short texts, % right", rows, as_json=as_json)


@app.command("retrieval")
def bench_retrieval(
    folder: Folder,
    *,
    corpus: Annotated[list[str] | None, typer.Option(help="Search this corpus only, such as zh.")] = None,
    as_json: JSONFlag = False,
) -> None:
    """nDCG@10 and Hit@1 of search (corpus*.jsonl or passages.jsonl, queries*.jsonl, qrels.tsv)."""
    show("Retrieval", asyncio.run(_retrieval(folder, corpus or [])), as_json=as_json)


@app.command("tasks")
def bench_tasks(
    folder: Folder,
    *,
    model: ModelName = None,
    only: Annotated[list[str] | None, typer.Option(help="Play this task only, by its id.")] = None,
    talk: Annotated[bool, typer.Option(help="Print the conversations too.")] = False,
    as_json: JSONFlag = False,
) -> None:
    """Shoppers' tasks played by rule against a merchant's tools (tasks.jsonl, tools.json, orders.json …)."""
    outcomes = asyncio.run(_tasks(folder, model, only or []))
    for outcome in outcomes if talk else ():
        lines = [
            *outcome.talk,
            *(f"missed: {each}" for each in outcome.missed),
            *(f"extra: {e}" for e in outcome.extra),
        ]
        typer.echo("\n".join([f"## task {outcome.task}", *lines]), err=True)
    show("Tasks, played by rule", tasks.figures(outcomes), as_json=as_json)


@app.command("scale")
def bench_scale(
    *,
    passages: Annotated[int, typer.Option(min=100, help="Size of the synthetic store.")] = 100_000,
    as_json: JSONFlag = False,
) -> None:
    """Milliseconds of a search in a large store, made up for the purpose, and of an edit until it is found."""
    show("Search at scale", asyncio.run(_scale(passages)), as_json=as_json)


@app.command("start")
def bench_start(
    *,
    passages: Annotated[int, typer.Option(min=100, help="Size of a synthetic store beside the demo's.")] = 2_700,
    as_json: JSONFlag = False,
) -> None:
    """How long a restart takes, where the time goes, and what the first message waits."""
    show("A restart", asyncio.run(_start(passages)), as_json=as_json)


@app.command("figures")
def bench_figures(
    *,
    messages: Annotated[int, typer.Option(min=1000, help="Messages of a made-up year.")] = 1_000_000,
    as_json: JSONFlag = False,
) -> None:
    """Milliseconds of the figures page over a year of messages, made up for the purpose."""
    show("Figures", asyncio.run(_figures(messages)), as_json=as_json)


async def _turn(model: str | None, rounds: int) -> Mapping[str, Any]:
    async with fresh_desk(model) as desk:
        return {"model": desk.model.state, **await turn.measure(desk, rounds=rounds)}


async def _answers(
    folder: Path, model: str | None, *, locale: str, texts: str, sample: int | None
) -> Mapping[str, Any]:
    async with fresh_desk(model, seeded=False) as desk:
        return await answers.measure(desk, folder, locale=locale, texts=texts, sample=sample)


async def _retrieval(folder: Path, corpora: list[str]) -> Mapping[str, Any]:
    async with fresh_desk("none", seeded=False) as desk:
        return await retrieval.measure(desk.database, desk.knowledge, folder, corpora=corpora)


async def _injections(folder: Path, model: str | None) -> Mapping[str, Any]:
    async with fresh_desk(model, seeded=False) as desk:
        return await injections.measure(desk, folder)


async def _intents(folder: Path) -> Mapping[str, Any]:
    async with _embedder() as embedder:
        return await intents.measure(folder, embedder)


async def _danger(files: list[Path], *, fit: bool, missed: bool) -> Mapping[str, Any]:
    async with _embedder() as embedder:
        figures = await danger.fit(embedder) if fit else {}
        for path in files:
            figures |= await danger.measure(path, embedder, missed=missed)
        return figures


@asynccontextmanager
async def _embedder() -> AsyncIterator[Embedder]:
    embedder = await asyncio.to_thread(make_embedder, Settings().embedding)
    try:
        await embedder.prepare()
        yield embedder
    finally:
        await embedder.close()


async def _tasks(folder: Path, model: str | None, only: list[str]) -> list[tasks.Outcome]:
    async with fresh_desk(model, seeded=False, allow_private_urls=True) as desk:
        return await tasks.measure(desk, folder, only=only)


async def _scale(passages: int) -> Mapping[str, Any]:
    settings = Settings()
    with tempfile.TemporaryDirectory(prefix="xiaoer-bench-") as folder:
        database = await Database.open(url=None, data_dir=Path(folder))
        embedder = await asyncio.to_thread(make_embedder, settings.embedding)
        try:
            return await scale.measure(database, embedder, passages=passages)
        finally:
            await database.close()


@app.command("live")
def bench_live(
    *,
    consoles: Annotated[int, typer.Option(min=1, help="Consoles of staff that listen.")] = 200,
    customers: Annotated[int, typer.Option(min=1, help="Customers that listen.")] = 2000,
    words: Annotated[int, typer.Option(min=1, help="Sentences of staff, each to another customer.")] = 100,
    as_json: JSONFlag = False,
) -> None:
    """Memory of many open streams, and how long after a word is sent each screen has it."""
    measured = asyncio.run(_live(consoles, customers, min(words, customers)))
    show("Open streams", measured, as_json=as_json)


async def _live(consoles: int, customers: int, words: int) -> Mapping[str, Any]:
    async with fresh_desk("none", seeded=False) as desk, served(desk) as address:
        async with desk.database.sessions.begin() as session:
            store_id = (await stores.create(session, "bench", {"name": {"zh": "店"}, "locales": ["zh"]})).id
        return await live.measure(desk, address, store_id, consoles=consoles, listeners=customers, words=words)


async def _start(passages: int) -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory(prefix="xiaoer-bench-") as folder:
        async with fresh_desk("none", seeded=False, data_dir=Path(folder)) as desk:
            await start.fill(desk, passages)
        changed = {"DATA_DIR": folder, "PORT": "0", "MODEL__ENABLED": "false", "MESSAGES_PER_MINUTE": str(NO_LIMIT)}
        alone = {name: value for name, value in os.environ.items() if not name.startswith("XIAOER_")}
        return await start.measure(alone | {f"XIAOER_{name}": value for name, value in changed.items()})


async def _figures(messages: int) -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory(prefix="xiaoer-bench-") as folder:
        database = await Database.open(url=None, data_dir=Path(folder))
        try:
            return await figures.measure(database, messages=messages)
        finally:
            await database.close()


@asynccontextmanager
async def fresh_desk(model: str | None, *, seeded: bool = True, **more: Any) -> AsyncIterator[Desk]:
    """A desk in a folder of its own, ready and without limits per minute, by default with the demo store in it."""
    telemetry.configure_logging("warning", json_lines=False)
    given = Settings()
    with tempfile.TemporaryDirectory(prefix="xiaoer-bench-") as folder:
        changes = {
            "data_dir": Path(folder),
            "database_url": None,
            "model": given.model.model_copy(update=await model_settings(given, model)),
            "messages_per_minute": NO_LIMIT,
            "conversations_per_minute": NO_LIMIT,
            **more,
        }
        async with open_desk(given.model_copy(update=changes)) as desk:
            await desk.prepare()  # as the server does when it starts
            if seeded:
                await demo.seed(desk.database, desk.knowledge)
                await desk.knowledge.settled()
            await desk.model.ready(timeout_seconds=MODEL_SECONDS)
            yield desk


async def model_settings(given: Settings, name: str | None) -> dict[str, Any]:
    """What the model's settings become: none, a server as set, or a file (pulled into the usual place if missing)."""
    if name == "none":
        return {"enabled": False, "base_url": None}
    if name is None and (given.model.base_url or given.model.path or not given.model.enabled):
        return {}
    directory = given.data_dir / "models"
    return {"path": await store.pull(name or store.chosen(directory), directory), "base_url": None}


def show(title: str, figures: Mapping[str, Any], *, as_json: bool) -> None:
    """Print figures: single ones by line, rows as a table."""
    if as_json:
        typer.echo(json.dumps({"title": title, "machine": machine(), **figures}, ensure_ascii=False))
        return
    console = Console(highlight=False)
    console.print(f"[bold]{escape(title)}[/]  ({escape(machine())})")
    rows = {name: row for name, row in figures.items() if isinstance(row, Mapping)}
    for name, value in figures.items():
        if name not in rows:
            console.print(escape(f"{name}: {value}"))
    if rows:
        columns = list(dict.fromkeys(column for row in rows.values() for column in row))
        table = Table("", *columns, box=None, pad_edge=False)
        for name, row in rows.items():
            table.add_row(escape(str(name)), *(str(row.get(column, "")) for column in columns))
        console.print(table)
