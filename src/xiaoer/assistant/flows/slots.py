"""What a message gives of what a dialogue needs: order number, end of the phone, address, invoice title, reason."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from xiaoer.assistant.flows.mentions import mentions_in, phone_in
from xiaoer.assistant.flows.yes_no import yes_or_no
from xiaoer.assistant.understanding.entities import entities_of
from xiaoer.assistant.understanding.result import Understanding
from xiaoer.commerce.numbers import plain
from xiaoer.commerce.values import Address, InvoiceTitle, OrderLine, Product, Variant, said
from xiaoer.language import numbers
from xiaoer.language.normal import key
from xiaoer.language.text import fold
from xiaoer.patterns import lazy

_NUMBER = lazy(r"(?<![A-Za-z\d])(?=[A-Za-z\d-]{0,40}\d{2})[A-Za-z]{0,5}-?\d[A-Za-z\d]*(?:-[A-Za-z\d]+)*(?![A-Za-z\d])")
_SPACED = lazy(r"(?<![A-Za-z\d])[A-Za-z]{0,5}(?:[ -]?\d{2,}){2,}(?![A-Za-z\d])")
_LEAST = 6
"""Characters of an order number at least."""

_TAIL_NAMED = lazy(
    r"(?:尾号|后四位|后4位|末四位|手机号?|电话|phone|last (?:four|4)(?: digits)?|ending(?: in)?|số cuối|เบอร์)"
    r"\D{0,16}(\d{4,15})(?!\d)",
    re.IGNORECASE,
)
_CODE = lazy(r"(?<![A-Za-z\d-])(\d{3})[ -]?(\d{3})(?![A-Za-z\d-])")
_FOUR = lazy(r"(?<![A-Za-z\d-])(\d{4})(?![A-Za-z\d-])")
_NAMED_PLACE = lazy(r"(?:the )?(first|second|third|last)(?: one)?")
_PLACE_NUMBER = lazy(
    r"(?:第|no\.? ?|#)([^\s]{1,12}?)(?:个|号|单|笔|条)?|([^\s]{1,12}?)(?:个|号|单|笔|条)|([1-9]|[^\s\d]{1,12})"
)
_PLACES = {"first": 1, "second": 2, "third": 3}
_TAX = lazy(r"(?<![A-Za-z\d])([0-9A-HJ-NPQRTUWXY]{15,20})(?![A-Za-z\d])")
_TAX_NAMED = lazy(
    r"(?:税号|纳税人识别号|tax (?:number|id|no)\.?|mã số thuế|เลขประจำตัวผู้เสียภาษี)\s*+(?:是|为|is|:|：)?\s*+"
    r"[0-9A-Za-z]{10,20}",
    re.IGNORECASE,
)
"""A number that is no order's."""
_LABEL = lazy(
    r"(?:发票)?抬头|税号|纳税人识别号|公司名称?|(?:invoice )?title|tax (?:number|id|no)|company|[:：,，;；]",
    re.IGNORECASE,
)
_STOPS = lazy(r"(?:no[,. ]+)?(?:不弄了|forget it|never ?mind)[。.!！]?")
_COMPANY = lazy(
    r"公司|集团|有限|工作室|事务所|学校|医院|厂|\b(?:ltd|inc|llc|gmbh|co|corp|company|s\.a)\b", re.IGNORECASE
)
_PERSONAL = lazy(r"个人(?:的)?(?:普通|电子)?发票|发票.{0,8}个人|personal invoice|hóa đơn cá nhân", re.IGNORECASE)
_MOVED = lazy(r"地址\s*(?:是|为|改成|改为|换成|换为|改到|换到|变更为)?\s*[:：]?\s*[“\"]?")
_RECIPIENT = lazy(r"(?:收件人|收货人|姓名|name|recipient|to)\s*[:：是]?\s*([^\s,，;；:：\d]{1,40})", re.IGNORECASE)
_PERSON = lazy(
    r"^(?:[一-鿿·]{2,5}|[A-Za-zÀ-ỹ'.-]+(?: [A-Za-zÀ-ỹ'.-]+){1,4}|[\u0e00-\u0e7f]+(?: [\u0e00-\u0e7f]+){1,3})"
)
_HAN_NAME = lazy(r"[一-鿿]{2,4}")
_NO_NAME = lazy(r"电话|手机|号码|联系|地址|收货|收件|phone|tel|mobile|call|address|số|โทร|เบอร์", re.IGNORECASE)
_PLACE = lazy(
    r"省|市|区|县|镇|路|街|巷|道|号|村|栋|幢|室|楼|\b(?:road|rd|street|st|avenue|ave|lane|district|city|đường|phường|quận|apt|unit|block)\b|ถนน|แขวง|เขต|ซอย",
    re.IGNORECASE,
)
_LEAD = lazy(
    r"^.{0,24}?(?:地址(?:是|为|改成|改为|换成|改到|换到)?|改成|改为|换成|改到|寄到|送到|address(?: is| to)?|to)"
    r"\s*[:：]?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Given:
    """An order number and the last four digits of a phone, as far as named; products and pictures too.

    `mail` is an e-mail address, `code` six digits where a code was asked for.
    """

    order: str | None = None
    tail: str | None = None
    products: tuple[tuple[str, int], ...] = ()
    pictures: tuple[str, ...] = ()
    mail: str | None = None
    code: str | None = None


def given_in(text: str, *, awaiting: str | None) -> Given:
    """Read both from one message; `awaiting` is what was asked for, which a bare figure then is taken for."""
    named_too = mentions_in(_TAX_NAMED.sub(" ", text))
    words, mail, code = _mail_and_code(named_too.rest[:400], awaiting)
    tail = None
    if (named := _TAIL_NAMED.search(words)) is not None and not _is_order_word(words[: named.start()], named.group(1)):
        tail = named.group(1)[-4:]
        words = words[: named.start(1)] + " " + words[named.end(1) :]
    found = entities_of(words)
    if tail is None and found.phones:
        tail = re.sub(r"\D", "", found.phones[0])[-4:]
        words = words.replace(found.phones[0], " ")
    order = _longest(words, found.orders)
    if tail is None and (order is not None or awaiting in ("tail", "code")):
        rest = words.replace(order, " ") if order else words
        four = _FOUR.findall(rest)
        tail = four[-1] if four else None
    if order is None and awaiting == "order" and (spaced := _SPACED.search(words)):
        order = spaced.group()
    return Given(plain(order) if order else None, tail, named_too.products, named_too.pictures, mail, code)


def _mail_and_code(words: str, awaiting: str | None) -> tuple[str, str | None, str | None]:
    """The words without the address and the code they name: neither is to be taken for an order's number."""
    mail = next(iter(entities_of(words).emails), None)
    if mail is not None:
        words = words.replace(mail, " ")
    if awaiting != "code" or (found := _CODE.search(words)) is None:
        return words, mail, None
    return words[: found.start()] + " " + words[found.end() :], mail, found.group(1) + found.group(2)


def _longest(words: str, named: tuple[str, ...]) -> str | None:
    candidates = [*named, *(one.group() for one in _NUMBER.finditer(words))]
    candidates = [one for one in candidates if len(plain(one)) >= _LEAST]
    return max(candidates, key=lambda one: len(plain(one)), default=None)


def _is_order_word(before: str, digits: str) -> bool:
    return len(digits) > 11 and not before.strip()  # noqa: PLR2004  # longer than a phone number


def chosen(text: str, offered: list[str]) -> str | None:
    """The one of the numbers offered that a short answer picks: the second, 第二个, or the end of its number."""
    words = fold(text).strip().lower()
    place = _place_in(words, last=len(offered))
    if place is not None:
        return offered[place - 1] if 1 <= place <= len(offered) else None
    digits = plain(words)
    ends = [number for number in offered if len(digits) >= 2 and plain(number).endswith(digits)]  # noqa: PLR2004
    return ends[0] if len(ends) == 1 else None


def _place_in(words: str, *, last: int) -> int | None:
    """The place in a list that a short answer names: 第二个, 2, 三, the last one."""
    if (named := _NAMED_PLACE.fullmatch(words)) is not None:
        return _PLACES.get(named.group(1), last)
    if (found := _PLACE_NUMBER.fullmatch(words)) is None:
        return None
    said = next(group for group in found.groups() if group)
    read = [each for each in numbers.likely(said, None) if (each.start, each.end) == (0, len(said))]
    return int(read[0].values[0]) if read else None


def address_in(text: str, before: Address | None, *, asked: bool) -> Address | None:
    """A new address, its recipient and phone taken from the one before where not given; None if there is none."""
    words = fold(text).strip()
    moved = [] if asked else list(_MOVED.finditer(words))
    body = words[moved[-1].end() :] if moved else words
    body = re.split(r"[”\"。]", body)[0]
    if not moved and (not asked or _LEAD.match(words)):
        body = _LEAD.sub("", words, count=1)
    phones = entities_of(words).phones or tuple(filter(None, [phone_in(words)]))
    phone = phones[0] if phones else (before.phone if before else "")
    for one in phones:
        body = body.replace(one, " ")
    named = _RECIPIENT.search(body) or _first_name(body, _MOVED.sub(" ", words), phones)
    recipient = named.group(1) if named else (before.recipient if before else "")
    if named:
        body = body.replace(named.group(), " ")
    pieces = [piece for piece in re.split(r"[,，;；\n]|\s{2,}", body) if piece.strip()]
    street = " ".join(
        re.sub(r"^(?:电话|手机号?|phone|地址|address)\s*[:：]?\s*", "", piece.strip()) for piece in pieces
    ).strip()
    if not _PLACE.search(street) or len(street) < 5 or not phone or not recipient:  # noqa: PLR2004
        return None
    country = before.country if before else "CN"
    return Address(recipient=recipient, phone=phone, street=street[:200], country=country)


def _first_name(body: str, words: str, phones: Sequence[str]) -> re.Match[str] | None:
    """The name before the phone number, where people write them so: 林小明 13800001111."""
    before = words.split(phones[0], maxsplit=1)[0] if phones else ""
    name = re.split(r"[:：,，;；\n成为]|\bto\b", before.strip(" ,，;；"))[-1].strip()
    if not _PERSON.fullmatch(name) and _HAN_NAME.fullmatch(last := name.split(" ")[-1]):
        name = last  # 世纪大道 100 号 李雷 13800001111
    if not _PERSON.fullmatch(name) or _PLACE.search(name) or _NO_NAME.search(name):
        return None
    return re.search(f"({re.escape(name)})", body)


def title_in(text: str, *, asked: bool, owner: str = "", taxed: bool = True) -> InvoiceTitle | None:
    """To whom an invoice is to be made out; None if it is not said, or a company without its tax number.

    `owner` is the customer's own name, for who wants a personal one; `taxed`: companies must give their tax number.
    """
    words = fold(text).strip()
    if owner and _PERSONAL.search(words) and not re.search(r"抬头|title", words, re.IGNORECASE):
        return InvoiceTitle(title=owner[:100], kind="personal")
    if not asked and not re.search(r"抬头|税号|title", words, re.IGNORECASE):
        return None
    tax = _TAX.search(words.upper())
    emails = entities_of(words).emails
    rest = words
    if not asked:
        rest = re.split(r"抬头|title", words, maxsplit=1, flags=re.IGNORECASE)[-1]
    for gone in (*emails, *((words[tax.start() : tax.end()],) if tax else ())):
        rest = rest.replace(gone, " ")
    name = " ".join(_LABEL.sub(" ", rest).split()).removeprefix("是").strip()[:100]
    name = re.split(r"[“”\"。]", name.lstrip('“"为是 '))[0].strip() if not asked else name
    company = _COMPANY.search(name) is not None
    if not name or (company and tax is None and taxed):
        return None
    kind: Literal["personal", "company"] = "company" if tax or company else "personal"
    return InvoiceTitle(
        title=name, kind=kind, tax_number=tax.group(1) if tax else "", email=emails[0] if emails else ""
    )


def line_in(text: str, lines: tuple[OrderLine, ...]) -> OrderLine | None:
    """The line of an order that a message names; the only one if there is one."""
    if len(lines) == 1:
        return lines[0]
    words = key(text).replace(" ", "")
    fits = [line for line in lines if key(line.name).replace(" ", "") in words or line.sku.lower() in words]
    if not fits:
        index = chosen(text, [str(number) for number in range(1, len(lines) + 1)])
        return lines[int(index) - 1] if index else None
    return max(fits, key=lambda line: len(line.name))


def says_stop(text: str, seen: Understanding) -> bool:
    """Whether the customer wants the dialogue at an end."""
    return seen.intent == "deny" or yes_or_no(text) is False or _STOPS.fullmatch(text.strip().lower()) is not None


def variant_label(variant: Variant, language: str) -> str:
    """The options of a variant in one line, or its name where it has none."""
    options = [said(texts, language) for texts in variant.options.values()]
    return " ".join(options) or said(variant.name, language)


def names_options(text: str, variant: Variant, bought: str, product: Product) -> bool:
    """Whether a message names every option in which the variant differs from what was bought."""
    words = key(text).replace(" ", "")
    had = product.variant(bought)
    differing = [texts for name, texts in variant.options.items() if had is None or had.options.get(name) != texts]
    return bool(differing) and all(
        any(key(one).replace(" ", "") in words for one in texts.values()) for texts in differing
    )
