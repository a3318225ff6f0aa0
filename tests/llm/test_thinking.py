import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaoer.llm.messages import TextDelta
from xiaoer.llm.thinking import Separator

TAGGED = "<think>\nsecret, a < b\n</think>\n\nThe answer: a < b."
IMPLICIT = "secret, a < b\n</think>\n\nThe answer."


def said(chunks, *, starts="outside", complete=True):
    separator = Separator(starts=starts)
    pieces = [piece for chunk in chunks for piece in separator.feed(chunk)] + separator.flush(complete=complete)
    text = "".join(piece.text for piece in pieces if isinstance(piece, TextDelta))
    thought = "".join(piece.text for piece in pieces if not isinstance(piece, TextDelta))
    return text, thought, separator


def cut(text, places):
    marks = sorted({place % (len(text) + 1) for place in places})
    return [text[start:end] for start, end in zip([0, *marks], [*marks, len(text)], strict=True)]


places = st.lists(st.integers(0, 200), max_size=40)
words = st.text(st.sampled_from("ab< >/\n包邮tkİ"), max_size=30)


@given(places)
def test_thinking_never_leaks_however_the_stream_is_cut(marks):
    text, thought, _ = said(cut(TAGGED, marks))
    assert text == "The answer: a < b."
    assert thought == "\nsecret, a < b\n"


@given(places)
def test_thinking_that_the_template_opened_never_leaks(marks):
    for starts in ("inside", "unsure"):
        text, thought, _ = said(cut(IMPLICIT, marks), starts=starts)
        assert (text, thought) == ("The answer.", "secret, a < b\n")


@given(places, st.integers(0, len("<think>\nsecret, a < b\n</think>")))
def test_thinking_that_was_cut_off_leaks_nothing(marks, length):
    assert said(cut(TAGGED[:length], marks), complete=False)[0].strip("<") == ""
    for starts in ("inside", "unsure"):
        cut_off = IMPLICIT[: max(length - len("<think>\n"), 0)]
        assert said(cut(cut_off, marks), starts=starts, complete=False)[0] == ""


@given(words, words, words, places, st.sampled_from(["outside", "inside", "unsure"]))
def test_the_cuts_change_nothing(before, thought, after, marks, starts):
    stream = f"{before}<think>{thought}</THINK>{after}"
    assert said(cut(stream, marks), starts=starts)[:2] == said([stream], starts=starts)[:2]


@given(words, words, places)
def test_nothing_between_the_tags_is_said(thought, after, marks):
    text, _, _ = said(cut(f"<think>{thought}秘密</think>{after}", marks))
    assert "秘密" not in text
    assert text in after


@pytest.mark.parametrize("text", ["a < b", "x <", "<t is fine", "1 </ 2 done", "包邮<3"])
def test_text_with_brackets_is_not_lost(text):
    assert said(list(text))[0] == text


def test_the_beginning_of_a_tag_at_the_end_is_dropped():
    assert said(["Fine.<thi"])[0] == "Fine."


def test_plain_text_comes_without_delay():
    assert Separator().feed("Hello") == [TextDelta("Hello")]


def test_where_it_is_unsure_nothing_is_said_before_the_end():
    separator = Separator(starts="unsure")
    assert separator.feed("Hello ") + separator.feed("there") == []
    assert separator.flush() == [TextDelta("Hello there")]


def test_a_closing_tag_that_nobody_opened_is_noticed_and_not_said():
    text, _, separator = said(["so far", "</think>", "answer"])
    assert text == "so faranswer"
    assert separator.closed_unopened
    assert not said([TAGGED])[2].closed_unopened


def test_when_the_server_separates_text_is_text():
    for starts in ("inside", "unsure"):
        separator = Separator(starts=starts)
        separator.server_separates()
        assert separator.feed("Hello") == [TextDelta("Hello")]


def test_other_families_use_other_tags():
    separator = Separator((("[THINK]", "[/THINK]"),))
    assert separator.feed("[think]secret[/THINK]Hello")[-1] == TextDelta("Hello")
