"""`xiaoer ask` and `xiaoer chat`: the same public API as any page, from a terminal."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import typer
from rich.console import Console

from xiaoer import stores, telemetry
from xiaoer.assistant.events import ENDINGS
from xiaoer.db.database import Database
from xiaoer.demo import seed as demo
from xiaoer.desk.desk import open_desk
from xiaoer.settings import Settings
from xiaoer.web.client import Client, is_ours, served

MODEL_SECONDS = 60.0
StoreOption = Annotated[str | None, typer.Option("--store", help="The store's name; the first one by default.")]
LocaleOption = Annotated[str | None, typer.Option("--locale", help="The customer's language, such as zh or en.")]


def ask(
    question: str,
    *,
    store: StoreOption = None,
    locale: LocaleOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole ending event.")] = False,
) -> None:
    """Ask one question and print the answer."""
    asyncio.run(_ask(question, store, locale, as_json=as_json))


def chat(*, store: StoreOption = None, locale: LocaleOption = None) -> None:
    """Talk to the assistant until an empty line."""
    asyncio.run(_chat(store, locale))


async def _ask(question: str, store: str | None, locale: str | None, *, as_json: bool) -> None:
    async with _client(store) as client:
        ended: dict[str, Any] = {}
        told = ""
        async for kind, data in client.say(await client.open(locale), question):
            if kind in ENDINGS:
                ended = {"kind": kind, **data}
            elif kind == "text" and not as_json:
                typer.echo(data["delta"], nl=False)
                told += data["delta"]
        if as_json:
            typer.echo(json.dumps(ended, ensure_ascii=False))
        else:
            close_answer(ended, told)
    raise typer.Exit(1 if ended["kind"] == "failed" else 0)


async def _chat(store: str | None, locale: str | None) -> None:
    console = Console(highlight=False)
    async with _client(store) as client:
        conversation = await client.open(locale)
        console.print(f"{conversation['greeting']}\n[dim]{conversation['disclosure']}[/]")
        while text := (await asyncio.to_thread(_line)).strip():
            told = ""
            async for kind, data in client.say(conversation, text):
                if kind in ENDINGS:
                    close_answer({"kind": kind, **data}, told)
                elif kind == "text":
                    typer.echo(data["delta"], nl=False)
                    told += data["delta"]


def _line() -> str:
    with contextlib.suppress(EOFError):
        return input("> ")
    return ""


def close_answer(ended: dict[str, Any], told: str) -> None:
    """What follows the text that was told: the rest of it, or why there is none, and its sources."""
    whole = "" if ended["kind"] == "done" else ended.get("detail") or ended.get("text") or ended["reason"]
    typer.echo(whole.removeprefix(told))
    for source in ended.get("sources", ()):
        typer.echo(f"  [{source['n']}] {source['title']}: {source['quote']}", err=True)


@asynccontextmanager
async def _client(slug: str | None) -> AsyncIterator[Client]:
    """A client of the running server, or of one started for this command alone."""
    settings = Settings()
    telemetry.configure_logging("warning", json_lines=False)
    address = f"http://{settings.host}:{settings.port}"
    if settings.port and await is_ours(address):
        url = settings.database_url.get_secret_value() if settings.database_url else None
        database = await Database.open(url=url, data_dir=settings.data_dir, pool_size=1)
        try:
            key = await _key(database, slug)
        finally:
            await database.close()
        client = Client(address, key)
        yield client
        await client.close()
        return
    async with open_desk(settings) as desk:
        if slug is None:
            await demo.seed(desk.database, desk.knowledge)
        await desk.model.ready(timeout_seconds=MODEL_SECONDS)
        async with served(desk) as address:
            client = Client(address, await _key(desk.database, slug))
            yield client
            await client.close()


async def _key(database: Database, slug: str | None) -> str:
    async with database.sessions.begin() as session:
        every = await stores.every(session)
        if not slug and not every:
            raise stores.UnknownStore("There is no store yet; `xiaoer run` makes the demo store.")
        store = await stores.by_slug(session, slug) if slug else every[0]
        return await stores.publishable_key(session, store.id)
