"""A WooCommerce shop as `Commerce`, by its REST API v3 with a consumer key that may read and write.

The API has no returns, no exchanges and no invoices: those go to a person. It knows no idempotency keys, so no write is
sent twice. Money is not given back by us: a cancelled order that was paid gets a note for the shop's people.
"""

import base64
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from xiaoer.commerce import changes
from xiaoer.commerce import woocommerce_values as values
from xiaoer.commerce.commerce import (
    Ability,
    Permit,
    ShopGarbled,
    StateForbids,
    UnknownBuyer,
    UnknownOrder,
    UnknownProduct,
)  # fmt: skip
from xiaoer.commerce.ledger import Ledger
from xiaoer.commerce.numbers import plain
from xiaoer.commerce.records import at, guarded, text
from xiaoer.commerce.remote import Remote, fingerprint, only, owned, without_repetitions
from xiaoer.commerce.values import Address, Buyer, Coupon, Order, OrderState, Product, Shipment, Variant
from xiaoer.commerce.wire import GARBLED, Answer, BadEndpoint, Endpoint, Wire, segment
from xiaoer.errors import XiaoerError

ROOT: Final = "wp-json/wc/v3"
PAGE_SIZE: Final = 50
MOST_PAGES: Final = 10
CANNOT: Final = "The shop's system says that this is not possible for the order now."


class WooSettings(BaseModel):
    """Where the shop is; its key and secret are sealed beside, joined by a colon."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = Field(description="The shop's address, such as https://shop.example.")
    language: str = "en"
    states: dict[str, OrderState] = Field(default_factory=dict, description="Statuses that a plug-in of the shop adds.")
    timeout: float = Field(8.0, gt=0, le=30)


def endpoint(settings: WooSettings, secret: str) -> Endpoint:
    """`secret` is `ck_…:cs_…`; raises `BadEndpoint` where it is not."""
    if not (secret.startswith("ck_") and ":cs_" in secret and secret.isascii() and secret.isprintable()):
        raise BadEndpoint("Enter the consumer key and secret as ck_…:cs_…, as WooCommerce shows them.")
    token = base64.b64encode(secret.encode()).decode()
    return Endpoint(
        name="woocommerce", base_url=f"{settings.base_url.rstrip('/')}/{ROOT}",
        headers={"Authorization": f"Basic {token}"}, timeout=settings.timeout,
    )  # fmt: skip


class WooCommerce(Remote):
    """One WooCommerce shop."""

    name = "woocommerce"
    abilities: frozenset[Ability] = frozenset(
        {"search_products", "product", "stock", "orders", "order", "shipments", "coupons", "buyer", "cancel_order",
         "change_address", "urge_shipment"}
    )  # fmt: skip

    def __init__(self, wire: Wire, settings: WooSettings, ledger: Ledger) -> None:
        super().__init__(ledger)
        self._wire = wire
        self._settings = settings
        self._currency = ""

    async def close(self) -> None:
        await self._wire.close()

    async def search_products(self, text: str, *, limit: int = 10) -> list[Product]:
        params = {"search": text[:200], "status": "publish", "per_page": min(limit, PAGE_SIZE)}
        answer = await self._wire.read("products", params)
        found = [await self._whole(data) for data in _list(answer)[:limit]]
        return [product for product in without_repetitions(found, lambda product: product.id) if product.on_sale]

    async def product(self, product_id: str) -> Product:
        data = await self._product_data(product_id)
        parent = text(at(data, "parent_id"))
        if at(data, "type") == "variation" and parent not in ("", "0"):
            data = (await self._wire.read(f"products/{segment(parent)}")).data
        return await self._whole(data)

    async def _product_data(self, product_id: str) -> Any:
        """By number, or else by SKU, which the API looks up among products and variations."""
        if product_id.isascii() and product_id.isdigit():
            answer = await self._wire.read(f"products/{product_id}")
            if answer.ok:
                return answer.data
        found = _list(await self._wire.read("products", {"sku": product_id[:100]}))
        same = [data for data in found if text(at(data, "sku")) == product_id]
        if not same or not product_id:
            raise UnknownProduct("There is no such product.")
        return same[0]

    async def _whole(self, data: Any) -> Product:
        currency = await self._shop_currency()
        variations: list[Any] = []
        if at(data, "type") == "variable":
            path = f"products/{segment(text(at(data, 'id')))}/variations"
            variations = [each async for each in self._pages(path, {"status": "publish"})]
        return guarded(lambda: values.product_of(data, variations, currency, self._settings.language), self.name)

    async def stock(self, sku: str) -> Variant:
        product = await self.product(sku)
        variant = product.variant(sku)
        if variant is None or not product.on_sale:
            raise UnknownProduct("There is no such product, or it is not sold any more.")
        return variant

    async def orders(self, customer: str, *, limit: int = 20) -> list[Order]:
        if not customer.isdigit() or customer == "0":
            return []
        found = [
            self._order(data)
            async for data in self._pages("orders", {"customer": customer, "orderby": "date", "order": "desc"}, limit)
            if at(data, "status") not in values.HIDDEN
        ]
        return [order for order in without_repetitions(found, lambda order: order.id) if order.customer == customer]

    async def order(self, number: str, *, customer: str | None) -> Order:
        wanted = plain(number)
        if not wanted:
            raise UnknownOrder
        found: list[Any] = []
        if wanted.isdigit():
            answer = await self._wire.read(f"orders/{wanted}")
            found = [answer.data] if answer.ok else []
        if not any(plain(text(at(data, "number"))) == wanted for data in found):  # a plug-in numbers them
            found = _list(await self._wire.read("orders", {"search": number.strip()[:64], "per_page": PAGE_SIZE}))
        shown = [data for data in found if at(data, "status") not in values.HIDDEN]
        same = [data for data in shown if plain(text(at(data, "number"))) == wanted]
        return owned(only([self._order(data) for data in same], number), customer)

    async def shipments(self, order: Order) -> list[Shipment]:
        answer = await self._wire.read(f"orders/{segment(order.id)}/shipment-trackings")
        if not answer.ok:  # the shop does not have the extension
            return []
        found = [guarded(partial(values.shipment_of, data, order.number), self.name) for data in _list(answer)]
        return without_repetitions(found, lambda parcel: parcel.number)

    async def buyer(self, customer: str) -> Buyer:
        unknown = UnknownBuyer("The shop does not know this customer.")
        if not customer.isdigit():
            raise unknown
        answer = await self._wire.read(f"customers/{customer}")
        if not answer.ok:
            raise unknown
        return guarded(lambda: values.buyer_of(answer.data), self.name)

    async def coupons(self, customer: str, *, language: str = "zh") -> list[Coupon]:  # noqa: ARG002  # it has one
        buyer, currency = await self.buyer(customer), await self._shop_currency()
        found = [
            guarded(partial(values.coupon_of, data, buyer, currency), self.name)
            async for data in self._pages("coupons", {})
        ]
        return [coupon for coupon in found if coupon]

    async def cancel_order(self, number: str, permit: Permit, *, reason: str = "") -> Order:
        async def send(order: Order) -> None:
            await self._put(order, {"status": "cancelled"})
            note = f"Cancelled by the customer in the chat. {reason}".strip()
            if order.state == "paid":
                note += f" Please refund {order.amounts.total.amount} {order.amounts.total.currency}."
            try:
                await self._note(order, note)
            except XiaoerError:  # the order is cancelled: that must not be told otherwise
                return

        return await self._write(number, permit, changes.cancel(reason), send)

    async def change_address(self, number: str, permit: Permit, *, address: Address) -> Order:
        async def send(order: Order) -> None:
            await self._put(order, {"shipping": values.address_to(address)})

        return await self._write(number, permit, changes.change_address(address), send)

    async def urge_shipment(self, number: str, permit: Permit) -> Order:
        async def send(order: Order) -> None:
            await self._note(order, "The customer asks in the chat to send this order soon.")

        return await self._write(number, permit, changes.urge(), send)

    async def _put(self, order: Order, body: Mapping[str, Any]) -> None:
        _accepted(await self._wire.write("PUT", f"orders/{segment(order.id)}", body))

    async def _note(self, order: Order, note: str) -> None:
        _accepted(await self._wire.write("POST", f"orders/{segment(order.id)}/notes", {"note": note}))

    def _order(self, data: Any) -> Order:
        def make() -> Order:
            order = values.order_of(data, self._settings.states)
            return replace(order, version=fingerprint(order))

        return guarded(make, self.name)

    async def _pages(self, path: str, params: Mapping[str, Any], limit: int = 500) -> AsyncIterator[Any]:
        """The records of all pages; the header X-WP-TotalPages says how many there are."""
        seen = 0
        for page in range(1, MOST_PAGES + 1):
            answer = await self._wire.read(path, {**params, "page": page, "per_page": PAGE_SIZE})
            records = _list(answer)
            for record in records:
                yield record
            seen += len(records)
            pages = answer.headers.get("x-wp-totalpages", "1")
            if not records or seen >= limit or not pages.isdigit() or page >= int(pages):
                return

    async def _shop_currency(self) -> str:
        if not self._currency:
            answer = await self._wire.read("data/currencies/current")
            code = at(answer.data, "code")
            if not isinstance(code, str):
                raise ShopGarbled(GARBLED)
            self._currency = code
        return self._currency


def _list(answer: Answer) -> list[Any]:
    if not answer.ok or not isinstance(answer.data, list):
        raise ShopGarbled(GARBLED)
    return answer.data


def _accepted(answer: Answer) -> None:
    """Raises `StateForbids` for what WordPress refuses in its own words: `{"code", "message", "data": {"status"}}`."""
    if not answer.ok:
        raise StateForbids(CANNOT)
