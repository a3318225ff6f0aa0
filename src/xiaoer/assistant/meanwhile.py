"""What the assistant does for a customer who waits for a person.

New questions are answered as far as something backs them; the matter itself, and what nothing backs, is kept for the
person; who asks about the wait is told how it stands. With every reply the customer hears when somebody comes, and may
go on with the assistant or wait.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from xiaoer.assistant import contacts
from xiaoer.assistant.asked import Asked, Turn
from xiaoer.assistant.escalation import FURIOUS
from xiaoer.assistant.understanding.result import asks
from xiaoer.assistant.understanding.wait import Waits
from xiaoer.assistant.waiting import still_waiting
from xiaoer.conversations.handoff import owner_while_waiting
from xiaoer.conversations.thread import Answer
from xiaoer.db.record import now
from xiaoer.language import normal, sentences
from xiaoer.language.contacts import Contact, is_unfinished
from xiaoer.language.phrases import joined, languages, phrase
from xiaoer.stores import Profile

GO_ON, WAIT = "go_on", "wait_for_person"
ASKS_NOTHING = frozenset({"greeting", "affirm", "deny", "emoji", "empty"})
"""Purposes of messages to which somebody who waits is told how that stands."""
MOST_OTHERS = 4
"""Quick replies of the answer itself that stand before the two choices."""


def choices(profile: Profile, language: str) -> tuple[str, ...]:
    """What somebody who waits may choose, as quick replies; nothing in a shop whose assistant is silent meanwhile."""
    if owner_while_waiting(profile) == "staff":
        return ()
    return phrase(GO_ON, language), phrase(WAIT, language)


def is_choice(text: str) -> bool:
    """Whether a message takes one of the two choices."""
    return normal.key(text) in _choices_by_key()


async def chosen(turn: Turn) -> Answer | None:
    """Who takes one of the two choices goes on with the assistant, or waits."""
    choice, language = _choices_by_key().get(normal.key(turn.asked.text), (None, turn.language))
    turn.seen = replace(turn.seen, language=language)  # two words may be taken for another language; a choice is ours
    if choice == GO_ON:
        return _went_on(turn)
    if choice is None:
        return None
    if turn.asked.waiting is None:
        return turn.ended(turn.waiting_text(), "flow", outcome="handoff", reason="asked", evidence={"reason": "asked"})
    return _status(turn)


async def kept(turn: Turn, waits: Waits | None) -> Answer | None:
    """What is no question to the shop: a contact, words about the wait, and what is for the person alone."""
    if turn.asked.waiting is None:
        return None
    asked = turn.asked
    found = await asyncio.to_thread(contacts.left_in, asked.text, turn.language, asked.profile.region)
    said = [asked.text] if found is None else [one for one in sentences.split(found.rest) if asks(one)]
    return _contact(turn, found) or await _about_the_wait(turn, said, waits) or _for_the_person(turn)


async def _about_the_wait(turn: Turn, said: Sequence[str], waits: Waits | None) -> Answer | None:
    """Who asks how the wait stands is told; who waits no longer goes on with the assistant."""
    if waits is None or turn.seen.urgent:
        return None
    about = {await waits.find(one) for one in said}
    if about == {"go_on"}:
        return _went_on(turn)
    return _status(turn) if about == {"status"} and not _complains(turn) else None


def _for_the_person(turn: Turn) -> Answer | None:
    """The complaint, and what has gone wrong; words that ask nothing are told how it stands."""
    asked, seen = turn.asked, turn.seen
    if seen.urgent or _wants_one(turn):
        return None
    if seen.intent in ASKS_NOTHING:
        return _status(turn)
    if not _complains(turn):
        return None
    text = _kept(asked, turn.language)
    return turn.ended(text, "flow", outcome="handoff", reason=asked.waiting, evidence={"reason": asked.waiting})


def _wants_one(turn: Turn) -> bool:
    return turn.concern is not None and turn.concern.kind == "person"


def _complains(turn: Turn) -> bool:
    """Whether the message is about what the person is to see to, and asks nothing besides."""
    seen, concern = turn.seen, turn.concern
    if concern is None or _wants_one(turn):
        return seen.sentiment <= FURIOUS
    return concern.kind != "complaint" or not seen.parts


def _contact(turn: Turn, found: Contact | None) -> Answer | None:
    """Who leaves a number or an address is reached there; whatever else the message asks is still answered."""
    asked = turn.asked
    if found is None:
        if not (asked.contact_asked or "@" in asked.text) or not is_unfinished(asked.text):
            return None
        return turn.ended(phrase("contact_wrong", turn.language), "flow", confidence=1.0, evidence={"status": True})
    turn.evidence["contact"] = contacts.as_evidence(found)
    if turn.seen.urgent or _complains(turn) or asks(found.rest):
        return None
    text = contacts.read_back(turn.evidence, turn.language)
    return turn.ended(text, "flow", confidence=1.0, evidence={"status": True})


def told(asked: Asked, answer: Answer) -> tuple[Answer, str]:
    """An answer to somebody who waits, with how that stands and the two choices, and the words that this added."""
    kept = f"\n{contacts.read_back(answer.evidence, answer.language)}" if "contact" in answer.evidence else ""
    if answer.outcome != "done" or "went_on" in answer.evidence:
        return replace(answer, text=answer.text + kept), kept
    others = [each for each in answer.suggestions if each != phrase("talk_to_person", answer.language)]
    answer = replace(
        answer,
        evidence={**answer.evidence, "waiting": asked.waiting},
        suggestions=(*others[:MOST_OTHERS], *choices(asked.profile, answer.language)),
    )
    if "status" in answer.evidence:
        added = "" if kept.strip() in answer.text else kept
        return replace(answer, text=answer.text + added), added
    if answer.route in ("refuse", "reading"):
        added = "\n" + _kept(asked, answer.language) + kept
        return replace(answer, text=answer.text + added, outcome="handoff", reason=asked.waiting), added
    added = "\n\n" + _stands(asked, answer.language) + kept
    evidence = {**answer.evidence, "added": added}
    return replace(answer, text=answer.text + added, evidence=evidence), added


def _went_on(turn: Turn) -> Answer:
    return turn.ended(phrase("went_on", turn.language), "flow", confidence=1.0, evidence={"went_on": True})


def _status(turn: Turn) -> Answer:
    text = _stands(turn.asked, turn.language)
    return turn.ended(text, "flow", confidence=1.0, evidence={"status": True})


def _kept(asked: Asked, language: str) -> str:
    """That a person will answer this; where nobody is there, the ticket that is told as well says that it is kept."""
    kept = phrase("kept_for_person", language) if asked.staffed else ""
    return joined(language, kept, _stands(asked, language))


def _stands(asked: Asked, language: str) -> str:
    return still_waiting(asked.profile, language, now(), staffed=asked.staffed)


@cache
def _choices_by_key() -> dict[str, tuple[str, str]]:
    """Which choice it is and in which language, by the key of its words."""
    return {
        normal.key(phrase(choice, language)): (choice, language) for language in languages() for choice in (GO_ON, WAIT)
    }
