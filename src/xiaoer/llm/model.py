"""What every language model is to the rest of the house, and the ways it can fail to answer."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol

from xiaoer.errors import Unavailable
from xiaoer.llm.messages import Generation, Message, StreamEvent


class ModelUnavailable(Unavailable):
    """The model gave no answer; its subclasses say in which way."""


class ModelUnreachable(ModelUnavailable):
    """Nothing answers at the model's address, or the connection broke."""


class ModelTooSlow(ModelUnavailable):
    """The model took longer than it may for the first token, between tokens, or for the whole answer."""


class ModelRefused(ModelUnavailable):
    """The server answered with an error: wrong key, unknown model, overload, too long a prompt."""


class PromptRefused(ModelRefused):
    """The server does not accept this request; others may still be answered."""


class ModelBusy(ModelUnavailable):
    """As many are being answered already as this model can serve in good time."""


class ModelGarbage(ModelUnavailable):
    """The server's answer cannot be understood."""


class ModelCutOff(ModelUnavailable):
    """The stream stopped in the middle, without an end."""


@dataclass(frozen=True)
class Health:
    """Whether the model answers, in words for the operator, and which models its server names."""

    ok: bool
    detail: str
    models: tuple[str, ...] = ()


class Model(Protocol):
    """A language model. Every failure is a `ModelUnavailable`; closing a stream early stops the generation."""

    @property
    def name(self) -> str:
        """The model's name, for logs and answers' records."""
        ...

    def stream(self, messages: Sequence[Message], generation: Generation) -> AsyncGenerator[StreamEvent]:
        """Yield text and thinking as it is generated, then one `Finished`.

        A reader who may leave early holds it in `contextlib.aclosing`, so that the server stops at once.
        """
        ...

    async def choose(self, messages: Sequence[Message], options: Sequence[str]) -> list[float]:
        """Return the natural log of each option's probability to come next, normalised over the options.

        Options are short and differ in their first token ("1" … "9", "A" … "F"); nothing is decoded beyond it.
        """
        ...

    async def beginnings(self, messages: Sequence[Message]) -> dict[str, float]:
        """Return the likeliest first tokens of the answer, each with the natural log of its probability.

        Where the server tells no probabilities, the one token it generates stands alone with 0. Empty for a model
        that thinks first.
        """
        ...

    async def check(self) -> Health:
        """Ask the server whether it and the model are there; it never raises."""
        ...
