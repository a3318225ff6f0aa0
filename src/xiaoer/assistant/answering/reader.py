"""What backs an answer: the passages of the products in focus first, then general ones, each read for what answers."""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from xiaoer.assistant.answering import prices
from xiaoer.assistant.answering.answer_filters import fitted, legible
from xiaoer.assistant.answering.material import Shown, material
from xiaoer.assistant.answering.prices import Priced
from xiaoer.assistant.answering.reading import Reading, hurry, read, unsaid
from xiaoer.assistant.asked import Turn
from xiaoer.assistant.gate.backing import akin
from xiaoer.assistant.retrieval.evidence import Candidate, Evidence, weigh
from xiaoer.assistant.retrieval.rerank import Reranking
from xiaoer.assistant.retrieval.weights import weights_of
from xiaoer.assistant.understanding import focus
from xiaoer.assistant.untrusted import trusted
from xiaoer.knowledge.hits import Hit
from xiaoer.knowledge.knowledge import Knowledge
from xiaoer.language.names import Found, without_codes
from xiaoer.language.normal import normal
from xiaoer.llm.model import Model

FOUND = 8
POLICIES = 3
"""Passages that are taken for what the shop does about a problem."""
SURE_ABROAD = 0.6
"""Confidence from which a second reading, in other languages, answers: whoever looks twice finds more easily."""
BESIDE = 0.2
"""How much surer a general text has to be than one about the product in focus."""


def judged(question: str, hits: Sequence[Hit], language: str, elsewhere: float | None) -> Evidence:
    """The evidence with its features worked out: tens of milliseconds for a product with long texts."""
    evidence = weigh(question, hits, language=language, elsewhere=elsewhere)
    _ = evidence.features
    return evidence


class Products:
    """The products that a store's articles are about."""

    def __init__(self, knowledge: Knowledge, turn: Turn) -> None:
        self._knowledge = knowledge
        self._turn = turn

    async def find(self, text: str) -> Found:
        return await self._knowledge.find_products(self._turn.asked.store_id, text)

    async def titles(self, products: Sequence[str]) -> dict[str, str]:
        return await self._knowledge.product_titles(self._turn.asked.store_id, products)

    async def prices(self, products: Sequence[str]) -> dict[str, float]:
        """By the line of each that names its price and nothing else."""
        hits = await self._knowledge.about(self._turn.asked.store_id, products, prices.PRICE, at=self._turn.at)
        return {product: float(each.amount) for product, each in prices.priced(hits).items()}


class Reader:
    """Finds and reads for one desk."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._hurry = hurry()
        self.reranking = Reranking()

    def renew(self) -> None:
        """Forget how slow the model was: another one is used from now on."""
        self._hurry = hurry()

    async def focus(self, turn: Turn) -> None:
        """Find out which products the message is about."""
        asked = turn.asked

        with turn.timed("focus"):
            earlier = [said.text for said in asked.history if said.author == "customer"]
            page = asked.product_page  # its product may have been withdrawn since
            page = await self._knowledge.product_of_page(asked.store_id, product_id=page) if page else None
            turn.focus = await focus.resolve(
                asked.text, earlier, asked.focus, shop=Products(self._knowledge, turn), page=page
            )
            named = (*turn.focus.products, *turn.focus.choices)
            titles = await self._knowledge.product_titles(asked.store_id, named) if named else {}
            turn.focus = replace(turn.focus, titles=titles)
        turn.evidence["focus"] = turn.focus.as_json()
        turn.depends["focus"] = ",".join(turn.focus.products)

    async def material(self, turn: Turn, *, budget: int) -> list[Shown]:
        """The passages for a writer: those about each product in focus first, then what search finds."""
        asked, products = turn.asked, turn.focus.products
        question = turn.focus.rest if products else turn.seen.standalone
        policies = await self._policies(turn)
        with turn.timed("search"):
            own = [
                await self._knowledge.about(asked.store_id, (each,), question, locale=turn.language, at=turn.at)
                for each in products
            ]
            found = await self._knowledge.search(
                asked.store_id, question, k=FOUND, locale=turn.language, at=turn.at, product_ids=products
            )
            general = [*policies[:1], *(hit for hit in found if not products or not hit.product_ids), *policies[1:]]
        own = [await self._reranked(turn, question, hits) for hits in own]
        general = await self._reranked(turn, question, general)
        shown = material(
            [[trusted(hit) for hit in hits] for hits in own], [trusted(hit) for hit in general], budget=budget
        )
        turn.evidence["found"] = [
            {
                "n": each.number,
                "passage_id": str(each.hit.passage_id),
                "heading": each.hit.heading,
                "score": round(each.hit.score, 4),
            }
            for each in shown
        ]
        return shown

    async def _policies(self, turn: Turn) -> list[Hit]:
        """What the shop does about the customer's problem, if there is one."""
        if not turn.policy:
            return []
        found = await self._knowledge.search(
            turn.asked.store_id, turn.policy, k=FOUND, locale=turn.language, at=turn.at
        )
        hits = [hit for hit in found if not hit.product_ids][:POLICIES]
        turn.policy_articles = frozenset(str(hit.article_id) for hit in hits)
        return hits

    async def prices(self, turn: Turn) -> dict[str, Priced]:
        """The prices of the products in focus, where that is what is asked and all of them are known."""
        products = turn.focus.products
        if not products or not prices.asks_price(turn.focus.rest, len(products)):
            return {}
        hits = await self._knowledge.about(turn.asked.store_id, products, turn.focus.rest, at=turn.at)
        found = prices.priced([hit for hit in hits if trusted(hit) is not None])
        return {each: found[each] for each in products} if set(products) <= set(found) else {}

    async def read(self, turn: Turn, model: Model | None) -> Reading:
        """What backs an answer to the question, or to those of several questions that something backs."""
        parts = turn.seen.parts
        if turn.focus.products and len(parts) == 1:
            parts = (turn.focus.rest,)
        await self._policies(turn)
        readings = [await self._of_part(turn, part, model) for part in parts]
        backed = [reading for reading in readings if reading.answerable]
        turn.left_open = len(readings) - len(backed)
        if not backed and turn.policy:
            turn.by_policy = True
            of_policy = self._of_part if turn.focus.products else self._general
            return await of_policy(turn, turn.policy, model)
        if not backed or len(readings) == 1:
            return readings[0]
        quotes = tuple({quote.text: quote for reading in backed for quote in reading.quotes}.values())
        return replace(
            backed[0],
            quotes=quotes,
            confidence=min(reading.confidence for reading in backed),
            chosen_by_model=any(reading.chosen_by_model for reading in backed),
        )

    async def _of_part(self, turn: Turn, question: str, model: Model | None) -> Reading:
        products = turn.focus.products
        if not products:
            asked = turn.seen.standalone if len(turn.seen.parts) == 1 else question
            return await self._general(turn, asked, model)
        found = await self._knowledge.find_products(turn.asked.store_id, question)
        rest = found.rest or question
        if len(products) == 1:
            rest = without_codes(rest, turn.focus.title(products[0]))
        readings = [await self._of_product(turn, product, rest, model) for product in products]
        backed = [reading for reading in readings if reading.answerable]
        general = await self._general(turn, rest, model, about=products)
        best = max(readings, key=lambda reading: reading.confidence)
        nearer = general.why.get("near", 0.0) > best.why.get("near", 0.0)
        if general.answerable and nearer and general.confidence > best.confidence + (BESIDE if backed else 0.0):
            return general
        if turn.focus.is_open:
            told = _of_all(readings, best)
            return told if told.answerable or not general.answerable else general
        if not backed or len(products) == 1:
            return best
        quotes = tuple(quote for reading in backed for quote in reading.quotes[:1])
        return replace(best, quotes=quotes, confidence=min(reading.confidence for reading in backed))

    async def _of_product(self, turn: Turn, product: str, question: str, model: Model | None) -> Reading:
        hits, elsewhere = await self.of_product(turn, product, question)
        reading = await self._read(turn, question, hits, model, elsewhere=elsewhere)
        if len(turn.focus.products) == 1:
            return reading
        title = turn.focus.title(product)
        return replace(reading, quotes=tuple(replace(quote, about=title) for quote in reading.quotes))

    async def _reranked(self, turn: Turn, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """The hits as a reranker puts them, where there is one."""
        if self.reranking.name is None:
            return list(hits)
        turn.evidence["reranker"] = self.reranking.name
        with turn.timed("rerank"):
            return await self.reranking.ordered(question, hits)

    async def of_product(self, turn: Turn, product: str, question: str) -> tuple[list[Hit], float | None]:
        """All passages about a product, and how near the nearest sentence about another one is."""
        store_id = turn.asked.store_id
        with turn.timed("search"):
            own = await self._knowledge.about(store_id, (product,), question, locale=turn.language, at=turn.at)
            others = await self._knowledge.search(store_id, question, k=FOUND, locale=turn.language, at=turn.at)
        meant = {product, *turn.focus.products}
        nearest = [
            hit.scores.nearest
            for hit in others
            if hit.product_ids and meant.isdisjoint(hit.product_ids) and hit.scores.nearest is not None
        ]
        return own, max(nearest, default=None)

    async def compare(self, texts: Sequence[str], others: Sequence[str]) -> list[list[float]] | None:
        """How alike each text is to each of others in meaning; None where that cannot be told."""
        return await self._knowledge.likeness(texts, others)

    async def candidates(self, turn: Turn, *questions: str, k: int) -> tuple[Candidate, ...]:
        """The sentences nearest to the first of these questions among what is found to any, whether they answer or not.

        Of each question `k` passages in the customer's language or any other, and `k` in others alone.
        """
        found: dict[uuid.UUID, Hit] = {}
        with turn.timed("search"):
            for question, abroad in product(questions, (False, True)):
                hits = await self._knowledge.search(
                    turn.asked.store_id, question, k=k, locale=turn.language, at=turn.at, abroad=abroad
                )
                found |= {hit.passage_id: hit for hit in hits if hit.passage_id not in found}
        hits = self.readable(turn, list(found.values()))
        evidence = await asyncio.to_thread(judged, questions[0], hits, turn.language, None)
        return evidence.candidates

    async def _general(self, turn: Turn, question: str, model: Model | None, about: Sequence[str] = ()) -> Reading:
        """The reading of what search finds; with `about`, of texts about no product."""
        with turn.timed("search"):
            found = await self._knowledge.search(
                turn.asked.store_id, question, k=FOUND, locale=turn.language, at=turn.at, product_ids=about
            )
        hits = [hit for hit in found if not about or not hit.product_ids]
        reading = await self._read(turn, question, hits, model)
        if not reading.answerable and not about and self._may_be_abroad(turn, hits):
            reading = await self._read_abroad(turn, question, reading, model)
        return reading

    async def _read(
        self,
        turn: Turn,
        question: str,
        found: Sequence[Hit],
        model: Model | None,
        *,
        elsewhere: float | None = None,
    ) -> Reading:
        hits = await self._reranked(turn, question, self.readable(turn, found))
        weights = weights_of(self._knowledge.embedder.name)
        with turn.timed("read"):
            new = unsaid(hits, turn.asked.last_answer) if turn.seen.follows_up else hits
            for some in (new, hits) if new != hits else (hits,):
                evidence = await asyncio.to_thread(judged, question, some, turn.language, elsewhere)
                reading = await read(evidence, weights, model, breaker=self._hurry)
                if reading.answerable:
                    break
            reading = fitted(question, reading, hits, turn.language)
        turn.evidence.setdefault("found", []).extend(
            {"passage_id": str(hit.passage_id), "heading": hit.heading, "score": round(hit.score, 4)}
            for hit in hits[:FOUND]
        )
        turn.evidence.setdefault("readings", []).append({"confidence": reading.confidence, **reading.why})
        return reading

    def readable(self, turn: Turn, found: Sequence[Hit]) -> list[Hit]:
        """The hits without orders to a machine, in languages that the customer or the shop speaks."""
        return legible([trusted(hit) for hit in found], turn.language, turn.asked.profile.locales[0])

    def _may_be_abroad(self, turn: Turn, hits: Sequence[Hit]) -> bool:
        """Whether what the customer's language does not tell may stand in the shop's main one, or in English."""
        return not akin(turn.asked.profile.locales[0], turn.language) and any(
            akin(hit.locale, turn.language) for hit in hits
        )

    async def _read_abroad(self, turn: Turn, question: str, before: Reading, model: Model | None) -> Reading:
        """A second reading, of texts in other languages alone; what was read before where it finds nothing."""
        with turn.timed("search_abroad"):
            found = await self._knowledge.search(
                turn.asked.store_id, question, k=FOUND, locale=turn.language, at=turn.at, abroad=True
            )
        reading = await self._read(turn, question, found, model)
        return reading if reading.answerable and reading.confidence >= SURE_ABROAD else before


def _of_all(readings: Sequence[Reading], best: Reading) -> Reading:
    """What the texts of all products say that a message fits; nothing is answered where they say different things."""
    said = {tuple(normal(quote.text) for quote in reading.quotes) for reading in readings}
    if len(said) == 1 and all(reading.answerable for reading in readings):
        return replace(best, quotes=tuple(replace(quote, about="") for quote in best.quotes))
    return replace(best, answerable=False)
