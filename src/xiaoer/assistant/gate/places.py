"""Where the figures of a text stand, and which words stand around each."""
# ruff: noqa: E501
# Word lists read by row, not by column.

import re
from dataclasses import dataclass
from functools import lru_cache

from xiaoer.assistant.gate import clauses, figures
from xiaoer.assistant.gate.claims import Facts, read
from xiaoer.assistant.gate.dates import Moment
from xiaoer.assistant.gate.tables import JOINT
from xiaoer.language.quantities import Reading
from xiaoer.patterns import lazy

_JOINT = lazy(
    rf"[，。！？；：;!?\n|、…{JOINT}]|,(?!\d{{3}}(?!\d))|\.(?=\s|$)|:(?!\d\d)|\s[-–—]\s|"
    r"(?<!\w)(?:and|or|but|while|whereas|và|hay|hoặc|nhưng|còn|y|o|pero|et|ou|mais|und|oder|aber|e|mas|dan|atau|tapi|и|или|но|а)(?!\w)|"
    r"และ|หรือ|ส่วน|แต่|(?<=[\u0e00-\u0e7f])\s+(?=[\u0e00-\u0e7f])|(?<=[\u4e00-\u9fff）)%\w])[和与及或](?=[\u4e00-\u9fff])|(?<!\w)و(?=\s)",
    re.IGNORECASE,
)
_LISTING = frozenset(
    [
        "、",
        "and",
        "or",
        "và",
        "hoặc",
        "hay",
        "y",
        "o",
        "et",
        "ou",
        "und",
        "oder",
        "e",
        "dan",
        "atau",
        "и",
        "или",
        "和",
        "与",
        "及",
        "或",
        "และ",
        "หรือ",
        "و",
    ]
)
_COLONS = frozenset(":：")
_AT_MOST_BEFORE = lazy(
    r"(?:最多|至多|不超过|最长|最高|上限|(?:[不别勿]|不要|不能|不得|不可)超过|≤|<=|within|up to|at most|no (?:more|later) than|maximum(?: of)?|trong vòng|tối đa|không quá|ภายใน|ไม่เกิน|สูงสุด|максимум|не более|в течение|máximo|en un plazo de|dentro de|au plus|sous|maximal|innerhalb(?: von)?|höchstens|binnen|maksimal|dalam|خلال)(?:[要需得有达]|需要|达到)?\s?$",
    re.IGNORECASE,
)
_AT_MOST_AFTER = lazy(r"\s?(?:以内|之内|内|为限|以下|or less|以内に|이내|이하)", re.IGNORECASE)
_AT_LEAST_BEFORE = lazy(
    r"(?:至少|最少|最低|不低于|不少于|(?<![不别勿要能得可])超过|多于|高于|大于|≥|>=|at least|more than|over|minimum(?: of)?|from|beyond|ít nhất|tối thiểu|hơn|trên|từ|อย่างน้อย|มากกว่า|ขั้นต่ำ|минимум|не менее|более|свыше|al menos|mínimo|más de|au moins|plus de|mindestens|über|minimal|lebih dari|على الأقل|أكثر من)(?:[要需得有达]|需要|达到)?\s?(?:CN)?[¥$€]?\s?$",
    re.IGNORECASE,
)
_AT_LEAST_AFTER = lazy(r"\s?(?:以上|起(?!的)|or more|and (?:above|up)|trở lên|ขึ้นไป|이상)", re.IGNORECASE)
_LEADING = lazy(r"(满|减|返|送|抵|付|省|补|赔|收)\s?(?:CN)?[¥￥]?$")
_REACHED = "满"
_LETTER_BEFORE = lazy(r"([\u3400-\u9fff])[\s:：约为是占有]{0,3}$")
_LETTER_AFTER = lazy(r"/?([\u3400-\u9fff])(?![\w])")
_PER = lazy(r"/\s?\w{1,8}")
"""What a price is for: 2元/个."""
_NAMES = (f"{clauses.FIGURE}day ", f"{clauses.FIGURE}code ")
"""Terms of figures that name a day or a model, and count nothing."""
_TIMES = f"{clauses.FIGURE}day ('time'"
_DIGIT = lazy(r"\d")
_COUNTER = lazy(r"\s?([\u3040-\u9fff\uac00-\ud7a3]|[A-Za-z][A-Za-z²³]*|[\u0e01-\u0e2e]{2})")


@dataclass(frozen=True)
class Place:
    """A figure, and the terms around it: in its segment, in those before and in all of its sentence, in its line and
    in the heading above.
    """

    figure: Reading | Moment
    segment: frozenset[str]
    before: frozenset[str]
    sentence: frozenset[str]
    line: frozenset[str]
    heading: frozenset[str]
    text: str
    """The segment as it is written, behind the first cell in a table's row."""
    around: str
    """The heading and the sentence as they are written."""
    denied: bool
    bound: str
    counter: str
    chain: tuple[Reading, ...]
    lead: str
    """The verb in front of an amount: 满, 减 …"""
    letters: frozenset[str]
    """Letters beside a figure that are a word by themselves: the 高 of 高20厘米."""
    sure: bool
    """Whether a figure is meant, and it is no mere word or number of a row."""


@lru_cache(maxsize=4096)
def segments(text: str) -> tuple[tuple[int, int], ...]:
    """The parts of a folded sentence that have figures of their own: 'A 1 year', 'B 2 years'.

    Members of a list go with the part that follows them, and so does what stands before a bare figure; what is left at
    the end goes with the part before.
    """
    parts: list[tuple[int, int]] = []
    begin = at = 0
    for match in (*_JOINT.finditer(text), None):
        end = match.start() if match else len(text)
        after = match.end() if match else end
        if _has_figure(text[at:end]):
            if parts and begin == at and text[at - 1 : at] in _COLONS and not _has_words(text[at:end]):
                parts[-1] = (parts[-1][0], end)
            else:
                parts.append((begin, end))
            begin = after
        elif match is None or not (match.group().strip() in _LISTING or not _has_words(text[at:end])):
            begin = after if match is not None and _has_words(_part_at(text, after)) else begin
        at = after
    if parts and parts[-1][1] < len(text):
        parts[-1] = (parts[-1][0], len(text))
    return tuple(parts) or ((0, len(text)),)


def _part_at(text: str, at: int) -> str:
    following = _JOINT.search(text, at)
    return text[at : following.start() if following else len(text)]


def _has_figure(part: str) -> bool:
    return any(letter.isdigit() for letter in part) or any(one.units for one in figures.told(part))


def _has_words(part: str) -> bool:
    """Whether a part says more than a figure and what it counts."""
    return any(
        not term.startswith(clauses.FIGURE) or (term.startswith(_NAMES) and not term.startswith(_TIMES))
        for term in terms_of(_PER.sub(" ", part))
    )


def segment_at(text: str, position: int) -> tuple[int, int]:
    """The segment of `text` that `position` lies in."""
    for begin, end in segments(text):
        if position < end:
            return begin, end
    return 0, len(text)


def core_end(text: str, figure: Reading | Moment) -> int:
    """Where the figure's own part ends, without what only goes on behind it."""
    after = _JOINT.search(text, figure.end)
    return min(after.start() if after else len(text), segment_at(text, figure.start)[1])


def own_part(text: str, figure: Reading | Moment) -> str:
    """What is said with a figure: its own part of the sentence, and what goes on behind where that says nothing."""
    begin, end = segment_at(text, figure.start)
    own = text[begin : core_end(text, figure)]
    return own if _has_words(own) else text[begin:end]


@lru_cache(maxsize=8192)
def terms_of(text: str) -> frozenset[str]:
    """The content terms of a folded piece of text, its figures among them."""
    plain = (one for one in read(text, figures.tongue(text), strict=True).quantities if not one.units)
    return frozenset().union(*(clause.terms for clause in clauses.split(text))) | {
        clauses.figure_term("plain", value) for one in plain for value in one.values
    }


def of(text: str, facts: Facts, *, line: frozenset[str] = frozenset(), heading: str = "") -> tuple[Place, ...]:
    """The places of the figures and times of one folded sentence."""
    sentence = terms_of(text)
    above = terms_of(heading) if heading else frozenset()
    found: list[Place] = []
    sure = {one.start for one in figures.told(text)}
    ends = figures.ends_of_ranges(text, facts.quantities)
    first = text[: text.find(JOINT)] if JOINT in text else ""
    told: list[Reading | Moment] = [*facts.quantities, *(one for one in facts.moments if one.kind == "time")]
    for figure in told:
        begin, _end = segment_at(text, figure.start)
        words = text[begin : core_end(text, figure)].strip(" " + JOINT)
        if begin and not first and not _has_words(words):
            words = f"{_lead_in(text)} {words}"
        found.append(
            Place(
                figure,
                terms_of(own_part(text, figure)) | terms_of(first),
                terms_of(text[:begin]),
                sentence,
                line,
                above,
                words if begin == 0 or not first else f"{first} {words}",
                f"{heading}\n{text}",
                any(one.denied for one in clauses.split(text) if one.start <= figure.start < one.end),
                ends.get(figure.start, "") or bound_of(text, figure),
                counter_of(text, figure),
                figures.chain_at(text, facts.quantities, figure.start),
                lead_of(text, figure),
                letters_of(text, figure),
                isinstance(figure, Moment) or figure.start in sure,
            )
        )
    return tuple(found)


def _lead_in(text: str) -> str:
    """What a sentence says before its first figure."""
    figure = _DIGIT.search(text)
    return text[: figure.start()].strip() if figure else ""


def bound_of(text: str, figure: Reading | Moment) -> str:
    """Whether a figure is a least or a most."""
    before, after = text[max(figure.start - 24, 0) : figure.start], text[figure.end : figure.end + 12]
    if _AT_MOST_BEFORE.search(before) or _AT_MOST_AFTER.match(after):
        return "most"
    if _AT_LEAST_BEFORE.search(before) or _AT_LEAST_AFTER.match(after):
        return "least"
    return ""


def is_limit(text: str, figure: Reading | Moment) -> bool:
    """Whether a figure is a least, a most, or what must be reached: 满99元."""
    return bool(bound_of(text, figure)) or lead_of(text, figure) == _REACHED


def counter_of(text: str, figure: Reading | Moment) -> str:
    """What follows a figure without a known unit, as if it were one: 13级, 55 Nm."""
    if isinstance(figure, Moment) or figure.units:
        return ""
    match = _COUNTER.match(text, figure.end)
    return match.group(1).casefold() if match else ""


def lead_of(text: str, figure: Reading | Moment) -> str:
    """The verb in front of an amount."""
    match = _LEADING.search(text[max(figure.start - 6, 0) : figure.start])
    return match.group(1) if match else ""


def letters_of(text: str, figure: Reading | Moment) -> frozenset[str]:
    """The letters of a script without spaces that stand beside a figure, and say what it is of: 高20厘米, 45%棉."""
    before = _LETTER_BEFORE.search(text[max(figure.start - 4, 0) : figure.start])
    after = _LETTER_AFTER.match(text, figure.end)
    return frozenset(match.group(1) for match in (before, after) if match)
