import math

from hypothesis import given
from hypothesis import strategies as st

from xiaoer.llm.chunks import settle, weigh


def shares(logs):
    return [math.exp(value) for value in logs]


def test_the_likelier_token_is_the_likelier_option():
    weights = shares(weigh(["1", "2", "0"], [("2", -0.1), ("1", -3.0), ("x", -5.0)]))
    assert weights[1] > weights[0] > weights[2] > 0


def test_the_same_option_written_with_and_without_a_space_adds_up():
    assert shares(weigh(["1", "2"], [("1", math.log(0.3)), (" 1", math.log(0.3)), ("2", math.log(0.4))]))[0] > 0.59


def test_a_longer_option_is_known_by_its_first_token():
    assert shares(weigh(["Yes", "No"], [("Ye", -0.1), ("N", -4.0)]))[0] > 0.9


def test_a_token_that_begins_several_options_counts_for_none():
    assert weigh(["north", "nowhere"], [("no", -0.01), ("zzz", -9.0)]) is None


def test_a_token_that_is_one_option_is_not_the_beginning_of_another():
    assert shares(weigh(["1", "10"], [("1", -0.1), ("10", -3.0)]))[0] > 0.9


def test_a_model_that_means_something_else_is_not_weighed():
    assert weigh(["1", "2"], [("<think>", -0.00001), ("1", -15.0)]) is None


@given(st.lists(st.tuples(st.sampled_from(["1", "2", "3", " 1", "<", "好"]), st.floats(-30, 0)), min_size=1))
def test_weights_are_a_distribution(top):
    logs = weigh(["1", "2", "3"], top)
    assert logs is None or math.isclose(sum(shares(logs)), 1.0)


def test_a_generated_option_wins_nearly_all():
    assert shares(settle(["1", "2", "3"], '"2"'))[1] > 0.97
    assert shares(settle(["1", "10"], "10."))[1] > 0.97
    assert settle(["1", "2"], "hm") is None
