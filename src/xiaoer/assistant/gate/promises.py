"""Sentences that bind the shop: promises, actions said to be done, absolutes; and those that bind nobody."""
# ruff: noqa: E501
# Word lists read by row, not by column.

import re
from dataclasses import dataclass
from functools import lru_cache

from xiaoer.patterns import lazy


@dataclass(frozen=True)
class Bond:
    """A piece of a sentence that binds: `kind` is promise, done or absolute, `key` what is compared."""

    kind: str
    key: str
    start: int
    end: int


def _join(*parts: str) -> re.Pattern[str]:
    return lazy("|".join(parts), re.IGNORECASE)


_GUARANTEE = _join(
    r"保证(?!金|期|书|卡|人)|承诺|确保(?!您|已|电|安|插|连)|担保|(?<!不)一定(?:会|能|给|可以|为)|绝对(?!压|值)|包(?:赔|退|您满意)|百分百|100%(?! ?(?:棉|羊|cotton|polyester|纯|silk|wool|电量|充|DCI|sRGB))|必(?:赔|退|到|达)",
    r"\bguarantee[ds]?\b|\bi promise|\bwe promise|\bpromise (?:you|to)\b|\bassure you\b|\bmake sure (?:you|that you|it)\b|\bdefinitely\b|\babsolutely\b|\bno doubt\b|\bfor sure\b|\bcommit(?:ted)? to\b",
    r"cam kết|\bđảm bảo\b|\bbảo đảm\b|chắc chắn(?: sẽ)?|สัญญา(?:ว่า)|รับรอง(?:ว่า)?|ยืนยันว่าจะ|แน่นอน(?:ว่า)",
    r"お約束|約束します|约束します|保証いたします|必ず|약속(?:드립니다|합니다)|보장(?:합니다|해|드립)|반드시|гарантируем|гарантирую|обещаем|обещаю|обязательно верн",
    r"garantizamos|(?:le|te) prometo|prometemos|aseguramos|garantimos|prometo|garantissons|promettons|garantieren|versprechen wir|versprochen|kami (?:jamin|janji)|menjamin|berjanji|نضمن|نعدك|نتعهد",
)
_FUTURE = _join(
    r"(?:我们?|客服|专员|专人|工作人员|售后(?:人员|团队)?|店铺|本店|小二|同事)(?:这边)?(?:将|会|马上|立即|稍后|尽快|这就|立刻|负责|可以帮您|来帮您|帮您)(?!员|议|尽力|继续努力|根据)",
    r"(?:马上|立即|稍后|尽快|这就|立刻|正在)(?:会|就|将)?(?:为|给|帮|替|跟|与|和|联系|安排|处理|发|退)(?:您|你)?",
    r"(?<!可以)(?<!可)(?:将|会)(?:在|于|尽快|立即|马上|主动)?(?:为|给|替|联系|回复|通知|补偿|退还|赔)(?:您|你)|给您(?:打|申请|安排|免|减|优惠|补|退|换|发|登记|留|联系|转)|(?:我|让我|我们)(?:来)?(?:帮|为|给|替)您(?:查|看|处理|办|转|申请|取消|改|催|登记|安排|下单|退|联系|记录|反馈|核实|确认)",
    r"\b(?:we|i)(?:'ll| will| shall| am going to|'m going to| are going to|'re going to)\b|\b(?:our|the) (?:team|staff|colleague|agent|support|specialist|representative|store|shop)s?(?: \w+)? will\b|\bwill (?:be )?(?:contact|call|email|refund|replace|reply|get back|reach out|credit|compensate|ship)\w*\b(?: you)?|\blet me (?:check|look|find|process|transfer|cancel|arrange|connect|help you (?:with|cancel|process))",
    r"(?:chúng tôi|tôi|shop|em|bên em|nhân viên|cửa hàng|mình)(?: \w+)? (?:sẽ|xin phép)|sẽ (?:liên hệ|hoàn|gọi|gửi|phản hồi|đổi|giao)|để (?:tôi|em|mình) (?:kiểm tra|xem|hỗ trợ)",
    r"(?:เรา|ทางร้าน|ทางเรา|เจ้าหน้าที่|พนักงาน|ทีมงาน|ผม|ดิฉัน)(?:\S{0,8})?จะ|จะ(?:ติดต่อกลับ|คืนเงิน|โทรกลับ|ดำเนินการ|จัดส่ง)(?:ให้)?",
    r"(?:こちら|担当者|弊社|当店|スタッフ)\S{0,10}(?:ご連絡|ご返金|対応|お送り|発送)\S{0,6}(?:します|いたします|させていただきます)|(?:ご連絡|返金|お調べ|確認|手配|キャンセル)(?:いた|を)?(?:します|いたします|させていただきます)",
    r"(?:저희|제|상담원|담당자|매장)\S{0,3} .{0,20}(?:드리겠습니다|하겠습니다|드릴게요|할게요|드릴 예정)|(?:연락|환불|처리|확인|교환|발송|안내)(?:해)? ?(?:드리겠습니다|하겠습니다|드릴게요)",
    r"\bмы (?:\w+ ){0,2}(?:верн[её]м|свяжемся|отправим|позвоним|замен\w+|оформим|компенсируем|проверим|перезвоним)|\bя (?:\w+ )?(?:проверю|передам|отмен\w+|оформлю|свяжусь)|\b(?:свяжемся|перезвоним|верн[её]м)\b|(?:менеджер|оператор|сотрудник)\w* (?:свяжется|перезвонит|ответит)",
    r"\b(?:nosotros |le |les |te )?(?:contactaremos|reembolsaremos|enviaremos|llamaremos|devolveremos|cambiaremos|responderemos|vamos a)\b|\b(?:un agente|nuestro equipo) (?:se )?\w+rá\b|\bvoy a (?:verificar|cancelar|revisar|comprobar)",
    r"\b(?:nous|je) (?:vous )?(?:\w+rons|\w+rai|allons|vais)\b|\bun (?:conseiller|agent) (?:vous )?\w+ra\b|\b(?:wir|ich) (?:\w+ )?(?:werden?|melden? (?:uns|mich)|erstatte\w*|schicke\w*|sende\w*|kümmere?n?)\b|\b(?:mitarbeiter|team|kollege) wird\b",
    r"\b(?:entraremos|reembolsaremos|enviaremos|vamos (?:enviar|reembolsar|trocar|verificar)|vou (?:verificar|cancelar))\b|\b(?:kami|saya|tim kami|staf) (?:akan|segera)\b|(?:سوف|سنقوم|سنتواصل|سنرد|سنعيد|سأقوم|سنرسل|سيتصل|سيتواصل)",
)
_VERB_ZH = (
    r"取消|退款|退货|换货|登记|提交|安排|记录|转接|转交|创建|发送|发出|下单|修改|更改|更新|升级|反馈|处理|申请|办理|补发|"
    r"催促|催|备注|通知|联系|核实|查询|查到|确认|开具|寄出|发货|退还|到账|受理|激活|开通|预约|预留|保留|锁定|添加|领取|报修|支付|完成|审核|查看|收到"
)
_DONE = _join(
    rf"(?:已经?|刚刚|刚才)(?:成功)?(?:为|帮|给|替|将|把|向|与|跟|和)[^，。！？；\n]{{0,16}}?(?P<a>{_VERB_ZH})",
    rf"(?:我们?|系统|客服|店铺|本店|这边)(?:这边)?(?:都)?已经?(?:成功)?[^，。！？；\n]{{0,8}}?(?P<b>{_VERB_ZH})|(?:您|你)的[^，。！？；\n]{{1,14}}已经?(?:成功|被)?[^，。！？；\n]{{0,4}}?(?P<c>{_VERB_ZH})",
    rf"(?:取消|退款|登记|提交|申请|预约|下单|转接|办理|修改|补发|报修)(?:已经?)?(?:成功|完成|完毕)(?!后|时|率|的|之后|以后)|(?:帮|为|给)您(?P<d>{_VERB_ZH})(?:好)?了",
    rf"(?:正在|这就|现在就)(?:为|帮|给|替)(?:您|你)(?P<e>{_VERB_ZH}|转人工)",
    r"\b(?:i|we)(?:'ve| have| had)(?: just| already| now| successfully)? (?P<f>\w+(?:ed|ent|one|ade|ut))\b|\b(?:your|the) (?:\w+ ){1,3}(?:has|have) (?:now |already |just |successfully )?been (?:successfully )?(?P<g>\w+(?:ed|ent|one|ade|ut))\b|\bi (?:just |already |successfully )?(?P<h>cancelled|canceled|refunded|submitted|registered|created|sent|processed|updated|changed|arranged|booked|shipped|forwarded|escalated|checked|contacted|transferred|applied|issued)\b|\b(?:i am|i'm|we are|we're) (?:now )?(?P<i>cancelling|canceling|refunding|transferring|processing|connecting|arranging|checking|escalating|forwarding)\b|\b(?:your|the) (?:order|refund|return|request|ticket|account|appointment|exchange)(?: \S+)? (?:is|was) (?:now |already |successfully )?(?P<j>cancelled|canceled|refunded|submitted|registered|created|processed|updated|changed|approved|shipped|confirmed|booked|delivered)\b",
    r"đã (?:được )?(?P<k>hủy|huỷ|hoàn tiền|đăng ký|ghi nhận|gửi|chuyển|tạo|cập nhật|xử lý|thay đổi|liên hệ|đặt|xác nhận|kiểm tra|giao)|đang (?P<l>chuyển|xử lý|hủy|kiểm tra)",
    r"(?:ได้)?(?:ทำการ)?(?P<m>ยกเลิก|คืนเงิน|ลงทะเบียน|ส่งเรื่อง|บันทึก|โอนสาย|สร้าง|อัปเดต|ดำเนินการ|เปลี่ยน|จัดส่ง|ยืนยัน|แจ้ง|ตรวจสอบ)[^.!?\n]{0,30}?(?:ให้\S{0,12}แล้ว|เรียบร้อย|แล้ว(?:ค่ะ|ครับ|นะ))|กำลัง(?P<n>โอนสาย|ดำเนินการ|ตรวจสอบ|ยกเลิก)",
    r"(?P<o>キャンセル|返金|登録|手配|送信|変更|変更|発送|受付|作成|更新|申請)(?:を|が|は)?(?:完了)?(?:いたし|し|され)(?:まし)た|(?P<p>취소|환불|접수|등록|처리|변경|발송|신청|전달|예약|확인)(?:이|가|을|를)?(?: ?완료)?(?:되었|했|하였|됐|해 ?드렸)(?:습니다|어요|음)?",
    r"\b(?P<q>отменил\w*|отмен[её]н\w*|оформил\w*|оформлен\w*|верну(?:ли|л)|возвращен\w*|зарегистриров\w*|отправил\w*|отправлен\w*|передал\w*|создал\w*|создан\w*|обновил\w*|измен[её]н\w*|проверил\w*)\b",
    r"\b(?:he|hemos|ya he|se ha|ha sido|han sido|já|foi|foram|eu) (?P<r>\w+(?:ado|ido|cho|sto|ei|amos))\b|\b(?:j'ai|nous avons|a été|ont été) (?:bien |déjà )?(?P<s>\w+(?:é|ée|és|ées|is|it|u))\b|\b(?:wurden?|habe|haben wir|wir haben|ich habe) (?:\w+ ){0,5}(?P<t>storniert|erstattet|registriert|veranlasst|gesendet|erstellt|aktualisiert|weitergeleitet|bearbeitet|geändert)\b",
    r"\b(?:telah|sudah) (?P<u>(?:mem|meng|men|me|di)\w+)\b|(?:تم|لقد|قمت|قمنا) (?P<v>إلغاء|الغاء|استرداد|تسجيل|إرسال|تحويل|إنشاء|تحديث|معالجة|بإلغاء|بتسجيل|بإرسال)",
)
_ACTIONS = {
    "cancel": r"取消|cancel|hủy|huỷ|ยกเลิก|キャンセル|취소|отмен|storn|annul|batal|إلغاء|الغاء",
    "refund": r"退款|退还|到账|refund|hoàn tiền|คืนเงิน|返金|환불|верну|возвращ|reembols|rembours|erstatt|kembali|استرداد",
    "return": r"退货|return",
    "exchange": r"换货|exchang|replac",
    "ship": r"发货|寄出|补发|ship|gửi|giao|จัดส่ง|発送|발송|отправ|envia|expédi|kirim|إرسال",
    "ticket": r"登记|提交|创建|受理|报修|记录|反馈|register|submit|creat|đăng ký|ghi nhận|tạo|ลงทะเบียน|บันทึก|สร้าง|登録|受付|作成|접수|등록|зарегистр|созда|registr|daftar|تسجيل|إنشاء",
    "change": r"修改|更改|更新|升级|备注|chang|updat|thay đổi|cập nhật|เปลี่ยน|อัปเดต|変更|更新|변경|измен|обнов|aktualis|geändert|ubah|تحديث",
    "handoff": r"转接|转人工|转交|transfer|connect|forward|escalat|chuyển|โอนสาย|전달|передал|weitergeleitet|alih|تحويل",
    "invoice": r"开具|invoice",
}
_ABSOLUTE_ZH = lazy(
    r"最(?!近|后|多|少|晚|迟|早|终|长|短|大|小|高(?!端|级)|低(?!价)|初|远|快|慢|新)\w|最(?:低价|高端|高级|大优惠|新科技)|"
    r"(?<!第)第一(?!次|步|时间|代|个|天|年|周|期|项|条|章|部|季|批|张|位|人|件|款|种|台|阶|层|轮|节|夫人|届|名|手|份|笔|单|任|集|行|列|页|节|"
    r"\S战|\S大战)|国家级|世界级|全球首|全国首|顶级|顶尖|极品|独一无二|全网最|全网首|绝无仅有|史无前例|前所未有|万能|无敌|王牌|"
    r"销量冠军|遥遥领先|唯一(?!的?标识|码)|No\.? ?1\b|NO\.1",
)
_ABSOLUTE = lazy(
    r"\b(?:the )?(?:best|cheapest|lowest price|number one|no\. ?1|world[- ]class|unbeatable|unrivalled|unmatched)\b|"
    r"tốt nhất|rẻ nhất|số một|hàng đầu|ดีที่สุด|ถูกที่สุด|อันดับหนึ่ง|世界一|日本一|業界最|最安値|最高の|최고의|최저가|업계 1위|"
    r"лучш(?:ий|ая|ее|ие)\b|сам(?:ый|ая|ое) (?:лучш|дешев)\w+|el mejor|la mejor|más barato|o melhor|a melhor|le meilleur|la meilleure|"
    r"\bder beste\b|\bdie beste\b|günstigste|terbaik|termurah|nomor satu|الأفضل|الأرخص",
    re.IGNORECASE,
)


@lru_cache(maxsize=2048)
def find(text: str) -> tuple[Bond, ...]:
    """What binds the shop in a folded text."""
    found = [Bond("done", _action(match.group()), *match.span()) for match in _DONE.finditer(text)]
    for pattern, key in ((_GUARANTEE, "guarantee"), (_FUTURE, "future")):
        found += [
            Bond("promise", key, *match.span())
            for match in pattern.finditer(text)
            if not any(one.start < match.end() and match.start() < one.end for one in found)
        ]
    for absolutes in (_ABSOLUTE_ZH, _ABSOLUTE):
        found += [Bond("absolute", match.group().casefold(), *match.span()) for match in absolutes.finditer(text)]
    return tuple(sorted(found, key=lambda bond: bond.start))


def _action(words: str) -> str:
    """The name of the action that words of doing speak of; 'other' where none is known."""
    last = [
        (match.end(), name)
        for name, pattern in _ACTIONS.items()
        for match in re.finditer(pattern, words, re.IGNORECASE)
    ]
    return max(last)[1] if last else "other"


_PERSONAL = lazy(
    r"我|小二|客服|专员|专人|同事|本店|店铺|[给帮为替][您你]|\b(?:i|we|me|us|you)\b|cho (?:bạn|anh|chị)|ให้คุณ|\b(?:our|the) (?:team|staff|colleague|agent|support|store|shop)s?\b|"
    r"\b(?:chúng tôi|tôi|shop|em|mình|nhân viên|cửa hàng)\b|เรา|ทางร้าน|เจ้าหน้าที่|พนักงาน|ทีมงาน|ผม|ดิฉัน|弊社|当店|担当者|スタッフ|저희|제가|상담원|"
    r"\b(?:мы|я)\b|\b(?:nosotros|nós|nous|je|wir|ich|kami|saya)\b|(?:emos|amos|imos)\b|سوف|سن\w+|سأ\w+",
    re.IGNORECASE,
)


def is_personal(text: str) -> bool:
    """Whether somebody of the shop is said to do something, not only that something is done."""
    return bool(_PERSONAL.search(text))


def actions_named(text: str) -> frozenset[str]:
    """The actions a text speaks of, in any tense."""
    return frozenset(name for name, pattern in _ACTIONS.items() if re.search(pattern, text, re.IGNORECASE))
