"""`xiaoer ingest`: files, folders, pages and whole sites into a store's knowledge."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from xiaoer import stores, telemetry
from xiaoer.assistant.answering.prompts import NAMES
from xiaoer.db.database import Database
from xiaoer.desk.desk import make_embedder
from xiaoer.errors import Invalid
from xiaoer.knowledge.fetching import guarded_client
from xiaoer.knowledge.gathering import Wanted
from xiaoer.knowledge.intake import Report, bring
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.knowledge.reading import mapping as mappings
from xiaoer.knowledge.reading.problems import MEBIBYTE, Limits, shown
from xiaoer.knowledge.reading.reader import File, Outcome, Reader
from xiaoer.settings import Settings
from xiaoer.staff import people

MOST_TOLD = 20
NOTICES = {
    "withdrawn": "withdrawn: no longer in the source, a draft now (--keep keeps such)",
    "orphaned": "no longer in the source, kept because changed by staff",
    "kept": "changed or withdrawn by staff, and not replaced: the source says what it said before",
    "replaced": "changed by staff, but new in the source: replaced, the history has what staff wrote",
    "hidden": "withdrawn by staff, and new in the source: stays a draft, with the new words",
}
LOOK_SECONDS = 0.3
TELL_SECONDS = 15.0
STUCK_SECONDS = 90.0


@dataclass
class Tally:
    """What an import came to."""

    articles: int = 0
    questions: int = 0
    failed: int = 0
    report: Report = field(default_factory=Report)


def ingest(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATH...", help="Files (Markdown, text, HTML, PDF, Word, Excel, CSV, JSON, zip) or folders."
        ),
    ] = None,
    *,
    store: Annotated[
        str | None, typer.Option(help="The store's name, made if it is new; the only one there is by default.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Main language of a new store, such as vi; Chinese without it.")
    ] = None,
    mapping: Annotated[Path | None, typer.Option(help="JSON file that says what the fields of records are.")] = None,
    url: Annotated[list[str] | None, typer.Option(help="A page to fetch; may be given several times.")] = None,
    sitemap: Annotated[str | None, typer.Option(help="A sitemap, or any page of a site that has one.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Most pages to fetch from the sitemap.")] = 500,
    owner_email: Annotated[str | None, typer.Option(help="E-mail address of the owner of a new store.")] = None,
    owner_name: Annotated[str | None, typer.Option(help="Name of that owner, which customers see.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep what a file, folder or site no longer has.")] = False,
) -> None:
    """Import knowledge. Importing the same again replaces it. Exit 1 when something could not be read.

    What the same file, folder or site no longer has is withdrawn: it becomes a draft. What staff changed or withdrew
    stays so while the source says what it said.
    """
    if not (paths or url or sitemap):
        raise typer.BadParameter("Give files or folders, --url or --sitemap.", param_hint="PATH")
    if language not in (None, *NAMES):
        raise typer.BadParameter(f"Choose one of {', '.join(NAMES)}.", param_hint="--language")
    fields = mappings.load(mapping.read_bytes()) if mapping else None
    telemetry.configure_logging("warning", json_lines=False)
    folders = [path for path in paths or () if path.is_dir()]
    wanted = Wanted(list(_files(paths or [])), list(url or ()), sitemap, limit, folders, keep)
    work = Work(Settings(), fields, wanted, language, owner_email, owner_name)
    tally = asyncio.run(_ingest(work, store))
    raise typer.Exit(1 if tally.failed else 0)


@dataclass(frozen=True)
class Work:
    settings: Settings
    fields: dict[str, Any] | None
    wanted: Wanted
    language: str | None
    owner_email: str | None
    owner_name: str | None


async def _ingest(work: Work, slug: str | None) -> Tally:
    tally = Tally()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(highlight=False, soft_wrap=True)
    async with _knowledge(work, slug) as (knowledge, shop):
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
            bar = progress.add_task("reading", total=None)
            wanted = work.wanted
            most = len(wanted.files) + len(wanted.urls) + (wanted.limit if wanted.sitemap else 0)
            progress.update(bar, total=most)
            limits = Limits(file_bytes=work.settings.upload_megabytes * MEBIBYTE)
            with Reader(mapping=work.fields, zone=shop.profile.timezone, limits=limits) as reader:
                client = partial(guarded_client, allow_private=work.settings.allow_private_urls)
                async for outcome in bring(knowledge, shop.id, reader, client, wanted, tally.report):
                    progress.advance(bar)
                    _count(outcome, tally, console)
            if tally.report.changed:
                progress.remove_task(bar)
                await _read_in(knowledge, shop.id, progress, console)
    _tell(tally, console)
    return tally


@asynccontextmanager
async def _knowledge(work: Work, slug: str | None) -> AsyncIterator[tuple[Knowledge, stores.Store]]:
    """The knowledge of the database, and the store meant. A running server sees what is saved here at once."""
    settings = work.settings
    url = settings.database_url.get_secret_value() if settings.database_url else None
    database = await Database.open(url=url, data_dir=settings.data_dir, pool_size=3)
    try:
        async with database.sessions.begin() as session:
            every = await stores.every(session)
            if slug is None and len(every) != 1:
                names = ", ".join(store.slug for store in every)
                raise stores.UnknownStore(
                    f"Say which store with --store: {names}"
                    if every
                    else "There is no store yet. Name one with --store, or make the demo store with `xiaoer run`."
                )
            shop = next((store for store in every if slug in (None, store.slug)), None)
            if shop is None:
                main = work.language or "zh"
                named = {"name": {main: str(slug)}, "locales": list(dict.fromkeys([main, "en"]))}
                shop = await stores.create(session, str(slug), named)
                owner = await people.first_owner(session, shop, email=work.owner_email, name=work.owner_name)
                _welcome(shop, owner, await stores.publishable_key(session, shop.id))
            elif work.language not in (None, shop.profile.locales[0]):
                raise Invalid(f"The main language of {shop.slug} is {shop.profile.locales[0]}; it is set under Shop.")
        knowledge = Knowledge(database, await asyncio.to_thread(make_embedder, settings.embedding))
        await knowledge.start()
        try:
            yield knowledge, shop
        finally:
            await knowledge.close()
    finally:
        await database.close()


def _welcome(shop: stores.Store, owner: tuple[str, str] | None, key: str) -> None:
    """What the owner of a new store needs next: there may be no other moment to learn it while a server runs."""
    typer.echo(f"Store {shop.slug} is made: chat page /chat?store={shop.slug}, publishable key {key}")
    if owner:
        typer.echo(f"Console: sign in as {owner[0]} / {owner[1]}  (shown this once)")


def _files(paths: list[Path]) -> Iterator[File]:
    """The files meant: a folder means all in it but hidden ones, known by their place below the folder."""
    for path in paths:
        if not path.is_dir():
            yield path.name, path
            continue
        for found in sorted(path.rglob("*")):
            place = found.relative_to(path)
            if found.is_file() and not any(part.startswith((".", "~$")) for part in place.parts):
                yield place.as_posix(), found


def _count(outcome: Outcome, tally: Tally, console: Console) -> None:
    """Add an outcome to the tally and say it in a line."""
    if outcome.problem:
        tally.failed += 1
        console.print(f"[red]no[/]  {escape(outcome.problem.detail)}")
        return
    questions = sum(document.kind == "question" for document in outcome.documents)
    tally.questions += questions
    tally.articles += len(outcome.documents) - questions
    notes = "".join(f"; {note}" for note in outcome.notes)
    counts = f"{len(outcome.documents) - questions} articles, {questions} questions"
    console.print(f"[green]ok[/]  {escape(outcome.name)}: {counts}{escape(notes)}")


def _tell(tally: Tally, console: Console) -> None:
    """What became of articles that somebody may miss, and the sum of it all."""
    report = tally.report
    for what, meaning in NOTICES.items():
        if not (count := report.counts[what]):
            continue
        console.print(f"{count} {meaning}:")
        told = [notice for notice in report.notices if notice.what == what][:MOST_TOLD]
        for notice in told:
            console.print(f"    {escape(shown(notice.title))}  ({escape(shown(notice.key))})")
        if count > len(told):
            console.print(f"    and {count - len(told)} more")
    console.print(
        f"{tally.articles} articles and {tally.questions} questions read, {report.changed} new or changed, "
        f"{tally.failed} {'file' if tally.failed == 1 else 'files'} not read"
    )


async def _read_in(knowledge: Knowledge, store_id: uuid.UUID, progress: Progress, console: Console) -> None:
    """Wait until all of this store is found by meaning; by its words it is already. Other stores are not waited for."""
    clock = asyncio.get_running_loop().time
    bars = [progress.add_task(name, total=None) for name in ("passages found by meaning", "sentence by sentence")]
    seen, moved, told = await knowledge.progress(store_id), clock(), clock()
    done = asyncio.create_task(knowledge.settled(store_id))
    while not (await asyncio.wait([done], timeout=LOOK_SECONDS))[0]:
        before, seen = seen, await knowledge.progress(store_id)
        moved = clock() if seen != before else moved
        for bar, count in zip(bars, (seen.embedded, seen.refined), strict=True):
            progress.update(bar, completed=count, total=seen.passages)
        if not console.is_terminal and clock() - told > TELL_SECONDS:
            told = clock()
            console.print(
                f"{seen.embedded} of {seen.passages} passages are found by meaning, {seen.refined} sentence by sentence"
            )
        if clock() - moved > STUCK_SECONDS:
            done.cancel()
            console.print("The embedder does not answer: what is stored is found by its words until it does.")
            return
    console.print(f"all {(await knowledge.progress(store_id)).passages} passages of the store are found by meaning")
