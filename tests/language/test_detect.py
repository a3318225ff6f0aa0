import pytest
from hypothesis import given
from hypothesis import strategies as st

from xiaoer.language.detect import LANGUAGES, Detected, detect, script_for


@pytest.mark.parametrize(
    ("text", "language", "script"),
    [
        ("请问这个包邮吗？", "zh", "Hans"),
        ("請問這個什麼時候出貨？", "zh", "Hant"),
        ("退货", "zh", "Hans"),
        ("iPhone 15 Pro Max 256GB 有货吗", "zh", "Hans"),
        ("Apple Watch Series 10 Titanium 好不好", "zh", "Hans"),
        ("送料は無料ですか？", "ja", "Jpan"),
        ("返品", "ja", "Jpan"),
        ("領収書", "ja", "Jpan"),
        ("배송은 언제 되나요?", "ko", "Kore"),
        ("ส่งฟรีไหมคะ", "th", "Thai"),
        ("iPhone 15 ราคาเท่าไหร่", "th", "Thai"),
        ("Когда придёт мой заказ?", "ru", "Cyrl"),
        ("Коли прийде моє замовлення? Дякую", "uk", "Cyrl"),
        ("متى يصل طلبي؟", "ar", "Arab"),
        ("سفارش من کی می رسد؟ چرا دیر شد", "fa", "Arab"),
        ("How long does shipping take?", "en", "Latn"),
        ("refund", "en", "Latn"),
        ("My order 订单 12345 has not arrived yet", "en", "Latn"),
        ("Bao giờ giao hàng vậy shop?", "vi", "Latn"),
        ("gia bao nhieu", "vi", "Latn"),
        ("xin chao", "vi", "Latn"),
        ("¿Cuánto cuesta el envío?", "es", "Latn"),
        ("hola", "es", "Latn"),
        ("Qual é o prazo de entrega?", "pt", "Latn"),
        ("obrigado", "pt", "Latn"),
        ("Quand est-ce que ma commande arrive ?", "fr", "Latn"),
        ("bonjour", "fr", "Latn"),
        ("Wann kommt meine Bestellung an?", "de", "Latn"),
        ("danke", "de", "Latn"),
        ("Bisa dikembalikan nggak, barangnya rusak", "id", "Latn"),
        ("Boleh tukar saiz? Bila penghantaran sampai kedai awak?", "ms", "Latn"),
        ("Quanto costa la spedizione? Vorrei pagare con carta", "it", "Latn"),
    ],
)
def test_a_message_is_known_by_its_language(text, language, script):
    found = detect(text)
    assert (found.language, found.script) == (language, script)


@pytest.mark.parametrize(
    "text", ["12345", "ok", "OK!", "😊", "👍🏻", "???", "SKU-88213-B", "iPhone 15 Pro Max", "XL", ""]
)
@pytest.mark.parametrize("prior", ["zh", "vi", "th", "es"])
def test_what_shows_no_language_keeps_the_one_before(text, prior):
    assert detect(text, prior=prior) == Detected(prior, script_for(prior), certain=False)


@pytest.mark.parametrize(
    ("text", "prior", "language"),
    [
        ("how much is shipping", "zh", "en"),
        ("包邮吗", "en", "zh"),
        ("no", "es", "es"),
        ("yes", "vi", "vi"),
        ("Nike Air Max 97", "zh", "zh"),
        ("Xiaomi Band 9", "th", "th"),
        ("日本", "ja", "ja"),
        ("退货", "ja", "zh"),
        ("¿Dónde está mi pedido?", "pt", "es"),
        ("¿Dónde está mi pedido?", "zh", "es"),
        ("where can I see the tracking number of my parcel", "de", "en"),
        ("harga berapa", "ms", "ms"),
        ("harga berapa", "id", "id"),
    ],
)
def test_the_conversation_decides_where_the_message_is_short(text, prior, language):
    assert detect(text, prior=prior).language == language


def test_a_whole_sentence_is_certain_and_a_number_is_not():
    assert detect("How long does shipping take to Germany?").certain
    assert not detect("12345").certain


def test_an_address_says_nothing_about_the_language():
    assert detect("https://shop.example/how-to-return-an-order", prior="zh").language == "zh"


def test_nothing_is_loaded_from_the_network(socket_disabled):
    assert detect("une question sans serveur").language == "fr"


@given(st.text(), st.sampled_from([None, *LANGUAGES]))
def test_any_text_has_a_language(text, prior):
    assert detect(text, prior=prior).language
