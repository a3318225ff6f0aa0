"""BM25 in memory: against the formula, and through edits."""

import math
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaoer.knowledge.lexical import K1, SMALL_SEGMENTS, B, LexicalIndex, Packed, pack, read_query, unpack
from xiaoer.language.terms import terms

TEXTS = ["退货需要七天", "运费由买家承担，退货运费也是", "Invoices are sent by e-mail", "型号 F6033 保修三年"]


def packed(text: str) -> Packed:
    one = unpack(pack(text))
    assert one is not None
    return one


def index_of(texts: list[str]) -> LexicalIndex:
    index = LexicalIndex()
    index.add([packed(text) for text in texts])
    return index


def bm25(query: str, texts: list[str]) -> list[float]:
    """The formula, written down plainly."""
    counts = [Counter(terms(text)) for text in texts]
    mean = sum(count.total() for count in counts) / len(texts)
    scores = [0.0] * len(texts)
    best = 0.0
    for term in set(terms(query)):
        having = sum(term in count for count in counts)
        idf = math.log(1 + (len(texts) - having + 0.5) / (having + 0.5))
        best += idf * (K1 + 1)
        for at, count in enumerate(counts):
            times = count[term]
            scores[at] += idf * times * (K1 + 1) / (times + K1 * (1 - B + B * count.total() / mean))
    return [score / best for score in scores]


@pytest.mark.parametrize("query", ["退货运费", "F6033保修", "承担", "没有的词"])
def test_scores_are_those_of_the_formula(query: str) -> None:
    assert index_of(TEXTS).score(read_query(query)) == pytest.approx(bm25(query, TEXTS), abs=1e-5)


def test_an_index_that_was_edited_often_scores_as_one_built_anew() -> None:
    choice = random.Random(7)
    index = index_of(TEXTS)
    alive = dict(enumerate(TEXTS))
    for step in range(10 * SMALL_SEGMENTS):
        gone = choice.choice(list(alive))
        index.remove([gone])
        del alive[gone]
        text = choice.choice(TEXTS) + f" 第{step}版"
        (number,) = index.add([packed(text)])
        alive[number] = text
    query = read_query("退货运费 119")
    anew = index_of(list(alive.values())).score(query)
    scores = index.score(query)
    assert scores[list(alive)] == pytest.approx(anew, rel=0.25)
    assert scores[[n for n in range(len(scores)) if n not in alive]].max() == 0


def test_everyday_latin_words_do_not_count_in_texts_of_other_scripts_but_codes_do() -> None:
    index = index_of(["他说他们是 the best of the 球队", "The best team of the year", "球队 NFL 在 1998 年"])
    assert index.score(read_query("the best of the"))[0] == 0
    assert index.score(read_query("the best of the"))[1] > 0
    assert index.score(read_query("Which NFL team won in 1998"))[2] > 0
    assert index.score(read_query("the best 球队"))[0] > 0


def test_what_the_store_has_no_word_for_lowers_every_score() -> None:
    index = index_of(TEXTS)
    assert index.score(read_query("运费"))[1] > index.score(read_query("运费 镭射雕刻"))[1] > 0


def test_a_packed_passage_of_another_version_is_not_read() -> None:
    assert unpack(b"\xff" + pack("退货")[1:]) is None


@given(st.lists(st.text(max_size=60), max_size=6), st.text(max_size=40))
def test_any_texts_score_between_nothing_and_everything(texts: list[str], query: str) -> None:
    scores = index_of(texts).score(read_query(query))
    assert len(scores) == len(texts)
    assert np.all((scores >= 0) & (scores <= 1 + 1e-5))
