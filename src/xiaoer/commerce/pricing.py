"""What a basket costs: rules in code, so that a model may only word the breakdown.

The order of the rules is the shops' own: member price → offers on the goods → coupons → cross-shop threshold →
shipping → deposit. Of what may not go together the combination that costs the customer least is used. Every step is a
line of the breakdown, with the amount it takes off, and what remains never falls below zero.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Literal

from xiaoer.commerce.money import Money, shares, total
from xiaoer.errors import Invalid

PromotionKind = Literal["threshold", "percent", "fixed", "gift", "presale", "nth"]
Stage = Literal["offer", "coupon", "cross_shop"]
STAGES: tuple[Stage, ...] = ("offer", "coupon", "cross_shop")
MEMBER_PRICE = "member_price"
MOST_CHOICES = 512
"""Combinations that are tried, those with what takes most off first; of a dozen rival offers all are."""


class BadBasket(Invalid):
    """A basket that cannot be priced; the message names what is wrong."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One kind of goods in the basket. `member_price` counts for members only."""

    sku: str
    name: str
    price: Money
    quantity: int = 1
    member_price: Money | None = None
    category: str = ""


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """A rule that takes something off while it holds.

    threshold  every `threshold` spent takes `amount` off, at most `times` times (none: as often as it fits)
    percent    takes `percent` off, at most `cap`, from `threshold` on
    fixed      takes `amount` off, from `threshold` on
    gift       adds `gift`, from `threshold` on
    presale    a deposit of `deposit` counts as `amount` when the rest is paid
    nth        takes `percent` off every `nth` piece of the goods it covers, the cheaper ones, at most `times` pieces
    `excludes` names what it may not be combined with in one order, and `stacks_with` all that it may be (none: with
    anything): ids, groups, kinds or stages of promotions, or `member_price`. Both sides must allow it. Those of one
    `group` and stage exclude each other. With one that is `alone` nothing else goes on the same goods, no member price
    either. Of what may not go together, what is best for the customer is used.
    `skus` and `categories` narrow it to some goods, `excluded_skus` takes goods out.
    """

    id: str
    name: str
    kind: PromotionKind
    stage: Stage = "offer"
    threshold: Money | None = None
    amount: Money | None = None
    percent: Decimal | None = None
    cap: Money | None = None
    times: int | None = None
    nth: int | None = None
    deposit: Money | None = None
    gift: str | None = None
    members_only: bool = False
    group: str | None = None
    alone: bool = False
    excludes: frozenset[str] = frozenset()
    stacks_with: frozenset[str] | None = None
    skus: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    excluded_skus: frozenset[str] = frozenset()
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return (self.valid_from is None or self.valid_from <= at) and (self.valid_to is None or at < self.valid_to)

    def allows(self, names: frozenset[str]) -> bool:
        """Whether it may be combined with what goes by these names."""
        return not self.excludes & names and (self.stacks_with is None or bool(self.stacks_with & names))

    def combines_with(self, other: "Promotion") -> bool:
        """Whether both may be used in one order."""
        if self.group is not None and (self.group, self.stage) == (other.group, other.stage):
            return False
        return self.allows(_names(other)) and other.allows(_names(self))

    def covers(self, line: Line) -> bool:
        if line.sku in self.excluded_skus:
            return False
        return not (self.skus or self.categories) or line.sku in self.skus or line.category in self.categories


def _names(promotion: Promotion) -> frozenset[str]:
    return frozenset(filter(None, (promotion.id, promotion.group, promotion.kind, promotion.stage)))


@dataclass(frozen=True)
class Shipping:
    """The fee by what is paid for goods: free from `free_from` on, else `fee`."""

    fee: Money
    free_from: Money | None = None


@dataclass(frozen=True)
class Step:
    """One line of the breakdown; `amount` is added to what was there before (negative: taken off)."""

    label: str
    amount: Money
    promotion_id: str | None = None


@dataclass(frozen=True)
class Apart:
    """A promotion that would have taken something off, and the one in use that it may not be combined with."""

    name: str
    beside: str


@dataclass(frozen=True)
class Quote:
    """What the basket costs and why. `deposit` and `balance` are set for goods in pre-sale."""

    steps: tuple[Step, ...]
    goods: Money
    shipping: Money
    payable: Money
    gifts: tuple[str, ...] = ()
    deposit: Money | None = None
    balance: Money | None = None
    line_totals: tuple[Money, ...] = field(default=())
    """What each line costs after everything taken off the goods; for refunds of a part."""
    apart: tuple[Apart, ...] = ()


def quote(
    lines: Sequence[Line],
    promotions: Iterable[Promotion] = (),
    *,
    at: datetime,
    member: bool = False,
    shipping: Shipping | None = None,
) -> Quote:
    """Price a basket at a moment. The order of `promotions` does not matter. Raises `BadBasket`, `BadMoney`."""
    currency = _checked(lines)
    usable = sorted(
        (each for each in promotions if each.holds(at) and (member or not each.members_only)), key=lambda each: each.id
    )
    rivals = [each for each in usable if _is_rival(each, usable, member=member)]
    fixed = [each for each in usable if each not in rivals]

    def price(chosen: Sequence[Promotion]) -> Quote:
        basket = _Basket.shared(lines, [each for each in chosen if each.alone])
        ordered = sorted(chosen, key=lambda each: each.id)
        return _priced(basket, ordered, currency, member=member, shipping=shipping)

    if not rivals:
        return price(fixed)
    bare = price(fixed)
    singly = {each.id: price([*fixed, each]) for each in rivals}
    ranked = sorted(rivals, key=lambda each: (singly[each.id].payable.amount, each.id))
    choices = islice(_choices(ranked), MOST_CHOICES)
    ways = [(price([*fixed, *chosen]), chosen) for chosen in choices]
    best, used = min(ways, key=lambda way: (_cost(way[0]), sorted(each.id for each in way[1])))
    gained = [each for each in ranked if _cost(singly[each.id]) < _cost(bare)]
    return replace(best, apart=tuple(_apart(gained, [*fixed, *used])))


def _cost(whole: Quote) -> tuple[Decimal, int]:
    """What is paid, and of two that cost the same the one with more gifts first."""
    return whole.payable.amount, -len(whole.gifts)


def _is_rival(promotion: Promotion, usable: Sequence[Promotion], *, member: bool) -> bool:
    """Whether using it may cost the customer another one, or their member price."""
    if promotion.alone or (member and not promotion.allows(frozenset({MEMBER_PRICE}))):
        return True
    return any(each is not promotion and not promotion.combines_with(each) for each in usable)


def _choices(rivals: Sequence[Promotion], chosen: tuple[Promotion, ...] = ()) -> Iterator[tuple[Promotion, ...]]:
    """Every combination that is allowed; those with the first ones first."""
    if not rivals:
        yield chosen
        return
    if all(rivals[0].combines_with(each) for each in chosen):
        yield from _choices(rivals[1:], (*chosen, rivals[0]))
    yield from _choices(rivals[1:], chosen)


def _apart(gained: Sequence[Promotion], used: Sequence[Promotion]) -> Iterator[Apart]:
    """Which of what would have helped was left out for which one in use."""
    for left in gained:
        if left not in used and (beside := next((each for each in used if not left.combines_with(each)), None)):
            yield Apart(left.name, beside.name)


@dataclass(frozen=True)
class _Basket:
    """The lines, and for each the offer that nothing else goes with, if it is taken."""

    lines: Sequence[Line]
    owners: Sequence[Promotion | None]

    @classmethod
    def shared(cls, lines: Sequence[Line], alone: Sequence[Promotion]) -> "_Basket":
        return cls(lines, [next((each for each in alone if each.covers(line)), None) for line in lines])

    def covered(self, promotion: Promotion, left: Sequence[Money]) -> list[Money]:
        """What is left of the goods the promotion is for, line by line."""
        return [
            amount if promotion.covers(line) and owner in (None, promotion) else Money.zero(amount.currency)
            for line, owner, amount in zip(self.lines, self.owners, left, strict=True)
        ]


def _priced(
    basket: _Basket, usable: Sequence[Promotion], currency: str, *, member: bool, shipping: Shipping | None
) -> Quote:
    lines = basket.lines
    steps = [Step(f"{line.name} × {line.quantity}", (line.price * line.quantity).rounded()) for line in lines]
    left = [
        (_unit(line, member=member and owner is None and not _barred(line, usable)) * line.quantity).rounded()
        for line, owner in zip(lines, basket.owners, strict=True)
    ]
    saved = total((line.price * line.quantity for line in lines), currency).rounded() - total(left, currency)
    if saved:
        steps.append(Step("会员价 / Member price", -saved))
    gifts: list[str] = []
    for stage in STAGES:
        taken = [each for each in usable if each.stage == stage and each.kind != "presale"]
        gifts += [each.gift for each in taken if each.gift and _reached(each, basket, left)]
        for promotion in taken:
            parts = _off(promotion, basket, left)
            left = [amount - part for amount, part in zip(left, parts, strict=True)]
            if off := total(parts, currency):
                steps.append(Step(promotion.name, -off, promotion.id))
    goods = total(left, currency)
    fee = _fee(shipping, goods, currency)
    if shipping is not None:
        steps.append(Step("运费 / Shipping", fee))
    whole = Quote(tuple(steps), goods, fee, goods + fee, tuple(gifts), line_totals=tuple(left))
    return _presale(whole, [each for each in usable if each.kind == "presale"], lines)


def _checked(lines: Sequence[Line]) -> str:
    if not lines:
        raise BadBasket("The basket is empty: name at least one product.")
    currency = lines[0].price.currency
    for line in lines:
        if line.quantity < 1:
            raise BadBasket(f"{line.name}: the quantity must be 1 or more.")
        if line.price.amount < 0 or (line.member_price and line.member_price.amount < 0):
            raise BadBasket(f"{line.name}: the price must not be negative.")
        if line.price.currency != currency:
            raise BadBasket("All goods of a basket must be priced in one currency.")
    return currency


def _unit(line: Line, *, member: bool) -> Money:
    return min(line.price, line.member_price) if member and line.member_price is not None else line.price


def _reached(promotion: Promotion, basket: _Basket, left: Sequence[Money]) -> bool:
    covered = total(basket.covered(promotion, left), left[0].currency)
    return bool(covered) and (promotion.threshold is None or covered >= promotion.threshold)


def _off(promotion: Promotion, basket: _Basket, left: Sequence[Money]) -> list[Money]:
    """What it would take off each line now; never more than what is left of the goods it covers."""
    each = basket.covered(promotion, left)
    covered = total(each, left[0].currency)
    zero = Money.zero(covered.currency)
    if not _reached(promotion, basket, left):
        return [zero for _ in left]
    if promotion.kind == "nth":
        return _nth_parts(promotion, basket, each)
    off = WORTH[promotion.kind](promotion, covered).rounded()
    return shares(max(zero, min(off, covered)), each)


def _nth_parts(promotion: Promotion, basket: _Basket, covered: Sequence[Money]) -> list[Money]:
    """Of all pieces it covers, every `nth` costs less: the cheapest of them, as no shop gives more."""
    count = sum(line.quantity for line, amount in zip(basket.lines, covered, strict=True) if amount)
    many = count // promotion.nth if promotion.nth and promotion.nth > 1 else 0
    cheaper = many if promotion.times is None else min(many, promotion.times)
    rate = min(max(promotion.percent or Decimal(0), Decimal(0)), Decimal(100)) / 100
    parts = [Money.zero(amount.currency) for amount in covered]
    by_price = sorted(
        (amount.amount / line.quantity, at)
        for at, (line, amount) in enumerate(zip(basket.lines, covered, strict=True))
        if amount
    )
    for unit, at in by_price:
        pieces = min(cheaper, basket.lines[at].quantity)
        cheaper -= pieces
        parts[at] = min(Money(unit * pieces * rate, covered[at].currency).rounded(), covered[at])
    return parts


def _threshold_worth(promotion: Promotion, covered: Money) -> Money:
    if promotion.amount is None or promotion.threshold is None or promotion.threshold.amount <= 0:
        return Money.zero(covered.currency)
    fits = int(covered.amount // promotion.threshold.amount)
    return promotion.amount * (fits if promotion.times is None else min(fits, promotion.times))


def _percent_worth(promotion: Promotion, covered: Money) -> Money:
    off = covered * ((promotion.percent or Decimal(0)) / 100)
    return min(off, promotion.cap) if promotion.cap is not None else off


def _fixed_worth(promotion: Promotion, covered: Money) -> Money:
    return promotion.amount or Money.zero(covered.currency)


def _nothing(_: Promotion, covered: Money) -> Money:
    return Money.zero(covered.currency)


WORTH: dict[PromotionKind, Callable[[Promotion, Money], Money]] = {
    "threshold": _threshold_worth,
    "percent": _percent_worth,
    "fixed": _fixed_worth,
    "gift": _nothing,
    "presale": _nothing,
    "nth": _nothing,
}


def _barred(line: Line, used: Sequence[Promotion]) -> bool:
    """Whether what is used on a line does not go with the member price."""
    return any(each.covers(line) and not each.allows(frozenset({MEMBER_PRICE})) for each in used)


def _fee(shipping: Shipping | None, goods: Money, currency: str) -> Money:
    if shipping is None or (shipping.free_from is not None and goods >= shipping.free_from):
        return Money.zero(currency)
    return shipping.fee.rounded()


def _presale(whole: Quote, rules: Sequence[Promotion], lines: Sequence[Line]) -> Quote:
    """A deposit paid now counts for more when the rest is paid: the difference is taken off."""
    rule = next((each for each in rules if each.deposit and any(each.covers(line) for line in lines)), None)
    if rule is None or rule.deposit is None:
        return whole
    count = sum(line.quantity for line in lines if rule.covers(line))
    deposit = min((rule.deposit * count).rounded(), whole.goods)
    credit = min(((rule.amount or rule.deposit) * count).rounded(), whole.goods)
    gain = max(credit - deposit, Money.zero(deposit.currency))
    payable = max(whole.payable - gain, deposit)
    steps = (*whole.steps, Step(rule.name, -gain, rule.id)) if gain else whole.steps
    return replace(whole, steps=steps, payable=payable, deposit=deposit, balance=payable - deposit)
