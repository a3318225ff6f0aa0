"""Small builders of what a shop holds."""

from datetime import UTC, datetime, timedelta

from xiaoer.commerce.commerce import Permit
from xiaoer.commerce.money import Money
from xiaoer.commerce.values import Address, Amounts, Event, Order, OrderLine, Product, Variant

NOW = datetime.now(UTC)
HOME = Address(recipient="林一", phone="+86 154 0000 0001", region="浙江省", city="杭州市", street="文三路 1 号")


def product(product_id="P1", name="轻羽跑鞋", english="Feather running shoe", *, price="299.00", stock=5, **more):
    skus = [f"{product_id}-38", f"{product_id}-39"]
    variants = tuple(
        Variant(
            sku=sku, name={"zh": f"{name} {sku[-2:]}", "en": f"{english} {sku[-2:]}"}, price=Money.parse(price),
            options={"size": {"zh": sku[-2:], "en": sku[-2:]}}, stock=stock,
        )
        for sku in skus
    )  # fmt: skip
    return Product(id=product_id, name={"zh": name, "en": english}, price=Money.parse(price), variants=variants, **more)


def order(number="A-1001", customer="C1", state="paid", *, quantity=2, discounts=(), **more):
    goods = Money.parse("299.00") * quantity
    line = OrderLine(sku="P1-38", name="轻羽跑鞋 38", quantity=quantity, price=Money.parse("299.00"), product_id="P1")
    placed = NOW - timedelta(days=3)
    given = {
        "lines": (line,),
        "amounts": Amounts(goods=goods, shipping=Money.parse("8"), total=goods + Money.parse("8"), discounts=discounts),
        "history": (Event(at=placed, what="placed"), Event(at=placed, what=state)),
        "address": HOME,
        "phone": HOME.phone,
    }
    return Order(
        id=number, number=number, customer=customer, state=state, placed_at=placed, version="1", **(given | more)
    )


def permit(shown, key="k1", customer="C1"):
    return Permit(key=key, version=shown.version, customer=customer)
