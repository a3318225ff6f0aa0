"""What an HTTP API can do beyond goods and orders, by the merchant's choices."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from xiaoer.commerce import changes
from xiaoer.commerce.changes import Asked
from xiaoer.commerce.commerce import Ability, OutcomeUnknown, Permit, UnknownBuyer, UnknownProduct
from xiaoer.commerce.further import Topic
from xiaoer.commerce.http import HttpCommerce, NotThere
from xiaoer.commerce.money import Money
from xiaoer.commerce.records import at, guarded, text
from xiaoer.commerce.values import Booking, Choice, Order, Picture, Piece, Product
from xiaoer.commerce.wire import UNKNOWN
from xiaoer.errors import XiaoerError

NEW: Final = "new"
"""Stands for the number of an order that is not made yet."""
_NO: Final = frozenset(
    {"", "0", "false", "no", "none", "null", "未登记", "未晒单", "无", "下架", "已下架", "缺货", "无货"}
)
_LONGEST: Final = 4_000


class FurtherHttp(HttpCommerce):
    """`HttpCommerce` with the rest."""

    async def exchange_choices(self, order: Order, sku: str) -> list[Choice]:
        use = self._use("exchange_choices")
        values = {"number": order.number, "id": order.id, "customer": order.customer, "sku": sku}
        try:
            records = self._listed((await self._ask(use, values)).data, use)
        except NotThere:
            return []
        return [self._made(_choice, record, use) for record in records]

    async def book_service(self, number: str, permit: Permit, *, booking: Booking) -> Order:
        values = {f"booking.{name}": value for name, value in asdict(booking).items()}
        return await self._change("book_service", number, permit, changes.book(booking), values)

    async def protect_price(self, number: str, permit: Permit, *, amount: Money) -> Order:
        values = {"amount": format(amount.rounded().amount, "f")}
        return await self._change("protect_price", number, permit, changes.protect(amount), values)

    async def review_reward(self, order: Order) -> bool:
        use = self._use("review_reward")
        values = {"number": order.number, "id": order.id, "customer": order.customer}
        try:
            data = at((await self._ask(use, values)).data, use.records)
        except NotThere:
            return False
        said = guarded(lambda: text(at(data, use.fields["registered"])), self.name)
        return said.casefold() not in _NO

    async def reward_review(self, number: str, permit: Permit, *, proof: str) -> Order:
        return await self._change("reward_review", number, permit, changes.reward(proof), {"proof": proof})

    async def place_order(self, permit: Permit, *, pieces: Sequence[Piece], payment: str) -> Order:
        if not permit.customer:
            raise UnknownBuyer("The shop does not know this customer.")
        listed = [asdict(piece) for piece in pieces]
        given = {"customer": permit.customer, "key": permit.key, "payment": payment, "pieces": listed}
        asked = Asked(
            action="order", details=given | {"key": ""}, change=lambda order, _: order
        )  # the key is told apart by the ledger
        number = await self._placed_before(permit.key, asked)
        if number is None:
            number = await self._placed(permit.key, given)
        try:
            return await self.order(number, customer=permit.customer)
        except XiaoerError as error:  # it was placed; what it has become cannot be told
            raise OutcomeUnknown(UNKNOWN) from error

    async def _placed_before(self, key: str, asked: Asked) -> str | None:
        """The number of the order this key has made; None if it has made none and may now."""
        state = await self._ledger.state(key, NEW, asked)
        if state is None and await self._ledger.begin(key, asked, NEW, None):
            return None
        if state != "done":
            await self._settled(key, NEW, asked)
        number = await self._ledger.made(key)
        if number is None:
            raise OutcomeUnknown(UNKNOWN)
        return number

    async def _placed(self, key: str, given: Mapping[str, Any]) -> str:
        use = self._use("place_order")

        async def send() -> str:
            answer = await self._ask(use, given, changes=True)
            try:
                number = guarded(lambda: text(at(at(answer.data, use.records), use.fields["number"])), self.name)
            except XiaoerError as error:
                raise OutcomeUnknown(UNKNOWN) from error
            if not number:
                raise OutcomeUnknown(UNKNOWN)
            await self._follow(use, given)
            return number

        number = await self._sent_once(key, send)
        await self._ledger.done(key, made=number)
        return number

    async def balance(self, customer: str) -> Money:
        use = self._use("balance")
        missing = UnknownBuyer("The shop does not know this customer.")
        record = await self._one(use, {"customer": customer}, missing)
        currency = self._settings.currency
        return guarded(lambda: self._records.money(at(record, use.fields["amount"]), currency), self.name)

    async def note(self, topic: Topic, *, product_id: str = "", code: str = "", customer: str = "") -> str:
        ability: Ability = f"note_{topic}"  # type: ignore[assignment]
        use = self._use(ability)
        values = {"product_id": product_id, "code": code, "customer": customer}
        try:
            records = self._listed((await self._ask(use, values)).data, use)
        except NotThere as error:
            raise UnknownProduct("There is no such product.") from error
        return "\n".join(filter(None, (self._made(_note, record, use) for record in records)))[:_LONGEST]

    async def compare(self, product_ids: Sequence[str]) -> list[Product]:
        use = self._use("compare")
        try:
            records = self._listed((await self._ask(use, {"products": list(product_ids)})).data, use)
        except NotThere:
            return []
        return [self._made(self._records.product, record, use) for record in records]

    async def check_picture(self, url: str, *, wanted: str) -> Picture:
        use = self._use("check_picture")
        data = at((await self._ask(use, {"url": url, "wanted": wanted})).data, use.records)
        return self._made(_picture, data, use)


def _choice(record: Any, fields: Mapping[str, str]) -> Choice:
    available = text(at(record, fields["available"])).casefold() not in _NO if "available" in fields else True
    return Choice(sku=text(at(record, fields["sku"])), name=text(at(record, fields["name"])), available=available)


def _note(record: Any, fields: Mapping[str, str]) -> str:
    title = text(at(record, fields["title"])) if "title" in fields else ""
    said = text(at(record, fields["text"]))
    return f"{title}: {said}" if title and said else said or title


def _picture(record: Any, fields: Mapping[str, str]) -> Picture:
    said = text(at(record, fields["text"])) if "text" in fields else ""
    return Picture(text=said, fits=text(at(record, fields["fits"])).casefold() not in _NO)
