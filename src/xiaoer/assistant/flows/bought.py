"""Which of a customer's orders, and which goods of one, are meant by naming them, in another language too."""

from collections.abc import Sequence

from xiaoer.assistant.flows import partly
from xiaoer.assistant.flows.kinds import is_of, kinds_in
from xiaoer.commerce.values import Order, OrderLine
from xiaoer.language.naming import Names


def lines_said(text: str, lines: Sequence[OrderLine]) -> list[OrderLine]:
    """The goods that a text names: by name, else by what they are, else by a part of their name; none if it is all."""
    keyed = {str(at): line for at, line in enumerate(lines)}
    named = Names((key, line.name) for key, line in keyed.items() if line.name).named_in(text)
    if named is not None:
        return [line for key, line in keyed.items() if key in named.meant]
    kinds = kinds_in(text)
    found = [line for line in lines if any(is_of(line.name, kind) for kind in kinds)]
    if not found:
        keys = partly.named_among(text, {key: (line.name,) for key, line in keyed.items()})
        found = [keyed[key] for key in keys]
    return found


def orders_said(text: str, orders: Sequence[Order]) -> list[Order]:
    """The orders with the goods that a text names; nothing where it names none, or what every order has."""
    said = {id(line) for line in lines_said(text, [line for order in orders for line in order.lines])}
    found = [order for order in orders if any(id(line) in said for line in order.lines)]
    return found if len(found) < len(orders) else []
