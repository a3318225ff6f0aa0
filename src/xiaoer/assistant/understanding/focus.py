"""Which products a message is about, and who said so: the message, the thread, or the page the customer is on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from xiaoer.language.name_pieces import fold, pieces_of
from xiaoer.language.names import Found, Mention
from xiaoer.language.normal import key
from xiaoer.language.pointing import pointer_in

Source = Literal["none", "message", "thread", "page", "unknown"]
MOST_IN_FOCUS = 4
MOST_CONSIDERED = 8
_ORDINALS = {"first": 0, "second": 1, "third": 2}


@dataclass(frozen=True)
class Focus:
    """The products a message is about.

    `source` says where they come from; "unknown": the message names something that is none of the shop's products.
    `choices` are products that the words fit where it is open which is meant; few of them are `products` too, with
    `is_open`, for their texts may say the same. `considered` are those spoken of in
    this conversation, the last one last. `rest` is the message without their names. `is_likely`: only words point
    there, so that other texts may answer as well. `page` is the product of the page the customer is on.
    """

    products: tuple[str, ...] = ()
    source: Source = "none"
    choices: tuple[str, ...] = ()
    considered: tuple[str, ...] = ()
    rest: str = ""
    unknown: tuple[str, ...] = ()
    is_likely: bool = False
    is_open: bool = False
    titles: Mapping[str, str] = field(default_factory=dict)
    page: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As kept with the answer, for the next turn and for staff."""
        kept: dict[str, Any] = {
            "products": list(self.products),
            "source": self.source,
            "considered": list(self.considered),
        }
        kept |= {"choices": list(self.choices)} if self.choices else {}
        kept |= {"titles": dict(self.titles)} if self.titles else {}
        return kept | ({"page": self.page} if self.page else {})

    def title(self, product: str) -> str:
        """What a product in focus is called."""
        return self.titles.get(product, product)


class Products(Protocol):
    """What a store knows of its products."""

    async def find(self, text: str) -> Found:
        """The products that a text names."""
        ...

    async def titles(self, products: Sequence[str]) -> dict[str, str]:
        """Their names."""
        ...

    async def prices(self, products: Sequence[str]) -> dict[str, float]:
        """The prices of those whose price is known, in one currency."""
        ...


async def resolve(
    text: str,
    earlier: Sequence[str],
    kept: Mapping[str, Any] | None,
    *,
    shop: Products,
    page: str | None = None,
) -> Focus:
    """The focus of `text`.

    `kept` is the focus of the turn before (`Focus.as_json`); where there is none, it is made from the customer's
    `earlier` messages. `page` is the product of the page the customer is on: who has gone there since the turn before
    means that product, and who has left it, or said that it is not meant, means it no more.
    """
    if kept is not None:
        if (product := _taken(text, kept.get("offered", {}))) is not None:
            taken = Focus((product,), "message", rest=str(kept.get("pending", "")), page=page)
            return _remembered(taken, Focus(considered=tuple(kept.get("considered", ()))))
        of_page = kept.get("source") == "page"
        before = Focus(
            () if of_page and page is None else tuple(kept.get("products", ())),
            "page" if of_page else "thread",
            considered=tuple(kept.get("considered", ())),
            rest=str(kept.get("pending", "")),
            page=kept.get("page"),
        )
    else:
        before = Focus(page=page)
        for said in earlier:
            before = replace(await _step(said, before, shop, None), rest="", page=page)
    return replace(await _step(text, before, shop, page), page=page)


def _taken(text: str, offered: Mapping[str, str]) -> str | None:
    """The product that was offered under these very words."""
    said = key(text)
    return next((product for label, product in offered.items() if key(label) == said), None)


async def _step(text: str, before: Focus, shop: Products, page: str | None) -> Focus:
    found = await shop.find(text)
    named = _of_mentions(found.mentions, before, page)
    if named is not None and not (named.is_likely and (before.products or page)):
        rest = before.rest if before.rest and len(found.rest) <= len(before.rest) // 2 else found.rest
        return _remembered(replace(named, rest=rest, unknown=found.unknown), before)
    if (pointed := await _pointed(text, before, found, shop)) is not None:
        return _remembered(Focus((pointed,), "thread", rest=found.rest), before)
    if named is None and _names_another(found, before):
        return Focus((), "unknown", considered=before.considered, rest=text, unknown=found.unknown)
    if page is not None and (page != before.page or not before.products):
        return _remembered(Focus((page,), "page", rest=text), before)
    source: Source = "none" if not before.products else "page" if before.source == "page" else "thread"
    return Focus(before.products, source, considered=before.considered, rest=text)


def _of_mentions(mentions: Sequence[Mention], before: Focus, page: str | None) -> Focus | None:
    """The focus that the mentions of a message make; None where it names nothing."""
    if not mentions:
        return None
    likely = not any(mention.is_certain for mention in mentions)
    products: list[str] = []
    choices: list[str] = []
    for mention in mentions:
        ids = mention.ids
        known = [each for each in ids if each == page or each in before.products] or [
            each for each in ids if each in before.considered
        ]
        if len(ids) > 1 and len(known) == 1:
            ids = (known[0],)
        if len(ids) > MOST_IN_FOCUS or mention.is_guess:
            return Focus((), "message", choices=ids[:MOST_IN_FOCUS], is_likely=likely)
        products += ids
        choices += ids if len(ids) > 1 else ()
    return Focus(
        tuple(dict.fromkeys(products))[:MOST_IN_FOCUS],
        "message",
        choices=tuple(choices),
        is_likely=likely,
        is_open=bool(choices),
    )


async def _pointed(text: str, before: Focus, found: Found, shop: Products) -> str | None:
    """The one of the products spoken of that the message points at."""
    among = before.products if len(before.products) > 1 else before.considered
    pointer = pointer_in(text)
    if pointer is None or len(among) < 2 or found.mentions:  # noqa: PLR2004 -- of one there is no other
        return None
    if pointer == "other":
        left = [each for each in before.considered if each not in before.products]
        return left[-1] if left else None
    if pointer in _ORDINALS:
        return next(iter(among[_ORDINALS[pointer] :]), None)
    if pointer in ("cheaper", "dearer"):
        known = await shop.prices(among)
    else:
        known = _sizes(await shop.titles(among))
    if set(known) != set(among) or len(set(known.values())) < len(among):
        return None
    return (min if pointer in ("cheaper", "smaller") else max)(among, key=known.__getitem__)


def _sizes(titles: Mapping[str, str]) -> dict[str, float]:
    """The first measure in each product's name."""
    found = {}
    for product, title in titles.items():
        measures = [piece for piece in pieces_of(fold(title)) if piece.kind == "measure"]
        if measures:
            found[product] = float(measures[0].text.split()[0])
    return found


_SHORTEST_NAME = 4
"""A shorter code may be a fault's, a size or a unit of its own."""


def _names_another(found: Found, before: Focus) -> bool:
    """Whether a code is named that looks like a product's and is none of this shop's, nor in its texts."""
    return bool(before.products or before.considered) and any(len(code) >= _SHORTEST_NAME for code in found.unknown)


def _remembered(focus: Focus, before: Focus) -> Focus:
    """The focus with all products spoken of so far, those of this message last."""
    spoken = [each for each in before.considered if each not in focus.products]
    return replace(focus, considered=(*spoken, *focus.products)[-MOST_CONSIDERED:])
