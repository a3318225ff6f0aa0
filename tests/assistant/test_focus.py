"""Which products a message is about: as it names them, as the thread or the page has it, and never a former one's."""

from collections.abc import Sequence

import pytest

from xiaoer.assistant.understanding.focus import Focus, resolve
from xiaoer.language.names import Found, Names

TITLES = {"a": "云朵洗碗机 X20", "b": "云朵洗碗机 X20S", "c": "云朵净水器 R8 60升", "d": "云朵净水器 R8 80升"}
PRICES = {"a": 1999.0, "b": 2599.0}


class Shop:
    """Products that are known by their names and prices."""

    names = Names(TITLES.items())

    async def find(self, text: str) -> Found:
        return self.names.find(text)

    async def titles(self, products: Sequence[str]) -> dict[str, str]:
        return {each: TITLES[each] for each in products}

    async def prices(self, products: Sequence[str]) -> dict[str, float]:
        return {each: PRICES[each] for each in products if each in PRICES}


async def said(*messages: str, page: str | None = None) -> Focus:
    """The focus of the last of some messages, each after the other."""
    kept = None
    for text in messages[:-1]:
        kept = (await resolve(text, (), kept, shop=Shop())).as_json()
    return await resolve(messages[-1], (), kept, shop=Shop(), page=page)


async def test_a_named_product_is_in_focus_until_another_is_named() -> None:
    assert (await said("X20多高")).products == ("a",)
    thread = await said("X20多高", "那保修呢")
    assert (thread.products, thread.source) == (("a",), "thread")
    assert (await said("X20多高", "X20S呢")).products == ("b",)


async def test_what_was_said_before_is_read_where_no_focus_was_kept() -> None:
    found = await resolve("保修几年", ["X20S到货了", "安装麻烦吗"], None, shop=Shop())
    assert found.products == ("b",)


async def test_a_name_that_cannot_be_placed_ends_the_focus() -> None:
    found = await said("X20多高", "那Z900呢")
    assert (found.products, found.source) == ((), "unknown")


async def test_a_fault_code_ends_nothing() -> None:
    assert (await said("X20多高", "报E1怎么办")).products == ("a",)


async def test_several_that_fit_are_offered_and_the_thread_decides() -> None:
    assert set((await said("R8多高")).choices) == {"c", "d"}
    assert (await said("R8 60升多高", "X20呢", "R8保修几年")).products == ("c",)


@pytest.mark.parametrize(
    ("text", "product"),
    [("便宜那台保几年", "a"), ("第二个多重", "b"), ("the cheaper one", "a"), ("the second one", "b")],
)
async def test_a_pointing_word_picks_one_of_those_spoken_of(text: str, product: str) -> None:
    assert (await said("X20和X20S都看了", text)).products == (product,)


async def test_the_other_one_is_the_one_spoken_of_before() -> None:
    assert (await said("X20多高", "X20S呢", "另一个保修几年")).products == ("a",)


async def test_the_bigger_one_is_told_by_the_size_in_its_name() -> None:
    assert (await said("R8 60升和R8 80升", "那个大的多重")).products == ("d",)


async def browsed(*steps: tuple[str, str | None]) -> Focus:
    """The focus after some messages, each written on a product's page or on none."""
    kept = None
    for text, page in steps:
        focus = await resolve(text, (), kept, shop=Shop(), page=page)
        kept = focus.as_json()
    return focus


async def test_who_goes_to_another_page_means_its_product_and_who_stays_goes_on() -> None:
    assert (await browsed(("X20保修几年", "a"), ("多重", "b"))).products == ("b",)
    stayed = await browsed(("多重", "a"), ("X20S多重", "a"), ("保修几年", "a"))
    assert (stayed.products, stayed.source) == (("b",), "thread")


async def test_a_product_meant_for_its_page_alone_is_meant_no_more_once_that_is_left() -> None:
    assert (await browsed(("多重", "a"), ("保修几年", "a"), ("怎么退货", None))).products == ()
    assert (await browsed(("多重", "a"), ("X20S多重", "a"), ("保修几年", None))).products == ("b",)


async def test_what_was_offered_is_taken_by_its_very_words() -> None:
    kept = {"products": [], "source": "message", "pending": "多重", "offered": {"R8 大": "d", "R8 小": "c"}}
    found = await resolve("R8 小", (), kept, shop=Shop())
    assert (found.products, found.rest) == (("c",), "多重")


async def test_the_page_counts_where_nothing_else_is_named() -> None:
    page = await said("保修几年", page="b")
    assert (page.products, page.source) == (("b",), "page")
    assert (await said("X20保修几年", page="b")).products == ("a",)


async def test_a_product_chosen_from_those_offered_is_asked_the_question_that_waited() -> None:
    kept = (await resolve("R8滤芯多久换", (), None, shop=Shop())).as_json() | {"pending": "滤芯多久换"}
    chosen = await resolve("R8 80升", (), kept, shop=Shop())
    assert (chosen.products, chosen.rest) == (("d",), "滤芯多久换")
