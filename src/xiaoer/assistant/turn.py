"""One turn: from a customer's message to one backed answer, a person, or a refusal.

understand ─▶ fixed reply | person | curated | answered before
           └▶ search ─▶ read ─┬▶ nothing backs an answer: refuse, offering look-alikes and a person
                              └▶ the model words it, sentence by sentence through the gate;
                                 without a model, or when it fails, the sentences found are quoted
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from xiaoer.assistant import meanwhile
from xiaoer.assistant.answer_cache import AnswerCache
from xiaoer.assistant.answering import prompts, writer
from xiaoer.assistant.answering.answer_filters import alike, fitted, legible
from xiaoer.assistant.answering.reading import Quote, Reading, hurry, read, unsaid
from xiaoer.assistant.answering.writer import Task, Worded
from xiaoer.assistant.asked import Asked, Event, Turn, begun
from xiaoer.assistant.escalation import hands_over
from xiaoer.assistant.events import Text
from xiaoer.assistant.flows.flows import Flows
from xiaoer.assistant.gate.backing import akin
from xiaoer.assistant.looking import watched
from xiaoer.assistant.router import decide_for
from xiaoer.assistant.safety import Safety, told_first
from xiaoer.assistant.ticketing import Ticketing
from xiaoer.assistant.tool_turn import ToolTurns
from xiaoer.assistant.triggers import reason_before
from xiaoer.assistant.untrusted import trusted
from xiaoer.assistant.wishes import Wishes
from xiaoer.conversations.thread import Answer
from xiaoer.knowledge.hits import Hit
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.knowledge.tables import Article
from xiaoer.language import sentences
from xiaoer.language.naming import compact
from xiaoer.language.phrases import joined, phrase
from xiaoer.llm.model import Model
from xiaoer.patterns import all_made

FOUND = 8
LOOKS_ALIKE = 0.86
"""Cosine from which a curated question is offered as a quick reply; it only costs a glance when it is wrong."""
SURE_ABROAD = 0.6
"""Confidence from which a second reading, in other languages, answers: whoever looks twice finds more easily."""
FIXED = {
    "greeting": "greeting_reply",
    "thanks": "thanks_reply",
    "goodbye": "goodbye",
    "chitchat": "chitchat_reply",
    "emoji": "emoji_reply",
    "empty": "empty_message",
    "affirm": "affirm_reply",
    "deny": "deny_reply",
}


class Assistant:
    """Answers messages. `use` gives it a model, any time; without one it quotes."""

    def __init__(
        self,
        knowledge: Knowledge,
        flows: Flows | None = None,
        wishes: Wishes | None = None,
        ticketing: Ticketing | None = None,
        tools: ToolTurns | None = None,
        cache: AnswerCache | None = None,
        safety: Safety | None = None,
    ) -> None:
        self._knowledge = knowledge
        self._wishes = wishes
        self._tools = tools
        self._cache = cache
        self._safety = safety
        self._flows = flows
        self._ticketing = ticketing
        self._model: Model | None = None
        self._hurry = hurry()

    def use(self, model: Model | None) -> None:
        """Answer with this model from now on."""
        self._model = model
        self._hurry = hurry()

    @property
    def model(self) -> Model | None:
        """The model in use."""
        return self._model

    async def prepare(self) -> None:
        """Do beforehand what the first customers would have to wait for."""
        await asyncio.to_thread(all_made)
        if self._safety is not None:
            await self._safety.learn()

    async def learn(self) -> None:
        """Learn from examples what is only offered; until then nothing is, and nobody waits for it."""
        if self._wishes is not None:
            await self._wishes.learn()

    async def answer(self, asked: Asked) -> AsyncGenerator[Event]:
        """The events of one turn, the last of which is its `Answer`. Close it: others may wait for its end."""
        turn = begun(asked)
        with turn.awaited():
            async with aclosing(self._answered(turn)) as answered, aclosing(told_first(turn, answered)) as events:
                async for event in events:
                    yield event

    async def _answered(self, turn: Turn) -> AsyncGenerator[Event]:
        first = (self._safety.step,) if self._safety is not None else ()
        before = (*first, meanwhile.chosen, self._ruled, self._ticket, self._flow, meanwhile.kept)
        for step in (*before, self._fixed, self._person, self._curated, self._before):
            async with aclosing(watched(step(turn), turn.looks)) as events:
                async for event in events:
                    if not isinstance(event, Answer):
                        yield event
                        continue
                    yield Text(event.text)
                    if turn.confirm is not None:
                        yield turn.confirm
                    yield event
                    return
        async with aclosing(self._searched(turn)) as rest:
            async for told in rest:
                yield told

    async def _searched(self, turn: Turn) -> AsyncGenerator[Event]:
        """What has to be looked up: by a model that calls tools, where it may, and among the shop's passages."""
        tools, model = self._tools, self._model
        turn.mode = decide_for(turn, model)
        reading = None
        if tools is None or model is None or not await tools.first(model, turn):
            reading = await self._read(turn)
        if reading is None or not reading.answerable:
            turn.share_nothing()
        if tools is not None and model is not None and (reading is None or not reading.answerable):
            async with aclosing(tools.answer(model, turn)) as events:
                async for event in events:
                    yield event
                    if isinstance(event, Answer):
                        return
        reading = reading or await self._read(turn)
        unsold = await self._unsold(turn, reading)
        if not reading.answerable or unsold is not None or _elsewhere(turn, reading):
            answer = await self._refused(turn, reading, unsold)
            yield Text(answer.text)
            yield answer
            return
        async with aclosing(self._worded(turn, reading)) as words:
            async for event in words:
                yield event

    async def _ticket(self, turn: Turn) -> Answer | None:
        """Who asks how a ticket stands, or for one to be made, is served without a model."""
        asked = turn.asked
        if self._ticketing is None or asked.conversation_id is None or asked.message_id is None or turn.seen.urgent:
            return None
        reply = await self._ticketing.answer(
            asked.store_id, asked.conversation_id, asked.message_id, asked.text, turn.language
        )
        if reply is None:
            return None
        text, made = reply
        return turn.ended(text, "flow", confidence=1.0, evidence={"ticket": made.as_json()} if made else {})

    async def _flow(self, turn: Turn) -> Answer | None:
        """What concerns the customer's own orders is looked up, and changed when they have confirmed it."""
        heard = turn.heard
        if self._flows is None or heard is None:
            return None

        async def is_curated() -> bool:
            return await self._curated(turn) is not None

        with turn.timed("flow"):
            reply = await self._flows.answer(heard, is_curated=is_curated)
        if reply is not None and reply.gives_way:
            turn.otherwise = reply
            return None
        return turn.ended_by_flow(reply) if reply is not None else None

    async def _fixed(self, turn: Turn) -> Answer | None:
        """Greetings, thanks and the like have fixed replies."""
        key = FIXED.get(turn.seen.intent)
        if key is None:
            return None
        shop = turn.asked.profile.name_in(turn.language)
        suggestions = tuple(turn.asked.profile.opening_questions.get(turn.language, ()))
        text = phrase(key, turn.language, shop=shop)
        return turn.ended(text, "curated", confidence=1.0, suggestions=suggestions)

    async def _person(self, turn: Turn) -> Answer | None:
        """Who asks for a person, or writes what must not wait, gets one."""
        if turn.seen.intent != "person" and not turn.seen.urgent:
            return None
        return self._handed(turn, "asked" if turn.seen.intent == "person" else "sensitive")

    async def _ruled(self, turn: Turn) -> Answer | None:
        """The shop's own rules bring a person before anything else is tried."""
        if turn.seen.intent == "person" or turn.seen.urgent:
            return None
        reason = reason_before(turn.asked, turn.seen)
        return self._handed(turn, reason) if reason else None

    def _handed(self, turn: Turn, reason: str) -> Answer:
        text = turn.waiting_text()
        if reason == "sensitive":
            text = joined(turn.language, phrase("complaint_sorry", turn.language), text)
        return turn.ended(text, "flow", outcome="handoff", reason=reason, evidence={"reason": reason})

    async def _curated(self, turn: Turn) -> Answer | None:
        """The shop's own answer to exactly this question, or to each of several."""
        articles = []
        for part in turn.seen.parts if len(turn.seen.parts) > 1 else (turn.asked.text,):
            article = await self._exact(turn, part)
            if article is None and not turn.seen.follows_up and len(turn.seen.parts) == 1:
                article = await self._exact(turn, turn.seen.standalone)
            if article is None:
                return None
            articles.append(article)
        sources = tuple(
            {"n": number, "passage_id": str(each.id), "article_id": str(each.id), "title": each.title}
            | {"quote": each.text, "url": each.url}
            for number, each in enumerate(articles, start=1)
        )
        text = "\n".join(dict.fromkeys(each.text for each in articles))
        return turn.ended(text, "curated", confidence=1.0, sources=sources)

    async def _exact(self, turn: Turn, question: str) -> Article | None:
        return await self._knowledge.exact(turn.asked.store_id, question, locale=turn.language, at=turn.at)

    async def _before(self, turn: Turn) -> Answer | None:
        """What was answered to the same question a moment ago, or is being answered now, from the same knowledge."""
        return await self._cache.answer(turn, self._model) if self._cache is not None else None

    async def _read(self, turn: Turn) -> Reading:
        """What backs an answer to the question, or to those of several questions that something backs."""
        readings = [await self._read_one(turn, part) for part in turn.seen.parts]
        backed = [reading for reading in readings if reading.answerable]
        turn.left_open = len(readings) - len(backed)
        if not backed or len(readings) == 1:
            return readings[0]
        quotes = tuple({quote.text: quote for reading in backed for quote in reading.quotes}.values())
        return replace(
            backed[0],
            quotes=quotes,
            confidence=min(reading.confidence for reading in backed),
            chosen_by_model=any(reading.chosen_by_model for reading in backed),
        )

    async def _read_one(self, turn: Turn, question: str) -> Reading:
        with turn.timed("search"):
            found = await self._knowledge.search(
                turn.asked.store_id, question, k=FOUND, locale=turn.language, at=turn.at
            )
            hits = legible([trusted(hit) for hit in found], turn.language, turn.asked.profile.locales[0])
        with turn.timed("read"):
            new = unsaid(hits, turn.asked.last_answer) if turn.seen.follows_up else hits
            reading = await read(question, new, self._model, language=turn.language, breaker=self._hurry)
            if not reading.answerable and new != hits:
                reading = await read(question, hits, self._model, language=turn.language, breaker=self._hurry)
            reading = fitted(question, reading, hits, turn.language)
        if not reading.answerable and self._may_be_abroad(turn, hits):
            reading, hits = await self._read_abroad(turn, question, reading, hits)
        turn.evidence.setdefault("found", []).extend(
            {"passage_id": str(hit.passage_id), "heading": hit.heading, "score": round(hit.score, 4)} for hit in hits
        )
        turn.evidence.setdefault("readings", []).append({"confidence": reading.confidence, **reading.why})
        return reading

    def _may_be_abroad(self, turn: Turn, hits: Sequence[Hit]) -> bool:
        """Whether what the customer's language does not tell may stand in the shop's main one, or in English."""
        return not akin(turn.asked.profile.locales[0], turn.language) and any(
            akin(hit.locale, turn.language) for hit in hits
        )

    async def _read_abroad(
        self, turn: Turn, question: str, before: Reading, hits: list[Hit]
    ) -> tuple[Reading, list[Hit]]:
        """A second reading, of texts in other languages alone; what was read before where it finds nothing."""
        with turn.timed("search_abroad"):
            found = await self._knowledge.search(
                turn.asked.store_id, question, k=FOUND, locale=turn.language, at=turn.at, abroad=True
            )
            others = legible([trusted(hit) for hit in found], turn.language, turn.asked.profile.locales[0])
            reading = await read(question, others, self._model, language=turn.language, breaker=self._hurry)
            reading = fitted(question, reading, others, turn.language)
        sure = reading.answerable and reading.confidence >= SURE_ABROAD
        return (reading, others) if sure else (before, hits)

    async def _unsold(self, turn: Turn, reading: Reading) -> str | None:
        """That the shop does not sell what is asked for by name, where its texts do not speak of that either."""
        if self._flows is None or turn.heard is None:
            return None
        found = await self._flows.unsold(turn.heard)
        if found is None:
            return None
        name, sentence = found
        told = "".join(quote.passage for quote in reading.quotes) if reading.answerable else ""
        return None if compact(name) in compact(told) else sentence

    async def _refused(self, turn: Turn, reading: Reading, unsold: str | None) -> Answer:
        """Nothing backs an answer: say so, and offer what looks alike and a person."""
        if turn.otherwise is not None:
            return turn.ended_by_flow(turn.otherwise)
        near = await self._knowledge.similar_questions(
            turn.asked.store_id, turn.seen.standalone, locale=turn.language, k=3, at=turn.at
        )
        asked = turn.asked
        like = alike(asked.text, near, LOOKS_ALIKE)
        text = unsold or ("" if turn.caution else phrase("refuse", turn.language))
        if hands_over(asked, turn.seen.sentiment):  # a person comes: there is nothing to advise
            text = "".join(sentences.split(text)[:1])
        elif like:
            text = joined(turn.language, text, phrase("did_you_mean", turn.language))
        wished = await self._wishes.offer(asked.store_id, asked.text, turn.language) if self._wishes else ()
        suggestions = tuple(dict.fromkeys((*wished, *like, phrase("talk_to_person", turn.language))))
        return turn.ended(text, "refuse", confidence=reading.confidence, suggestions=suggestions)

    async def _worded(self, turn: Turn, reading: Reading) -> AsyncGenerator[Event]:
        """The answer in words: the model's as far as they are backed, else the quotes themselves."""
        quotes = reading.quotes
        foreign = not akin(quotes[0].locale, turn.language)
        worded = Worded()
        model = self._model
        writes = model is not None and writer.writes(model, foreign=foreign)
        if writes and not turn.stands_alone:  # the model is told what this customer said before
            turn.share_nothing()
        if model is not None and writes:
            async with aclosing(writer.write(model, self._task(turn, quotes), worded)) as parts:
                async for part in parts:
                    yield Text(part)
        by_model = model is not None and reading.chosen_by_model and not worded.failure
        if not worded.text.strip() or worded.withheld_kinds or worded.failure:
            said = bool(worded.text.strip())
            if not said:
                worded.route = "model" if by_model and not foreign else "extract"
            lead = worded.route == "extract" or foreign
            sure = reading.confidence
            rest = writer.quoted(turn.asked.profile, turn.language, quotes, lead=lead, confidence=sure)
            if not said or rest not in worded.text:
                part = f"\n{rest}" if said else rest
                worded.text += part
                yield Text(part)
        if turn.left_open:
            part = f"\n{phrase('left_open', turn.language)}"
            worded.text += part
            yield Text(part)
        evidence = {
            "tokens": worded.tokens,
            "withheld": worded.withheld,
            "withheld_kinds": worded.withheld_kinds,
            "thinking": worded.thinking,
        }
        if worded.failure:
            turn.share_nothing()
        answer = turn.ended(
            worded.text.strip(),
            worded.route,
            confidence=reading.confidence,
            sources=tuple(_source(number, quote) for number, quote in enumerate(quotes, start=1)),
            evidence={**evidence, "model": model.name if model else None, "failure": worded.failure},
            question_key=turn.question_key,
        )
        if self._cache is not None:
            await self._cache.keep(turn, answer)
        yield answer

    def _task(self, turn: Turn, quotes: Sequence[Quote]) -> Task:
        asked = turn.asked
        prompt = prompts.compose(
            asked.profile,
            turn.language,
            question=asked.text,
            evidence=[quote.passage for quote in quotes],
            history=turn.history,
            now=turn.at,
        )
        return Task(
            profile=asked.profile,
            language=turn.language,
            question=asked.text,
            quotes=quotes,
            prompt=prompt,
            customer=(asked.text,),
            cosine=self._knowledge.cosine,
            mode=turn.mode,
        )


def _elsewhere(turn: Turn, reading: Reading) -> bool:
    """Whether what was read does not speak of what a flow would have told: the fee to another place."""
    words = turn.otherwise.gives_way if turn.otherwise is not None else ()
    told = compact("".join(f"{quote.title} {quote.passage}" for quote in reading.quotes))
    return bool(words) and not any(compact(word) in told for word in words)


def _source(number: int, quote: Quote) -> dict[str, Any]:
    source = {"n": number, "passage_id": str(quote.passage_id), "article_id": str(quote.article_id)}
    return {**source, "title": quote.title, "quote": quote.text, "passage": quote.passage, "url": quote.url}
