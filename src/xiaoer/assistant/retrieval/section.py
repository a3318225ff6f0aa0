"""A heading of the shop's texts with all that stands under it."""

from collections.abc import Sequence
from dataclasses import dataclass

from xiaoer.knowledge.articles import HEADING_SEPARATOR as BELOW
from xiaoer.knowledge.hits import Hit


@dataclass(frozen=True)
class Section:
    """What stands under a heading, in order; the heading of a whole article is its title."""

    heading: str
    hits: tuple[Hit, ...]

    @property
    def name(self) -> str:
        """The heading without those above it."""
        return last_of(self.heading, self.hits[0].title)

    @property
    def below(self) -> dict[str, list[Hit]]:
        """The headings one step below, each with what stands under it."""
        found: dict[str, list[Hit]] = {}
        for hit in self.hits:
            if hit.heading.startswith(self.heading + BELOW):
                name = hit.heading.removeprefix(self.heading + BELOW).partition(BELOW)[0]
                found.setdefault(name, []).append(hit)
        return found


def under(heading: str, passages: Sequence[Hit]) -> Section | None:
    """What of an article's passages stands under a heading; None where nothing does that can be quoted."""
    hits = tuple(hit for hit in passages if hit.heading == heading or hit.heading.startswith(heading + BELOW))
    return Section(heading, hits) if any(hit.sentences for hit in hits) else None


def last_of(heading: str, title: str) -> str:
    """A heading without those above it."""
    return heading.removeprefix(title).split(BELOW)[-1].strip() or title


def headings_above(hit: Hit) -> list[str]:
    """The headings that a passage stands under, outermost first."""
    found = [hit.title]
    for part in hit.heading.removeprefix(hit.title).split(BELOW):
        if part:
            found.append(f"{found[-1]}{BELOW}{part}")
    return found
