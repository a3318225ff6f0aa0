"""Product facts by query: price, stock, size from the chart, and what several cost, from the shop's system as of now.

Only where a message names the product for certain; everything else about goods is for the shop's articles.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from xiaoer.assistant.flows import counting
from xiaoer.assistant.flows.fees import place_of, sending_of
from xiaoer.assistant.flows.places import places_in
from xiaoer.assistant.flows.specifications import asked_for, is_asked
from xiaoer.assistant.flows.talk import Drop, Talk, Task
from xiaoer.assistant.flows.words import paused, plain_line
from xiaoer.commerce.pricing import Line
from xiaoer.commerce.values import Place, Product, Size, Texts, Variant, said
from xiaoer.language import quantities, units
from xiaoer.language.naming import Names, compact
from xiaoer.language.phrases import phrase
from xiaoer.language.text import fold
from xiaoer.language.units import Unit
from xiaoer.patterns import lazy
from xiaoer.tools.reading import Reading

Kind = Literal["price", "quote", "stock", "size", "spec"]
MOST_ROWS = 8
MOST_PRICES = 2
"""Prices of one product that are named where several products are told of."""
MOST_APART = 3
"""Offers that were left out for another, which a breakdown names."""
FEW = 10
"""From so few pieces on the customer is told how many are left."""

_PRICE = lazy(
    r"多少钱|多钱|怎么卖|什么价|啥价|价格|售价|几多钱|多少元|到手价"
    r"|how much|\bprice\b|\bcost\b|bao nhiêu tiền|giá|เท่าไหร่|ราคา",
    re.IGNORECASE,
)
_STOCK = lazy(r"有货|有没有货|库存|现货|缺货|还有货|in stock|\bavailable\b|còn hàng|มีของ|สต็อก", re.IGNORECASE)
_WEARS = lazy(r"平时|穿|戴|指围|几号|几码|什么码|多大码|尺码|尺寸|\bsize\b|\bwear\b|circumference", re.IGNORECASE)
_TOGETHER = lazy(
    r"一共|总共|合计|满减|优惠后|到手|in total|altogether|after discount|tổng cộng|รวมทั้งหมด", re.IGNORECASE
)
_OTHER = lazy(
    r"维修|换屏|碎屏|屏幕|电池|换新|旧机|回收|补贴|分期|运费|邮费|快递费|保修|意外|发票|积分|定金|尾款|降|便宜|差价|保价|最低"
    r"|年费|服务费|每年|第[一二三四两1-9]年|续费|下个?月|上个?月|明年|去年|以后|将来|历史|区别|对比|比较|学生|退"
    r"|repair|annual|yearly|subscription|screen|batter|trade|instal|shipping|warrant|drop|differ|versus|\bvs\b|return"
    r"|next (?:month|year|week)|last (?:month|year)",
    re.IGNORECASE,
)
_WITH_FEE = lazy(r"(?:包?含|包括|加上?|连同?|算上)(?:了)?运费")
_NUMBERED = lazy(r"(?<!\d)(\d{2,3}(?:\.\d)?)\s*号")
_ENDINGS = {"_mm": "millimeter", "_cm": "centimeter", "_kg": "kilogram"}
"""How the measures of a size chart end, and what they are in; those without are sizes themselves."""
_SHORTEST_OPTION = 2


def kind_of(text: str, language: str | None = None) -> Kind | None:
    """Which fact is asked for, if one is."""
    text = _WITH_FEE.sub("", text)
    if _OTHER.search(text):
        return "spec" if is_asked(text) else None
    if _WEARS.search(text) and _measured(text, language) is not None:
        return "size"
    if _PRICE.search(text):
        several = counting.pieces_in(text, language) > 1
        return "quote" if several or _TOGETHER.search(text) or places_in(text) else "price"
    if _STOCK.search(text):
        return "stock"
    return "spec" if is_asked(text) else None


def asks_other(text: str) -> bool:
    """Whether a message is about what is done with goods, such as repairs and returns, or about another time."""
    return _OTHER.search(_WITH_FEE.sub("", text)) is not None


async def facts(reading: Reading, talk: Talk, task: Task) -> None:
    """Say the fact that is asked for, with the row and the moment it comes from."""
    product = await talk.caller.commerce.product(str(task.slots["product"]))
    if not product.on_sale and task.kind != "goods:spec":  # it was shown before, and is gone since
        raise Drop(talk.word("not_sold"))
    talk.stand.product = product.id
    name = plain_line(said(product.name, talk.language))
    kind = task.kind.removeprefix("goods:")
    if kind == "price" and _pieces(talk, product) > 1:  # 20 lamps: what is no part of the name counts
        kind = "quote"
    if kind == "size" and not product.size_chart:  # the shop's texts may have one
        return
    place = place_of(talk, task) if kind == "quote" else None
    chosen = _named_variants(talk.text, product)
    if kind == "size":
        lines = [_size(talk, product, name)]
    elif kind == "spec":
        rows = asked_for(str(task.slots["rest"]), product, talk.language)
        lines = [
            talk.word("fact_row", name=name, fact=plain_line(fact), value=plain_line(value)) for fact, value in rows
        ] or [name]
    elif kind == "quote":
        lines = await _quote(reading, talk, name, chosen, place)
    else:
        lines = [_row(talk, name, group) for group in _by_price(chosen)[:MOST_ROWS]]
    at = product.as_of or talk.caller.at
    talk.said.append("\n".join([*lines, talk.word("as_of", at=talk.when(at))]))
    talk.cite(f"product:{product.id}", name, lines[0], product.as_of)
    if place is not None:
        talk.sending = sending_of(talk, place, name, f"{phrase('if_sent', talk.language)}\n{talk.said[-1]}")


def _named_variants(text: str, product: Product) -> list[Variant]:
    """The variants with most of the options that are said, such as a colour, 512 or 42 mm; all where none is."""
    words = compact(text)
    counts = [sum(option_said(words, texts) for texts in each.options.values()) for each in product.variants]
    most = max(counts, default=0)
    return [each for each, count in zip(product.variants, counts, strict=True) if count == most]


def option_said(words: str, texts: Texts) -> bool:
    """Whether words without spaces say an option of a variant: a colour, 512 of 12 GB+512 GB."""
    said_so = [compact(one) for one in texts.values()]
    said_so += [compact(part).removesuffix("gb") for one in texts.values() for part in one.split("+")[1:]]
    return any(len(one) >= _SHORTEST_OPTION and re.search(_figure_apart(one), words) for one in said_so)


def _figure_apart(text: str) -> str:
    """A pattern for the text that does not take 12 out of 512; 松绿 before 1tb is found all the same."""
    before = r"(?<!\d)" if text[0].isdigit() else ""
    return before + re.escape(text) + (r"(?!\d)" if text[-1].isdigit() else "")


def _by_price(variants: Sequence[Variant]) -> list[list[Variant]]:
    groups: dict[str, list[Variant]] = {}
    for each in variants:
        groups.setdefault(f"{each.price}{each.member_price}", []).append(each)
    return list(groups.values())


def _row(talk: Talk, name: str, group: Sequence[Variant]) -> str:
    """Price, member price and stock of variants of one price, named by the options they share."""
    first = group[0]
    shared = [texts for option, texts in first.options.items() if all(v.options.get(option) == texts for v in group)]
    label = " ".join([name, *(plain_line(said(texts, talk.language)) for texts in shared)])
    facts = [talk.amount(first.price)]
    if first.member_price is not None:
        facts.append(talk.word("member_price", price=talk.amount(first.member_price)))
    facts.append(_stock(talk, group))
    return talk.word("price_row", name=label, price=paused(facts, talk.language))


def _stock(talk: Talk, group: Sequence[Variant]) -> str:
    if not any(each.in_stock for each in group):
        return talk.word("stock_none")
    counts = [each.stock for each in group if each.in_stock]
    left = sum(count for count in counts if count is not None)
    return talk.word("stock_few", count=left) if None not in counts and left < FEW else talk.word("stock_some")


async def _quote(
    reading: Reading, talk: Talk, name: str, variants: Sequence[Variant], place: Place | None
) -> list[str]:
    """The worked breakdown of pieces of one product; the cheapest variant where none was named."""
    one = min(variants, key=lambda each: each.price.amount)
    product = await talk.caller.commerce.product(one.sku)
    return await _worked(reading, talk, [_priced(talk, product, one, _pieces(talk, product), name)], place)


def _pieces(talk: Talk, product: Product) -> int:
    """How many are asked about; figures in the product's own name count nothing."""
    named = Names((product.id, name) for name in product.name.values()).named_in(talk.text)
    return counting.pieces_in(named.gapped if named else talk.text, talk.language)


def _priced(talk: Talk, product: Product, one: Variant, count: int, name: str) -> Line:
    return Line(
        sku=one.sku,
        name=plain_line(said(one.name, talk.language)) or name,
        price=one.price,
        quantity=min(count, counting.MOST_PIECES),
        member_price=one.member_price,
        category=product.category,
    )


async def _worked(reading: Reading, talk: Talk, lines: list[Line], place: Place | None) -> list[str]:
    """The worked breakdown, step by step."""
    fee = await reading.shipping(talk.caller, place) if place is not None else None
    quote = await reading.quote(talk.caller, lines, talk.language, shipping=fee)
    rows = [talk.word("price_row", name=plain_line(step.label), price=talk.amount(step.amount)) for step in quote.steps]
    rows += [talk.word("gift_row", gift=plain_line(gift)) for gift in quote.gifts]
    rows.append(talk.word("total_row", amount=talk.amount(quote.payable)))
    rows += [
        talk.word("apart_row", name=plain_line(each.name), other=plain_line(each.beside))
        for each in quote.apart[:MOST_APART]
    ]
    if place is not None and fee is None:
        rows.append(talk.word("no_fee"))
    if quote.deposit is not None and quote.balance is not None:
        deposit, balance = talk.amount(quote.deposit), talk.amount(quote.balance)
        rows.append(talk.word("deposit_row", deposit=deposit, balance=balance))
    for step in quote.steps:
        if step.promotion_id is not None:
            talk.cite(f"promotion:{step.promotion_id}", plain_line(step.label), talk.amount(step.amount), None)
    return rows


async def several(reading: Reading, talk: Talk, task: Task) -> None:
    """What several products cost together: 龙井和小种一共多少钱."""
    lines, at = [], talk.caller.at
    for product_id, count in task.slots["wares"]:
        product = await talk.caller.commerce.product(str(product_id))
        if not product.on_sale:
            raise Drop(talk.word("not_sold"))
        one = min(_named_variants(talk.text, product), key=lambda each: each.price.amount)
        name = plain_line(said(product.name, talk.language))
        lines.append(_priced(talk, product, one, int(count), name))
        talk.cite(f"product:{product.id}", name, talk.amount(one.price), product.as_of)
        at = product.as_of or at
    rows = await _worked(reading, talk, lines, None)
    talk.said.append("\n".join([*rows, talk.word("as_of", at=talk.when(at))]))


async def among(reading: Reading, talk: Talk, task: Task) -> None:
    """The goods that share what was said, each with its price and stock; asked which, where one had to be known."""
    del reading
    lines, at = [], talk.caller.at
    talk.stand.product, talk.stand.compared = None, {}
    for product_id in task.slots["products"]:
        product = await talk.caller.commerce.product(str(product_id))
        if not product.on_sale:
            continue
        name = plain_line(said(product.name, talk.language))
        lines += [_row(talk, name, group) for group in _in_short(product)]
        talk.stand.compared[product.id] = name
        talk.cite(f"product:{product.id}", name, lines[-1], product.as_of)
        at = product.as_of or at
    if not lines:
        raise Drop(talk.word("not_sold"))
    head = "did_you_mean" if task.slots.get("near") else "which_product" if task.slots.get("open") else "among"
    talk.said.append("\n".join([talk.word(head), *lines, talk.word("as_of", at=talk.when(at))]))


def _in_short(product: Product) -> list[list[Variant]]:
    """The variants by price, or of many prices the cheapest that there is."""
    groups = _by_price(product.variants)
    if len(groups) <= MOST_PRICES:
        return groups
    cheapest = min(product.variants, key=lambda each: (not each.in_stock, each.price.amount))
    return [group for group in groups if cheapest in group]


def _size(talk: Talk, product: Product, name: str) -> str:
    measured = _measured(talk.text, talk.language)
    assert measured is not None, "a size is asked for with a measure"
    shown, value, unit = measured
    fitting = [plain_line(said(size.label, talk.language)) for size in product.size_chart if _fits(size, value, unit)]
    if not fitting:
        return talk.word("size_none", name=name, measure=shown)
    return talk.word("size_fits", name=name, measure=shown, sizes=" / ".join(fitting))


def _measured(text: str, language: str | None) -> tuple[str, Decimal, Unit] | None:
    """The first measure of a body, or size, that is said: as it is written, its value and its unit."""
    for each in quantities.find(text, language):
        if (unit := units.named(each.value.unit)).dimension in ("length", "mass", "size"):
            return each.text.strip(), each.value.amount, unit
    numbered = _NUMBERED.search(fold(text))
    return (numbered.group(), Decimal(numbered.group(1)), units.named("size")) if numbered else None


def _fits(size: Size, value: Decimal, unit: Unit) -> bool:
    """Whether the measure is in the size's range, whatever units both are in."""
    for measure, (lowest, highest) in size.fits.items():
        own = units.named(_ENDINGS.get(measure[-3:], "size"))
        if own.dimension == unit.dimension and lowest <= value * unit.factor / own.factor <= highest:
            return True
    return False
