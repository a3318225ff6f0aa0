"""Words of denial, the joints between clauses, and words that carry no content, in every language."""

# ruff: noqa: E501
# Word lists read by row, not by column.

import re

from xiaoer.patterns import lazy


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NOT_DENIAL = lazy(
    r"不锈钢|不仅|不但|不只|不光|不同|不少于|不低于|不高于|不超过|不多于|不限|不论|不管|不过|不妨|不断|不错|不久|不足(?!\d)|不满(?=意|一)|不适(?![合用应])|不等|不一|不慎|不便|不良|不明|"
    r"无论|无线|无损|无忧|无理由|未满(?![¥\d一二三四五六七八九十])|无霜|无风|无极|无刷|无氧|无缝|无绳|无人机|无边框|无感|无级|无火|无镁|无烟|无障碍|无压|无水|(?:无需|不需要?|不用|不必)(?=[^，。；]{0,6}(?:理由|原因))|"
    r"未来|未必|非常|非洲|非凡|除非|是非|并非常|是否|能否|可否|能不能|可不可以|会不会|有没有|是不是|要不要|支不支持|莫不|没问题|没关系|没错|"
    r"\bnot only\b|\bno-\w+|\bnot exceed\w*|\bnot (?:over|above)\b|không vượt quá|넘지 않|초과하지 않|超えない|超えず|не превыша\w+|no (?:supere|exceda)\w*|não exced\w+|ne (?:pas )?dépass\w+|nicht über\w*|tidak (?:melebihi|lebih)|لا (?:تتجاوز|يتجاوز|تزيد|يزيد)|\bno (?:more|less|later|fewer) than\b|\bno reason|\bno[- ]questions|\bwhether or not\b|\bno problem\b|\bno worries\b|\bNo\.\s?\d|\bno doubt\b|\bnon-?stop|"
    r"\b(?:no need|not required|without|do(?:es)? not need|don't (?:need|have))(?= (?:\w+ ){0,3}reasons?\b)|"
    r"không (?:chỉ|những|dây|cần (?:\w+ ){0,2}lý do|quá|ít hơn|nhiều hơn)|có .{1,40} không\?|ไม่(?:เพียง|ว่า|เกิน|น้อยกว่า|เป็นไร)|"
    r"ไม่(?:ต้อง|จำเป็นต้อง)(?:แจ้ง|มี|ระบุ|ให้|บอก)?เหตุผล|だけで(?:は)?なく|뿐만 아니라|не только|не более|не менее|no solo|no sólo|no más de|não só|pas seulement|nicht nur|tidak hanya|"
    r"しかない|かもしれない",
    re.IGNORECASE,
)
DENIAL = lazy(
    r"(?:低于|不足|少于|不到|未满|不满)(?=[¥\d一二三四五六七八九十])|不(?!锈)|无法|无(?!论)|没有?|未|非|勿|禁止|谢绝|拒绝|严禁|除外|免谈|逾期|(?:超过|超出|多于)(?=[\d一二两三四五六七八九十半]+(?:个?(?:天|日|周|月|年|小时|分钟|星期|工作日)))|"
    r"\bnot\b|n['’]t\b|\bno\b|\bnever\b|\bcannot\b|\bwithout\b|\bunable\b|\bneither\b|\bnor\b|\bnone\b|\bexclud\w+|\bexcept\w*|\bunless\b|\brefus\w+|\bprohibit\w*|\bforbid\w*|\bineligible\b|\bnon-?(?!stop)\w+|"
    r"\bun(?:available|supported|opened|used|able)\b|\b(?:more than|beyond|over|after)(?= (?:\d+|\w+) (?:days?|hours?|weeks?|months?|years?|business|working)\b)|"
    r"\b(?:under|below|less than|fewer than)(?= ?[$€£¥]?\d)|\bdưới(?= (?:\d|mức))|ต่ำกว่า(?= ?\d)|น้อยกว่า(?= ?\d)|"
    r"\bkhông\b|\bchưa\b|\bchẳng\b|\bđừng\b|\bcấm\b|\bngoại trừ\b|\btrừ khi\b|\b(?:hơn|trên|quá|sau)(?= \d+ (?:ngày|giờ|tháng|năm|tuần))|"
    r"ไม่|ห้าม|งด(?![\u0e31\u0e34-\u0e4e])|ยกเว้น|ปฏิเสธ|เกิน(?= ?\d+ ?(?:วัน|ชั่วโมง|เดือน|ปี))|"
    r"ない|ません|ぬ(?=[。、])|不可|対象外|对象外|出来ず|않|없|못|불가|제외|안 (?=[가-힣])|아니|아닙|"
    r"\bне\b|\bнет\b|\bнельзя\b|\bбез\b|\bникогда\b|\bкроме\b|\bневозможн\w+|\bнедоступ\w+|"
    r"\bnunca\b|\bsin\b|\btampoco\b|\bexcepto\b|\bnão\b|\bsem\b|\bnem\b|\bpas\b|\bsans\b|\bjamais\b|\bsauf\b|\bnicht\b|\bkein\w*|\bohne\b|\bnie\b|\bausgeschlossen\b|"
    r"\btidak\b|\bbukan\b|\bjangan\b|\btanpa\b|\bbelum\b|\bkecuali\b|\btak\b|(?<!\w)(?:لا|ليس|لن|لم|غير|بدون|ليست)(?!\w)",
    re.IGNORECASE,
)
TWICE = lazy(r"(?:[不没无未])([\u4e00-\u9fff])[不没无未](?!\1)[\u4e00-\u9fff]")
"""One denial said twice over: 不退不换."""
EXCEPTION = lazy(
    r"除外|除非|例外|\bexcept\w*|\bunless\b|\bngoại trừ\b|\btrừ khi\b|ยกเว้น|を除(?:く|き)|제외|кроме|исключением|excepto|salvo|sauf|außer|kecuali",
    re.IGNORECASE,
)
BREAK = lazy(
    r"的话[，,]?|[，。！？；：;!?\n\r|…（）()【】]|、(?=不|未|无|需|可|支持|请)|(?<=[\u0e00-\u0e7f])\s+(?=[\u0e00-\u0e7f])|,(?!\d{3})|\.(?=\s|$)|:(?!\d\d)|\s[-–—]\s|——|"
    r"\b(?:but|however|although|though|while|whereas|if|when|once|unless|because|provided|as long as|and(?= (?:you|we|it|they|the|is|are|can|will|do|does|has|have)\b)|which|after)\b|"
    r"\b(?:nhưng|nếu|khi|vì|miễn là|trừ khi|còn|tuy nhiên|và(?= (?:không|chúng|có|được|sẽ|bạn)\b))\b|แต่|ถ้า|หาก|เมื่อ|เพราะ|ยกเว้น|โดย(?=ไม่)|"
    r"但是?|不过(?!\d)|而且|并且|如果|若(?!干)|只要|除非|因为|所以|"
    r"\b(?:но|если|когда|а также|однако|pero|cuando|porque|mas|quando|mais|lorsque|parce que|aber|wenn|weil|tapi|tetapi|jika|kalau|karena)\b|(?<=[가-힣]지만)|(?<=[가-힣]면) |しかし|ただし|(?<=場合)は|(?<=场合)は",
    re.IGNORECASE,
)
EMPTY_WIDE = lazy(
    r"您好|你好|亲爱的|左右|大约|大概|我们|您的|你的|本店|小店|可以|能够|请问|请您|关于|对于|根据|按照|具体|以下|如下|目前|现在|一般|通常|的话|相关|情况|进行|这款|该款|此款|商品|产品|"
    r"是的|好的|没问题|范围之?内|范围|当然|拨打|致电|联系|订单|购买|下单|版本|另外|此外|同时|其中|例如|比如|以及|所以|因此|因为|如果|支持|提供|需要|服务|[的了吗呢吧啊呀哦哟哈嘛您你我他它们是在和与及或也都就还则而且以为于把被让向从等这那该此其之请会能将可亲个若]|"
    r"ค่ะ|ครับ|นะคะ|คุณ|ของ|และ|ที่|ได้|เป็น|มี|ให้|ใน|จะ|กับ|หรือ|เรา|ทาง|ร้าน|สามารถ|การ|ความ|ก็|แล้ว|อยู่|"
    r"です|ます|ました|ください|こと|もの|ため|から|まで|など|また|[はがをにでとのもやへか]|습니다|합니다|입니다|있습니다|니다|해요|세요|[은는이가을를의에도로과와]",
)
EMPTY_WORDS = _words(
    """
    a an the of to in on at for from with by and or is are was were be been being it its this that these those you
    your yours we our us i me my they them their he she his her as so if then there here also can could may might
    would should will shall do does did have has had please yes sure okay ok hello hi dear customer thanks thank
    sorry well just very which who what when where how than about into any all offer offers provide provides support
    supports available product products item items bạn của chúng tôi là có và các cho với được trong này đó một
    những thì mà để khi từ đến ở ra vào theo về như cũng sẽ đã đang rất ạ dạ vâng em anh chị quý khách shop hàng sản
    phẩm и в на с по для от до к из о за у мы вы вас вам наш ваш это что как также или есть был была были быть можно
    может el la los las un una unos unas de del y o en con por para que es son se su sus al lo le les como más
    nuestro nuestra usted sí está puede o os as um uma do da dos das e em no na nos nas com por para que é são se
    seu sua ao nosso você pode sim le la les un une des du de et ou en avec pour par que qui est sont ce cette ces
    il elle nous vous votre vos notre nos au aux dans sur oui peut der die das den dem des ein eine einen einem und
    oder in im mit für von zu zum zur auf aus bei ist sind sie ihr ihre wir uns unser es auch ja kann können dan
    atau di ke dari yang untuk dengan ini itu adalah kami anda kamu saya akan bisa dapat juga pada ya produk في من
    على إلى عن مع هذا هذه التي الذي و أو أن كان هو هي نحن أنت
    """,
)

SAME = (
    (lazy(r"售价|价钱|定价|价位|标价|卖价"), "价格"),
    (lazy(r"免邮费?|免运费|免快递费|免配送费"), "包邮"),
    (lazy(r"邮费|快递费|配送费"), "运费"),
    (lazy(r"付款|结账|买单|付钱"), "支付"),
    (lazy(r"质保|包修|保固"), "保修"),
    (lazy(r"送货|派送|发货|配送|送达"), "配送"),
    (lazy(r"优惠券|代金券|折扣券"), "优惠券"),
    (lazy(r"上班时间|营业时间|服务时间|工作时间|客服时间"), "工作时间"),
    (lazy(r"\b(?:delivery|postage|dispatch)\b", re.IGNORECASE), "shipping"),
    (lazy(r"\b(?:costs?|priced?|prices)\b", re.IGNORECASE), "price"),
    (lazy(r"\b(?:send|ship|bring) (?:it |them )?back\b", re.IGNORECASE), "return"),
    (lazy(r"\b(?:purchases?|buy(?:ing)?|bought)\b", re.IGNORECASE), "order"),
)
"""Words that shops use for the same thing."""
