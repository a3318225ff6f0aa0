"""The words for numbers, by language, and what kind of word each is.

`add` words are counted as they stand (one, twenty, 七), `place` words multiply the word before them and are added to
what stands (hundred, 十, mươi), `big` words multiply everything gathered so far (thousand, 万, triệu, ล้าน).
"""

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Words:
    """The number words of one language. `spaced` says whether words stand apart, with boundaries to ask for."""

    add: dict[str, Decimal]
    place: dict[str, Decimal] = field(default_factory=dict)
    big: dict[str, Decimal] = field(default_factory=dict)
    spaced: bool = True
    links: tuple[str, ...] = ()
    """Words that may stand between two number words ('and', 'y', 'linh')."""
    weak: frozenset[str] = frozenset()
    """Words that are numbers only where a unit follows ('one', 'năm', 'un')."""


def _pairs(text: str) -> dict[str, Decimal]:
    """'two=2 | dos=2' as a table; a word may hold spaces."""
    entries = (entry.rsplit("=", 1) for entry in text.replace("\n", "|").split("|") if entry.strip())
    return {word.strip(): Decimal(value) for word, value in entries}


def _row(first: int, words: str) -> dict[str, Decimal]:
    """Words in counting order from `first`; '/' parts spellings of the same number."""
    return {
        word: Decimal(first + index) for index, spellings in enumerate(words.split()) for word in spellings.split("/")
    }


def _tens(words: str) -> dict[str, Decimal]:
    """Words for 20, 30 … in order."""
    return {
        word: Decimal(20 + 10 * index) for index, spellings in enumerate(words.split()) for word in spellings.split("/")
    }


def _joined(ones: dict[str, Decimal], tens: dict[str, Decimal], shape: str) -> dict[str, Decimal]:
    """21 … 99 where tens and ones are one word: '{one}und{ten}'."""
    return {
        shape.format(one=one, ten=ten): ten_value + one_value
        for ten, ten_value in tens.items()
        for one, one_value in ones.items()
    }


_HAN_DIGITS = _pairs(
    "零=0|〇=0|一=1|二=2|两=2|三=3|四=4|五=5|六=6|七=7|八=8|九=9|壹=1|贰=2|叁=3|肆=4|伍=5|陆=6|柒=7|捌=8|玖=9"
)
HAN = Words(
    add=_HAN_DIGITS,
    place=_pairs("十=10|拾=10|百=100|佰=100|千=1000|仟=1000"),
    big=_pairs("万=10000|亿=100000000"),
    spaced=False,
)

_EN_ONES = _row(1, "one two three four five six seven eight nine")
_EN_TENS = _tens("twenty thirty forty/fourty fifty sixty seventy eighty ninety")
_EN = Words(
    add={
        **_row(0, "zero"),
        **_EN_ONES,
        **_row(10, "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"),
        **_EN_TENS,
        **_pairs("half=0.5|dozen=12"),
    },
    place=_pairs("hundred=100"),
    big=_pairs("thousand=1000|million=1000000|billion=1000000000"),
    links=("and",),
    weak=frozenset({"one", "half", "zero", "hundred", "thousand", "million"}),
)

_DE_ONES = _row(1, "ein zwei drei vier fünf sechs sieben acht neun")
_DE_TENS = _tens("zwanzig dreißig/dreissig vierzig fünfzig sechzig siebzig achtzig neunzig")
_DE = Words(
    add={
        **_row(1, "ein/eins/eine/einen/einem/einer zwei drei vier fünf sechs sieben acht neun zehn elf zwölf"),
        **_row(13, "dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn"),
        **_DE_TENS,
        **_joined(_DE_ONES, _DE_TENS, "{one}und{ten}"),
        **_pairs("halbe=0.5|halbes=0.5|halber=0.5|anderthalb=1.5|hundert=100|einhundert=100"),
    },
    place=_pairs("hundert=100"),
    big=_pairs("tausend=1000|million=1000000|millionen=1000000"),
    links=("und",),
    weak=frozenset({"ein", "eins", "eine", "einen", "einem", "einer", "halbe", "halbes", "halber"}),
)

_ES = Words(
    add={
        **_row(1, "uno/un/una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince"),
        **_row(16, "dieciséis/dieciseis diecisiete dieciocho diecinueve"),
        **_row(20, "veinte veintiuno/veintiún veintidós/veintidos veintitrés/veintitres veinticuatro veinticinco"),
        **_row(26, "veintiséis/veintiseis veintisiete veintiocho veintinueve"),
        **_tens("veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa"),
        **_pairs("medio=0.5|media=0.5|cien=100|ciento=100|doscientos=200|trescientos=300|quinientos=500"),
    },
    big=_pairs("mil=1000|millón=1000000|millones=1000000"),
    links=("y",),
    weak=frozenset({"uno", "un", "una", "medio", "media", "mil"}),
)

_PT = Words(
    add={
        **_row(1, "um/uma dois/duas três/tres quatro cinco seis sete oito nove dez onze doze treze"),
        **_row(14, "catorze/quatorze quinze dezesseis/dezasseis dezessete/dezassete dezoito dezenove/dezanove"),
        **_tens("vinte trinta quarenta cinquenta sessenta setenta oitenta noventa"),
        **_pairs("meio=0.5|meia=0.5|cem=100|cento=100|duzentos=200|trezentos=300|quinhentos=500"),
    },
    big=_pairs("mil=1000|milhão=1000000|milhões=1000000"),
    links=("e",),
    weak=frozenset({"um", "uma", "meio", "meia", "mil"}),
)

_FR_ONES = _row(1, "un/une deux trois quatre cinq six sept huit neuf")
_FR_TEENS = _row(10, "dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf")
_FR_TENS = _tens("vingt trente quarante cinquante soixante")
_FR = Words(
    add={
        **_FR_ONES,
        **_FR_TEENS,
        **_FR_TENS,
        **_joined(_FR_ONES, _FR_TENS, "{ten}-{one}"),
        **_joined(_FR_TEENS, {"soixante": Decimal(60)}, "{ten}-{one}"),
        **_pairs("quatre-vingts=80|quatre-vingt=80"),
        **_joined({**_FR_ONES, **_FR_TEENS}, {"quatre-vingt": Decimal(80)}, "{ten}-{one}"),
        **_pairs("demi=0.5|demie=0.5|quinzaine=15|douzaine=12"),
    },
    place=_pairs("cent=100|cents=100"),
    big=_pairs("mille=1000|million=1000000|millions=1000000"),
    links=("et",),
    weak=frozenset({"un", "une", "demi", "demie", "mille"}),
)

_VI = Words(
    add=_pairs(
        "không=0|một=1|mốt=1|hai=2|ba=3|bốn=4|tư=4|năm=5|lăm=5|sáu=6|bảy=7|bẩy=7|tám=8|chín=9|nửa=0.5|rưỡi=0.5",
    ),
    place=_pairs("mười=10|mươi=10|trăm=100"),
    big=_pairs("nghìn=1000|ngàn=1000|triệu=1000000|tỷ=1000000000|tỉ=1000000000"),
    links=("linh", "lẻ"),
    weak=frozenset({"không", "một", "mốt", "hai", "ba", "tư", "năm", "chín", "tám", "nửa", "rưỡi", "triệu", "lăm"}),
)

_TH = Words(
    add=_pairs("ศูนย์=0|หนึ่ง=1|เอ็ด=1|สอง=2|ยี่=2|สาม=3|สี่=4|ห้า=5|หก=6|เจ็ด=7|แปด=8|เก้า=9|ครึ่ง=0.5"),
    place=_pairs("สิบ=10|ร้อย=100|พัน=1000|หมื่น=10000|แสน=100000"),
    big=_pairs("ล้าน=1000000"),
    spaced=False,
)

_KO = Words(
    add={
        **_pairs(
            "일=1|이=2|삼=3|사=4|오=5|육=6|칠=7|팔=8|구=9|한=1|두=2|세=3|네=4|다섯=5|여섯=6|일곱=7|여덟=8|아홉=9|반=0.5"
        ),
        **_pairs("열=10|스무=20|스물=20|서른=30|마흔=40|쉰=50|예순=60|일흔=70|여든=80|아흔=90"),
    },
    place=_pairs("십=10|백=100|천=1000"),
    big=_pairs("만=10000|억=100000000"),
    spaced=False,
)

_RU_ONES = """
    один/одна/одно/одного/одной/одну/одним два/две/двух/двумя три/трёх/трех/тремя четыре/четырёх/четырех пять/пяти
    шесть/шести семь/семи восемь/восьми девять/девяти десять/десяти одиннадцать/одиннадцати двенадцать/двенадцати
    тринадцать/тринадцати четырнадцать/четырнадцати пятнадцать/пятнадцати шестнадцать семнадцать восемнадцать
    девятнадцать
"""
_RU = Words(
    add={
        **_row(1, _RU_ONES),
        **_tens("двадцать/двадцати тридцать/тридцати сорок/сорока пятьдесят/пятидесяти шестьдесят семьдесят"),
        **_pairs("восемьдесят=80|девяносто=90|сто=100|ста=100|двести=200|триста=300|пятьсот=500"),
        **_pairs("пол=0.5|полтора=1.5|половина=0.5"),
    },
    big=_pairs("тысяча=1000|тысячи=1000|тысяч=1000|миллион=1000000|миллиона=1000000|миллионов=1000000"),
    weak=frozenset(
        {"один", "одна", "одно", "одного", "одной", "одну", "одним", "пол", "половина", "тысяч", "миллион", "сорока"}
    ),
)

_ID_ONES = _row(2, "dua tiga empat lima enam tujuh delapan/lapan sembilan")
_ID = Words(
    add={
        **_row(1, "satu"),
        **_ID_ONES,
        **{f"{word} belas": value + 10 for word, value in _ID_ONES.items()},
        **_pairs("sebelas=11|sepuluh=10|seratus=100|seribu=1000|setengah=0.5"),
    },
    place=_pairs("puluh=10|ratus=100"),
    big=_pairs("ribu=1000|juta=1000000"),
    weak=frozenset({"satu", "setengah", "lima"}),
)

_AR = Words(
    add={
        **_pairs("واحد=1|واحدة=1|اثنان=2|اثنين=2|اثنتين=2|ثلاثة=3|ثلاث=3|أربعة=4|أربع=4|خمسة=5|خمس=5|ستة=6|ست=6"),
        **_pairs("سبعة=7|سبع=7|ثمانية=8|ثماني=8|تسعة=9|تسع=9|عشرة=10|عشر=10|نصف=0.5"),
        **_pairs("عشرون=20|عشرين=20|ثلاثون=30|ثلاثين=30|أربعون=40|أربعين=40|خمسون=50|خمسين=50|ستون=60|ستين=60"),
        **_pairs("سبعون=70|سبعين=70|ثمانون=80|ثمانين=80|تسعون=90|تسعين=90|مئة=100|مائة=100"),
    },
    big=_pairs("ألف=1000|آلاف=1000|مليون=1000000"),
    links=("و",),
    weak=frozenset({"واحد", "واحدة", "ست", "ألف", "نصف"}),
)

WORDS: dict[str, Words] = {
    "zh": HAN,
    "ja": HAN,
    "en": _EN,
    "de": _DE,
    "es": _ES,
    "pt": _PT,
    "fr": _FR,
    "vi": _VI,
    "th": _TH,
    "ko": _KO,
    "ru": _RU,
    "id": _ID,
    "ms": _ID,
    "ar": _AR,
}

SCALES = _pairs(
    """
    万=10000|亿=100000000|千=1000|百=100|百万=1000000|千万=10000000|万亿=1000000000000
    k=1000|thousand=1000|million=1000000|mln=1000000|billion=1000000000|bn=1000000000|trillion=1000000000000
    nghìn=1000|ngàn=1000|triệu=1000000|tr=1000000|tỷ=1000000000|tỉ=1000000000
    พัน=1000|หมื่น=10000|แสน=100000|ล้าน=1000000|만=10000|억=100000000|천=1000|백만=1000000
    тыс.=1000|тыс=1000|тысяч=1000|тысячи=1000|тысяча=1000|млн=1000000|миллиона=1000000|миллионов=1000000|млрд=1000000000
    миллиарда=1000000000|миллиардов=1000000000|миллион=1000000|миллиард=1000000000
    mil=1000|millones=1000000|millón=1000000|milhões=1000000|milhão=1000000|mille=1000|millions=1000000
    milliards=1000000000|milliard=1000000000|tausend=1000|mio=1000000|mio.=1000000|millionen=1000000|milliarden=1000000000
    ribu=1000|rb=1000|juta=1000000|jt=1000000|miliar=1000000000|hundred=100|trăm=100|ألف=1000|آلاف=1000|مليون=1000000
    """,
)
"""What may follow digits and multiplies them: 2万, 500k, 3 triệu."""

IDIOMS = [
    "千万别",
    "千万不",
    "千万要",
    "千万注意",
    "请千万",
    "万一",
    "十分",
    "万能",
    "百货",
    "百搭",
    "百科",
    "千兆",
    "十足",
    "三星",
    "五金",
    "四季",
    "三防",
    "一一",
    "万物",
    "亿万",
    "百分百",
    "千家万户",
    "三方",
    "四川",
    "一般",
    "一定",
    "一样",
    "一起",
    "一些",
    "一下",
    "一直",
    "一旦",
    "一律",
    "一致",
    "统一",
    "唯一",
    "一切",
    "一同",
    "一并",
    "一如既往",
    "一系列",
    "一站式",
    "一体",
    "一键",
    "一目了然",
    "一点",
    "一会",
    "一向",
    "一带",
    "万达",
    "百度",
    "千牛",
    "七彩",
    "八卦",
    "九牛",
    "十全",
    "双十一",
    "双十二",
    "一加",
    "一方面",
    "一共",
    "单一",
    "之一",
    "万年历",
    "百合",
    "三角",
    "三明治",
    "六神",
    "九宫格",
]
"""Chinese words that only look like numbers."""
