"""A shop's offers and coupons over HTTP, with what may be combined in one order and what may not."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from xiaoer.commerce import offered
from xiaoer.commerce.money import Money
from xiaoer.commerce.offers import Offer, unknown_names
from xiaoer.commerce.pricing import Promotion, PromotionKind, Stage
from xiaoer.web.access import DeskPart, Merchant

router = APIRouter(prefix="/api/v1/commerce/offers", tags=["commerce"])
MOST = 500
Amount = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=3)]
Names = Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], Field(max_length=MOST)]
Texts = Annotated[dict[str, Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=20)]
OfferId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class OfferBody(BaseModel):
    """An offer or coupon. Amounts are decimal texts in `currency`."""

    model_config = ConfigDict(extra="forbid")

    name: Texts = Field(min_length=1, description="What customers read, by language.")
    kind: PromotionKind = Field(description="threshold, percent, fixed, gift, presale or nth.")
    stage: Stage = Field("offer", description="When it is reckoned: offer, then coupon, then cross_shop.")
    currency: str = Field("CNY", pattern=r"^[A-Z]{3}$")
    threshold: Amount | None = Field(None, description="From what the goods it covers must cost.")
    amount: Amount | None = Field(None, description="What is taken off.")
    percent: Decimal | None = Field(None, ge=0, le=100)
    cap: Amount | None = Field(None, description="At most so much is taken off by percent.")
    times: int | None = Field(None, ge=0, le=10_000, description="How often a threshold or n-th piece counts.")
    nth: int | None = Field(None, ge=2, le=100)
    deposit: Amount | None = None
    gift: Texts = Field(default_factory=dict, description="What is added, by language.")
    members_only: bool = False
    coupon: bool = Field(False, description="It belongs to customers of `levels` and is not for everybody.")
    levels: Names = Field(default_factory=list)
    requires: str = Field("", max_length=64, description="A proof that a person has to check, such as student.")
    group: str | None = Field(None, max_length=64, description="Offers of one group exclude each other.")
    alone: bool = Field(False, description="Nothing else goes on the same goods.")
    excludes: Names = Field(
        default_factory=list,
        description="What it may not be combined with in one order: ids, groups, kinds or stages, or member_price.",
    )
    stacks_with: Names | None = Field(
        None, description="All that it may be combined with, named likewise; null: anything, []: nothing."
    )
    skus: Names = Field(default_factory=list, description="Goods it is for; none: all.")
    categories: Names = Field(default_factory=list)
    excluded_skus: Names = Field(default_factory=list)
    valid_from: AwareDatetime | None = None
    valid_to: AwareDatetime | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        needs = {
            "threshold": self.threshold and self.amount, "percent": self.percent, "fixed": self.amount,
            "gift": self.gift, "presale": self.deposit, "nth": self.nth and self.percent,
        }  # fmt: skip
        if not needs[self.kind]:
            raise ValueError(f"an offer of kind {self.kind} says nothing without its amounts")
        if self.valid_from and self.valid_to and self.valid_from >= self.valid_to:
            raise ValueError("valid_to must be after valid_from")
        return self

    def as_offer(self, offer_id: str) -> Offer:
        def money(amount: Decimal | None) -> Money | None:
            return Money(amount, self.currency).rounded() if amount is not None else None

        promotion = Promotion(
            id=offer_id, name=next(iter(self.name.values())), kind=self.kind, stage=self.stage,
            threshold=money(self.threshold), amount=money(self.amount), percent=self.percent, cap=money(self.cap),
            times=self.times, nth=self.nth, deposit=money(self.deposit), gift=next(iter(self.gift.values()), None),
            members_only=self.members_only, group=self.group or None, alone=self.alone,
            excludes=frozenset(self.excludes),
            stacks_with=None if self.stacks_with is None else frozenset(self.stacks_with),
            skus=frozenset(self.skus), categories=frozenset(self.categories),
            excluded_skus=frozenset(self.excluded_skus), valid_from=self.valid_from, valid_to=self.valid_to,
        )  # fmt: skip
        return Offer(
            promotion=promotion, name=self.name, gift=self.gift, coupon=self.coupon, levels=tuple(self.levels),
            requires=self.requires,
        )  # fmt: skip


class OfferOut(BaseModel):
    """An offer as it is kept."""

    id: str
    name: dict[str, str]
    kind: PromotionKind
    stage: Stage
    coupon: bool
    group: str | None
    alone: bool
    excludes: list[str]
    stacks_with: list[str] | None
    valid_from: datetime | None
    valid_to: datetime | None


class OffersOut(BaseModel):
    offers: list[OfferOut]
    unknown: list[str] = Field(description="Names in excludes and stacks_with that are no offer's, group's or kind's.")


@router.get("")
async def every(caller: Merchant, desk: DeskPart) -> OffersOut:
    """All offers of the shop, also those that do not hold now."""
    async with desk.database.sessions() as session:
        kept = await offered.every(session, caller.store_id)
    return OffersOut(offers=[_out(each) for each in kept], unknown=unknown_names(kept))


@router.put("")
async def put_all(body: dict[OfferId, OfferBody], caller: Merchant, desk: DeskPart) -> OffersOut:
    """Save several offers by their ids, all or none; those not named stay as they are."""
    async with desk.database.sessions.begin() as session:
        for offer_id, each in body.items():
            await offered.keep(session, caller.store_id, each.as_offer(offer_id))
        kept = await offered.every(session, caller.store_id)
    return OffersOut(offers=[_out(each) for each in kept], unknown=unknown_names(kept))


@router.put("/{offer_id}")
async def put(offer_id: Annotated[OfferId, Path()], body: OfferBody, caller: Merchant, desk: DeskPart) -> OfferOut:
    """Save an offer in place of the one with its id."""
    async with desk.database.sessions.begin() as session:
        await offered.keep(session, caller.store_id, offer := body.as_offer(offer_id))
    return _out(offer)


@router.delete("/{offer_id}", status_code=204)
async def remove(offer_id: Annotated[OfferId, Path()], caller: Merchant, desk: DeskPart) -> None:
    async with desk.database.sessions.begin() as session:
        await offered.remove(session, caller.store_id, offer_id)


def _out(offer: Offer) -> OfferOut:
    rule = offer.promotion
    return OfferOut(
        id=rule.id, name=dict(offer.name), kind=rule.kind, stage=rule.stage, coupon=offer.coupon, group=rule.group,
        alone=rule.alone, excludes=sorted(rule.excludes),
        stacks_with=None if rule.stacks_with is None else sorted(rule.stacks_with),
        valid_from=rule.valid_from, valid_to=rule.valid_to,
    )  # fmt: skip
