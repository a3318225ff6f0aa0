"""Products and orders out of tables that a shop exports: columns known by their usual names in Chinese and English.

What cannot be read is left out and noted with its row, so that a shop can mend it and upload again.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final, Literal
from zoneinfo import ZoneInfo

from xiaoer.commerce.filling import Goods
from xiaoer.commerce.money import BadMoney, Money, total
from xiaoer.commerce.numbers import plain
from xiaoer.commerce.upload_columns import FIGURES, LINES, OFF_SALE, ORDERS, PRODUCTS, STATES
from xiaoer.commerce.values import (
    Address,
    Amounts,
    Buyer,
    Event,
    Order,
    OrderLine,
    Product,
    Shipment,
    Variant,
)  # fmt: skip
from xiaoer.errors import Invalid
from xiaoer.patterns import lazy

Row = Mapping[str, str]
HEADER_WITHIN: Final = 10
MOST_NOTES: Final = 50
_SPOILT = lazy(r"\d(?:\.\d+)?E\+\d+", re.IGNORECASE)
_MONEY = lazy(r"CN[¥￥]|[¥￥$€£元\s,，]|CNY|RMB|USD", re.IGNORECASE)


class BadUpload(Invalid):
    """A table that holds neither products nor orders; the message says which columns it needs."""


class _Unreadable(Exception):
    """One row that cannot be used."""


@dataclass(frozen=True)
class Upload:
    """What a table held. `notes` say which rows were left out, and why."""

    kind: Literal["products", "orders"]
    goods: Goods
    notes: tuple[str, ...] = ()


@dataclass
class _Reading:
    currency: str
    language: str
    zone: ZoneInfo
    notes: list[str] = field(default_factory=list)

    def note(self, row: int, why: str) -> None:
        if len(self.notes) < MOST_NOTES:
            self.notes.append(f"row {row} left out: {why}")

    def money(self, written: str) -> Money | None:
        bare = _MONEY.sub("", unicodedata.normalize("NFKC", written))
        if not bare:
            return None
        try:
            amount = Money.parse(bare, self.currency).rounded()
        except BadMoney as error:
            raise _Unreadable(f"{written!r} is no amount") from error
        if amount.amount < 0:
            raise _Unreadable(f"{written!r} is below zero")
        return amount


def read_table(
    rows: Sequence[Sequence[str]],
    *,
    exact: Mapping[tuple[int, int], str] | None = None,
    numbers: Sequence[int] = (),
    currency: str = "CNY",
    language: str = "zh",
    timezone: str = "Asia/Shanghai",
) -> Upload:
    """The products or orders of one table. Raises `BadUpload` where the columns are not known.

    `exact` are figures and moments by row and column where the text does not show all of them (¥7 of 6.5), `numbers`
    the rows' places in the file.
    """
    reading = _Reading(currency, language, ZoneInfo(timezone))
    table = _Table(rows, exact or {}, numbers or range(1, len(rows) + 1))
    for at, row in enumerate(rows[:HEADER_WITHIN]):
        orders, products = _named(row, ORDERS), _named(row, PRODUCTS)
        if {"number", "state"} <= set(orders.values()):
            return _upload("orders", _orders(table.body(at, orders), reading), reading)
        if {"name", "price"} <= set(products.values()):
            return _upload("products", _products(table.body(at, products), reading), reading)
    raise BadUpload(
        "This table is not understood. Products need columns such as 商品名称 / name and 价格 / price, "
        "orders 订单号 / order number and 订单状态 / status."
    )


def _upload(kind: Literal["products", "orders"], goods: Goods, reading: _Reading) -> Upload:
    if not (goods.products or goods.orders):
        raise BadUpload("The table has no row that can be read. " + " ".join(reading.notes[:3]))
    return Upload(kind, goods, tuple(reading.notes))


def _named(row: Sequence[str], columns: Mapping[str, str]) -> dict[int, str]:
    """Which column is what; the first of two that are the same counts."""
    found: dict[int, str] = {}
    for at, written in enumerate(row):
        name = columns.get(
            re.sub(r"[\s_（(][^)）\n]{0,80}[)）]|[\s_\-*：:]", "", unicodedata.normalize("NFKC", written)).casefold()
        )
        if name and name not in found.values():
            found[at] = name
    return found


@dataclass(frozen=True)
class _Table:
    rows: Sequence[Sequence[str]]
    exact: Mapping[tuple[int, int], str]
    numbers: Sequence[int]

    def body(self, header: int, columns: Mapping[int, str]) -> list[tuple[int, Row]]:
        """The rows below the header with the numbers people see in their program."""
        return [
            (self.numbers[at], {name: self._value(at, column, name) for column, name in columns.items()})
            for at, row in enumerate(self.rows)
            if at > header and any(cell.strip() for cell in row)
        ]

    def _value(self, at: int, column: int, name: str) -> str:
        """What a cell says: a code as it is shown, a figure or a moment exactly."""
        if name in FIGURES and (at, column) in self.exact:
            return self.exact[at, column]
        return _bare(self.rows[at][column]) if column < len(self.rows[at]) else ""


def _bare(cell: str) -> str:
    """Without the mark that keeps a spreadsheet from reading a code as a number: `'D0012`."""
    return cell.strip().removeprefix("'").strip()


def _products(rows: Iterable[tuple[int, Row]], reading: _Reading) -> Goods:
    """Rows of one product number are its variants; without numbers each row is a product."""
    kept: dict[str, list[Row]] = {}
    for number, row in rows:
        try:
            kept.setdefault(_product_key(row, reading), []).append(row)
        except _Unreadable as error:
            reading.note(number, str(error))
    return Goods(products=[_product(key, group, reading) for key, group in kept.items()])


def _product_key(row: Row, reading: _Reading) -> str:
    """What holds the rows of one product together; raises for a row that cannot be read."""
    if not row.get("name") or reading.money(row.get("price", "")) is None:
        raise _Unreadable("it has no name or no price")
    reading.money(row.get("member_price", ""))
    _stock(row)
    key = row.get("id") or row.get("sku") or row["name"]
    _whole_code(key)
    return key


def _product(key: str, rows: Sequence[Row], reading: _Reading) -> Product:
    first, language = rows[0], reading.language
    variants: dict[str, Variant] = {}
    for row in rows:
        options = row.get("options", "")
        sku = row.get("sku") or (f"{key}-{options}" if options else key)
        variants[sku] = Variant(
            sku=sku,
            name={language: f"{row['name']} {options}".strip()},
            price=reading.money(row["price"]) or Money.zero(reading.currency),
            member_price=reading.money(row.get("member_price", "")),
            options={"options": {language: options}} if options else {},
            stock=_stock(row),
        )
    url = first.get("url", "")
    return Product(
        id=key,
        name={language: first["name"]},
        price=min(variant.price for variant in variants.values()),
        variants=tuple(variants.values()),
        category=first.get("category", ""),
        description={language: first["description"]} if first.get("description") else {},
        url=url if url.startswith(("http://", "https://")) else None,
        on_sale=any(row.get("on_sale", "").casefold() not in OFF_SALE for row in rows),
    )


def _stock(row: Row) -> int | None:
    written = row.get("stock", "").replace(",", "")
    if not written:
        return None
    try:
        left = Decimal(written)
    except InvalidOperation as error:
        raise _Unreadable(f"{written!r} is no number of pieces") from error
    if not left.is_finite() or left != left.to_integral_value() or abs(left) > 10**9:
        raise _Unreadable(f"{written!r} is no number of pieces")
    return max(0, int(left))


def _orders(rows: Iterable[tuple[int, Row]], reading: _Reading) -> Goods:
    """Rows of one order number are its lines; what belongs to the order is read from the first that says it."""
    kept: dict[str, list[Row]] = {}
    numbers: dict[str, int] = {}
    for number, row in rows:
        try:
            key = _order_key(row)
        except _Unreadable as error:
            reading.note(number, str(error))
            continue
        kept.setdefault(key, []).append(row)
        numbers.setdefault(key, number)
    orders: list[Order] = []
    parcels: list[Shipment] = []
    buyers: dict[str, Buyer] = {}
    for key, group in kept.items():
        whole = {name: value for row in reversed(group) for name, value in row.items() if value and name not in LINES}
        try:
            order = _order(whole, group, reading)
        except _Unreadable as error:
            reading.note(numbers[key], str(error))
            continue
        orders.append(order)
        parcels += _parcel(whole, order)
        if order.customer:
            buyers[order.customer] = Buyer(
                id=order.customer, name=whole.get("recipient", ""), phone=order.phone, email=order.email
            )
    return Goods(orders=orders, shipments=parcels, buyers=list(buyers.values()))


def _order_key(row: Row) -> str:
    _whole_code(row.get("number", ""))
    key = plain(row.get("number", ""))
    if not key:
        raise _Unreadable("it has no order number")
    return key


def _order(whole: Row, rows: Sequence[Row], reading: _Reading) -> Order:
    word = whole.get("state", "").casefold()
    state = STATES.get(word)
    if state is None:
        raise _Unreadable(f"the status {word!r} is not known; use 待发货, 已发货, 已完成 or the like")
    placed = _moment(whole.get("placed_at", ""), reading.zone)
    lines = tuple(_line(row, reading) for row in rows if row.get("product") or row.get("sku"))
    goods = total((line.price * line.quantity for line in lines), reading.currency)
    shipping = reading.money(whole.get("shipping", "")) or Money.zero(reading.currency)
    paid = reading.money(whole.get("total", ""))
    if paid is None and not any(row.get("price") for row in rows):
        raise _Unreadable("what it cost is not there; name a column 实付金额, or 单价 with 数量")
    phone = whole.get("phone", "")
    address = Address(
        recipient=whole.get("recipient", ""), phone=phone, street=whole.get("street", ""), city=whole.get("city", ""),
        region=whole.get("region", ""), country=whole.get("country", "CN").upper(), postcode=whole.get("postcode", ""),
    )  # fmt: skip
    return Order(
        id=whole["number"], number=whole["number"], customer=whole.get("customer", ""), state=state, lines=lines,
        amounts=Amounts(goods=goods, shipping=shipping, total=paid if paid is not None else goods + shipping),
        placed_at=placed, version="1", address=address if address.street else None, phone=phone,
        email=whole.get("email", ""), note=whole.get("note", ""), history=(Event(at=placed, what="placed"),),
    )  # fmt: skip


def _line(row: Row, reading: _Reading) -> OrderLine:
    count = _stock({"stock": row.get("quantity", "") or "1"})
    price = reading.money(row.get("price", ""))
    if not count:
        raise _Unreadable("a line of it has no quantity")
    name = row.get("product") or row["sku"]
    return OrderLine(
        sku=row.get("sku") or name, name=name, quantity=count, price=price or Money.zero(reading.currency),
        options=row.get("options", ""),
    )  # fmt: skip


def _parcel(whole: Row, order: Order) -> list[Shipment]:
    if not whole.get("tracking"):
        return []
    there = order.state in ("delivered", "completed")
    return [
        Shipment(
            order_number=order.number, carrier=whole.get("carrier", ""), number=whole["tracking"],
            state="delivered" if there else "dispatched",
        )
    ]  # fmt: skip


def _moment(written: str, zone: ZoneInfo) -> datetime:
    tidy = re.sub(r"[年月/.]", "-", re.sub(r"[日秒]", "", written)).replace("时", ":").replace("分", ":").strip(": ")
    parts = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?.*", tidy)
    if parts is None:
        raise _Unreadable(f"{written!r} is no date")
    try:
        return datetime(*(int(part or 0) for part in parts.groups()), tzinfo=zone)  # type: ignore[misc,arg-type]
    except ValueError as error:
        raise _Unreadable(f"{written!r} is no date") from error


def _whole_code(written: str) -> None:
    """Numbers that a spreadsheet has shortened are lost: two orders would become one."""
    if _SPOILT.fullmatch(written):
        raise _Unreadable(f"{written} was shortened by the spreadsheet. Format the column as text and export again")
