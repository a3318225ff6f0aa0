"""An answer from the shop's texts: written by a capable model, or quoted, by a sentence that a small model may choose.

Both end in an `Answer` with what it rests on. A capable model reads the passages and gives its own verdict on whether
they answer; what it writes passes the gate sentence by sentence, and what is held back is told to it once.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from xiaoer.assistant.answering import prices, prompts, sections, writer
from xiaoer.assistant.answering.compare import difference
from xiaoer.assistant.answering.material import MOST_TOKENS, Shown, quoted_from
from xiaoer.assistant.answering.reader import Reader
from xiaoer.assistant.answering.reading import Quote, Reading
from xiaoer.assistant.answering.writer import Task, Written
from xiaoer.assistant.asked import Event, Turn
from xiaoer.assistant.events import Text
from xiaoer.assistant.gate.backing import akin
from xiaoer.assistant.helping.translating import translated
from xiaoer.assistant.retrieval.section import Section
from xiaoer.conversations.thread import Answer
from xiaoer.knowledge.hits import Hit
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.language.phrases import phrase
from xiaoer.llm.model import Model

REFUSED = "none"
"""The writer's verdict, in the turn's evidence, that the material does not answer."""
MOST_TRANSLATED = 2
WRITTEN_CONFIDENCE = 0.9
"""Of an answer that a capable model wrote from the passages and the gate let through."""


class Answerer:
    """Answers from what a reader finds."""

    def __init__(self, knowledge: Knowledge, reader: Reader) -> None:
        self._knowledge = knowledge
        self._reader = reader

    async def write(self, turn: Turn, model: Model) -> AsyncGenerator[Event]:
        """Stream what a capable model writes, then the answer.

        No answer follows where the model says that the material does not answer, or where nothing of what it wrote
        could be said; the turn's evidence tells which.
        """
        shown = await self._reader.material(turn, budget=MOST_TOKENS)
        if not shown:
            return
        if not turn.stands_alone:  # the model is told what this customer said before
            turn.share_nothing()
        written = Written()
        async with aclosing(writer.write(model, self._task(turn, shown), written)) as parts:
            async for part in parts:
                yield Text(part)
        turn.evidence |= {
            "model": model.name,
            "tokens": written.tokens,
            "withheld": written.withheld,
            "withheld_kinds": written.withheld_kinds,
            "thinking": written.thinking,
            "failure": written.failure,
            "verdict": REFUSED if written.refused else "answered" if written.text.strip() else "nothing said",
        }
        if written.failure:
            turn.share_nothing()
        if written.refused or not written.text.strip():
            return
        if written.failure:
            async for event in self._rest_quoted(turn, written):
                yield event
        yield turn.ended(
            written.text.strip(),
            "model",
            confidence=WRITTEN_CONFIDENCE,
            sources=_cited(shown, written, turn.question),
            question_key=turn.question_key,
        )

    async def price(self, turn: Turn) -> Answer | None:
        """The prices of the products in focus, where that is asked: told by code."""
        found = await self._reader.prices(turn)
        if not found:
            return None
        labels = await self._knowledge.product_labels(turn.asked.store_id, found)
        text = prices.told(found, labels, turn.language, turn.asked.profile.costs.currency)
        sources = tuple(_source_of(number, each.hit, each.line) for number, each in enumerate(found.values(), start=1))
        return turn.ended(text, "extract", confidence=1.0, sources=sources, question_key=turn.question_key)

    async def _rest_quoted(self, turn: Turn, written: Written) -> AsyncGenerator[Event]:
        """What the shop's texts say, where the model broke off in the middle."""
        reading = await self._reader.read(turn, None)
        if not reading.answerable:
            return
        rest = writer.quoted(turn.asked.profile, turn.language, reading.quotes, lead=False)
        if rest not in written.text:
            part = f"\n{rest}"
            written.text += part
            yield Text(part)

    async def section(self, turn: Turn, section: Section, model: Model | None, *, room: int) -> Answer | None:
        """Tell a section of the shop's texts; of a long one its main points, with what is below it as quick replies."""
        turn.focus = sections.meant(turn, section)
        turn.evidence["focus"] = turn.focus.as_json()
        reading, nearest = sections.told(section, room=room)
        chips = tuple(each["title"] for each in nearest)
        async with aclosing(self.quote(turn, reading, model, room=room)) as events:
            async for event in events:
                if isinstance(event, Answer):
                    return replace(event, nearest=nearest, suggestions=chips, question_key=None)
        return None

    async def quote(self, turn: Turn, reading: Reading, model: Model | None, *, room: int = 0) -> AsyncGenerator[Event]:
        """Say the sentences that were read, in the customer's language where a model can translate them.

        `room` lets more be said than an answer usually holds.
        """
        quotes = reading.quotes
        foreign = not akin(quotes[0].locale, turn.language)
        most = len(quotes) if room else MOST_TRANSLATED
        told = await self._translated(turn, quotes[:most], model) if foreign else None
        chosen = model is not None and reading.chosen_by_model
        route = "model" if told is not None or (chosen and not foreign) else "extract"
        text = writer.quoted(
            turn.asked.profile,
            turn.language,
            told or quotes,
            lead=route == "extract",
            confidence=reading.confidence,
            room=room,
        )
        if gap := difference(told or quotes, turn.language):
            text += f"\n{gap}"
        if turn.left_open:
            text += f"\n{phrase('left_open', turn.language)}"
        yield Text(text)
        yield turn.ended(
            text,
            route,
            confidence=reading.confidence,
            sources=tuple(_source(number, quote) for number, quote in enumerate(quotes, start=1)),
            evidence={"model": model.name if model else None},
            question_key=turn.question_key,
        )

    async def _translated(self, turn: Turn, quotes: Sequence[Quote], model: Model | None) -> list[Quote] | None:
        """The quotes in the customer's language; None where no model of this size can."""
        if model is None or not writer.writes(model, foreign=True):
            return None
        found = []
        with turn.timed("translate"):
            for quote in quotes:
                made = await translated(model, {}, quote.text, language=turn.language)
                if not made.is_whole:
                    return None
                found.append(replace(quote, text=made.text, locale=turn.language))
        return found

    def _task(self, turn: Turn, shown: Sequence[Shown]) -> Task:
        asked = turn.asked
        prompt = prompts.compose(
            asked.profile,
            turn.language,
            question=turn.question,
            evidence=[each.text for each in shown],
            history=turn.history,
            now=turn.at,
        )
        return Task(
            profile=asked.profile,
            language=turn.language,
            shown=shown,
            prompt=prompt,
            customer=(*(said.text for said in asked.history if said.author == "customer"), asked.text),
            compare=self._knowledge.likeness,
            mode=turn.mode,
        )


def _cited(shown: Sequence[Shown], written: Written, question: str) -> tuple[dict[str, Any], ...]:
    """The passages that were cited; where none was, the first that was shown."""
    by_number = {each.number: each for each in shown}
    hits = [by_number[number].hit for number in written.cited] or [shown[0].hit]
    return tuple(
        _source_of(number, hit, quoted_from(hit, written.text, question)) for number, hit in enumerate(hits, start=1)
    )


def _source_of(number: int, hit: Hit, quote: str) -> dict[str, Any]:
    source = {"n": number, "passage_id": str(hit.passage_id), "article_id": str(hit.article_id)}
    return {**source, "title": hit.title, "quote": quote, "passage": hit.text, "url": hit.url}


def _source(number: int, quote: Quote) -> dict[str, Any]:
    source = {"n": number, "passage_id": str(quote.passage_id), "article_id": str(quote.article_id)}
    return {**source, "title": quote.title, "quote": quote.text, "passage": quote.passage, "url": quote.url}
