"""What a customer in danger is told at once: the shop's own text, or ours with the emergency numbers of the place."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from typing import Final

from babel import Locale

from xiaoer.assistant.asked import Event, Turn
from xiaoer.assistant.events import Text
from xiaoer.assistant.understanding.danger import DangerDetector
from xiaoer.assistant.understanding.intent import is_social
from xiaoer.conversations.handoff import DANGER
from xiaoer.conversations.thread import Answer
from xiaoer.language.phrases import joined, spoken
from xiaoer.patterns import toml
from xiaoer.stores import DangerKind, Profile

_TEXTS = toml("xiaoer.assistant", "safety.toml")
_NUMBERS = toml("xiaoer.assistant", "emergency.toml")
_HOME: Final = {"vi": "VN", "th": "TH", "ja": "JP", "ko": "KR", "id": "ID", "ms": "MY"}
"""Languages spoken in one country: who writes in one is likelier to be there than where the shop sells from."""
_SERVICES: Final[dict[DangerKind, tuple[str, ...]]] = {
    "gas": ("fire",),
    "fire": ("fire",),
    "smoke": ("fire",),
    "battery": ("fire",),
    "self_harm": ("crisis", "ambulance"),
}
"""Whom to call; for all other kinds the ambulance."""


class Safety:
    """The first step of every turn."""

    def __init__(self, detector: DangerDetector) -> None:
        self._detector = detector

    async def learn(self) -> None:
        """Learn now what danger looks like, where that is not known at once."""
        await self._detector.learn()

    async def step(self, turn: Turn) -> Answer | None:
        """Who writes of danger is told what to do and gets a person; who supposes one is told before the answer."""
        asked = turn.asked
        if is_social(asked.text):
            return None
        with turn.timed("danger"):
            danger = await self._detector.find(asked.text, asked.profile.handoff_words_off)
        if danger is None:
            return None
        turn.evidence["danger"] = danger.as_json()
        told = line(asked.profile, turn.language, danger.kind)
        if danger.supposed:
            turn.caution = told
            return None
        text, reason = f"{told}\n{turn.waiting_text()}", DANGER
        return turn.ended(text, "flow", confidence=1.0, outcome="handoff", reason=reason, evidence={"reason": reason})


def line(profile: Profile, language: str, kind: DangerKind) -> str:
    """What to do now, and whom to call, in the customer's language."""
    language = spoken(language)
    return profile.safety.get(kind, {}).get(language) or built_in(profile, language, kind)


def built_in(profile: Profile, language: str, kind: DangerKind) -> str:
    """What a shop that sets nothing tells."""
    text: str = _TEXTS[language][kind]
    return joined(language, text, _call(profile, language, kind))


def alarmed(language: str) -> str:
    """That the staff have been told."""
    text: str = _TEXTS[spoken(language)]["alarmed"]
    return text


async def told_first(turn: Turn, events: AsyncIterator[Event]) -> AsyncGenerator[Event]:
    """The events of a turn, with `turn.caution` before the first words and the answer that is stored."""
    began = not turn.caution
    async for event in events:
        if isinstance(event, Text) and not began:
            began = True
            yield Text(f"{turn.caution}\n\n")
        if isinstance(event, Answer) and turn.caution:
            yield replace(event, text=f"{turn.caution}\n\n{event.text}".strip())
        elif not isinstance(event, Text) or event.delta:
            yield event


def _call(profile: Profile, language: str, kind: DangerKind) -> str:
    texts, region = _TEXTS[language], _HOME.get(language, profile.region)
    known = _NUMBERS.get(region, {})
    numbers = [
        texts[f"numbers_{service}"].format(number=known[service])
        for service in _SERVICES.get(kind, ("ambulance",))
        if service in known
    ]
    if not numbers:
        return str(texts["call_local"])
    separator = "、" if language in ("zh", "ja") else "، " if language == "ar" else ", "
    place = Locale.parse(language).territories.get(region, region)
    return str(texts["call"].format(place=place, numbers=separator.join(numbers)))
