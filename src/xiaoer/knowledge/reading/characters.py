"""From bytes to clean text: which encoding it is, and no character in it that does harm."""

import codecs
import unicodedata

from charset_normalizer import from_bytes

from xiaoer.patterns import lazy

# The commonest characters of running Chinese; a wrong decoding of Chinese yields rare ones instead.
_COMMON_SIMPLIFIED = frozenset(
    "的一是不了在有我人这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后多天心能没可商"
    "品货退换购买服务售后快递发运费订单问题答案电话请使用安装说明保修客收款付支持天内如何吗什么质量尺码颜色优惠券价格"
)
_COMMON_TRADITIONAL = frozenset(
    "的一是不了在有我人這中大來上個國到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可裡後多天心能沒可商"
    "品貨退換購買服務售後快遞發運費訂單問題答案電話請使用安裝說明保固客收款付支援天內如何嗎什麼質量尺碼顏色優惠券價格"
)
# With these most of any UTF-16 text is made: ASCII, Latin, Cyrillic, Arabic, Thai, Kana, full-width marks.
_ORDINARY_RANGES = (
    *((0x09, 0x0A), (0x0D, 0x0D), (0x20, 0x7E), (0xC0, 0x17F), (0x400, 0x45F)),
    *((0x621, 0x652), (0xE01, 0xE5B), (0x3001, 0x3030), (0x3041, 0x30FF), (0xFF01, 0xFF5E)),
)
_ORDINARY = _COMMON_SIMPLIFIED | {chr(code) for start, end in _ORDINARY_RANGES for code in range(start, end + 1)}
_WIDE_PLAUSIBLE = 0.4
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 64 * 1024
_HAN_PLAUSIBLE = 0.12
_CONTROL_TOLERATED = 0.01
# C0 and C1 controls, zero-width and direction-changing marks, the byte order mark, noncharacters and lone surrogates.
# The zero-width joiners stay: Persian, Hindi and emoji need them.
_HARMFUL = lazy(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff]"
)
# PDF writers put radicals (U+2E80, U+2F00) and ligatures in the place of characters that look the same; nobody who
# searches for 无理由 would find ⽆理由. Unicode knows the equals of the second kind of radicals, but not of the first.
_RADICALS = dict(
    zip(
        "⺁⺟⺠⺮⻁⻄⻅⻆⻉⻋⻌⻓⻔⻘⻙⻚⻛⻜⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳",
        "厂母民竹虎西见角贝车辶长门青韦页风飞马骨鬼鱼鸟麦黄齐齿龙龟",
        strict=True,
    )
)
_DRAWN_ALIKE = str.maketrans(
    _RADICALS
    | {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in (*range(0x2F00, 0x2FD6), *range(0xFB00, 0xFB07))}
)
_LINE_END = lazy("\r\n?|[\x0c\x85\u2028\u2029]")


def clean(text: str) -> str:
    """The same text with line ends as newlines and without control and direction-changing characters.

    Radicals and ligatures become the characters that they are drawn as.
    """
    text = _HARMFUL.sub("", _LINE_END.sub("\n", text))
    return text if text.isascii() else text.translate(_DRAWN_ALIKE)


def decode(data: bytes, *, declared: str | None = None) -> str | None:
    """Text of bytes in whatever encoding they are, cleaned; None: not text at all.

    `declared` is an encoding the file or its carrier names; it is believed only where it fits.
    """
    if not data:
        return ""
    encoding = _encoding(data, declared)
    if encoding is None:
        return None
    text = data.decode(encoding, errors="replace")
    controls = sum(1 for character in text[:_SAMPLE] if character < " " and character not in "\t\n\r\f\x1b")
    if controls > max(3, _CONTROL_TOLERATED * min(len(text), _SAMPLE)):
        return None
    return clean(text)


def _encoding(data: bytes, declared: str | None) -> str | None:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return encoding
    wide = _wide_without_mark(data)
    if wide:
        return wide
    if _fits(data, "utf-8"):
        return "utf-8"
    if declared and _known(declared) and _fits(data, declared):
        return declared
    return None if _looks_binary(data) else _legacy(data)


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except (UnicodeError, ValueError):
        return False
    return True


def _known(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding)._is_text_encoding  # noqa: SLF001 - hex and zlib are "encodings" too
    except (LookupError, ValueError):
        return False


def _wide_without_mark(data: bytes) -> str | None:
    """UTF-16 that lacks its mark: it has zero bytes, and read the right way round it makes ordinary characters."""
    sample = data[: _SAMPLE & ~1]
    if len(data) % 2 or sample.count(0) < max(1, len(sample) * 0.005):
        return None
    shares: dict[str, float] = {}
    for encoding in ("utf-16-le", "utf-16-be"):
        if _fits(data, encoding):
            text = sample.decode(encoding, errors="ignore")
            ordinary = sum(1 for character in text if character in _ORDINARY or character in _COMMON_TRADITIONAL)
            shares[encoding] = ordinary / max(1, len(text))
    best = max(shares, key=lambda encoding: shares[encoding], default=None)
    return best if best and shares[best] >= _WIDE_PLAUSIBLE else None


def _looks_binary(data: bytes) -> bool:
    sample = data[:_SAMPLE]
    return sum(1 for byte in sample if byte < 32 and byte not in b"\t\n\r\f\x1b") > len(sample) * _CONTROL_TOLERATED  # noqa: PLR2004


def _legacy(data: bytes) -> str | None:
    """GB18030 and Big5 are told apart by which of them makes common characters; the rest is statistics."""
    sample = data[:_SAMPLE]
    scores = {
        "gb18030": _plausible(sample, "gb18030", _COMMON_SIMPLIFIED | _COMMON_TRADITIONAL),
        "big5hkscs": _plausible(sample, "big5hkscs", _COMMON_TRADITIONAL),
    }
    best = max(scores, key=lambda encoding: scores[encoding])
    if scores[best] >= _HAN_PLAUSIBLE:
        return best
    found = from_bytes(sample).best()
    return found.encoding if found else None


def _plausible(sample: bytes, encoding: str, common: frozenset[str]) -> float:
    """Share of common characters among those that are not ASCII; 0 where the sample is not in this encoding."""
    text = sample.decode(encoding, errors="replace")
    foreign = [character for character in text if not character.isascii()]
    if not foreign or text.count("\ufffd") > max(1, len(foreign) // 100):
        return 0.0
    return sum(1 for character in foreign if character in common) / len(foreign)
