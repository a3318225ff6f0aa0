"""What a message that nothing answers may have wanted, offered as something to tap; what it does is for the rules.

The rules come first and know what they know for certain. Where they are silent and nothing backs an answer, a
classifier learnt from `wishes.toml` guesses. A guess does nothing by itself: the customer sees it as a quick reply,
and a change still waits for their yes.
"""

import asyncio
import contextlib
import uuid
from weakref import WeakKeyDictionary

import numpy as np

from xiaoer.assistant.classifier import Classifier
from xiaoer.knowledge.embedding import Embedder, EmbedderUnavailable
from xiaoer.patterns import lazy_table, toml
from xiaoer.tools.calling import CommerceOf

_TABLE = toml("xiaoer.assistant", "wishes.toml")
SAYINGS = lazy_table(lambda: {kind: row.get("say", {}) for kind, row in _TABLE.items()})
"""What is offered for each kind of wish, by language."""


OTHER = "other"
_LEARNT: WeakKeyDictionary[Embedder, Classifier] = WeakKeyDictionary()
"""What is learnt depends on the embedder alone; a process learns it once for each."""


class Wishes:
    """Learns from the examples when it is first asked, or told to; it takes about two seconds."""

    def __init__(self, embedder: Embedder, commerce_of: CommerceOf) -> None:
        self._embedder = embedder
        self._commerce_of = commerce_of
        self._learning = asyncio.Lock()

    async def learn(self) -> None:
        """Learn now, so that no customer waits for it; with the embedder away it is left to the first who asks."""
        with contextlib.suppress(EmbedderUnavailable):
            await self._learnt()

    async def kind_of(self, text: str) -> str | None:
        """The kind of wish that `text` is likely to be; None where nothing is likely enough, or not yet learnt."""
        if self._learning.locked():
            return None
        try:
            classifier = await self._learnt()
            guess = classifier.guess([text], np.stack([await self._embedder.query(text)]))[0]
        except EmbedderUnavailable:
            return None
        return guess.label if guess.is_sure and guess.label != OTHER else None

    async def offer(self, store_id: uuid.UUID, text: str, language: str) -> tuple[str, ...]:
        """What to offer beside a refusal of `text`: nothing, or one sentence in the customer's language.

        A shop whose orders we do not know has none of them to offer.
        """
        if await self._commerce_of(store_id) is None:
            return ()
        kind = await self.kind_of(text)
        said = SAYINGS[kind].get(language) if kind else None
        return (said,) if said else ()

    async def _learnt(self) -> Classifier:
        async with self._learning:
            if self._embedder not in _LEARNT:
                pairs = [(example, kind) for kind, row in _TABLE.items() for example in row["examples"]]
                texts, labels = [text for text, _ in pairs], [kind for _, kind in pairs]
                vectors = np.stack([await self._embedder.query(text) for text in texts])
                _LEARNT[self._embedder] = await asyncio.to_thread(Classifier, texts, labels, vectors)
            return _LEARNT[self._embedder]
