"""How many pieces a message speaks of: what is asked for, what is ordered, what goes back."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from xiaoer.language import numbers, quantities
from xiaoer.language.spans import Span
from xiaoer.language.text import fold, lowered
from xiaoer.patterns import lazy

MOST_PIECES = 9999
GAP = "\n"
"""What stands in a text for the name of a thing that was taken out of it."""
_READ = 600
_SOLD_BY = frozenset({"piece", "jin"})
_LABEL = lazy(
    r"(?:数量|个数|quantity|qty|số lượng|จำนวน|수량|кол-во|количество|cantidad|quantidade|quantité|menge|jumlah|الكمية)"
    r"\D{0,4}$"
)
_BEFORE_NAME = lazy(r"(?:\s|of|the|these|those|x|×|的|de|d'|von|der|из|ของ|の){0,6}" + GAP)
_BEFORE_NOUN = lazy(r" (?:[x×] )?(?!of |in |x |or |and )[^\W\d_]{3}")
_JOINT = lazy(r"^\s*(?:的|of |x )?")
_TIMES = lazy(r" ?[x×](?![a-z\d])")
_RETURN = lazy(
    r"退(?:货|掉|回|换|款)?|返品|送り返|\breturn(?:ing)?\b|\bsend(?:ing)? back\b|\b(?:trả|hoàn|gửi) (?:lại |hàng )?"
    r"|คืน(?:สินค้า|ของ)?|반품|\bверн\w{1,12}|\bвозвра\w{1,12}|\bdev[oue]\w{1,12}|\brenvo\w{1,12}|\brendre\b|\bretourn\w{1,12}|\bzurück\w{0,12}"
    r"|\b(?:meng)?embalikan\b|\b(?:mem)?pulangkan\b|إرجاع|أرجع|ارجاع|إعادة"
)
_BOUGHT = lazy(
    r"(?:买|订|拍|购|共|有|收到|购入|注文|샀|구매|주문|ซื้อ|สั่ง|mua|đặt|bought|ordered|got|have|purchased|received|купил\w{0,12}"
    r"|заказал\w{0,12}|compr\w{1,12}|ped[ií]\w{0,12}|achet\w{1,12}|command\w{1,12}|gekauft|bestellt|beli|pesan"
    r"|اشتريت|طلبت)(?:了| )?$"
)
_LITTLE = lazy(
    r"(?:\s|only|just|back|其中|里面|的|了|掉|回|货|只|各|chỉ|แค่|nur|sólo|solo|só|seulement|только|hanya){0,6}"
)
_MORE = lazy(
    r"(?:(?:那|要是|如果)?我?(?:买|要|来|拿)?\s?(?:呢|的话)?"
    r"|(?:and|what about|how about)?\s?(?:if i (?:buy|take|order))?\s?(?:for)?"
    r"|(?:còn|thế|nếu (?:mua|lấy))|(?:แล้ว|ถ้า(?:ซื้อ|เอา)?)(?:ล่ะ)?)[\s?？。.]*"
)


class Count(NamedTuple):
    """So many pieces, said at `start:end`."""

    start: int
    end: int
    pieces: int


class _Read:
    """What is counted in the first part of a text, folded and in lower case."""

    def __init__(self, text: str, language: str | None) -> None:
        self.text = lowered(fold(text[:_READ]))
        self._quantities = quantities.find(text[:_READ], language)
        self._numbers = numbers.likely(fold(text[:_READ]), language)
        self.pieces = [
            Count(each.start, each.end, int(each.value.amount))
            for each in self._quantities
            if _is_pieces(each) and _is_whole(each.value.amount)
        ] or [each for each in self.bare() if _TIMES.match(self.text, each.end)]

    def bare(self) -> list[Count]:
        """The numbers that count nothing else than pieces: no days, no money, not what a pack holds, no second one."""
        others = [each for each in self._quantities if not _is_pieces(each)]
        return [
            Count(each.start, each.end, int(each.values[0]))
            for each in self._numbers
            if _is_whole(each.values[0])
            and self.text[each.start - 1 : each.start] != "第"
            and not any(other.start <= each.start < other.end for other in others)
        ]


def pieces_in(text: str, language: str | None = None) -> int:
    """How many pieces are asked about; one where it is not said. A name that was taken out has left a `GAP`."""
    read = _Read(text, language)
    said = [each.pieces for each in read.pieces]
    for each in read.bare():
        spelled = not text[each.start].isdigit() and _BEFORE_NOUN.match(read.text, each.end)
        if spelled or _BEFORE_NAME.match(read.text, each.end):
            said.append(each.pieces)
    return max(said, default=1)


def last_count(text: str, language: str | None = None) -> int | None:
    """The number of pieces that is said last; None where none is said."""
    pieces = _Read(text, language).pieces
    return pieces[-1].pieces if pieces else None


def counts_alone(text: str, language: str | None = None) -> bool:
    """Whether a message gives a number of pieces and nothing else, after the price of one: 10罐呢."""
    read = _Read(text.strip(), language)
    counts = read.pieces or (read.bare() if read.text.endswith(("?", "？")) else [])
    if len(counts) != 1 or len(text) > _READ:
        return False
    (one,) = counts
    return _MORE.fullmatch((read.text[: one.start] + read.text[one.end :]).strip()) is not None


def wanted_in(text: str, language: str | None = None) -> int:
    """How many are wanted where the product was named before; one if it is not said."""
    read = _Read(text, language)
    labelled = [each.pieces for each in read.bare() if _LABEL.search(read.text, 0, each.start)]
    return (labelled or [each.pieces for each in read.pieces[-1:]] or [1])[0]


def returned_in(text: str, language: str | None = None) -> int | None:
    """How many pieces are to go back, where that is said: 只退一件, return twenty of them."""
    read = _Read(text, language)
    verbs = [each.end() for each in _RETURN.finditer(read.text)]
    if not verbs:
        return None
    right_behind = [each for each in read.bare() if _follows(read.text, each.start, verbs)]
    behind = [each for each in read.pieces if each.start >= verbs[0]]
    before = [each for each in read.pieces if not _BOUGHT.search(read.text, max(each.start - 12, 0), each.start)]
    found = right_behind[:1] or behind[:1] or before[-1:]
    return found[0].pieces if found else None


def without_count(words: str, language: str | None = None) -> tuple[str, int]:
    """The name of a thing without how many are said before or behind it, and how many; one where it is not said."""
    read = _Read(words, language)
    before_noun = [each for each in read.bare() if _BEFORE_NOUN.match(read.text, each.end)]
    for each in (*read.pieces, *before_noun):
        if not words[: each.start].strip():
            return _JOINT.sub("", words[each.end :]).strip(), each.pieces
    for each in read.pieces:
        if each.start and not words[each.end :].strip():
            return words[: each.start].strip(), each.pieces
    return words, read.pieces[0].pieces if read.pieces else 1


def _follows(text: str, start: int, verbs: Sequence[int]) -> bool:
    """Whether nothing but small words stands between one of the places and `start`."""
    return any(end <= start and _LITTLE.fullmatch(text, end, start) for end in verbs)


def _is_pieces(found: Span) -> bool:
    return found.kind == quantities.QUANTITY and found.value.unit in _SOLD_BY


def _is_whole(value: Decimal) -> bool:
    return 1 <= value <= MOST_PIECES and value == int(value)
