"""What a shop switches off or caps, by the names that its settings use: one switch, whichever path leads there."""

from collections.abc import Iterable, Mapping
from typing import Final, get_args

from xiaoer.commerce.values import OrderState
from xiaoer.errors import Invalid
from xiaoer.stores import ToolRule
from xiaoer.tools.changing import CHANGES, PLACE_ORDER

READS: Final = (
    "show_order", "orders", "order", "shipments", "coupons", "balance", "products", "stock", "quote", "shipping",
    "note", "compare",
)  # fmt: skip
"""What is only looked up, as a shop thinks of it."""
STEPS: Final = ("basket", "exchange_choices", "review_reward", "picture")
"""Looked up on the way to a change."""
BEHIND: Final[Mapping[str, tuple[str, ...]]] = {
    "search_products": ("products",), "price_quote": ("quote",), "list_orders": ("orders",),
    "track_order": ("shipments",), "refund_status": ("order",), "list_coupons": ("coupons",),
}  # fmt: skip
"""Tools that a model is offered, and the switches that take them away as well."""
ONLY_OFFERED: Final = ("search_knowledge", "hand_over")
WRITES: Final = (*(name for name in CHANGES if name != "undo"), PLACE_ORDER, "undo")
NAMES: Final = frozenset({*READS, *STEPS, *BEHIND, *ONLY_OFFERED, *WRITES})


def states_of(name: str) -> tuple[OrderState, ...]:
    """The states of an order in which a change is possible, in the order of an order's life; none for the others."""
    possible = CHANGES[name].states if name in CHANGES and name != "undo" else frozenset()
    return tuple(state for state in get_args(OrderState) if state in possible)


def require_known(rules: Mapping[str, ToolRule]) -> None:
    """Raise `Invalid` for a rule of no tool, and for a state that no order has: such a rule would never hold."""
    _require(rules, NAMES, "There is no tool")
    for name, rule in rules.items():
        _require(rule.states or (), get_args(OrderState), f"Setting tools.{name}.states: there is no state")


def _require(given: Iterable[str], known: Iterable[str], words: str) -> None:
    wrong = next((each for each in given if each not in known), None)
    if wrong is not None:
        raise Invalid(f"{words} {wrong[:60]!r}; there are: {', '.join(sorted(known))}.")
