"""What products in focus cost, told by code from the line that states it, in any language, with the difference."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from xiaoer.assistant.retrieval import words
from xiaoer.commerce.money import Money
from xiaoer.knowledge.hits import Hit
from xiaoer.language import concepts, quantities
from xiaoer.language.phrases import phrase
from xiaoer.patterns import lazy

PRICE = "price"
BESIDE = 4.0
"""What a question may say beside the word for a price, in characters of Han, and still be about the product's own."""
BESIDE_IN_HAN = 1.5
"""The same in Han, where two characters are a thing of its own: 滤芯多少钱."""
_HAN = lazy("[\u3400-\u9fff]")
_LINE = lazy(
    r"[^：:。]{0,12}(?:价|price|giá|ราคา|価格|가격|цена|سعر|precio|preço|prix|preis|harga)[^：:。]{0,8}[：:]"
    r"\s*([^\d]{0,4})([\d,]{1,12}(?:\.\d{1,2})?)(\D{0,6})",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Priced:
    """The line of a product's texts that states its price."""

    hit: Hit
    line: str
    amount: Decimal
    unit: str = ""
    """As it stands behind the figure, if anything does."""


def price_told(line: str) -> tuple[Decimal, str] | None:
    """The price that a labelled line tells and nothing else, with its unit: 商品价格：1999元."""
    told = _LINE.fullmatch(line.strip())
    return (Decimal(told.group(2).replace(",", "")), f"{told.group(1)}{told.group(3)}".strip()) if told else None


def asks_price(question: str, products: int) -> bool:
    """Whether a question, rid of names, asks what the products themselves cost.

    Of several products the words between them ("if I change to …, how much more") are no other matter.
    """
    asked = concepts.asked(question)
    if PRICE not in asked or (products == 1 and asked != {PRICE}):
        return False
    rest = concepts.without(question, PRICE)
    most = BESIDE_IN_HAN if products == 1 and _HAN.search(question) else BESIDE * products
    return words.weight(rest) <= most


def priced(hits: Sequence[Hit]) -> dict[str, Priced]:
    """The price of each product whose texts state one and no other."""
    found: dict[str, list[Priced]] = {}
    for hit in hits:
        for sentence in hit.sentences:
            if len(hit.product_ids) == 1 and (price := price_told(sentence.text)) is not None:
                found.setdefault(hit.product_ids[0], []).append(Priced(hit, sentence.text, *price))
    return {product: each[0] for product, each in found.items() if len({one.amount for one in each}) == 1}


def told(found: Mapping[str, Priced], labels: Mapping[str, str], language: str, currency: str) -> str:
    """The prices, each with its product, and the difference of two. `currency` is that of a line that names none."""
    colon = "：" if language in ("zh", "ja") else ": "

    def written(amount: Decimal, unit: str) -> str:
        money = next((span.value for span in quantities.find(f"{amount}{unit}") if span.kind == quantities.MONEY), None)
        known = Money(amount, money.unit if money else currency)
        return known.written(foreign=not language.startswith("zh")).removesuffix(".00")

    lines = [f"{labels[product]}{colon}{written(each.amount, each.unit)}" for product, each in found.items()]
    prices = list(found.values())
    if len(prices) == 2 and prices[0].unit == prices[1].unit and prices[0].amount != prices[1].amount:  # noqa: PLR2004 -- of more, which two is open
        gap = abs(prices[0].amount - prices[1].amount)
        lines.append(phrase("difference", language, amount=written(gap, prices[0].unit)))
    return "\n".join(lines)
