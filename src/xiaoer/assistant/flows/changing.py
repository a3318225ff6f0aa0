"""What a change needs to know, and how it is put before the customer: before → after, with amounts."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

from xiaoer.assistant.events import Confirm
from xiaoer.assistant.flows import counting, ordering, serving, slots, swapping
from xiaoer.assistant.flows.bought import lines_said
from xiaoer.assistant.flows.matching import check_goods
from xiaoer.assistant.flows.talk import Ask, Drop, Talk, Task
from xiaoer.assistant.flows.words import goods, plain_line
from xiaoer.commerce.commerce import StateForbids
from xiaoer.commerce.money import Money
from xiaoer.commerce.values import Order, OrderLine, Piece
from xiaoer.tools.calling import ToolRefused
from xiaoer.tools.changing import ChangeName, Changing, states_for
from xiaoer.tools.proposals import OPEN_FOR
from xiaoer.tools.reading import Reading

NAMES: dict[str, ChangeName] = {
    "cancel": "cancel_order",
    "address": "change_address",
    "urge": "urge_shipment",
    "return": "request_return",
    "exchange": "request_exchange",
    "invoice": "request_invoice",
    "service": "book_service",
    "price": "protect_price",
    "reward": "reward_review",
    "undo": "undo",
}
Prepared = tuple[dict[str, Any], dict[str, str]]
"""The arguments of the change, and the values its summary shows."""
Prepare = Callable[[Reading, Talk, Task, Order], Awaitable[Prepared]]


async def change(reading: Reading, changing: Changing, talk: Talk, task: Task) -> None:
    """Put the change a task wants before the customer; raises `Ask` for what is missing, `Drop` for what cannot be."""
    name = NAMES[task.kind]
    order = await ordering.the_order(reading, talk, task, states=states_for(talk.caller.commerce, name))
    await check_goods(reading, talk, task, order)
    try:
        await changing.check(talk.caller, name, order)
        given, shown = await PREPARE[task.kind](reading, talk, task, order)
        summary = talk.word(f"confirm_{name}", number=order.number, **shown)
        proposal, token = await changing.propose(
            talk.caller, name, order, given, summary=summary, language=talk.language
        )
    except StateForbids:
        _offer_cancelling(talk, task, order)
        talk.cite_order(order, ordering.state_of(talk, order))
        text = talk.word("forbidden_state", number=order.number, state=ordering.state_of(talk, order))
        raise Drop(text, (talk.word("person"),)) from None
    except ToolRefused:
        raise Drop(talk.word("refused"), (talk.word("person"),)) from None
    talk.confirm = Confirm(token, summary, proposal.expires_at)
    minutes = int(OPEN_FOR.total_seconds() // 60)
    talk.said.append(f"{summary}\n{talk.word('confirm_ask', minutes=minutes)}")
    talk.cite_order(order, ordering.state_of(talk, order))


def _offer_cancelling(talk: Talk, task: Task, order: Order) -> None:
    """What was not sent cannot come back: who wants to return it is told that it can be cancelled, and decides."""
    possible = "cancel_order" in talk.caller.commerce.abilities
    if task.kind == "return" and possible and order.state in states_for(talk.caller.commerce, "cancel_order"):
        talk.cite_order(order, ordering.state_of(talk, order))
        text = talk.word("return_unsent", number=order.number, state=ordering.state_of(talk, order))
        raise Drop(text, (talk.word("return_unsent_tap", number=order.number), talk.word("person")))


async def undo(reading: Reading, changing: Changing, talk: Talk, task: Task) -> None:
    """Put before the customer that the change made last in this conversation be taken back."""
    last = await changing.undoable(talk.caller)
    if last is None:
        raise Drop(talk.word("undo_none"), (talk.word("person"),))
    task.slots |= {"order": last.subject, "of": str(last.id), "made": last.summary}
    await change(reading, changing, talk, task)


async def _undo(_: Reading, talk: Talk, task: Task, order: Order) -> Prepared:
    shown = {"made": str(task.slots["made"]), "state": ordering.state_of(talk, order)}
    return {"of": task.slots["of"]}, shown


async def _cancel(_: Reading, talk: Talk, task: Task, order: Order) -> Prepared:
    if order.state == "pending" and order.amounts.deposit:
        raise StateForbids("A deposit was paid: a person has to tell what becomes of it.")
    paid = Money.zero(order.amounts.total.currency) if order.state == "pending" else order.amounts.total
    shown = {
        "goods": goods(order.lines, talk.language),
        "state": ordering.state_of(talk, order),
        "after": talk.word("state_cancelled"),
        "paid": talk.amount(paid),
    }
    return {"reason": str(task.slots.get("reason", ""))}, shown


async def _address(_: Reading, talk: Talk, task: Task, order: Order) -> Prepared:
    asked = talk.stand.awaiting == "address"
    address = slots.address_in(talk.text, order.address, asked=asked) if "address" not in task.slots else None
    if address is not None:
        task.slots["address"] = asdict(address)
    if "address" not in task.slots:
        raise Ask("address", talk.word("ask_address"))
    given = dict(task.slots["address"])
    after = " ".join(plain_line(str(given[part])) for part in ("recipient", "phone", "street"))
    before = plain_line(order.address.line()) if order.address else talk.word("none")
    return {"address": given}, {"before": before, "after": after}


async def _urge(_: Reading, talk: Talk, task: Task, order: Order) -> Prepared:
    del task
    return {}, {"goods": goods(order.lines, talk.language)}


def _named_line(talk: Talk, task: Task, order: Order) -> OrderLine | None:
    wanted = set(task.slots.get("products", ())) or {talk.stand.product}
    by_number = [line for line in order.lines if {line.sku, line.product_id} & wanted]
    if len(by_number) == 1:
        return by_number[0]
    if (line := slots.line_in(talk.text, order.lines)) is not None:
        return line
    said = [lines_said(text, order.lines) for text in (talk.text, str(task.slots.get("said", "")))]
    return next((lines[0] for lines in said if len(lines) == 1), None)


def _line(talk: Talk, task: Task, order: Order) -> OrderLine:
    line = order.line(str(task.slots.get("sku", ""))) or _named_line(talk, task, order)
    if line is None:
        rows = [f"{number}. {plain_line(each.name)}" for number, each in enumerate(order.lines, start=1)]
        names = tuple(plain_line(each.name) for each in order.lines)
        raise Ask("piece", "\n".join([talk.word("ask_piece"), *rows]), names)
    task.slots["sku"] = line.sku
    return line


def _reason(talk: Talk, task: Task) -> str:
    taken = talk.caller.commerce.takes.get(NAMES[task.kind])
    if taken is not None and "reason" not in taken:  # the shop does not ask why
        return str(task.slots.get("reason", talk.word("none")))
    if "reason" not in task.slots:
        if talk.stand.awaiting != "reason":
            raise Ask("reason", talk.word("ask_reason"))
        task.slots["reason"] = plain_line(talk.text)
    return str(task.slots["reason"])


async def _return(_: Reading, talk: Talk, task: Task, order: Order) -> Prepared:
    if (wanted := counting.returned_in(talk.text, talk.language)) is not None:
        task.slots["many"] = wanted
    line = _line(talk, task, order)
    reason = _reason(talk, task)
    many = min(int(task.slots.get("many", line.quantity)), line.quantity)
    pieces = [asdict(Piece(sku=line.sku, quantity=many))]
    price = (line.paid or line.price * line.quantity) * (Decimal(many) / line.quantity)
    shown = {
        "goods": goods([replace(line, quantity=many)], talk.language),
        "reason": reason,
        "amount": talk.amount(price.rounded()),
    }
    return {"pieces": pieces, "reason": reason}, shown


async def _exchange(reading: Reading, talk: Talk, task: Task, order: Order) -> Prepared:
    line = _line(talk, task, order)
    if "exchange_choices" in talk.caller.commerce.abilities:
        choice, bought = await swapping.swap(reading, talk, task, order, line)
        reason = _reason(talk, task)
        piece = asdict(Piece(sku=line.sku, quantity=line.quantity))
        shown = {"before": plain_line(bought), "after": plain_line(choice.name), "reason": reason}
        return {"piece": piece, "wanted_sku": choice.sku, "reason": reason}, shown
    product = await talk.caller.commerce.product(line.product_id or line.sku)
    others = [each for each in product.variants if each.sku != line.sku and each.in_stock]
    if not others:
        raise ToolRefused("Nothing to exchange it for.", "state")
    wanted = next((each for each in others if each.sku == task.slots.get("wanted")), None)
    if wanted is None:
        named = [each for each in others if slots.names_options(talk.text, each, line.sku, product)]
        if len(named) != 1:
            labels = [slots.variant_label(each, talk.language) for each in (named or others)]
            rows = [f"{number}. {label}" for number, label in enumerate(labels, start=1)]
            picked = slots.chosen(talk.text, [each.sku for each in others]) if talk.stand.awaiting == "wanted" else None
            if picked is None or named:
                again = talk.stand.awaiting == "wanted" and not named
                asked = talk.word("wanted_again" if again else "ask_wanted")
                more = (talk.word("person"),) if again else ()
                raise Ask("wanted", "\n".join([asked, *rows[:9]]), (*labels[:5], *more))
            named = [each for each in others if each.sku == picked]
        wanted = named[0]
        task.slots["wanted"] = wanted.sku
        await reading.stock(talk.caller, wanted.sku)
    reason = _reason(talk, task)
    piece = asdict(Piece(sku=line.sku, quantity=line.quantity))
    after = f"{plain_line(line.name)} {slots.variant_label(wanted, talk.language)}".strip()
    had = product.variant(line.sku)
    before = f"{plain_line(line.name)} {slots.variant_label(had, talk.language) if had else line.options}".strip()
    return {"piece": piece, "wanted_sku": wanted.sku, "reason": reason}, {
        "before": before,
        "after": after,
        "reason": reason,
    }


async def _invoice(_: Reading, talk: Talk, task: Task, order: Order) -> Prepared:
    if "title" not in task.slots:
        taken = talk.caller.commerce.takes.get("request_invoice")
        asked = talk.stand.awaiting == "title"
        title = slots.title_in(
            talk.text if asked else str(task.slots.get("words", talk.text)),
            asked=asked,
            owner=order.address.recipient if order.address else "",
            taxed=taken is None or "title.tax_number" in taken,
        )
        if title is None:
            raise Ask("title", talk.word("ask_title"))
        task.slots["title"] = asdict(title)
    given = dict(task.slots["title"])
    after = " ".join(plain_line(str(given[part])) for part in ("title", "tax_number") if given[part])
    before = plain_line(order.invoice.title.title) if order.invoice else talk.word("none")
    return {"title": given}, {"before": before, "after": after}


PREPARE: dict[str, Prepare] = {
    "cancel": _cancel,
    "address": _address,
    "urge": _urge,
    "return": _return,
    "exchange": _exchange,
    "invoice": _invoice,
    "service": serving.book,
    "price": serving.protect,
    "reward": serving.reward,
    "undo": _undo,
}
