"""Values of commerce to rows and back. The values are the truth; columns beside `data` are for finding."""

import hashlib
import json
import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from xiaoer.commerce.numbers import alike, plain
from xiaoer.commerce.offers import Offer, ShippingRule
from xiaoer.commerce.tables import StoredOrder, StoredProduct
from xiaoer.commerce.values import Buyer, Order, Product, Shipment
from xiaoer.language.terms import terms

ORDER = TypeAdapter(Order)
PRODUCT = TypeAdapter(Product)
SHIPMENT = TypeAdapter(Shipment)
OFFER = TypeAdapter(Offer)
BUYER = TypeAdapter(Buyer)
SHIPPING_RULES = TypeAdapter(tuple[ShippingRule, ...])


def order_of(row: StoredOrder, as_of: datetime) -> Order:
    return replace(ORDER.validate_python(row.data), version=version_of(row), as_of=as_of)


def version_of(row: StoredOrder) -> str:
    """Changes with every change, also one that an upload made to an order no customer had touched."""
    written = json.dumps(row.data, sort_keys=True)
    return f"{row.version}-{hashlib.sha256(written.encode()).hexdigest()[:12]}"


def product_of(row: StoredProduct, as_of: datetime) -> Product:
    return replace(PRODUCT.validate_python(row.data), on_sale=row.on_sale, as_of=as_of)


def order_columns(store_id: uuid.UUID, order: Order, source: str, at: datetime) -> dict[str, Any]:
    return {
        "id": uuid.uuid4(),
        "store_id": store_id,
        "number_plain": plain(order.number),
        "number_alike": alike(order.number),
        "customer": order.customer,
        "state": order.state,
        "placed_at": order.placed_at,
        "version": 1,
        "data": ORDER.dump_python(order, mode="json"),
        "source": source,
        "saved_at": at,
    }


def product_columns(store_id: uuid.UUID, product: Product, source: str, at: datetime) -> dict[str, Any]:
    return {
        "id": uuid.uuid4(),
        "store_id": store_id,
        "product_id": product.id,
        "skus": [variant.sku for variant in product.variants],
        "on_sale": product.on_sale,
        "words": sorted(set(words_of(product))),
        "data": PRODUCT.dump_python(product, mode="json"),
        "source": source,
        "saved_at": at,
    }


def words_of(product: Product) -> Iterable[str]:
    """The search terms of a product: its names, options, kind and numbers."""
    texts = [*product.name.values(), product.category, product.id]
    for variant in product.variants:
        texts += [variant.sku, *variant.name.values()]
        texts += [text for option in variant.options.values() for text in option.values()]
    for rows in product.specifications.values():
        texts += [f"{name} {value}" for name, value in rows]
    texts += [*product.description.values(), *product.compatibility.values()]
    for text in texts:
        yield from terms(text)
