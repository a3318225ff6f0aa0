"""What a right answer may look like, kind by kind, over texts of shops of other trades; and the lie beside each."""

from collections.abc import Sequence

import pytest

from xiaoer.assistant.gate.backing import PATH, Passage, backing
from xiaoer.assistant.gate.check import check
from xiaoer.assistant.gate.stream import Gate
from xiaoer.knowledge.embedding import BundledEmbedder
from xiaoer.knowledge.likeness import Likenesses

TENT = "山脊帐篷 2人款"
TENT_TEXTS = (
    (TENT, "T2", "外帐210T涤纶，重2.1公斤。地钉14根，风绳6根。收纳后长45厘米。"),
    (TENT, "T2", "- 售价：899元\n- 搭起来高110厘米，帐门宽80厘米"),
    ("山脊帐篷 3人款", "T3", "重2.9公斤，地钉18根。跟2人款一个系列。"),
    ("运费说明", "", "满119元包邮，不满收12元。大件满300元免费送到楼上。单件超过30公斤另议。"),
    ("退货说明", "", "帐篷没搭过的可以退，来回运费您付。退款在签收后15天内办。"),
)
ROPE_TEXTS = (
    ("攀岩绳 主绳", "R1", "40-60米的绳重62克每米，70-80米的绳重64克每米，都可以剪短，剪过的不能退。"),
    ("攀岩绳 主绳", "R1", "使用前把绳子理顺，冲洗到没有泥沙，阴干。羊毛绳套和棉绳套默认就是手洗，不用送洗。"),
)
LAMP_TEXTS = (
    ("Glow camping lantern", "L1", "Six hours at full light. Charge takes four hours. It weighs 310 g."),
    ("Glow Pro camping lantern", "L2", "Seven hours with the fan on, nine and a half with it off."),
    ("Shipping", "", "Orders leave within two days. Up to three parcels a day are collected."),
)


def told(texts: Sequence[tuple[str, str, str]], about: str, language: str, asked: str, said: str) -> bool:
    shown = [Passage(text, title, frozenset({product} if product else ())) for title, product, text in texts]
    return check(said, backing(shown, customer=[asked], about=about.split()), language).passed


@pytest.mark.parametrize(
    ("texts", "about", "language", "asked", "right", "wrong"),
    [
        pytest.param(
            LAMP_TEXTS,
            "L1 L2",
            "en",
            "glow or glow pro, how long do they last",
            "The Glow lasts six hours; the Pro seven hours with the fan on.",
            "The Glow lasts seven hours; the Pro six hours with the fan on.",
            id="figures in words",
        ),
        pytest.param(
            ROPE_TEXTS,
            "R1",
            "zh",
            "60米的绳多重 能剪吗",
            "60米的绳重62克每米，可以剪短，剪过的不能退。",
            "60米的绳重66克每米，可以剪短，剪过的不能退。",
            id="one of two rows that differ by their figures alone",
        ),
        pytest.param(
            TENT_TEXTS,
            "T2",
            "zh",
            "2人帐篷地钉几根",
            "2人款的地钉14根，风绳6根。",
            "2人款的地钉18根，风绳6根。",
            id="a figure of the product's name",
        ),
        pytest.param(
            TENT_TEXTS,
            "T2",
            "zh",
            "买150块包邮吗",
            "满119元包邮，您买150元可以包邮。",
            "满109元包邮，您买150元可以包邮。",
            id="the customer's own amount beside the limit",
        ),
        pytest.param(
            TENT_TEXTS,
            "T2",
            "zh",
            "单买一顶多少钱",
            "单顶899元。",
            "单顶800元。",
            id="a letter that words of other texts share",
        ),
        pytest.param(
            TENT_TEXTS,
            "",
            "zh",
            "帐篷没搭过能退吗",
            "帐篷没搭过的可以退，签收后15天内。",
            "帐篷没搭过的可以退，签收后30天内。",
            id="what stands in the next sentence of the text",
        ),
        pytest.param(
            ROPE_TEXTS,
            "R1",
            "zh",
            "绳套要送洗吗",
            "羊毛绳套和棉绳套默认手洗不用送洗。",
            "羊毛绳套和棉绳套默认不是手洗。",
            id="two clauses told in one, of which one denies",
        ),
    ],
)
def test_what_the_texts_say_leaves_and_the_lie_beside_it_stays(
    texts: Sequence[tuple[str, str, str]], about: str, language: str, asked: str, right: str, wrong: str
) -> None:
    assert told(texts, about, language, asked, right)
    assert not told(texts, about, language, asked, wrong)


def test_the_height_a_customer_gives_in_spoken_chinese_is_the_one_the_answer_repeats() -> None:
    texts = (("高低床", "B1", "层高至少要2.25米，床长2米。"),)
    assert told(texts, "B1", "zh", "层高2米3能放吗", "层高至少要2.25米，您家2.3米可以放。")
    assert not told(texts, "B1", "zh", "层高2米3能放吗", "层高至少要2.05米，您家2.3米可以放。")


def test_a_title_denies_and_affirms_nothing() -> None:
    texts = (("山脊折叠椅", "C1", "没有扶手，可以另配扶手套45元一个。"),)
    assert told(texts, "C1", "zh", "椅子有扶手吗", "山脊折叠椅没有扶手，可以另配扶手套45元一个。")


async def test_the_question_says_what_a_bare_figure_in_another_language_is_of(embedder: BundledEmbedder) -> None:
    shown = [
        Passage("Warranty: 24 months", "Glow camping lantern", frozenset({"L1"})),
        Passage("Plug it in and wait until the light turns green, about 40 minutes.", f"Glow camping lantern{PATH}Use"),
    ]
    gate = Gate(backing(shown, customer=["第一次充电等多久变绿灯"], about=["L1"]), "zh")
    assert await gate.admitted("约40分钟。", Likenesses(embedder).of)
