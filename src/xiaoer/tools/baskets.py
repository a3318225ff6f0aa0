"""Goods that somebody wants to order, at the prices of the shop's system as they are now."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from xiaoer.commerce.commerce import Commerce, UnknownProduct
from xiaoer.commerce.money import Money, total
from xiaoer.commerce.values import Piece, Product, Variant


@dataclass(frozen=True)
class Ware:
    """One kind of goods: so many of a variant."""

    product: Product
    variant: Variant
    quantity: int


@dataclass(frozen=True)
class Basket:
    """The goods, and what they cost together."""

    wares: tuple[Ware, ...]
    total: Money

    def pieces(self) -> list[dict[str, Any]]:
        return [asdict(Piece(sku=ware.variant.sku, quantity=ware.quantity)) for ware in self.wares]


async def priced(commerce: Commerce, pieces: Sequence[Piece]) -> Basket:
    """The basket as the shop's system has it now; raises `UnknownProduct` for what is not there or not sold."""
    products = await asyncio.gather(*(commerce.product(piece.sku) for piece in pieces))
    wares = []
    for piece, product in zip(pieces, products, strict=True):
        variant = product.variant(piece.sku) or (product.variants[0] if len(product.variants) == 1 else None)
        if variant is None or not product.on_sale or (variant.stock is not None and variant.stock < piece.quantity):
            raise UnknownProduct("It is not sold at the moment, or not so many.")
        wares.append(Ware(product, variant, piece.quantity))
    currency = wares[0].variant.price.currency
    return Basket(tuple(wares), total((ware.variant.price * ware.quantity for ware in wares), currency).rounded())
