"""The tools there are, as a model or another assistant is offered them; what they may do is checked elsewhere."""

from typing import Annotated, Any, Final

from pydantic import Field

from xiaoer.commerce.pricing import Line
from xiaoer.commerce.values import Product, said
from xiaoer.tools.calling import ToolRefused
from xiaoer.tools.toolbox import Result, Row, Tool, Use, tool

Words = Annotated[str, Field(min_length=1, max_length=300, description="Words to search with.")]
Number = Annotated[str, Field(min_length=3, max_length=40, description="The order's number, as the customer gave it.")]
AnyNumber = Annotated[
    str, Field(max_length=40, description="The order's number as the customer gave it; empty when they gave none.")
]
Sku = Annotated[str, Field(max_length=80, description="SKU of the goods in the order; empty when not certain.")]
Said = Annotated[str, Field(max_length=300, description="In the customer's own words; empty when they gave none.")]
MOST_GOODS: Final = 5


@tool("read-public")
async def search_knowledge(use: Use, query: Words) -> Result:
    """Search the shop's articles: policies, shipping, returns, warranty, how things work."""
    return await use.search(query)


@tool("read-public")
async def search_products(use: Use, words: Words) -> Result:
    """Find goods on sale by name, with SKU, price and stock as of now."""
    found = await use.reading.products(use.known, words, limit=MOST_GOODS)
    return Result(
        tuple(line for product in found for line in _goods(product, use.language))
        or ("No goods of that name are on sale.",),
        tuple(
            Row(f"product:{each.id}", _name(each, use.language), "; ".join(_goods(each, use.language)), each.url)
            for each in found
        ),
    )


@tool("read-public")
async def price_quote(
    use: Use,
    sku: Annotated[str, Field(min_length=1, max_length=80, description="SKU, as search_products gives it.")],
    quantity: Annotated[int, Field(ge=1, le=9999, description="How many.")] = 1,
) -> Result:
    """Compute what a number of one article costs now, with every offer that holds. Never compute it yourself."""
    variant = await use.reading.stock(use.known, sku)
    product = await use.known.commerce.product(sku)
    line = Line(
        sku=sku,
        name=_name(product, use.language),
        price=variant.price,
        quantity=quantity,
        member_price=variant.member_price,
        category=product.category,
    )
    quoted = await use.reading.quote(use.known, [line], "")
    foreign = use.language != "zh"
    lines = (
        *(f"{step.label}: {step.amount.written(foreign=foreign)}" for step in quoted.steps),
        *(f"gift: {gift}" for gift in quoted.gifts),
        f"to pay: {quoted.payable.written(foreign=foreign)}",
    )
    return Result(lines, (Row(f"product:{product.id}", _name(product, use.language), "; ".join(lines), product.url),))


@tool("read-own")
async def list_orders(use: Use) -> Result:
    """List the customer's latest orders: number, state, goods, total."""
    return await use.look("orders", {})


@tool("read-own")
async def track_order(use: Use, number: AnyNumber = "") -> Result:
    """Look up one order of the customer's: its state and where its parcels are."""
    return await use.look("track", _known(order=number))


@tool("read-own")
async def refund_status(use: Use, number: AnyNumber = "") -> Result:
    """Look up how far the returns and refunds of one order are."""
    return await use.look("refund", _known(order=number))


@tool("read-own")
async def list_coupons(use: Use) -> Result:
    """List the coupons that the customer can use now."""
    return await use.look("coupons", {})


@tool("write-own")
async def cancel_order(use: Use, number: AnyNumber = "", reason: Said = "") -> Result:
    """Ask the customer to confirm that an order is cancelled. Only when they want that."""
    return await _begin(use, "cancel", _known(order=number, reason=reason))


@tool("write-own")
async def change_address(
    use: Use, number: AnyNumber = "", recipient: Said = "", phone: Said = "", street: Said = ""
) -> Result:
    """Ask the customer to confirm a new delivery address. Only when they want that."""
    address = {"recipient": recipient, "phone": phone, "street": street}
    more = {"address": address} if all(address.values()) else {}
    return await _begin(use, "address", {**_known(order=number), **more})


@tool("write-own")
async def urge_shipment(use: Use, number: AnyNumber = "") -> Result:
    """Ask the customer to confirm that the shop is asked to send an order soon. Only when they want that."""
    return await _begin(use, "urge", _known(order=number))


@tool("write-own")
async def request_return(use: Use, number: AnyNumber = "", sku: Sku = "", reason: Said = "") -> Result:
    """Ask the customer to confirm a return of goods for their money. Only when they want that."""
    return await _begin(use, "return", _known(order=number, sku=sku, reason=reason))


@tool("write-own")
async def request_exchange(
    use: Use, number: AnyNumber = "", sku: Sku = "", wanted_sku: Sku = "", reason: Said = ""
) -> Result:
    """Ask the customer to confirm an exchange of goods for another variant. Only when they want that."""
    return await _begin(use, "exchange", _known(order=number, sku=sku, wanted=wanted_sku, reason=reason))


@tool("write-own")
async def request_invoice(use: Use, number: AnyNumber = "", title: Said = "", tax_number: Said = "") -> Result:
    """Ask the customer to confirm the invoice of an order. Only when they want that."""
    kind = "company" if tax_number else "personal"
    more = {"title": {"title": title, "kind": kind, "tax_number": tax_number}} if title else {}
    return await _begin(use, "invoice", {**_known(order=number), **more})


@tool("write-own")
async def hand_over(use: Use, reason: Said = "") -> Result:
    """Let a person of the shop go on, when the customer wants one or nothing here can help them."""
    return await _begin(use, "person", _known(reason=reason))


TOOLS: Final[tuple[Tool, ...]] = (
    search_knowledge,
    search_products,
    price_quote,
    list_orders,
    track_order,
    refund_status,
    list_coupons,
    cancel_order,
    change_address,
    urge_shipment,
    request_return,
    request_exchange,
    request_invoice,
    hand_over,
)


async def _begin(use: Use, kind: str, slots: dict[str, Any]) -> Result:
    if use.begin is None:
        raise ToolRefused("No customer is here to confirm a change.", "identity")
    await use.begin(kind, slots)
    return Result(("The customer is asked now; say nothing more.",))


def _known(**slots: str) -> dict[str, str]:
    return {name: value.strip() for name, value in slots.items() if value.strip()}


def _name(product: Product, language: str) -> str:
    return said(product.name, language)


def _goods(product: Product, language: str) -> list[str]:
    foreign = language != "zh"
    return [
        f"{said(each.name, language) or _name(product, language)} (SKU {each.sku}): "
        f"{each.price.written(foreign=foreign)}, {'in stock' if each.in_stock else 'out of stock'}"
        for each in product.variants
    ]
