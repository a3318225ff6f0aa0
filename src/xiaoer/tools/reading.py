"""Tools that only read: orders, parcels, coupons, goods. Each call checks anew who asks."""

from dataclasses import replace

from xiaoer.commerce.commerce import ShopUnavailable, UnknownOrder
from xiaoer.commerce.further import Topic
from xiaoer.commerce.money import Money
from xiaoer.commerce.numbers import alike, plain
from xiaoer.commerce.offers import ShippingRule, fee_to
from xiaoer.commerce.pricing import Line, Promotion, Quote, Shipping, quote
from xiaoer.commerce.values import Choice, Coupon, Order, Picture, Piece, Place, Product, Shipment, Variant
from xiaoer.db.database import Sessions
from xiaoer.identity import access
from xiaoer.tools.baskets import Basket, priced
from xiaoer.tools.calling import Audit, Caller, ToolRefused
from xiaoer.tools.mail_codes import MailCodes

MOST_LISTED = 5


class Reading:
    """The reading tools of a desk."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._audit = Audit(sessions)
        self.mail_codes = MailCodes(sessions)

    async def show_order(self, caller: Caller, number: str, tail: str) -> Caller | None:
        """Check in the chat that an order is who asks': its number and the end of its phone number.

        Returns the caller who may now see it, or None, whichever part was wrong. Raises `TooManyTries`.
        """
        assert caller.conversation_id is not None, "who shows an order is in a conversation"
        async with self._audit.call(caller, "show_order", "read-own", {"number": plain(number)}) as noted:
            noted.subject = plain(number)
            async with self._sessions.begin() as session:
                tried = await access.begin_try(session, caller.store_id, caller.conversation_id, alike(number))
            try:
                order = await caller.commerce.order(number, customer=None)
            except UnknownOrder:
                return None
            except ShopUnavailable:
                async with self._sessions.begin() as session:
                    await access.end_try(session, tried)  # nothing was learnt by it
                raise
            if not _fits(order, tail):
                return None
            async with self._sessions.begin() as session:
                await access.end_try(session, tried)
                await access.grant_order(session, caller.store_id, caller.conversation_id, plain(order.number))
                return replace(caller, seen=await access.of(session, caller.conversation_id))

    async def order(self, caller: Caller, number: str) -> Order:
        """One order of the caller's; raises `UnknownOrder`."""
        async with self._audit.call(caller, "order", "read-own", {"number": plain(number)}) as noted:
            noted.subject = plain(number)
            return await caller.order(number)

    async def orders(self, caller: Caller, *, limit: int = MOST_LISTED) -> list[Order]:
        """The caller's orders, newest first: a signed customer's, or those shown in this chat."""
        async with self._audit.call(caller, "orders", "read-own", {"limit": limit}):
            if caller.seen.customer is not None:
                found = await caller.commerce.orders(caller.seen.customer, limit=limit)
                return [order for order in found if order.customer == caller.seen.customer]
            if not caller.seen.orders:
                raise ToolRefused("Sign in, or show an order by its number and phone.", "identity")
            return [await caller.order(number) for number in sorted(caller.seen.orders, reverse=True)[:limit]]

    async def shipments(self, caller: Caller, number: str) -> tuple[Order, list[Shipment]]:
        """The parcels of an order of the caller's."""
        async with self._audit.call(caller, "shipments", "read-own", {"number": plain(number)}) as noted:
            noted.subject = plain(number)
            order = await caller.order(number)
            if "shipments" not in caller.commerce.abilities:  # the order itself says how far it is
                return order, []
            return order, await caller.commerce.shipments(order)

    async def coupons(self, caller: Caller, language: str) -> list[Coupon]:
        """The signed customer's coupons that are not used and hold now."""
        async with self._audit.call(caller, "coupons", "read-own", {}):
            if caller.seen.customer is None:
                raise ToolRefused("Coupons are shown to customers who are signed in.", "identity")
            found = await caller.commerce.coupons(caller.seen.customer, language=language)
            return [each for each in found if each.used_at is None and each.promotion.holds(caller.at)]

    async def products(self, caller: Caller, words: str, *, limit: int = 10) -> list[Product]:
        """Goods on sale that the words point to."""
        async with self._audit.call(caller, "products", "read-public", {"words": words[:200]}):
            return await caller.commerce.search_products(words, limit=limit)

    async def stock(self, caller: Caller, sku: str) -> Variant:
        """A variant's price and stock as of now."""
        async with self._audit.call(caller, "stock", "read-public", {"sku": sku}) as noted:
            noted.subject = sku
            return await caller.commerce.stock(sku)

    async def exchange_choices(self, caller: Caller, order: Order, sku: str) -> list[Choice]:
        """What a piece of an order of the caller's may be exchanged for."""
        async with self._audit.call(caller, "exchange_choices", "read-own", {"sku": sku}) as noted:
            noted.subject = plain(order.number)
            return await caller.commerce.exchange_choices(order, sku)

    async def review_reward(self, caller: Caller, order: Order) -> bool:
        """Whether the reward for a review of an order of the caller's is registered."""
        async with self._audit.call(caller, "review_reward", "read-own", {}) as noted:
            noted.subject = plain(order.number)
            return await caller.commerce.review_reward(order)

    async def balance(self, caller: Caller) -> Money:
        """What the signed customer has on their card or account."""
        async with self._audit.call(caller, "balance", "read-own", {}):
            if caller.seen.customer is None:
                raise ToolRefused("Balances are shown to customers who are signed in.", "identity")
            return await caller.commerce.balance(caller.seen.customer)

    async def note(self, caller: Caller, topic: Topic, *, product_id: str = "", code: str = "") -> str:
        """What the shop's system says about a topic."""
        given = {"topic": topic, "code": code}
        async with self._audit.call(caller, "note", "read-public", given) as noted:
            noted.subject = product_id or None
            customer = caller.seen.customer or ""
            return await caller.commerce.note(topic, product_id=product_id, code=code, customer=customer)

    async def compare(self, caller: Caller, product_ids: list[str]) -> list[Product]:
        """Several products as they are now, in one call."""
        async with self._audit.call(caller, "compare", "read-public", {"products": product_ids}):
            return await caller.commerce.compare(product_ids)

    async def picture(self, caller: Caller, url: str, *, wanted: str) -> Picture:
        """What a picture of the caller's shows."""
        async with self._audit.call(caller, "picture", "read-public", {"url": url[:500], "wanted": wanted}):
            return await caller.commerce.check_picture(url, wanted=wanted)

    async def basket(self, caller: Caller, pieces: list[Piece]) -> Basket:
        """Goods at their prices as of now; raises `UnknownProduct`."""
        async with self._audit.call(caller, "basket", "read-public", {piece.sku: piece.quantity for piece in pieces}):
            return await priced(caller.commerce, pieces)

    async def shipping(self, caller: Caller, to: Place) -> Shipping | None:
        """The fee to a place, as the shop has set it here or its system tells; None where neither does."""
        async with self._audit.call(caller, "shipping", "read-public", {"country": to.country, "region": to.region}):
            if own := fee_to(_fees(caller), to.country, to.region):
                return own
            if "shipping" not in caller.commerce.abilities:
                return None
            return await caller.commerce.shipping(to.country, to.region)

    async def quote(
        self, caller: Caller, lines: list[Line], language: str, *, shipping: Shipping | None = None
    ) -> Quote:
        """What a basket costs now with the offers that hold for everybody, and with what a signed customer has.

        That is the member price and the best one of their coupons. With `shipping` the fee is in it.
        """
        basket = {line.sku: line.quantity for line in lines}
        commerce, customer = caller.commerce, caller.seen.customer
        async with self._audit.call(caller, "quote", "read-public", basket):
            offers = (
                await commerce.promotions(caller.at, language=language) if "promotions" in commerce.abilities else []
            )
            member = False
            if customer is not None and "buyer" in commerce.abilities:
                member = (await commerce.buyer(customer)).member
            if customer is not None and "coupons" in commerce.abilities:
                held = await commerce.coupons(customer, language=language)
                offers = [*offers, *(_one_of(each) for each in held if each.used_at is None)]
            return quote(lines, offers, at=caller.at, member=member, shipping=shipping)


def _fees(caller: Caller) -> list[ShippingRule]:
    """The fees that the shop has set here."""
    return [
        ShippingRule(
            country=each.country,
            regions=tuple(each.regions),
            fee=Money(each.fee.amount, each.fee.currency),
            free_from=Money(each.free_from.amount, each.free_from.currency) if each.free_from else None,
        )
        for each in caller.profile.shipping
    ]


def _one_of(coupon: Coupon) -> Promotion:
    """A coupon as an offer; of coupons that are of no group only one is used, as no shop promises more."""
    return replace(coupon.promotion, group=coupon.promotion.group or "coupon")


def _fits(order: Order, tail: str) -> bool:
    """Both phones are compared, always, so that time tells nothing."""
    matches = [
        access.tail_matches(phone, tail) for phone in (order.phone, order.address.phone if order.address else "")
    ]
    return any(matches)
