"""What a shop that is kept here sets for itself: offers and coupons with names per language, shipping fees by place."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from xiaoer.commerce.money import Money
from xiaoer.commerce.pricing import Promotion, Shipping
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
