"""Product facts by query: price, stock, size from the chart, and what several cost, from the shop's system as of now.

Only where a message names the product for certain; everything else about goods is for the shop's articles.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from xiaoer.assistant.flows.fees import place_of
from xiaoer.assistant.flows.kinds import by_figure
from xiaoer.assistant.flows.places import places_in
from xiaoer.assistant.flows.specifications import asked_for, is_asked
from xiaoer.assistant.flows.talk import Drop, Talk, Task
from xiaoer.assistant.flows.words import amount, plain_line
from xiaoer.assistant.understanding_entities import entities_of
from xiaoer.commerce.pricing import Line
from xiaoer.commerce.values import Place, Product, Size, Texts, Variant, said
from xiaoer.language.naming import Names, compact
from xiaoer.language.numerals import fold
from xiaoer.tools.reading import Reading

Kind = Literal["price", "quote", "stock", "size", "spec"]
MOST_ROWS = 8
MOST_APART = 3
"""Offers that were left out for another, which a breakdown names."""
FEW = 10
"""From so few pieces on the customer is told how many are left."""

_PRICE = re.compile(
    r"多少钱|什么价|啥价|价格|售价|几多钱|多少元|到手价|how much|\bprice\b|\bcost\b|bao nhiêu tiền|giá|เท่าไหร่|ราคา",
    re.IGNORECASE,
)
_STOCK = re.compile(r"有货|有没有货|库存|现货|缺货|还有货|in stock|\bavailable\b|còn hàng|มีของ|สต็อก", re.IGNORECASE)
_SIZE = re.compile(r"(?<!\d)(\d{2,3}(?:\.\d)?)\s*(mm|毫米|cm|厘米|码|号|kg|公斤|斤)", re.IGNORECASE)
_WEARS = re.compile(r"平时|穿|戴|指围|几号|几码|什么码|多大码|尺码|尺寸|\bsize\b|\bwear\b|circumference", re.IGNORECASE)
_TOGETHER = re.compile(r"一共|总共|合计|满减|优惠后|到手|in total|altogether|after discount", re.IGNORECASE)
_OTHER = re.compile(
    r"维修|换屏|碎屏|屏幕|电池|换新|旧机|回收|补贴|分期|运费|邮费|快递费|保修|意外|发票|积分|定金|尾款|降|便宜|差价|保价|最低"
    r"|年费|服务费|每年|第[一二三四两1-9]年|续费|下个?月|上个?月|明年|去年|以后|将来|历史|区别|对比|比较|学生|退"
    r"|repair|annual|yearly|subscription|screen|batter|trade|instal|shipping|warrant|drop|differ|versus|\bvs\b|return"
    r"|next (?:month|year|week)|last (?:month|year)",
    re.IGNORECASE,
)
_WITH_FEE = re.compile(r"(?:包?含|包括|加上?|连同?|算上)(?:了)?运费")
_HAN_NUMBERS = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_UNITS = {"mm": "_mm", "毫米": "_mm", "cm": "_cm", "厘米": "_cm", "kg": "_kg", "公斤": "_kg"}
_SHORTEST_OPTION = 2
_FOLLOW_UP = 20
"""Characters up to which a message without a product's name may be about the one just shown: 买两件多少钱."""


@dataclass(frozen=True)
class Named:
    """The product that a message names, and the message without its name."""

    product: Product
    rest: str


def kind_of(text: str) -> Kind | None:
    """Which fact is asked for, if one is."""
    text = _WITH_FEE.sub("", text)
    if _OTHER.search(text):
        return "spec" if is_asked(text) else None
    if _WEARS.search(text) and _SIZE.search(fold(text)):
        return "size"
    if _PRICE.search(text):
        several = any(quantity_of(one) > 1 for one in entities_of(text).quantities)
        return "quote" if several or _TOGETHER.search(text) or places_in(text) else "price"
    if _STOCK.search(text):
        return "stock"
    return "spec" if is_asked(text) else None


def quantity_of(words: str) -> int:
    """3台 is three; nothing readable is one."""
    figure = re.match(r"\d+", words)
    return int(figure.group()) if figure else _HAN_NUMBERS.get(words[:1], 1)


async def identified(reading: Reading, talk: Talk, kind: Kind) -> Task | None:
    """The task for the product a message, or the one before it, names for certain."""
    shown = talk.stand.product
    if "search_products" not in talk.caller.commerce.abilities:
        return Task(f"goods:{kind}", {"product": shown}) if shown and kind != "spec" else None
    for words in dict.fromkeys((talk.text, talk.seen.standalone)):
        products = await reading.products(talk.caller, words)
        found = named_in(words, products)
        if found is not None:
            return _task(talk, kind, found if words == talk.text else replace(found, rest=talk.text))
        if kind != "spec" and (only := by_figure(words, products)) is not None:
            return _task(talk, kind, Named(only, words))
    if shown is not None and len(talk.text) <= _FOLLOW_UP:
        return _task(talk, kind, Named(await talk.caller.commerce.product(shown), talk.text))
    return None


def _task(talk: Talk, kind: Kind, named: Named) -> Task | None:
    if kind != "spec":
        return Task(f"goods:{kind}", {"product": named.product.id})
    if not asked_for(named.rest, named.product, talk.language):
        return None
    return Task("goods:spec", {"product": named.product.id, "rest": named.rest})


def named_in(text: str, products: Sequence[Product]) -> Named | None:
    """The product that is named, if it is one."""
    named = Names((each.id, name) for each in products for name in each.name.values()).named_in(text)
    if named is None or len(named.meant) != 1:
        return None
    return Named(next(each for each in products if each.id == named.meant[0]), named.rest)


async def facts(reading: Reading, talk: Talk, task: Task) -> None:
    """Say the fact that is asked for, with the row and the moment it comes from."""
    product = await talk.caller.commerce.product(str(task.slots["product"]))
    if not product.on_sale and task.kind != "goods:spec":  # it was shown before, and is gone since
        raise Drop(talk.word("not_sold"))
    talk.stand.product = product.id
    name = plain_line(said(product.name, talk.language))
    kind = task.kind.removeprefix("goods:")
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


def _named_variants(text: str, product: Product) -> list[Variant]:
    """The variants with most of the options that are said, such as a colour, 512 or 42 mm; all where none is."""
    words = compact(text)
    counts = [sum(_option_said(words, texts) for texts in each.options.values()) for each in product.variants]
    most = max(counts, default=0)
    return [each for each, count in zip(product.variants, counts, strict=True) if count == most]


def _option_said(words: str, texts: Texts) -> bool:
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
    facts = [amount(first.price)]
    if first.member_price is not None:
        facts.append(talk.word("member_price", price=amount(first.member_price)))
    facts.append(_stock(talk, group))
    return talk.word("price_row", name=label, price=("，" if talk.language == "zh" else ", ").join(facts))


def _stock(talk: Talk, group: Sequence[Variant]) -> str:
    if not any(each.in_stock for each in group):
        return talk.word("stock_none")
    counts = [each.stock for each in group if each.in_stock]
    left = sum(count for count in counts if count is not None)
    return talk.word("stock_few", count=left) if None not in counts and left < FEW else talk.word("stock_some")


async def _quote(
    reading: Reading, talk: Talk, name: str, variants: Sequence[Variant], place: Place | None
) -> list[str]:
    """The worked breakdown, step by step; the cheapest variant where none was named."""
    quantities = [quantity_of(one) for one in entities_of(talk.text).quantities] or [1]
    one = min(variants, key=lambda each: each.price.amount)
    label = plain_line(said(one.name, talk.language)) or name
    product = await talk.caller.commerce.product(one.sku)
    line = Line(
        sku=one.sku,
        name=label,
        price=one.price,
        quantity=min(max(quantities), 9999),
        member_price=one.member_price,
        category=product.category,
    )
    fee = await reading.shipping(talk.caller, place) if place is not None else None
    quote = await reading.quote(talk.caller, [line], talk.language, shipping=fee)
    rows = [talk.word("price_row", name=plain_line(step.label), price=amount(step.amount)) for step in quote.steps]
    rows += [talk.word("gift_row", gift=plain_line(gift)) for gift in quote.gifts]
    rows.append(talk.word("total_row", amount=amount(quote.payable)))
    rows += [
        talk.word("apart_row", name=plain_line(each.name), other=plain_line(each.beside))
        for each in quote.apart[:MOST_APART]
    ]
    if place is not None and fee is None:
        rows.append(talk.word("no_fee"))
    if quote.deposit is not None and quote.balance is not None:
        rows.append(talk.word("deposit_row", deposit=amount(quote.deposit), balance=amount(quote.balance)))
    for step in quote.steps:
        if step.promotion_id is not None:
            talk.cite(f"promotion:{step.promotion_id}", plain_line(step.label), amount(step.amount), None)
    return rows


def _size(talk: Talk, product: Product, name: str) -> str:
    measured = _SIZE.search(fold(talk.text))
    assert measured is not None, "a size is asked for with a measure"
    value, unit = Decimal(measured.group(1)), measured.group(2).lower()
    fitting = [plain_line(said(size.label, talk.language)) for size in product.size_chart if _fits(size, value, unit)]
    shown = f"{measured.group(1)} {unit}"
    if not fitting:
        return talk.word("size_none", name=name, measure=shown)
    return talk.word("size_fits", name=name, measure=shown, sizes=" / ".join(fitting))


def _fits(size: Size, value: Decimal, unit: str) -> bool:
    """Whether the measure is in the size's range; centimetres are also compared with millimetres."""
    ending = _UNITS.get(unit)
    for measure, (lowest, highest) in size.fits.items():
        if ending is None and not measure.endswith(tuple(_UNITS.values())) and lowest <= value <= highest:
            return True
        if ending is not None and measure.endswith(ending) and lowest <= value <= highest:
            return True
        if ending == "_cm" and measure.endswith("_mm") and lowest <= value * 10 <= highest:
            return True
    return False
