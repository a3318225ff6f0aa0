"""Danger to life or health in a message: gas, fire, an electric shock, something swallowed and the like.

A list of what people say for certain, and a classifier for what they say in other words: either is enough, unless the
classifier is sure that the list took something else for a danger ("burn cream?"). The list alone serves while the
embedder is away. What is only imagined ("what if it ever smokes?") is told apart.
"""

import asyncio
import contextlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np

from xiaoer.assistant.understanding import concern, danger_learnt
from xiaoer.assistant.understanding.danger_learnt import HARMLESS, KINDS, Learnt, digest
from xiaoer.assistant.understanding.intent import folded
from xiaoer.knowledge.embedding import LONGEST_QUERY, Embedder, EmbedderUnavailable
from xiaoer.language import sentences
from xiaoer.patterns import lazy, toml
from xiaoer.stores import DangerKind

EXAMPLES: Final[Mapping[str, Sequence[str]]] = toml("xiaoer.assistant.understanding", "danger_examples.toml")
"""Texts by kind, and harmless ones."""
_TABLE = toml("xiaoer.assistant.understanding", "danger.toml")
_OVERRULED: Final = -0.4
"""Sureness of the classifier up to which it is believed that the list is wrong. Of a thousand dangers among the
examples that the list finds it costs three, each left out of the learning; of what else the list finds, half goes."""
_MOST_SENTENCES: Final = 8
"""Sentences of one message that the classifier looks at; the list looks at all."""


def _patterns(part: str, kind: str = "patterns") -> re.Pattern[str]:
    return lazy(lambda: "|".join(f"(?:{one})" for one in _TABLE[part][kind]))


_HAPPENS = {kind: _patterns("happens", kind) for kind in KINDS}
_HARMLESS = _patterns("harmless")
_SUPPOSED = _patterns("supposed")


@dataclass(frozen=True)
class Danger:
    """What somebody is in danger of, and what showed it. `supposed`: they only ask what if."""

    kind: DangerKind
    found_by: str
    supposed: bool = False

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "found_by": self.found_by, "supposed": self.supposed}


@cache
def examples() -> Mapping[str, Sequence[str]]:
    """What the classifier learns from: `EXAMPLES`; harmless is also what else concerns customers."""
    otherwise = [text for texts in concern.lesson().examples.values() for text in texts]
    return {**EXAMPLES, HARMLESS: (*EXAMPLES[HARMLESS], *otherwise)}


class DangerDetector:
    """Finds danger with this embedder, of which it knows at once, or learns, what danger looks like."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._learning = asyncio.Lock()

    async def learn(self) -> None:
        """Learn now, so that no customer waits for it; with the embedder away it is left to the first who asks."""
        with contextlib.suppress(EmbedderUnavailable):
            await self._learnt()

    async def find(self, text: str, off: Collection[str] = ()) -> Danger | None:
        """The gravest danger that a message tells of, one that is there before one that is supposed.

        `off`: words that mean nothing of the kind in this shop.
        """
        said, listed = await asyncio.to_thread(_listed, text, off)
        if not said:
            return None
        units = _units(said)
        try:
            learnt = await self._learnt()
            vectors = np.stack(await asyncio.gather(*map(self._embedder.query, units)))
        except EmbedderUnavailable:
            return _gravest([found for _, found in listed])
        judged = dict(zip(units, learnt.judge(vectors), strict=True))
        surest = judged[units[0]].sureness  # of the message as a whole
        dangers = [
            found for one, found in listed if one not in judged or max(judged[one].sureness, surest) > _OVERRULED
        ]
        for unit, each in judged.items():
            if each.sureness > 0 or each.supposed:
                supposed = each.sureness <= 0 or _is_supposed(unit, each.kind)
                dangers.append(Danger(each.kind, f"examples: {each.sureness:+.2f}", supposed))
        return _gravest(dangers)

    async def _learnt(self) -> Learnt:
        async with self._learning:
            if self._embedder not in _LEARNT:
                ready = await asyncio.to_thread(danger_learnt.packaged)
                fits = ready.embedder == self._embedder.name
                _LEARNT[self._embedder] = (
                    ready if fits else await danger_learnt.learn(self._embedder, examples(), digest(EXAMPLES))
                )
            return _LEARNT[self._embedder]


_LEARNT: WeakKeyDictionary[Embedder, Learnt] = WeakKeyDictionary()
"""What is learnt depends on the embedder alone; a process learns it once for each."""


def _units(said: Sequence[str]) -> list[str]:
    """What the classifier looks at: the message, and its sentences; of a long one the first, for each takes a while."""
    lengths = accumulate(map(len, said[:_MOST_SENTENCES]))
    first = [one for one, reached in zip(said, lengths, strict=False) if reached <= LONGEST_QUERY]
    return list(dict.fromkeys([" ".join(said)[:LONGEST_QUERY], *first]))


def in_list(sentence: str) -> Danger | None:
    """The gravest danger that the list finds in one sentence."""
    words = _HARMLESS.sub(" · ", folded(sentence))
    for kind, pattern in _HAPPENS.items():
        if (found := pattern.search(words)) is not None:
            return Danger(kind, f"list: {found.group().strip()}", _is_supposed(sentence, kind))
    return None


def _is_supposed(sentence: str, kind: DangerKind) -> bool:
    """Whether a sentence speaks of what might be; who makes their own life a condition is believed."""
    return kind != "self_harm" and _SUPPOSED.search(folded(sentence)) is not None


def _gravest(found: Sequence[Danger]) -> Danger | None:
    return min(found, key=lambda each: (each.supposed, KINDS.index(each.kind)), default=None)


def _listed(text: str, off: Collection[str]) -> tuple[list[str], list[tuple[str, Danger]]]:
    """The sentences of a message, and those in which the list finds something, with it."""
    for word in filter(None, map(str.strip, off)):
        text = re.sub(re.escape(word), " ", text, flags=re.IGNORECASE)
    said = [one for each in sentences.split(text) if (one := each.strip())]
    return said, [(one, found) for one in said if (found := in_list(one)) is not None]
