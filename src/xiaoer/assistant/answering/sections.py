"""Sections of the shop's texts: told whole, or by their main points with what is below them as quick replies, and named
where nothing answers.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace

from xiaoer.assistant.answering.answer_filters import legible
from xiaoer.assistant.answering.reading import CLOSE, Quote, Reading
from xiaoer.assistant.asked import Turn
from xiaoer.assistant.retrieval import words
from xiaoer.assistant.retrieval.evidence import LOOKED_AT
from xiaoer.assistant.retrieval.section import Section, headings_above, last_of, under
from xiaoer.assistant.understanding.focus import Focus
from xiaoer.assistant.understanding.result import asks
from xiaoer.assistant.untrusted import trusted
from xiaoer.knowledge.articles import HEADING_SEPARATOR as BELOW
from xiaoer.knowledge.hits import Hit
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.language import concepts, normal
from xiaoer.patterns import lazy

FAR = 0.05
"""Confidence below which nothing is near."""
NEAR = 0.25
"""Nearness in meaning, from 0 to 1, below which a text has nothing to do with the question."""
FOUND = 8
MOST_NEAREST = 3
MOST_SECTIONS = 6
MOST_POINTS = 4
OPENED_ROOM = 1200
"""Characters of Han up to which a section that was chosen is told whole; twice as many letters."""
LONGEST_TOPIC = 10.0
"""What a bare topic is long at most, in characters of Han."""
BEYOND = 0.5
"""Share of a heading that a topic may leave unsaid: 退货 of 退货政策."""
_WIDE = lazy("[\u2e80-\u9fff\uac00-\ud7a3]")
_LONGEST_TITLE = 16


def offer(hits: Iterable[Hit], *, most: int = MOST_NEAREST, in_focus: bool = False) -> tuple[dict[str, str], ...]:
    """The sections in which hits stand, each once, under names that tell them apart: (passage_id, title) each.

    `in_focus`: all are of one text, so that its title goes without saying.
    """
    first: dict[str, Hit] = {}
    for hit in hits:
        if hit.kind != "question":
            first.setdefault(hit.heading or hit.title, hit)
    chosen = list(first.values())[:most]
    found: dict[str, dict[str, str]] = {}
    for hit in chosen:
        name = last_of(hit.heading, hit.title)
        if name != hit.title and not in_focus:
            title = hit.title if len(hit.title) <= _LONGEST_TITLE else f"{hit.title[: _LONGEST_TITLE - 1].rstrip()}…"
            name = f"{title}{BELOW}{name}"
        found.setdefault(normal.key(name), {"passage_id": str(hit.passage_id), "title": name})
    return tuple(found.values())


def nearest(turn: Turn, reading: Reading) -> tuple[dict[str, str], ...]:
    """The sections that come nearest to a question that nothing answers; none where nothing is near."""
    if reading.confidence < FAR or turn.seen.suspicious or turn.caution:
        return ()
    leading = reading.leading[:LOOKED_AT]
    hits = [
        each.hit for each in leading if not each.beside and each.near >= NEAR and each.score >= leading[0].score - CLOSE
    ]
    if turn.focus.source == "unknown":  # what stands of another product is not told for the one that is asked about
        hits = [hit for hit in hits if not hit.product_ids]
    return offer(hits)


async def chosen(turn: Turn, knowledge: Knowledge) -> Section | None:
    """The section that was offered with the last answer under the very words of this message."""
    key = normal.key(turn.asked.text)
    for each in turn.asked.offered:
        if key == normal.key(each["title"]):
            passages = [trusted(hit) for hit in await _beside(turn, knowledge, uuid.UUID(each["passage_id"]))]
            heading = next((hit.heading for hit in passages if str(hit.passage_id) == each["passage_id"]), None)
            return under(heading, passages) if heading is not None else None
    return None


async def named(turn: Turn, knowledge: Knowledge) -> Section | None:
    """The section whose heading a message is that asks nothing: 退货政策, "return policy"."""
    text = turn.asked.text.strip()
    seen = turn.seen
    bare = (
        _size(text) <= LONGEST_TOPIC and len(seen.parts) <= 1 and not asks(text.rstrip("?？ ")) and not seen.follows_up
    )
    if not bare or seen.intent != "question" or seen.urgent or seen.suspicious:
        return None
    products = turn.focus.products
    asked = turn.focus.rest if products and turn.focus.source == "message" else text
    if len(products) > 1 or turn.focus.choices or turn.focus.unknown or not words.weight(asked):
        return None
    store_id = turn.asked.store_id
    with turn.timed("search"):
        hits = await knowledge.about(store_id, products, asked, locale=turn.language, at=turn.at) if products else []
        found = await knowledge.search(store_id, asked, k=FOUND, locale=turn.language, at=turn.at, product_ids=products)
    general = [hit for hit in found if not hit.product_ids]
    for some in (hits, general):
        readable = legible(some, turn.language, turn.asked.profile.locales[0])
        if (best := await _headed(asked, readable, knowledge)) is not None:
            heading, hit = best
            passages = await _beside(turn, knowledge, hit.passage_id)
            return under(heading, [trusted(each) for each in passages])
    return None


async def _headed(text: str, hits: Sequence[Hit], knowledge: Knowledge) -> tuple[str, Hit] | None:
    """Of the headings above the hits the one that a text names, the likest in meaning where several are named."""
    above: dict[str, Hit] = {}
    for hit in hits:
        for heading in headings_above(hit) if hit.kind != "question" else ():
            if names(text, last_of(heading, hit.title)):
                above.setdefault(heading, hit)
    if len(above) < 2:  # noqa: PLR2004 -- nothing to choose from
        return next(iter(above.items()), None)
    rows = await knowledge.likeness([text], [last_of(heading, hit.title) for heading, hit in above.items()])
    likeness = dict(zip(above, rows[0], strict=True)) if rows else {}
    best = max(above, key=lambda heading: (likeness.get(heading, 0.0), -heading.count(BELOW)))
    return best, above[best]


def is_named(turn: Turn, section: Section) -> bool:
    """Whether the message is the heading, word for word."""
    return normal.key(turn.asked.text) == normal.key(section.name)


def names(text: str, heading: str) -> bool:
    """Whether a text says a heading and nothing else; in another language, whether both name the same matters.

    Of a question in another language it is not known how much more it says.
    """
    if normal.key(text) == normal.key(heading):
        return True
    if words.unexplained(heading, text) > BEYOND:
        return False
    matters = concepts.asked(heading)
    return words.unexplained(text, heading) == 0 or (
        bool(matters)
        and matters <= concepts.asked(text)
        and _is_wide(text) != _is_wide(heading)
        and text[-1] not in "?？"
    )


def told(section: Section, *, room: int) -> tuple[Reading, tuple[dict[str, str], ...]]:
    """A section as it is quoted, and what is below it where only its main points are.

    Up to `room` all of it is told; of more, its beginning and the beginning of each section below.
    """
    below = section.below
    own = [hit for hit in section.hits if hit.heading == section.heading]
    whole = [_quote(hit, *(each.text for each in hit.sentences)) for hit in section.hits if hit.sentences]
    size = sum(len(quote.text) for quote in whole) / (1 if _is_wide(section.hits[0].text) else 2)
    if size <= room or not below:
        quotes = [replace(quote, label=_step(section, hit)) for quote, hit in zip(whole, section.hits, strict=False)]
        return _reading(_within(quotes, room)), ()
    points = [_quote(hit, hit.sentences[0].text) for hit in own[:1] if hit.sentences]
    for name, hits in below.items():
        first = next((hit for hit in hits if hit.sentences), None)
        if first is not None and len(points) < MOST_POINTS:
            points.append(replace(_quote(first, first.sentences[0].text), label=name))
    firsts = [hits[0] for hits in below.values()]
    return _reading(points), offer(
        [replace(hit, heading=f"{section.heading}{BELOW}{name}") for name, hit in zip(below, firsts, strict=True)],
        most=MOST_SECTIONS,
        in_focus=True,
    )


def meant(turn: Turn, section: Section) -> Focus:
    """What is spoken of from now on: the product whose text the section is of, or what was spoken of before."""
    products = section.hits[0].product_ids
    if len(products) != 1 or products == turn.focus.products:
        return turn.focus
    considered = (*(each for each in turn.focus.considered if each not in products), *products)
    return replace(turn.focus, products=products, source="thread", choices=(), considered=considered, titles={})


async def _beside(turn: Turn, knowledge: Knowledge, passage_id: uuid.UUID) -> list[Hit]:
    return await knowledge.article_of(turn.asked.store_id, passage_id, at=turn.at)


def _step(section: Section, hit: Hit) -> str:
    """The heading over a part of a section that is told whole, where it begins."""
    first = next(each for each in section.hits if each.heading == hit.heading)
    return last_of(hit.heading, hit.title) if hit.heading != section.heading and first is hit else ""


def _size(text: str) -> float:
    """How long a text is, in characters of Han."""
    wide = sum(_is_wide(character) for character in text)
    return wide + (len(text) - wide) / words.LETTERS_PER_HAN


def _is_wide(text: str) -> bool:
    return _WIDE.search(text) is not None


def _quote(hit: Hit, *lines: str) -> Quote:
    return Quote("\n".join(lines), hit.text, hit.passage_id, hit.article_id, hit.title, hit.locale, hit.url)


def _within(quotes: Sequence[Quote], room: int) -> list[Quote]:
    """The quotes from the first on as far as there is room, the first always."""
    kept: list[Quote] = []
    left = float(room)
    for quote in quotes:
        left -= len(quote.text) / (1 if _is_wide(quote.text) else 2)
        if kept and left < 0:
            break
        kept.append(quote)
    return kept


def _reading(quotes: Sequence[Quote]) -> Reading:
    return Reading(tuple(quotes), 1.0, answerable=True)
