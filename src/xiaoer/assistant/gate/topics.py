"""What shops promise and refuse, as ideas with their words in every language, so that a topic nobody wrote about shows.

An idea found in a sentence must be found in what backs it, with the same sign. `+` lines are the idea itself, `-` lines
words that say its opposite ('out of stock').
"""
# ruff: noqa: E501
# Word lists read by row, not by column.

import re
from dataclasses import dataclass
from functools import lru_cache

from xiaoer.patterns import lazy

_TABLE = r"""
instalments + 分期|免息|in(?:stal|stall)ments?|pay(?:ing)? monthly|monthly payments?|buy now,? pay later|trả góp|ผ่อน(?:ชำระ|จ่าย)?|分割払い|할부|рассрочк|a plazos|en cuotas|mensualidades|parcel(?:ad|as?\b|amento)|en plusieurs fois|mensualités|raten(?:zahlung|kauf)?\b|cicilan|ansuran|تقسيط|أقساط
cod + 货到付款|到付货款|cash on delivery|\bCOD\b|pay(?:ment)? on delivery|thanh toán khi nhận hàng|เก็บเงินปลายทาง|代金引換|代引き|착불 결제|후불 결제|наложенн\w{1,20} плат|оплат\w{1,20} при получении|contra ?reembolso|pago contra entrega|pagamento na entrega|paiement à la livraison|nachnahme|bayar di tempat|الدفع عند الاستلام
refund + 退款|退钱|返款|refund|money back|hoàn (?:lại )?tiền|คืนเงิน|返金|환불|возврат\w{0,20} (?:денег|средств)|верн\w{1,20} деньги|reembols|rembours|rückerstatt|erstatt\w{1,20}|geld zurück|pengembalian (?:dana|uang|wang)|dikembalikan uang|استرداد|استرجاع
return + 退货|退换|退回|\breturn(?:s|ed|ing|able)?\b|trả (?:lại )?hàng|đổi trả|คืนสินค้า|คืนของ|返品|반품|возврат|верн\w{1,20} товар|devol(?:uci|ver|vid|u[cç])|retour(?:n|s|\b)|renvoy|rücksend|rückgabe|zurück(?:geben|schicken|senden)|pengembalian|mengembalikan|dikembalikan|pemulangan|إرجاع|ارجاع
exchange + 换货|退换|换新|调换|\bexchang(?!e rates?)|\breplace(?:d|s|ment)?\b|đổi (?:hàng|trả|mới|sản phẩm)|เปลี่ยน(?:สินค้า|เครื่อง|คืน)|交換|交换|교환|обмен|замен|cambi(?:o|ar)|reemplaz|troca|échang|remplac|umtausch|austausch|penukaran|tukar|استبدال
warranty + 保修|质保|包修|三包|联保|保固|warrant|guarantee|bảo hành|รับประกัน|ประกัน|保証|보증|гаранти|garant|garansi|waranti|jaminan|ضمان|الضمان
repair + 维修|修理|检修|包修|保修|修复|报修|repair|sửa chữa|ซ่อม|修理|수리|ремонт|repar|répar|reparat|perbaikan|baiki|إصلاح|صيانة
free_shipping + 包邮|免运费|免邮|运费(?:全)?免|免费(?:配送|送货|发货|邮寄|包邮)|free (?:\w{1,20} )?(?:shipping|delivery)|ship(?:s|ped|ping)?(?: \w{1,20})? (?:for )?free|(?:shipping|delivery) is free|miễn phí (?:vận chuyển|giao hàng|ship)|free ?ship|ส่งฟรี|จัดส่งฟรี|ฟรีค่าจัดส่ง|送料無料|무료 ?배송|배송비 무료|бесплатн\w{1,20} доставк|доставк\w{1,20} бесплатн|envío gratis|envío gratuito|frete grátis|livraison (?:gratuite|offerte)|versandkostenfrei|kostenlos\w{0,20} (?:versand|lieferung)|gratis ongkir|bebas ongkir|penghantaran percuma|شحن مجاني|توصيل مجاني
free + 免费|免收|不收费|零费用|(?<![\d.,])0元|包邮|免运费|免邮|免(?:手续费|安装费|上门费)|\bfree(?! to | from|-?standing)\b|at no (?:extra |additional )?(?:cost|charge)|no (?:extra |additional )?charge|on us\b|complimentary|free of charge|miễn phí|ฟรี|無料|无料|무료|бесплатн|gratis\b|gratuit|grátis|kostenlos|kostenfrei|percuma|مجان
free - (?<!不)收费|付费(?!内容|会员)|自费|有偿|需付费|charges apply|will be charged|for a fee\b|fee applies|có (?:tính )?phí|mất phí|tính phí|มีค่าใช้จ่าย|คิดค่าบริการ|有料|유료|платн(?:ый|ая|ое|о)\b|kostenpflichtig|payant|berbayar
shop_pays + 由(?!您|你|买家|顾客|客户|消费者|用户|个人|收件)[^，。；！？]{2,10}承担|(?-i:[A-Z][a-z]+) (?:pays|covers|bears)\b|(?:商家|卖家|本店|店铺|店家|我们|商城|我方)(?:来)?(?:承担|负责承担|支付|出|负担)|(?:seller|shop|store|merchant|we|company)(?:'ll| will| shall)? (?:pays?|covers?|bears?)\b|shop (?:chịu|trả)|cửa hàng (?:chịu|trả)|chúng tôi (?:chịu|trả)|ทางร้าน(?:เป็นผู้)?(?:รับผิดชอบ|ออก|จ่าย)|店舗負担|当店負担|판매자 부담
shop_pays - (?:买家|顾客|客户|消费者|用户|您|你|自己|个人)(?:自行|来)?(?:承担|支付|出|负担|自付)|自理|(?:buyer|customer|purchaser|you)(?:'ll| will| must| shall| have to| need to)? (?:pays?|covers?|bears?)\b|(?:khách|người mua|quý khách|bạn)(?: hàng)? (?:chịu|trả|tự trả)|ลูกค้า(?:เป็นผู้)?(?:รับผิดชอบ|ออก|จ่าย)|お客様負担|구매자 부담|고객 부담
used + 全新|brand[- ]new|未拆封|mới 100%|ของใหม่|新品|새 ?제품
used - 二手|翻新|样机|展示机|refurbished|second-?hand|\bused (?:phone|device|item|unit|product)|đã qua sử dụng|hàng cũ|มือสอง|中古|중고
gift + 赠品|赠送|礼品|送(?:耳机|充电器|保护壳|贴膜|手机壳|您)|附赠|\bgifts?\b|free gift|quà tặng|tặng kèm|ของแถม|แถมฟรี|特典|おまけ|사은품|증정|подар|regalo|obsequio|brinde|cadeau|geschenk|hadiah|هدية
coupon + 优惠券|代金券|红包|满减|折扣码|优惠码|coupon|voucher|promo code|discount code|mã giảm giá|phiếu (?:giảm giá|mua hàng)|คูปอง|โค้ดส่วนลด|クーポン|쿠폰|купон|промокод|cupón|cupom|code promo|gutschein|kupon|baucar|كوبون|قسيمة
discount + 折(?!叠|旧|射|断|扣件|合|返)|优惠|立减|满减|降价|减免|特价|促销|补贴|便宜|\bdiscount|\d ?% off|\boff\b(?= (?:your|the|all|on|any))|on sale|promotion|giảm giá|giảm \d|khuyến mãi|ưu đãi|ลดราคา|ส่วนลด|โปรโมชั่น|ลด \d|割引|値引き|할인|скидк|акци[яию]\b|descuento|rebaja|oferta|desconto|promoção|remise|réduction|promo\b|rabatt|nachlass|diskon|potongan|promosi|خصم|تخفيض
trade_in + 以旧换新|旧机(?:换|抵|回收)|回收|trade-?in|thu cũ đổi mới|เก่าแลกใหม่|下取り|보상 ?판매|trade in|трейд-ин|в зачёт|plan renove|reprise|inzahlungnahme|tukar tambah|استبدال القديم
invoice + 发票|开票|invoice|hóa đơn|hoá đơn|ใบกำกับ|ใบเสร็จ|インボイス|領収書|领收书|세금계산서|영수증|сч[её]т-фактур|факту[рp]|factura|nota fiscal|facture|rechnung|faktur|invois|فاتورة
price_match + 价保|保价|买贵|差价|price (?:match|protection|guarantee|adjust)|bảo (?:vệ|đảm) giá|hoàn chênh lệch|รับประกันราคา|最低価格保証|최저가 보장|гарантия (?:лучшей )?цены|igualación de precios|preisgarantie
pickup + 自提|门店取|到店取|\bpick ?up\b|click and collect|in-store collection|nhận tại cửa hàng|รับ(?:สินค้า)?(?:ที่|หน้า)ร้าน|店頭受取|매장 수령|방문 수령|самовывоз|recog(?:er|ida) en tienda|retirada na loja|retrait en magasin|abholung|ambil di toko|استلام من المتجر
install + 安装|上门|install(?!ment)|lắp đặt|ติดตั้ง|設置|取り付け|설치|установк|instala|installa|pemasangan|pasang|تركيب
waterproof + 防水|防尘防水|\bIP\d\d\b|water-?proof|water-?resist|chống nước|กันน้ำ|방수|водонепрониц|водозащ|resistente al agua|à prova d.água|étanche|wasserdicht|wasserfest|tahan air|kalis air|مقاوم للماء
stock + 有货|现货|库存|in stock|available now|còn hàng|มีสินค้า|มีของ|在庫あり|재고|в наличии|en stock|em estoque|auf lager|vorrätig|stok (?:tersedia|ada)|متوفر
stock - 缺货|无货|没货|断货|售罄|下架|卖完|out of stock|sold out|unavailable|hết hàng|หมด(?:แล้ว|สต็อก)|สินค้าหมด|在庫切れ|売り切れ|品切|품절|нет в наличии|закончил|agotado|esgotado|rupture|épuisé|ausverkauft|nicht vorrätig|habis|غير متوفر|نفد
student + 学生(?:优惠|价|认证|专享)|教育优惠|student (?:discount|price|offer)|education(?:al)? (?:discount|pricing)|(?:ưu đãi|giảm giá)[^.]{0,12}sinh viên|ส่วนลดนักศึกษา|学割|학생 할인|скидк\w{1,20} (?:для )?студент|descuento (?:de|para) estudiantes|étudiant|studentenrabatt
member + 会员|\bmembers?(?:hip)?\b|thành viên|สมาชิก|会員|멤버십|회원|членств|клубн\w{1,20} карт|socio|miembro|membro|adhérent|mitglied|anggota|keahlian|ahli\b|عضوية
points + 积分|loyalty points|reward points|\bpoints\b(?= (?:for|with|per))|điểm (?:thưởng|tích)|tích điểm|แต้มสะสม|คะแนนสะสม|ポイント|적립|бонусн\w{1,20} балл|баллы|puntos|points de fidélité|treuepunkte|poin\b|نقاط
compensation + 赔偿|补偿|赔付|假一赔|退一赔|compensat|reimburse|bồi thường|đền bù|ชดเชย|補償|补偿|賠償|赔偿|보상(?!판매| 판매)|배상|компенс|возмещ|compensaci|indemniz|dédommag|indemnis|entschädig|schadenersatz|kompensasi|ganti rugi|pampasan|تعويض
lifetime + 终身|终生|永久|lifetime|forever|permanent(?:ly)? free|trọn đời|vĩnh viễn|ตลอดชีพ|ตลอดอายุ|生涯|永久|평생|пожизнен|de por vida|vitalíci|à vie|lebenslang|seumur hidup|مدى الحياة
no_reason + 无理由|任意理由|no[- ](?:reason|questions)(?: asked| needed)?|any reason|without (?:giving )?(?:a |any )?reason|không cần lý do|bất kỳ lý do|ไม่ต้อง(?:มี|แจ้ง)เหตุผล|โดยไม่มีเงื่อนไข|理由を問わず|이유 불문|단순 변심|без объяснения причин|sin (?:dar )?(?:motivo|justificaci)|sans (?:motif|justification)|ohne (?:angabe von )?gr[uü]nd|tanpa alasan|بدون سبب
overseas + 海外|国外|境外|国际(?:运|配|快|物|直)|跨境|international(?:ly)? (?:ship|deliver|order)|ship(?:s|ping)? (?:internationally|overseas|abroad|worldwide|globally)|overseas|abroad|worldwide|quốc tế|nước ngoài|ต่างประเทศ|海外|해외|за границу|за рубеж|международн|internacional|al extranjero|à l.étranger|internationale|ins ausland|weltweit|international\w{0,20} versand|luar negeri|luar negara|دولي|خارج
genuine + 正品|原装|官方正|行货|genuine|authentic|original product|chính hãng|ของแท้|正規品|정품|оригинальн|auténtic|autêntic|original(?:es|e)? (?:garant|product)|authentique|originalware|asli|tulen|أصلي
official_store + 实体店|门店|线下店|physical store|brick-and-mortar|offline store|cửa hàng (?:trực tiếp|offline)|หน้าร้าน|実店舗|오프라인 매장|физическ\w{1,20} магазин|tienda física|loja física|magasin physique|ladengeschäft|toko fisik
express + 顺丰|SF Express
yuantong + 圆通|YTO
zhongtong + 中通|ZTO
yunda + 韵达|Yunda
jd_logistics + 京东(?:快递|物流)|JD Logistics
ems + 邮政|\bEMS\b|bưu điện|ไปรษณีย์
dhl + \bDHL\b
fedex + \bfedex\b|联邦快递
ups + (?-i:\bUPS\b)
alipay + 支付宝|alipay
wechat_pay + 微信支付|wechat pay
huabei + 花呗|huabei
baitiao + 白条|baitiao
paypal + paypal|贝宝
card + 信用卡|credit cards?|thẻ tín dụng|บัตรเครดิต|クレジットカード|신용카드|кредитн\w{1,20} карт|tarjeta de crédito|cartão de crédito|carte (?:de crédit|bancaire)|kreditkarte|kartu kredit|kad kredit|بطاقة ائتمان
unionpay + 银联|unionpay
visa + \bvisa\b(?! application)
bank_transfer + 银行转账|对公转账|bank transfer|wire transfer|chuyển khoản|โอนเงิน|銀行振込|계좌 ?이체|무통장|банковск\w{1,20} перевод|transferencia bancaria|transferência bancária|virement|überweisung|transfer bank|pindahan bank|تحويل بنكي
crypto + 比特币|加密货币|bitcoin|\bUSDT\b|crypto
"""
_QUIET = frozenset({"shop_pays", "used", "discount", "repair", "install", "member", "stock"})
"""Ideas too common in passing for their mere absence to count; their sign still does."""


@dataclass(frozen=True)
class Mention:
    """An idea at `start:end`; `sign` is -1 for words that say its opposite by themselves."""

    topic: str
    sign: int
    start: int
    end: int


def _rows() -> tuple[tuple[str, int, re.Pattern[str]], ...]:
    rows = (line.split(" ", 2) for line in _TABLE.strip().splitlines())
    return tuple((name, 1 if sign == "+" else -1, lazy(words, re.IGNORECASE)) for name, sign, words in rows)


_PATTERNS = _rows()
TWO_SIDED = frozenset(name for name, sign, _words in _PATTERNS if sign < 0)
"""Ideas whose opposite has words of its own."""


@lru_cache(maxsize=2048)
def mentions(text: str) -> tuple[Mention, ...]:
    """The ideas named in a folded text."""
    return tuple(
        Mention(name, sign, *match.span()) for name, sign, pattern in _PATTERNS for match in pattern.finditer(text)
    )


def must_be_known(topic: str) -> bool:
    """Whether a sentence about `topic` needs a backing that speaks of it at all."""
    return topic not in _QUIET
