import re
from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from xiaoer import stores
from xiaoer.demo import load
from xiaoer.language.normal import key

DAYS = [date(2026, 11, 21), date(2027, 1, 1), date(2028, 2, 29), date(2027, 6, 18), date(2026, 12, 31)]
TODAY = DAYS[0]
ZONE = ZoneInfo("Asia/Shanghai")
HAN = "\u4e00-\u9fff"
TIGHT = re.compile(rf"[{HAN}][A-Za-z0-9]|[A-Za-z0-9%][{HAN}]")
NARROW = re.compile(rf"[{HAN}] ?[,;:?!()]|[,;:?!()] ?[{HAN}]")


def documents(today=TODAY):
    return load.documents(today)


def curated(language):
    return load.curated(language, TODAY)


def holds(document, moment):
    begun = document.valid_from is None or document.valid_from <= moment
    return begun and (document.valid_to is None or moment < document.valid_to)


def chinese_texts():
    seed = load.store()
    yield from ((document.key, text) for document in documents() for text in (document.title, document.text)
                if document.locale == "zh")  # fmt: skip
    yield from (("facts", fact) for fact in seed.settings["facts"])
    yield from (("opening", question) for question in seed.opening_questions["zh"])
    yield from (("promotion", promotion["name"]["zh"]) for promotion in load.promotions(TODAY))


def test_the_settings_are_what_a_store_takes():
    seed = load.store()
    assert stores.checked(seed.settings) == seed.settings
    assert set(seed.locales) == set(load.LANGUAGES) == set(seed.opening_questions) == set(seed.name)
    assert all(len(asked) == 4 for asked in seed.opening_questions.values())


def test_every_opening_question_has_a_curated_answer():
    for language, asked in load.store().opening_questions.items():
        answered = {key(text) for found in curated(language) for text in (found.title, *found.questions)}
        assert {key(question) for question in asked} <= answered


@pytest.mark.parametrize(("language", "least"), [("zh", 80), ("en", 30), ("vi", 12), ("th", 12)])
def test_there_are_enough_curated_questions_with_several_wordings(language, least):
    found = curated(language)
    assert len(found) >= least
    assert all(2 <= len(question.questions) <= 8 for question in found)
    if language == "zh":
        assert all(len(question.questions) >= 3 for question in found)


def test_a_curated_answer_is_short():
    assert [q.key for q in curated("zh") if len(q.text) > load.store().settings["answer_characters"]] == []
    assert [q.key for language in ("en", "vi", "th") for q in curated(language) if len(q.text) > 300] == []


def test_no_wording_leads_to_two_answers():
    asked = Counter()
    for language in load.LANGUAGES:
        for question in curated(language):
            asked.update({key(text) for text in (question.title, *question.questions)})
            assert len({key(text) for text in (question.title, *question.questions)}) == 1 + len(question.questions)
    assert [wording for wording, times in asked.items() if times > 1] == []


def test_look_alikes_have_different_answers():
    texts = {question.key.rsplit("/", 1)[1]: question.text for question in curated("zh")}
    for alike in (
        ("returns-possible", "returns-how", "returns-freight"),
        ("dispatch-when", "arrive-when"),
        ("invoice-possible", "invoice-how"),
        ("cs8p-wireless", "cs8-wireless"),
        ("presale-final-when", "presale-dispatch"),
    ):
        assert len({texts[name] for name in alike}) == len(alike)


@pytest.mark.parametrize("today", DAYS)
def test_all_documents_load_on_any_day_with_different_keys_and_no_placeholder_left(today):
    found = documents(today)
    assert len({document.key for document in found}) == len(found)
    for document in found:
        assert document.text
        assert "{{" not in document.title + document.text
        assert document.valid_from is None or document.valid_to is None or document.valid_from < document.valid_to


@pytest.mark.parametrize("today", DAYS)
def test_promotions_are_past_current_and_future_on_any_day(today):
    noon = datetime(today.year, today.month, today.day, 12, tzinfo=ZONE)
    by_name = {d.key.split("/")[1]: d for d in documents(today) if d.key.startswith("promotions/")}
    current = {name for name, document in by_name.items() if holds(document, noon)}
    assert current == {"cross-shop", "member-coupon", "phone-gift", "fold-presale", "student", "second-half"}
    assert by_name["midyear"].valid_to < noon < by_name["newyear"].valid_from


def test_the_last_day_of_an_offer_counts_to_its_end():
    offer = next(document for document in documents() if document.key == "promotions/cross-shop/zh")
    assert offer.valid_from == datetime(2026, 11, 18, tzinfo=ZONE)
    assert offer.valid_to == datetime(2026, 11, 29, tzinfo=ZONE)
    assert "2026 年 11 月 28 日" in offer.text


def test_articles_and_numbers_of_a_promotion_name_the_same_period():
    numbers = {promotion["id"]: promotion for promotion in load.promotions(TODAY)}
    articles = [document for document in documents() if document.key.startswith("promotions/")]
    assert {document.key.split("/")[1] for document in articles} == set(numbers)
    for document in articles:
        promotion = numbers[document.key.split("/")[1]]
        assert document.valid_from.date().isoformat() == promotion["valid_from"]
        assert (document.valid_to - timedelta(days=1)).date().isoformat() == promotion["valid_to"]


def test_policies_and_promotions_stand_in_chinese_and_english():
    names = Counter(document.key.rsplit("/", 1)[0] for document in documents()
                    if document.key.startswith(("policies/", "promotions/", "product/")))  # fmt: skip
    assert set(names.values()) == {2}
    assert sum(name.startswith("policies/") for name in names) >= 12


def test_every_product_named_by_a_document_exists():
    known = {product["id"] for product in load.products()}
    assert {named for document in documents() for named in document.product_ids} <= known


def test_chinese_is_written_with_full_width_marks_and_spaces_around_latin():
    wrong = [
        (where, found[0])
        for where, text in chinese_texts()
        for found in (*TIGHT.finditer(text), *NARROW.finditer(text))
    ]
    assert wrong == []


def test_nothing_shouts():
    assert [d.key for d in documents() if "!" in d.title + d.text or "！" in d.title + d.text] == []


def test_a_product_article_keeps_its_facts_under_table_heads():
    ring = next(document for document in documents() if document.key == "product/XH-R1/zh")
    assert ring.title == "环穗智能戒指"
    assert "| 货号 | 颜色 | 规格 | 售价 | 会员价 | 供应 |" in ring.text
    assert "| XH-R1-BK-09 | 曜石黑 | 9 号 | 899 元 | 859 元 | 现货 |" in ring.text
    assert "| 9 号 | 58–59 |" in ring.text
    english = next(document for document in documents() if document.key == "product/XH-W4/en")
    assert "| XH-W4-GD-42 | Wheat Gold | 42 mm | CNY 1199 | CNY 1149 | out of stock |" in english.text


def test_a_product_article_says_its_prices_in_a_sentence_too():
    texts = {document.key: document.text for document in documents()}
    assert (
        "售价：42 mm 1199 元，46 mm 1299 元。银穗和金穗会员价 1149 元起。颜色：曜石黑、麦穗金。"
        in texts["product/XH-W4/zh"]
    )
    assert "Price: CNY 899. Member price CNY 859. Colours: Obsidian Black, Wheat Gold." in texts["product/XH-R1/en"]
    assert "售价 39 元。\n" in texts["product/XH-G8P/zh"]
