"""Which goods of the shop's a message points to: by their name, by a part of it, by their kind, or as those just shown.

Certain or silent: where the words do not point to a few goods, the message is for the shop's articles; and where it
plainly asks for a thing by a name that none of the goods has, and no article knows, that is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from xiaoer.assistant.flows import having, partly
from xiaoer.assistant.flows.goods import Kind, asks_other, option_said
from xiaoer.assistant.flows.having import Thing, asked_after, spoken_of
from xiaoer.assistant.flows.kinds import by_figure, is_of, kind_alone, kinds_in, words_for
from xiaoer.assistant.flows.places import places_in
from xiaoer.assistant.flows.specifications import asked_for
from xiaoer.assistant.flows.talk import Talk, Task
from xiaoer.commerce.values import Product
from xiaoer.language import concepts
from xiaoer.language.naming import Names
from xiaoer.tools.reading import Reading

_FOLLOW_UP = 20
"""Characters up to which a message without a product's name may be about the one just shown: 买两件多少钱."""
_LOOKED_AT = 30
"""Goods that are compared with a part of a name."""
_LONGEST_THING = 24


@dataclass(frozen=True)
class Named:
    """The product that a message names, and the message without its name."""

    product: Product
    rest: str


async def identified(reading: Reading, talk: Talk, kind: Kind) -> Task | None:
    """The task for the product a message, or the one before it, names for certain."""
    shown = talk.stand.product
    if "search_products" not in talk.caller.commerce.abilities:
        return Task(f"goods:{kind}", {"product": shown}) if shown and kind != "spec" else None
    things = asked_after(talk.text) if kind in ("price", "quote", "stock") else []
    if len(things) > 1:
        return await _by_part(reading, talk, kind, things)
    for words in dict.fromkeys((talk.text, talk.seen.standalone)):
        products = await reading.products(talk.caller, words)
        found = named_in(words, products)
        if (
            found is not None
            and kind != "spec"
            and (said := kinds_in(found.rest))
            and not _any_kind(found.product, said)
        ):
            return _of_kind(kind, _allied(words, products, said))
        if found is None and kind != "spec" and (only := by_figure(words, products)) is not None:
            found = Named(only, words)
        if found is not None:
            return _task(talk, kind, found if words == talk.text else replace(found, rest=talk.text))
        if words == talk.text and things and (task := await _by_part(reading, talk, kind, things)) is not None:
            return task
    return await _as_shown(talk, kind, things)


async def _as_shown(talk: Talk, kind: Kind, things: Sequence[Thing]) -> Task | None:
    """The task for what was just shown, where a short message names nothing else."""
    shown = talk.stand.product
    if len(talk.text) > _FOLLOW_UP:
        return None
    if shown is None:
        listed = list(talk.stand.compared) if not things and kind != "spec" else []
        return Task("goods:among", {"products": listed}) if listed else None
    product = await talk.caller.commerce.product(shown)
    return _task(talk, kind, Named(product, talk.text)) if all(_is_of(each, product) for each in things) else None


async def only_named(reading: Reading, talk: Talk) -> Task | None:
    """The task of a message that asks whether there is a thing without a word for stock, or goes on with another one.

    有没有铁观音; 那小种呢 after the price of something.
    """
    if "search_products" not in talk.caller.commerce.abilities or asks_other(talk.text):
        return None
    things = [each for each in asked_after(talk.text) if kind_alone(each.name) or not concepts.asked(each.name)]
    if not things and (talk.stand.product is not None or talk.stand.compared):
        things = [each for each in spoken_of(talk.text) if kind_alone(each.name) or not concepts.asked(each.name)]
    return await _by_part(reading, talk, "stock", things) if things else None


async def unsold(reading: Reading, talk: Talk) -> str | None:
    """What a message plainly asks for by its name, where none of the shop's goods has that name."""
    things = asked_after(talk.text)
    commerce = talk.caller.commerce
    if not things or talk.seen.suspicious or "search_products" not in commerce.abilities:
        return None
    for each in things:
        matter = concepts.asked(each.name) and kind_alone(each.name) is None
        if matter or asks_other(each.name) or places_in(talk.text) or not _is_name(each.name):
            return None
    for each in things:
        found = await _candidates(reading, talk, each)
        if partly.meant(each.name, found) or partly.near(each.name, found) or named_in(each.name, found):
            return None
    if not await commerce.sells_anything():
        return None
    return things[0].name


def named_in(text: str, products: Sequence[Product]) -> Named | None:
    """The product that is named, if it is one."""
    named = Names((each.id, name) for each in products for name in each.name.values()).named_in(text)
    if named is None or len(named.meant) != 1:
        return None
    return Named(next(each for each in products if each.id == named.meant[0]), named.rest)


def _task(talk: Talk, kind: Kind, named: Named) -> Task | None:
    if kind != "spec":
        return Task(f"goods:{kind}", {"product": named.product.id})
    if not asked_for(named.rest, named.product, talk.language):
        return None
    return Task("goods:spec", {"product": named.product.id, "rest": named.rest})


async def _by_part(reading: Reading, talk: Talk, kind: Kind, things: Sequence[Thing]) -> Task | None:
    """Each of the things by its whole name or a part of it; None where one of them points to no goods, or to many."""
    choices: list[tuple[Thing, list[Product]]] = []
    near = False
    for thing in things:
        candidates = await _candidates(reading, talk, thing)
        whole = named_in(thing.name, candidates)
        if whole is not None and not _any_kind(whole.product, kinds_in(whole.rest)):
            found = _allied(thing.name, candidates, kinds_in(whole.rest))
        elif whole is not None and not _says_more(whole):
            found = [whole.product]
        else:
            found = partly.meant(thing.name, candidates)
        if not found and len(things) == 1:
            # A mistyped word is no term of a name; its letters are.
            looser = await reading.products(talk.caller, " ".join(thing.name.replace(" ", "")), limit=_LOOKED_AT)
            found = partly.near(thing.name, looser)
            near = bool(found)
        if not found or len(found) > partly.MOST:
            return None
        choices.append((thing, found))
    sure = not near and all(len(found) == 1 for _, found in choices)
    if sure and len(choices) == 1:
        return Task(f"goods:{kind}", {"product": choices[0][1][0].id})
    if sure and kind == "quote":
        return Task("goods:several", {"wares": [[found[0].id, thing.count] for thing, found in choices]})
    products = list(dict.fromkeys(each.id for _, found in choices for each in found))
    if len(products) > partly.MOST:
        return None
    return Task("goods:among", {"products": products, "near": near, "open": kind == "quote"})


async def _candidates(reading: Reading, talk: Talk, thing: Thing) -> list[Product]:
    found = await reading.products(talk.caller, thing.name, limit=_LOOKED_AT)
    if (kind := kind_alone(thing.name)) is not None:
        found += await reading.products(talk.caller, " ".join(words_for(kind)), limit=_LOOKED_AT)
    return list({each.id: each for each in found}.values())


def _any_kind(product: Product, kinds: Sequence[str]) -> bool:
    """Whether it is of one of the kinds; of none, nothing is said against it."""
    return not kinds or any(is_of(name, kind) for name in product.name.values() for kind in kinds)


def _allied(text: str, products: Sequence[Product], kinds: Sequence[str]) -> list[Product]:
    """The goods of these kinds that bear the name that is said: the case for the 晨穗 8."""
    named = Names((each.id, name) for each in products for name in each.name.values()).named_in(text)
    return [each for each in products if named and each.id in named.allied and _any_kind(each, kinds)]


def _of_kind(kind: Kind, found: Sequence[Product]) -> Task | None:
    if len(found) == 1:
        return Task(f"goods:{kind}", {"product": found[0].id})
    return Task("goods:among", {"products": [each.id for each in found], "open": kind == "quote"}) if found else None


def _says_more(named: Named) -> bool:
    """Whether something else is said of a thing than its name and kind: 晨穗 8 的优惠."""
    left = having.bare(named.rest)
    return bool(left) and not partly.meant(left, [named.product])


def _is_of(thing: Thing, product: Product) -> bool:
    """Whether what is asked for is said of the product just shown: its colour, its member price, a part of its name."""
    if concepts.asked(thing.name) or partly.meant(thing.name, [product]):
        return True
    return any(option_said(thing.name, texts) for each in product.variants for texts in each.options.values())


def _is_name(words: str) -> bool:
    return len(words) <= _LONGEST_THING and sum(map(str.isalpha, words)) > 1
