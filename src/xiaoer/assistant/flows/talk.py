"""One turn of a dialogue: who talks, what is still to be done, and what has been said so far."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from xiaoer.assistant.events import Confirm
from xiaoer.assistant.flows.words import amount, moment, say
from xiaoer.assistant.understanding.result import Understanding
from xiaoer.commerce.money import Money
from xiaoer.commerce.values import Order
from xiaoer.tools.calling import Caller


@dataclass
class Task:
    """One thing wanted; `slots` is what is known of it: order, tail, reason, and the like."""

    kind: str
    slots: dict[str, Any] = field(default_factory=dict)


@dataclass
class Stand:
    """Where a dialogue stands between messages. `offered` are the orders the customer was asked to choose from.

    `focus` is the order, `product` the product that was last talked about, `compared` products set side by side, with
    their names.
    """

    tasks: list[Task] = field(default_factory=list)
    awaiting: str | None = None
    focus: str | None = None
    offered: list[str] = field(default_factory=list)
    product: str | None = None
    compared: dict[str, str] = field(default_factory=dict)
    aside: bool = False
    """Whether something else was spoken of since a change was put before the customer: a yes may be to that."""

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Stand":
        tasks = [Task(task["kind"], dict(task["slots"])) for task in kept.get("tasks", ())]
        return cls(
            tasks,
            kept.get("awaiting"),
            kept.get("focus"),
            list(kept.get("offered", ())),
            kept.get("product"),
            dict(kept.get("compared", {})),
            bool(kept.get("aside", False)),
        )

    def kept(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Sending:
    """That goods are to be sent somewhere: what the shop's texts say to `question` goes before what a flow tells.

    `whether`: that is what is asked, and not a fee alone. `place` are the place's names, `goods` words for what is sent
    where there are any; `abroad` is a place outside the shop's country; `besides` is told after what the texts say.
    """

    question: str
    whether: bool
    place: tuple[str, ...]
    abroad: bool
    goods: str = ""
    besides: str = ""


@dataclass
class Talk:
    """What a turn of a dialogue knows and gathers."""

    caller: Caller
    language: str
    text: str
    seen: Understanding
    stand: Stand
    said: list[str] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)
    suggestions: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    """Those of the suggestions that a question lets choose from."""
    confirm: Confirm | None = None
    handoff: str | None = None
    tools: list[str] = field(default_factory=list)
    left: str | None = None
    """The order talked about until this message named goods: still the one meant where no order has them."""
    gives_way: tuple[str, ...] = ()
    """Where what is said is for want of better: the words of a text of the shop's that may know what its system
    does not."""
    sending: Sending | None = None
    instead: bool = False
    """Whether this message wants another change than the one that waited, which is off by that."""
    by_mail: bool = False
    """Whether an order may be shown by a code sent to its e-mail address."""

    def word(self, key: str, **values: object) -> str:
        return say(key, self.language, **values)

    def amount(self, money: Money) -> str:
        return amount(money, self.language)

    def when(self, at: datetime) -> str:
        return moment(at, self.caller.profile.timezone)

    def cite(self, row: str, title: str, quote: str, as_of: datetime | None) -> None:
        """Name the row of the shop's system that backs what was said, and when it said so."""
        at = as_of or self.caller.at
        source = {"n": len(self.sources) + 1, "passage_id": row, "article_id": row, "title": title, "quote": quote}
        self.sources.append({**source, "url": None, "as_of": at.isoformat()})

    def cite_order(self, order: Order, quote: str) -> None:
        self.cite(
            f"order:{order.number}", order.number, f"{quote} ({self.when(order.as_of or self.caller.at)})", order.as_of
        )


class Ask(Exception):
    """Something is missing: the turn ends with this question, and the dialogue waits for `slot`."""

    def __init__(self, slot: str, text: str, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(slot)
        self.slot = slot
        self.text = text
        self.suggestions = suggestions


class Drop(Exception):
    """The task ends here with this text."""

    def __init__(self, text: str, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.text = text
        self.suggestions = suggestions
