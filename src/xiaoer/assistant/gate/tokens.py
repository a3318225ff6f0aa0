"""Things that must be repeated letter by letter: links, e-mail addresses, phone numbers, account names, model codes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from xiaoer.patterns import lazy


@dataclass(frozen=True)
class Token:
    """A literal of one kind; `key` is what is compared."""

    kind: str
    key: str
    start: int
    end: int


_TLD = (
    "com|cn|net|org|io|co|vn|th|jp|kr|ru|es|fr|de|br|id|my|sg|hk|tw|shop|store|app|top|xyz|info|biz|me|cc|vip|tv|ai|dev|uk|"
    "us|eu|site|online|club|link|live|pro|wang|icu|ly|gl|gd|im|to"
)
_ADDRESS = lazy(r"(?:https?|ftp)://[^\s<>\"'，。；！？、）】」』]+", re.IGNORECASE)
_HOST = lazy(
    rf"(?<![\w@.-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{_TLD})(?![a-z0-9-])(?:[/?#:][^\s<>\"'，。；！？、）】」』\u4e00-\u9fff]*)?",
    re.IGNORECASE,
)
_MAIL = lazy(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]++@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_PHONE = lazy(r"(?<![\w.])(?:\+\d{1,3}[ -]?)?(?:\(0?\d{1,4}\)[ -]?)?\d{2,5}(?:[ -]\d{2,5}){1,4}(?![\w]|[.,]\d)")
_LONG = lazy(r"(?<![\w.,])\+?\d{7,}(?![\w]|[.,]\d)")
_HOTLINE = lazy(
    r"(?:电话|热线|客服|拨打|致电|call|hotline|phone|tel|gọi|โทร|전화|電話|телефон\w{0,9}|звон\w{1,9}|teléfono|llam\w{1,9}|appel\w{1,9}|telefon\w{0,9}|hubungi)"
    r"[^\d\n。.!?]{0,16}?(?P<number>\+?\d[\d -]{1,18}\d)(?!\d|\s?(?:天|小时|日|个|分钟|-|h\b|hour|day|ngày|วัน|час|%|元|:))",  # noqa: E501 - a row of words
    re.IGNORECASE,
)
_ACCOUNT = lazy(
    r"(?:微信(?:公众)?号?|公众号|WeChat(?: ID)?|QQ群?号?|Q群|LINE(?: ID)?|Zalo|Telegram|WhatsApp|VX|wx|抖音号|Instagram|Facebook)"  # noqa: E501 - a row of words
    r"(?:\s?(?:[:：@]|是|为)\s?@?(?P<name>[A-Za-z0-9][A-Za-z0-9_.-]{3,40})| (?:is |at )?@?(?P<mixed>(?=[A-Za-z_.-]*[\d_])[A-Za-z0-9][A-Za-z0-9_.-]{3,40}))",  # noqa: E501 - a row of words
    re.IGNORECASE,
)
_NO_PHONE = lazy(
    r"(?:19|20)\d\d[ -]\d\d?(?:[ -]\d\d?)?|\d{1,3}(?: \d{3})+|(?:\d{3}|[01]\d{3}|20\d\d)-(?:\d{3}|[01]\d{3}|20\d\d)"
)
"""Dates, grouped figures and spans of years."""
_HOTLINE_DIGITS = 3
_SHORTEST_NUMBER = 7
_LONGEST_NUMBER = 13
_SUFFIX = r"(?:Pro\s?Max|Pro\+?|Max|Ultra|Plus|Mini|Lite|Air|SE|FE|Edge|Fold|Flip|Turbo|Note|GT|Neo)"
_UNIT_TAIL = (
    r"(?:mm|cm|km|kg|mg|ml|mah|wh|kwh|kw|hz|khz|mhz|ghz|db|gb|tb|mb|kb|kpa|mpa|pa|rpm|ppi|px|fps|nits?|inch|in|min|mins|sec|hrs?|"
    r"hours?|days?|am|pm|g|m|h|l|w|v|a|t|s|k|d|x|tr|tỷ|rb|jt|rmb|cny|usd|vnd|thb|eur|st|nd|rd|th|er|bn|mp|x\d+|ah|nm|lm|lx|dpi|mb/s|gb/s|bar)"
)
_LINK = r"[x×*~–-]\d+(?:[.,]\d+){0,2}"
"""What goes on after a figure in 555x345x180 and 330-380mm."""
_CODE = lazy(
    rf"(?<![A-Za-z0-9])(?=[A-Za-z0-9+/._-]{{0,60}}\d)(?=[A-Za-z0-9+/._-]{{0,60}}[A-Za-z])(?!\d+(?:[.,]\d+){{0,9}}(?:(?:{_LINK}){{0,4}}{_UNIT_TAIL}(?![A-Za-z0-9])|(?:{_LINK}){{1,5}}(?![A-Za-z0-9])|-(?-i:[a-zà-ÿ]{{3}})))(?!(?-i:[a-z]{{3,}}-\d+(?:s|st|nd|rd|th)?(?![A-Za-z0-9])|c?m2(?![A-Za-z0-9])|km2(?![A-Za-z0-9])|[a-z]\.\d))"
    rf"[A-Za-z0-9]+(?:[-_/.+][A-Za-z0-9]+)*\+?(?:\s{_SUFFIX}(?![A-Za-z]))*",
    re.IGNORECASE,
)
_GENERATION = lazy(r"(?<![A-Za-z0-9.])(?:[2-6]G|[248]K)(?![A-Za-z0-9])")
_NAMED = lazy(rf"(?<![A-Za-z0-9.])\d{{1,4}}\s?{_SUFFIX}(?![A-Za-z])(?:\s{_SUFFIX}(?![A-Za-z]))*", re.IGNORECASE)
_RUNS = lazy(r"\d+|[^\W\d_]+|\+", re.UNICODE)


def find(text: str) -> list[Token]:
    """The literals of a folded text; none inside another."""
    found: list[Token] = []
    for token in (*_links(text), *_accounts(text), *_phones(text), *_codes(text)):
        if not any(one.start < token.end and token.start < one.end for one in found):
            found.append(token)
    return sorted(found, key=lambda token: token.start)


def _links(text: str) -> Iterator[Token]:
    for match in _ADDRESS.finditer(text):
        yield _link(match)
    for match in _MAIL.finditer(text):
        yield Token("contact", match.group().lower().rstrip("."), match.start(), match.end())
    for match in _HOST.finditer(text):
        yield _link(match)


def _link(match: re.Match[str]) -> Token:
    address = match.group().rstrip(".,!?:;)")
    return Token("link", host(address), match.start(), match.start() + len(address))


def host(address: str) -> str:
    """The host a link leads to, without 'www.'; user names before an @ do not count."""
    parts = urlsplit(address if "://" in address else "//" + address)
    try:
        name = parts.hostname or ""
    except ValueError:
        name = ""
    return name.removeprefix("www.")


def _accounts(text: str) -> Iterator[Token]:
    for match in _ACCOUNT.finditer(text):
        group = "name" if match["name"] else "mixed"
        yield Token("contact", match[group].lower().rstrip("."), match.start(group), match.end(group))


def _phones(text: str) -> Iterator[Token]:
    for match in _HOTLINE.finditer(text):
        digits = re.sub(r"\D", "", match["number"])
        if len(digits) >= _HOTLINE_DIGITS:
            yield Token("contact", digits, match.start("number"), match.end("number"))
    for pattern in (_PHONE, _LONG):
        for match in pattern.finditer(text):
            digits = re.sub(r"\D", "", match.group())
            if len(digits) >= _SHORTEST_NUMBER and not _NO_PHONE.fullmatch(match.group()):
                kind = "contact" if len(digits) <= _LONGEST_NUMBER else "code"
                yield Token(kind, digits, match.start(), match.end())


def _codes(text: str) -> Iterator[Token]:
    for pattern in (_GENERATION, _NAMED, _CODE):
        for match in pattern.finditer(text):
            yield Token("code", match.group(), match.start(), match.end())


@lru_cache(maxsize=4096)
def matcher(code: str) -> re.Pattern[str]:
    """Finds `code` in another text whatever separates its letters and figures, but never as a piece of a longer one."""
    runs = _RUNS.findall(code)
    body = r"[\s\-_/·.]*".join(re.escape(run) for run in runs)
    opening = r"(?<!\d)(?<!\d\.)" if runs and runs[0].isdigit() else r"(?<![A-Za-z])"
    return re.compile(rf"{opening}{body}(?![A-Za-z0-9])(?!\.\d)", re.IGNORECASE)
