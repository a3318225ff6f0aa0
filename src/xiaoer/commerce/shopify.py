"""A Shopify shop as `Commerce`, by its Admin GraphQL API with an access token of the shop's own app.

Scopes: read_products, read_inventory, read_orders (and read_all_orders for those older than 60 days), write_orders,
read_customers, read_returns, write_returns. Errors come with status 200: throttling, refusals and users' errors alike.
"""

import asyncio
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from xiaoer.commerce import changes, shopify_queries, shopify_values
from xiaoer.commerce.commerce import (
    Ability,
    OutcomeUnknown,
    Permit,
    ShopBusy,
    ShopGarbled,
    ShopRefused,
    ShopUnavailable,
    StateForbids,
    UnknownBuyer,
    UnknownOrder,
    UnknownProduct,
)  # fmt: skip
from xiaoer.commerce.ledger import Ledger
from xiaoer.commerce.numbers import plain
from xiaoer.commerce.records import at, guarded, text, whole
from xiaoer.commerce.remote import Remote, fingerprint, only, owned, without_repetitions
from xiaoer.commerce.values import Address, Buyer, Order, Piece, Product, Shipment, Variant
from xiaoer.commerce.wire import BUSY, DOWN, GARBLED, REFUSED, UNKNOWN, Answer, BadEndpoint, Endpoint, Wire
from xiaoer.patterns import lazy

VERSION: Final = "2026-01"
PAGE_SIZE: Final = 20
MOST_PAGES: Final = 10
URGENT: Final = "customer-asks-to-hurry"
CANNOT: Final = "The shop's system says that this is not possible for the order now."
JOB_TRIES: Final = 10
_REFUSALS = frozenset({"ACCESS_DENIED", "SHOP_INACTIVE"})
_UNSAFE = lazy(r"[^\w\s.-]")
_UNSAFE_NUMBER = lazy(r"[^0-9A-Za-z_.-]")
_LONGEST_NOTE = 255


class ShopifySettings(BaseModel):
    """Which shop; its access token is sealed beside."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = Field(description="The shop's own address at Shopify, such as https://name.myshopify.com.")
    language: str = "en"
    timeout: float = Field(8.0, gt=0, le=30)


def endpoint(settings: ShopifySettings, secret: str) -> Endpoint:
    if not (secret and secret.isascii() and secret.isprintable()) or " " in secret:
        raise BadEndpoint("Enter the Admin API access token, which begins with shpat_.")
    return Endpoint(
        name="shopify", base_url=f"{settings.base_url.rstrip('/')}/admin/api/{VERSION}",
        headers={"X-Shopify-Access-Token": secret}, timeout=settings.timeout,
    )  # fmt: skip


class Shopify(Remote):
    """One Shopify shop."""

    name = "shopify"
    abilities: frozenset[Ability] = frozenset(
        {"search_products", "product", "stock", "orders", "order", "shipments", "buyer", "cancel_order",
         "change_address", "urge_shipment", "request_return"}
    )  # fmt: skip

    def __init__(self, wire: Wire, settings: ShopifySettings, ledger: Ledger, *, job_pause: float = 0.5) -> None:
        """`job_pause`: seconds between two looks at work that the shop does later, such as cancelling."""
        super().__init__(ledger)
        self._wire = wire
        self._settings = settings
        self._job_pause = job_pause
        self._currency = ""

    async def close(self) -> None:
        await self._wire.close()

    async def search_products(self, text: str, *, limit: int = 10) -> list[Product]:
        written = _UNSAFE.sub(" ", unicodedata.normalize("NFKC", text))[:200].lower()  # OR and -x are syntax there
        words = " ".join(filter(None, (word.strip("-.") for word in written.split())))
        if not words:
            return []
        asked = {"q": f"{words} status:active", "n": min(limit, PAGE_SIZE)}
        found = _nodes(await self._ask(shopify_queries.PRODUCTS, asked), "products")
        products = [await self._product(data) for data in found]
        return [product for product in without_repetitions(products, lambda product: product.id) if product.on_sale]

    async def product(self, product_id: str) -> Product:
        if product_id.isascii() and product_id.isdigit():
            data = await self._ask(shopify_queries.PRODUCT, {"id": f"gid://shopify/Product/{product_id}"})
            if at(data, "product") is not None:
                return await self._product(at(data, "product"))
        sku = product_id.replace("\\", "").replace("'", "")[:100]
        found = _nodes(await self._ask(shopify_queries.BY_SKU, {"q": f"sku:'{sku}'"}), "productVariants") if sku else []
        same = [each for each in found if at(each, "sku") == product_id]
        if not same:
            raise UnknownProduct("There is no such product.")
        return await self._product(at(same[0], "product"))

    async def stock(self, sku: str) -> Variant:
        product = await self.product(sku)
        variant = product.variant(sku)
        if variant is None or not product.on_sale:
            raise UnknownProduct("There is no such product, or it is not sold any more.")
        return variant

    async def orders(self, customer: str, *, limit: int = 20) -> list[Order]:
        if not (customer.isascii() and customer.isdigit()):
            return []
        found = [self._order(data) for data in await self._orders(f"customer_id:{customer}", limit)]
        mine = [order for order in without_repetitions(found, lambda order: order.id) if order.customer == customer]
        return mine[:limit]

    async def order(self, number: str, *, customer: str | None) -> Order:
        return self._order(await self._order_data(number, customer))

    async def _order_data(self, number: str, customer: str | None) -> Any:
        """The one order of exactly that name; the search also finds names that begin so."""
        wanted = plain(number)
        written = _UNSAFE_NUMBER.sub("", unicodedata.normalize("NFKC", number))[:64]
        if not wanted or not written:
            raise UnknownOrder
        found = await self._orders(f"name:'{written}'", PAGE_SIZE)
        same = [data for data in found if plain(text(at(data, "name"))) == wanted]
        order = owned(only([self._order(data) for data in same], number), customer)
        return next(data for data in same if at(data, "id") == order.id)

    async def _orders(self, asked: str, limit: int) -> list[Any]:
        found: list[Any] = []
        after = None
        for _ in range(MOST_PAGES):
            data = await self._ask(shopify_queries.ORDERS, {"q": asked, "n": PAGE_SIZE, "after": after})
            found += _nodes(data, "orders")
            following = at(data, "orders.pageInfo.endCursor")
            if len(found) >= limit or not at(data, "orders.pageInfo.hasNextPage") or following in (None, after):
                break
            after = following
        return found

    async def shipments(self, order: Order) -> list[Shipment]:
        data = await self._order_data(order.number, None)
        return guarded(partial(shopify_values.shipments_of, data, order.number), self.name)

    async def buyer(self, customer: str) -> Buyer:
        unknown = UnknownBuyer("The shop does not know this customer.")
        if not (customer.isascii() and customer.isdigit()):
            raise unknown
        data = await self._ask(shopify_queries.CUSTOMER, {"id": f"gid://shopify/Customer/{customer}"})
        if at(data, "customer") is None:
            raise unknown
        return guarded(partial(shopify_values.buyer_of, at(data, "customer")), self.name)

    async def cancel_order(self, number: str, permit: Permit, *, reason: str = "") -> Order:
        async def send(order: Order) -> None:
            note = f"Asked for in the chat. {reason}".strip()[:_LONGEST_NOTE]
            given = {"id": order.id, "note": note}
            data = await self._change(shopify_queries.CANCEL, given, "orderCancel", "orderCancelUserErrors")
            fresh = await self._finished(order, text(at(data, "job.id")), done=at(data, "job.done") is True)
            if fresh.state != "cancelled":
                raise StateForbids(CANNOT)

        return await self._write(number, permit, changes.cancel(reason), send)

    async def change_address(self, number: str, permit: Permit, *, address: Address) -> Order:
        async def send(order: Order) -> None:
            given = {"input": {"id": order.id, "shippingAddress": shopify_values.address_to(address)}}
            await self._change(shopify_queries.UPDATE, given, "orderUpdate")

        return await self._write(number, permit, changes.change_address(address), send)

    async def urge_shipment(self, number: str, permit: Permit) -> Order:
        async def send(order: Order) -> None:
            await self._change(shopify_queries.TAG, {"id": order.id, "tags": [URGENT]}, "tagsAdd")

        return await self._write(number, permit, changes.urge(), send, repeatable=True)  # a tag is there once

    async def request_return(self, number: str, permit: Permit, *, pieces: Sequence[Piece], reason: str) -> Order:
        async def send(order: Order) -> None:
            lines = await self._returnable(order, pieces)
            note = reason[:_LONGEST_NOTE] or "-"
            listed = [
                {"fulfillmentLineItemId": line, "quantity": count, "returnReason": "OTHER", "customerNote": note}
                for line, count in lines
            ]
            given = {"input": {"orderId": order.id, "returnLineItems": listed}}
            await self._change(shopify_queries.RETURN, given, "returnRequest")

        return await self._write(number, permit, changes.return_pieces(pieces, reason), send)

    async def _returnable(self, order: Order, pieces: Sequence[Piece]) -> list[tuple[str, int]]:
        """The delivered lines that make up the pieces; raises `StateForbids` where there are not enough."""
        data = await self._ask(shopify_queries.RETURNABLE, {"id": order.id})
        there: list[tuple[str, str, int]] = []
        for parcel in _nodes(data, "returnableFulfillments"):
            for line in at(parcel, "returnableFulfillmentLineItems.nodes") or ():
                item = at(line, "fulfillmentLineItem")
                sku = text(at(item, "lineItem.sku")) or shopify_values.tail(text(at(item, "lineItem.id")))
                there.append((sku, text(at(item, "id")), whole(at(line, "quantity"))))
        chosen: list[tuple[str, int]] = []
        for piece in pieces:
            left = piece.quantity
            for sku, line_id, count in there:
                if sku == piece.sku and left:
                    chosen.append((line_id, min(left, count)))
                    left -= min(left, count)
            if left:
                raise StateForbids("Not all of this can be given back: some is not delivered, or is on its way back.")
        return chosen

    async def _finished(self, order: Order, job: str, *, done: bool) -> Order:
        """Wait for work the shop does later, and read the order then; raises `OutcomeUnknown` if that is not known."""
        try:
            for _ in range(JOB_TRIES):
                if done or not job:
                    return await self.order(order.number, customer=None)
                await asyncio.sleep(self._job_pause)
                done = at(await self._ask(shopify_queries.JOB, {"id": job}), "job.done") is True
        except ShopUnavailable as error:
            raise OutcomeUnknown(UNKNOWN) from error
        raise OutcomeUnknown(UNKNOWN)

    def _order(self, data: Any) -> Order:
        def make() -> Order:
            order = shopify_values.order_of(data)
            return replace(order, version=fingerprint(order))

        return guarded(make, self.name)

    async def _product(self, data: Any) -> Product:
        if not self._currency:
            self._currency = text(at(await self._ask(shopify_queries.SHOP, {}), "shop.currencyCode"))
        return guarded(partial(shopify_values.product_of, data, self._currency, self._settings.language), self.name)

    async def _ask(self, query: str, variables: Mapping[str, Any]) -> Any:
        body = {"query": query, "variables": dict(variables)}
        answer = await self._wire.read("graphql.json", method="POST", body=body, judge=judge)
        return at(answer.data, "data")

    async def _change(self, query: str, variables: Mapping[str, Any], mutation: str, errors: str = "userErrors") -> Any:
        """Send a mutation; raises `StateForbids` for users' errors, which mean that nothing was changed."""
        answer = await self._wire.write("POST", "graphql.json", {"query": query, "variables": dict(variables)})
        try:
            judge(answer)
        except (ShopBusy, ShopRefused):  # it was not begun
            raise
        except ShopUnavailable as error:
            raise OutcomeUnknown(UNKNOWN) from error
        data = at(answer.data, f"data.{mutation}")
        if data is None:
            raise OutcomeUnknown(UNKNOWN)
        if at(data, errors):
            raise StateForbids(CANNOT)
        return data


def judge(answer: Answer) -> None:
    """Raise for an answer with errors in it: `{"errors": [{"message", "extensions": {"code"}}]}`."""
    errors = at(answer.data, "errors")
    if not errors:
        if not answer.ok or not isinstance(at(answer.data, "data"), Mapping):
            raise ShopGarbled(GARBLED)
        return
    codes = {text(at(each, "extensions.code")) for each in errors} if isinstance(errors, list) else set()
    if "THROTTLED" in codes:
        raise ShopBusy(BUSY, _until_restored(answer))
    if codes & _REFUSALS:
        raise ShopRefused(REFUSED)
    if "INTERNAL_SERVER_ERROR" in codes:
        raise ShopUnavailable(DOWN)
    raise ShopGarbled(GARBLED)


def _until_restored(answer: Answer) -> float | None:
    """The seconds until the bucket holds what the query costs, as the answer says."""
    cost = at(answer.data, "extensions.cost")
    wanted, left = at(cost, "requestedQueryCost"), at(cost, "throttleStatus.currentlyAvailable")
    rate = at(cost, "throttleStatus.restoreRate")
    if None in (wanted, left, rate) or not float(rate):
        return None
    return max(0.0, (float(wanted) - float(left)) / float(rate))


def _nodes(data: Any, field: str) -> list[Any]:
    nodes = at(data, f"{field}.nodes")
    if not isinstance(nodes, list):
        raise ShopGarbled(GARBLED)
    return nodes
