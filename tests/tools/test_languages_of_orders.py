"""Orders are spoken of in the customer's language; goods, carriers and numbers keep the names they have."""

import pytest
from ordering import DELIVERED, PAID, SHIPPED, TAILS, Buyer

from xiaoer.assistant.flows.words import TABLES

WHERE = {
    "zh": "我的订单 {number} 到哪了，手机尾号 {tail}",
    "en": "Where is my order {number}? The phone ends in {tail}",
    "vi": "Đơn hàng {number} của tôi đến đâu rồi? Bốn số cuối {tail}",
    "th": "ออเดอร์ {number} ถึงไหนแล้วคะ เบอร์ลงท้าย {tail}",
    "ja": "注文 {number} は今どこにありますか。電話番号の下4桁は {tail} です",
    "ko": "제 주문 {number} 지금 어디쯤 왔나요? 전화번호 끝자리 {tail}입니다",
    "ru": "Где мой заказ {number}? Последние цифры телефона {tail}",
    "es": "¿Dónde está mi pedido {number}? El teléfono termina en {tail}",
    "fr": "Où est ma commande {number} ? Le téléphone finit par {tail}",
    "de": "Wo ist meine Bestellung {number}? Die Telefonnummer endet auf {tail}",
    "pt": "Onde está o meu pedido {number}? O telefone termina em {tail}",
    "id": "Pesanan saya {number} sudah sampai mana? Nomor telepon berakhir {tail}",
    "ms": "Pesanan saya {number} sudah sampai mana? Nombor telefon berakhir dengan {tail}, boleh awak semak sekarang?",
    "ar": "أين طلبي {number}؟ آخر أرقام الهاتف {tail}",
}
CANCEL = {
    "ja": "注文 {number} をキャンセルしたいです。電話番号の下4桁は {tail} です",
    "ko": "주문 {number} 취소하고 싶어요. 전화번호 끝자리 {tail}",
    "ru": "Хочу отменить заказ {number}, телефон заканчивается на {tail}",
    "es": "Quiero cancelar el pedido {number}, el teléfono termina en {tail}",
    "fr": "Je veux annuler la commande {number}, le téléphone finit par {tail}",
    "de": "Ich möchte die Bestellung {number} stornieren, die Telefonnummer endet auf {tail}",
    "pt": "Quero cancelar o pedido {number}, o telefone termina em {tail}",
    "id": "Saya ingin membatalkan pesanan {number}, nomor telepon berakhir {tail}",
    "ar": "أريد إلغاء الطلب {number}، آخر أرقام الهاتف {tail}",
}


@pytest.mark.parametrize("language", sorted(WHERE))
async def test_where_an_order_is_is_told_in_the_customers_language(buyer: Buyer, language: str) -> None:
    told = await buyer.ask(WHERE[language].format(number=SHIPPED, tail=TAILS[SHIPPED]))
    assert told["language"] == language
    assert TABLES[language]["state_shipped"] in told["text"]
    assert SHIPPED in told["text"]


@pytest.mark.parametrize("language", sorted(CANCEL))
async def test_a_change_is_put_before_the_customer_and_made_in_their_language(buyer: Buyer, language: str) -> None:
    texts = TABLES[language]
    asked = await buyer.ask(CANCEL[language].format(number=PAID, tail=TAILS[PAID]))
    assert texts["state_paid"] in asked["confirm"]["summary"]
    assert texts["state_cancelled"] in asked["confirm"]["summary"]
    answer = await buyer.tap(asked["confirm"]["token"])
    assert texts["done_cancel_order"].format(number=PAID, state=texts["state_cancelled"]) in answer.json()["text"]


async def test_goods_and_carriers_keep_their_names(buyer: Buyer) -> None:
    chinese = await buyer.ask(WHERE["zh"].format(number=DELIVERED, tail=TAILS[DELIVERED]))
    german = await buyer.ask(WHERE["de"].format(number=DELIVERED, tail=TAILS[DELIVERED]))
    (goods,) = [line for line in chinese["text"].splitlines() if line.startswith("商品：")]
    name = goods.removeprefix("商品：").partition(" × ")[0]
    assert f"Artikel: {name} × " in german["text"]
