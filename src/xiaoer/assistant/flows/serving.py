"""Visits, prices given back, rewards for reviews, orders placed for a customer; and what the shop's system says."""

from dataclasses import asdict
from typing import Any

from xiaoer.assistant.events import Confirm
from xiaoer.assistant.flows import counting, mentions, ordering
from xiaoer.assistant.flows.talk import Ask, Drop, Talk, Task
from xiaoer.assistant.flows.words import listed, plain_line
from xiaoer.commerce.commerce import UnknownProduct
from xiaoer.commerce.further import TOPICS
from xiaoer.commerce.values import Booking, Order, Piece, said
from xiaoer.language.text import fold
from xiaoer.tools.baskets import Basket, Ware
from xiaoer.tools.calling import ToolRefused
from xiaoer.tools.changing import Changing
from xiaoer.tools.proposals import OPEN_FOR
from xiaoer.tools.reading import Reading

Prepared = tuple[dict[str, Any], dict[str, str]]
WITHOUT_PRODUCT = ("promotions", "payment")
_AS_BEFORE = ("相同", "同样", "一样的", "之前的方式", "same", "như cũ", "เหมือนเดิม")
_LONGEST_NOTE = 1_500
REVIEW = "review"
MOST_COMPARED = 8


async def book(_: Reading, talk: Talk, task: Task, order: Order) -> Prepared:
    """A visit: its kind, its day, and whom to call."""
    known, text = task.slots, talk.text
    kind = known.setdefault("service", mentions.service_in(text) or "inspection")
    if (day := mentions.day_in(text)) is not None:
        known["day"] = day
    for slot, found in (("name", mentions.name_in(text)), ("phone", mentions.phone_in(text))):
        if found:
            known[slot] = found
    name = known.get("name") or (order.address.recipient if order.address else "")
    phone = known.get("phone") or (order.address.phone if order.address else "") or order.phone
    if not known.get("day"):
        raise Ask("day", talk.word("ask_day"), tuple(talk.word(f"day_{number}") for number in range(1, 6)))
    if not name or not phone:
        raise Ask("contact", talk.word("ask_contact"))
    day = str(known["day"])
    booking = Booking(kind=kind, day=day, name=plain_line(name), phone=plain_line(phone))
    shown = {
        "kind": talk.word(f"service_{kind}"),
        "day": talk.word(f"day_{day}") if len(day) == 1 else day,
        "name": booking.name,
        "phone": booking.phone,
    }
    return {"booking": asdict(booking)}, shown


async def protect(reading: Reading, talk: Talk, task: Task, order: Order) -> Prepared:
    """What a line's price has fallen by since, times how many; from the shop's system, never from the message."""
    wanted = set(task.slots.get("products", ())) or {talk.stand.product}
    lines = [line for line in order.lines if {line.sku, line.product_id} & wanted] or list(order.lines)
    seen = ""
    for line in lines:
        now = await reading.stock(talk.caller, line.product_id or line.sku)
        name = plain_line(said(now.name, talk.language) or line.name)
        seen = talk.word("price_same", name=name, price=talk.amount(now.price))
        if now.price < line.price:
            back = ((line.price - now.price) * line.quantity).rounded()
            shown = {
                "goods": talk.word("goods_line", name=name, quantity=line.quantity),
                "before": talk.amount(line.price),
                "after": talk.amount(now.price),
                "amount": talk.amount(back),
            }
            return {"amount": back.as_json()}, shown
    raise Drop(seen or talk.word("refused"), (talk.word("person"),))


async def reward(reading: Reading, talk: Talk, task: Task, order: Order) -> Prepared:
    """Looked up first; then a picture is wanted, and checked, before anything is registered."""
    if await reading.review_reward(talk.caller, order):
        raise Drop(talk.word("reward_registered", number=order.number))
    if (proof := task.slots.get("proof")) is None:
        found = mentions.mentions_in(talk.text).pictures
        if not found:
            raise Ask("proof", "\n".join([talk.word("reward_open", number=order.number), talk.word("ask_proof")]))
        picture = await reading.picture(talk.caller, found[0], wanted=REVIEW)
        if not picture.fits:
            raise Ask("proof", talk.word("proof_wrong"))
        proof = task.slots["proof"] = found[0]
    return {"proof": proof}, {"proof": plain_line(proof)}


async def buy(reading: Reading, changing: Changing, talk: Talk, task: Task) -> None:
    """Put a new order before the customer: the goods, what they cost, and how they are paid."""
    named = [tuple(each) for each in task.slots.get("basket", ())]
    if not named and talk.stand.product:
        named = [(talk.stand.product, counting.wanted_in(talk.text, talk.language))]
    if not named:
        raise Ask("product", talk.word("ask_product"))
    task.slots["basket"] = named
    try:
        basket = await reading.basket(talk.caller, [Piece(sku=sku, quantity=count) for sku, count in named])
    except UnknownProduct:
        raise Drop(talk.word("not_sold")) from None
    payment = await _payment(reading, talk, task)
    if talk.caller.commerce.payments.get(payment) and "balance" in talk.caller.commerce.abilities:
        balance = await reading.balance(talk.caller)
        if balance < basket.total:
            raise Drop(talk.word("balance_low", balance=talk.amount(balance), total=talk.amount(basket.total)))
    summary = talk.word(
        "confirm_place_order", goods=_goods(talk, basket), total=talk.amount(basket.total), payment=payment or "-"
    )
    try:
        proposal, token = await changing.propose_order(
            talk.caller, basket, payment, summary=summary, language=talk.language
        )
    except ToolRefused:
        raise Drop(talk.word("refused"), (talk.word("person"),)) from None
    talk.confirm = Confirm(token, summary, proposal.expires_at)
    minutes = int(OPEN_FOR.total_seconds() // 60)
    talk.said.append(f"{summary}\n{talk.word('confirm_ask', minutes=minutes)}")
    for ware in basket.wares:
        talk.cite(f"product:{ware.product.id}", _name(talk, ware), talk.amount(ware.variant.price), ware.product.as_of)


def _goods(talk: Talk, basket: Basket) -> str:
    rows = [talk.word("goods_line", name=_name(talk, ware), quantity=ware.quantity) for ware in basket.wares]
    return listed(rows, talk.language)


def _name(talk: Talk, ware: Ware) -> str:
    return plain_line(said(ware.variant.name, talk.language) or said(ware.product.name, talk.language))


async def _payment(reading: Reading, talk: Talk, task: Task) -> str:
    ways = talk.caller.commerce.payments
    if not ways or task.slots.get("payment"):
        return str(task.slots.get("payment", ""))
    words = fold(talk.text).lower()
    for way in ways:  # E卡 is said for 京东E卡
        short = way.lower()
        if short in words or (len(short) > 3 and short[-2:] in words):  # noqa: PLR2004
            task.slots["payment"] = way
            return way
    if any(word in words for word in _AS_BEFORE):
        orders = await reading.orders(talk.caller, limit=20)
        paid = next((order.payment for order in orders if order.payment in ways), None)
        if paid is not None:
            task.slots["payment"] = paid
            return paid
    raise Ask("payment", talk.word("ask_payment", ways=" / ".join(ways)), tuple(ways))


async def note(reading: Reading, talk: Talk, task: Task) -> None:
    """What the shop's system says about installing, repairs, gifts and the like, as it says it."""
    topic = next(each for each in TOPICS if task.kind == f"note:{each}")
    product = "" if topic in WITHOUT_PRODUCT else await _product(reading, talk, task)
    code = mentions.code_in(talk.text) or "" if topic == "fault" else ""
    try:
        text = await reading.note(talk.caller, topic, product_id=product, code=code)
    except UnknownProduct:
        text = ""
    lines = [line for line in map(plain_line, text.splitlines()) if line]
    whole = "\n".join(lines)[:_LONGEST_NOTE]
    if product:
        talk.stand.product = product
    if not whole:
        raise Drop(talk.word("note_none"))
    talk.said.append(whole)
    talk.cite(f"{topic}:{product}" if product else topic, topic, lines[0], None)


async def _product(reading: Reading, talk: Talk, task: Task) -> str:
    """The product that is meant: named now, named before, or the one of the order talked about."""
    named = task.slots.get("products")
    if named:
        return str(named[0])
    if talk.stand.product is not None and talk.stand.focus is None:
        return talk.stand.product
    if "order" in task.slots or talk.stand.focus is not None:
        order = await ordering.the_order(reading, talk, task)
        if order.lines:
            return order.lines[0].product_id or order.lines[0].sku
    if talk.stand.product is not None:
        return talk.stand.product
    raise Ask("product", talk.word("ask_product"))


async def compare(reading: Reading, talk: Talk, task: Task) -> None:
    """Several products side by side: the name, which holds what a model is, and the price."""
    named = [str(each) for each in task.slots.get("products", ())][:MOST_COMPARED]
    found = await reading.compare(talk.caller, named)
    rows = []
    for product in found:
        name = plain_line(said(product.name, talk.language))
        rows.append(talk.word("price_row", name=name, price=talk.amount(product.price)))
        talk.cite(f"product:{product.id}", name, rows[-1], product.as_of)
    if not rows:
        raise Drop(talk.word("not_sold"))
    talk.stand.compared = {product.id: said(product.name, talk.language) for product in found}
    talk.said.append("\n".join([*rows, talk.word("as_of", at=talk.when(talk.caller.at))]))


async def balance(reading: Reading, talk: Talk, task: Task) -> None:
    """What the signed customer has on their card."""
    del task
    if talk.caller.seen.customer is None:
        raise Drop(talk.word("sign_in"))
    held = await reading.balance(talk.caller)
    talk.said.append(talk.word("balance_is", balance=talk.amount(held)))
    talk.cite("balance", talk.word("balance_is", balance=talk.amount(held)), talk.amount(held), None)


async def picture(reading: Reading, talk: Talk, task: Task) -> None:
    """What a picture shows that the customer has sent."""
    for url in task.slots.get("pictures", ())[:2]:
        seen = await reading.picture(talk.caller, url, wanted="")
        talk.said.append(talk.word("picture_shows", text=plain_line(seen.text)))
