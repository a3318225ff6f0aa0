"""Values of commerce out of JSON records, by where each field stands. What cannot be read is no answer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar, get_args
from zoneinfo import ZoneInfo

import structlog

from xiaoer.commerce.commerce import ShopGarbled
from xiaoer.commerce.http_settings import HttpSettings
from xiaoer.commerce.money import MINOR_DIGITS, BadMoney, Money
from xiaoer.commerce.remote import fingerprint, need, without_repetitions
from xiaoer.commerce.values import (
    Address,
    Amounts,
    Buyer,
    Discount,
    Event,
    Order,
    OrderLine,
    OrderState,
    Product,
    Shipment,
    ShipmentState,
    Tracking,
    Variant,
)  # fmt: skip
from xiaoer.commerce.wire import GARBLED
from xiaoer.db.record import now

LONGEST_TEXT: Final = 2_000
MOST_PARTS: Final = 500
ORDER_STATES: Final[Mapping[str, OrderState]] = {state: state for state in get_args(OrderState)}
SHIPMENT_STATES: Final[Mapping[str, ShipmentState]] = {state: state for state in get_args(ShipmentState)}
_MILLISECONDS_FROM = 1e11
_OFF: Final = frozenset({"", "0", "false", "off", "no", "inactive", "draft", "archived", "下架", "已下架"})
_log = structlog.get_logger(__name__)
T = TypeVar("T")


class Unreadable(Exception):  # it never leaves the connector
    """A record that lacks something; the text says what, for the log."""


def at(record: Any, path: str) -> Any:
    """What stands at a dotted path; None where it leads nowhere. An empty path is the record itself."""
    for step in path.split(".") if path else ():
        if isinstance(record, Mapping):
            record = record.get(step)
        elif isinstance(record, list) and step.isascii() and step.isdigit() and int(step) < len(record):
            record = record[int(step)]
        else:
            return None
    return record


def text(value: Any) -> str:
    """A text, whatever scalar it is; raises `Unreadable` for lists and objects."""
    if value is None:
        return ""
    if isinstance(value, (str, int, Decimal)):
        return str(value).strip()[:LONGEST_TEXT]
    raise Unreadable(f"a text, not {type(value).__name__}")


def guarded(make: Callable[[], T], shop: str) -> T:
    """Make a value; what is unreadable is logged with its reason and told as `ShopGarbled`."""
    try:
        return make()
    except (Unreadable, BadMoney, InvalidOperation, ValueError, TypeError, OverflowError, RecursionError) as error:
        _log.warning("shop_failed", shop=shop, kind="ShopGarbled", why=str(error)[:200])
        raise ShopGarbled(GARBLED) from error


@dataclass(frozen=True)
class Records:
    """Reads one shop's records by its settings."""

    settings: HttpSettings

    def order(self, record: Any, fields: Mapping[str, str]) -> Order:
        get = _Getter(record, fields)
        currency = need(get.text("currency") or self.settings.currency, self.settings.currency)
        lines = tuple(self._line(part, fields, currency) for part in get.parts("lines"))
        total = self.money(get.must("total"), currency)
        goods = self._optional(get("goods"), currency)
        off = self._optional(get("discount"), currency)
        shipping = self._optional(get("shipping"), currency) or Money.zero(currency)
        state = _state(text(get.must("state")), self.settings.states, ORDER_STATES)
        placed = self.moment(get.must("placed_at"))
        number = text(get.must("number"))
        order = Order(
            id=get.text("id") or number,
            number=number,
            customer=get.text("customer"),
            state=state,
            lines=lines,
            amounts=Amounts(
                goods=goods or total - shipping, shipping=shipping, total=total,
                discounts=(Discount(label="优惠 / Discount", amount=off),) if off else (),
            ),
            placed_at=placed,
            version=get.text("version"),
            address=self._address(get),
            phone=get.text("phone"),
            email=get.text("email"),
            note=get.text("note"),
            payment=get.text("payment"),
            history=(Event(at=placed, what="placed"),),
            as_of=now(),
        )  # fmt: skip
        return order if order.version else replace(order, version=fingerprint(order))

    def _line(self, record: Any, fields: Mapping[str, str], currency: str) -> OrderLine:
        get = _Getter(record, fields, "line.")
        return OrderLine(
            sku=text(get.must("sku")), name=get.text("name"), quantity=whole(get.must("quantity")),
            price=self.money(get.must("price"), currency), product_id=get.text("product_id"),
            options=get.text("options"),
        )  # fmt: skip

    def _address(self, get: "_Getter") -> Address | None:
        parts = {name: get.text(f"address.{name}") for name in ADDRESS if f"address.{name}" in get.fields}
        if not any(parts.values()):
            return None
        given = {name: value for name, value in parts.items() if value}
        return Address(**{"recipient": "", "phone": "", "street": "", **given})

    def product(self, record: Any, fields: Mapping[str, str]) -> Product:
        get = _Getter(record, fields)
        currency = need(get.text("currency") or self.settings.currency, self.settings.currency)
        name, language = text(get.must("name")), self.settings.language
        variants = [self._variant(part, fields, currency, name) for part in get.parts("variants")]
        if "variants" not in fields:
            variants = [
                Variant(
                    sku=get.text("sku") or text(get.must("id")), name={language: name},
                    price=self.money(get.must("price"), currency),
                    member_price=self._optional(get("member_price"), currency), stock=_count(get("stock")),
                )
            ]  # fmt: skip
        if not variants:
            raise Unreadable("a product without variants")
        description = get.text("description")
        return Product(
            id=text(get.must("id")),
            name={language: name},
            price=self._optional(get("price"), currency) or min(variant.price for variant in variants),
            member_price=self._optional(get("member_price"), currency),
            variants=tuple(without_repetitions(variants, lambda variant: variant.sku)),
            category=get.text("category"),
            description={language: description} if description else {},
            url=_web(get.text("url")),
            on_sale=text(get("on_sale")).casefold() not in _OFF if get("on_sale") is not None else True,
            as_of=now(),
        )

    def _variant(self, record: Any, fields: Mapping[str, str], currency: str, name: str) -> Variant:
        get = _Getter(record, fields, "variant.")
        return self._variant_of(get, currency, f"{name} {get.text('name')}".strip())

    def _variant_of(self, get: "_Getter", currency: str, name: str) -> Variant:
        return Variant(
            sku=text(get.must("sku")), name={self.settings.language: name},
            price=self.money(get.must("price"), currency),
            member_price=self._optional(get("member_price"), currency), stock=_count(get("stock")),
        )  # fmt: skip

    def stock(self, record: Any, fields: Mapping[str, str]) -> Variant:
        get = _Getter(record, fields)
        currency = need(get.text("currency") or self.settings.currency, self.settings.currency)
        return self._variant_of(get, currency, get.text("name"))

    def shipment(self, record: Any, fields: Mapping[str, str], order_number: str) -> Shipment:
        get = _Getter(record, fields)
        state = _state(text(get.must("state")), self.settings.shipment_states, SHIPMENT_STATES)
        events = [self._stop(_Getter(part, fields, "event.")) for part in get.parts("events")]
        expected = get("expected_on")
        return Shipment(
            order_number=order_number, carrier=get.text("carrier"), number=get.text("number"), state=state,
            events=tuple(sorted(without_repetitions(events, str), key=lambda event: event.at)),
            expected_on=self._day(expected) if expected else None, url=_web(get.text("url")),
        )  # fmt: skip

    def _stop(self, get: "_Getter") -> Tracking:
        return Tracking(
            at=self.moment(get.must("at")), text={self.settings.language: text(get.must("text"))},
            place=get.text("place"), state=self.settings.shipment_states.get(get.text("state")),
        )  # fmt: skip

    def buyer(self, record: Any, fields: Mapping[str, str]) -> Buyer:
        get = _Getter(record, fields)
        points = get("points")
        return Buyer(
            id=text(get.must("id")), name=get.text("name"), phone=get.text("phone"), email=get.text("email"),
            level=get.text("level"), member=text(get("member")).casefold() not in _OFF if get("member") else False,
            points=whole(points) if points is not None else None,
        )  # fmt: skip

    def money(self, value: Any, currency: str) -> Money:
        amount = Money.parse(value, currency)
        if amount.amount < 0:
            raise Unreadable("a negative amount")
        if self.settings.amounts == "minor":
            amount = amount * Decimal(1).scaleb(-MINOR_DIGITS.get(currency, 2))
        return amount.rounded()

    def _optional(self, value: Any, currency: str) -> Money | None:
        return None if value in (None, "") else self.money(value, currency)

    def moment(self, value: Any) -> datetime:
        """RFC 3339 or like it, or seconds or milliseconds since 1970."""
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            seconds = float(value) / 1000 if value > _MILLISECONDS_FROM else float(value)
            return datetime.fromtimestamp(seconds, UTC)
        given = datetime.fromisoformat(text(value).replace("/", "-"))
        return given if given.tzinfo else given.replace(tzinfo=ZoneInfo(self.settings.timezone))

    def _day(self, value: Any) -> date:
        return self.moment(value).astimezone(ZoneInfo(self.settings.timezone)).date()


ADDRESS: Final = ("recipient", "phone", "street", "city", "region", "country", "postcode")


@dataclass(frozen=True)
class _Getter:
    """Fields of one record by our names; those of a part are mapped under a prefix, such as `line.`."""

    record: Any
    fields: Mapping[str, str]
    prefix: str = ""

    def __call__(self, name: str) -> Any:
        path = self.fields.get(self.prefix + name)
        return at(self.record, path) if path is not None else None

    def text(self, name: str) -> str:
        return text(self(name))

    def must(self, name: str) -> Any:
        value = self(name)
        if value is None or value == "":
            raise Unreadable(f"no {self.prefix}{name}")
        return value

    def parts(self, name: str) -> Iterable[Any]:
        """The records in a list of the record; none where the field is not mapped or empty."""
        value = self(name)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > MOST_PARTS:
            raise Unreadable(f"{name} is no list, or too long")
        return value


def _state(word: str, mapped: Mapping[str, T], known: Mapping[str, T]) -> T:
    state = mapped.get(word) or known.get(word)
    if state is None:
        raise Unreadable(f"the state {word!r} is not mapped")
    return state


def whole(value: Any) -> int:
    if isinstance(value, bool):
        raise Unreadable("a number, not a truth")
    number = Decimal(text(value))
    if number != number.to_integral_value() or abs(number) > 10**9:
        raise Unreadable(f"a whole number, not {number}")
    return int(number)


def _count(value: Any) -> int | None:
    return None if value in (None, "") else max(0, whole(value))


def _web(address: str) -> str | None:
    return address if address.startswith(("http://", "https://")) else None
