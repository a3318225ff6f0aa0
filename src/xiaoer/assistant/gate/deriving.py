"""Figures that no text has but that follow from figures told beside them: a difference, a sum, a multiple, a share."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations

from xiaoer.assistant.gate.matching import comparable
from xiaoer.language.quantities import Reading
from xiaoer.language.units import Unit

_HUNDRED = Decimal(100)
_MOST_FIGURES = 12
"""Figures told beside it that are tried with each other."""
_SHARES = frozenset({"percent", "discount", "of_price"})


def follows(wanted: Reading, told: Sequence[Reading]) -> bool:
    """Whether the value of `wanted` is what two of the figures `told` make together."""
    return bool(operands(wanted, told))


def operands(wanted: Reading, told: Sequence[Reading]) -> tuple[Reading, ...]:
    """The two figures that make `wanted` together; empty where none do."""
    if not wanted.units or not wanted.values[0]:
        return ()
    for one, other in combinations(told[-_MOST_FIGURES:], 2):
        if any(_amount(wanted, unit) in set(_made(one, other, unit)) for unit in wanted.units):
            return one, other
    return ()


def _made(one: Reading, other: Reading, unit: Unit) -> list[Decimal]:
    """What two figures make, in the base of `unit`."""
    first, second = _in_base(one, unit), _in_base(other, unit)
    if first is not None and second is not None:
        return [first + second, abs(first - second)]
    made: list[Decimal] = []
    for amount, factor in ((first, other), (second, one)):
        if amount is None:
            continue
        if _counts(factor):
            made.append(amount * factor.values[0])
        elif any(known.dimension in _SHARES for known in factor.units):
            part = amount * factor.values[0] / _HUNDRED
            made += [part, amount - part]
    return made


def _amount(figure: Reading, unit: Unit) -> Decimal:
    return figure.values[0] * unit.factor


def _in_base(figure: Reading, unit: Unit) -> Decimal | None:
    """The figure's amount where it counts what `unit` counts."""
    return next((_amount(figure, own) for own in figure.units if comparable(unit, own)), None)


def _counts(figure: Reading) -> bool:
    """Whether the figure is a number of pieces."""
    whole = figure.values[0] == int(figure.values[0])
    return whole and (not figure.units or any(unit.dimension == "count" for unit in figure.units))
