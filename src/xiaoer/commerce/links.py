"""Which system a store's commerce is in, and how it is reached: settings as data, the secret sealed beside."""

import uuid
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from mcp import StdioServerParameters
from pydantic import ValidationError
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.commerce import http, http_settings, shopify, woocommerce
from xiaoer.commerce.commerce import Commerce
from xiaoer.commerce.http_further import FurtherHttp
from xiaoer.commerce.http_settings import BadLink, HttpSettings
from xiaoer.commerce.ledger import Ledger
from xiaoer.commerce.mcp_wire import McpWire
from xiaoer.commerce.offers import ShippingRule
from xiaoer.commerce.remote import NothingOffered
from xiaoer.commerce.shopify import Shopify, ShopifySettings
from xiaoer.commerce.stored import StoredCommerce
from xiaoer.commerce.stored_rows import SHIPPING_RULES
from xiaoer.commerce.tables import Link, LinkKind
from xiaoer.commerce.wire import Endpoint, Wire
from xiaoer.commerce.woocommerce import WooCommerce, WooSettings
from xiaoer.db.database import Database
from xiaoer.db.record import now
from xiaoer.sealing import Seal


@dataclass(frozen=True)
class Linked:
    """What a store is linked to, without its secret."""

    kind: LinkKind
    settings: Mapping[str, Any]
    has_secret: bool
    changed_at: datetime


@dataclass
class _Open:
    """A commerce in use, and of when the link is that it was made from."""

    commerce: Commerce
    changed_at: datetime


class Links:
    """The commerce of each store, opened when first asked for and again when its link has changed."""

    def __init__(
        self,
        database: Database,
        seal: Seal,
        *,
        allow_private: bool = False,
        mcp_commands: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """`allow_private`: the operator lets shops' systems be in the own network.

        `mcp_commands`: programs that speak MCP, by the name a store may link to as `stdio:NAME`. Only the operator
        says what is run.
        """
        self._mcp_commands = dict(mcp_commands or {})
        self._database = database
        self._seal = seal
        self._allow_private = allow_private
        self._open: dict[uuid.UUID, _Open] = {}

    async def of(self, store_id: uuid.UUID) -> Commerce | None:
        """The store's commerce; None while it has none. Raises `SealBroken` where its secret cannot be read."""
        async with self._database.sessions() as session:
            link = await session.scalar(sa.select(Link).where(Link.store_id == store_id))
        held = self._open.get(store_id)
        if held is not None and link is not None and held.changed_at == link.changed_at:
            return held.commerce
        commerce: Commerce | None = None
        if link is not None:  # nothing is awaited before it is kept: of two who ask at once, one opens it
            secret = self._seal.open(link.sealed_secret) if link.sealed_secret else None
            commerce = self._made(store_id, link.kind, link.settings, secret)
            self._open[store_id] = _Open(commerce, link.changed_at)
        else:
            self._open.pop(store_id, None)
        if held is not None:
            await _close(held.commerce)
        return commerce

    async def linked(self, store_id: uuid.UUID) -> Linked | None:
        """What the store is linked to; None while it is to nothing."""
        async with self._database.sessions() as session:
            link = await session.scalar(sa.select(Link).where(Link.store_id == store_id))
        if link is None:
            return None
        return Linked(link.kind, link.settings, link.sealed_secret is not None, link.changed_at)

    async def choices_of_mcp(self, choices: Mapping[str, Any], secret: str | None) -> HttpSettings:
        """Check a merchant's choices against the tools that the MCP server says it has; raises `BadLink`."""
        try:
            chosen = HttpSettings.model_validate({**choices, "uses": {}})
        except ValidationError as error:
            raise _named(error) from error
        wire = self._mcp(chosen, secret)
        try:
            return http_settings.link(await wire.document(), choices)
        finally:
            await wire.close()

    async def remove(self, store_id: uuid.UUID) -> bool:
        """Forget the link and its secret; false if there was none. What is stored of orders stays."""
        async with self._database.sessions.begin() as session:
            gone = await session.scalar(sa.delete(Link).where(Link.store_id == store_id).returning(Link.id))
        await self._drop(store_id)
        return gone is not None

    async def save(
        self, store_id: uuid.UUID, kind: LinkKind, settings: Mapping[str, Any], *, secret: str | None = None
    ) -> None:
        """Link a store to a system. Raises `BadLink` or `BadEndpoint` naming what is wrong, and then changes nothing.

        Without a `secret` the earlier one is kept, but only for the same system at the same address: who changes the
        address must enter the secret anew, so that it cannot be led elsewhere.
        """
        given = dict(settings)
        async with self._database.sessions() as session:
            earlier = await session.scalar(sa.select(Link).where(Link.store_id == store_id))
        same = earlier is not None and earlier.kind == kind and _address(earlier.settings) == _address(given)
        sealed = earlier.sealed_secret if earlier is not None and same else None
        if secret:
            sealed = self._seal.lock(secret)
        plain = self._seal.open(sealed) if sealed else None
        await _close(self._made(store_id, kind, given, plain))
        values = {"kind": kind, "settings": given, "sealed_secret": sealed, "changed_at": now()}
        statement = insert(Link).values(id=uuid.uuid4(), store_id=store_id, **values)
        async with self._database.sessions.begin() as session:
            await session.execute(statement.on_conflict_do_update(index_elements=["store_id"], set_=values))

    async def close(self) -> None:
        async with AsyncExitStack() as stack:
            for store_id in list(self._open):
                stack.push_async_callback(self._drop, store_id)

    async def _drop(self, store_id: uuid.UUID) -> None:
        held = self._open.pop(store_id, None)
        if held is not None:
            await _close(held.commerce)

    def _made(self, store_id: uuid.UUID, kind: LinkKind, settings: Mapping[str, Any], secret: str | None) -> Commerce:
        ledger = Ledger(self._database, store_id)
        try:
            if kind == "stored":
                rules = SHIPPING_RULES.validate_python(settings.get("shipping", []))
                return StoredCommerce(self._database, store_id, shipping_rules=rules)
            if kind == "http":
                chosen = HttpSettings.model_validate(settings)
                return FurtherHttp(self._wire(http.endpoint(chosen, secret)), chosen, ledger)
            if kind == "mcp":
                chosen = HttpSettings.model_validate(settings)
                return FurtherHttp(self._mcp(chosen, secret), chosen, ledger)
            if kind == "woocommerce":
                woo = WooSettings.model_validate(settings)
                return WooCommerce(self._wire(woocommerce.endpoint(woo, secret or "")), woo, ledger)
            if kind == "shopify":
                shop = ShopifySettings.model_validate(settings)
                return Shopify(self._wire(shopify.endpoint(shop, secret or "")), shop, ledger)
        except ValidationError as error:
            raise _named(error) from error
        raise BadLink(f"{kind!r} is no kind of system that can be linked.")

    def _mcp(self, settings: HttpSettings, secret: str | None) -> McpWire:
        scheme, _, name = settings.base_url.partition(":")
        if scheme != "stdio":
            return McpWire(http.endpoint(settings, secret), timeout=settings.timeout, allow_private=self._allow_private)
        argv = self._mcp_commands.get(name)
        if not argv:
            raise BadLink(f"The operator has named no MCP program {name[:40]!r}.")
        return McpWire(StdioServerParameters(command=argv[0], args=list(argv[1:])), timeout=settings.timeout)

    def _wire(self, endpoint: Endpoint) -> Wire:
        return Wire(endpoint, allow_private=self._allow_private)


async def keep_own(session: AsyncSession, store_id: uuid.UUID, shipping_rules: Sequence[ShippingRule]) -> None:
    """Let the store's commerce be our own tables, unless it is linked to another system."""
    settings: dict[str, Any] = {"shipping": SHIPPING_RULES.dump_python(tuple(shipping_rules), mode="json")}
    statement = insert(Link).values(
        id=uuid.uuid4(), store_id=store_id, kind="stored", settings=settings, changed_at=now()
    )
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["store_id"], set_={"settings": settings, "changed_at": now()}, where=Link.kind == "stored"
        )
    )


def _named(error: ValidationError) -> BadLink:
    first = error.errors()[0]
    return BadLink(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}.")


async def _close(commerce: Commerce) -> None:
    if isinstance(commerce, NothingOffered):
        await commerce.close()


def _address(settings: Mapping[str, Any]) -> str:
    return str(settings.get("base_url", "")).rstrip("/").casefold()
