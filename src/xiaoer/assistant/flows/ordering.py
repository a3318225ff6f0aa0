"""Which order is meant, and whether this customer may see it; then what is shown of it."""

from collections.abc import Callable, Collection, Sequence

from xiaoer.assistant.flows.bought import orders_said
from xiaoer.assistant.flows.slots import Given
from xiaoer.assistant.flows.talk import Ask, Drop, Talk, Task
from xiaoer.assistant.flows.words import goods, paused, plain_line
from xiaoer.commerce.commerce import UnknownOrder
from xiaoer.commerce.numbers import plain
from xiaoer.commerce.values import Order, OrderState, Request, Shipment, said
from xiaoer.identity.access import TooManyTries
from xiaoer.language.phrases import joined
from xiaoer.tools.reading import Reading

MOST_OFFERED = 5
_ON_THE_WAY = frozenset({"paid", "packed", "shipped"})


async def the_order(reading: Reading, talk: Talk, task: Task, *, states: Collection[OrderState] | None = None) -> Order:
    """The order a task is about, seen by this customer; raises `Ask` for what is missing, `Drop` when it is hopeless.

    `states` narrows the choice that a signed customer is offered.
    """
    number = task.slots.get("order") or await _hinted(reading, talk, task, states)
    if (tail := task.slots.get("tail")) is None:
        try:
            order = await reading.order(talk.caller, number)
        except UnknownOrder:
            task.slots["order"] = number
            order = await _by_mail(reading, talk, task, number)
    else:
        order = await _shown(reading, talk, task, Given(number, tail))
    task.slots["order"] = plain(order.number)
    if number != talk.left:  # of goods named since then is spoken now
        talk.stand.focus = task.slots["order"]
    return order


async def _by_mail(reading: Reading, talk: Talk, task: Task, number: str) -> Order:
    """The order by the code that was sent for it, or a code sent; what is asked for else is the end of the phone."""
    code, address = task.slots.pop("code", None), task.slots.pop("mail", None)
    if not talk.by_mail:
        raise Ask("tail", talk.word("ask_tail"))
    try:
        if code is not None:
            shown = await reading.mail_codes.enter(talk.caller, number, code)
            if shown is None:
                raise Ask("code", talk.word("code_wrong"))
            talk.caller, number = shown
            return await reading.order(talk.caller, number)
        if address is not None:
            await reading.mail_codes.ask(talk.caller, number, address, talk.language)
            task.slots["mailed"] = number
            raise Ask("code", talk.word("code_sent"))
    except TooManyTries:
        raise Drop(talk.word("too_many"), (talk.word("person"),)) from None
    if task.slots.get("mailed") == number:
        raise Ask("code", talk.word("ask_code"))
    raise Ask("tail", joined(talk.language, talk.word("ask_tail"), talk.word("or_mail")))


async def _shown(reading: Reading, talk: Talk, task: Task, given: Given) -> Order:
    """Check number and tail; the same words whichever was wrong."""
    assert given.order is not None
    assert given.tail is not None
    task.slots.pop("tail")
    task.slots.pop("mail", None)
    task.slots.pop("code", None)
    if talk.caller.seen.customer is not None or plain(given.order) in talk.caller.seen.orders:
        try:
            return await reading.order(talk.caller, given.order)
        except UnknownOrder:
            pass
    try:
        caller = await reading.show_order(talk.caller, given.order, given.tail)
    except TooManyTries:
        raise Drop(talk.word("too_many"), (talk.word("person"),)) from None
    if caller is None:
        task.slots["tried"] = task.slots.pop("order", None)
        talk.stand.focus = None
        raise Ask("order", talk.word("no_match"))
    talk.caller = caller
    return await reading.order(caller, given.order)


async def _hinted(reading: Reading, talk: Talk, task: Task, states: Collection[OrderState] | None) -> str:
    """The order by what the customer says of it: its product, its state, that it is the other one."""
    if (named := await _by_goods(reading, talk, task, states)) is not None:
        return named
    products = set(task.slots.get("products", ()))
    if not products and talk.stand.focus is None and talk.stand.product is not None:
        products = {talk.stand.product}
    said_states, other = task.slots.get("states"), task.slots.get("other")
    if talk.caller.seen.customer is None or not (products or said_states or other):
        return talk.stand.focus or talk.left or await _only(reading, talk, states)
    found = [
        order
        for order in await reading.orders(talk.caller, limit=20)
        if (not products or any({line.sku, line.product_id} & products for line in order.lines))
        and (not said_states or order.state in said_states)
        and plain(order.number) != other
    ]
    fitting = [order for order in found if states is None or order.state in states] or found
    if len(fitting) == 1:
        return fitting[0].number
    if not found and talk.left is not None and not (said_states or other):
        return talk.left  # goods that were not bought yet say nothing of an order
    return await _only(reading, talk, states)


async def _by_goods(reading: Reading, talk: Talk, task: Task, states: Collection[OrderState] | None) -> str | None:
    """The order whose goods the customer names; asked which, where several have them."""
    seen = talk.caller.seen
    words = str(task.slots.get("said", ""))
    if not words or (seen.customer is None and len(seen.orders) < 2):  # noqa: PLR2004  # there is nothing to choose
        return None
    found = orders_said(words, await reading.orders(talk.caller, limit=20))
    if task.slots.get("other") or not found:
        return None
    if talk.stand.focus in {plain(order.number) for order in found}:
        return talk.stand.focus
    fitting = [order for order in found if states is None or order.state in states] or found
    if len(fitting) == 1:
        return fitting[0].number
    raise _which(talk, fitting[:MOST_OFFERED])


async def every(reading: Reading, talk: Talk, states: Collection[OrderState] | None) -> list[str]:
    """The numbers of all orders of a signed customer that are in one of the states."""
    found = await reading.orders(talk.caller, limit=20)
    return [order.number for order in found if states is None or order.state in states][:MOST_OFFERED]


async def _only(reading: Reading, talk: Talk, states: Collection[OrderState] | None) -> str:
    seen = talk.caller.seen
    if seen.customer is None:
        if len(seen.orders) == 1:
            return next(iter(seen.orders))
        asked = talk.word("ask_order")
        raise Ask("order", joined(talk.language, asked, talk.word("or_mail")) if talk.by_mail else asked)
    orders = await reading.orders(talk.caller, limit=20)
    if not orders:
        raise Drop(talk.word("no_orders"))
    fitting = [order for order in orders if states is None or order.state in states][:MOST_OFFERED]
    if not fitting:
        raise Drop("\n".join([talk.word("no_orders_for"), *(row(talk, order) for order in orders[:MOST_OFFERED])]))
    if len(fitting) == 1:
        return fitting[0].number
    raise _which(talk, fitting)


def _which(talk: Talk, fitting: Sequence[Order]) -> Ask:
    talk.stand.offered = [order.number for order in fitting]
    rows = [f"{number}. {row(talk, order)}" for number, order in enumerate(fitting, start=1)]
    for order in fitting:
        talk.cite_order(order, state_of(talk, order))
    return Ask("order", "\n".join([talk.word("which_order"), *rows]), tuple(talk.stand.offered))


def state_of(talk: Talk, order: Order) -> str:
    return talk.word(f"state_{order.state}")


def row(talk: Talk, order: Order) -> str:
    """An order in one line."""
    return talk.word(
        "order_row",
        number=order.number,
        state=state_of(talk, order),
        goods=goods(order.lines, talk.language),
        total=talk.amount(order.amounts.total),
        placed=talk.when(order.placed_at),
    )


def card(talk: Talk, order: Order) -> str:
    """An order in a few lines."""
    return talk.word(
        "order_card",
        number=order.number,
        state=state_of(talk, order),
        goods=goods(order.lines, talk.language),
        total=talk.amount(order.amounts.total),
        placed=talk.when(order.placed_at),
    )


def parcel(talk: Talk, shipment: Shipment) -> str:
    """A parcel: its state, its latest stop, and when it is expected."""
    carrier, number = plain_line(shipment.carrier), plain_line(shipment.number)
    lines = [talk.word("parcel", carrier=carrier, number=number, state=talk.word(f"parcel_{shipment.state}"))]
    if shipment.events:
        latest = shipment.events[-1]
        text = plain_line(said(latest.text, talk.language))
        lines.append(talk.word("parcel_latest", at=talk.when(latest.at), text=text))
    if shipment.expected_on is not None and shipment.state not in ("delivered", "exception"):
        lines.append(talk.word("parcel_expected", date=shipment.expected_on.isoformat()))
    return "\n".join(lines)


def request(talk: Talk, asked: Request) -> str:
    """A return, refund and the like in one line."""
    kind, state = talk.word(f"kind_{asked.kind}"), talk.word(f"request_{asked.state}")
    line = talk.word("request_row", kind=kind, id=asked.id, state=state)
    if asked.amount is None:
        return line
    return paused([line, talk.word("request_amount", amount=talk.amount(asked.amount))], talk.language)


async def _likely(reading: Reading, talk: Talk, task: Task, fits: Callable[[Order], bool]) -> None:
    """Where a signed customer names no order, the only one that what they ask can be about is meant."""
    hinted = {"order", "products", "states", "other"} & set(task.slots) or talk.stand.focus or talk.stand.product
    if hinted or talk.caller.seen.customer is None:
        return
    every_one = await reading.orders(talk.caller, limit=20)
    if orders_said(str(task.slots.get("said", "")), every_one):
        return
    found = [order for order in every_one if fits(order)]
    if len(found) == 1:
        task.slots["order"] = plain(found[0].number)


async def track(reading: Reading, talk: Talk, task: Task) -> None:
    """Where is my order: its card, and the latest stop of each parcel."""
    await _likely(reading, talk, task, lambda order: order.state in _ON_THE_WAY)
    order = await the_order(reading, talk, task)
    order, parcels = await reading.shipments(talk.caller, order.number)
    lines = [card(talk, order), *(parcel(talk, each) for each in parcels)]
    if not parcels and order.state not in ("cancelled", "returned"):
        lines.append(talk.word("parcel_none"))
    talk.said.append("\n".join(lines))
    talk.cite_order(order, state_of(talk, order))
    for each in parcels:
        talk.cite(f"shipment:{each.number}", each.number, parcel(talk, each), order.as_of)


async def orders(reading: Reading, talk: Talk, task: Task) -> None:
    """All orders of a signed customer, or the one that this chat was shown."""
    if talk.caller.seen.customer is None or "order" in task.slots:
        await track(reading, talk, task)
        return
    found = await reading.orders(talk.caller)
    if not found:
        raise Drop(talk.word("no_orders"))
    talk.said.append("\n".join([talk.word("orders_head"), *(row(talk, order) for order in found)]))
    for order in found:
        talk.cite_order(order, state_of(talk, order))


async def refund(reading: Reading, talk: Talk, task: Task) -> None:
    """How far returns and refunds of an order are."""
    await _likely(reading, talk, task, lambda order: bool(order.requests))
    order = await the_order(reading, talk, task)
    if not order.requests:
        talk.said.append(talk.word("request_none", number=order.number))
    else:
        rows = [request(talk, each) for each in order.requests]
        talk.said.append("\n".join([talk.word("refund_state", number=order.number), *rows]))
    talk.cite_order(order, state_of(talk, order))


async def coupons(reading: Reading, talk: Talk, task: Task) -> None:
    """The signed customer's usable coupons."""
    del task
    if talk.caller.seen.customer is None:
        raise Drop(talk.word("sign_in"))
    found = await reading.coupons(talk.caller, talk.language)
    if not found:
        raise Drop(talk.word("coupons_none"))
    rows = []
    for each in found:
        until, name = each.promotion.valid_to, plain_line(each.promotion.name)
        rows.append(
            talk.word("coupon_row", name=name, until=talk.when(until))
            if until
            else talk.word("coupon_row_open", name=name)
        )
        talk.cite(f"coupon:{each.id}", name, rows[-1], None)
    talk.said.append("\n".join([talk.word("coupons_head"), *rows]))
