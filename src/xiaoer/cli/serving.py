"""`xiaoer run`, `serve` and `check`."""

import asyncio
import gc
import json
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import psutil
import typer
import uvicorn
from rich.console import Console
from rich.table import Table

from xiaoer import stores, telemetry
from xiaoer.demo import seed as demo
from xiaoer.desk.checks import check_everything
from xiaoer.desk.desk import Desk, open_desk
from xiaoer.errors import Unavailable
from xiaoer.privacy.masking import masked
from xiaoer.settings import Settings
from xiaoer.staff import people
from xiaoer.web.connections import served_by_uvicorn

console = Console(stderr=True, highlight=False)


class PortTaken(Unavailable):
    """Another program listens there."""


def run(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the addresses and keys as one JSON object.")] = False,
) -> None:
    """Serve with the demo store and everything embedded: the first command of a newcomer."""
    asyncio.run(_serve(Settings(), seed_demo=True, as_json=as_json))


def serve(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the addresses and keys as one JSON object.")] = False,
) -> None:
    """Serve the stores there are; makes no demo store."""
    asyncio.run(_serve(Settings(), seed_demo=False, as_json=as_json))


def check(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Tell in words what works and what does not: database, model, embedder, disk, port. Exit 1 on a failure."""
    findings = asyncio.run(check_everything(Settings()))
    if as_json:
        typer.echo(json.dumps([vars(finding) for finding in findings], ensure_ascii=False))
    else:
        table = Table("", "part", "finding", box=None, pad_edge=False)
        for finding in findings:
            mark = "[green]ok[/]" if finding.ok else "[red]no[/]"
            table.add_row(mark, finding.part, finding.detail)
        Console(highlight=False).print(table)
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


async def _serve(settings: Settings, *, seed_demo: bool, as_json: bool) -> None:
    telemetry.START_SECONDS.labels("import").set(time.time() - psutil.Process().create_time())
    telemetry.configure_logging(settings.log_level, json_lines=settings.log_json, mask=masked)
    listener = _listen(settings)
    async with open_desk(settings) as desk:
        secret = await demo.seed(desk.database, desk.knowledge) if seed_demo else None
        port = listener.getsockname()[1]
        await _announce(desk, settings, port, secret, as_json=as_json)
        config = served_by_uvicorn(desk, log_level="warning", timeout_graceful_shutdown=10)
        desk.is_preparing = True  # before anybody can ask whether it is ready
        preparing = asyncio.create_task(desk.prepare())
        preparing.add_done_callback(lambda _: gc.freeze())  # all that stays: to look it through would stall every turn
        with _stopped_gently():
            await uvicorn.Server(config).serve(sockets=[listener])
        preparing.cancel()


@contextmanager
def _stopped_gently() -> Iterator[None]:
    """Let being told to stop end the serving only: uvicorn raises the signal again once it has stopped.

    Unheeded it would end the process there, with turns cut off and the embedded database still running.
    """
    before = {told: signal.signal(told, lambda *_: None) for told in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for told, handler in before.items():
            signal.signal(told, handler)


def _listen(settings: Settings) -> socket.socket:
    """Take the port before anything else is started, so that a taken one is told at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(512)
    except OSError as error:
        message = (
            f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}. "
            "Stop the other program, or choose another port with XIAOER_PORT=8001."
        )
        raise PortTaken(message) from error
    return listener


async def _announce(desk: Desk, settings: Settings, port: int, secret: str | None, *, as_json: bool) -> None:
    address = settings.public_url or f"http://{settings.host}:{port}"
    async with desk.database.sessions.begin() as session:
        every = await stores.every(session)
        keys = {store.slug: await stores.publishable_key(session, store.id) for store in every}
        owners = {store.slug: await people.first_owner(session, store) for store in every}
    made = {slug: owner for slug, owner in owners.items() if owner}
    lines = {"chat": f"{address}/chat", "console": f"{address}/console", "api": f"{address}/docs"}
    if as_json:
        first = next(iter(made.values()), None)
        lines |= {"publishable_key": next(iter(keys.values()))} if keys else {}
        lines |= {"secret_key": secret} if secret else {}
        lines |= {"staff_email": first[0], "staff_password": first[1]} if first else {}
        people_made = {slug: {"email": email, "password": password} for slug, (email, password) in made.items()}
        typer.echo(json.dumps({**lines, "stores": keys, "owners": people_made}, ensure_ascii=False))
        return
    for slug in keys if len(keys) > 1 else ():
        typer.echo(f"Chat page        {lines['chat']}?store={slug}")
    if len(keys) <= 1:
        typer.echo(f"Chat page        {lines['chat']}")
    typer.echo(f"Console          {lines['console']}")
    for slug, (email, password) in made.items():
        typer.echo(f"Sign in as       {email} / {password}  (store {slug}; shown this once)")
    typer.echo(f"API              {lines['api']}")
    for slug, key in keys.items():
        typer.echo(f"Publishable key  {key}  (store {slug})")
    if secret:
        typer.echo(f"Secret key       {secret}  (shown this once; for the merchant's own programs)")
    typer.echo(f"Model            {desk.model.state}")
