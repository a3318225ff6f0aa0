"""What a shop that is kept here sets for itself: offers and coupons with names per language, shipping fees by place."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import get_args

from xiaoer.commerce.money import Money
from xiaoer.commerce.pricing import MEMBER_PRICE, STAGES, Promotion, PromotionKind, Shipping
from xiaoer.commerce.values import Buyer, Texts, said


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A promotion with its texts, and for whom it is.

    `coupon`: it belongs to customers of `levels` (none named: of any) and is not applied by itself. `requires` names a
    proof that a person has to check, such as `student`: nobody is given it by code.
    """

    promotion: Promotion
    name: Texts
    gift: Texts = field(default_factory=dict)
    coupon: bool = False
    levels: tuple[str, ...] = ()
    requires: str = ""

    def promotion_in(self, language: str) -> Promotion:
        gift = said(self.gift, language) or self.promotion.gift
        return replace(self.promotion, name=said(self.name, language) or self.promotion.name, gift=gift)

    def is_for(self, buyer: Buyer) -> bool:
        return not self.requires and (not self.levels or buyer.level in self.levels)


def unknown_names(offers: Iterable[Offer]) -> list[str]:
    """Which names that offers exclude, or go with, are no offer's: a slip of the pen, or an offer still to come."""
    promotions = [offer.promotion for offer in offers]
    known = {MEMBER_PRICE, *STAGES, *get_args(PromotionKind)}
    known |= {each.id for each in promotions} | {each.group for each in promotions if each.group}
    said = {name for each in promotions for name in each.excludes | (each.stacks_with or frozenset())}
    return sorted(said - known)


@dataclass(frozen=True, kw_only=True)
class ShippingRule:
    """A fee for a country (`*`: any other) and the regions whose names begin so (none named: all of it)."""

    fee: Money
    country: str = "*"
    regions: tuple[str, ...] = ()
    free_from: Money | None = None

    def covers(self, country: str, region: str) -> bool:
        if self.country not in ("*", country.upper()):
            return False
        return not self.regions or (bool(region) and region.startswith(self.regions))


def fee_to(rules: Iterable[ShippingRule], country: str, region: str) -> Shipping | None:
    """The first rule that covers the place."""
    rule = next((each for each in rules if each.covers(country, region)), None)
    return Shipping(rule.fee, rule.free_from) if rule else None
