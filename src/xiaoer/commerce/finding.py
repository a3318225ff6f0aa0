"""Which products a customer's words point to, by terms: names count most, what stands everywhere counts little."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from xiaoer.commerce.values import Product
from xiaoer.language.terms import terms

NAME_WEIGHT: Final = 3.0
KEPT_SHARE: Final = 0.4
"""Products that score less than this share of the best are not what was meant."""


def query_terms(text: str) -> list[str]:
    """The terms to look for; single Han characters only where there is nothing longer."""
    found = list(dict.fromkeys(terms(text)))
    return [term for term in found if len(term) > 1] or found


def ranked(text: str, products: Sequence[Product], limit: int) -> list[Product]:
    """The products that match best, best first."""
    wanted = query_terms(text)
    named = [set(_terms(_names(product))) for product in products]
    every = [names | set(_terms(_texts(product))) for names, product in zip(named, products, strict=True)]
    spread = Counter(term for found in every for term in found)
    weights = {term: math.log(1 + (len(products) + 1) / spread[term]) for term in wanted if spread[term]}
    scores = [
        sum(weight * (NAME_WEIGHT if term in names else 1.0) for term, weight in weights.items() if term in found)
        * (1 + _covered(product, weights))
        for product, names, found in zip(products, named, every, strict=True)
    ]
    best = max(scores, default=0.0)
    order = sorted(range(len(products)), key=lambda at: -scores[at])
    return [products[at] for at in order if scores[at] > 0 and scores[at] >= KEPT_SHARE * best][:limit]


def _covered(product: Product, wanted: Mapping[str, float]) -> float:
    """The largest share of a name that was said: who names a phone does not mean the case made for it."""
    cut = [set(terms(name)) for name in product.name.values()]
    return max((len(name & wanted.keys()) / len(name) for name in cut if name), default=0.0)


def _names(product: Product) -> Iterable[str]:
    yield from product.name.values()
    yield product.id
    yield from (variant.sku for variant in product.variants)


def _texts(product: Product) -> Iterable[str]:
    yield product.category
    yield from (text for variant in product.variants for option in variant.options.values() for text in option.values())
    for rows in product.specifications.values():
        yield from (f"{name} {value}" for name, value in rows)
    yield from (*product.description.values(), *product.compatibility.values())


def _terms(texts: Iterable[str]) -> Iterable[str]:
    for text in texts:
        yield from terms(text)
