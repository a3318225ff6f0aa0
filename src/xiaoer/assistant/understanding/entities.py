"""What a message names that can be looked up: orders, phones, addresses of mail, models."""

import re
from dataclasses import dataclass

from xiaoer.language import quantities
from xiaoer.language.text import fold
from xiaoer.patterns import lazy

_READ = 4000
_MOST = 10
_MEASURED = 1000
"""Characters in which measures are told from codes: 5kg is none."""

_ORDER_WORDS = (
    r"订单编?号?|单号|物流单?号|快递单?号|运单号?|order|tracking|parcel|đơn(?: hàng)?|mã đơn|คำสั่งซื้อ|ออเดอร์|พัสดุ"
    r"|注文番号?|追跡番号"
    r"|주문 ?번호?|송장"
    r"|заказ\w{0,20}|трек|الطلب|طلب|pedido|encomenda|commande|colis|bestellung\w{0,20}|paket|sendung\w{0,20}|pesanan|resi"
)
_NAMED_ORDER = lazy(
    rf"(?:{_ORDER_WORDS})(?:[\s:：#为是]|(?:no|number|id|nr|num|nummer|numéro|número|nomor|nombor|номер|số|mã|เลขที่|รหัส)\b"
    r"|[.。「『(（-]){0,6}([A-Za-z]{0,5}-?\d(?:[A-Za-z\d]|-(?=[A-Za-z\d])){3,29})",
    re.IGNORECASE,
)
_BARE_ORDER = lazy(
    r"(?<![\w+.@-])#?(?!SKU|MODEL|ISBN)((?:[A-Z]{1,5}-?\d{6,24}|[A-Z]{2,5}(?:-\d{2,12}){1,3}|\d{12,24}))(?![\w@-])"
)
_EMAIL = lazy(r"(?<![A-Za-z\d_.+-])[A-Za-z\d_.+-]{1,64}@[A-Za-z\d-]{1,63}(?:\.[A-Za-z\d-]{1,63}){1,4}(?![A-Za-z\d_-])")
_PHONE = lazy(
    r"(?<![A-Za-z\d_+.-])(?:(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}|\+\d{1,3}(?:[ -]?\(?\d{1,4}\)?){2,5}\d"
    r"|0\d{2,3}[ -]?\d{3,4}[ -]?\d{3,4})"
    r"(?![A-Za-z\d_-])"
)
"""Words of Han and Thai may stand right beside a number, or an address, without a space."""
_CODE = lazy(
    r"(?<![\w@./-])(?=[A-Za-z\d-]{3,24}(?![\w@-]))(?=[-\d]*[A-Za-z])(?=[-A-Za-z]*\d)[A-Za-z\d]+(?:-[A-Za-z\d]+)*"
)
_ORDINAL = lazy(r"^\d+(?:k|x|st|nd|rd|th|am|pm)", re.IGNORECASE)


@dataclass(frozen=True)
class Entities:
    """What was named, as it was written; nothing here is checked to exist."""

    orders: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


def without_contacts(text: str) -> str:
    """The text less its addresses of mail and numbers of phones, which tell nothing of what it is about."""
    return _PHONE.sub(" ", _EMAIL.sub(" ", text)).strip()


def entities_of(text: str) -> Entities:
    """Everything of these kinds in the first few thousand characters, at most ten of each."""
    words = fold(text[:_READ])
    emails = _found(_EMAIL, words)
    words = _EMAIL.sub(" ", words)
    named = [match.group(1) for match in _NAMED_ORDER.finditer(words)]
    unnamed = _without(words, named)
    phones = _found(_PHONE, unnamed)
    unnamed = _without(unnamed, phones)
    bare = [match.group(1) for match in _BARE_ORDER.finditer(unnamed)]
    unnamed = _without(unnamed, bare)
    measured = {each.text.strip() for each in quantities.find(unnamed[:_MEASURED])}
    codes = [code for code in _found(_CODE, unnamed) if code not in measured and not _ORDINAL.fullmatch(code)]
    return Entities(
        orders=_first([*named, *bare]),
        phones=_first(phones),
        emails=_first(emails),
        codes=_first(codes),
    )


def _found(pattern: re.Pattern[str], text: str) -> list[str]:
    return [match.group().strip() for match in pattern.finditer(text)]


def _without(text: str, found: list[str]) -> str:
    for one in found[:_MOST]:
        text = text.replace(one, " ")
    return text


def _first(found: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))[:_MOST]
