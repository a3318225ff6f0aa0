"""Whether goods may be sent somewhere: what the shop's texts say of it goes before the fee that a flow tells.

Nearness alone does not show it, and a fee is near to every such question. So a sentence counts that speaks of sending,
also by the heading above it, and names the goods or the place; of these goods it has to say where they may go. Texts
may call goods by another name: where no sentence names them, the one is told that forbids what is nearest to them in
meaning, and that it is not known to hold for them.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from enum import IntEnum

from xiaoer.assistant.answering.answerer import Answerer
from xiaoer.assistant.answering.reader import Reader
from xiaoer.assistant.answering.reading import Quote, Reading
from xiaoer.assistant.asked import Turn
from xiaoer.assistant.flows.flows import Reply
from xiaoer.assistant.flows.places import names_places
from xiaoer.assistant.flows.talk import Sending
from xiaoer.assistant.gate.backing import akin
from xiaoer.assistant.gate.claims import claims
from xiaoer.assistant.gate.clauses import share, terms
from xiaoer.assistant.gate.clauses_words import DENIAL, NOT_DENIAL
from xiaoer.assistant.retrieval.evidence import Candidate
from xiaoer.conversations.thread import Answer
from xiaoer.language.naming import compact
from xiaoer.language.phrases import phrase
from xiaoer.language.text import fold
from xiaoer.llm.model import Model
from xiaoer.patterns import lazy, toml

_TABLE = toml("xiaoer.assistant", "sending.toml")


def _patterns(name: str) -> re.Pattern[str]:
    return lazy(lambda: "|".join(f"(?:{one})" for one in _TABLE[name]), re.IGNORECASE)


_SENDS, _FEES, _LIMITS, _ABROAD = map(_patterns, ("sends", "fees", "limits", "abroad"))
_PIECES = lazy(r"[、，,;；:：/()（）]|[-*•]\s")
FOUND = 12
"""Passages that are looked at for each question: what may not be sent often stands in a list of its own."""
MOST_TOLD = 2
MOST_COMPARED = 16
"""Sentences that forbid something, nearest to the question first, whose goods are compared with those asked about."""
NEXT_TO_BEST = 0.35
"""How much worse than the best a sentence may fit that names neither goods nor place: what is named in another language
than the question is not recognised."""
SURE = 0.9
"""Confidence of an answer whose sentences speak of the very matter."""


class Names(IntEnum):
    """What a sentence about sending names of what is asked; the first goes before the others."""

    GOODS = 0
    LIKE_GOODS = 1
    PLACE = 2
    OTHER_PLACES = 3
    FORBIDS = 4


Named = tuple[Names, Candidate]
Compare = Callable[[Sequence[str], Sequence[str]], Awaitable[list[list[float]] | None]]


async def told(
    turn: Turn, reply: Reply, sending: Sending, reader: Reader, answerer: Answerer, model: Model | None
) -> Answer:
    """What the shop's texts say of sending these goods, then what of the flow's reply goes with it; else the reply."""
    turn.share_nothing()
    listed = phrase("not_sent", turn.language, goods=sending.goods or sending.question)
    candidates = await reader.candidates(turn, sending.question, listed, k=FOUND)
    named = _told_of(candidates, sending, turn.language)
    chosen = await _chosen(named, sending, reader.compare, least=candidates[0].score if candidates else 0.0)
    if not chosen:
        return turn.ended_by_flow(reply)
    quotes = tuple(_quote(each, sending) for _, each in chosen)
    answer = await _quoted(turn, Reading(quotes, SURE, answerable=True), answerer, model)
    open_still = sending.whether and sending.goods and chosen[0][0] is not Names.GOODS
    unsaid = phrase("sending_unsaid", turn.language) if open_still else ""
    sources = [*answer.sources, *(reply.sources if sending.besides else ())]
    return replace(
        answer,
        text="\n".join(filter(None, (answer.text, unsaid, sending.besides))),
        sources=tuple({**source, "n": number} for number, source in enumerate(sources, start=1)),
        suggestions=reply.suggestions,
        question_key=None,
    )


def _told_of(candidates: Sequence[Candidate], sending: Sending, language: str) -> list[Named]:
    """The sentences that tell whether something may be sent, best first; in the customer's language, if some there name
    goods or place.
    """
    named = [(found, each) for each in candidates if (found := _names(each, sending)) is not None]
    own = [(found, each) for found, each in named if akin(each.hit.locale, language)]
    return own if any(found <= Names.PLACE for found, _ in own) else named


async def _chosen(named: Sequence[Named], sending: Sending, compare: Compare, *, least: float) -> list[Named]:
    """The sentences to tell, of one language, what is said of the goods first."""
    by = {name: [row for row in named if row[0] is name] for name in Names}
    if by[Names.GOODS]:
        _, first = by[Names.GOODS][0]
        whole = f"{_section(first)} {first.text}"
        complete = _ABROAD.search(whole) or _has_place(whole, sending)
        best = [by[Names.GOODS][0], *([] if complete else by[Names.PLACE][:1]), *by[Names.GOODS][1:]]
    else:
        like = by[Names.LIKE_GOODS][:1] or await _nearest(by[Names.FORBIDS], sending.goods, compare)
        best = [*like, *(by[Names.PLACE][:1])]
        if not by[Names.PLACE]:
            best += [row for row in by[Names.OTHER_PLACES] if row[1].score >= least - NEXT_TO_BEST][:1]
    told = {each.text: (name, each) for name, each in best if each.hit.locale == best[0][1].hit.locale}
    return list(told.values())[:MOST_TOLD]


async def _nearest(forbids: Sequence[Named], goods: str, compare: Compare) -> list[Named]:
    """Of the sentences that forbid something, the one that forbids what is nearest to these goods in meaning."""
    if not goods or not forbids:
        return []
    pieces = [(piece, row) for row in forbids[:MOST_COMPARED] for piece in _PIECES.split(row[1].text) if piece.strip()]
    alike = await compare([goods], [piece for piece, _ in pieces])
    if alike is None:
        return list(forbids[:1])
    return [max(zip(alike[0], pieces, strict=True), key=lambda pair: pair[0])[1][1]]


def _names(candidate: Candidate, sending: Sending) -> Names | None:
    """What a sentence names; None for one that does not tell whether something may be sent."""
    hit, section = candidate.hit, _section(candidate)
    whole = f"{section} {candidate.text}"
    tells_fee = any(claim.kind == "money" for claim in claims(candidate.text, hit.locale))
    denies = DENIAL.search(NOT_DENIAL.sub(" ", fold(whole))) is not None
    if (tells_fee and not denies) or not tells_of_sending(whole):
        return None
    place = _has_place(whole, sending)
    goods = _share(sending.goods, f"{hit.title} {whole}")
    if goods and (place or denies or _LIMITS.search(whole) or _ABROAD.search(whole)):
        return Names.GOODS if goods == 1 else Names.LIKE_GOODS
    if place and (sending.whether or denies):
        return Names.PLACE
    if denies and sending.abroad and _ABROAD.search(whole):
        return Names.FORBIDS
    return Names.OTHER_PLACES if sending.whether and names_places(candidate.text) else None


def tells_of_sending(text: str) -> bool:
    """Whether a text says something about sending besides what it costs."""
    return _SENDS.search(_FEES.sub(" ", text)) is not None


def _has_place(text: str, sending: Sending) -> bool:
    return any(compact(name) in compact(text) for name in sending.place)


def _share(goods: str, text: str) -> float:
    """How much of what the goods are called is in a text; letters of Han alone tell nothing."""
    wanted = frozenset(term for term in terms(fold(goods).lower()) if len(term) > 1)
    return share(wanted, terms(fold(text).lower())) if wanted else 0.0


def _section(candidate: Candidate) -> str:
    """The heading right above a sentence."""
    return candidate.hit.heading.split("›")[-1].strip()


def _quote(candidate: Candidate, sending: Sending) -> Quote:
    """The sentence, with the heading above it where that alone says that it is about sending, or about which goods."""
    hit, text = candidate.hit, candidate.text
    lead = ""
    if hit.kind != "question":
        if not tells_of_sending(text):
            lead = _section(candidate)
        elif sending.goods and not _share(sending.goods, text) and _share(sending.goods, hit.title):
            lead = hit.title
    colon = "：" if hit.locale in ("zh", "ja") else ": "
    text = f"{lead}{colon}{text}" if lead else text
    return Quote(text, hit.text, hit.passage_id, hit.article_id, hit.title, hit.locale, hit.url)


async def _quoted(turn: Turn, reading: Reading, answerer: Answerer, model: Model | None) -> Answer:
    async for event in answerer.quote(turn, reading, model):
        if isinstance(event, Answer):
            return event
    raise AssertionError("a quotation ends with its answer")
