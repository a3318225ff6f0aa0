"""`xiaoer commerce …`: link a store to the shop's own system, try the link, or upload tables instead."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import typer
import yaml
from rich.console import Console
from rich.markup import escape

from xiaoer.cli.opening import opened
from xiaoer.commerce import http_settings
from xiaoer.commerce.commerce import Commerce
from xiaoer.commerce.http_settings import BadLink
from xiaoer.commerce.links import Links
from xiaoer.commerce.openapi import read_document
from xiaoer.commerce.tables import LinkKind
from xiaoer.db.database import Database
from xiaoer.desk import uploading
from xiaoer.desk.desk import make_links, make_seal
from xiaoer.errors import Invalid, XiaoerError
from xiaoer.knowledge.reading.problems import MEBIBYTE, Limits
from xiaoer.settings import Settings
from xiaoer.stores import Store

app = typer.Typer(help="The shop's own system: products, orders, changes.", no_args_is_help=True)
StoreName = Annotated[str | None, typer.Option("--store", help="The store's name; the only one there is by default.")]


class NothingLinked(Invalid):
    """The store has no system yet."""


@app.command()
def link(
    kind: Annotated[Literal["http", "mcp", "woocommerce", "shopify", "stored"], typer.Argument()],
    *,
    settings: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="The settings as JSON or YAML; see docs/commerce.md."),
    ] = None,
    document: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The OpenAPI document, for http.")
    ] = None,
    secret_file: Annotated[
        Path | None, typer.Option(allow_dash=True, help="File with the key or token; - reads standard input.")
    ] = None,
    store: StoreName = None,
) -> None:
    """Link a store to a system. Without a secret the earlier one is kept, if the address is the same."""
    given = _mapping(settings) if settings else {}
    secret = None
    if secret_file is not None:
        read = typer.get_text_stream("stdin").read if str(secret_file) == "-" else secret_file.read_text
        secret = read().strip()
    if kind == "http":
        if document is None:
            raise BadLink("An HTTP API needs its OpenAPI document: --document openapi.yaml.")
        given = http_settings.link(read_document(document.read_bytes()), given).model_dump(mode="json")
    asyncio.run(_link(kind, given, secret, store))


@app.command()
def show(*, store: StoreName = None) -> None:
    """What a store is linked to. The secret is never shown."""

    async def work(shops: Links, shop: Store) -> None:
        linked = await shops.linked(shop.id)
        if linked is None:
            raise NothingLinked(f"{shop.slug} is linked to nothing.")
        commerce = cast("Commerce", await shops.of(shop.id))
        typer.echo(f"{shop.slug}: {linked.kind} {linked.settings.get('base_url', '')}".rstrip())
        typer.echo(f"secret: {'stored, encrypted' if linked.has_secret else 'none'}")
        typer.echo(f"since: {linked.changed_at.isoformat(timespec='seconds')}")
        typer.echo(f"can: {', '.join(sorted(commerce.abilities))}")

    asyncio.run(_with(store, work))


@app.command()
def unlink(*, store: StoreName = None) -> None:
    """Forget the link of a store and its secret. Tables that were uploaded stay."""

    async def work(shops: Links, shop: Store) -> None:
        if not await shops.remove(shop.id):
            raise NothingLinked(f"{shop.slug} is linked to nothing.")
        typer.echo(f"{shop.slug}: unlinked")

    asyncio.run(_with(store, work))


@app.command(name="try")
def try_out(
    *,
    product: Annotated[str | None, typer.Option(help="Words to search products by.")] = None,
    order: Annotated[str | None, typer.Option(help="Number of an order to read.")] = None,
    customer: Annotated[str | None, typer.Option(help="A customer whose orders to read.")] = None,
    store: StoreName = None,
) -> None:
    """Read from the shop's system as the assistant would, and change nothing. Exit 1 when something fails."""
    if not (product or order or customer):
        raise typer.BadParameter("Give --product, --order or --customer.")
    asyncio.run(_with(store, lambda shops, shop: _tried(shops, shop, product, order, customer)))


@app.command()
def upload(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV or Excel (.xlsx).")],
    *,
    kind: Annotated[
        Literal["products", "orders"] | None, typer.Option(help="Refuse a table of the other kind.")
    ] = None,
    currency: Annotated[str, typer.Option(help="Currency of its amounts, ISO 4217.")] = "CNY",
    store: StoreName = None,
) -> None:
    """Save products or orders of a shop that has no system to ask. Exit 1 when rows were left out."""
    taken = asyncio.run(_upload(file.name, file.read_bytes(), kind, currency.upper(), store))
    for note in taken.notes:
        typer.echo(f"no  {note}", err=True)
    typer.echo(f"{taken.products} products and {taken.orders} orders saved, {len(taken.notes)} rows left out")
    raise typer.Exit(1 if taken.notes else 0)


async def _link(kind: LinkKind, given: Mapping[str, Any], secret: str | None, slug: str | None) -> None:
    async def work(shops: Links, shop: Store) -> None:
        chosen = given
        if kind == "mcp":
            chosen = (await shops.choices_of_mcp(given, secret)).model_dump(mode="json")
        await shops.save(shop.id, kind, chosen, secret=secret)
        typer.echo(f"{shop.slug}: linked to {kind} {chosen.get('base_url', '')}".rstrip())

    await _with(slug, work)


async def _tried(shops: Links, shop: Store, product: str | None, order: str | None, customer: str | None) -> None:
    commerce = await shops.of(shop.id)
    if commerce is None:
        raise NothingLinked(f"{shop.slug} is linked to nothing.")
    console = Console(highlight=False, soft_wrap=True)
    reads: list[tuple[str, Awaitable[object]]] = []
    if product:
        reads.append((f"products for {product!r}", commerce.search_products(product, limit=3)))
    if order:
        reads.append((f"order {order}", commerce.order(order, customer=None)))
    if customer:
        reads.append((f"orders of {customer}", commerce.orders(customer, limit=3)))
    failed = False
    for name, read in reads:
        started = time.perf_counter()
        try:
            found = await read
        except XiaoerError as error:
            failed = True
            console.print(f"[red]no[/]  {escape(name)}: {escape(error.detail)}")
            continue
        spent = (time.perf_counter() - started) * 1000
        console.print(f"[green]ok[/]  {escape(name)} ({spent:.0f} ms)")
        for each in found if isinstance(found, list) else [found]:
            console.print(f"    {escape(str(each))}")
    if failed:
        raise typer.Exit(1)


async def _upload(
    name: str, data: bytes, kind: uploading.UploadKind | None, currency: str, slug: str | None
) -> uploading.Taken:
    settings = Settings()
    async with _opened(settings, slug) as (database, shops, shop):
        return await uploading.upload(
            database,
            shops,
            shop,
            data,
            name=name,
            kind=kind,
            currency=currency,
            limits=Limits(file_bytes=settings.upload_megabytes * MEBIBYTE),
        )


async def _with(slug: str | None, work: Callable[[Links, Store], Awaitable[None]]) -> None:
    async with _opened(Settings(), slug) as (_, shops, shop):
        await work(shops, shop)


@asynccontextmanager
async def _opened(settings: Settings, slug: str | None) -> AsyncIterator[tuple[Database, Links, Store]]:
    """The database, the links and the store meant."""
    async with opened(settings, slug) as (database, shop):
        shops = make_links(settings, database, await asyncio.to_thread(make_seal, settings))
        try:
            yield database, shops, shop
        finally:
            await shops.close()


def _mapping(path: Path) -> dict[str, Any]:
    try:
        value = yaml.safe_load(path.read_bytes())
    except yaml.YAMLError as error:
        raise BadLink(f"{path.name}: neither JSON nor YAML ({str(error)[:120]}).") from error
    if not isinstance(value, dict):
        raise BadLink(f"{path.name}: must hold one object of settings.")
    return cast("dict[str, Any]", json.loads(json.dumps(value, default=str)))
