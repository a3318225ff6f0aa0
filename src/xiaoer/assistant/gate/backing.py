"""What stands behind an answer: the passages shown, tool results, the shop's own facts, and what the customer said."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from xiaoer.assistant.gate.sources import Source, source

PATH = " › "
"""Between the title of an article and its headings."""


@dataclass(frozen=True)
class Passage:
    """A passage as the writer sees it: its text, the title and headings above it, and the products it is about."""

    text: str
    heading: str = ""
    products: frozenset[str] = frozenset()
    locale: str | None = None

    @property
    def title(self) -> str:
        """The name of the article, which is that of the product where it is about one."""
        return self.heading.split(PATH, 1)[0]


@dataclass(frozen=True)
class Backing:
    """The texts an answer may rest on. `done` names the actions really done in this turn ('cancel', 'refund' …).

    `customer` is what the customer wrote, the newest last: it backs only harmless repeats. `about` are the products
    the answer is about where it names none: what stands only in texts of other products does not count for it.
    `locale` is the passages' language where it is known; it is detected per text otherwise.
    """

    passages: tuple[Passage, ...] = ()
    tools: tuple[str, ...] = ()
    shop: tuple[str, ...] = ()
    customer: tuple[str, ...] = ()
    done: frozenset[str] = frozenset()
    about: frozenset[str] = frozenset()
    locale: str | None = None

    @cached_property
    def read(self) -> tuple[Source, ...]:
        """The passages, read, in their order."""
        return tuple(source(one.text, one.locale or self.locale, one.heading) for one in self.passages)

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """Everything that may be relied on, read."""
        return (*self.read, *(source(text, self.locale) for text in (*self.tools, *self.shop)))

    @cached_property
    def said(self) -> tuple[Source, ...]:
        """The customer's own messages, read."""
        return tuple(source(text) for text in self.customer)

    @cached_property
    def results(self) -> tuple[Source, ...]:
        """What tools answered, read."""
        return tuple(source(text) for text in self.tools)

    @cached_property
    def cited(self) -> tuple[Source, ...]:
        """Passages and tool results; the shop's own facts only where there is nothing else."""
        return self.sources[: len(self.passages) + len(self.tools)] or self.sources

    def speaking(self, language: str) -> tuple[Source, ...]:
        """The texts in `language`, with which words can be compared."""
        return tuple(one for one in self.sources if akin(one.language, language))

    def foreign(self, language: str) -> tuple[Source, ...]:
        """The passages and results in other languages, with which only meaning can be compared."""
        return tuple(one for one in self.cited if not akin(one.language, language))

    def mostly(self, language: str) -> bool:
        """Whether what was cited is in `language`: then words decide."""
        return 2 * sum(akin(one.language, language) for one in self.cited) >= len(self.cited) > 0

    def of(self, products: frozenset[str]) -> "Backing":
        """The same without the passages that are only about other products; all of it where none is named."""
        if not products or not any(one.products - products for one in self.passages):
            return self
        known = self._narrowed.get(products)
        if known is None:
            kept = tuple(one for one in self.passages if not one.products or one.products & products)
            known = self._narrowed[products] = replace(self, passages=kept)
        return known

    _narrowed: dict[frozenset[str], "Backing"] = field(default_factory=dict, init=False, compare=False, repr=False)

    @cached_property
    def signs(self) -> frozenset[tuple[str, int]]:
        """The ideas the texts name, with their signs."""
        return frozenset().union(*(clause.signs() for one in self.sources for clause in one.clauses))


def backing(
    passages: Iterable[Passage | str] = (),
    *,
    tools: Iterable[str] = (),
    shop: Iterable[str] = (),
    customer: Iterable[str] = (),
    done: Iterable[str] = (),
    about: Iterable[str] = (),
    locale: str | None = None,
) -> Backing:
    """A `Backing` of any iterables; a passage given as mere text is about no product in particular."""
    shown = tuple(Passage(one) if isinstance(one, str) else one for one in passages)
    return Backing(shown, tuple(tools), tuple(shop), tuple(customer), frozenset(done), frozenset(about), locale)


def akin(one: str, other: str) -> bool:
    """Whether two languages share their words."""
    return one == other or {one, other} <= {"id", "ms"}
