from hypothesis import given
from hypothesis import strategies as st

from xiaoer.assistant.reader_words import Rarity, counted, coverage


def test_coverage_is_whole_where_every_word_stands_in_the_text():
    assert coverage("退货运费", counted("退货运费由买家承担")) == 1.0
    assert coverage("return shipping", counted("Return shipping is paid by the buyer.")) == 1.0


def test_coverage_is_nothing_where_no_word_does():
    assert coverage("电池容量", counted("衣服可以机洗")) == 0.0
    assert coverage("", counted("衣服可以机洗")) == 0.0


def test_single_characters_that_meet_by_chance_do_not_cover():
    assert coverage("保修", counted("修好以后请妥善保管")) == 0.0


def test_long_words_count_more_than_particles():
    text = counted("the warranty")
    assert coverage("the warranty", text) > coverage("is it a warranty", text) > coverage("the receipt", text)


def test_what_all_sentences_share_does_not_tell_them_apart():
    sentences = [counted(f"云雀手机{what}") for what in ("重189克", "支持快充", "有三种颜色")]
    rarity = Rarity("云雀手机支持快充吗", sentences)
    assert rarity.score(sentences[1]) > 2 * rarity.score(sentences[0])
    assert rarity.share(sentences[1]) > rarity.share(sentences[0])


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=5))
def test_scores_and_shares_stay_between_nothing_and_whole(question, texts):
    counts = [counted(text) for text in texts]
    rarity = Rarity(question, counts)
    for count in counts:
        assert 0 <= rarity.score(count) <= 1
        assert 0 <= rarity.share(count) <= 1 + 1e-9
        assert 0 <= coverage(question, count) <= 1
