"""What leaves of a writer's sentences, and what stays, over four shops of other trades in four languages."""

from collections.abc import Awaitable, Callable, Sequence

import grounding_cases as tuned
import grounding_cases_held_out as held_out
import grounding_shops as shops
import pytest

from xiaoer.assistant.gate.backing import PATH, Backing, Passage, backing
from xiaoer.assistant.gate.stream import Gate
from xiaoer.knowledge.embedding import BundledEmbedder
from xiaoer.knowledge.likeness import Likenesses

Case = tuple[str, str, str, str, str]
Judge = Callable[[Case], Awaitable[Gate]]


def behind(shop: str, about: str, asked: str) -> Backing:
    locale, passages = shops.SHOPS[shop]
    shown = [
        Passage(text, f"{title}{PATH}{section}" if section else title, frozenset({product} if product else ()))
        for title, section, product, text in passages
    ]
    return backing(shown, customer=[asked], about=[about] if about else [], locale=locale)


@pytest.fixture
def judge(embedder: BundledEmbedder) -> Judge:
    likenesses = Likenesses(embedder)

    async def judged(case: Case) -> Gate:
        shop, about, language, asked, said = case
        gate = Gate(behind(shop, about, asked), language)
        await gate.admitted(said, likenesses.of)
        return gate

    return judged


async def withheld(judge: Judge, cases: Sequence[Case]) -> list[Case]:
    return [case for case in cases if (await judge(case)).withheld]


async def delivered(judge: Judge, cases: Sequence[Case]) -> list[Case]:
    return [case for case in cases if not (await judge(case)).withheld]


async def test_nearly_all_that_the_texts_say_leaves_in_other_words_units_and_languages(judge: Judge) -> None:
    assert len(await withheld(judge, tuned.GOOD)) <= 2


async def test_wrong_figures_products_conditions_and_promises_stay(judge: Judge) -> None:
    assert len(await delivered(judge, tuned.BAD)) <= 4


async def test_most_of_it_leaves_where_nothing_was_tuned(judge: Judge) -> None:
    assert len(await withheld(judge, held_out.GOOD)) <= 0.2 * len(held_out.GOOD)


async def test_little_of_what_is_wrong_leaves_where_nothing_was_tuned(judge: Judge) -> None:
    assert len(await delivered(judge, held_out.BAD)) <= 0.15 * len(held_out.BAD)
