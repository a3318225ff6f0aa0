"""Any shop's HTTP API as `Commerce`, by the operations and fields a merchant chose from its OpenAPI document."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any, Final, TypeVar

from xiaoer.commerce import changes
from xiaoer.commerce.changes import Asked
from xiaoer.commerce.commerce import (
    Ability,
    OutcomeUnknown,
    Permit,
    ShopGarbled,
    ShopUnavailable,
    StateForbids,
    UnknownBuyer,
    UnknownOrder,
    UnknownProduct,
)  # fmt: skip
from xiaoer.commerce.http_settings import PLACE, HttpSettings, Use
from xiaoer.commerce.ledger import Ledger
from xiaoer.commerce.mcp_wire import McpWire
from xiaoer.commerce.numbers import plain
from xiaoer.commerce.records import Records, at, guarded, text
from xiaoer.commerce.remote import Remote, only, owned, without_repetitions
from xiaoer.commerce.values import Address, Buyer, InvoiceTitle, Order, Piece, Product, Shipment, Variant
from xiaoer.commerce.wire import DOWN, GARBLED, UNKNOWN, Answer, BadEndpoint, Endpoint, Wire, segment
from xiaoer.errors import NotFound, XiaoerError

MOST_PAGES: Final = 10
T = TypeVar("T")
CANNOT: Final = "The shop's system says that this is not possible for the order now."


class NotThere(NotFound):
    """The API says that there is no such thing; each method tells it in its own words."""


def endpoint(settings: HttpSettings, secret: str | None) -> Endpoint:
    """Where the API is, with the secret in its header. A secret that is no header value raises `BadEndpoint`."""
    if secret is not None and not (secret.isascii() and secret.isprintable()):
        raise BadEndpoint("The key holds characters that no header can carry. Copy it again.")
    headers = {settings.auth_header: f"{settings.auth_prefix}{secret}"} if secret else {}
    return Endpoint(name="http", base_url=settings.base_url, headers=headers, timeout=settings.timeout)


class HttpCommerce(Remote):
    """What `settings` choose; everything else is not offered."""

    name = "http"

    def __init__(self, wire: Wire | McpWire, settings: HttpSettings, ledger: Ledger) -> None:
        super().__init__(ledger)
        self._wire = wire
        self._settings = settings
        self._records = Records(settings)
        served: set[Ability] = set(settings.uses)
        self.abilities = frozenset(served | ({"stock"} if "product" in served else set()))
        self.allows = {ability: frozenset(states) for ability, states in settings.allow.items()}
        self.payments = {name: name in settings.prepaid for name in settings.payments}
        self.takes = {ability: _taken(use) for ability, use in settings.uses.items()}

    async def close(self) -> None:
        await self._wire.close()

    async def search_products(self, text: str, *, limit: int = 10) -> list[Product]:
        use = self._use("search_products")
        found = [
            self._made(self._records.product, record, use)
            async for record in self._all(use, {"text": text, "limit": limit}, limit)
        ]
        found = without_repetitions(found, lambda product: product.id)
        return [product for product in found if product.on_sale][:limit]

    async def product(self, product_id: str) -> Product:
        use = self._use("product")
        record = await self._one(use, {"product_id": product_id}, UnknownProduct("There is no such product."))
        product = self._made(self._records.product, record, use)
        if product_id != product.id and product.variant(product_id) is None:
            raise UnknownProduct("There is no such product.")
        return product

    async def stock(self, sku: str) -> Variant:
        unknown = UnknownProduct("There is no such product, or it is not sold any more.")
        if "stock" in self._settings.uses:
            use = self._use("stock")
            found: Variant | None = self._made(self._records.stock, await self._one(use, {"sku": sku}, unknown), use)
        else:
            product = await self.product(sku)
            found = product.variant(sku) if product.on_sale else None
        if found is None or found.sku != sku:
            raise unknown
        return found

    async def orders(self, customer: str, *, limit: int = 20) -> list[Order]:
        use = self._use("orders")
        if not customer:
            return []
        records = [record async for record in self._all(use, {"customer": customer, "limit": limit}, limit)]
        if use.detail:
            numbers = dict.fromkeys(self._made(_number, record, use) for record in records)
            found = await asyncio.gather(*(self._if_owned(number, customer) for number in numbers))
        else:
            found = [self._made(self._records.order, record, use) for record in records]
        read = [order for order in found if order is not None]
        mine = [order for order in without_repetitions(read, lambda order: order.id) if order.customer == customer]
        return sorted(mine, key=lambda order: order.placed_at, reverse=True)[:limit]

    async def _if_owned(self, number: str, customer: str) -> Order | None:
        try:
            return await self.order(number, customer=customer)
        except UnknownOrder:
            return None

    async def order(self, number: str, *, customer: str | None) -> Order:
        use = self._use("order")
        if not plain(number):
            raise UnknownOrder
        try:
            answer = await self._ask(use, {"number": number.strip(), "customer": customer or ""})
        except NotThere as error:
            raise UnknownOrder from error
        records = self._listed(answer.data, use)
        return owned(only([self._made(self._records.order, record, use) for record in records], number), customer)

    async def shipments(self, order: Order) -> list[Shipment]:
        use = self._use("shipments")
        values = {"number": order.number, "id": order.id, "customer": order.customer}
        try:
            found = [
                guarded(partial(self._records.shipment, record, use.fields, order.number), self.name)
                async for record in self._all(use, values, 20)
            ]
        except NotThere:
            return []
        return without_repetitions(found, lambda parcel: parcel.number)

    async def buyer(self, customer: str) -> Buyer:
        use = self._use("buyer")
        record = await self._one(use, {"customer": customer}, UnknownBuyer("The shop does not know this customer."))
        buyer = self._made(self._records.buyer, record, use)
        if buyer.id != customer:
            raise UnknownBuyer("The shop does not know this customer.")
        return buyer

    async def cancel_order(self, number: str, permit: Permit, *, reason: str = "") -> Order:
        return await self._change("cancel_order", number, permit, changes.cancel(reason), {"reason": reason})

    async def change_address(self, number: str, permit: Permit, *, address: Address) -> Order:
        values = {f"address.{name}": value for name, value in asdict(address).items()}
        values["address.line"] = address.line()
        return await self._change("change_address", number, permit, changes.change_address(address), values)

    async def urge_shipment(self, number: str, permit: Permit) -> Order:
        return await self._change("urge_shipment", number, permit, changes.urge(), {})

    async def request_return(self, number: str, permit: Permit, *, pieces: Sequence[Piece], reason: str) -> Order:
        listed = [asdict(piece) for piece in pieces]
        first: dict[str, Any] = listed[0] if len(listed) == 1 else {}
        values = {"pieces": listed, "reason": reason, **first}
        return await self._change("request_return", number, permit, changes.return_pieces(pieces, reason), values)

    async def request_exchange(
        self, number: str, permit: Permit, *, piece: Piece, wanted_sku: str, reason: str
    ) -> Order:
        values = {**asdict(piece), "wanted_sku": wanted_sku, "reason": reason}
        asked = changes.exchange(piece, wanted_sku, reason)
        return await self._change("request_exchange", number, permit, asked, values)

    async def request_invoice(self, number: str, permit: Permit, *, title: InvoiceTitle) -> Order:
        values = {f"title.{name}": value for name, value in asdict(title).items()}
        asked = changes.invoice(title, taxed="title.tax_number" in self.takes.get("request_invoice", ()))
        return await self._change("request_invoice", number, permit, asked, values)

    async def _change(
        self, ability: Ability, number: str, permit: Permit, asked: Asked, values: Mapping[str, Any]
    ) -> Order:
        use = self._use(ability)
        asked = asked.within(self.allows.get(ability))
        repeatable = not use.then and any(
            "{key}" in template for template in use.send.values() if isinstance(template, str)
        )

        async def send(order: Order) -> None:
            given = {
                **values, "number": order.number, "id": order.id, "customer": order.customer,
                "key": permit.key, "version": permit.version, "order.phone": order.phone,
                "order.recipient": order.address.recipient if order.address else "", "order.payment": order.payment,
                "order.total": format(order.amounts.total.amount, "f"),
            }  # fmt: skip
            try:
                await self._ask(use, given, repeatable=repeatable, changes=True)
            except NotThere as error:
                raise StateForbids(CANNOT) from error
            await self._follow(use, given)

        return await self._write(number, permit, asked, send, repeatable=repeatable)

    async def _follow(self, use: Use, given: Mapping[str, Any]) -> None:
        """The operations that belong to a change; where one fails, nobody knows how things stand."""
        for then in use.then:
            if any(str(given.get(name, "")) not in values for name, values in then.when.items()):
                continue
            following = Use(operation=then.operation, send=then.send, ok=then.ok, ok_values=then.ok_values)
            for piece in given.get("pieces", ()) if then.each else ({},):
                try:
                    await self._ask(following, {**given, **piece}, changes=True)
                except XiaoerError as error:
                    raise OutcomeUnknown(UNKNOWN) from error

    def _use(self, ability: Ability) -> Use:
        use = self._settings.uses.get(ability)
        if use is None:
            raise self._missing(ability)
        return use

    async def _one(self, use: Use, values: Mapping[str, Any], missing: NotFound) -> Any:
        try:
            records = self._listed((await self._ask(use, values)).data, use)
        except NotThere as error:
            raise missing from error
        if not records:
            raise missing
        return records[0]

    async def _all(self, use: Use, values: Mapping[str, Any], limit: int) -> AsyncIterator[Any]:
        """The records of one page after another, until there are enough, or no more, or too many pages."""
        page, seen = use.page, 0
        turn: Any = page.first if page else None
        for _ in range(MOST_PAGES):
            extra = {page.parameter: turn} if page and turn not in (None, "") else {}
            answer = await self._ask(use, values, extra=extra)
            records = self._listed(answer.data, use)
            for record in records:
                yield record
            seen += len(records)
            if page is None or not records or seen >= limit:
                return
            following = at(answer.data, page.next) if page.next else None
            if page.by == "cursor":
                if following in (None, "", False, turn):
                    return
                turn = following
            elif len(records) < page.size and not page.next:
                return
            else:
                turn = page.first + seen if page.by == "offset" else turn + 1
            if page.next and page.by != "cursor" and not following:
                return

    async def _ask(
        self,
        use: Use,
        values: Mapping[str, Any],
        *,
        extra: Mapping[str, Any] | None = None,
        repeatable: bool = False,
        changes: bool = False,
    ) -> Answer:
        operation = use.operation
        path, query, headers, body = self._filled(use, values, extra or {})
        if changes:
            answer = await self._wire.write(
                operation.method, path, body, params=query, headers=headers, repeatable=repeatable
            )
        else:
            answer = await self._wire.read(path, query, method=operation.method, body=body)
        return self._judged(use, answer, changes=changes)

    def _filled(
        self, use: Use, values: Mapping[str, Any], extra: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any], dict[str, str], dict[str, Any] | None]:
        """The path, the query, the headers and the body with the values in their places."""
        places = {parameter.name: parameter for parameter in use.operation.parameters}
        values = self._worded(use, values)
        sent: dict[str, Any] = {name: _written(template, values) for name, template in use.send.items()}
        if use.page and use.page.size_parameter:
            sent[use.page.size_parameter] = use.page.size
        sent |= extra
        path, query, headers = use.operation.path, {}, {}
        body: dict[str, Any] = {}
        for name, value in sent.items():
            known = places.get(name)
            place = known.place if known else "body"
            if place == "path":
                path = path.replace(f"{{{name}}}", segment(str(value)))
            elif place == "query":
                query[name] = value
            elif place == "header":
                headers[name] = str(value).encode("ascii", "ignore").decode()
            elif value is not None:
                _put(body, name, _typed(value, known.type if known else ""))
        return path, query, headers, body or None

    def _worded(self, use: Use, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values in the API's own words."""
        words = self._settings.words
        told = {name: words.get(name, {}).get(str(value), value) for name, value in values.items()}
        if use.piece and "pieces" in told:
            told["pieces"] = [{use.piece.get(name, name): piece[name] for name in piece} for piece in told["pieces"]]
        return told

    def _judged(self, use: Use, answer: Answer, *, changes: bool) -> Answer:
        """The answer, if the API says that all went well: some say it with status 200 and an error inside."""
        said = at(answer.data, use.ok) if use.ok else None
        word = guarded(lambda: str(said) if isinstance(said, bool) else text(said), self.name).casefold()
        if use.ok and word in {value.casefold() for value in use.missing_values}:
            raise NotThere("not there")
        if use.ok and word in {value.casefold() for value in use.conflict_values}:
            raise StateForbids(CANNOT)
        if answer.status in (404, 410):
            raise NotThere("not there")
        if not answer.ok:
            raise StateForbids(CANNOT) if changes else ShopGarbled(GARBLED)
        if not use.ok:
            if not changes and answer.data is None:
                raise ShopGarbled(GARBLED)
            return answer
        if word in {value.casefold() for value in use.ok_values}:
            return answer
        if changes:  # it said no in words nobody mapped, or said nothing at all
            raise OutcomeUnknown(UNKNOWN) if said is None else ShopUnavailable(DOWN)
        raise ShopGarbled(GARBLED)

    def _listed(self, data: Any, use: Use) -> list[Any]:
        """The records, one or many; nothing there is none."""
        found = at(data, use.records)
        if isinstance(found, list):
            return found
        if isinstance(found, Mapping):
            return [found] if found else []
        if found is None and isinstance(data, Mapping) and use.records:
            return []
        raise ShopGarbled(GARBLED)

    def _made(self, make: Callable[[Any, Mapping[str, str]], T], record: Any, use: Use) -> T:
        return guarded(lambda: make(record, use.fields), self.name)


def _written(template: Any, values: Mapping[str, Any]) -> Any:
    """A template with its names filled in; a single name keeps its value's type. A value not there is None."""
    if not isinstance(template, str):
        return template
    whole = PLACE.fullmatch(template)
    if whole:
        return values.get(whole[1])
    return PLACE.sub(lambda found: str(values.get(found[1], "")), template)


def _taken(use: Use) -> frozenset[str]:
    """The names of what is sent."""
    texts = [text for text in use.send.values() if isinstance(text, str)]
    return frozenset(name for text in texts for name in PLACE.findall(text))


def _number(record: Any, fields: Mapping[str, str]) -> str:
    return text(at(record, fields["number"]))


def _put(body: dict[str, Any], path: str, value: Any) -> None:
    *outer, last = path.split(".")
    for step in outer:
        body = body.setdefault(step, {})
    body[last] = value


def _typed(value: Any, kind: str) -> Any:
    """A text that looks like the number the API wants, as that number."""
    if kind in ("integer", "number") and isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    if kind == "number" and isinstance(value, str) and re.fullmatch(r"\d{1,12}\.\d{1,3}", value):
        return float(value)  # so few digits are written as they were
    return str(value) if kind == "string" and isinstance(value, int) and not isinstance(value, bool) else value
