"""One sentence with all it is judged by."""

from dataclasses import dataclass
from functools import cached_property

from xiaoer.assistant.gate import products
from xiaoer.assistant.gate.backing import Backing
from xiaoer.assistant.gate.nearness import Nearness
from xiaoer.assistant.gate.places import terms_of
from xiaoer.assistant.gate.products import Named, Products
from xiaoer.assistant.gate.sources import quotes
from xiaoer.language.quantities import Reading


@dataclass(frozen=True)
class Context:
    """What went before in the same answer: the figures told, and the products named last."""

    figures: tuple[Reading, ...] = ()
    products: Products = frozenset()


@dataclass(frozen=True)
class Case:
    """A folded sentence, the texts it may rest on, and what is known besides.

    `nearness` tells what parts of the texts are near in meaning, for a sentence in another language than they.
    """

    text: str
    language: str
    shown: Backing
    nearness: Nearness | None = None
    before: Context = Context()

    @cached_property
    def named(self) -> tuple[Named, ...]:
        """The products the sentence names, in order."""
        return tuple(products.named_in(self.text, self.shown))

    @cached_property
    def about(self) -> Products:
        """The products the sentence tells of."""
        if self.named:
            return frozenset().union(*(one.products for one in self.named))
        return self.shown.about | self.before.products

    @cached_property
    def is_off_focus(self) -> bool:
        """Whether the sentence tells only of products that neither are in focus nor were named by the customer."""
        if not self.named or not self.shown.about or self.about & self.shown.about:
            return False
        asked = (one.products for said in self.shown.said for one in products.named_in(said.text, self.shown))
        return not self.about & frozenset().union(*asked)

    @cached_property
    def backing(self) -> Backing:
        """The texts that count for these products."""
        return self.shown.of(self.about)

    @cached_property
    def verbatim(self) -> bool:
        """Whether the sentence stands in one of the texts just as it is."""
        return any(quotes(self.text, one) for one in self.backing.sources)

    @cached_property
    def asked(self) -> frozenset[str]:
        """The content terms of the customer's question."""
        return terms_of(self.shown.said[-1].text) if self.shown.said else frozenset()
