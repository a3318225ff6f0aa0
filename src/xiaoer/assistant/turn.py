"""One turn: from a customer's message to one backed answer, a person, or a refusal.

understand ─▶ fixed reply | person | curated | answered before
           └▶ search ─▶ read ─┬▶ nothing backs an answer: refuse, offering look-alikes and a person
                              └▶ the model words it, sentence by sentence through the gate;
                                 without a model, or when it fails, the sentences found are quoted
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from xiaoer.assistant import meanwhile, sending
from xiaoer.assistant.answer_cache import AnswerCache
from xiaoer.assistant.answering import asking, sections, writer
from xiaoer.assistant.answering.answer_filters import alike
from xiaoer.assistant.answering.answerer import REFUSED, Answerer
from xiaoer.assistant.answering.reader import Reader
from xiaoer.assistant.answering.reading import Reading
from xiaoer.assistant.asked import Asked, Event, Turn, begun
from xiaoer.assistant.concerns import attended, complaint_reply, heed, taken_up
from xiaoer.assistant.escalation import hands_over
from xiaoer.assistant.events import Text
from xiaoer.assistant.flows.flows import Flows
from xiaoer.assistant.looking import watched
from xiaoer.assistant.router import decide_for
from xiaoer.assistant.safety import Safety, told_first
from xiaoer.assistant.social import small_talk_reply, social_reply
from xiaoer.assistant.ticketing import Ticketing
from xiaoer.assistant.tool_turn import ToolTurns
from xiaoer.assistant.triggers import reason_before
from xiaoer.assistant.understanding.concern import Concerns
from xiaoer.assistant.understanding.small_talk import SmallTalk
from xiaoer.assistant.understanding.wait import Waits
from xiaoer.assistant.wishes import Wishes
from xiaoer.conversations.thread import Answer
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.knowledge.tables import Article
from xiaoer.language import sentences
from xiaoer.language.naming import compact
from xiaoer.language.phrases import joined, phrase
from xiaoer.llm.model import Model
from xiaoer.llm.rerank import Reranker
from xiaoer.patterns import all_made

MOST_CHIPS = 5
"""Quick replies beside the one that asks for a person: a chat shows six."""
LOOKS_ALIKE = 0.86
"""Cosine from which a curated question is offered as a quick reply; it only costs a glance when it is wrong."""


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
        concerns: Concerns | None = None,
        small_talk: SmallTalk | None = None,
        waits: Waits | None = None,
    ) -> None:
        self._knowledge = knowledge
        self._wishes = wishes
        self._tools = tools
        self._cache = cache
        self._safety = safety
        self._concerns = concerns
        self._small_talk = small_talk
        self._waits = waits
        self._flows = flows
        self._ticketing = ticketing
        self._model: Model | None = None
        self._reader = Reader(knowledge)
        self._answerer = Answerer(knowledge, self._reader)

    def use(self, model: Model | None) -> None:
        """Answer with this model from now on."""
        self._model = model
        self._reader.renew()

    def rerank_with(self, reranker: Reranker | None) -> None:
        """Put passages in this reranker's order from now on."""
        self._reader.reranking.use(reranker)

    @property
    def model(self) -> Model | None:
        """The model in use."""
        return self._model

    async def prepare(self) -> None:
        """Do beforehand what the first customers would have to wait for."""
        await asyncio.to_thread(all_made)
        if self._safety is not None:
            await self._safety.learn()
        for part in (self._concerns, self._small_talk, self._waits):
            if part is not None:
                await part.prepare()

    async def learn(self) -> None:
        """Learn from examples what can be done without until then."""
        for part in (self._concerns, self._small_talk, self._waits, self._wishes):
            if part is not None:
                await part.learn()

    async def answer(self, asked: Asked) -> AsyncGenerator[Event]:
        """The events of one turn, the last of which is its `Answer`. Close it: others may wait for its end."""
        turn = await asyncio.to_thread(begun, asked)
        await self._reader.focus(turn)
        with turn.awaited():
            answered = attended(turn, self._answered(turn))
            async with aclosing(answered), aclosing(told_first(turn, answered)) as events:
                async for event in events:
                    yield event

    async def _answered(self, turn: Turn) -> AsyncGenerator[Event]:
        first = (self._safety.step,) if self._safety is not None else ()
        chosen = (meanwhile.chosen, self._section)
        before = (*first, *chosen, self._heed, self._ruled, self._ticket, self._flow, self._meanwhile)
        shop = (self._curated, self._chat, complaint_reply, self._asked_back, self._priced, self._topic)
        certain = (social_reply, self._person, *shop)
        for step in (*before, *certain, self._before):
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
        turn.mode = decide_for(turn, self._model)
        steps = [self._by_writer, self._by_quotes, self._by_tools]
        if self._tools is not None and self._model is not None and await self._tools.first(self._model, turn):
            steps = [self._by_tools, self._by_writer, self._by_quotes]
        for step in (*steps, self._given_up):
            async with aclosing(step(turn)) as events:
                async for event in events:
                    yield event
                    if isinstance(event, Answer):
                        return

    async def _by_quotes(self, turn: Turn) -> AsyncGenerator[Event]:
        """The sentences that answer; or the question which product is meant, where they are several products'."""
        if turn.evidence.get("verdict") == REFUSED:
            turn.share_nothing()
            return
        turn.reading = reading = await self._reader.read(turn, self._model)
        if products := asking.rivals(turn, reading):
            turn.share_nothing()
            answer = await asking.which_product(turn, self._knowledge, products)
            yield Text(answer.text)
            yield answer
            return
        if not reading.answerable or await self._unsold(turn, reading) or _elsewhere(turn, reading):
            turn.share_nothing()
            return
        async with aclosing(self._kept(turn, self._answerer.quote(turn, reading, self._model))) as events:
            async for event in events:
                yield event

    async def _given_up(self, turn: Turn) -> AsyncGenerator[Event]:
        """Nothing backs an answer."""
        answer = await self._refused(turn)
        yield Text(answer.text)
        yield answer

    async def _meanwhile(self, turn: Turn) -> Answer | None:
        """What is for the person whom the customer waits for."""
        return await meanwhile.kept(turn, self._waits)

    async def _asked_back(self, turn: Turn) -> Answer | None:
        """A question back where it is open which product is meant, or what is wanted of it."""
        return await asking.ask_first(turn, self._knowledge)

    async def _section(self, turn: Turn) -> Answer | None:
        """The section that the customer chose of those offered with the last answer."""
        section = await sections.chosen(turn, self._knowledge)
        if section is None:
            return None
        return await self._answerer.section(turn, section, self._model, room=sections.OPENED_ROOM)

    async def _topic(self, turn: Turn) -> Answer | None:
        """The main points of what the shop's texts have under the very words of a message that asks nothing."""
        if turn.section is None:
            return None
        room = round(writer.OVERRUN * turn.asked.profile.answer_characters)
        return await self._answerer.section(turn, turn.section, self._model, room=room)

    async def _priced(self, turn: Turn) -> Answer | None:
        """What the products in focus cost is told by code."""
        return await self._answerer.price(turn)

    async def _by_tools(self, turn: Turn) -> AsyncGenerator[Event]:
        """The answer of a model that looks things up; none where it may not, or finds nothing."""
        if self._tools is None or self._model is None:
            return
        async with aclosing(self._tools.answer(self._model, turn)) as events:
            async for event in events:
                yield event

    async def _by_writer(self, turn: Turn) -> AsyncGenerator[Event]:
        """The answer that a capable model writes from the shop's texts; none where there is no such model."""
        if self._model is None or not writer.writes(self._model):
            return
        if turn.otherwise is not None or await self._unsold(turn, turn.reading):
            return  # what the shop's system knows is told, unless a text speaks of that very thing
        async with aclosing(self._kept(turn, self._answerer.write(turn, self._model))) as events:
            async for event in events:
                yield event

    async def _kept(self, turn: Turn, events: AsyncGenerator[Event]) -> AsyncGenerator[Event]:
        """The events, the answer among them given to others who ask the same."""
        async with aclosing(events):
            async for event in events:
                if isinstance(event, Answer) and self._cache is not None:
                    await self._cache.keep(turn, event)
                yield event

    async def _heed(self, turn: Turn) -> Answer | None:
        """What the customer is concerned about is found out first; it is answered by steps to come.

        Who writes the very words of a heading is not concerned about it.
        """
        section = await sections.named(turn, self._knowledge)
        if section is None or not sections.is_named(turn, section):
            await heed(turn, self._concerns)
        turn.section = section if turn.concern is None else None
        return None

    async def _ticket(self, turn: Turn) -> Answer | None:
        """Who asks how a ticket stands, or for one to be made, is served without a model."""
        asked = turn.asked
        if self._ticketing is None or asked.conversation_id is None or asked.message_id is None or turn.seen.urgent:
            return None
        reply = await self._ticketing.answer(
            asked.store_id,
            asked.conversation_id,
            asked.message_id,
            asked.text,
            turn.language,
            concern=turn.last_concern,
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
        if reply is not None and reply.sending is not None:
            return await sending.told(turn, reply, reply.sending, self._reader, self._answerer, self._model)
        if reply is not None and reply.gives_way:
            turn.otherwise = reply
            return None
        return turn.ended_by_flow(reply) if reply is not None else None

    async def _person(self, turn: Turn) -> Answer | None:
        """Who asks for a person, or writes what must not wait, gets one."""
        is_asked_for = turn.concern is not None and turn.concern.kind == "person"
        if not is_asked_for and not turn.seen.urgent:
            return None
        return self._handed(turn, "asked" if is_asked_for else "sensitive")

    async def _chat(self, turn: Turn) -> Answer | None:
        """The reply to small talk in any words."""
        if self._small_talk is None or turn.section is not None:
            return None
        return await small_talk_reply(turn, self._small_talk)

    async def _ruled(self, turn: Turn) -> Answer | None:
        """The shop's own rules bring a person before anything else is tried."""
        if turn.seen.intent == "person" or turn.seen.urgent:
            return None
        reason = reason_before(turn.asked, turn.seen)
        return self._handed(turn, reason) if reason else None

    def _handed(self, turn: Turn, reason: str) -> Answer:
        return turn.ended(turn.waiting_text(), "flow", outcome="handoff", reason=reason, evidence={"reason": reason})

    async def _curated(self, turn: Turn) -> Answer | None:
        """The shop's own answer to exactly this question, or to each of several."""
        articles = []
        for part in turn.seen.parts if len(turn.seen.parts) > 1 else (turn.asked.text,):
            article = await self._exact(turn, part)
            if article is None and not turn.seen.follows_up and len(turn.seen.parts) <= 1:
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

    async def _refused(self, turn: Turn) -> Answer:
        """Nothing backs an answer, or nothing yet: say so, and offer what looks alike and a person."""
        if turn.otherwise is not None:
            return turn.ended_by_flow(turn.otherwise)
        asked, reading = turn.asked, turn.reading
        wished = await self._wishes.offer(asked.store_id, asked.text, turn.language) if self._wishes else ()
        if (answer := taken_up(turn, wished)) is not None:
            return answer
        unsold = await self._unsold(turn, reading)
        if unsold is None and asking.is_filler(turn, reading):
            return asking.what_is_wanted(turn)
        near = await self._knowledge.similar_questions(
            asked.store_id, turn.seen.standalone, locale=turn.language, k=3, at=turn.at
        )
        like = alike(asked.text, near, LOOKS_ALIKE)
        nearest = await self._nearest(turn) if unsold is None else ()
        unread = unsold is None and not await self._knowledge.is_read_in(asked.store_id)
        text = unsold or ("" if turn.caution else phrase("not_read_in" if unread else "refuse", turn.language))
        if hands_over(asked, turn.seen.sentiment):  # a person comes: there is nothing to advise
            text = "".join(sentences.split(text)[:1])
        elif like:
            text = joined(turn.language, text, phrase("did_you_mean", turn.language))
        elif nearest:
            text = joined(turn.language, text, phrase("nearest_sections", turn.language))
        titles = (each["title"] for each in nearest)
        chips = tuple(dict.fromkeys((*wished, *like, *titles)))[:MOST_CHIPS]
        suggestions = tuple(dict.fromkeys((*chips, phrase("talk_to_person", turn.language))))
        route = "reading" if unread else "refuse"
        offered = tuple(each for each in nearest if each["title"] in chips)
        return turn.ended(text, route, confidence=reading.confidence, suggestions=suggestions, nearest=offered)

    async def _nearest(self, turn: Turn) -> tuple[dict[str, str], ...]:
        """The sections that come nearest to what nothing answers; a writer's verdict says nothing of these."""
        reading = turn.reading if turn.reading.leading else await self._reader.read(turn, None)
        return sections.nearest(turn, reading)


def _elsewhere(turn: Turn, reading: Reading) -> bool:
    """Whether what was read does not speak of what a flow would have told: the fee to another place."""
    words = turn.otherwise.gives_way if turn.otherwise is not None else ()
    told = compact("".join(f"{quote.title} {quote.passage}" for quote in reading.quotes))
    return bool(words) and not any(compact(word) in told for word in words)
