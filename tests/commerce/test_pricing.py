"""Prices: worked examples a shopkeeper can check by hand, and what must hold for every basket."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaoer.commerce.money import BadMoney, Money, shares, total
from xiaoer.commerce.pricing import Apart, BadBasket, Line, Promotion, Shipping, quote

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def yuan(amount: str) -> Money:
    return Money(Decimal(amount), "CNY")


def line(price: str, quantity: int = 1, **more: object) -> Line:
    return Line(sku=str(more.pop("sku", "A")), name="手机", price=yuan(price), quantity=quantity, **more)  # type: ignore[arg-type]


EVERY_300 = Promotion(
    id="c", name="每满 300 减 50", kind="threshold", stage="cross_shop", threshold=yuan("300"), amount=yuan("50")
)
COUPON = Promotion(
    id="b",
    name="满 1000 减 80",
    kind="fixed",
    stage="coupon",
    threshold=yuan("1000"),
    amount=yuan("80"),
    group="coupon",
)
NINE_TENTHS = Promotion(id="a", name="九折", kind="percent", percent=Decimal(10), cap=yuan("100"))


def test_every_300_spent_takes_50_off() -> None:
    assert quote([line("899")], [EVERY_300], at=NOW).payable == yuan("799")
    assert quote([line("299.99")], [EVERY_300], at=NOW).payable == yuan("299.99")


def test_rules_stack_offer_then_coupon_then_cross_shop() -> None:
    priced = quote([line("1299", 1)], [EVERY_300, COUPON, NINE_TENTHS], at=NOW)
    # 1299 − 100 (10 %, at most 100) = 1199; − 80 = 1119; 3 × 50 = 150 → 969
    assert priced.payable == yuan("969.00")
    assert [step.amount for step in priced.steps] == [yuan("1299"), yuan("-100"), yuan("-80"), yuan("-150")]


def test_of_coupons_that_exclude_each_other_the_better_is_used() -> None:
    weaker = Promotion(id="0", name="减 20", kind="fixed", stage="coupon", amount=yuan("20"), group="coupon")
    assert quote([line("1000")], [weaker, COUPON], at=NOW).payable == yuan("920")
    assert quote([line("999")], [weaker, COUPON], at=NOW).payable == yuan("979")


def test_members_pay_the_member_price_and_others_do_not() -> None:
    basket = [line("199", 2, member_price=yuan("179.50"))]
    assert quote(basket, at=NOW, member=True).payable == yuan("359.00")
    assert quote(basket, at=NOW).payable == yuan("398")


@pytest.mark.parametrize(("offset", "counts"), [(-1, False), (0, True), (23, True), (24, False)])
def test_a_promotion_counts_from_its_first_moment_until_just_before_its_last(offset: int, *, counts: bool) -> None:
    dated = Promotion(
        id="d", name="日", kind="fixed", amount=yuan("10"), valid_from=NOW, valid_to=NOW + timedelta(hours=24)
    )
    priced = quote([line("100")], [dated], at=NOW + timedelta(hours=offset))
    assert priced.payable == yuan("90" if counts else "100")


def test_shipping_is_free_from_a_threshold_on_what_is_really_paid() -> None:
    shipping = Shipping(yuan("8"), free_from=yuan("99"))
    cheaper = Promotion(id="x", name="减 1", kind="fixed", amount=yuan("1"))
    assert quote([line("99")], at=NOW, shipping=shipping).payable == yuan("99")
    assert quote([line("99")], [cheaper], at=NOW, shipping=shipping).payable == yuan("106")


def test_a_deposit_of_100_counts_as_300() -> None:
    presale = Promotion(id="p", name="定金 100 抵 300", kind="presale", deposit=yuan("100"), amount=yuan("300"))
    priced = quote([line("2999")], [presale], at=NOW)
    assert (priced.deposit, priced.balance, priced.payable) == (yuan("100"), yuan("2699"), yuan("2799"))


def test_goods_taken_out_of_a_promotion_do_not_count_towards_it() -> None:
    without = Promotion(
        id="x", name="满 300 减 50", kind="threshold", threshold=yuan("300"), amount=yuan("50"),
        excluded_skus=frozenset({"B"}), times=1,
    )  # fmt: skip
    assert quote([line("200"), line("200", sku="B")], [without], at=NOW).payable == yuan("400")
    assert quote([line("300"), line("200", sku="B")], [without], at=NOW).line_totals == (yuan("250"), yuan("200"))


def test_a_gift_comes_with_its_threshold() -> None:
    gift = Promotion(id="g", name="满赠", kind="gift", threshold=yuan("500"), gift="钢化膜")
    assert quote([line("500")], [gift], at=NOW).gifts == ("钢化膜",)
    assert quote([line("499")], [gift], at=NOW).gifts == ()


def test_of_two_that_exclude_each_other_the_better_is_used_and_the_other_named() -> None:
    student = Promotion(id="s", name="学生价", kind="fixed", amount=yuan("60"), excludes=frozenset({"a", "coupon"}))
    priced = quote([line("1500")], [NINE_TENTHS, COUPON, student], at=NOW)
    # 100 + 80 with both others, 60 with the student's alone
    assert priced.payable == yuan("1320")
    assert priced.apart == (Apart("学生价", "九折"),)
    priced = quote([line("300")], [NINE_TENTHS, student], at=NOW)
    assert (priced.payable, priced.apart) == (yuan("240"), (Apart("九折", "学生价"),))


def test_what_goes_with_named_ones_only_goes_with_nothing_else() -> None:
    picky = Promotion(id="k", name="店庆", kind="fixed", amount=yuan("90"), stacks_with=frozenset({"cross_shop"}))
    assert quote([line("1200")], [picky, EVERY_300], at=NOW).payable == yuan("960")  # −90, then 3 × 50
    assert quote([line("1200")], [picky, EVERY_300, COUPON], at=NOW).payable == yuan("960")
    assert quote([line("1200")], [replace(picky, amount=yuan("1")), EVERY_300, COUPON], at=NOW).payable == yuan("970")


def test_an_offer_without_member_price_is_weighed_against_it() -> None:
    plain = Promotion(id="m", name="直降", kind="fixed", amount=yuan("30"), excludes=frozenset({"member_price"}))
    assert quote([line("100", member_price=yuan("80"))], [plain], at=NOW, member=True).payable == yuan("70")
    assert quote([line("100", member_price=yuan("60"))], [plain], at=NOW, member=True).payable == yuan("60")


def test_many_rivals_are_decided_in_few_steps_and_the_best_of_them_counts() -> None:
    coupons = [
        Promotion(id=f"{n:02}", name=str(n), kind="fixed", stage="coupon", amount=yuan(str(n)), group="coupon")
        for n in range(1, 60)
    ]
    assert quote([line("1000")], coupons, at=NOW).payable == yuan("941")


SECOND_HALF = Promotion(id="n", name="第 2 件半价", kind="nth", nth=2, percent=Decimal(50), times=1)


@pytest.mark.parametrize(
    ("quantity", "payable"), [(1, "100"), (2, "150"), (3, "250"), (4, "350")]
)  # one piece of an order
def test_the_second_piece_costs_half_once_an_order(quantity: int, payable: str) -> None:
    assert quote([line("100", quantity)], [SECOND_HALF], at=NOW).payable == yuan(payable)


def test_of_two_colours_the_cheaper_piece_costs_half() -> None:
    basket = [line("100", sku="A"), line("80", sku="B")]
    priced = quote(basket, [SECOND_HALF], at=NOW)
    assert priced.payable == yuan("140")
    assert priced.line_totals == (yuan("100"), yuan("40"))


def test_every_third_piece_is_free_as_often_as_there_are_three() -> None:
    third = Promotion(id="n", name="买二送一", kind="nth", nth=3, percent=Decimal(100))
    assert [quote([line("10", n)], [third], at=NOW).payable for n in (2, 3, 5, 6)] == [
        yuan("20"), yuan("20"), yuan("40"), yuan("40"),
    ]  # fmt: skip


def test_what_goes_alone_is_used_only_where_it_is_better() -> None:
    half = Promotion(id="n", name="半价", kind="nth", nth=2, percent=Decimal(50), skus=frozenset("A"), alone=True)
    assert quote([line("400", 2)], [half, EVERY_300], at=NOW).payable == yuan("600")  # not 600 − 100
    assert quote([line("300", 1)], [half, EVERY_300], at=NOW).payable == yuan("250")
    assert quote([line("400", 2), line("300", sku="B")], [half, EVERY_300], at=NOW).payable == yuan("850")


def test_goods_of_an_offer_that_goes_alone_have_no_member_price() -> None:
    half = Promotion(id="n", name="半价", kind="nth", nth=2, percent=Decimal(50), alone=True)
    basket = [line("100", 2, member_price=yuan("90"))]
    assert quote(basket, [half], at=NOW, member=True).payable == yuan("150")
    dear = [line("100", 2, member_price=yuan("70"))]
    assert quote(dear, [half], at=NOW, member=True).payable == yuan("140")


@pytest.mark.parametrize(
    "basket",
    [
        [],
        [line("1", 0)],
        [line("1", -3)],
        [line("-1")],
        [line("1"), Line(sku="U", name="u", price=Money(Decimal(1), "USD"))],
    ],
)
def test_a_basket_that_makes_no_sense_is_refused(basket: list[Line]) -> None:
    with pytest.raises(BadBasket):
        quote(basket, at=NOW)


@pytest.mark.parametrize("value", [1.5, "abc", "NaN", "1e13", None, True, {"amount": "1", "currency": "yuan"}])
def test_an_amount_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(BadMoney):
        Money.parse(value)


def test_currencies_are_never_added_up() -> None:
    with pytest.raises(BadMoney):
        yuan("1") + Money(Decimal(1), "USD")


def test_coins_are_the_currencys_own() -> None:
    assert Money(Decimal("10.5"), "JPY").as_json() == {"amount": "11", "currency": "JPY"}
    assert Money(Decimal("0.005"), "CNY").as_json() == {"amount": "0.01", "currency": "CNY"}


amounts = st.decimals(min_value=0, max_value=20_000, places=2).map(lambda value: Money(value, "CNY"))
positive = st.decimals(min_value="0.01", max_value=5_000, places=2).map(lambda value: Money(value, "CNY"))
baskets = st.lists(
    st.builds(
        Line,
        sku=st.sampled_from("ABC"),
        name=st.just("x"),
        price=amounts,
        quantity=st.integers(1, 20),
        member_price=st.none() | amounts,
    ),
    min_size=1,
    max_size=4,
)
rules = st.lists(
    st.builds(
        Promotion,
        id=st.uuids().map(str),
        name=st.just("p"),
        kind=st.sampled_from(("threshold", "percent", "fixed", "gift", "nth")),
        stage=st.sampled_from(("offer", "coupon", "cross_shop")),
        threshold=st.none() | positive,
        amount=st.none() | positive,
        percent=st.none() | st.decimals(0, 100, places=1),
        cap=st.none() | positive,
        times=st.none() | st.integers(0, 5),
        group=st.sampled_from((None, "g")),
        nth=st.none() | st.integers(0, 4),
        alone=st.booleans(),
        excludes=st.frozensets(st.sampled_from(("g", "percent", "coupon", "member_price")), max_size=1),
        stacks_with=st.none() | st.frozensets(st.sampled_from(("fixed", "offer", "cross_shop", "member_price"))),
        skus=st.frozensets(st.sampled_from("ABC"), max_size=2),
    ),
    max_size=4,
)


@given(baskets, rules)
def test_nothing_costs_less_than_nothing_and_the_steps_add_up(basket: list[Line], promotions: list[Promotion]) -> None:
    priced = quote(basket, promotions, at=NOW, shipping=Shipping(yuan("8")))
    assert min(priced.line_totals).amount >= 0
    assert priced.payable.amount >= 8
    assert total((step.amount for step in priced.steps), "CNY") == priced.payable
    assert total(priced.line_totals, "CNY") == priced.goods


@given(baskets, rules)
def test_the_order_in_which_promotions_are_listed_does_not_matter(
    basket: list[Line], promotions: list[Promotion]
) -> None:
    quotes = [quote(basket, order, at=NOW, member=True) for order in list(permutations(promotions))[:24]]
    assert all(each == quotes[0] for each in quotes)


def allowed(chosen: Sequence[Promotion]) -> bool:
    return all(one.combines_with(other) for one, other in combinations(chosen, 2))


@given(baskets, rules)
def test_of_all_that_may_be_combined_nothing_costs_less_than_what_was_chosen(
    basket: list[Line], promotions: list[Promotion]
) -> None:
    """Whoever is refused an offer because of another never pays more than with it in the other's place."""
    priced = quote(basket, promotions, at=NOW, member=True).payable
    rivals = [each for each in promotions if not all(each.combines_with(p) for p in promotions if p is not each)]
    others = [each for each in promotions if each not in rivals]
    for size in range(len(rivals) + 1):
        for chosen in combinations(rivals, size):
            if allowed(chosen):
                assert priced <= quote(basket, [*others, *chosen], at=NOW, member=True).payable


@given(baskets, rules)
def test_what_excludes_each_other_is_never_used_together(basket: list[Line], promotions: list[Promotion]) -> None:
    priced = quote(basket, promotions, at=NOW)
    used = {step.promotion_id for step in priced.steps}
    assert allowed([each for each in promotions if each.id in used])


@given(baskets, rules, st.integers(1, 5))
def test_without_thresholds_more_goods_never_cost_less(
    basket: list[Line], promotions: list[Promotion], more: int
) -> None:
    plain = [rule for rule in promotions if rule.kind == "percent" and rule.threshold is None and rule.group is None]
    larger = [Line(sku=each.sku, name=each.name, price=each.price, quantity=each.quantity + more) for each in basket]
    assert quote(larger, plain, at=NOW).payable >= quote(basket, plain, at=NOW).payable


@given(amounts, st.lists(amounts, min_size=1, max_size=6))
def test_shares_add_up_to_the_whole(amount: Money, weights: list[Money]) -> None:
    parts = shares(amount, weights)
    expected = amount.rounded() if any(weights) else Money.zero("CNY")
    assert total(parts, "CNY") == expected
