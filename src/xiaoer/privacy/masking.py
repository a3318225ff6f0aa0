"""Personal data in a text, found by rules and check digits, and put out of sight.

Numbers with a check digit (identity cards, bank cards) are masked only when it is right, or when the word before says
what they are: an order number of eighteen digits is none. What rules cannot tell (a name alone, an address without its
usual words) stays; docs/privacy.md says how much that is.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from xiaoer.language.text import fold
from xiaoer.patterns import lazy

Kind = Literal["email", "identity", "card", "phone", "address"]
_EMAIL = lazy(r"(?<![A-Za-z\d._%+-])[A-Za-z\d._%+-]{1,64}@[A-Za-z\d-]{1,63}(?:\.[A-Za-z\d-]{1,63}){1,4}(?![A-Za-z\d-])")
_IDENTITY = lazy(
    r"(?<![\dA-Za-z])[1-9]\d{5}[ -]?(?:19|20)\d{2}(?:0\d|1[0-2])(?:[0-2]\d|3[01])[ -]?\d{3}[\dXx](?![\dA-Za-z])"
)
_CARD = lazy(r"(?<![\dA-Za-z])\d(?:[ -]?\d){11,18}(?![\dA-Za-z])")
_CARD_WORD = lazy(r"(?:银行卡|卡号|账号|card(?: (?:number|no\.?))?|thẻ|บัตร)\D{0,6}$", re.IGNORECASE)
_ORDER_WORD = lazy(r"(?:订单|单号|运单|物流|order|tracking|đơn|พัสดุ)\D{0,8}$", re.IGNORECASE)
_PHONE = lazy(
    r"(?<![A-Za-z\d.+-])(?:(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d){8}|(?:\+|00)[1-9]\d{0,2}(?:[ -]?\(?\d{1,4}\)?){2,5}\d"
    r"|\(?0\d{2,3}\)?[ -]?\d{7,8}|0[35789]\d{8}|0[689]\d-?\d{3}-?\d{4}|400[ -]?\d{3}[ -]?\d{4})(?![A-Za-z\d-])"
)
_DOOR = r"[A-Za-z]?\d{1,5} ?(?:号楼|号院|号|栋|幢|座|期|单元|楼|层|室|房)"
_HOUSE = r"(?:大厦|小区|花园|公寓|广场|苑|家园|新村|大楼)"
_ADDRESS_ZH = lazy(
    rf"(?:路|街|大道|巷|弄|胡同|村|{_HOUSE})[东西南北中]?(?:段)? ?{_DOOR}"
    rf"(?:[ ,，-]?(?:[一-鿿]{{1,8}}{_HOUSE})?{_DOOR}|\d{{3,4}}(?!\d)){{0,5}}"
    rf"|{_DOOR}(?:[ ,，-]?{_DOOR}){{1,5}}(?:\d{{3,4}}(?!\d))?"
)
_BEFORE_ZH = lazy(r"[一-鿿A-Za-z\d]{0,40}$")
_SAID_BEFORE = lazy(r"^.*(?:地址|是|为|到|在|寄|送|给|往|住|改成)")
_ADDRESS_EN = lazy(
    r"(?<![\w])\d{1,5}[A-Za-z]?,? (?:[A-Z][\w'.-]{1,20} ){1,4}"
    r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Square|Sq|Terrace|Way|Close)\b\.?"
    r"(?:,? (?:Apt|Apartment|Unit|Flat|Suite|#)\.? ?[\w-]{1,6})?(?:,? [A-Z]{2} \d{5}(?:-\d{4})?)?"
)
_ADDRESS_VI = lazy(
    r"(?:số (?:nhà )?)?\d{1,4}[A-Za-z]?(?:/\d{1,4}){0,3},? (?:đường|phố|ngõ|hẻm|ngách) [\wÀ-ỹ]+(?: [\wÀ-ỹ]+){0,4}",
    re.IGNORECASE,
)
_ADDRESS_TH = lazy(
    r"(?:บ้านเลขที่|เลขที่) ?\d{1,5}(?:/\d{1,5})?"
    r"(?: ?(?:หมู่|ม\.|ซอย|ซ\.|ถนน|ถ\.|ตำบล|ต\.|แขวง|อำเภอ|อ\.|เขต|จังหวัด|จ\.) ?[^\s]{1,30}){1,6}"
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_LONGEST = 200_000
_KEYS = lazy(
    r"phone|mobile|tel|email|e_mail|address|id_card|identity|card|password|token|secret|authorization", re.IGNORECASE
)


@dataclass(frozen=True)
class Found:
    """A piece of personal data: where it stands, and what it is."""

    begin: int
    end: int
    kind: Kind


def is_identity(written: str) -> bool:
    """Whether eighteen places are a Chinese identity number: ISO 7064 MOD 11-2 over the first seventeen."""
    digits = re.sub(r"[ -]", "", written).upper()
    return len(digits) == len(_WEIGHTS) + 1 and (
        _CHECK[sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False)) % 11] == digits[-1]
    )


def is_card(written: str) -> bool:
    """Whether the digits end in a right check digit by Luhn, as bank cards do."""
    digits = [int(letter) for letter in written if letter.isdigit()]
    doubled = [digit if at % 2 == 0 else sum(divmod(digit * 2, 10)) for at, digit in enumerate(digits[::-1])]
    return 12 <= len(digits) <= 19 and len(set(digits)) > 1 and sum(doubled) % 10 == 0  # noqa: PLR2004


def find(text: str) -> list[Found]:
    """Personal data in a text, in order and without overlap; full-width digits are read too."""
    plain = fold(text[:_LONGEST])
    if len(plain) != len(text[:_LONGEST]):  # a folding that moved letters would mask the wrong ones
        plain = text[:_LONGEST]
    taken: list[Found] = []
    covered = bytearray(len(plain))
    for found in _candidates(plain):
        if not any(covered[found.begin : found.end]):
            covered[found.begin : found.end] = b"1" * (found.end - found.begin)
            taken.append(found)
    return sorted(taken, key=lambda found: found.begin)


def masked(text: str) -> str:
    """The text with personal data as its kind in square brackets, such as [phone]; what is too long is cut off."""
    return _replaced(text[:_LONGEST], lambda found: f"[{found.kind}]")


def tagged(text: str, numbers: dict[tuple[str, str], int] | None = None) -> str:
    """Like `masked`, but equal data keep one number, [phone 1], so that a dialogue stays readable.

    `numbers` is filled with what was met; given again it holds for several texts.
    """
    known: dict[tuple[str, str], int] = {} if numbers is None else numbers

    def named(found: Found) -> str:
        key = (found.kind, re.sub(r"\W", "", text[found.begin : found.end]))
        number = known.setdefault(key, 1 + sum(kind == found.kind for kind, _ in known))
        return f"[{found.kind} {number}]"

    return _replaced(text[:_LONGEST], named)


def masked_values(value: Any) -> Any:
    """A structure with the texts in it masked; what stands under a telling name (phone, token) is left out whole."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {
            key: "[left out]" if _KEYS.search(str(key)) and each else masked_values(each) for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [masked_values(each) for each in value]
    return value


def _candidates(text: str) -> Iterator[Found]:
    """Surest first: what comes earlier keeps its place."""
    yield from (Found(*hit.span(), "email") for hit in _EMAIL.finditer(text))
    yield from (Found(*hit.span(), "identity") for hit in _IDENTITY.finditer(text) if is_identity(hit.group()))
    yield from (Found(*hit.span(), "phone") for hit in _PHONE.finditer(text))
    for hit in _CARD.finditer(text):
        begin = max(0, hit.start() - 24)
        named = _CARD_WORD.search(text, begin, hit.start()) is not None
        if named or (is_card(hit.group()) and not _ORDER_WORD.search(text, begin, hit.start())):
            yield Found(*hit.span(), "card")
    for hit in _ADDRESS_ZH.finditer(text):
        yield Found(_begun(text, hit.start()), hit.end(), "address")
    for pattern in (_ADDRESS_EN, _ADDRESS_VI, _ADDRESS_TH):
        yield from (Found(*hit.span(), "address") for hit in pattern.finditer(text))


def _begun(text: str, at: int) -> int:
    """Where a Chinese address begins whose house number was found: after what was said before it."""
    before = _BEFORE_ZH.search(text, max(0, at - 40), at)
    if before is None:
        return at
    said = _SAID_BEFORE.match(before.group())
    return before.start() + (said.end() if said else 0)


def _replaced(text: str, name: Callable[[Found], str]) -> str:
    parts, at = [], 0
    for found in find(text):
        parts += [text[at : found.begin], name(found)]
        at = found.end
    return "".join([*parts, text[at:]])
