"""The life of a ticket (drawn in docs/tickets.md), what kinds there are, and how pressing each is."""

from collections.abc import Mapping
from typing import Literal, get_args

from xiaoer.errors import Conflict, Invalid
from xiaoer.stores import Priority

State = Literal["open", "in_progress", "waiting", "solved", "closed"]
"""waiting: for the customer's word, which stops the clock."""
Kind = Literal[
    "danger", "complaint", "refund", "repair", "after_sales", "handover", "callback", "tool_failure", "question",
    "other",
]  # fmt: skip
"""callback: a customer who is not there any more, and has left no more than a number to be called at."""
Maker = Literal["assistant", "staff", "api"]
Actor = Literal["assistant", "staff", "api", "customer", "worker"]

STATES: tuple[State, ...] = get_args(State)
KINDS: tuple[Kind, ...] = get_args(Kind)
PRIORITIES: tuple[Priority, ...] = get_args(Priority)
RUNNING: tuple[State, ...] = ("open", "in_progress")
"""The states in which the customer waits for us."""
DONE: tuple[State, ...] = ("solved", "closed")

MOVES: Mapping[State, tuple[State, ...]] = {
    "open": ("in_progress", "waiting", "solved"),
    "in_progress": ("open", "waiting", "solved"),
    "waiting": ("in_progress", "solved"),
    "solved": ("closed", "in_progress"),
    "closed": ("in_progress",),
}
MINUTES: Mapping[Priority, int] = {"urgent": 60, "high": 240, "normal": 480, "low": 1440}
"""Open minutes within which the customer hears from us, unless the shop sets its own."""
PRIORITY_OF: Mapping[Kind, Priority] = {
    "danger": "urgent",
    "complaint": "high",
    "tool_failure": "high",
    "question": "low",
}
"""How pressing a kind is when nobody says; the others are normal."""


class NotFromHere(Conflict):
    """The ticket cannot go there from the state it is in."""


def require_move(before: State, after: State) -> None:
    """Raise `NotFromHere` for a step that the life of a ticket does not have."""
    if after not in MOVES[before]:
        raise NotFromHere(f"The ticket is {before.replace('_', ' ')}; it cannot become {after.replace('_', ' ')}.")


def kind_named(name: str) -> Kind:
    """The kind of that name; raises `Invalid`."""
    for kind in KINDS:
        if kind == name:
            return kind
    raise Invalid(f"Choose a kind: {', '.join(KINDS)}.")


def priority_named(name: str) -> Priority:
    """The priority of that name; raises `Invalid`."""
    for priority in PRIORITIES:
        if priority == name:
            return priority
    raise Invalid(f"Choose a priority: {', '.join(PRIORITIES)}.")


def state_named(name: str) -> State:
    """The state of that name; raises `Invalid`."""
    for state in STATES:
        if state == name:
            return state
    raise Invalid(f"Choose a state: {', '.join(STATES)}.")


def more_pressing(priority: Priority) -> Priority:
    """One step up."""
    return PRIORITIES[max(0, PRIORITIES.index(priority) - 1)]
