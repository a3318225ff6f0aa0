import asyncio
import math
import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaoer.assistant.answering import reading as reader
from xiaoer.assistant.answering.chooser import consult, lesson, understood
from xiaoer.assistant.answering.reading import Reading
from xiaoer.assistant.retrieval.evidence import LONELY_LEAD, Evidence, weigh
from xiaoer.assistant.retrieval.weights import DEFAULT, weights_of
from xiaoer.breaker import Breaker
from xiaoer.knowledge.hits import Hit, Scores, Sentence
from xiaoer.language.sentences import split
from xiaoer.llm.model import Model
from xiaoer.llm.scripted import ScriptedModel

RETURNS = "签收后7天内可以无理由退货。退货的运费由买家承担。"
WASHING = "这件外套可以机洗，水温不超过30度。请不要烘干。"
WARRANTY = "手机主机保修12个月。电池保修6个月。"


WEIGHTS = weights_of(DEFAULT)


async def read(
    question: str,
    hits: tuple[Hit, ...],
    model: Model | None = None,
    *,
    language: str,
    breaker: Breaker | None = None,
) -> Reading:
    return await reader.read(weigh(question, hits, language=language), WEIGHTS, model, breaker=breaker)


def log_odds(evidence: Evidence) -> float:
    return WEIGHTS.log_odds(evidence.group, evidence.features)


def hit(
    text: str, *, near: float = 0.3, nears: dict[str, float] | None = None, title: str = "说明", locale: str = "zh"
) -> Hit:
    """A passage as search finds it; `nears` overrides the nearness of sentences that begin so."""
    sentences = []
    for sentence in split(text):
        own = next((value for start, value in (nears or {}).items() if sentence.startswith(start)), near)
        sentences.append(Sentence(sentence, 0.75 + own / 4, 0.1, own + 0.1))
    return Hit(
        passage_id=uuid.uuid5(uuid.NAMESPACE_OID, text),
        article_id=uuid.uuid4(),
        title=title,
        heading=title,
        text=text,
        kind="article",
        locale=locale,
        url=None,
        product_ids=(),
        valid_to=None,
        score=near,
        scores=Scores(dense=near, lexical=0.1, cosine=0.75 + near / 4),
        sentences=tuple(sentences),
    )


SHOP = (hit(RETURNS, near=0.55), hit(WASHING, near=0.25), hit(WARRANTY, near=0.25))


async def test_the_sentence_that_answers_is_quoted_first_and_word_for_word():
    reading = await read("退货的运费由谁承担？", SHOP, language="zh")
    assert reading.answerable
    assert reading.quotes[0].text == "退货的运费由买家承担。"
    assert reading.quotes[0].passage == RETURNS
    assert not reading.chosen_by_model


@pytest.mark.parametrize(("code", "answered"), [("F002", True), ("E1", False)])
async def test_what_is_said_of_another_code_is_no_answer(code: str, answered: bool):
    fault = hit("故障代码：F002；名称：漏水；解决：检查安全阀是否松动。", near=0.7)
    reading = await read(f"热水器报 {code} 是什么故障", (fault, *SHOP[1:]), language="zh")
    assert reading.answerable == answered


async def test_what_nothing_speaks_of_is_not_answered():
    reading = await read("你们在上海有几家门店？", tuple(hit(each.text, near=0.2) for each in SHOP), language="zh")
    assert not reading.answerable
    assert reading.confidence < 0.2


async def test_without_passages_nothing_is_answered():
    reading = await read("退货的运费由谁承担？", (), language="zh")
    assert not reading.answerable
    assert reading.quotes == ()


async def test_a_passage_without_sentences_does_no_harm():
    reading = await read("退货的运费由谁承担？", (hit("", near=0.9),), language="zh")
    assert not reading.answerable


async def test_at_most_two_sentences_and_none_that_is_far_behind():
    alike = hit("红色款有货。蓝色款有货。白色款有货。", near=0.6)
    assert len((await read("哪些款有货", (alike,), language="zh")).quotes) == 2
    apart = hit("红色款有货。请不要烘干。", nears={"红色": 0.8, "请不要": 0.1})
    assert [quote.text for quote in (await read("红色款有货吗", (apart,), language="zh")).quotes] == ["红色款有货。"]


async def test_the_same_sentence_in_two_passages_is_quoted_once():
    twins = (hit("满99元包邮。", near=0.7, title="运费"), hit("满99元包邮。\n\n请放心购买。", near=0.7, title="活动"))
    assert [quote.text for quote in (await read("满多少包邮", twins, language="zh")).quotes].count("满99元包邮。") == 1


def test_across_languages_words_do_not_count_against_a_passage():
    near = hit(RETURNS, near=0.6)
    foreign = weigh("Who pays for sending the goods back?", (near, hit(WASHING)), language="en")
    assert not foreign.shares_words
    assert foreign.candidates[0].hit.passage_id == near.passage_id
    assert log_odds(foreign) == pytest.approx(
        log_odds(weigh("谁付退货运费", (hit(RETURNS, near=0.6, locale="en"), hit(WASHING, locale="en")), language="zh"))
    )


def curated(question: str, text: str, *, near: float = 0.45, wordings: tuple[str, ...] = ()) -> Hit:
    found = hit(text, near=near, title=question)
    return replace(found, kind="question", scores=replace(found.scores, nearest=near), wordings=wordings)


@pytest.mark.parametrize(("asked", "answered"), [("Есть ли рассрочка?", True), ("Вы продаёте холодильники?", False)])
async def test_across_languages_the_matter_asked_about_tells_an_answer(asked: str, answered: bool):
    shop = (
        curated("可以分期付款吗", "手机订单可分 3、6 或 12 期。"),
        curated("怎么开发票", "确认收货后可以申请发票。", near=0.2),
    )
    assert (await read(asked, shop, language="ru")).answerable == answered


def test_what_another_wording_of_a_curated_question_says_is_explained():
    alone = weigh("壶摔碎了咋整", (curated("收到破损怎么办", "凭照片包赔。"),), language="zh")
    worded = weigh(
        "壶摔碎了咋整", (curated("收到破损怎么办", "凭照片包赔。", wordings=("壶摔坏了怎么办",)),), language="zh"
    )
    assert worded.features["unexplained"] < alone.features["unexplained"]


def test_one_twin_of_the_passage_does_not_take_its_lead():
    alone = weigh("退货的运费由谁承担", SHOP, language="zh")
    twin = hit(RETURNS + "谢谢。", near=0.55)
    assert weigh("退货的运费由谁承担", (*SHOP, twin), language="zh").features["lead"] > 0.5 * alone.features["lead"]


def test_a_lonely_passage_has_the_usual_lead():
    assert weigh("退货的运费由谁承担", SHOP[:1], language="zh").features["lead"] == LONELY_LEAD


@given(st.text(max_size=80), st.lists(st.text(max_size=120), max_size=3), st.sampled_from(["zh", "en", "th", "ar"]))
async def test_any_text_can_be_read(question, texts, language):
    reading = await read(question, tuple(hit(text) for text in texts), language=language)
    assert 0 <= reading.confidence <= 1
    assert all(quote.text in quote.passage or quote.text.split() for quote in reading.quotes)


def without_vectors(found: Hit) -> Hit:
    sentences = tuple(Sentence(each.text, 0.0, each.lexical, each.lexical) for each in found.sentences)
    return replace(found, scores=Scores(dense=0.0, lexical=0.4), score=0.4, sentences=sentences)


async def test_right_after_an_import_words_alone_answer_and_refuse() -> None:
    shop = [without_vectors(found) for found in SHOP]
    reading = await read("退货的运费由谁承担", shop, language="zh")
    assert reading.answerable
    assert "运费" in reading.quotes[0].text
    assert not (await read("老板的生日是哪天", shop, language="zh")).answerable


async def test_a_model_that_takes_too_long_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(ScriptedModel):
        async def beginnings(self, messages):
            await asyncio.sleep(5)
            return await super().beginnings(messages)

    monkeypatch.setattr(reader, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(reader, "is_doubtful", lambda *_: True)
    reading = await read("退货的运费由谁承担", SHOP, Slow(), language="zh")
    assert not reading.chosen_by_model


async def test_a_model_too_slow_twice_in_a_row_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(ScriptedModel):
        times = 0

        async def beginnings(self, messages):
            self.times += 1
            await asyncio.sleep(5)
            return await super().beginnings(messages)

    monkeypatch.setattr(reader, "PATIENCE_SECONDS", 0.02)
    monkeypatch.setattr(reader, "is_doubtful", lambda *_: True)
    model, breaker = Slow(), reader.hurry()
    for _ in range(4):
        assert (await read("退货的运费由谁承担", SHOP, model, language="zh", breaker=breaker)).answerable
    assert model.times == 2


BORDER = (hit(RETURNS, near=0.52), hit(WASHING, near=0.2), hit(WARRANTY, near=0.2))
UNSURE = "退货要自己付钱吗"


def saying_none(probability: float, **others: float) -> ScriptedModel:
    """A model that begins its answer with "none", or with other tokens, so often."""
    return ScriptedModel(beginner=lambda _: {token: math.log(p) for token, p in {"无": probability, **others}.items()})


async def test_a_model_is_asked_in_doubt_and_its_word_counts():
    alone = await read(UNSURE, BORDER, language="zh")
    assert reader.DOUBTFUL[0] < alone.why["evidence"] < reader.DOUBTFUL[1]
    sure = await read(UNSURE, BORDER, saying_none(0.001), language="zh")
    doubting = await read(UNSURE, BORDER, saying_none(0.9), language="zh")
    assert sure.chosen_by_model
    assert sure.answerable
    assert not doubting.answerable
    assert doubting.confidence < alone.confidence < sure.confidence


async def test_the_model_points_at_the_sentence_that_has_what_it_would_say():
    colours = hit("红色款有货。蓝色款有货。白色款有货。", near=0.6)
    evidence = ("哪一款有货", (colours, *SHOP[1:]))
    assert (await read(*evidence, language="zh")).quotes[0].text == "红色款有货。"
    pointed = await read(*evidence, saying_none(0.1, 蓝=0.9), language="zh")
    assert [quote.text for quote in pointed.quotes] == ["蓝色款有货。", "红色款有货。"]


async def test_three_sentences_are_quoted_where_the_model_leaves_it_open():
    colours = hit("红色款有货。蓝色款有货。白色款有货。", near=0.6)
    evidence = ("哪一款有货", (colours, *SHOP[1:]))
    assert len((await read(*evidence, language="zh")).quotes) == 2
    assert len((await read(*evidence, saying_none(0.1, 有=0.9), language="zh")).quotes) == 3


async def test_a_tiny_model_denies_more_readily_and_is_believed_less():
    small = await read(UNSURE, BORDER, replace(saying_none(0.5), name="qwen2.5-1.5b"), language="zh")
    tiny = await read(UNSURE, BORDER, replace(saying_none(0.5), name="qwen2.5-0.5b"), language="zh")
    assert small.confidence < tiny.confidence


async def test_a_model_that_tells_nothing_is_done_without():
    reading = await read(UNSURE, BORDER, ScriptedModel(), language="zh")
    assert not reading.chosen_by_model
    assert reading.confidence == (await read(UNSURE, BORDER, language="zh")).confidence


async def test_no_model_is_asked_where_its_word_could_change_nothing():
    model = saying_none(0.5)
    await read("你们在上海有几家门店？", tuple(hit(each.text, near=0.05) for each in SHOP), model, language="zh")
    await read("退货的运费由买家承担", (hit(RETURNS, near=0.95), *SHOP[1:]), model, language="zh")
    assert model.asked == []


async def test_a_model_that_is_down_is_done_without():
    reading = await read(UNSURE, BORDER, ScriptedModel(down=True), language="zh")
    assert not reading.chosen_by_model
    assert reading.confidence == (await read(UNSURE, BORDER, language="zh")).confidence


async def test_the_model_sees_three_sentences_after_a_beginning_that_never_changes():
    model = saying_none(0.5)
    await consult(model, UNSURE, ["一。", "二。", "三。", "四。"], language="zh")
    await consult(model, "保修多久", ["长" * 900], language="zh")
    first, second = (asked.messages for asked in model.asked)
    assert first[-1].content == f"一。\n二。\n三。\n问题：{UNSURE}"
    assert first[:-1] == second[:-1] == lesson("zh")
    assert len(second[-1].content) < 200


@pytest.mark.parametrize("language", ["en", "vi", "th"])
async def test_the_model_is_asked_in_english_where_there_is_no_lesson_of_its_own(language):
    model = saying_none(0.5)
    await consult(model, "Bảo hành bao lâu?", ["12 months."], language=language)
    assert model.asked[0].messages[0] == lesson("en")[0]


def test_a_token_points_at_every_sentence_that_has_it():
    word = understood({"无": math.log(0.2), "7": math.log(0.6), "天": math.log(0.1)}, ["7天", "30天"], none="无")
    assert word.surprise == pytest.approx(-math.log(0.2))
    assert word.pointed == pytest.approx((0.65, 0.05))


def test_a_piece_of_none_is_none_and_nothing_points_nowhere():
    word = understood({"No": math.log(0.5), " ": math.log(0.1)}, ["No returns.", "7 days"], none="None")
    assert word.surprise == pytest.approx(-math.log(0.5))
    assert word.pointed == (0.0, 0.0)
    assert understood({"7": 0.0}, ["7 days"], none="None").surprise == 6.0


async def test_where_sentences_have_no_end_a_phrase_is_quoted_with_its_neighbours():
    phrases = ["สินค้าส่วนใหญ่คืนได้ภายในเจ็ดวัน", "นับจากวันถัดจากวันที่ได้รับสินค้า", "โดยสินค้าต้องอยู่ในสภาพสมบูรณ์"]
    passage = replace(
        hit(" ".join(phrases), near=0.8, locale="th"),
        sentences=tuple(Sentence(phrase, 0.95, 0.1, 0.9) for phrase in phrases),
    )
    reading = await read("คืนสินค้าได้ภายในกี่วัน", (passage, hit(WASHING)), language="th")
    assert [quote.text for quote in reading.quotes] == [" ".join(phrases)]
    assert all(quote.text in quote.passage for quote in reading.quotes)


async def test_such_a_quotation_keeps_within_its_room():
    phrases = [f"{chr(0xE01 + number) * 70}" for number in range(6)]
    passage = replace(
        hit(" ".join(phrases), near=0.8, locale="th"),
        sentences=tuple(Sentence(phrase, 0.95, 0.1, 0.9) for phrase in phrases),
    )
    reading = await read(phrases[3], (passage,), language="th")
    assert reading.quotes[0].text == " ".join(phrases[3:5])
