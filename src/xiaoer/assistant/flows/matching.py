"""Whether the order a customer names holds the goods they name; where another of theirs does, they are asked which."""

from collections.abc import Sequence

from xiaoer.assistant.flows.talk import Ask, Talk, Task
from xiaoer.assistant.flows.words import plain_line
from xiaoer.commerce.numbers import plain
from xiaoer.commerce.values import Order
from xiaoer.language.naming import Names
from xiaoer.tools.reading import Reading

_MOST = 20
_OF_GOODS = frozenset({"cancel", "return", "exchange", "service", "price", "reward"})
"""Wishes that are about the goods of an order."""


async def check_goods(reading: Reading, talk: Talk, task: Task, order: Order) -> None:
    """Ask once which order is meant, when the goods named with the order are in another one; raises `Ask`."""
    if not task.slots.pop("named", False) or task.kind not in _OF_GOODS:
        return
    seen = talk.caller.seen
    if seen.customer is None and len(seen.orders) < 2:  # noqa: PLR2004  # there is no other to mean
        return
    number = plain(order.number)
    others = [each for each in await reading.orders(talk.caller, limit=_MOST) if plain(each.number) != number]
    for other, goods in _named(task, talk.text.replace(order.number, " "), order, others):
        talk.stand.offered = [order.number, other.number]
        text = talk.word("order_lacks", number=order.number, product=plain_line(goods), other=other.number)
        raise Ask("order", text, tuple(talk.stand.offered))


def _named(task: Task, text: str, order: Order, others: Sequence[Order]) -> Sequence[tuple[Order, str]]:
    """The first order that has the goods named, and how they are named; nothing where the order itself has them."""
    wanted = set(task.slots.get("products", ()))
    for each in (order, *others):
        for line in each.lines:
            if {line.sku, line.product_id} & wanted:
                return [] if each is order else [(each, line.product_id or line.sku)]
    lines = {f"{at}:{line.sku}": (each, line.name) for at, each in enumerate((order, *others)) for line in each.lines}
    found = Names((thing, name) for thing, (_, name) in lines.items() if name).named_in(text)
    named = [lines[thing] for thing in (found.allied if found else ())]
    return [] if any(each is order for each, _ in named) else named[:1]
