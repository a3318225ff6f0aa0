"""What a shop has set to bring a person before any answer: its own words, sums, repeated contact, and its VIPs.

After a hand-back only what is said from then on counts; who a customer is has been seen by a person already.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Protocol

from xiaoer.assistant.understanding.result import Understanding
from xiaoer.language import quantities
from xiaoer.language.text import fold
from xiaoer.stores import Profile

LONGEST = 4000


def holds_word(profile: Profile, text: str) -> bool:
    """Whether the message holds one of the shop's own words."""
    said = fold(text).casefold()
    return any(word in said for each in profile.handoff_words if (word := fold(each).casefold().strip()))


def sum_named(text: str, language: str) -> Decimal:
    """The largest sum of money in a message, whatever its currency; 0 if there is none."""
    found = quantities.find(text[:LONGEST], language)
    return max((each.value.amount for each in found if each.kind == quantities.MONEY), default=Decimal(0))


def is_vip(profile: Profile, external_id: str | None, facts: Mapping[str, Any]) -> bool:
    """Whether the shop's rule names this customer: by number, or by a fact as in "level=gold"."""
    for rule in profile.handoff_vip:
        name, equals, value = (part.strip() for part in rule.partition("="))
        if equals and str(facts.get(name, "")).casefold() == value.casefold() != "":
            return True
        if not equals and name and name == external_id:
            return True
    return False


class Told(Protocol):
    """What is known of a message beside its words."""

    @property
    def profile(self) -> Profile: ...
    @property
    def text(self) -> str: ...
    @property
    def earlier_topics(self) -> tuple[str, ...]: ...
    @property
    def vip(self) -> bool: ...


def reason_before(asked: Told, seen: Understanding) -> str | None:
    """Why a person should answer this message and not the assistant, if so."""
    profile = asked.profile
    if holds_word(profile, asked.text):
        return "word"
    if asked.vip:
        return "vip"
    cap = profile.handoff_amount
    if cap is not None and sum_named(asked.text, seen.language) >= max(cap, Decimal(1)):
        return "amount"
    if profile.handoff_repeats and asked.earlier_topics.count(seen.topic) >= profile.handoff_repeats:
        return "repeat"
    return None
