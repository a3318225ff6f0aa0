"""What a conversation costs: tokens by their price and minutes of staff by theirs, beside what paid services take.

All prices are the shop's own settings (`costs` of its profile); what has no price is told as unknown, not as free.
"""

from dataclasses import dataclass
from decimal import Decimal

from xiaoer.reports.figures import Figures
from xiaoer.stores import Costs

MILLION, HOUR = Decimal(1_000_000), Decimal(3600)
CENT = Decimal("0.0001")


@dataclass(frozen=True)
class Cost:
    """Amounts in `currency`; none where a price or anything to divide by is missing."""

    currency: str
    tokens: Decimal | None
    staff: Decimal | None
    per_visit: Decimal | None
    per_resolution: Decimal | None
    paid: Decimal | None
    source: str


def cost_of(found: Figures, prices: Costs) -> Cost:
    """The cost of the time the figures are of."""
    tokens = None
    if prices.prompt_tokens or prices.completion_tokens:
        read, written = found.answers.prompt_tokens, found.answers.completion_tokens
        tokens = (read * prices.prompt_tokens + written * prices.completion_tokens) / MILLION
    staff = Decimal(str(found.matters.staff_seconds)) * prices.staff_hour / HOUR if prices.staff_hour else None
    known = [part for part in (tokens, staff) if part is not None]
    whole = sum(known, Decimal(0)) if known else None
    return Cost(
        currency=prices.currency,
        tokens=_rounded(tokens),
        staff=_rounded(staff),
        per_visit=_each(whole, found.matters.visits),
        per_resolution=_each(whole, found.matters.resolved),
        paid=prices.paid_resolution or None,
        source=prices.paid_source,
    )


def _each(whole: Decimal | None, count: int) -> Decimal | None:
    return None if whole is None or not count else _rounded(whole / count)


def _rounded(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(CENT).normalize()
