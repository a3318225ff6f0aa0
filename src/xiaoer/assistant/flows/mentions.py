"""What a message names besides an order: products by number or link, pictures, a state, how many, when, and whom."""

import re
from dataclasses import dataclass

from xiaoer.assistant.flows.counting import last_count, wanted_in
from xiaoer.commerce.values import OrderState, ServiceKind
from xiaoer.language.text import fold
from xiaoer.patterns import lazy

_PICTURE = lazy(
    r"https?://(?:(?!https?://)[^\s，。；、（）()])+?\.(?:jpe?g|png|gif|webp|bmp|heic|tiff?)(?![A-Za-z\d])",
    re.IGNORECASE,
)
_LINK = lazy(r"https?://[A-Za-z0-9./?=&%_#~:+@!$*-]+")
_LINKED = lazy(r"/(?:item/|product/|products/|goods/|p/)?([A-Za-z]{0,5}-?\d{5,20})(?:\.html?)?(?:[/?#]|$)")
_FIGURE = lazy(r"(?<![A-Za-z\d-])(?=[A-Za-z\d-]*\d{5})[A-Za-z]{0,5}-?\d[A-Za-z\d-]{4,23}(?![A-Za-z\d])")
_OF_ORDER = lazy(r"(?:订单|单号|运单|order)[^，。,;；\d]{0,8}$", re.IGNORECASE)
_OF_PERSON = lazy(r"(?:电话|手机|号码|尾号|phone|tel|税号|tax)[^，。,;；\d]{0,8}$", re.IGNORECASE)
_OF_PRODUCT = lazy(
    r"(?:商品|产品|货号|宝贝|型号|sku|item|product|sản phẩm|สินค้า|看上了?|改购|购买了?|下单|换成)[^，。,;；\d]{0,8}$",
    re.IGNORECASE,
)
_JOINED = lazy(r"^[\s,，、和与及]*+(?:and|or|và|และ)?\s*$")
_STATES: tuple[tuple[re.Pattern[str], frozenset[OrderState]], ...] = (
    (lazy(r"(?:刚刚?|已)付款|待发货|just paid"), frozenset({"paid", "packed"})),
    (lazy(r"待付款|未付款|没付款|unpaid"), frozenset({"pending"})),
    (lazy(r"已(?:经)?(?:签收|送达|收货|收到)|delivered"), frozenset({"delivered", "completed"})),
    (lazy(r"(?<!没|未)(?<!有没有)已(?:经)?发货|运输中|在路上|on (?:its|the) way"), frozenset({"shipped"})),
)
_OTHER = lazy(r"另外?一?个|另外?(?:一?[单笔]|的订单)|the other (?:order|one)|đơn (?:kia|khác)|อีกออเดอร์")
_EVERY = lazy(
    r"(?:所有|全部|每个?|每一个?)(?:的)?(?:订单|单子|包裹|快递|商品|物流)"
    r"|all (?:of )?(?:my )?(?:orders|parcels|packages)"
    r"|tất cả (?:các )?đơn|ทุก(?:ออเดอร์|คำสั่งซื้อ)"
)
_DAY = lazy(
    r"(?:周|星期|礼拜)([一二三四五六日天])|\b(mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b"
    r"|thứ (hai|ba|tư|năm|sáu|bảy)|(chủ nhật)|วัน(จันทร์|อังคาร|พุธ|พฤหัส(?:บดี)?|ศุกร์|เสาร์|อาทิตย์)|(20\d\d-\d{1,2}-\d{1,2})",
    re.IGNORECASE,
)
_DAYS = {
    "一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6", "日": "7", "天": "7",
    "mon": "1", "tue": "2", "wed": "3", "thu": "4", "fri": "5", "sat": "6", "sun": "7",
    "hai": "1", "ba": "2", "tư": "3", "năm": "4", "sáu": "5", "bảy": "6", "chủ nhật": "7",
    "จันทร์": "1", "อังคาร": "2", "พุธ": "3", "พฤหัส": "4", "พฤหัสบดี": "4", "ศุกร์": "5", "เสาร์": "6", "อาทิตย์": "7",
}  # fmt: skip
_NAME = lazy(r"(?:名字|姓名|联系人|称呼|name(?: is)?|tên|ชื่อ)\s*[:：是为叫]?\s*([^\s,，。;；\d]{1,20})", re.IGNORECASE)
_PHONE = lazy(r"(?:电话|手机|phone|tel|điện thoại|โทร)\D{0,10}(\+?\d[\d -]{5,16}\d)", re.IGNORECASE)
_CODE = lazy(r"(?<![A-Za-z\d])([A-Z]{1,2}\d{1,4})(?![A-Za-z\d])")
_KINDS: tuple[tuple[re.Pattern[str], ServiceKind], ...] = (
    (lazy(r"维修|修理|检修|repair|fix|sửa|ซ่อม", re.IGNORECASE), "repair"),
    (lazy(r"安装|install|lắp|ติดตั้ง", re.IGNORECASE), "installation"),
    (lazy(r"检查|inspect|check|kiểm tra|ตรวจ", re.IGNORECASE), "inspection"),
)


@dataclass(frozen=True)
class Mentions:
    """What was named. `rest` is the message without products and links; nothing here is checked to exist."""

    products: tuple[tuple[str, int], ...]
    pictures: tuple[str, ...]
    rest: str


def mentions_in(text: str) -> Mentions:
    """Products with how many of each, and pictures."""
    words = fold(text)[:600]
    pictures = tuple(dict.fromkeys(found.group() for found in _PICTURE.finditer(words)))
    words = _PICTURE.sub(" ", words)
    linked = [number.group(1) for link in _LINK.finditer(words) if (number := _LINKED.search(link.group()))]
    words = _LINK.sub(" ", words)
    usual = wanted_in(words)
    found: dict[str, int] = dict.fromkeys(linked, usual)
    gone: list[tuple[int, int]] = []
    end, was_product = 0, False
    for figure in _FIGURE.finditer(words):
        before = words[end : figure.start()]
        joined = was_product and _JOINED.match(before) is not None
        was_product = joined or (_is_product(before))
        if was_product:
            found[figure.group()] = last_count(before) or usual
            gone.append(figure.span())
        end = figure.end()
    for start, stop in reversed(gone):
        words = f"{words[:start]} {words[stop:]}"
    return Mentions(tuple(found.items()), pictures, words)


def _is_product(before: str) -> bool:
    """The word nearest before a figure tells what it is: 商品ID为100195837652的订单 is a product."""
    if _OF_ORDER.search(before) or _OF_PERSON.search(before):
        return False
    return _OF_PRODUCT.search(before) is not None


def states_in(text: str) -> frozenset[OrderState] | None:
    """The state in which the customer says the order is."""
    return next((states for pattern, states in _STATES if pattern.search(text)), None)


def means_other(text: str) -> bool:
    """Whether another order is meant than the one just talked about."""
    return _OTHER.search(text) is not None


def means_every(text: str) -> bool:
    """Whether all orders are meant."""
    return _EVERY.search(fold(text).lower()) is not None


def day_in(text: str) -> str | None:
    """A weekday from 1 (Monday) to 7, or a date."""
    found = _DAY.search(fold(text).lower())
    if found is None:
        return None
    word = next(group for group in found.groups() if group)
    return word if word[:1].isdigit() else _DAYS.get(word, _DAYS.get(word[:3], ""))


def name_in(text: str) -> str | None:
    found = _NAME.search(text)
    return found.group(1) if found else None


def phone_in(text: str) -> str | None:
    found = _PHONE.search(fold(text))
    return re.sub(r"[ -]", "", found.group(1)) if found else None


def code_in(text: str) -> str | None:
    """A code of a fault as a display shows it, such as F001."""
    found = _CODE.search(fold(text).upper())
    return found.group(1) if found else None


def service_in(text: str) -> ServiceKind | None:
    return next((kind for pattern, kind in _KINDS if pattern.search(text)), None)
