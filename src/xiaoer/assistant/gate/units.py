"""Units as customers write them in fourteen languages, and which of them mean the same."""
# ruff: noqa: E501
# Word lists read by row, not by column.

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from xiaoer.language.numerals import fold
from xiaoer.patterns import lazy, lazy_table


@dataclass(frozen=True)
class Unit:
    """`dimension` says what is measured; a quantity in the base unit is its value times `factor`."""

    name: str
    dimension: str
    factor: Decimal = Decimal(1)

    @property
    def hard(self) -> bool:
        """Whether the wrong unit changes what is owed: money, time, percentages."""
        return self.dimension in HARD


HARD = frozenset({"money", "time", "calendar", "workday", "percent", "discount"})

_TABLE = """
second   time 1      | 秒 秒钟 second seconds sec secs giây วินาที 초 секунд секунды секунду segundo segundos seconde secondes Sekunde Sekunden detik saat* ثانية ثوان
minute   time 60     | 分钟 分間 分間以内 minute minutes min mins phút นาที 분 минут минуты минуту minuto minutos Minute Minuten menit minit دقيقة دقائق
hour     time 3600   | 小时 个小时 钟头 时间 hour hours hr hrs h tiếng giờ tiếng_đồng_hồ ชั่วโมง ชม. 시간 час часа часов hora horas heure heures Stunde Stunden jam ساعة ساعات
day      time 86400  | 天 日 个自然日 自然日 日間 日间 day days calendar_days ngày วัน 일 일간 день дня дней día días dia dias jour jours Tag Tage Tagen hari يوم أيام يوما يومًا
week     time 604800 | 周 个星期 星期 个礼拜 礼拜 週間 周間 周间 week weeks tuần สัปดาห์ อาทิตย์ 주 주일 주간 неделя недели недель неделю semana semanas semaine semaines Woche Wochen minggu أسبوع أسابيع
month    calendar 1  | 个月 月份 个月份 か月 ヶ月 カ月 ケ月 ヵ月 month months mo mos tháng เดือน 개월 달 месяц месяца месяцев mes meses mês mois Monat Monate Monaten bulan شهر أشهر شهور شهرا شهرًا
year     calendar 12 | 年 周年 年间 年間 year years yr yrs năm ปี 년 год года лет año años ano anos an ans année années Jahr Jahre Jahren tahun سنة سنوات عام أعوام
workday  workday 1   | 工作日 个工作日 营业日 営業日 工作天 个工作天 working_day working_days business_day business_days work_day workdays workday weekdays ngày_làm_việc วันทำการ วันทำงาน 영업일 рабочий_день рабочих_дня рабочих_дней día_hábil días_hábiles días_laborables día_laborable dia_útil dias_úteis jour_ouvré jours_ouvrés jour_ouvrable jours_ouvrables Werktag Werktage Werktagen Arbeitstag Arbeitstage Arbeitstagen hari_kerja أيام_عمل يوم_عمل
percent  percent 1   | % ％ percent per_cent pct phần_trăm เปอร์เซ็นต์ 퍼센트 프로 パーセント процент процента процентов por_ciento por_cento pour_cent Prozent persen peratus بالمئة بالمائة في_المئة في_المائة
cny      money 1     | 元 元人民币 块 块钱 圆 元整 RMB CNY yuan kuai renminbi nhân_dân_tệ tệ หยวน 위안 юаней юаня юань yuanes yuans
usd      money 1     | 美元 美金 USD dollar dollars đô_la đô ดอลลาร์ 달러 доллар доллара долларов dólares dólar Dollar ドル
eur      money 1     | 欧元 € EUR euro euros ユーロ 유로 евро ยูโร
gbp      money 1     | 英镑 £ GBP pounds pound
vnd      money 1     | 越南盾 đồng đ ₫ VND vnđ
thb      money 1     | 泰铢 บาท ฿ THB baht
jpy      money 1     | 日元 円 JPY yen
krw      money 1     | 韩元 원 ₩ KRW won
rub      money 1     | 卢布 ₽ RUB руб рублей рубля рубль rublos
idr      money 1     | IDR rupiah 印尼盾
myr      money 1     | MYR ringgit 马币 林吉特
sgd      money 1     | SGD 新币
hkd      money 1     | HKD 港币 港元
twd      money 1     | TWD 新台币 台币
brl      money 1     | BRL reais
mm       length 1    | mm 毫米 millimeters millimetre มม. мм ミリ
cm       length 10   | cm 厘米 公分 centimeters ซม. см センチ
m        length 1000 | m 米 公尺 meters metres เมตร м mét метров
km       length 1000000 | km 公里 千米 kilometers กม. км กิโลเมตร
inch     inch 1      | 英寸 寸 吋 inch inches inch" นิ้ว 인치 дюйм дюйма дюймов pulgadas polegadas pouces Zoll インチ inci
g        mass 1      | g 克 grams gram กรัม г 그램 グラム gam
kg       mass 1000   | kg kgs 千克 公斤 kilograms kilos กก. กิโลกรัม кг 킬로그램 キロ
jin      mass 500    | 斤
ml       volume 1    | ml 毫升 มล. мл
l        volume 1000 | L 升 liters litres ลิตร л lít ลิตร 리터 リットル
w        power 1     | W 瓦 watts watt วัตต์ Вт 와트 ワット
kw       power 1000  | kW 千瓦 кВт
v        volt 1      | V 伏 伏特 volts
a        ampere 1    | A 安 安培 amps
mah      charge 1    | mAh 毫安时 毫安 мАч มิลลิแอมป์
hz       frequency 1 | Hz 赫兹 Гц
khz      frequency 1000 | kHz
mhz      frequency 1000000 | MHz
ghz      frequency 1000000000 | GHz
db       loudness 1  | dB 分贝
mb       data 1      | MB 兆 Мб
gb       data 1000   | GB G 吉 Гб กิกะไบต์
tb       data 1000000 | TB T Тб
celsius  heat 1      | °C ℃ 摄氏度 度 องศา độ_C градусов
mpx      pixel 1     | MP megapixel megapixels 万像素 Мп
nit      light 1     | nits nit 尼特
rpm      spin 1      | rpm 转
mpa      pressure 1000000 | MPa
kpa      pressure 1000 | kPa
pa       pressure 1  | Pa
times    count 1     | 倍 times_as x倍
period   period 1    | 期 个分期 kỳ งวด 회차
count    count 1     | 个 件 台 部 次 款 种 只 条 张 份 位 家 名 套 盒 箱 瓶 枚 人 层 步 色 回 つ 個 本 枚 台 件 人 pieces piece pcs items item units unit times cái chiếc lần sản_phẩm ชิ้น ครั้ง เครื่อง 개 번 대 명 회 штук шт раз раза piezas unidades veces pièces unités fois Stück Mal buah unit kali keping
age      calendar 12       | 岁 years_old tuổi ขวบ 세 歳
"""

_SIGNS = {
    "¥": ("cny", "jpy"),
    "CN¥": ("cny",),
    "JP¥": ("jpy",),
    "$": ("usd",),
    "US$": ("usd",),
    "HK$": ("hkd",),
    "NT$": ("twd",),
    "S$": ("sgd",),
    "R$": ("brl",),
    "RMB": ("cny",),
    "CNY": ("cny",),
    "USD": ("usd",),
    "人民币": ("cny",),
    "€": ("eur",),
    "£": ("gbp",),
    "₫": ("vnd",),
    "฿": ("thb",),
    "₩": ("krw",),
    "₽": ("rub",),
    "Rp": ("idr",),
    "RM": ("myr",),
    "EUR": ("eur",),
    "THB": ("thb",),
    "VND": ("vnd",),
}


def _rows() -> Iterator[tuple[Unit, list[str]]]:
    for line in _TABLE.strip().splitlines():
        head, spellings = line.split("|", 1)
        name, dimension, factor = head.split()
        yield Unit(name, dimension, Decimal(factor)), [fold(one).replace("_", " ") for one in spellings.split()]


UNITS = lazy_table(lambda: {unit.name: unit for unit, _ in _rows()})
DISCOUNT = Unit("discount", "discount")
OF_PRICE = Unit("of_price", "of_price")
PART = Unit("part", "part")
"""A figure that is a piece of a date, a time or a code; it never stands for a quantity."""

_EXACT = frozenset({"m", "M", "h", "g", "G", "T", "V", "v", "A", "a", "L", "l", "W", "w", "B", "mo"})
"""Letters that are units only when written so, without a letter after them."""
_CASED = {
    "m": "m",
    "h": "hour",
    "g": "g",
    "G": "gb",
    "T": "tb",
    "V": "v",
    "A": "a",
    "L": "l",
    "l": "l",
    "W": "w",
    "w": "w",
}


def _folded() -> dict[str, Unit]:
    written: dict[str, Unit] = {}
    for unit, spellings in _rows():
        for spelling in spellings:
            written.setdefault(spelling, unit)
    return {spelling.casefold(): unit for spelling, unit in written.items() if spelling not in _EXACT}


_FOLDED = lazy_table(_folded)
"""What each spelling means, in small letters."""


def _any_of(spellings: Iterable[str]) -> str:
    return "|".join(_bounded(spelling) for spelling in sorted(spellings, key=len, reverse=True))


_OTHER_WORDS = {
    "元": "组素件旦气首宵老",
    "天": "然猫气线窗花津际生赋",
    "日": "本常历用",
    "年": "级货轮纪龄",
    "块": "状",
    "度": "假",
    "台": "湾阶灯风",
    "升": "级温降",
    "米": "饭家色",
    "周": "末岁围边转期",
    "期": "间限待",
    "秒": "杀",
    "克": "隆服",
    "转": "人账换接让发",
    "条": "件款",
    "人": "工民员为体气",
    "位": "置",
    "名": "称字",
    "家": "庭用电居长",
    "次": "日品元要",
    "部": "分件位门",
    "种": "子植",
    "只": "要有能是支",
    "款": "式项",
    "瓦": "斯片",
    "安": "全装排心卓静",
    "个": "人性",
    "层": "次",
    "分": "期类享",
    "吉": "他",
    "兆": "赫",
    "件": "数",
}
"""What may not follow a Chinese unit, since both together are another word."""


def _bounded(spelling: str) -> str:
    """A spelling that ends in a letter of a spaced script may not go on with another."""
    pattern = re.escape(spelling)
    if spelling in _OTHER_WORDS:
        return f"{pattern}(?![{_OTHER_WORDS[spelling]}])"
    return pattern + r"(?![A-Za-zÀ-ɏḀ-ỹА-яё])" if re.search(r"[A-Za-zÀ-ɏḀ-ỹА-яё]$", spelling) else pattern


_AFTER = lazy(
    lambda: (
        r"(?: an?(?= ))?(?:[ \u00a0\u202f]|-(?=[A-Za-z]))?(?:多|余|来|几)?(?:个(?=半?(?:小时|月|工作|星期|礼拜|自然|钟头|营业)))?"
        r"(?P<half>半)?(?:(?P<unit>" + _any_of(_FOLDED) + r")"
        r"|(?P<letter>[mhgGTVAaLlWw])(?![A-Za-zÀ-ɏḀ-ỹА-яё]))(?P<more>半(?!价|天|年|折|小时))?"
    ),
    re.IGNORECASE,
)
_BEFORE = lazy("(?:" + "|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True)) + r")\s?$")
_HARD = lazy(
    lambda: "|".join([_any_of(each for each, unit in _FOLDED.items() if unit.hard), *map(re.escape, _SIGNS)]),
    re.IGNORECASE,
)


def after(text: str, position: int, language: str) -> tuple[Unit, int, Decimal] | None:
    """The unit written at `position`, where it ends, and what a 半 beside it adds to the value."""
    match = _AFTER.match(text, position)
    if match is None:
        is_minutes = language == "ja" and text.startswith("分", position)
        return (UNITS["minute"], position + 1, Decimal(0)) if is_minutes else None
    letter = match.group("letter")
    if letter is not None and letter not in _CASED:
        return None
    unit = UNITS[_CASED[letter]] if letter else _FOLDED[match.group("unit").casefold()]
    extra = Decimal("0.5") if match.group("half") or match.group("more") else Decimal(0)
    return unit, match.end(), extra


def before(text: str, position: int) -> tuple[tuple[Unit, ...], int] | None:
    """The currencies a sign in front of `position` may stand for, and where the sign begins."""
    match = _BEFORE.search(text, max(position - 5, 0), position)
    if match is None:
        return None
    return tuple(UNITS[name] for name in _SIGNS[match.group().strip()]), match.start()


def same(one: Unit, other: Unit) -> bool:
    """Whether values in these units may be compared, after their factors."""
    if one.dimension == "money":
        return one.name == other.name
    return one.dimension == other.dimension


def dimensions(text: str) -> frozenset[str]:
    """The hard dimensions whose units are named anywhere in `text`, as a table's head does: 价格(元)."""
    return frozenset(
        (_FOLDED.get(match.group().casefold()) or UNITS[_SIGNS.get(match.group(), ("cny",))[0]]).dimension
        for match in _HARD.finditer(text)
    )
