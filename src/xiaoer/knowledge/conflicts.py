"""Published articles that say different figures about the same matter, such as 7 and 15 days for a return.

It is told by rules, so that it is the same every time and needs no model: a clause with a figure and its unit, the
matters it is about, and what is left of its words. Two clauses of different articles contradict each other when they
are about the same matters in the same kind of unit, share no figure, and their other words do not name different
things. It is a hint for a person, who reads both sides.
"""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from itertools import combinations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from xiaoer.knowledge.articles import holds
from xiaoer.knowledge.tables import Article, Passage
from xiaoer.language import quantities
from xiaoer.language.quantities import Reading
from xiaoer.language.text import fold
from xiaoer.patterns import lazy, toml

_TABLE = toml("xiaoer.knowledge", "conflicts_words.toml")
HOURS = {"hour": 1, "day": 24, "workday": 24, "week": 168, "month": 720, "year": 8760}
SHARES = frozenset({"percent", "discount", "of_price"})


@cache
def _matters() -> tuple[tuple[str, str], ...]:
    rows = ((word, name) for name, words in _TABLE["matters"].items() for word in words)
    return tuple(sorted(rows, key=lambda each: -len(each[0])))


@cache
def _general() -> tuple[str, ...]:
    return tuple(sorted(_TABLE["general"]["words"], key=len, reverse=True))


CLAUSES = lazy(r"[，；、。！？]|[,;!?]\s|\.\s|\n")
WORDS = lazy(r"[a-z]{2,}|[^\W\d_a-z]{2,}")
MOST_CLAIMS = 4000
MOST_SHOWN = 50


@dataclass(frozen=True)
class Claim:
    """One figure of one article: the sentence it stands in, what it is about, and its values by kind of unit."""

    article_id: uuid.UUID
    title: str
    locale: str
    sentence: str
    matters: frozenset[str]
    kind: str
    values: frozenset[Decimal]
    others: frozenset[str]
    product_ids: frozenset[str]


@dataclass(frozen=True)
class Clash:
    """Two claims that do not go together."""

    one: Claim
    other: Claim


async def clashes(session: AsyncSession, store_id: uuid.UUID, at: datetime) -> list[Clash]:
    """The contradictions among what the store tells its customers at a moment."""
    query = (
        sa.select(Passage.article_id, Article.title, Article.locale, Passage.sentences, Passage.product_ids)
        .join(Article, Article.id == Passage.article_id)
        .where(Passage.store_id == store_id, *holds(at))
        .order_by(Article.created_at, Passage.position)
    )
    claims: list[Claim] = []
    for row in await session.execute(query):
        for sentence in row.sentences:
            claims += claims_of(
                sentence, article_id=row.article_id, title=row.title, locale=row.locale, products=row.product_ids
            )
        if len(claims) > MOST_CLAIMS:
            break
    return contradictions(claims)


def contradictions(claims: Sequence[Claim]) -> list[Clash]:
    """Pairs of claims of different articles that do not go together, one pair for two articles and a matter."""
    alike: dict[tuple[str, frozenset[str], str], list[Claim]] = defaultdict(list)
    for claim in claims:
        alike[claim.locale.partition("-")[0], claim.matters, claim.kind].append(claim)
    found: dict[tuple[uuid.UUID, uuid.UUID, frozenset[str]], Clash] = {}
    for group in alike.values():
        for one, other in combinations(group, 2):
            if _clash(one, other):
                found.setdefault((one.article_id, other.article_id, one.matters), Clash(one, other))
    return list(found.values())[:MOST_SHOWN]


def claims_of(
    sentence: str, *, article_id: uuid.UUID, title: str, locale: str, products: Sequence[str] = ()
) -> Iterator[Claim]:
    """The figures of a sentence. A clause that names no matter is about those of its sentence."""
    folded = fold(sentence).lower()
    whole, _ = _about(folded)
    for clause in CLAUSES.split(folded):
        figures = quantities.readings(clause, locale.partition("-")[0], strict=True)
        values: dict[str, set[Decimal]] = defaultdict(set)
        for each in figures:
            if (kind := _kind(each)) is not None:
                values[kind] |= _in_base(each)
        matters, others = _about(_without(clause, figures)) if values else (frozenset(), frozenset())
        if not (matters or whole):
            continue
        for kind, numbers in values.items():
            yield Claim(
                article_id, title, locale, sentence, matters or whole, kind, frozenset(numbers), others,
                frozenset(products),
            )  # fmt: skip


def _clash(one: Claim, other: Claim) -> bool:
    if one.article_id == other.article_id or one.values & other.values:
        return False
    if bool(one.product_ids) != bool(other.product_ids):  # a product's own rule stands beside the general one
        return False
    if one.product_ids and not one.product_ids & other.product_ids:
        return False
    return not (one.others and other.others and not one.others & other.others)


def _kind(found: Reading) -> str | None:
    """What a figure counts, where rules differ by it: a time, a sum in one currency, a share."""
    if not found.units:
        return None
    unit = found.units[0]
    if unit.dimension == "money":
        return f"money {unit.name}"
    return "time" if unit.name in HOURS else "share" if unit.name in SHARES else None


def _in_base(found: Reading) -> set[Decimal]:
    """The values in hours for times, as they stand for sums and shares."""
    factor = HOURS.get(found.units[0].name, 1)
    return {value * factor for value in found.values}


def _without(clause: str, found: Sequence[Reading]) -> str:
    """The clause with blanks in place of its figures and their units."""
    left = clause
    for each in found:
        left = left[: each.start] + " " * (each.end - each.start) + left[each.end :]
    return left


def _about(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The matters of a folded text, and what else it names: words, and pairs of letters where words are not spaced."""
    matters = set()
    left = text
    for word, name in _matters():
        if word.isascii():
            pattern = rf"\b{re.escape(word)}\b"
            if re.search(pattern, left):
                matters.add(name)
                left = re.sub(pattern, " ", left)
        elif word in left:
            matters.add(name)
            left = left.replace(word, " ")
    for word in (each for each in _general() if not each.isascii()):
        left = left.replace(word, " ")
    others: set[str] = set()
    for word in WORDS.findall(left):
        if word.isascii():
            others |= {word}.difference(_general())
        else:
            others |= {word[at : at + 2] for at in range(len(word) - 1)}
    return frozenset(matters), frozenset(others)
