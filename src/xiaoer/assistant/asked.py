"""What is asked in a turn, and what the turn has found out so far."""

import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from xiaoer.assistant.answering.reading import Reading
from xiaoer.assistant.events import Confirm, Text, ToolUse
from xiaoer.assistant.flight import Flight
from xiaoer.assistant.flows.flows import Heard, Reply
from xiaoer.assistant.looking import Looks
from xiaoer.assistant.retrieval.section import Section
from xiaoer.assistant.understanding.concern import Concern
from xiaoer.assistant.understanding.focus import Focus
from xiaoer.assistant.understanding.intent import is_social
from xiaoer.assistant.understanding.result import Understanding, understand
from xiaoer.assistant.waiting import waiting_text
from xiaoer.conversations.cached import Cached
from xiaoer.conversations.tables import Author
from xiaoer.conversations.thread import Answer
from xiaoer.db.record import now
from xiaoer.language.phrases import joined
from xiaoer.llm.messages import Message as ModelMessage
from xiaoer.stores import Profile

Event = Text | ToolUse | Confirm | Answer
OWN_WORDS = "curated"
"""The route of fixed replies and of the shop's own texts, which say the same to everybody."""


@dataclass(frozen=True)
class Said:
    """An earlier message of the conversation."""

    author: Author
    text: str
    route: str | None = None
    concern: str | None = None
    """What the customer was concerned about, of an answer."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A message to answer, with all that the turn may know of its surroundings."""

    store_id: uuid.UUID
    profile: Profile
    text: str
    knowledge_revision: int = 0
    history: tuple[Said, ...] = ()
    fresh: int = 0
    """How many of the last of `history` were said since the last hand-back: only these may cause a hand-over."""
    prior_language: str | None = None
    conversation_id: uuid.UUID | None = None
    message_id: uuid.UUID | None = None
    earlier_topics: tuple[str, ...] = ()
    """What each other conversation of this customer in the last days was about, where the shop's rules ask for it."""
    staffed: bool = True
    """Whether somebody is there to whom a customer can be handed."""
    focus: Mapping[str, Any] | None = None
    """The products that the conversation was about until now (`Focus.as_json`); None where it is not known."""
    offered: tuple[dict[str, str], ...] = ()
    """The sections that the last answer offered, as {passage_id, title}."""
    product_page: str | None = None
    """The product on whose page the customer is."""
    vip: bool = False
    """Whether the shop wants this customer to get a person at once."""
    waiting: str | None = None
    """Why the customer waits for a person; None for one who does not."""
    contact_asked: bool = False
    """Whether the customer was asked where they are reached."""

    @property
    def last_answer(self) -> str:
        """What the customer was told last; empty at the beginning."""
        return next((said.text for said in reversed(self.history) if said.author == "assistant"), "")

    @property
    def refused_before(self) -> bool:
        """Whether the last answer, since the last hand-back, was a refusal."""
        return self._answer_before is not None and self._answer_before.route == "refuse"

    @property
    def complained_before(self) -> bool:
        """Whether the last answer, since the last hand-back, was to a complaint."""
        return self._answer_before is not None and self._answer_before.concern == "complaint"

    @property
    def _answer_before(self) -> Said | None:
        recent = self.history[-self.fresh :] if self.fresh else ()
        return next((said for said in reversed(recent) if said.author == "assistant"), None)


@dataclass(frozen=True)
class Mode:
    """How a message is answered, within `seconds`. `reasons` are rules with what they found, such as "sum: 一共"."""

    thinking: bool
    reasons: tuple[str, ...]
    seconds: float
    tokens: int

    def as_json(self) -> dict[str, Any]:
        name = "thinking" if self.thinking else "fast"
        return {"name": name, "reasons": list(self.reasons), "seconds": self.seconds}


@dataclass
class Turn:
    """What one turn has found out so far."""

    asked: Asked
    seen: Understanding
    at: datetime
    evidence: dict[str, Any] = field(default_factory=dict)
    timings: dict[str, int] = field(default_factory=dict)
    focus: Focus = field(default_factory=Focus)
    """The products that the message is about."""
    section: Section | None = None
    """The section of the shop's texts whose heading the message is, where it asks nothing."""
    reading: Reading = field(default_factory=lambda: Reading((), 0.0, answerable=False))
    """What the shop's texts say to the question."""
    confirm: Confirm | None = None
    otherwise: Reply | None = None
    """What a flow says where nothing else answers."""
    looks: Looks = field(default_factory=Looks)
    """What is being looked up, or can be said already, for who tells it while the answer is being found."""
    apology: str = ""
    """What has been said before the answer itself."""
    mode: Mode | None = None
    """Fast or thinking; None before it is decided, and without a model."""
    concern: Concern | None = None
    """What the customer is concerned about beyond a question."""
    looked_up: str = ""
    """What is looked up in place of the message, if anything: what the shop does about a problem, for instance."""
    policy: str = ""
    """What the shop does about such a problem: asked of its texts where they do not speak of the problem itself."""
    policy_articles: frozenset[str] = frozenset()
    """The articles that tell it."""
    by_policy: bool = False
    """Whether that was asked."""
    depends: dict[str, str] = field(default_factory=dict)
    """What an answer depends on besides its question and what the shop knows and has set, such as the product in focus,
    the customer's region or tier. It is part of the answer's key in the cache, so it has to be known before that."""
    question_key: str | None = None
    """The key under which others may be given this turn's answer; None where it is for this customer alone."""
    flight: Flight[Cached] | None = None
    """Held while others who asked the same wait for this turn's answer."""
    caution: str = ""
    """What to do, should a danger that the customer only supposes come true: told before the answer."""
    left_open: int = 0
    """How many of the message's questions nothing backs an answer to."""

    @property
    def language(self) -> str:
        return self.seen.language

    @property
    def question(self) -> str:
        """What is to be answered from the shop's texts."""
        return self.looked_up or self.asked.text

    @property
    def heard(self) -> Heard | None:
        """The message as the flows need it; None for one of no conversation."""
        asked = self.asked
        if asked.conversation_id is None or asked.message_id is None:
            return None
        return Heard(
            store_id=asked.store_id,
            conversation_id=asked.conversation_id,
            message_id=asked.message_id,
            profile=asked.profile,
            text=asked.text,
            seen=self.seen,
            at=self.at,
            told=lambda name, status: self.looks.put_nowait(ToolUse(name, status)),
            page=self.focus.products[0] if self.focus.source == "page" else None,
        )

    @property
    def history(self) -> list[ModelMessage]:
        """What was said before, as a model is told it."""
        return [
            ModelMessage("user" if said.author == "customer" else "assistant", said.text)
            for said in self.asked.history
            if said.author != "system"
        ]

    @property
    def last_concern(self) -> str | None:
        """What the customer is concerned about, or was last in this conversation."""
        if self.concern is not None and self.concern.kind != "person":
            return self.concern.kind
        return next(
            (said.concern for said in reversed(self.asked.history) if said.concern not in (None, "person")), None
        )

    @property
    def stands_alone(self) -> bool:
        """Whether the question is all of this conversation that can shape a model's answer to it."""
        return not self.seen.follows_up and all(
            is_social(said.text)
            if said.author == "customer"
            else said.author == "assistant" and said.route == OWN_WORDS
            for said in self.asked.history
        )

    def share_nothing(self) -> None:
        """Let those who wait for this turn's answer go on without it: if there is one, it is for this customer."""
        self.question_key = None
        if self.flight is not None:
            self.flight.land()

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """While the turn is under way others may wait for its answer: whatever happens to it, they go on."""
        try:
            yield
            self.share_nothing()
        finally:
            if self.flight is not None:
                self.flight.cut_off()

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.timings[name] = self.timings.get(name, 0) + round((time.perf_counter() - started) * 1000)

    def waiting_text(self) -> str:
        """What the customer is told when this turn hands them over."""
        return waiting_text(self.asked.profile, self.language, self.at, staffed=self.asked.staffed)

    def ended_by_flow(self, reply: Reply) -> Answer:
        """The answer that a flow gave."""
        self.confirm = reply.confirm
        evidence = {"confirm": reply.confirm.as_json()} if reply.confirm else {}
        more: dict[str, Any] = {"outcome": "handoff", "reason": reply.handoff} if reply.handoff else {}
        return self.ended(
            joined(self.language, reply.text, self.waiting_text()) if reply.handoff else reply.text,
            "flow",
            confidence=1.0,
            sources=reply.sources,
            suggestions=reply.suggestions,
            choices=reply.choices,
            evidence=evidence | ({"reason": reply.handoff} if reply.handoff else {}),
            **more,
        )

    def ended(self, text: str, route: str, **more: Any) -> Answer:
        evidence = {**self.evidence, "timings_ms": self.timings, **more.pop("evidence", {})}
        return Answer(text=text, language=self.language, route=route, evidence=evidence, **more)


def begun(asked: Asked) -> Turn:
    """The turn, with what the message says understood."""
    started = time.perf_counter()
    pairs = [(said.author, said.text) for said in asked.history if said.author != "system"]
    shop = asked.profile
    seen = understand(asked.text, pairs, prior=asked.prior_language, likely=shop.locales, calm=shop.handoff_words_off)
    turn = Turn(asked, seen, now())
    turn.timings["understand"] = round((time.perf_counter() - started) * 1000)
    turn.evidence["understood"] = {
        "language": seen.language,
        "intent": seen.intent,
        "topic": seen.topic,
        "urgent": seen.urgent,
        "sentiment": seen.sentiment,
        "standalone": seen.standalone,
        "suspicious": seen.suspicious,
    }
    return turn
